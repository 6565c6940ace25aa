import type { Block } from './native.ts';

/**
 * A walk looks at each subject's events in the order of their time, once, and adds them up: what SQL says badly and slowly
 * (funnels, journeys, retention). It runs in a thread of its own, on numbers only.
 */
export interface Walk<Options, Result> {
  begin(options: Options): Walker<Result>;
}

/** Of rows with texts. */
export interface RowWalk<Options, Result> {
  begin(options: Options): RowWalker<Result>;
}

export interface Walker<Result> {
  /** One subject (a person, an account, a visit); never called twice for the same one. */
  subject(of: Sequence): void;
  result(): Result;
}

/** Looks at rows with texts as they come (rows.ts), a block of columns at a time. */
export interface RowWalker<Result> {
  block(of: Block): void;
  result(): Result;
}

/**
 * The events of a subject. Times are milliseconds since the walk's `from`; a code is what the walk's SQL made of the event
 * (an index, or a bit for each matcher). Sorted by time, those of the same time by code (and then in no order). The arrays are the walker's only
 * during the call.
 */
export interface Sequence {
  /** Of persons and accounts their number; of visits a hash. As text in `idText` where it may exceed 2^53. */
  readonly id: number;
  readonly idText: string;
  /** The person it belongs to: the subject itself, or of a visit its person; 0 for accounts. */
  readonly person: number;
  readonly length: number;
  readonly times: Float64Array;
  readonly codes: Uint32Array;
  /** Further numbers of each event, by the name that the SQL gave them; NaN where an event has none. */
  readonly extras: Readonly<Record<string, Float64Array>>;
  /** Numbers of the subject, by the name that the SQL gave them; NaN where it has none. */
  readonly once: Readonly<Record<string, number>>;
}
