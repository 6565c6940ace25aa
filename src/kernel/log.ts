/**
 * The log: what was accepted and is on its way. An append is acknowledged only when it is on disk. Each partition is
 * read in order by the stream, and what has been committed is forgotten.
 */
export interface Log {
  readonly partitions: number;
  /**
   * Appends all entries; resolves when they are on disk. Throws a Refusal 503 when the log is full or away. LMDB then has
   * none of them; a server that failed in the midst of it may have some, so the sender sends all again, and what came
   * twice is known by its message IDs.
   */
  append(entries: readonly LogEntry[]): Promise<void>;
  /** The records after `after`, oldest first, up to about `events` events or `bytes` bytes, at least one if there is one. */
  read(partition: number, after: number, limit: { events: number; bytes: number }): Promise<LogRecord[]>;
  /**
   * All records up to and including `position` have been dealt with and may be forgotten. A position that lies before
   * what is committed already does nothing.
   */
  commit(partition: number, position: number): Promise<void>;
  /** The position last committed; 0 at the beginning. */
  committed(partition: number): Promise<number>;
  state(): Promise<PartitionState[]>;
  /** Calls back soon after something was appended, by any process or thread that can tell. Returns how to stop it. */
  onAppend(listener: () => void): () => void;
  /**
   * Overwrites on the disk what was committed and forgotten, so that its bytes are not found there any more. False where
   * the store cannot promise that (NATS).
   */
  wipe(): Promise<boolean>;
  /** Why appends are refused now, or null. */
  full(): string | null;
  close(): Promise<void>;
}

/**
 * Bytes that a value should stay below: what is larger is better split into several entries. NATS servers refuse
 * messages above their max_payload, 1 MB unless they are told otherwise.
 */
export const ENTRY_BYTES = 900_000;

export interface LogEntry {
  partition: number;
  /** How many events the value holds, at least 1. */
  events: number;
  value: Uint8Array;
}

export interface LogRecord {
  /**
   * Grows strictly with each record of a partition, and is never given twice in the life of a log. No more can be made of
   * it: LMDB counts events with it, NATS its messages.
   */
  position: number;
  events: number;
  /** When it was appended, milliseconds since 1970. */
  at: number;
  value: Uint8Array;
}

export interface PartitionState {
  partition: number;
  lagEvents: number;
  /** Age of the oldest record that is not committed, in seconds; 0 where there is none. */
  lagSeconds: number;
  oldestAt: string | null;
}
