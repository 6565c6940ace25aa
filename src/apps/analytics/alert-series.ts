import { z } from 'zod';
import type { FunnelResult } from '../../core/query/funnels/result.ts';
import type { Period } from '../../core/query/period.ts';
import type { Report } from '../../core/query/report.ts';
import type { RetentionResult } from '../../core/query/retention/result.ts';
import { RETENTION_PERIODS_LIMIT } from '../../core/query/retention/schema.ts';
import type { TrendResult } from '../../core/query/trends/result.ts';
import { BREAKDOWNS_LIMIT, VALUE_LENGTH } from '../../core/query/trends/schema.ts';
import type { Unit } from '../../kernel/chart/spec.ts';
import { refuse } from '../../kernel/refusal.ts';
import { shortText } from '../../kernel/storable.ts';
import { historyNeeded } from './anomaly.ts';
import { trendName, unitOf } from './shown.ts';
import { type Speech, whatName } from './shown-names.ts';

/** Which number of a report is watched. */
export const Watched = z.discriminatedUnion('of', [
  z.strictObject({
    of: z.literal('trend'),
    series: z
      .string()
      .regex(/^([A-T]|F([1-9]|10))$/, 'must be the letter of a series, or F and the number of a formula')
      .default('A'),
    breakdown: z.array(shortText(VALUE_LENGTH).nullable()).max(BREAKDOWNS_LIMIT).optional(),
    currency: shortText(20).optional(),
  }),
  /** From the first step to the last, over the report's period. */
  z.strictObject({ of: z.literal('funnel') }),
  /** Of all cohorts, after so many periods. */
  z.strictObject({ of: z.literal('retention'), period: z.int().min(0).max(RETENTION_PERIODS_LIMIT).default(1) }),
]);
export type Watched = z.output<typeof Watched>;

export const Rule = z.discriminatedUnion('is', [
  z.strictObject({ is: z.enum(['above', 'below']), limit: z.number() }),
  /** By how much more or less than the point before, as a share: 0.2 is 20 %. */
  z.strictObject({
    is: z.literal('change'),
    direction: z.enum(['more', 'less', 'either']),
    share: z.number().min(0.01).max(100),
  }),
  /** Outside of what is expected; `falseAlarms` of points are told although nothing happened. */
  z.strictObject({ is: z.literal('anomaly'), falseAlarms: z.number().min(0.002).max(0.1).default(0.01) }),
]);
export type Rule = z.output<typeof Rule>;

/** A number at a time. `key` tells points apart: the start, or nothing for a whole period. */
export interface Point {
  key: string;
  label: string;
  to: number | null;
  value: number | null;
  partial: boolean;
}

export interface Line {
  name: string;
  unit: Unit;
  points: Point[];
}

/** How many points make a season. */
const SEASON: Partial<Record<string, number>> = { hour: 24 * 7, day: 7 };
const PREVIEW_DAYS = 60;

export const seasonOf = (report: Report): number => (report.kind === 'trend' ? (SEASON[report.interval] ?? 1) : 1);

/** Refuses a rule that does not go with the report. */
export function checkRule(report: Report, watched: Watched, rule: Rule): void {
  if (report.kind !== watched.of)
    throw refuse.invalid(
      'An alert watches a trend, the conversion of a funnel or a share of retention, and "watched" has to say the same.',
    );
  if (report.kind === 'trend') {
    if (report.distribution || report.cumulative)
      throw refuse.invalid('A distribution or a running total has no points to compare. Watch the report without it.');
    const { series } = watched as Extract<Watched, { of: 'trend' }>;
    const there =
      series.startsWith('F') && series.length > 1
        ? report.formulas[Number(series.slice(1)) - 1]
        : report.series[series.charCodeAt(0) - 65];
    if (!there) throw refuse.invalid(`The report has no series ${series}.`);
    if (rule.is === 'anomaly' && !SEASON[report.interval])
      throw refuse.invalid(
        'What is expected is known by hours and by days. Choose one of these intervals, or a threshold.',
      );
  } else if (rule.is === 'change' || rule.is === 'anomaly')
    throw refuse.invalid('Conversion and retention are watched against a number. Choose "above" or "below".');
}

/** The report as it is asked to judge its newest whole point, or those of the last 60 days. */
export function asWatched(report: Report, rule: Rule, preview: boolean): Report {
  if (report.kind !== 'trend') return report;
  const { compare: _, ...rest } = report;
  const history = rule.is === 'anomaly' ? historyNeeded(seasonOf(report), rule.falseAlarms) + 4 * seasonOf(report) : 3;
  return { ...rest, period: lastOf(report.interval, history, preview ? PREVIEW_DAYS : 0) };
}

/** So many intervals and days, in units that a period has. */
function lastOf(interval: Extract<Report, { kind: 'trend' }>['interval'], count: number, days: number): Period {
  switch (interval) {
    case 'minute':
      return { last: days > 0 ? 48 : 2, unit: 'hour' };
    case 'hour':
      return { last: Math.min(3660, count + days * 24), unit: 'hour' };
    case 'day':
      return { last: count + days, unit: 'day' };
    default: {
      const length = { week: 7, month: 28, quarter: 90, year: 365 }[interval];
      return { last: count + Math.ceil(days / length), unit: interval };
    }
  }
}

/** The watched number of an answer, point by point; null where the answer does not have it. */
export function lineOf(report: Report, result: unknown, watched: Watched, speech: Speech): Line | null {
  if (report.kind === 'trend' && watched.of === 'trend') {
    const { buckets, series } = result as TrendResult;
    const wanted = JSON.stringify(watched.breakdown ?? []);
    const found = series.find(
      (one) =>
        one.id === watched.series &&
        (watched.breakdown === undefined
          ? one.breakdown.length === 0 || series.length === 1
          : JSON.stringify(one.breakdown) === wanted) &&
        (watched.currency === undefined || one.currency === watched.currency),
    );
    if (!found) return null;
    return {
      name: trendName(report, found, speech),
      unit: unitOf(found),
      points: buckets.map(({ from, to, label, partial }, at) => ({
        ...{ key: from, label, partial, to: Date.parse(to), value: found.values[at] ?? null },
      })),
    };
  }
  const whole = (name: string, value: number | null): Line => ({
    name,
    unit: { kind: 'percent' },
    points: [{ key: 'whole', label: '', to: null, value, partial: false }],
  });
  if (report.kind === 'funnel') {
    const { total } = result as FunnelResult;
    const [first, last] = [report.steps[0], report.steps.at(-1)];
    return whole(`${whatName(first!.what, speech)} → ${whatName(last!.what, speech)}`, total.conversion);
  }
  if (report.kind === 'retention' && watched.of === 'retention') {
    const { total } = result as RetentionResult;
    return whole(whatName(report.start, speech), total.periods[watched.period]?.share ?? null);
  }
  return null;
}
