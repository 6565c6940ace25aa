import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Session } from 'chdb';
import {
  BadRows,
  cancelled,
  type Events,
  fileSettings,
  insertSettings,
  isBadData,
  killStatement,
  type Params,
  type QueryOptions,
  queryError,
  querySettings,
  settingsText,
} from './events.ts';
import { paramsStatement } from './events-params.ts';

/** Queries that may run beside one another; a Session runs one at a time. */
const SESSIONS = 3;
/** Bytes of a statement: the values of parameters are sent as one too. */
const STATEMENT_BYTES = 32 * 1024 * 1024;
/** A query that is not yet in the engine's list when it is cancelled is looked for again after this long. */
const KILL_AGAIN_MS = 50;

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
  const killer = new Session(path, options);
  const free = [...readers];
  const waiting: ((session: Session) => void)[] = [];
  let inserts: Promise<void> = Promise.resolve();

  const acquire = (signal?: AbortSignal): Promise<Session> => {
    if (signal?.aborted) return Promise.reject(cancelled());
    const session = free.pop();
    if (session) return Promise.resolve(session);
    return new Promise((resolve, reject) => {
      const turn = (session: Session) => {
        signal?.removeEventListener('abort', leave);
        resolve(session);
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(turn), 1);
        reject(cancelled());
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiting.push(turn);
    });
  };
  const release = (session: Session) => {
    const next = waiting.shift();
    if (next) next(session);
    else free.push(session);
  };

  /** Names of the parameters that a session was given. */
  const named = new Map<Session, Set<string>>();
  async function ask(session: Session, sql: string, params: Params | undefined, format: string) {
    const known = named.get(session);
    if (!known) await session.queryAsync(`SET max_query_size = ${STATEMENT_BYTES}`, { format: 'Null' });
    const names = known ?? new Set();
    named.set(session, names);
    if (names.size > 0 || (params && Object.keys(params).length > 0)) {
      await session.queryAsync(paramsStatement(params ?? {}, names), { format: 'Null' });
      for (const name of Object.keys(params ?? {})) names.add(name);
    }
    return session.queryAsync(sql, { format });
  }

  async function run(sql: string, params: Params | undefined, format: string) {
    const session = await acquire();
    try {
      return await ask(session, sql, params, format);
    } finally {
      release(session);
    }
  }

  async function read(
    sql: string,
    more: Record<string, string | number>,
    format: string,
    params?: Params,
    options?: QueryOptions,
  ) {
    const signal = options?.signal;
    const session = await acquire(signal);
    const tag = signal && crypto.randomUUID();
    let again: NodeJS.Timeout | undefined;
    // Not a job for a thread of the pool: those may all be busy with the queries that are to end.
    const kill = () => {
      try {
        killer.query(killStatement(tag!), 'Null');
      } catch {
        // Tried again; and the query's own bounds end it too.
      }
      again = setTimeout(kill, KILL_AGAIN_MS);
    };
    try {
      const bounded = `${sql}\nSETTINGS ${settingsText({ ...querySettings(options, tag), ...more })}`;
      signal?.addEventListener('abort', kill, { once: true });
      return await ask(session, bounded, params, format);
    } catch (error) {
      // A session holds what a failed query held, memory too, until its next query.
      await session.queryAsync('SELECT 1', { format: 'Null' }).catch(() => {});
      throw queryError(error, (error as { clickhouseCode?: number }).clickhouseCode, signal);
    } finally {
      signal?.removeEventListener('abort', kill);
      clearTimeout(again);
      release(session);
    }
  }

  return {
    kind: 'embedded',
    async query<T>(sql: string, params?: Params, options?: QueryOptions) {
      const more = { output_format_json_quote_64bit_integers: 1, json_type_escape_dots_in_keys: 1 };
      const text = (await read(sql, more, 'JSONEachRow', params, options)).text();
      return text === '' ? [] : (JSON.parse(`[${text.trimEnd().replaceAll('\n', ',')}]`) as T[]);
    },
    async bytes(sql, format, params, options) {
      const bytes = (await read(sql, fileSettings(format), format, params, options)).bytes();
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
      for (const session of [...held, writer, killer]) session.close();
    },
  };
}
