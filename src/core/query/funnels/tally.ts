import { average, median } from './numbers.ts';

/** What is kept of each subject that entered: a row of numbers. */
export const ROW = { id: 0, group: 1, taken: 2, bucket: 3, arrivals: 4 } as const;

/** What becomes of the rows of one series: milliseconds. */
export interface Tally {
  steps: { subjects: number; median: number | null; average: number | null }[];
  toConvert: { median: number | null; average: number | null; bins: { from: number; to: number; subjects: number }[] };
  over: { entered: number[]; converted: number[] } | null;
}

const BINS_LIMIT = 60;
const SECOND = 1000;

/** Adds up the rows that begin at the given places. `before` is the step that each is measured from. */
export function tally(rows: Float64Array, places: Float64Array, before: readonly number[], buckets: number): Tally {
  const last = before.length - 1;
  const counts = new Float64Array(before.length);
  for (const row of places) {
    const taken = rows[row + ROW.taken]!;
    for (let step = 0; step <= last; step++) counts[step]! += (taken >>> step) & 1;
  }
  const times = Array.from(counts, (count, step) => new Float64Array(step === 0 ? 0 : count));
  const whole = new Float64Array(counts[last]!);
  const filled = new Int32Array(before.length);
  for (const row of places) {
    const taken = rows[row + ROW.taken]!;
    const arrivals = row + ROW.arrivals;
    for (let step = 1; step <= last; step++) {
      if (((taken >>> step) & 1) === 0) continue;
      const at = rows[arrivals + step]!;
      if (step === last) whole[filled[step]!] = at - rows[arrivals]!;
      times[step]![filled[step]!++] = at - rows[arrivals + before[step]!]!;
    }
  }
  return {
    steps: times.map((list, step) => ({ subjects: counts[step]!, average: average(list), median: median(list) })),
    toConvert: { average: average(whole), bins: binsOf(whole), median: median(whole) },
    over: buckets > 0 ? overTime(rows, places, last, buckets) : null,
  };
}

/** As many bins as the cube root of the count, as wide as whole seconds allow. */
function binsOf(times: Float64Array): Tally['toConvert']['bins'] {
  if (times.length === 0) return [];
  let [least, most] = [Number.POSITIVE_INFINITY, 0];
  for (const time of times) {
    least = Math.min(least, time);
    most = Math.max(most, time);
  }
  const wanted = Math.min(BINS_LIMIT, Math.ceil(Math.cbrt(times.length)));
  const start = Math.floor(least / SECOND) * SECOND;
  const width = Math.max(1, Math.ceil((most - start) / wanted / SECOND)) * SECOND;
  const counts = new Array<number>(Math.floor((most - start) / width) + 1).fill(0);
  for (const time of times) counts[Math.floor((time - start) / width)]!++;
  return counts.map((subjects, index) => ({
    from: start + index * width,
    to: start + (index + 1) * width,
    subjects,
  }));
}

function overTime(rows: Float64Array, places: Float64Array, last: number, buckets: number): Tally['over'] {
  const entered = new Array<number>(buckets).fill(0);
  const converted = new Array<number>(buckets).fill(0);
  for (let index = 0; index < places.length; index++) {
    const row = places[index]!;
    const bucket = rows[row + ROW.bucket]!;
    entered[bucket]!++;
    if ((rows[row + ROW.taken]! >>> last) & 1) converted[bucket]!++;
  }
  return { entered, converted };
}
