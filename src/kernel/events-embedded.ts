import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from 'chdb';
import {
  BadRows,
  DEFAULT_QUERY_BYTES,
  DEFAULT_QUERY_SECONDS,
  type Events,
  fileSettings,
  insertSettings,
  isBadData,
  type Params,
} from './events.ts';

/** Queries that may run beside one another; a Session runs one at a time. */
const SESSIONS = 3;

/** The engine's own settings: sized for one small machine, quiet when nothing happens. */
const ENGINE_CONFIG = `<clickhouse>
  <logger><level>none</level></logger>
  <mark_cache_size>134217728</mark_cache_size>
  <index_mark_cache_size>33554432</index_mark_cache_size>
  <uncompressed_cache_size>0</uncompressed_cache_size>
  <background_pool_size>2</background_pool_size>
  <background_schedule_pool_size>4</background_schedule_pool_size>
  <background_fetches_pool_size>1</background_fetches_pool_size>
  <background_common_pool_size>2</background_common_pool_size>
  <background_move_pool_size>1</background_move_pool_size>
  <background_buffer_flush_schedule_pool_size>1</background_buffer_flush_schedule_pool_size>
  <background_distributed_schedule_pool_size>1</background_distributed_schedule_pool_size>
  <background_message_broker_schedule_pool_size>1</background_message_broker_schedule_pool_size>
  <merge_tree>
    <number_of_free_entries_in_pool_to_execute_mutation>1</number_of_free_entries_in_pool_to_execute_mutation>
    <number_of_free_entries_in_pool_to_lower_max_size_of_merge>1</number_of_free_entries_in_pool_to_lower_max_size_of_merge>
    <number_of_free_entries_in_pool_to_execute_optimize_entire_partition>1</number_of_free_entries_in_pool_to_execute_optimize_entire_partition>
  </merge_tree>
</clickhouse>
`;

/**
 * ClickHouse in this process. Only the main thread may hold it (the engine does not survive the end of a worker
 * thread that used it); other threads go through events-remote.ts.
 */
export function openEmbeddedEvents(dir: string): Events {
  mkdirSync(dir, { recursive: true });
  const configFile = join(dir, 'engine.xml');
  writeFileSync(configFile, ENGINE_CONFIG);
  const path = join(dir, 'store');
  const options = { connectionArgs: [`--config-file=${configFile}`] };
  const writer = new Session(path, options);
  const readers = Array.from({ length: SESSIONS }, () => new Session(path, options));
  const free = [...readers];
  const waiting: ((session: Session) => void)[] = [];
  let inserts: Promise<void> = Promise.resolve();

  const acquire = (): Promise<Session> => {
    const session = free.pop();
    return session ? Promise.resolve(session) : new Promise((resolve) => waiting.push(resolve));
  };
  const release = (session: Session) => {
    const next = waiting.shift();
    if (next) next(session);
    else free.push(session);
  };

  async function run(sql: string, params: Params | undefined, format: string) {
    const session = await acquire();
    try {
      return params ? await session.queryBindAsync(sql, params, { format }) : await session.queryAsync(sql, { format });
    } finally {
      release(session);
    }
  }

  return {
    kind: 'embedded',
    async query<T>(sql: string, params?: Params, options?: { seconds?: number; memoryBytes?: number }) {
      const seconds = options?.seconds ?? DEFAULT_QUERY_SECONDS;
      const memory = options?.memoryBytes ?? DEFAULT_QUERY_BYTES;
      const bounded = `${sql}\nSETTINGS max_execution_time=${seconds}, max_memory_usage=${memory}, output_format_json_quote_64bit_integers=1, json_type_escape_dots_in_keys=1`;
      const result = await run(bounded, params, 'JSONEachRow');
      const text = result.text();
      return text === '' ? [] : (JSON.parse(`[${text.trimEnd().replaceAll('\n', ',')}]`) as T[]);
    },
    async bytes(sql, format, params, options) {
      const seconds = options?.seconds ?? DEFAULT_QUERY_SECONDS;
      const memory = options?.memoryBytes ?? DEFAULT_QUERY_BYTES;
      const bounded = `${sql}\nSETTINGS max_execution_time=${seconds}, max_memory_usage=${memory}, ${fileSettings()}`;
      const bytes = (await run(bounded, params, format)).bytes();
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    async command(sql, params) {
      await run(sql, params, 'Null');
    },
    insert(rows) {
      const done = inserts.then(async () => {
        try {
          await writer.insert({
            table: rows.table,
            columns: rows.columns,
            values: Buffer.from(rows.bytes.buffer, rows.bytes.byteOffset, rows.bytes.byteLength),
            format: rows.format,
            settings: insertSettings(rows.token),
          });
        } catch (error) {
          const code = (error as { clickhouseCode?: number }).clickhouseCode;
          if (isBadData(code)) throw new BadRows((error as Error).message, { cause: error });
          throw error;
        }
      });
      inserts = done.catch(() => {});
      return done;
    },
    async ping() {
      await run('SELECT 1', undefined, 'Null');
    },
    async close() {
      await inserts;
      const held = await Promise.all(readers.map(() => acquire()));
      for (const session of [...held, writer]) session.close();
    },
  };
}
