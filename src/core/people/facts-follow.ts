import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Events } from '../../kernel/events.ts';
import { type FactRows, ROWS_OF_BACKFILL, ROWS_OF_CHANGE, replaced } from './facts-rows.ts';
import { publishLinks, type Stores } from './overrides.ts';

/** Persons or accounts told of in one transaction, about: a row of the queue has up to a thousand. */
const IDS_AT_ONCE = 2000;
const QUEUE_ROWS = 200;
/** Rows read and inserted at a time: a value has up to 8 KB. */
const LINES_AT_ONCE = 5000;
/** Persons looked through at a time for merges folded before anybody followed. */
const BACKFILL_AT_ONCE = 4000;

/**
 * Tells the events store what the records know of people and accounts. One process at a time does it, holding the row of
 * the version; what a crash leaves half told is told again, which changes nothing.
 */
export class PeopleFacts {
  readonly #stores: Stores;
  #backfilled = false;

  constructor(stores: Stores) {
    this.#stores = stores;
  }

  /**
   * Tells all that changed, and what was known before anybody followed; returns how many persons, accounts and values.
   * With `gently` it rests as long as it works, so that a rush leaves time for the events.
   */
  async catchUp(options: { signal?: AbortSignal; gently?: boolean } = {}): Promise<number> {
    let total = 0;
    for (;;) {
      const started = performance.now();
      const changed = await this.#changes();
      const before = await this.#backfill();
      total += changed + before;
      if (changed + before === 0 || options.signal?.aborted) return total;
      if (options.gently) await sleep(performance.now() - started);
    }
  }

  async #changes(): Promise<number> {
    const { records, events } = this.#stores;
    const { rows } = await records.pool.query<{ waiting: boolean }>(
      `SELECT EXISTS (SELECT FROM people_facts_changed) OR EXISTS (SELECT FROM people_facts_replaced) AS waiting`,
    );
    if (!rows[0]!.waiting) return 0;
    return records.transaction(async (client) => {
      const version = await nextVersion(client);
      const old = await client.query<{ line: string }>(replaced.sql, [LINES_AT_ONCE]);
      await insert(events, replaced, old.rows, `${version}:replaced`);
      const changes = await takeChanges(client);
      for (const [kind, ids] of changes) {
        for (const rows of ROWS_OF_CHANGE[kind] ?? []) await tell(client, events, rows, ids, version);
      }
      return old.rows.length + [...changes.values()].reduce((sum, ids) => sum + ids.length, 0);
    });
  }

  async #backfill(): Promise<number> {
    if (this.#backfilled) return 0;
    const { records, events } = this.#stores;
    return records.transaction(async (client) => {
      const version = await nextVersion(client);
      const { rows } = await client.query<{ what: 'accounts' | 'persons'; position: number }>(
        'SELECT what, position FROM people_facts_backfill ORDER BY what LIMIT 1',
      );
      const [todo] = rows;
      if (!todo) {
        this.#backfilled = true;
        return 0;
      }
      const { rows: found } = await client.query<{ id: number }>(
        `SELECT id FROM ${todo.what} WHERE id > $1 ORDER BY id LIMIT ${BACKFILL_AT_ONCE}`,
        [todo.position],
      );
      const ids = found.map((row) => row.id);
      if (todo.what === 'persons') await publishLinks(this.#stores, ids);
      for (const rows of ROWS_OF_BACKFILL[todo.what]) await tell(client, events, rows, ids, version);
      if (ids.length < BACKFILL_AT_ONCE) {
        await client.query('DELETE FROM people_facts_backfill WHERE what = $1', [todo.what]);
      } else {
        await client.query('UPDATE people_facts_backfill SET position = $2 WHERE what = $1', [todo.what, ids.at(-1)]);
      }
      return ids.length + 1;
    });
  }
}

/** Waits until what is being told at this moment is told: from then on only what the records hold now is. */
export async function factsTold({ records }: Pick<Stores, 'records'>): Promise<void> {
  await records.transaction((client) => client.query('SELECT FROM people_facts_version FOR UPDATE'));
}

async function nextVersion(client: pg.PoolClient): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `UPDATE people_facts_version
     SET version = greatest(version + 1, (extract(epoch FROM clock_timestamp()) * 1e6)::bigint) RETURNING version`,
  );
  return rows[0]!.version;
}

async function takeChanges(client: pg.PoolClient): Promise<Map<string, number[]>> {
  const { rows } = await client.query<{ kind: string; ids: string[] }>(
    `DELETE FROM people_facts_changed WHERE ctid = ANY (ARRAY(
       SELECT place FROM (
         SELECT place, sum(count) OVER (ORDER BY n) - count AS before
         FROM (SELECT ctid AS place, cardinality(ids) AS count, row_number() OVER () AS n
               FROM people_facts_changed LIMIT ${QUEUE_ROWS}) AS first
       ) AS summed WHERE before < ${IDS_AT_ONCE}))
     RETURNING kind, ids`,
  );
  const changes = new Map<string, Set<number>>();
  for (const { kind, ids } of rows) {
    const known = changes.get(kind) ?? new Set();
    for (const id of ids) known.add(Number(id));
    changes.set(kind, known);
  }
  return new Map(Array.from(changes, ([kind, ids]) => [kind, [...ids]]));
}

/** Reads rows from the records as lines of JSON and puts them into the events store as they are. */
async function tell(
  client: pg.PoolClient,
  events: Events,
  rows: FactRows,
  ids: readonly number[],
  version: number,
): Promise<void> {
  if (ids.length === 0) return;
  const values = rows.sql.includes('$2') ? [ids, version] : [ids];
  await client.query(`DECLARE facts NO SCROLL CURSOR FOR ${rows.sql}`, values);
  for (let part = 0; ; part++) {
    const { rows: lines } = await client.query<{ line: string }>(`FETCH ${LINES_AT_ONCE} FROM facts`);
    await insert(events, rows, lines, `${version}:${ids[0]}:${part}`);
    if (lines.length < LINES_AT_ONCE) break;
  }
  await client.query('CLOSE facts');
}

async function insert(
  events: Events,
  { table, columns }: FactRows,
  lines: readonly { line: string }[],
  token: string,
): Promise<void> {
  if (lines.length === 0) return;
  await events.insert({
    table,
    columns,
    format: 'JSONCompactEachRow',
    bytes: Buffer.from(lines.map(({ line }) => line).join('\n')),
    token: `facts:${table}:${token}`,
  });
}
