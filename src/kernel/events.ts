/**
 * The events store: everything that happened, in ClickHouse. One SQL dialect; the engine runs in this process or is a
 * server. Parameters are ClickHouse's own: `{name:Type}` in the SQL, bound by the engine, never put into the query's text.
 */
export interface Events {
  readonly kind: 'embedded' | 'server';
  /** Rows of a SELECT without a SETTINGS clause, as objects. 64-bit whole numbers arrive as strings. */
  query<T>(sql: string, params?: Params, options?: QueryOptions): Promise<T[]>;
  /** The result of a SELECT without a SETTINGS clause as the bytes of a file, whole in memory: the caller bounds the rows. */
  bytes(sql: string, format: FileFormat, params?: Params, options?: QueryOptions): Promise<Buffer>;
  /** A statement without rows. */
  command(sql: string, params?: Params): Promise<void>;
  /**
   * Inserts rows given as bytes. A token that was seen before makes the insert do nothing, so a retry is safe.
   * Throws a BadRows error when the engine says that the data, not the engine, is at fault.
   */
  insert(rows: InsertRows): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export type Params = Record<string, string | number | boolean | readonly (string | number)[] | null>;

/**
 * TSVRaw: the text of the columns as it is, a line for each row. Native: columns as the engine holds them.
 * JSONCompactEachRowWithNamesAndTypes: a line with the names, one with the types, then an array for each row, with
 * 64-bit whole numbers as strings.
 */
export type FileFormat = 'Parquet' | 'TSVRaw' | 'Native' | 'JSONCompactEachRowWithNamesAndTypes';

/** Each limit that a query runs into is a QueryLimit error. */
export interface QueryOptions {
  /** Seconds after which the engine stops the query; 30 unless told. */
  seconds?: number;
  /** Bytes of memory the query may use; 2 GB unless told. */
  memoryBytes?: number;
  /** Rows the result may have; more are an error, not a result cut short. */
  resultRows?: number;
  /** Bytes the result may have in the engine's memory. */
  resultBytes?: number;
  /** Rows the query may read from tables. */
  readRows?: number;
  /**
   * How far the query stands back behind others, 0 to 19, as Linux' `nice`. Has an effect only where the engine may
   * set it (CAP_SYS_NICE).
   */
  nice?: number;
  /** Reads tables in their own order, even where a projection has less to read: lists then come nearly sorted. */
  inOwnOrder?: boolean;
  /** Ends the query in the engine too, and the call with a QueryLimit 'cancelled'. */
  signal?: AbortSignal;
}

export interface InsertRows {
  table: string;
  columns: readonly string[];
  format: 'JSONCompactEachRow' | 'JSONEachRow';
  bytes: Uint8Array;
  token: string;
}

/** The engine could not read the rows it was given: one of them is bad, whatever the engine's state. */
export class BadRows extends Error {}

/** Why the engine ended a query that it could have gone on with. */
export type LimitKind = 'time' | 'memory' | 'rows' | 'cancelled';

/** A query needed more than it was given, or was cancelled. */
export class QueryLimit extends Error {
  readonly which: LimitKind;

  constructor(which: LimitKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'QueryLimit';
    this.which = which;
  }
}

/** The engine refused or failed a query; `code` is ClickHouse's, for example 62 for a syntax error. */
export class QueryFault extends Error {
  readonly code: number;

  constructor(code: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'QueryFault';
    this.code = code;
  }
}

const DEFAULT_QUERY_SECONDS = 30;
const DEFAULT_QUERY_BYTES = 2 * 1024 * 1024 * 1024;

/** ClickHouse's codes for data that cannot be parsed or converted. */
const DATA_CODES = new Set([
  6, 25, 26, 27, 38, 41, 53, 69, 70, 72, 117, 130, 131, 321, 349, 441, 453, 467, 636, 676, 706,
]);

export function isBadData(code: number | undefined): boolean {
  return code !== undefined && DATA_CODES.has(code);
}

/** ClickHouse's codes for a query that was ended, by what ended it. */
const LIMIT_CODES: Record<number, LimitKind> = {
  159: 'time',
  160: 'time',
  241: 'memory',
  158: 'rows',
  307: 'rows',
  396: 'rows',
  394: 'cancelled',
  735: 'cancelled',
};

/** An error of a query as callers get it: with ClickHouse's code where it has one. */
export function queryError(error: unknown, code: number | undefined, signal?: AbortSignal): Error {
  const known = error instanceof Error ? error : new Error(String(error));
  // A query that was cancelled may end in many ways: its connection broken, or with an error of a part of it.
  if (signal?.aborted) return cancelled(known);
  if (!code) return known;
  const which = LIMIT_CODES[code];
  return which
    ? new QueryLimit(which, known.message, { cause: error })
    : new QueryFault(code, known.message, { cause: error });
}

export const cancelled = (cause?: unknown) => new QueryLimit('cancelled', 'The query was cancelled.', { cause });

/** Settings that bound a query, in every mode. `tag` names it for `killStatement`. */
export function querySettings(options: QueryOptions | undefined, tag?: string): Record<string, string | number> {
  const { seconds, memoryBytes, resultRows, resultBytes, readRows, nice, inOwnOrder } = options ?? {};
  return {
    max_execution_time: seconds ?? DEFAULT_QUERY_SECONDS,
    max_memory_usage: memoryBytes ?? DEFAULT_QUERY_BYTES,
    ...(resultRows === undefined ? {} : { max_result_rows: resultRows, result_overflow_mode: 'throw' }),
    ...(resultBytes === undefined ? {} : { max_result_bytes: resultBytes, result_overflow_mode: 'throw' }),
    ...(readRows === undefined ? {} : { max_rows_to_read: readRows, read_overflow_mode: 'throw' }),
    ...(nice === undefined ? {} : { os_threads_nice_value_query: nice }),
    ...(inOwnOrder ? { optimize_use_projections: 0 } : {}),
    ...(tag === undefined ? {} : { log_comment: tag }),
  };
}

/** As the settings stand behind SETTINGS. Values are ours, never from outside. */
export const settingsText = (settings: Record<string, string | number>) =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${typeof value === 'number' ? value : `'${value}'`}`)
    .join(', ');

/** Ends the queries of the tag, which holds nothing but letters, digits and dashes. */
export const killStatement = (tag: string) => `KILL QUERY WHERE Settings['log_comment'] = '${tag}' ASYNC`;

/** How files are written: strings as strings, and properties whose names have dots as they were sent. */
export function fileSettings(format: FileFormat): Record<string, string | number> {
  return {
    output_format_parquet_string_as_string: 1,
    json_type_escape_dots_in_keys: 1,
    output_format_json_quote_64bit_integers: format === 'JSONCompactEachRowWithNamesAndTypes' ? 1 : 0,
  };
}

export function insertSettings(token: string): Record<string, string | number> {
  return {
    insert_deduplicate: 1,
    insert_deduplication_token: token,
    async_insert: 0,
    type_json_skip_duplicated_paths: 1,
    input_format_json_max_depth: 1000,
    input_format_try_infer_dates: 0,
    input_format_try_infer_datetimes: 0,
    json_type_escape_dots_in_keys: 1,
    throw_on_max_partitions_per_insert_block: 0,
    max_threads: 1,
    max_insert_threads: 1,
    input_format_parallel_parsing: 0,
  };
}
