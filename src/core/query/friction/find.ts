import { adjusted, type Loss, lossOf, type Stratum } from './statistics.ts';

/**
 * The ways of all subjects from each step. A row: id, step, whether it went on, where its names end in `met`, what is
 * known of it (numbers of values, 0 for none), its measures (NaN for none).
 */
export interface Table {
  rows: Float64Array;
  length: number;
  width: number;
  met: Uint16Array;
  steps: number;
  names: number;
  values: readonly number[];
  measures: number;
}

export type About =
  | { of: 'event'; name: number }
  | { of: 'value'; field: number; value: number }
  | { of: 'measure'; measure: number; threshold: number };

/** Something that those who met it went on less often after. `key` names it among all that were looked at. */
export interface Found extends Loss {
  key: string;
  step: number;
  about: About;
  /** What the same ways show too: other measures of the same slowness, events that come with it. */
  also: About[];
  q: number;
  /** A tenth of the ways a point: the largest measure in it, and the share that went on. */
  curve: { upTo: number; rate: number; ways: number }[] | null;
  /** Of the loss, how much lies with each device: its number and the conversions missing there. */
  byDevice: { value: number; lost: number; met: number }[];
  examples: number[];
}

interface Candidate extends Found {
  /** Ways that were not looked at, by their place among those of the step: another finding has them already. */
  left: Uint8Array | null;
  /** It says no more than another, which names it. */
  folded: boolean;
}

interface Asked {
  atLeast: number;
  falseShare: number;
  collect?: { key: string; outcome: 'dropped' | 'converted' | null; after: number; limit: number };
}

const ID = 0;
const STEP = 1;
const ON = 2;
const MET_END = 3;
const KNOWN = 4;
const EXAMPLES = 5;
/** Tenths at whose ends a measure may begin to hurt: half of the ways or fewer are slow. */
const TENTHS = [5, 6, 7, 8, 9];
/** Events that were met on so large a share of the ways on which either was are one finding. */
const SAME_WAYS = 0.8;

/**
 * What goes with not going on, at each step. Measures come first, among ways of the same device; then what happened, among
 * ways of the same device that were as slow; then what is known, among ways that were not slow: so that a slow page on
 * phones is not also found as "phones", "their browser" and "their system". Of measures the clearest comes first, and
 * others are looked at where it was not slow: of one slow page every measure of time is large.
 */
export function findIn(table: Table, asked: Asked): { found: Found[]; people: number[] } {
  const steps = Array.from({ length: table.steps - 1 }, (_, step) => waysOf(table, step));
  const candidates: Candidate[] = [];
  steps.forEach((ways, step) => {
    const slow = new Uint8Array(ways.length);
    candidates.push(...slownesses(table, ways, step, slow, asked));
    const met = eventsMet(table, ways, step, slow, asked.atLeast);
    foldSame(table, ways, met, asked.falseShare);
    candidates.push(...met);
    candidates.push(...known(table, ways, step, slow, asked.atLeast));
  });
  const q = adjusted(candidates.map((one) => one.p));
  const found = candidates
    .map((one, index) => ({ ...one, q: q[index]! }))
    .filter((one) => !one.folded && one.lost > 0 && one.q <= asked.falseShare)
    .sort((a, b) => b.lost - a.lost);
  for (const one of found) describe(table, steps[one.step]!, one);
  return {
    found: found.map(({ left: _, folded: __, ...one }) => one),
    people: asked.collect ? collected(table, steps, candidates, asked.collect) : [],
  };
}

const clarity = ({ lost, standardError }: Loss) => (standardError === 0 ? 0 : lost / standardError);

/** The measures that go with leaving, the clearest first; marks the ways that are slow by one of them in `slow`. */
function slownesses(table: Table, ways: readonly number[], step: number, slow: Uint8Array, asked: Asked): Candidate[] {
  const all = Array.from({ length: table.measures }, (_, measure) =>
    slowness(table, ways, step, measure, asked.atLeast, null),
  ).filter((one) => one !== null);
  all.sort((a, b) => clarity(b) - clarity(a));
  const clear = (one: Loss) => one.lost > 0 && one.p <= asked.falseShare / 10;
  const kept: Candidate[] = [];
  return all.map((one) => {
    if (!clear(one) || one.about.of !== 'measure') return one;
    const { measure } = one.about;
    const own = kept.length === 0 ? one : slowness(table, ways, step, measure, asked.atLeast, Uint8Array.from(slow));
    if (!own || !clear(own) || own.about.of !== 'measure') {
      kept[0]!.also.push(one.about);
      one.folded = true;
      return one;
    }
    const { threshold } = own.about;
    ways.forEach((row, index) => {
      if (measureOf(table, row, measure) > threshold) slow[index] = 1;
    });
    kept.push(own);
    return own;
  });
}

/** Of clear events that were met on nearly the same ways, the clearest names the others. */
function foldSame(table: Table, ways: readonly number[], events: Candidate[], falseShare: number): void {
  const clear = events
    .filter((one) => one.lost > 0 && one.p <= falseShare)
    .sort((a, b) => clarity(b) - clarity(a) || a.key.localeCompare(b.key));
  const waysOf = new Map(
    clear.map((one) => [one, new Set(ways.filter((row) => metBy(table, row, one) === true))] as const),
  );
  clear.forEach((one, place) => {
    const own = waysOf.get(one)!;
    const like = clear.slice(0, place).find((other) => {
      if (other.folded) return false;
      const both = own.intersection(waysOf.get(other)!).size;
      return both >= SAME_WAYS * (own.size + waysOf.get(other)!.size - both);
    });
    if (!like) return;
    like.also.push(one.about);
    one.folded = true;
  });
}

/** Where the rows of a step begin. */
function waysOf(table: Table, step: number): number[] {
  const found: number[] = [];
  for (let row = 0; row < table.length * table.width; row += table.width)
    if (table.rows[row + STEP] === step) found.push(row);
  return found;
}

const measureOf = (table: Table, row: number, measure: number) =>
  table.rows[row + KNOWN + table.values.length + measure]!;
const knownOf = (table: Table, row: number, field: number) => table.rows[row + KNOWN + field]!;
const wentOn = (table: Table, row: number) => table.rows[row + ON] === 1;

function namesOf(table: Table, row: number): Uint16Array {
  const from = row === 0 ? 0 : table.rows[row - table.width + MET_END]!;
  return table.met.subarray(from, table.rows[row + MET_END]!);
}

const emptyStratum = (): Stratum => ({ met: 0, metOn: 0, not: 0, notOn: 0 });

/** Splits ways into strata by those who met something. */
function split(
  table: Table,
  ways: readonly number[],
  strataOf: (row: number, index: number) => number,
  met: (row: number, index: number) => boolean | null,
): Stratum[] {
  const strata: Stratum[] = [];
  ways.forEach((row, index) => {
    const did = met(row, index);
    if (did === null) return;
    const place = strataOf(row, index);
    strata[place] ??= emptyStratum();
    const [stratum, on] = [strata[place]!, wentOn(table, row) ? 1 : 0];
    if (did) {
      stratum.met++;
      stratum.metOn += on;
    } else {
      stratum.not++;
      stratum.notOn += on;
    }
  });
  return strata.filter((stratum) => stratum !== undefined);
}

const candidate = (key: string, step: number, about: About, loss: Loss, left: Uint8Array | null = null): Candidate => ({
  ...loss,
  key,
  step,
  about,
  also: [],
  left,
  folded: false,
  q: 1,
  curve: null,
  byDevice: [],
  examples: [],
});

function slowness(
  table: Table,
  ways: readonly number[],
  step: number,
  measure: number,
  atLeast: number,
  left: Uint8Array | null,
): Candidate | null {
  const looked = (row: number, index: number) => (left?.[index] === 1 ? Number.NaN : measureOf(table, row, measure));
  const values = Float64Array.from(ways, looked)
    .filter((value) => !Number.isNaN(value))
    .sort();
  if (values.length < 2 * atLeast) return null;
  let best: { loss: Loss; threshold: number } | null = null;
  for (const tenth of TENTHS) {
    const threshold = values[Math.floor((values.length * tenth) / 10)]!;
    const strata = split(
      table,
      ways,
      (row) => knownOf(table, row, 0),
      (row, index) => {
        const value = looked(row, index);
        return Number.isNaN(value) ? null : value > threshold;
      },
    );
    const loss = lossOf(strata);
    if (!loss || loss.met < atLeast) continue;
    const better =
      loss.standardError > 0 && (!best || loss.lost / loss.standardError > best.loss.lost / best.loss.standardError);
    if (better) best = { loss, threshold };
  }
  if (!best) return null;
  const loss = { ...best.loss, p: Math.min(1, best.loss.p * TENTHS.length) };
  const about = { of: 'measure' as const, measure, threshold: best.threshold };
  return candidate(`${step}:measure:${measure}`, step, about, loss, left);
}

function eventsMet(
  table: Table,
  ways: readonly number[],
  step: number,
  slow: Uint8Array,
  atLeast: number,
): Candidate[] {
  const strata = (table.values[0]! + 1) * 2;
  const [all, allOn] = [new Float64Array(strata), new Float64Array(strata)];
  const [met, metOn] = [new Float64Array(strata * (table.names + 1)), new Float64Array(strata * (table.names + 1))];
  ways.forEach((row, index) => {
    const place = knownOf(table, row, 0) * 2 + slow[index]!;
    const on = wentOn(table, row) ? 1 : 0;
    all[place]!++;
    allOn[place]! += on;
    for (const name of namesOf(table, row)) {
      met[name * strata + place]!++;
      metOn[name * strata + place]! += on;
    }
  });
  const found: Candidate[] = [];
  for (let name = 1; name <= table.names; name++) {
    const parts = Array.from({ length: strata }, (_, place): Stratum => {
      const [count, on] = [met[name * strata + place]!, metOn[name * strata + place]!];
      return { met: count, metOn: on, not: all[place]! - count, notOn: allOn[place]! - on };
    });
    const loss = lossOf(parts);
    if (loss && loss.met >= atLeast) found.push(candidate(`${step}:event:${name}`, step, { of: 'event', name }, loss));
  }
  return found;
}

function known(table: Table, ways: readonly number[], step: number, slow: Uint8Array, atLeast: number): Candidate[] {
  const found: Candidate[] = [];
  table.values.forEach((count, field) => {
    for (let value = 1; value <= count; value++) {
      const strata = split(
        table,
        ways,
        (row) => (field === 0 ? 0 : knownOf(table, row, 0)),
        (row, index) =>
          slow[index] === 1 || knownOf(table, row, field) === 0 ? null : knownOf(table, row, field) === value,
      );
      const loss = lossOf(strata);
      if (loss && loss.met >= atLeast && strata.some((one) => one.not >= atLeast))
        found.push(candidate(`${step}:value:${field}:${value}`, step, { of: 'value', field, value }, loss, slow));
    }
  });
  return found;
}

/** Whether a way met what a finding is about; null where it says nothing of it. */
function metBy(table: Table, row: number, { about }: Pick<Found, 'about'>): boolean | null {
  if (about.of === 'event') return namesOf(table, row).includes(about.name);
  if (about.of === 'value') return knownOf(table, row, about.field) === about.value;
  const value = measureOf(table, row, about.measure);
  return Number.isNaN(value) ? null : value > about.threshold;
}

/** Adds what makes a finding understood: the curve of a measure, the devices it concerns, and some who met it and left. */
function describe(table: Table, ways: readonly number[], found: Candidate): void {
  const devices = new Map<number, Stratum>();
  for (const [index, row] of ways.entries()) {
    const met = found.left?.[index] === 1 ? null : metBy(table, row, found);
    if (met === null) continue;
    const on = wentOn(table, row);
    if (met && !on && found.examples.length < EXAMPLES) found.examples.push(table.rows[row + ID]!);
    const device = knownOf(table, row, 0);
    const stratum = devices.get(device) ?? emptyStratum();
    devices.set(device, stratum);
    if (met) {
      stratum.met++;
      if (on) stratum.metOn++;
    } else {
      stratum.not++;
      if (on) stratum.notOn++;
    }
  }
  found.byDevice = [...devices]
    .map(([value, stratum]) => ({ value, lost: lossOf([stratum])?.lost ?? 0, met: stratum.met }))
    .filter((one) => one.met > 0)
    .sort((a, b) => b.lost - a.lost);
  if (found.about.of !== 'measure') return;
  const { measure } = found.about;
  const measured = ways
    .map((row) => ({ value: measureOf(table, row, measure), on: wentOn(table, row) }))
    .filter((one) => !Number.isNaN(one.value))
    .sort((a, b) => a.value - b.value);
  found.curve = Array.from({ length: 10 }, (_, tenth) => {
    const part = measured.slice(
      Math.floor((measured.length * tenth) / 10),
      Math.floor((measured.length * (tenth + 1)) / 10),
    );
    const on = part.filter((one) => one.on).length;
    return { upTo: part.at(-1)?.value ?? 0, rate: part.length === 0 ? 0 : on / part.length, ways: part.length };
  });
}

function collected(
  table: Table,
  steps: readonly (readonly number[])[],
  candidates: readonly Candidate[],
  { key, outcome, after, limit }: NonNullable<Asked['collect']>,
): number[] {
  const found = candidates.find((one) => one.key === key);
  if (!found) return [];
  const ids = new Set<number>();
  for (const [index, row] of steps[found.step]!.entries()) {
    const id = table.rows[row + ID]!;
    if (id <= after || found.left?.[index] === 1 || metBy(table, row, found) !== true) continue;
    if (outcome === null || wentOn(table, row) === (outcome === 'converted')) ids.add(id);
  }
  return [...ids].sort((a, b) => a - b).slice(0, limit);
}
