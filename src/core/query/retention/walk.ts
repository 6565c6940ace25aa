import type { Sequence, Walk, Walker } from '../walk/walk.ts';

/** Bits of an event's code; the rest is `4 * (currency + currencies * value of the breakdown)`. */
export const START = 1;
export const RETURN = 2;

/** Times are milliseconds since the walk's from. */
export interface RetentionOptions {
  edges: number[];
  /** The first so many intervals are those in which people start. */
  cohorts: number;
  offsets: number[];
  rolling: number;
  begun: number[];
  complete: number[];
  /** Starts from here on count no more. */
  startsUntil: number;
  first: boolean;
  orAfter: boolean;
  atLeast: number;
  /** Rows are the values of the breakdown, so many; or, without, the cohorts. */
  breakdown: number | null;
  currencies: number;
  values: boolean;
  /** In place of counting: who was counted, or not, in a period of some rows. All rows where there are none. */
  collect?: { rows: number[] | null; period: number; returned: boolean; limit: number };
}

/** Lists row by row, period by period (and currency by currency). */
export interface RetentionCounts {
  /** Starts; by row and how many periods are over. */
  sizes: Float64Array;
  people: Float64Array;
  sums: Float64Array;
  counts: Float64Array;
  /** The sums of period 0, by row, how many periods are over, and currency. */
  bases: Float64Array;
  collected: number[];
}

export const retentionWalk: Walk<RetentionOptions, RetentionCounts> = {
  begin: (options) => new RetentionWalker(options),
};

class RetentionWalker implements Walker<RetentionCounts> {
  readonly #options: RetentionOptions;
  readonly #periods: number;
  readonly #counts: RetentionCounts;
  readonly #rows: ReadonlySet<number> | null;
  /** The subject's returns: their times, values and currencies. */
  #times = new Float64Array(64);
  #values = new Float64Array(64);
  #currencies = new Uint16Array(64);
  #length = 0;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#periods = options.offsets.length - 1;
    const rows = options.breakdown ?? options.cohorts;
    const [periods, { currencies }] = [this.#periods, options];
    const valued = options.values ? currencies : 0;
    this.#counts = {
      sizes: new Float64Array(rows * (periods + 1)),
      people: new Float64Array(rows * periods),
      sums: new Float64Array(rows * periods * valued),
      counts: new Float64Array(rows * periods * valued),
      bases: new Float64Array(rows * (periods + 1) * valued),
      collected: [],
    };
    this.#rows = options.collect?.rows ? new Set(options.collect.rows) : null;
  }

  subject(of: Sequence): void {
    this.#readReturns(of);
    const { edges, cohorts, first, startsUntil, currencies, breakdown } = this.#options;
    let [interval, joined] = [0, -1];
    for (let index = 0; index < of.length; index++) {
      const code = of.codes[index]!;
      if ((code & START) === 0) continue;
      const time = of.times[index]!;
      if (time >= startsUntil) return;
      while (interval < cohorts && time >= edges[interval + 1]!) interval++;
      if (interval >= cohorts) return;
      if (interval === joined) continue;
      joined = interval;
      const row = breakdown === null ? interval : Math.floor((code >>> 2) / currencies);
      if (this.#options.collect) this.#collect(of.person, time, interval, row);
      else this.#count(time, interval, row);
      if (first) return;
    }
  }

  result(): RetentionCounts {
    const { collect } = this.#options;
    if (collect) this.#counts.collected = smallest(this.#counts.collected, collect.limit);
    return this.#counts;
  }

  #readReturns(of: Sequence): void {
    if (this.#times.length < of.length) {
      this.#times = new Float64Array(of.length * 2);
      this.#values = new Float64Array(of.length * 2);
      this.#currencies = new Uint16Array(of.length * 2);
    }
    const { values, currencies } = this.#options;
    let length = 0;
    for (let index = 0; index < of.length; index++) {
      const code = of.codes[index]!;
      if ((code & RETURN) === 0) continue;
      this.#times[length] = of.times[index]!;
      if (values) {
        this.#values[length] = of.extras.value![index]!;
        this.#currencies[length] = (code >>> 2) % currencies;
      }
      length++;
    }
    this.#length = length;
  }

  #count(start: number, cohort: number, row: number): void {
    const { begun, complete, breakdown, orAfter, atLeast, values } = this.#options;
    const { sizes, people } = this.#counts;
    const over = complete[cohort]!;
    sizes[row * (this.#periods + 1) + over]!++;
    // Of a breakdown and its total only what is over for all counts, so that young starts do not pull it down.
    const until = breakdown === null ? begun[cohort]! : over;
    let from = this.#seek(0, start);
    for (let period = 0; period < until && from < this.#length; period++) {
      const to = this.#seek(from, this.#ends(start, cohort, period));
      if ((orAfter ? this.#length : to) - from >= atLeast) people[row * this.#periods + period]!++;
      if (values && to > from) this.#addValues(row, period, over, from, to);
      from = to;
    }
  }

  #addValues(row: number, period: number, over: number, from: number, to: number): void {
    const { currencies } = this.#options;
    const { sums, counts, bases } = this.#counts;
    const at = (row * this.#periods + period) * currencies;
    const base = (row * (this.#periods + 1) + over) * currencies;
    for (let index = from; index < to; index++) {
      const value = this.#values[index]!;
      if (Number.isNaN(value)) continue;
      const currency = this.#currencies[index]!;
      sums[at + currency]! += value;
      counts[at + currency]!++;
      if (period === 0) bases[base + currency]! += value;
    }
  }

  #collect(person: number, start: number, cohort: number, row: number): void {
    const { begun, complete, breakdown, orAfter, atLeast, collect } = this.#options;
    const { rows, period, returned, limit } = collect!;
    if (this.#rows && !this.#rows.has(row)) return;
    if (period >= (breakdown === null && rows ? begun : complete)[cohort]!) return;
    const from = this.#seek(0, period === 0 ? start : Math.max(start, this.#ends(start, cohort, period - 1)));
    const to = orAfter ? this.#length : this.#seek(from, this.#ends(start, cohort, period));
    if (to - from >= atLeast !== returned) return;
    const { collected } = this.#counts;
    if (collected.at(-1) === person) return;
    collected.push(person);
    if (collected.length > limit * 4 + 10_000) this.#counts.collected = smallest(collected, limit);
  }

  #ends(start: number, cohort: number, period: number): number {
    const { edges, offsets, rolling } = this.#options;
    const offset = offsets[period + 1]!;
    return rolling > 0 ? start + offset * rolling : (edges[cohort + offset] ?? Number.POSITIVE_INFINITY);
  }

  /** The first return from `from` on that is not before a time: in steps that double, so that a long list costs little. */
  #seek(from: number, time: number): number {
    const [times, length] = [this.#times, this.#length];
    let [low, stride] = [from, 1];
    while (low + stride <= length && times[low + stride - 1]! < time) {
      low += stride;
      stride *= 2;
    }
    let high = Math.min(low + stride - 1, length);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (times[middle]! < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The smallest of them, each once, in order. */
function smallest(ids: number[], limit: number): number[] {
  const sorted = Float64Array.from(ids).sort();
  return [...sorted.filter((id, index) => index === 0 || id !== sorted[index - 1])].slice(0, limit);
}
