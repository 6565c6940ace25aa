/**
 * The events store: everything that happened, in ClickHouse. One SQL dialect; the engine runs in this process or is a
 * server. Parameters are ClickHouse's own: `{name:Type}` in the SQL, bound by the engine, never put into its text.
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

/** TSVRaw: the text of the columns as it is, a line for each row. */
export type FileFormat = 'Parquet' | 'TSVRaw';

export interface QueryOptions {
  /** Seconds after which the engine stops the query; 30 unless told. */
  seconds?: number;
  /** Bytes of memory the query may use; 2 GB unless told. */
  memoryBytes?: number;
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

export const DEFAULT_QUERY_SECONDS = 30;
export const DEFAULT_QUERY_BYTES = 2 * 1024 * 1024 * 1024;

/** ClickHouse's codes for data that cannot be parsed or converted. */
const DATA_CODES = new Set([
  6, 25, 26, 27, 38, 41, 53, 69, 70, 72, 117, 130, 131, 321, 349, 441, 453, 467, 636, 676, 706,
]);

export function isBadData(code: number | undefined): boolean {
  return code !== undefined && DATA_CODES.has(code);
}

/** How files are written: strings as strings, and properties whose names have dots as they were sent. */
export function fileSettings(): string {
  return 'output_format_parquet_string_as_string=1, json_type_escape_dots_in_keys=1, output_format_json_quote_64bit_integers=0';
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
