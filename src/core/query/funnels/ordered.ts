import { StepMatching } from './matching-steps.ts';
import { type Attempt, moveTogether } from './moment.ts';
import { type Judge, type Judgement, newJudgement, type Rules, requiredBefore } from './rules.ts';

const NONE = -1;

/**
 * Steps in their order, as PostHog counts them; docs/funnels.md has the rules. For each step it keeps the one attempt that
 * stands there (the latest to have begun), so a subject's events are looked at once, whatever their number.
 */
export function orderedJudge(rules: Rules): Judge {
  return new OrderedJudge(rules);
}

class OrderedJudge implements Judge {
  readonly judgement: Judgement;
  readonly #steps: number;
  readonly #stepBits: number;
  readonly #window: number;
  readonly #strict: boolean;
  readonly #forbidden: readonly number[];
  readonly #anyForbidden: boolean;
  readonly #before: readonly number[];
  readonly #optional: number;
  /** Of the attempt at each step: its entry, or NONE; its newest step; the steps done; whether an exclusion hit it. */
  readonly #entry: Float64Array;
  readonly #newest: Float64Array;
  readonly #taken: Int32Array;
  readonly #struck: Uint8Array;
  /** Where the steps' times and events of the attempt lie: moved by exchanging rows. */
  readonly #row: Int32Array;
  readonly #arrivals: Float64Array;
  readonly #events: Int32Array;
  /** No exclusions, no optional steps, no strict order. */
  readonly #simple: boolean;
  #bestEntry = NONE;
  #bestNewest = NONE;
  #bestStruck = false;
  /** The furthest that an attempt came which was struck and then would have gone on. */
  #struckLevel = NONE;
  #highest = NONE;

  constructor(rules: Rules) {
    const { steps } = rules;
    this.judgement = newJudgement(steps);
    this.#steps = steps;
    this.#stepBits = 2 ** steps - 1;
    this.#window = rules.windowMs;
    this.#strict = rules.way === 'strict';
    this.#forbidden = rules.forbidden;
    this.#anyForbidden = rules.forbidden.some((bits) => bits !== 0);
    this.#before = requiredBefore(rules);
    this.#optional = rules.optional;
    this.#simple = !this.#strict && !this.#anyForbidden && rules.optional === 0;
    this.#entry = new Float64Array(steps);
    this.#newest = new Float64Array(steps);
    this.#taken = new Int32Array(steps);
    this.#struck = new Uint8Array(steps);
    this.#row = new Int32Array(steps);
    this.#arrivals = new Float64Array(steps * steps);
    this.#events = new Int32Array(steps * steps);
  }

  judge(times: Float64Array, masks: Uint32Array, from: number, to: number): void {
    const { judgement } = this;
    for (let step = 0; step < this.#steps; step++) {
      this.#entry[step] = NONE;
      this.#row[step] = step * this.#steps;
    }
    judgement.level = NONE;
    judgement.taken = 0;
    this.#bestEntry = NONE;
    this.#bestNewest = NONE;
    this.#bestStruck = false;
    this.#struckLevel = NONE;
    this.#highest = NONE;
    const last = this.#steps - 1;
    const simple = this.#simple ? this.#stepBits : 0;
    const entries = this.#entry;
    let index = from;
    while (index < to) {
      const at = times[index]!;
      let end = index + 1;
      while (end < to && times[end] === at) end++;
      const mask = masks[index]!;
      if (simple !== 0 && end === index + 1 && mask <= simple && (mask & (mask - 1)) === 0) {
        // Nearly all events of nearly all funnels: one step, and nothing to be left out or broken.
        if (mask === 1) this.#enter(at, index);
        else if (mask !== 0) {
          const step = 31 - Math.clz32(mask);
          const entry = entries[step - 1]!;
          if (entry !== NONE && at - entry <= this.#window) {
            this.#move(step - 1, step, at, index);
            if (judgement.level === last) break;
          }
        }
        index = end;
        continue;
      }
      if (end === index + 1) this.#event(at, masks[index]!, index);
      else this.#moment(at, masks, index, end);
      if (judgement.level === last && !this.#bestStruck) break;
      index = end;
    }
    judgement.left = this.#bestStruck || this.#struckLevel > judgement.level;
    if (this.#struckLevel > judgement.level) judgement.level = this.#struckLevel;
  }

  /** An event that has its moment for itself. */
  #event(at: number, mask: number, index: number): void {
    const steps = mask & this.#stepBits;
    if (this.#anyForbidden && steps !== 0) this.#credit(at, steps);
    for (let step = Math.min(this.#steps - 1, this.#reachable()); step >= 0; step--) {
      if (((steps >>> step) & 1) === 0) continue;
      if (step === 0) this.#enter(at, index);
      else {
        const source = this.#source(step, at);
        if (source >= 0) this.#move(source, step, at, index);
      }
    }
    if (mask > this.#stepBits) this.#strike(at, mask);
    if (this.#strict) this.#breakAll(at, steps);
  }

  /** Several events of one moment, which count in any order. */
  #moment(at: number, masks: Uint32Array, from: number, to: number): void {
    let [union, several] = [0, false];
    for (let index = from; index < to; index++) {
      const mask = masks[index]!;
      union |= mask;
      const steps = mask & this.#stepBits;
      if ((steps & (steps - 1)) !== 0) several = true;
    }
    const steps = union & this.#stepBits;
    if (this.#anyForbidden && steps !== 0) this.#credit(at, steps);
    const stood = this.#strict ? this.#standing() : null;
    if (several) this.#moveTogether(at, masks, from, to);
    else {
      for (let step = 0; step < this.#steps; step++) {
        if (((steps >>> step) & 1) === 0) continue;
        const index = first(masks, from, to, step);
        if (step === 0) this.#enter(at, index);
        else {
          const source = this.#source(step, at);
          if (source >= 0) this.#move(source, step, at, index);
        }
      }
    }
    if (union > this.#stepBits) this.#strike(at, union);
    if (stood) this.#breakMoment(at, masks, from, to, stood);
  }

  /** The furthest step that anything could arrive at next. */
  #reachable(): number {
    let reachable = this.#highest + 1;
    while ((this.#optional >>> reachable) & 1) reachable++;
    return reachable;
  }

  /** Where the attempt stands that goes on to a step: the furthest along; NONE where there is none. */
  #source(step: number, at: number): number {
    const before = this.#before[step]!;
    for (let place = step - 1; place >= before && place >= 0; place--)
      if (this.#alive(place, at) && this.#struck[place] === 0) return place;
    return NONE;
  }

  #alive(place: number, at: number): boolean {
    return this.#entry[place] !== NONE && at - this.#entry[place]! <= this.#window;
  }

  #enter(at: number, index: number): void {
    this.#entry[0] = at;
    this.#newest[0] = at;
    this.#taken[0] = 1;
    this.#struck[0] = 0;
    this.#arrivals[this.#row[0]!] = at;
    this.#events[this.#row[0]!] = index;
    this.#arrived(0);
  }

  #move(source: number, step: number, at: number, index: number): void {
    const row = this.#row[source]!;
    this.#row[source] = this.#row[step]!;
    this.#row[step] = row;
    this.#entry[step] = this.#entry[source]!;
    this.#entry[source] = NONE;
    this.#newest[step] = at;
    this.#taken[step] = this.#taken[source]! | (1 << step);
    this.#struck[step] = 0;
    this.#arrivals[row + step] = at;
    this.#events[row + step] = index;
    this.#arrived(step);
  }

  /** The first attempt to come furthest is the one that counts, unless it is struck. */
  #arrived(step: number): void {
    const { judgement } = this;
    if (step > this.#highest) this.#highest = step;
    if (step < judgement.level || (step === judgement.level && !this.#bestStruck)) return;
    const row = this.#row[step]!;
    for (let one = 0; one <= step; one++) {
      judgement.arrivals[one] = this.#arrivals[row + one]!;
      judgement.events[one] = this.#events[row + one]!;
    }
    judgement.level = step;
    judgement.taken = this.#taken[step]!;
    this.#bestEntry = this.#entry[step]!;
    this.#bestNewest = this.#newest[step]!;
    this.#bestStruck = false;
  }

  /** Attempts that were struck end with the step at which they would have gone on. */
  #credit(at: number, steps: number): void {
    for (let place = 0; place < this.#steps - 1; place++) {
      if (this.#struck[place] === 0 || !this.#alive(place, at)) continue;
      for (let step = place + 1; step < this.#steps && this.#before[step]! <= place; step++) {
        if (((steps >>> step) & 1) === 0) continue;
        if (step > this.#struckLevel) this.#struckLevel = step;
        this.#entry[place] = NONE;
        break;
      }
    }
  }

  /** An exclusion hits the attempts that came to where they stand before this moment. */
  #strike(at: number, mask: number): void {
    const exclusions = mask & ~this.#stepBits;
    for (let place = 0; place < this.#steps - 1; place++) {
      if ((this.#forbidden[place]! & exclusions) === 0) continue;
      if (this.#alive(place, at) && this.#newest[place]! < at) this.#struck[place] = 1;
      if (this.judgement.level === place && this.#bestNewest < at && at - this.#bestEntry <= this.#window)
        this.#bestStruck = true;
    }
    const { level } = this.judgement;
    // Another may have come as far in this very moment, to be hit no more.
    if (
      this.#bestStruck &&
      level >= 0 &&
      this.#struck[level] === 0 &&
      this.#newest[level] === at &&
      this.#alive(level, at)
    )
      this.#arrived(level);
  }

  /** In strict order an event that is neither the next step nor the same one again ends an attempt. */
  #breakAll(at: number, steps: number): void {
    for (let place = 0; place < this.#steps; place++)
      if (this.#newest[place]! < at && ((steps >>> place) & 1) === 0) this.#entry[place] = NONE;
  }

  /** The attempts by their entry, with where they stand: an entry is a moment, and each moment has one attempt. */
  #standing(): Map<number, number> {
    const stood = new Map<number, number>();
    for (let place = 0; place < this.#steps; place++)
      if (this.#entry[place] !== NONE) stood.set(this.#entry[place]!, place);
    return stood;
  }

  #breakMoment(at: number, masks: Uint32Array, from: number, to: number, stood: Map<number, number>): void {
    for (let place = 0; place < this.#steps; place++) {
      const entry = this.#entry[place]!;
      if (entry === NONE || entry === at) continue;
      const bits = (2 ** (place + 1) - 1) & ~(2 ** stood.get(entry)! - 1);
      for (let index = from; index < to; index++)
        if ((masks[index]! & bits) === 0) {
          this.#entry[place] = NONE;
          break;
        }
    }
  }

  /** Where events of one moment could be several steps each: rare, so it may take its time. */
  #moveTogether(at: number, masks: Uint32Array, from: number, to: number): void {
    const sources: Attempt[] = [];
    for (let place = 0; place < this.#steps; place++)
      if (this.#alive(place, at) && this.#struck[place] === 0) sources.push(this.#attempt(place));
    const moved = moveTogether(sources, new StepMatching(masks, from, to, this.#steps), this.#steps, this.#before, at);
    for (const { from: place } of moved) if (place >= 0) this.#entry[place] = NONE;
    for (const attempt of moved) this.#put(attempt, at);
    for (let place = 0; place < this.#steps; place++)
      for (let other = place + 1; other < this.#steps && this.#entry[place] !== NONE; other++)
        if (this.#struck[other] === 0 && this.#alive(other, at) && this.#entry[other]! > this.#entry[place]!)
          this.#entry[place] = NONE;
  }

  #attempt(place: number): Attempt {
    const row = this.#row[place]!;
    return {
      from: place,
      place,
      entry: this.#entry[place]!,
      taken: this.#taken[place]!,
      arrivals: [...this.#arrivals.subarray(row, row + this.#steps)],
      events: [...this.#events.subarray(row, row + this.#steps)],
    };
  }

  #put({ place, entry, taken, arrivals, events }: Attempt, at: number): void {
    this.#entry[place] = entry;
    this.#newest[place] = at;
    this.#taken[place] = taken;
    this.#struck[place] = 0;
    this.#arrivals.set(arrivals, this.#row[place]!);
    this.#events.set(events, this.#row[place]!);
    this.#arrived(place);
  }
}

function first(masks: Uint32Array, from: number, to: number, step: number): number {
  for (let index = from; index < to; index++) if ((masks[index]! >>> step) & 1) return index;
  return from;
}
