import type { Content } from '../content.ts';

/** A transformation as the engine runs it. `key` changes whenever its content does. */
export interface Program {
  key: string;
  content: Content;
}

export interface Input {
  /** The event as JSON. */
  text: string;
  /** What `Date.now()` says while it is transformed: when it was received, so that a repeat gives the same. */
  now: number;
}

export interface Place {
  line: number;
  column: number | null;
}

/**
 * Why an event could not be transformed. `error`: it threw; `timeout`: it was stopped; `hang`: its thread was ended;
 * `memory`; `output`: what came out is no event or too much.
 */
export interface Failure {
  /** Place of the transformation in the chain. */
  program: number;
  kind: 'error' | 'timeout' | 'hang' | 'memory' | 'output';
  message: string;
  place: Place | null;
}

export interface Result {
  /** JSON of each event that came out, in order; none where it was dropped. */
  outputs: string[];
  failure: Failure | null;
  /** The transformation that left the event out, where nothing came out; place in the chain. */
  droppedBy: number | null;
  /** CPU time of all transformations. */
  micros: number;
  /** What was written with `console.log`; only where it was asked for. */
  logs?: string[];
}

/** What one transformation did in a run. */
export interface Count {
  events: number;
  dropped: number;
  failed: number;
  slow: number;
  micros: number;
}

/** How far a transformation is from being paused; kept by whoever runs it again and again. */
export interface Standing {
  /** Time-outs in a row. */
  timeouts: number;
  /** CPU time it has left, in microseconds. */
  leftMicros: number;
}

export interface RunRequest {
  id: number;
  sourceId: number;
  programs: Program[];
  inputs: Input[];
  standings: Standing[];
  logs: boolean;
}

export type RunAnswer =
  | { kind: 'ready' }
  | { kind: 'part'; id: number; results: Result[] }
  | {
      kind: 'done';
      id: number;
      results: Result[];
      counts: Count[];
      standings: Standing[];
      /** The run ended early: this transformation shall be paused. The last result is that of the event that decided it. */
      paused: { program: number; why: 'timeouts' | 'slow' } | null;
    };

/** Memory that both threads see: how many events of a run were begun, and in which transformation the last one is. */
export const PROGRESS = { run: 0, event: 1, program: 2 } as const;
export const PROGRESS_BYTES = 12;

export const newCount = (): Count => ({ events: 0, dropped: 0, failed: 0, slow: 0, micros: 0 });
