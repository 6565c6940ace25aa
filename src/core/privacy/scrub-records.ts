import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Records } from '../../kernel/records.ts';

/**
 * Tables without anything that a customer could be told by, so that their pages need not be written anew: numbers, hashes,
 * settings. Every other table is, also those of apps that nobody thought of here.
 */
const WITHOUT_PERSONAL_DATA = [
  'people_search',
  'people_changed',
  'people_facts_changed',
  'people_facts_version',
  'audit_entries',
  'audit_looks',
  'stream_positions',
  'migrations',
];
const SCHEMAS = ['public', 'graphile_worker'];

/** How long a table's lock is waited for at a time: whoever wants the table then waits behind. */
const LOCK_TIMEOUT_MS = 4000;
const LOCK_TRIES = 10;
/** Transactions that may still see the deleted rows are waited for; see STATEMENT_TIMEOUT_MS in records.ts. */
const SNAPSHOTS_MS = 60_000;
const WAL_ROUNDS = 5;

/**
 * PostgreSQL leaves deleted rows on its pages, in its indexes, in its statistics and in its log (WAL) until something else
 * takes their place. This writes each table with personal data anew (VACUUM FULL: a moment's lock a table, about a second
 * for half a million people), the statistics too, and replaces the log's files. Returns what it was not allowed to do,
 * for a server that is not our own; its operator has to see to that (docs/privacy.md).
 */
export async function scrubRecords(records: Records): Promise<string[]> {
  const client = await records.pool.connect();
  const left: string[] = [];
  try {
    await client.query(`SET statement_timeout = 0; SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await snapshotsGone(client);
    await allowed(left, 'clear the statistics', () => clearStatistics(client));
    for (const table of await tables(client)) await allowed(left, `rewrite ${table}`, () => rewrite(client, table));
    await allowed(left, 'rewrite the statistics', () => withLock(client, 'VACUUM (FULL) pg_catalog.pg_statistic'));
    await allowed(left, 'replace the write-ahead log', () => replaceLog(client));
    return left;
  } finally {
    client.release(true);
  }
}

/** Privileges that only a superuser has, and functions that older servers do not have. */
const NOT_ALLOWED = new Set(['42501', '0A000', '42883']);

async function allowed(left: string[], what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!NOT_ALLOWED.has((error as { code?: string }).code ?? '')) throw error;
    left.push(what);
  }
}

async function tables(client: pg.PoolClient): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND n.nspname = ANY ($1) AND c.relname <> ALL ($2)
     ORDER BY pg_total_relation_size(c.oid)`,
    [SCHEMAS, WITHOUT_PERSONAL_DATA],
  );
  return rows.map((row) => row.name);
}

/** The statistics hold samples of the values; those of a table that is empty now would stay as they are. */
async function clearStatistics(client: pg.PoolClient): Promise<void> {
  await client.query(
    `SELECT pg_clear_attribute_stats(schemaname, tablename, attname, inherited) FROM pg_stats WHERE schemaname = ANY ($1)`,
    [SCHEMAS],
  );
}

const rewrite = (client: pg.PoolClient, table: string) => withLock(client, `VACUUM (FULL, ANALYZE) ${table}`);

async function withLock(client: pg.PoolClient, statement: string): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      await client.query(statement);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== '55P03' || tried === LOCK_TRIES) throw error;
      await sleep(tried * 500);
    }
  }
}

/** A row that some transaction may still read is kept by VACUUM, so those that began before now have to end. */
async function snapshotsGone(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ now: string }>('SELECT pg_current_xact_id()::text AS now');
  const now = rows[0]!.now;
  for (const deadline = Date.now() + SNAPSHOTS_MS; ; await sleep(100)) {
    const { rows: older } = await client.query(
      `SELECT 1 FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()
         AND (age(backend_xmin) > age($1::xid8::xid) OR age(backend_xid) >= age($1::xid8::xid)) LIMIT 1`,
      [now],
    );
    if (older.length === 0) return;
    if (Date.now() > deadline) throw new Error('A long transaction still reads the database; it is waited for again.');
  }
}

/**
 * Replaces the files of the log by new ones: a file in use again keeps the old content behind the new until it is written
 * over. First it is set that old files are removed, not reused; then those that wait for their reuse are used up.
 */
async function replaceLog(client: pg.PoolClient): Promise<void> {
  await client.query('ALTER SYSTEM SET wal_recycle = off');
  try {
    await client.query('SELECT pg_reload_conf()');
    await sleep(200);
    await client.query('CHECKPOINT');
    const { rows } = await client.query<{ last: string }>('SELECT max(name) AS last FROM pg_ls_waldir()');
    const last = rows[0]!.last;
    for (let round = 0; round < WAL_ROUNDS; round++) {
      while ((await currentFile(client)) <= last) {
        await client.query("SELECT pg_logical_emit_message(false, 'throughline', '')");
        await client.query('SELECT pg_switch_wal()');
      }
      await client.query('CHECKPOINT');
      const { rows: old } = await client.query('SELECT 1 FROM pg_ls_waldir() WHERE name <= $1 LIMIT 1', [last]);
      if (old.length === 0) return;
    }
    throw new Error('PostgreSQL still holds old files of its log; they are waited for again.');
  } finally {
    await client.query('ALTER SYSTEM RESET wal_recycle').catch(() => {});
    await client.query('SELECT pg_reload_conf()').catch(() => {});
  }
}

async function currentFile(client: pg.PoolClient): Promise<string> {
  const { rows } = await client.query<{ name: string }>('SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS name');
  return rows[0]!.name;
}
