import type { Events } from '../src/kernel/events.ts';
import type { Records } from '../src/kernel/records.ts';
import { fillPeople } from './people-data.ts';

export interface FillOptions {
  /** Exactly so many rows are added. */
  events: number;
  /** Persons as first met, numbered from 1; about nine of ten do anything. */
  people: number;
  days?: number;
  seed?: number;
  /** Nothing is later than this moment. The same unless told, so that the same seed gives the same rows. */
  until?: Date;
  /** Merges the parts of the table at the end, as they would be after a while. */
  merge?: boolean;
  /** Gets how many rows are there. */
  progress?: (rows: number) => void;
}

const UNTIL = new Date('2026-11-16T00:00:00Z');
const SESSIONS_AT_ONCE = 170_000;
/** Every so many persons one is part of the person before, and this is known of the stored events. */
const FOLDED_OF = 100;
/** Every so many persons one is part of the person before since so short a time that only the overrides know. */
const OVERRIDDEN_OF = 500;
/** Persons for each account; one person of five has an account. */
const PEOPLE_OF_ACCOUNT = 50;

/** What persons do beside looking and buying, the most frequent first. */
const OTHER_NAMES = [
  ...['Element Clicked', 'Products Searched', 'Product List Viewed', 'Web Vitals', 'Cart Viewed'],
  ...['Product List Filtered', 'Promotion Viewed', 'Promotion Clicked', 'Product Added to Wishlist', 'Product Removed'],
  ...['Coupon Applied', 'Video Played', 'Signed In', 'Form Submitted', 'File Downloaded'],
  ...['Error Occurred', 'Rage Clicked', 'Dead Clicked', 'Chat Started', 'Signed Up'],
];

/**
 * Adds the events of a shop to the empty table `events`, by SQL, the same rows for the same options: sessions of 1 to 30
 * events by persons of whom some are hundreds of times as active as others; within a session pages and products are
 * looked at, products added, the checkout started and orders completed, each by fewer. Device, country, plan and account
 * belong to the person, the campaign to the session's first event, slow pages to some sessions, which then end earlier.
 * Persons are made too where `records` is given.
 */
export async function fillEvents(events: Events, options: FillOptions, records?: Records): Promise<void> {
  const { days = 90, seed = 1, until = UNTIL, people } = options;
  const params = { people, seed, spread: days * 86_400, until: until.getTime() / 1000 - days * 86_400 };
  const accounts = Math.max(1, Math.floor(people / PEOPLE_OF_ACCOUNT));
  if (records) await makePeople(records, people, accounts);
  await events.command(
    `INSERT INTO person_overrides SELECT number * ${OVERRIDDEN_OF} + 7, number * ${OVERRIDDEN_OF} + 6, 1, 0
     FROM numbers(intDiv({people:UInt64} + ${OVERRIDDEN_OF - 7}, ${OVERRIDDEN_OF}))`,
    { people },
  );
  await events.command('SYSTEM RELOAD DICTIONARY person_overrides_map');
  let rows = 0;
  for (let from = 0; rows < options.events; from += SESSIONS_AT_ONCE) {
    const chunk = { ...params, from, sessions: SESSIONS_AT_ONCE };
    const [{ length } = { length: '0' }] = await events.query<{ length: string }>(
      `SELECT toString(sum(len)) AS length FROM (${SESSIONS_SQL})`,
      chunk,
    );
    const limit = Math.min(Number(length), options.events - rows);
    await events.command(EVENTS_SQL, { ...chunk, accounts, limit });
    rows += limit;
    options.progress?.(rows);
  }
  if (options.merge ?? true) await events.command('OPTIMIZE TABLE events FINAL');
}

async function makePeople(records: Records, people: number, accounts: number): Promise<void> {
  const client = await records.pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    await fillPeople(client, people);
    await client.query(`UPDATE persons SET root_id = id - 1 WHERE id % ${FOLDED_OF} = 50 OR id % ${OVERRIDDEN_OF} = 7`);
    await client.query(
      `INSERT INTO accounts (id, key, traits) OVERRIDING SYSTEM VALUE
       SELECT n, 'account-' || n, jsonb_build_object('name', jsonb_build_array('Account ' || n, 1760000000000, 1))
       FROM generate_series(1, $1::int) AS n`,
      [accounts],
    );
    await client.query("SELECT setval(pg_get_serial_sequence('accounts', 'id'), $1)", [accounts]);
    await client.query(
      `INSERT INTO memberships (account_id, person_id, since)
       SELECT 1 + (n / 5) % $2::int, n, now() FROM generate_series(1, $1::int) AS n WHERE n % 5 = 2`,
      [people, accounts],
    );
    await client.query('RESET statement_timeout');
  } finally {
    client.release();
  }
}

/**
 * The sessions from number `from` on. `depth`: 0 looks at pages only, 1 at products, 2 adds one, 3 starts the checkout, 4
 * orders. The 1.8th power makes the person at place n of `people` active in proportion to n^-0.44; the multiplication by
 * a prime spreads the active ones over all numbers.
 */
const SESSIONS_SQL = `
  WITH sipHash64({seed:UInt64}, number, 1) AS a, sipHash64({seed:UInt64}, number, 2) AS b,
    sipHash64({seed:UInt64}, number, 3) AS c
  SELECT number AS s, c,
    1 + (toUInt64(floor({people:UInt64} * pow((a % 1000003) / 1000003 + (a % 997) / 1e9, 1.8))) * 15485863) % {people:UInt64} AS origin,
    c % 100 < 8 AS slow,
    multiIf(b % 1000 < 45, if(slow AND c % 7 < 4, 3, 4), b % 1000 < 85, 3, b % 1000 < 190, 2, b % 1000 < 620, 1, 0) AS depth,
    toUInt8(least(30, [1, 2, 4, 5, 6][depth + 1] + floor(-log(1 - intDiv(b, 1000) % 10000 / 10000) * [2, 4, 7, 8, 10][depth + 1]))) AS len,
    8 + intDiv(c, 100) % 50 AS pause,
    toDateTime64({until:UInt32}, 3, 'UTC') + toIntervalDay(intDiv(intDiv(a, 997) % {spread:UInt32}, 86400))
      + toIntervalMillisecond(18000000 + intDiv(b, 10000000) % 32000000 + intDiv(c, 5000) % 32000000) AS start
  FROM numbers({from:UInt64}, {sessions:UInt64})`;

const list = (words: readonly string[]) => `[${words.map((word) => `'${word}'`).join(', ')}]`;

const EVENTS_SQL = `
  INSERT INTO events (event_id, origin_id, person_id, account_id, source_id, type, name, channel, contact, timestamp,
    received_at, session_start, user_id, anonymous_id, url, path, title, referrer, channel_group, campaign_source,
    campaign_medium, campaign_name, browser, os, device, country, locale, revenue_minor, currency, properties, context)
  WITH sipHash64({seed:UInt64}, s, k, 4) AS h, h % 100 AS r, intDiv(h, 100) % 4000 AS product,
    intDiv(h, 400000) % 9000 / 100 + 1 AS price, 1 + intDiv(h, 4000000) % 5 AS quantity,
    1 + sipHash64(origin, 5) % 8 AS kind, sipHash64(origin, 6) % 100 AS place, sipHash64({seed:UInt64}, s, 7) % 100 AS way,
    ['mobile', 'mobile', 'mobile', 'tablet', 'desktop', 'desktop', 'desktop', 'desktop'][kind] AS form,
    multiIf(place < 45, 'GB', place < 58, 'PL', place < 70, 'IT', place < 82, 'DE', place < 90, 'FR', place < 95, 'US', place < 98, 'RU', 'CN') AS land,
    round(if(form = 'desktop', 900, 1600) * exp(0.35 * ((h % 1009 + intDiv(h, 1009) % 1009 + intDiv(h, 1018081) % 1009) / 504.5 - 3)) * if(slow, 4, 1)) AS load,
    multiIf(way < 38, 'Organic Search', way < 62, 'Direct', way < 76, 'Email', way < 86, 'Paid Search', way < 94, 'Organic Social', 'Referral') AS came
  SELECT
    reinterpret(sipHash128({seed:UInt64}, s, k), 'UUID'), origin,
    if(origin % ${FOLDED_OF} = 50, origin - 1, origin), if(origin % 5 = 2, 1 + intDiv(origin, 5) % {accounts:UInt64}, 0), 1,
    if(what = 'Page', 'page', 'track'),
    multiIf(
      k = 0, 'Page',
      depth > 0 AND k = 1, 'Product Viewed',
      depth = 4 AND k = len - 1, 'Order Completed',
      depth = 4 AND k = len - 2, 'Payment Info Entered',
      depth >= 3 AND k = len - depth + 1, 'Checkout Started',
      depth >= 3 AND k = len - depth, 'Product Added',
      depth = 2 AND k = 2 + c % greatest(len - 2, 1), 'Product Added',
      r < 44, 'Page',
      r < 62, if(depth > 0, 'Product Viewed', 'Page'),
      ${list(OTHER_NAMES)}[1 + intDiv(${OTHER_NAMES.length} * (intDiv(h, 1000) % 1000) * (intDiv(h, 1000) % 1000), 1000000)]
    ) AS what,
    if(form = 'mobile' AND kind = 3, 'app', 'web'), 'direct',
    start + toIntervalMillisecond(k * pause * 1000 + if(k = 0, 0, h % (pause * 1000))) AS at, at, start,
    concat('customer-', toString(origin)), concat('device-', toString(origin)),
    concat('https://shop.example', where),
    multiIf(
      what IN ('Product Viewed', 'Product Added'), concat('/products/sku-', toString(product)),
      what IN ('Checkout Started', 'Payment Info Entered'), '/checkout', what = 'Order Completed', '/thanks',
      k = 0 AND way < 30, '/', r % 3 = 0, '/', r % 3 = 1, concat('/category/', toString(product % 12)), concat('/products/sku-', toString(product))
    ) AS where,
    'A page of the shop',
    if(k = 0, multiIf(came = 'Organic Search', 'https://www.google.com/', came = 'Organic Social', 'https://www.instagram.com/', came = 'Referral', 'https://gifts.example/', ''), ''),
    if(k = 0, came, ''),
    if(k = 0, multiIf(came = 'Email', 'newsletter', came = 'Paid Search', 'google', ''), ''),
    if(k = 0, multiIf(came = 'Email', 'email', came = 'Paid Search', 'cpc', ''), ''),
    if(k = 0 AND came IN ('Email', 'Paid Search'), concat('campaign-', toString(1 + way % 9)), ''),
    ['Safari', 'Chrome', 'Chrome', 'Safari', 'Chrome', 'Chrome', 'Microsoft Edge', 'Firefox'][kind],
    ['iOS', 'Android', 'Android', 'iOS', 'Windows', 'macOS', 'Windows', 'Linux'][kind], form, land,
    multiIf(land = 'GB', 'en-GB', land = 'PL', 'pl-PL', land = 'IT', 'it-IT', land = 'DE', 'de-DE', land = 'FR', 'fr-FR', land = 'US', 'en-US', land = 'RU', 'ru-RU', 'zh-CN'),
    if(what = 'Order Completed', toInt64(round(price * 100)) * quantity, 0), if(what = 'Order Completed', 'GBP', ''),
    concat('{"product_id":"sku-', toString(product), '","category":"category-', toString(product % 12), '","price":', toString(price),
      ',"quantity":', toString(quantity), ',"load_ms":', toString(toUInt32(load)), ',"plan":"', ['free', 'pro', 'team'][1 + origin % 3], '"}')::JSON,
    '{"library":{"name":"analytics.js","version":"npm:next-1.84.3"}}'
  FROM (${SESSIONS_SQL}) ARRAY JOIN range(len) AS k
  LIMIT {limit:UInt64}
  SETTINGS max_insert_threads = 1, max_threads = 1`;
