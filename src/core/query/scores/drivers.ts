import { refuse } from '../../../kernel/refusal.ts';
import { fieldKey } from '../field.ts';
import { adjusted, normal } from '../friction/statistics.ts';
import type { ReportKind } from '../kind.ts';
import { type DriverRow, driverRows } from './driver-rows.ts';
import { DriversPart, type DriversReport } from './schema.ts';
import { isDetractor, isPromoter, isSatisfied, lowest, moveOnto, Tally } from './tally.ts';
import { relativeWeights } from './weights.ts';

/** Fewer answers with or without something say nothing of it. */
const LEAST = 10;
/** Values of a field that are looked at, the most frequent first; things that are shown. */
const VALUES = 6;
const SHOWN_DRIVERS = 60;

export interface Driver {
  /** What `peopleBehind` is asked with. */
  id: string;
  /** An event that was done before, a value of a field, or a long wait (longer than half of them). */
  kind: 'did' | 'field' | 'wait';
  /** The event's name, the field's, or which wait it is. */
  name: string;
  value: string | null;
  /** Of a wait: hours that half of those who waited waited at most. */
  medianHours: number | null;
  with: number;
  without: number;
  /** The score of those with and of those without: as the report's `score` is told. */
  scoreWith: number;
  scoreWithout: number;
  /** With less without, and the interval in which it lies with 95 % confidence. */
  difference: number;
  low: number;
  high: number;
  /** The share of such findings that chance alone would make (Benjamini and Hochberg). */
  q: number;
  /** How much of what all explain together goes with it: 0 to 1. */
  weight: number;
}

export interface DriversResult {
  answers: number;
  scale: number | null;
  /** The share of the differences between answers that all of them explain together. */
  explained: number;
  drivers: Driver[];
}

type Feature = Pick<Driver, 'id' | 'kind' | 'name' | 'value' | 'medianHours'> & { has: boolean[] };

/** What goes with low and with high scores, and how much. */
export const drivers: ReportKind<DriversReport, DriversResult> = {
  kind: 'drivers',
  async run(query, report) {
    const { names, rows } = await driverRows(query, report);
    const tally = new Tally();
    for (const { score, scale } of rows) tally.add(score, scale, 1);
    const scale = tally.scale();
    if (scale === null) return { answers: 0, scale, explained: 0, drivers: [] };
    const outcome = Float64Array.from(rows, (row) => outcomeOf(row, report, scale));
    const features = featuresOf(report, names, rows).filter(({ has }) => {
      const many = has.filter(Boolean).length;
      return many >= LEAST && has.length - many >= LEAST;
    });
    const { weights, explained } = relativeWeights(
      features.map(({ has }) => Float64Array.from(has, Number)),
      outcome,
    );
    const compared = features.map(({ has }) => compare(has, outcome));
    const q = adjusted(compared.map(({ p }) => p));
    return {
      answers: rows.length,
      scale,
      explained,
      drivers: features
        .map(({ has: _, ...feature }, index): Driver => {
          const { p: _p, ...rest } = compared[index]!;
          return { ...feature, ...rest, q: q[index]!, weight: explained > 0 ? weights[index]! / explained : 0 };
        })
        .sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1))
        .slice(0, SHOWN_DRIVERS),
    };
  },
  part: DriversPart,
  async people(query, report, part: DriversPart, { after, limit }) {
    const { names, rows } = await driverRows(query, report);
    const feature = featuresOf(report, names, rows).find(({ id }) => id === part.id);
    if (!feature) throw refuse.invalid('The report has no such driver. Ask for it again and take one of its ids.');
    const people = new Set(rows.filter((_, index) => feature.has[index] === part.has).map(({ person }) => person));
    return [...people]
      .filter((person) => person > after)
      .sort((a, b) => a - b)
      .slice(0, limit);
  },
};

/** An answer as a number whose mean is the score. */
function outcomeOf({ score, scale: own }: DriverRow, { of }: DriversReport, scale: number): number {
  if (of === 'nps') return isPromoter(score) ? 1 : isDetractor(score) ? -1 : 0;
  if (of === 'csat') return isSatisfied(score, own) ? 1 : 0;
  return own === scale ? score : moveOnto(score, own, scale, lowest(of));
}

function featuresOf(report: DriversReport, names: readonly string[], rows: readonly DriverRow[]): Feature[] {
  const did = names.map((name, bit): Feature => {
    const mask = 1n << BigInt(bit);
    const has = rows.map((row) => (row.did & mask) !== 0n);
    return { id: `did ${name}`, kind: 'did', name, value: null, medianHours: null, has };
  });
  const fields = report.fields.flatMap((field, index): Feature[] => {
    const counts = new Map<string, number>();
    for (const { values } of rows) counts.set(values[index]!, (counts.get(values[index]!) ?? 0) + 1);
    const most = [...counts].filter(([value]) => value !== '').sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    // Of two values one says all.
    const shown = counts.size === 2 && !counts.has('') ? most.slice(0, 1) : most.slice(0, VALUES);
    const key = fieldKey(field);
    return shown.map(([value]) => ({
      ...{ id: `field ${key} ${value}`, kind: 'field', name: key, value, medianHours: null },
      has: rows.map(({ values }) => values[index] === value),
    }));
  });
  const waits = report.waits.flatMap((_, index): Feature[] => {
    const hours = rows.flatMap(({ waits: all }) => (all[index] === null ? [] : [all[index]!])).sort((a, b) => a - b);
    if (hours.length === 0) return [];
    const medianHours = hours[Math.floor((hours.length - 1) / 2)]!;
    const has = rows.map(({ waits: all }) => all[index] !== null && all[index]! > medianHours);
    return [{ id: `wait ${index}`, kind: 'wait', name: String(index), value: null, medianHours, has }];
  });
  return [...did, ...fields, ...waits];
}

/** The means of those with and without, and Welch's test of their difference. */
function compare(has: readonly boolean[], outcome: Float64Array) {
  const of = (wanted: boolean) => {
    let [n, sum, squares] = [0, 0, 0];
    has.forEach((one, index) => {
      if (one !== wanted) return;
      n++;
      sum += outcome[index]!;
      squares += outcome[index]! ** 2;
    });
    const mean = sum / n;
    return { n, mean, variance: n > 1 ? Math.max(0, (squares - n * mean * mean) / (n - 1)) : 0 };
  };
  const [a, b] = [of(true), of(false)];
  const difference = a.mean - b.mean;
  const error = Math.sqrt(a.variance / a.n + b.variance / b.n);
  return {
    with: a.n,
    without: b.n,
    scoreWith: a.mean,
    scoreWithout: b.mean,
    difference,
    low: difference - 1.96 * error,
    high: difference + 1.96 * error,
    p: error === 0 ? (difference === 0 ? 1 : 0) : 2 * (1 - normal(Math.abs(difference) / error)),
  };
}
