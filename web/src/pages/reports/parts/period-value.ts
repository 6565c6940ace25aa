import { INTERVALS } from './intervals.ts';
import type { Interval, Period } from './types.ts';

export const PRESETS = [
  { key: 'hours', period: { last: 24, unit: 'hour' } },
  { key: 'week', period: { last: 7, unit: 'day' } },
  { key: 'month', period: { last: 30, unit: 'day' } },
  { key: 'quarter', period: { last: 90, unit: 'day' } },
  { key: 'weeks', period: { last: 12, unit: 'week' } },
  { key: 'months', period: { last: 12, unit: 'month' } },
  { key: 'thisWeek', period: { last: 1, unit: 'week' } },
  { key: 'thisMonth', period: { last: 1, unit: 'month' } },
  { key: 'thisYear', period: { last: 1, unit: 'year' } },
] as const satisfies readonly { key: string; period: Period }[];
export type Preset = (typeof PRESETS)[number]['key'] | 'lastMonth' | 'lastYear' | 'custom';

const samePeriod = (a: Period, b: Period): boolean =>
  'last' in a
    ? 'last' in b && a.last === b.last && a.unit === b.unit
    : 'from' in b && a.from === b.from && a.to === b.to;

const DAY_MS = 86_400_000;
const isoDay = (year: number, month: number, day: number) =>
  new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);

/** The calendar's month or year before that of a day, `YYYY-MM-DD`, as its days. */
export function calendarBefore(unit: 'month' | 'year', today: string): Period {
  const [year = 0, month = 1] = today.split('-').map(Number);
  return unit === 'month'
    ? { from: isoDay(year, month - 2, 1), to: isoDay(year, month - 1, 0) }
    : { from: isoDay(year - 1, 0, 1), to: isoDay(year - 1, 11, 31) };
}

/** Which of the offered periods it is. */
export function presetOf(period: Period, today: string): Preset {
  const known = PRESETS.find((preset) => samePeriod(preset.period, period));
  if (known) return known.key;
  if (samePeriod(period, calendarBefore('month', today))) return 'lastMonth';
  if (samePeriod(period, calendarBefore('year', today))) return 'lastYear';
  return 'custom';
}

const HOURS: Record<Interval, number> = {
  minute: 1 / 60,
  hour: 1,
  day: 24,
  week: 168,
  month: 730,
  quarter: 2190,
  year: 8766,
};
/** More points than this are a blur on the screen. */
const POINTS_LIMIT = 750;

function hoursOf(period: Period): number {
  if ('last' in period) return period.last * HOURS[period.unit];
  return ((Date.parse(period.to) - Date.parse(period.from)) / DAY_MS + 1) * 24;
}

/** Intervals that make at least one and not too many points of a period. */
export function intervalsFor(period: Period, of: readonly Interval[] = INTERVALS): Interval[] {
  const hours = hoursOf(period);
  const suit = of.filter((interval) => hours / HOURS[interval] <= POINTS_LIMIT && HOURS[interval] <= hours * 1.1);
  return suit.length > 0 ? suit : [of[0]!];
}

/** The same interval where it suits a period, else the one that gives about thirty points. */
export function intervalFor(period: Period, wanted: Interval, of: readonly Interval[] = INTERVALS): Interval {
  const suit = intervalsFor(period, of);
  if (suit.includes(wanted)) return wanted;
  const hours = hoursOf(period);
  const far = (interval: Interval) => Math.abs(Math.log(hours / HOURS[interval] / 30));
  return suit.toSorted((a, b) => far(a) - far(b))[0]!;
}
