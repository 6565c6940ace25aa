import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { core } from '../src/core/index.ts';
import { SearchIndex } from '../src/core/people/search-index.ts';
import { openEmbeddedEvents } from '../src/kernel/events-embedded.ts';
import { migrate } from '../src/kernel/migrate.ts';
import { openRecords } from '../src/kernel/records.ts';
import { startEmbeddedRecords } from '../src/kernel/records-embedded.ts';

/**
 * Fills the stores of a stopped server with `people` persons and `events` events of theirs over 90 days, by SQL: the same
 * rows that the stream would write, without the hour that sending them takes.
 */
export async function seed(dataDir: string, options: { people: number; events: number }): Promise<void> {
  const postgres = await startEmbeddedRecords(dataDir);
  const records = openRecords(postgres.url, { connections: 2 });
  const events = openEmbeddedEvents(join(dataDir, 'events'));
  const folders = core.flatMap((app) =>
    app.migrations ? [{ app: app.name, dir: fileURLToPath(app.migrations) }] : [],
  );
  await migrate(records, events, folders);
  const client = await records.pool.connect();
  await client.query('SET statement_timeout = 0');
  await fillPeople(client, options.people);
  client.release();
  await new SearchIndex(records).catchUp();
  const chunk = 1_000_000;
  for (let from = 0; from < options.events; from += chunk) {
    await events.command(EVENTS_SQL, { from, to: Math.min(options.events, from + chunk), people: options.people });
  }
  await events.command('OPTIMIZE TABLE events FINAL');
  await events.close();
  const vacuum = await records.pool.connect();
  await vacuum.query('SET statement_timeout = 0');
  await vacuum.query('VACUUM ANALYZE');
  vacuum.release();
  await records.close();
  await postgres.stop();
}

/** Makes the persons 1 to `people`, known by user ID and address, and the source that their events are of. */
export async function fillPeople(client: pg.PoolClient, people: number): Promise<void> {
  await client.query("INSERT INTO sources (name, kind, write_key) VALUES ('bench', 'server', 'wk_bench_seed')");
  await client.query(PEOPLE_SQL, [people]);
  await client.query(IDENTIFIERS_SQL, [people]);
  await client.query("SELECT setval('person_ids', $1)", [people + 1000]);
}

const FIRST = `ARRAY['Anna','Jan','Giulia','Ivan','Wei','Sophie','Marek','Luca','Olga','Emma','Piotr','Katarzyna','Francesca','Dmitri','Li','Oliver','Amelia','Noah','Maja','Lorenzo']`;
const SYLLABLES = `ARRAY['ko','wal','ski','no','vak','ros','si','bian','chi','smi','th','jon','es','mül','ler','pet','rov','zhang','wang','gar','cia','mar','tin','lop','ez']`;

const PEOPLE_SQL = `
  INSERT INTO persons (id, root_id, source_id, created_at, traits)
  SELECT n, n, 1, now() - (n % 90) * interval '1 day', jsonb_build_object(
    'name', jsonb_build_array((${FIRST})[1 + n % 20] || ' ' || initcap((${SYLLABLES})[1 + (n / 20) % 25] || (${SYLLABLES})[1 + (n / 500) % 25] || (${SYLLABLES})[1 + (n / 12500) % 25]), 1760000000000, 1),
    'email', jsonb_build_array('customer.' || n || '@example.com', 1760000000000, 1),
    'plan', jsonb_build_array((ARRAY['free','pro','team'])[1 + n % 3], 1760000000000, 1),
    'city', jsonb_build_array((ARRAY['London','Warszawa','Milano','Berlin','Napoli','Gdańsk'])[1 + n % 6], 1760000000000, 1))
  FROM generate_series(1, $1::int) AS n`;

const IDENTIFIERS_SQL = `
  INSERT INTO identifiers (kind_id, value, person_id, first_seen_at, source_id)
  SELECT k.id, CASE k.kind WHEN 'user_id' THEN 'customer-' || n ELSE 'customer.' || n || '@example.com' END, n, now(), 1
  FROM generate_series(1, $1::int) AS n, identifier_kinds k WHERE k.kind IN ('user_id', 'email')`;

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
