import { StepMatching } from './matching-steps.ts';
import { type Judge, type Judgement, newJudgement, type Rules } from './rules.ts';

/**
 * Steps in whatever order: how many different ones are done, by different events, within one window. `level` is one less
 * than that; `arrivals[k]` is when k + 1 of them were done.
 */
export function anyOrderJudge(rules: Rules): Judge {
  return new AnyOrderJudge(rules);
}

class AnyOrderJudge implements Judge {
  readonly judgement: Judgement;
  readonly #steps: number;
  readonly #window: number;

  constructor({ steps, windowMs }: Rules) {
    this.judgement = newJudgement(steps);
    this.#steps = steps;
    this.#window = windowMs;
  }

  judge(times: Float64Array, masks: Uint32Array, from: number, to: number): void {
    const held = new Held(this.#steps);
    let [best, bestStart, bestEnd] = [0, 0, 0];
    let first = from;
    let index = from;
    while (index < to && best < this.#steps) {
      const at = times[index]!;
      for (; index < to && times[index] === at; index++) held.add(masks[index]!);
      for (; times[first]! < at - this.#window; first++) held.remove(masks[first]!);
      const size = held.atMost() > best ? held.size() : 0;
      if (size <= best) continue;
      [best, bestStart, bestEnd] = [size, this.#latestStart(times, masks, first, index, size), index];
    }
    this.judgement.level = best - 1;
    this.judgement.taken = 2 ** best - 1;
    if (best > 0) this.#arrivals(times, masks, bestStart, bestEnd);
  }

  /** The latest moment from which on the events still make as many steps. */
  #latestStart(times: Float64Array, masks: Uint32Array, from: number, to: number, size: number): number {
    const held = new Held(this.#steps);
    let index = to;
    while (index > from) {
      const at = times[index - 1]!;
      for (; index > from && times[index - 1] === at; index--) held.add(masks[index - 1]!);
      if (held.atMost() >= size && held.size() >= size) break;
    }
    return index;
  }

  #arrivals(times: Float64Array, masks: Uint32Array, from: number, to: number): void {
    const held = new Held(this.#steps);
    let [index, known] = [from, 0];
    while (index < to) {
      const at = times[index]!;
      const begins = index;
      for (; index < to && times[index] === at; index++) held.add(masks[index]!);
      const size = held.atMost() > known ? held.size() : known;
      for (; known < size; known++) {
        this.judgement.arrivals[known] = at;
        this.judgement.events[known] = begins;
      }
    }
  }
}

/** The events of a window, counted by what they can be. */
class Held {
  readonly #steps: number;
  readonly #counts = new Map<number, number>();
  /** How many events can be each step, and whether one could be several. */
  readonly #of: Int32Array;
  #several = 0;
  #events = 0;
  #different = 0;

  constructor(steps: number) {
    this.#steps = steps;
    this.#of = new Int32Array(steps);
  }

  add(mask: number): void {
    this.#change(mask, 1);
  }

  remove(mask: number): void {
    this.#change(mask, -1);
  }

  /** No more steps than this can be done; cheap. */
  atMost(): number {
    return Math.min(this.#different, this.#events);
  }

  size(): number {
    if (this.#several === 0) return this.#different;
    const masks: number[] = [];
    for (const [mask, count] of this.#counts)
      for (let one = 0; one < Math.min(count, this.#steps); one++) masks.push(mask);
    return new StepMatching(Uint32Array.from(masks), 0, masks.length, this.#steps).size();
  }

  #change(mask: number, by: 1 | -1): void {
    if (mask === 0) return;
    this.#events += by;
    if ((mask & (mask - 1)) !== 0) {
      this.#several += by;
    }
    const count = (this.#counts.get(mask) ?? 0) + by;
    if (count === 0) this.#counts.delete(mask);
    else this.#counts.set(mask, count);
    for (let step = 0; step < this.#steps; step++) {
      if (((mask >>> step) & 1) === 0) continue;
      const before = this.#of[step]!;
      this.#of[step] = before + by;
      if (before === 0) this.#different++;
      else if (before + by === 0) this.#different--;
    }
  }
}
