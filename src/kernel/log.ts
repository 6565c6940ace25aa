/**
 * The log: what was accepted and is on its way. An append is acknowledged only when it is on disk. Each partition is
 * read in order by the stream, and what has been committed is forgotten.
 */
export interface Log {
  readonly partitions: number;
  /** Appends all entries or none; resolves when they are on disk. Throws a Refusal 503 when the log is full. */
  append(entries: readonly LogEntry[]): Promise<void>;
  /** The records after `after`, oldest first, up to about `events` events or `bytes` bytes, at least one if there is one. */
  read(partition: number, after: number, limit: { events: number; bytes: number }): Promise<LogRecord[]>;
  /** All records up to and including `position` have been dealt with and may be forgotten. */
  commit(partition: number, position: number): Promise<void>;
  /** The position last committed; 0 at the beginning. */
  committed(partition: number): Promise<number>;
  state(): Promise<PartitionState[]>;
  /** Calls back soon after something was appended, by any process or thread that can tell. Returns how to stop it. */
  onAppend(listener: () => void): () => void;
  /** Why appends are refused now, or null. */
  full(): string | null;
  close(): Promise<void>;
}

export interface LogEntry {
  partition: number;
  /** How many events the value holds, at least 1. */
  events: number;
  value: Uint8Array;
}

export interface LogRecord {
  /** Grows by the number of events with each record: the count of events ever appended up to the end of this one. */
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
