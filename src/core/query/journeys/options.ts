import type { Collect, Wanted } from './tally.ts';

export interface JourneyOptions {
  /** Stations told apart; the code after them stands for all the rest. */
  stations: number;
  depth: number;
  fold: boolean;
  start: boolean;
  end: boolean;
  reachedOnly: boolean;
  /** Milliseconds after which a journey is another; null where each subject is one. */
  idle: number | null;
  top: number;
  /** Stations kept for the second look. */
  keep: number;
  /** What the first reading found, when the events are read once more. */
  wanted?: Wanted;
  collect?: Collect;
}
