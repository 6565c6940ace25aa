import type { Sequence, Walk, Walker } from '../walk/walk.ts';
import { bestByValue } from './held.ts';
import { judgeOf } from './judges.ts';
import type { Judgement, Rules } from './rules.ts';

export interface CorrelationWalkOptions {
  rules: Rules;
  hold: boolean;
  /** Values are numbered from 1; 0 is none of them. */
  values: number;
  /** After the entry, also with it, or before the conversion, or ever. */
  when: 'after' | 'since' | 'before' | 'ever';
  /** Whether events that are steps count as well. */
  steps: boolean;
}

export interface CorrelationWalkResult {
  converted: number;
  dropped: number;
  /** For each value, how many of either had it. */
  withConverted: Float64Array;
  withDropped: Float64Array;
}

export const correlationWalk: Walk<CorrelationWalkOptions, CorrelationWalkResult> = {
  begin: (options) => new CorrelationWalker(options),
};

class CorrelationWalker implements Walker<CorrelationWalkResult> {
  readonly #options: CorrelationWalkOptions;
  readonly #judgement: Judgement;
  readonly #judge: (of: Sequence) => void;
  readonly #result: CorrelationWalkResult;
  /** The subject that a value was last seen of: each counts once. */
  readonly #seenOf: Float64Array;
  #subjects = 0;

  constructor(options: CorrelationWalkOptions) {
    this.#options = options;
    const judge = judgeOf(options.rules);
    const held = options.hold ? bestByValue(judge, options.rules.steps) : null;
    this.#judgement = (held ?? judge).judgement;
    this.#judge = held
      ? (of) => held.judge(of.times, of.codes, of.extras.hold!, of.length)
      : (of) => judge.judge(of.times, of.codes, 0, of.length);
    const size = options.values + 1;
    this.#seenOf = new Float64Array(size);
    this.#result = {
      converted: 0,
      dropped: 0,
      withConverted: new Float64Array(size),
      withDropped: new Float64Array(size),
    };
  }

  subject(of: Sequence): void {
    this.#judge(of);
    const { level, left, arrivals } = this.#judgement;
    if (left || level < 0) return;
    const { rules, when, steps } = this.#options;
    const subject = ++this.#subjects;
    const converted = level === rules.steps - 1;
    if (converted) this.#result.converted++;
    else this.#result.dropped++;
    const counts = converted ? this.#result.withConverted : this.#result.withDropped;
    const ever = when === 'ever';
    const from = ever || when === 'before' ? Number.NEGATIVE_INFINITY : arrivals[0]!;
    // What came in the moment of converting did not come before it; the window's end belongs to the window.
    const until = ever ? Number.POSITIVE_INFINITY : converted ? arrivals[level]! : arrivals[0]! + rules.windowMs + 1;
    const stepBits = steps ? 0 : 2 ** rules.steps - 1;
    const values = of.extras.value!;
    for (let index = 0; index < of.length; index++) {
      const at = of.times[index]!;
      if (at < from || at >= until || (when === 'after' && at === from)) continue;
      const value = values[index]!;
      if (!(value > 0) || (of.codes[index]! & stepBits) !== 0 || this.#seenOf[value] === subject) continue;
      this.#seenOf[value] = subject;
      counts[value]!++;
    }
  }

  result(): CorrelationWalkResult {
    return this.#result;
  }
}
