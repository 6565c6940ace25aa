import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { core } from '../src/core/index.ts';
import { PeopleFacts } from '../src/core/people/facts-follow.ts';
import { SearchIndex } from '../src/core/people/search-index.ts';
import type { Events } from '../src/kernel/events.ts';
import { openEmbeddedEvents } from '../src/kernel/events-embedded.ts';
import { migrate } from '../src/kernel/migrate.ts';
import { openRecords, type Records } from '../src/kernel/records.ts';
import { startEmbeddedRecords } from '../src/kernel/records-embedded.ts';
import { fillPeople } from './people-data.ts';
import { fillEvents } from './query-data.ts';

/**
 * Fills the stores of a stopped server with `people` persons and `events` events of theirs over 90 days, by SQL: the same
 * rows that the stream would write, without the hour that sending them takes.
 */
export async function seed(
  dataDir: string,
  options: { people: number; events: number /** The shop of the bench of reports, up to this moment. */; shop?: Date },
): Promise<void> {
  const postgres = await startEmbeddedRecords(dataDir);
  const records = openRecords(postgres.url, { connections: 2 });
  const events = openEmbeddedEvents(join(dataDir, 'events'));
  const folders = core.flatMap((app) =>
    app.migrations ? [{ app: app.name, dir: fileURLToPath(app.migrations) }] : [],
  );
  await migrate(records, events, folders);
  if (options.shop) {
    await fillEvents(events, { ...options, until: options.shop }, records);
    await new PeopleFacts({ records, events }).catchUp();
  } else await fillSimple(records, events, options);
  await new SearchIndex(records).catchUp();
  await events.command('OPTIMIZE TABLE events FINAL');
  await events.close();
  const vacuum = await records.pool.connect();
  await vacuum.query('SET statement_timeout = 0');
  await vacuum.query('VACUUM ANALYZE');
  vacuum.release();
  await records.close();
  await postgres.stop();
}

async function fillSimple(
  records: Records,
  events: Events,
  options: { people: number; events: number },
): Promise<void> {
  const client = await records.pool.connect();
  await client.query('SET statement_timeout = 0');
  await fillPeople(client, options.people);
  client.release();
  const chunk = 1_000_000;
  for (let from = 0; from < options.events; from += chunk) {
    await events.command(EVENTS_SQL, { from, to: Math.min(options.events, from + chunk), people: options.people });
  }
}

const EVENTS_SQL = `
  INSERT INTO events (event_id, origin_id, person_id, source_id, type, name, channel, contact, timestamp, received_at,
    session_start, user_id, url, path, title, browser, os, device, country, locale, revenue_minor, currency, properties, context)
  SELECT generateUUIDv4(number) AS event_id, 1 + sipHash64(number) % {people:UInt64} AS origin_id, origin_id AS person_id, 1,
    if(number % 5 = 0, 'page', 'track') AS type,
    ['Page', 'Product Viewed', 'Product Viewed', 'Product Added', 'Order Completed'][1 + number % 5] AS name,
    'web', 'direct', now64(3) - toIntervalSecond(sipHash64(number, 1) % 7776000) AS timestamp, timestamp AS received_at,
    toStartOfHour(timestamp) AS session_start, concat('customer-', toString(origin_id)) AS user_id,
    concat('https://shop.example', path) AS url, concat('/products/sku-', toString(number % 4000)) AS path, 'A product' AS title,
    'Chrome', 'Windows', 'desktop', ['GB', 'PL', 'IT', 'DE'][1 + origin_id % 4], 'en-GB',
    if(name = 'Order Completed', 1000 + number % 9000, 0), if(name = 'Order Completed', 'GBP', ''),
    concat('{"product_id":"sku-', toString(number % 4000), '","price":', toString((number % 10000) / 100), ',"quantity":', toString(1 + number % 5), '}')::JSON,
    '{"library":{"name":"analytics.js","version":"npm:next-1.84.3"}}'
  FROM numbers({from:UInt64}, {to:UInt64} - {from:UInt64})
  SETTINGS max_insert_threads = 1`;
