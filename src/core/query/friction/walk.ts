import { judgeOf } from '../funnels/judges.ts';
import { Rows } from '../funnels/numbers.ts';
import type { Judge, Rules } from '../funnels/rules.ts';
import type { Sequence, Walk, Walker } from '../walk/walk.ts';
import { type Found, findIn, type Table } from './find.ts';

export interface FrictionOptions {
  rules: Rules;
  /** Bits of a code that are the funnel's; the number of the event's name stands above them, 0 for none that is looked at. */
  bits: number;
  names: number;
  /** How many values each thing known of a subject may have: device first. */
  values: number[];
  measures: number;
  atLeast: number;
  falseShare: number;
  /** Asks for ids in place of findings. */
  collect?: { key: string; outcome: 'dropped' | 'converted' | null; after: number; limit: number };
}

export interface FrictionCounts {
  /** Who did each step. */
  reached: number[];
  found: Found[];
  people: number[];
}

/** What happened within a visit after a step belongs to it: a visit ends with half an hour of nothing. */
const IDLE_MS = 30 * 60_000;

export const frictionWalk: Walk<FrictionOptions, FrictionCounts> = { begin: (options) => new FrictionWalker(options) };

/**
 * For each subject and each step it did but the last: whether it went on, what is known of it, the largest of each measure
 * and the names of the events that it met on the way. The way begins with the step and ends with the next one, or where
 * the visit of the step ends.
 */
class FrictionWalker implements Walker<FrictionCounts> {
  readonly #options: FrictionOptions;
  readonly #judge: Judge;
  readonly #reached: number[];
  readonly #rows: Rows;
  readonly #met: { values: Uint16Array; length: number } = { values: new Uint16Array(1 << 16), length: 0 };
  readonly #masks: { values: Uint32Array } = { values: new Uint32Array(64) };
  readonly #seen: Int32Array;
  #way = 0;

  constructor(options: FrictionOptions) {
    this.#options = options;
    this.#judge = judgeOf(options.rules);
    this.#reached = new Array<number>(options.rules.steps).fill(0);
    this.#rows = new Rows(4 + options.values.length + options.measures);
    this.#seen = new Int32Array(options.names + 1);
  }

  subject(of: Sequence): void {
    const { rules, bits } = this.#options;
    if (this.#masks.values.length < of.length) this.#masks.values = new Uint32Array(of.length * 2);
    const masks = this.#masks.values;
    const low = 2 ** bits - 1;
    for (let index = 0; index < of.length; index++) masks[index] = of.codes[index]! & low;
    this.#judge.judge(of.times, masks, 0, of.length);
    const { level, taken, left, arrivals, events } = this.#judge.judgement;
    if (level < 0 || left) return;
    let step = 0;
    while (step < rules.steps) {
      let next = step + 1;
      this.#reached[step]!++;
      while (next < rules.steps && ((taken >>> next) & 1) === 0) next++;
      if (step < rules.steps - 1) {
        const on = next < rules.steps;
        this.#add(of, step, on, events[step]!, on ? arrivals[next]! : Number.POSITIVE_INFINITY);
      }
      step = next;
    }
  }

  #add(of: Sequence, step: number, on: boolean, from: number, until: number): void {
    const { values, measures, bits } = this.#options;
    const at = this.#rows.add();
    const row = this.#rows.values;
    row[at] = of.person || of.id;
    row[at + 1] = step;
    row[at + 2] = on ? 1 : 0;
    const known = at + 4;
    for (let index = 0; index < values.length; index++) row[known + index] = of.once[`v${index}`]!;
    for (let index = 0; index < measures; index++) row[known + values.length + index] = Number.NaN;
    this.#way++;
    let last = of.times[from]!;
    for (let index = from; index < of.length; index++) {
      const time = of.times[index]!;
      if (time > until || time - last > IDLE_MS) break;
      last = time;
      for (let one = 0; one < measures; one++) {
        const value = of.extras[`m${one}`]![index]!;
        const place = known + values.length + one;
        if (!Number.isNaN(value) && !(row[place]! >= value)) row[place] = value;
      }
      const name = of.codes[index]! >>> bits;
      if (index === from || name === 0 || this.#seen[name] === this.#way) continue;
      this.#seen[name] = this.#way;
      this.#meet(name);
    }
    row[at + 3] = this.#met.length;
  }

  #meet(name: number): void {
    const met = this.#met;
    if (met.length === met.values.length) {
      const larger = new Uint16Array(met.length * 2);
      larger.set(met.values);
      met.values = larger;
    }
    met.values[met.length++] = name;
  }

  result(): FrictionCounts {
    const { rules, names, values, measures } = this.#options;
    const table: Table = {
      rows: this.#rows.values,
      length: this.#rows.length,
      width: 4 + values.length + measures,
      met: this.#met.values,
      steps: rules.steps,
      names,
      values,
      measures,
    };
    const { found, people } = findIn(table, this.#options);
    return { reached: this.#reached, found, people };
  }
}
