import pg from 'pg';

const CONNECT_MS = 10_000;
const STATEMENT_MS = 60_000;

/**
 * Runs `work` on a connection of its own to somebody else's database: read-only whatever is asked, in UTC, each statement
 * bounded in time. Throws the database's error where it cannot be reached.
 */
export async function withDatabase<T>(
  url: string,
  signal: AbortSignal,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + 5000,
    application_name: 'throughline',
  });
  let broke: ((error: Error) => void) | null = null;
  client.on('error', (error) => broke?.(error));
  const over = new Promise<never>((_, reject) => {
    broke = reject;
  });
  over.catch(() => {});
  const stop = () => broke?.(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([client.connect(), over]);
    await client.query(
      "SET default_transaction_read_only = on; SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'iso_8601'",
    );
    return await Promise.race([work(client), over]);
  } finally {
    signal.removeEventListener('abort', stop);
    // A server that is away must not hold up the stop.
    await Promise.race([client.end().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
  }
}

/** A name as PostgreSQL takes it in a statement, whatever it holds. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
