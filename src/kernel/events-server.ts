import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import {
  BadRows,
  cancelled,
  type Events,
  fileSettings,
  insertSettings,
  isBadData,
  killStatement,
  type QueryOptions,
  queryError,
  querySettings,
  settingsText,
} from './events.ts';

const REQUEST_TIMEOUT_MS = 60_000;
const KILL_AGAIN_MS = 1000;

/** A ClickHouse server or cluster, by URL: `https://user:password@host:8443/database`. */
export function openEventsServer(url: string): Events {
  const client = createClient({
    url,
    request_timeout: REQUEST_TIMEOUT_MS,
    max_open_connections: 8,
    // What fails is thrown, and whoever catches it says so; the client would write each query to the output as well.
    log: { level: ClickHouseLogLevel.OFF },
  });
  /** Gives a query its bounds, and ends it on the server when it is cancelled here. */
  async function read<T>(
    options: QueryOptions | undefined,
    ask: (bounds: { clickhouse_settings: Record<string, string | number>; abort_signal?: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    const signal = options?.signal;
    if (signal?.aborted) throw cancelled();
    const tag = signal && crypto.randomUUID();
    // A broken connection alone does not end a query. Where this fails too, the query's own bounds end it.
    const kill = () => {
      const end = () => void client.command({ query: killStatement(tag!) }).catch(() => {});
      end();
      // The server may not have begun with it yet.
      setTimeout(end, KILL_AGAIN_MS).unref();
    };
    signal?.addEventListener('abort', kill, { once: true });
    try {
      const clickhouse_settings = querySettings(options, tag);
      return await ask(signal ? { clickhouse_settings, abort_signal: signal } : { clickhouse_settings });
    } catch (error) {
      throw queryError(error, Number((error as { code?: string }).code) || undefined, signal);
    } finally {
      signal?.removeEventListener('abort', kill);
    }
  }

  return {
    kind: 'server',
    query: <T>(sql: string, params?: Record<string, unknown>, options?: QueryOptions) =>
      read(options, async ({ clickhouse_settings, ...more }) => {
        const result = await client.query({
          query: sql,
          format: 'JSONEachRow',
          ...(params ? { query_params: params } : {}),
          ...more,
          clickhouse_settings: {
            ...clickhouse_settings,
            // An error after the first rows is answered as an error, not written behind them.
            wait_end_of_query: 1,
            output_format_json_quote_64bit_integers: 1,
            json_type_escape_dots_in_keys: 1,
          },
        });
        return (await result.json()) as T[];
      }),
    bytes: (sql, format, params, options) =>
      read(options, async ({ clickhouse_settings, ...more }) => {
        const { stream } = await client.exec({
          query: `${sql}\nSETTINGS ${settingsText(fileSettings(format))}\nFORMAT ${format}`,
          ...(params ? { query_params: params } : {}),
          ...more,
          // An error in the midst of it breaks the answer off instead of being written into the file.
          clickhouse_settings: { ...clickhouse_settings, wait_end_of_query: 1 },
        });
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks);
      }),
    async command(sql, params) {
      await client.command({ query: sql, ...(params ? { query_params: params } : {}) });
    },
    async insert(rows) {
      try {
        const { stream } = await client.exec({
          query: `INSERT INTO ${rows.table} (${rows.columns.join(', ')}) FORMAT ${rows.format}`,
          values: Readable.from([rows.bytes], { objectMode: false }),
          clickhouse_settings: insertSettings(rows.token) as Record<string, string | number>,
        });
        // Until its answer is read to the end, a connection is not free for the next insert.
        await finished(stream.resume());
      } catch (error) {
        if (isBadData(Number((error as { code?: string }).code))) {
          throw new BadRows((error as Error).message, { cause: error });
        }
        throw error;
      }
    },
    async ping() {
      const answer = await client.ping();
      if (!answer.success) throw answer.error;
    },
    close: () => client.close(),
  };
}
