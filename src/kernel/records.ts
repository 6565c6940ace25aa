import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';

const CONNECT_TIMEOUT_MS = 5000;
const STATEMENT_TIMEOUT_MS = 30_000;

// Whole numbers of PostgreSQL are JavaScript numbers up to 2^53; ids and counts here stay below that.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => Number(text));

/**
 * The records store: what is true now, in PostgreSQL. Modules describe their tables to Kysely; the stream, where each
 * microsecond counts, uses the pool directly.
 */
export interface Records {
  pool: pg.Pool;
  /** A query builder that knows the given tables and no others. */
  tables<T>(): Kysely<T>;
  /** Runs `work` in one transaction, repeated once where PostgreSQL says that it could not be serialised. */
  transaction<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function openRecords(url: string, options: { connections?: number } = {}): Records {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.connections ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'throughline',
  });
  // A connection that breaks while it is idle is replaced by the pool; the next query says so if the server is away.
  pool.on('error', () => {});
  // The same for one that breaks while it is held, but between two queries: unheard, it would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  const kysely = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  return {
    pool,
    tables: <T>() => kysely as unknown as Kysely<T>,
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  };
}

const RETRIED = new Set(['40001', '40P01']);

async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>, retry = true): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    try {
      await client.query('ROLLBACK');
    } catch (rollbackError) {
      broken = rollbackError as Error;
    }
    if (!retry || !RETRIED.has((error as { code?: string }).code ?? '')) throw error;
  } finally {
    client.release(broken);
  }
  return inTransaction(pool, work, false);
}

/**
 * True for errors that mean that PostgreSQL is away, stopping or out of disk or memory, not that the statement was wrong.
 * Libraries wrap errors: causes are looked at too.
 */
export function isRecordsAway(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message, cause } = error as { code?: string; message?: string; cause?: unknown };
  return (
    /^(08...|53...|57P0.|58030)$/.test(code ?? '') ||
    ['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH'].includes(code ?? '') ||
    /timeout exceeded when trying to connect|Connection terminated|connection timeout/i.test(message ?? '') ||
    (cause !== undefined && isRecordsAway(cause))
  );
}
