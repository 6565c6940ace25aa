import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEmbeddedEvents } from '../src/kernel/events-embedded.ts';
import { openRecords } from '../src/kernel/records.ts';
import { startEmbeddedRecords } from '../src/kernel/records-embedded.ts';
import { type RunningServer, startServer } from '../test/server.ts';

const EVENTS = 10_000;

/** The last event of an erasure, and of who did it by hand. */
export interface ErasureResult {
  /** Until the job had overwritten everything. */
  erasureSeconds: number;
  /** The slowest answer of a person's page while it went on, in milliseconds. */
  slowestPageMs: number;
  /** What somebody would run by hand; it leaves the bytes on the disk. */
  byHandSeconds: number;
  steps: { name: string; seconds: number }[];
  left: number;
  others: boolean;
}

/** Erases one person with 10,000 events of a seeded folder through the API, and another by plain SQL. */
export async function timeErasure(dataDir: string, people: number): Promise<ErasureResult> {
  const [first, second] = [Math.floor(people / 3), Math.floor(people / 2)];
  const before = await withStores(dataDir, async (events) => {
    for (const person of [first, second]) await busy(events, person);
    return others(events, [first, second]);
  });
  const server = await startServer({ dataDir });
  const { displayName } = await server.api<{ displayName: string }>('GET', `/api/people/${first}`);
  const started = performance.now();
  const { id } = await server.api<{ id: string }>('POST', `/api/people/${first}/erasure`, { confirm: displayName });
  const pages = watchPages(server, people);
  let erasure: { state: string; error: string | null; steps: { name: string; at: string }[]; at: string };
  do {
    await sleep(100);
    erasure = await server.api('GET', `/api/privacy/erasures/${id}`);
  } while (erasure.state === 'waiting' || erasure.state === 'running');
  if (erasure.state !== 'done') throw new Error(`The erasure failed: ${erasure.error}`);
  const erasureSeconds = (performance.now() - started) / 1000;
  const slowestPageMs = await pages();
  await server.stop();
  let at = Date.parse(erasure.at);
  const steps = erasure.steps.map((step) => {
    const seconds = (Date.parse(step.at) - at) / 1000;
    at = Date.parse(step.at);
    return { name: step.name, seconds };
  });
  return withStores(dataDir, async (events, pool) => {
    const byHand = performance.now();
    await events.command(`ALTER TABLE events DELETE WHERE origin_id = ${second} SETTINGS mutations_sync = 1`);
    for (const [table, column] of OWN) await pool.query(`DELETE FROM ${table} WHERE ${column} = $1`, [second]);
    const byHandSeconds = (performance.now() - byHand) / 1000;
    const [left] = await events.query<{ n: string }>(`SELECT count() AS n FROM events WHERE origin_id = ${first}`);
    const same = JSON.stringify(await others(events, [first, second])) === JSON.stringify(before);
    return { erasureSeconds, slowestPageMs, byHandSeconds, steps, left: Number(left!.n), others: same };
  });
}

const OWN = [
  ['trait_history', 'person_id'],
  ['people_search', 'person_id'],
  ['identifiers', 'person_id'],
  ['persons', 'id'],
] as const;

type Stores = Parameters<Parameters<typeof withStores>[1]>;

async function busy(events: Stores[0], person: number): Promise<void> {
  await events.command(
    `INSERT INTO events (event_id, origin_id, person_id, source_id, type, name, channel, contact, timestamp, received_at,
       user_id, url, path, properties)
     SELECT generateUUIDv4(number), {person:UInt64}, {person:UInt64}, 1, 'track', 'Product Viewed', 'web', 'direct',
       now64(3) - toIntervalSecond(sipHash64(number) % 7776000) AS timestamp, timestamp,
       concat('customer-', toString({person:UInt64})), 'https://shop.example/a', '/a', '{"sku":"a"}'::JSON
     FROM numbers(${EVENTS})`,
    { person },
  );
}

async function others(events: Stores[0], persons: readonly number[]): Promise<unknown> {
  return events.query(
    `SELECT count() AS n, groupBitXor(cityHash64(event_id, origin_id, name, url)) AS sum FROM events
     WHERE origin_id NOT IN (${persons.join(',')})`,
  );
}

async function withStores<T>(
  dataDir: string,
  work: (events: ReturnType<typeof openEmbeddedEvents>, pool: ReturnType<typeof openRecords>['pool']) => Promise<T>,
): Promise<T> {
  const postgres = await startEmbeddedRecords(dataDir);
  const records = openRecords(postgres.url, { connections: 2 });
  const events = openEmbeddedEvents(join(dataDir, 'events'));
  try {
    return await work(events, records.pool);
  } finally {
    await events.close();
    await records.close();
    await postgres.stop();
  }
}

/** Opens the pages of other people all the while; the answer ends it and tells the slowest. */
function watchPages(server: RunningServer, people: number): () => Promise<number> {
  let going = true;
  let slowest = 0;
  const loop = (async () => {
    for (let n = 1; going; n = (n * 7919) % people) {
      const started = performance.now();
      await server.api('GET', `/api/people/${Math.max(1, n)}`).catch(() => {});
      slowest = Math.max(slowest, performance.now() - started);
      await sleep(20);
    }
  })();
  return async () => {
    going = false;
    await loop;
    return slowest;
  };
}
