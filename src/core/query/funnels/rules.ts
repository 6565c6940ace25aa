/** A funnel as the walk's thread gets it: numbers only. Steps are bits of an event's mask, exclusions the bits after them. */
export interface Rules {
  steps: number;
  /** Bits of the steps that may be left out. */
  optional: number;
  /** Milliseconds from the entry to the last step, inclusive. */
  windowMs: number;
  /** For each step, the bits of the exclusions that must not happen between having done it and going on. */
  forbidden: number[];
  way: 'ordered' | 'strict' | 'any' | 'mixpanel';
}

/**
 * What a funnel makes of one subject's events. The same object is used for every subject: read it before judging the next.
 */
export interface Judgement {
  /** How far the subject came: the last step that the counted attempt did, from 0; −1 where it never entered. */
  level: number;
  /** An exclusion stopped the attempt that came furthest: the subject is not in the funnel at all. */
  left: boolean;
  /** Bits of the steps done. */
  taken: number;
  /** When each step was done, where `taken` says that it was: milliseconds since the walk's beginning. */
  readonly arrivals: Float64Array;
  /** Which of the events did it. */
  readonly events: Int32Array;
}

export interface Judge {
  readonly judgement: Judgement;
  /** Judges the events from index `from` to before `to`, which are sorted by time. */
  judge(times: Float64Array, masks: Uint32Array, from: number, to: number): void;
}

export const newJudgement = (steps: number): Judgement => ({
  level: -1,
  left: false,
  taken: 0,
  arrivals: new Float64Array(steps),
  events: new Int32Array(steps),
});

/** For each step the one that must have been done before it: the last that is not optional; −1 before the first. */
export function requiredBefore({ steps, optional }: Rules): number[] {
  let last = -1;
  return Array.from({ length: steps }, (_, step) => {
    const before = last;
    if ((optional & (1 << step)) === 0) last = step;
    return before;
  });
}
