import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import {
  BadRows,
  DEFAULT_QUERY_BYTES,
  DEFAULT_QUERY_SECONDS,
  type Events,
  fileSettings,
  insertSettings,
  isBadData,
} from './events.ts';

const REQUEST_TIMEOUT_MS = 60_000;

/** A ClickHouse server or cluster, by URL: `https://user:password@host:8443/database`. */
export function openEventsServer(url: string): Events {
  const client = createClient({
    url,
    request_timeout: REQUEST_TIMEOUT_MS,
    max_open_connections: 8,
    // What fails is thrown, and whoever catches it says so; the client would write each query to the output as well.
    log: { level: ClickHouseLogLevel.OFF },
  });
  return {
    kind: 'server',
    async query<T>(
      sql: string,
      params?: Record<string, unknown>,
      options?: { seconds?: number; memoryBytes?: number; signal?: AbortSignal },
    ) {
      const result = await client.query({
        query: sql,
        format: 'JSONEachRow',
        ...(params ? { query_params: params } : {}),
        ...(options?.signal ? { abort_signal: options.signal } : {}),
        clickhouse_settings: {
          max_execution_time: options?.seconds ?? DEFAULT_QUERY_SECONDS,
          max_memory_usage: String(options?.memoryBytes ?? DEFAULT_QUERY_BYTES),
          output_format_json_quote_64bit_integers: 1,
          json_type_escape_dots_in_keys: 1,
        },
      });
      return (await result.json()) as T[];
    },
    async bytes(sql, format, params, options) {
      const { stream } = await client.exec({
        query: `${sql}\nSETTINGS ${fileSettings()}\nFORMAT ${format}`,
        ...(params ? { query_params: params } : {}),
        ...(options?.signal ? { abort_signal: options.signal } : {}),
        clickhouse_settings: {
          max_execution_time: options?.seconds ?? DEFAULT_QUERY_SECONDS,
          max_memory_usage: String(options?.memoryBytes ?? DEFAULT_QUERY_BYTES),
          // An error in the midst of it breaks the answer off instead of being written into the file.
          wait_end_of_query: 1,
        },
      });
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
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
