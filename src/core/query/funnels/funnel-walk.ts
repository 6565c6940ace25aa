import type { Sequence, Walk, Walker } from '../walk/walk.ts';
import { bestByValue } from './held.ts';
import { judgeOf } from './judges.ts';
import { Rows } from './numbers.ts';
import { type Judgement, type Rules, requiredBefore } from './rules.ts';
import { ROW, type Tally, tally } from './tally.ts';

export interface FunnelWalkOptions {
  rules: Rules;
  /** Numbers of values are those of a list, counted from 1; 0 stands for none, and one more than there are for the rest. */
  values: number;
  /** Where the number of the value comes from: the subject, or the event that was a certain step. */
  attribution: 'none' | 'subject' | number;
  hold: boolean;
  /** Where the intervals begin, in milliseconds since the walk's beginning; the first may lie before it. */
  buckets: number[];
  top: number;
  /** Asks for ids instead of counts. */
  people: WantedPeople | null;
}

export interface WantedPeople {
  step: number;
  outcome: 'converted' | 'dropped' | 'excluded';
  /** The number of a value; null for all that are not shown; undefined for everybody. */
  value?: number | null | undefined;
  bucket?: number | undefined;
  /** Only ids after this one, and only so many. */
  after: number;
  limit: number;
}

export interface FunnelWalkResult {
  excluded: number;
  total: Tally;
  /** By the number of the value; null for all that are not shown. */
  series: { value: number | null; tally: Tally }[];
  /** Ascending, each once. */
  people: number[];
}

export const funnelWalk: Walk<FunnelWalkOptions, FunnelWalkResult> = {
  begin: (options) => new FunnelWalker(options),
};

class FunnelWalker implements Walker<FunnelWalkResult> {
  readonly #options: FunnelWalkOptions;
  readonly #judgement: Judgement;
  readonly #judge: (of: Sequence) => void;
  readonly #rows: Rows;
  readonly #starts: Float64Array;
  readonly #excluded: number[] = [];
  #left = 0;

  constructor(options: FunnelWalkOptions) {
    this.#options = options;
    const judge = judgeOf(options.rules);
    if (options.hold) {
      const held = bestByValue(judge, options.rules.steps);
      this.#judgement = held.judgement;
      this.#judge = (of) => held.judge(of.times, of.codes, of.extras.hold!, of.length);
    } else {
      this.#judgement = judge.judgement;
      this.#judge = (of) => judge.judge(of.times, of.codes, 0, of.length);
    }
    this.#rows = new Rows(ROW.arrivals + options.rules.steps);
    this.#starts = Float64Array.from(options.buckets);
  }

  subject(of: Sequence): void {
    this.#judge(of);
    const { level, left, taken, arrivals, events } = this.#judgement;
    if (left) {
      this.#left++;
      if (this.#options.people?.outcome === 'excluded') this.#excluded.push(of.person || of.id);
      return;
    }
    if (level < 0) return;
    const { attribution, rules } = this.#options;
    const at = this.#rows.add();
    const { values } = this.#rows;
    values[at + ROW.id] = of.person || of.id;
    if (attribution === 'subject') values[at + ROW.group] = of.once.value!;
    else if (attribution !== 'none')
      values[at + ROW.group] = (taken >>> attribution) & 1 ? of.extras.value![events[attribution]!]! : 0;
    values[at + ROW.taken] = taken;
    values[at + ROW.bucket] = this.#starts.length === 0 ? 0 : lastAtMost(this.#starts, arrivals[0]!);
    for (let step = 0; step < rules.steps; step++) values[at + ROW.arrivals + step] = arrivals[step]!;
  }

  result(): FunnelWalkResult {
    const { rules, people, buckets } = this.#options;
    const before = requiredBefore(rules);
    const { values: rows, length } = this.#rows;
    const width = ROW.arrivals + rules.steps;
    const shown = this.#shown(rows, length, width);
    const result = { excluded: this.#left, series: [], people: [] };
    if (people) return { ...result, total: tally(rows, new Float64Array(0), before, 0), people: this.#people(shown) };
    const all = new Float64Array(length);
    for (let index = 0; index < length; index++) all[index] = index * width;
    const total = tally(rows, all, before, buckets.length);
    if (this.#options.attribution === 'none') return { ...result, total };
    const series = partition(rows, all, shown, this.#options.values + 2).flatMap((places, index) =>
      places.length === 0 ? [] : [{ value: shown[index] ?? null, tally: tally(rows, places, before, buckets.length) }],
    );
    return { ...result, total, series };
  }

  /** The values with the most subjects; of equal ones the first in the list. What is in no list is never shown. */
  #shown(rows: Float64Array, length: number, width: number): number[] {
    const { values, top, attribution } = this.#options;
    if (attribution === 'none') return [];
    const counts = new Float64Array(values + 2);
    for (let index = 0; index < length; index++) counts[rows[index * width + ROW.group]!]!++;
    return Array.from({ length: values + 1 }, (_, value) => value)
      .filter((value) => counts[value]! > 0)
      .sort((a, b) => counts[b]! - counts[a]! || a - b)
      .slice(0, top);
  }

  #people(shown: readonly number[]): number[] {
    const { rules, people } = this.#options;
    const { step, outcome, value, bucket } = people!;
    const found = new Set<number>(outcome === 'excluded' ? this.#excluded : []);
    const before = requiredBefore(rules)[step]!;
    const { values: rows, length } = this.#rows;
    for (let index = 0; index < length && outcome !== 'excluded'; index++) {
      const row = index * (ROW.arrivals + rules.steps);
      const taken = rows[row + ROW.taken]!;
      const did = ((taken >>> step) & 1) === 1;
      if (outcome === 'converted' ? !did : did || before < 0 || ((taken >>> before) & 1) === 0) continue;
      if (bucket !== undefined && rows[row + ROW.bucket] !== bucket) continue;
      const group = rows[row + ROW.group]!;
      if (value === null ? shown.includes(group) : value !== undefined && value !== group) continue;
      found.add(rows[row + ROW.id]!);
    }
    const { after, limit } = people!;
    return [...found]
      .filter((id) => id > after)
      .sort((a, b) => a - b)
      .slice(0, limit);
  }
}

/** The rows' places by what is shown of them, and at the end those of which nothing is. */
function partition(rows: Float64Array, all: Float64Array, shown: readonly number[], groups: number): Float64Array[] {
  const partOf = new Int32Array(groups).fill(shown.length);
  for (const [index, value] of shown.entries()) partOf[value] = index;
  const counts = new Float64Array(shown.length + 1);
  for (const row of all) counts[partOf[rows[row + ROW.group]!]!]!++;
  const parts = Array.from(counts, (count) => new Float64Array(count));
  counts.fill(0);
  for (const row of all) {
    const part = partOf[rows[row + ROW.group]!]!;
    parts[part]![counts[part]!++] = row;
  }
  return parts;
}

/** Where the last of the sorted numbers stands that is at most so much. */
function lastAtMost(starts: Float64Array, at: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}
