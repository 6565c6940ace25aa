import { z } from 'zod';
import { refuse } from '../../kernel/refusal.ts';
import { isTimeZone } from '../preferences/preferences.ts';

export const INTERVALS = ['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
export type Interval = (typeof INTERVALS)[number];

/** Points in time that one report may have. */
export const BUCKETS_LIMIT = 5000;
const LONGEST_YEARS = 30;

/**
 * Calendar days of the report's zone, first and last included; or the last so many hours, days, weeks, months or years,
 * the current one included; or all that there is.
 */
export const Period = z.union([
  z.strictObject({ from: z.iso.date(), to: z.iso.date() }),
  z.strictObject({ last: z.int().min(1).max(3660), unit: z.enum(['hour', 'day', 'week', 'month', 'quarter', 'year']) }),
]);
export type Period = z.output<typeof Period>;

export const Zone = z
  .string()
  .max(64)
  .refine(isTimeZone, { error: 'is not a time zone; they are named like Europe/Warsaw' });

export interface Span {
  /** Milliseconds since 1970: from the first included to the first after. */
  from: number;
  to: number;
}

/** A bucket's start and end, and whether it is still under way at `now`. */
export interface Bucket extends Span {
  /** As people of the zone write it: 2026-11-02, or with the hour and minute. */
  label: string;
  partial: boolean;
}

export type WeekStart = 'monday' | 'sunday';

/** From when to when a period is, in a zone. Refuses one that ends before it begins, or is longer than 30 years. */
export function spanOf(period: Period, zone: string, weekStart: WeekStart, now: number): Span {
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone);
  let span: Span;
  if ('from' in period) {
    const from = Temporal.PlainDate.from(period.from).toZonedDateTime(zone);
    const to = Temporal.PlainDate.from(period.to).add({ days: 1 }).toZonedDateTime(zone);
    span = { from: from.epochMilliseconds, to: to.epochMilliseconds };
    if (span.to <= span.from)
      throw refuse.invalid(`The period ends on ${period.to}, before it begins on ${period.from}. Swap the two.`);
  } else {
    const current = floorTo(today, period.unit, weekStart);
    const from = step(current, period.unit, 1 - period.last, weekStart);
    span = { from: from.epochMilliseconds, to: step(current, period.unit, 1, weekStart).epochMilliseconds };
  }
  if (span.to - span.from > LONGEST_YEARS * 366 * 86_400_000)
    throw refuse.invalid(`A period may be ${LONGEST_YEARS} years long at most.`);
  return span;
}

/** The period before one, as long as it: of the same number of calendar units where the period is one of those. */
export function spanBefore(period: Period, zone: string, weekStart: WeekStart, now: number): Span {
  const span = spanOf(period, zone, weekStart, now);
  const from = Temporal.Instant.fromEpochMilliseconds(span.from).toZonedDateTimeISO(zone);
  if ('last' in period) {
    return { from: step(from, period.unit, -period.last, weekStart).epochMilliseconds, to: span.from };
  }
  const days = Temporal.PlainDate.from(period.from).until(Temporal.PlainDate.from(period.to)).days + 1;
  return { from: from.subtract({ days }).startOfDay().epochMilliseconds, to: span.from };
}

/**
 * The calendar's intervals that a span touches, in order, without gaps: a day of daylight saving has 23 or 25 hours. The
 * first begins where its interval does, which may be before the span. Refuses more than 5,000.
 */
export function bucketsOf(span: Span, interval: Interval, zone: string, weekStart: WeekStart, now: number): Bucket[] {
  const buckets: Bucket[] = [];
  let at = floorTo(Temporal.Instant.fromEpochMilliseconds(span.from).toZonedDateTimeISO(zone), interval, weekStart);
  while (at.epochMilliseconds < span.to) {
    if (buckets.length === BUCKETS_LIMIT)
      throw refuse.invalid(
        `That would be more than ${BUCKETS_LIMIT.toLocaleString('en')} points in time. Choose a longer interval or a shorter period.`,
      );
    const next = step(at, interval, 1, weekStart);
    const [from, to] = [at.epochMilliseconds, next.epochMilliseconds];
    const short = interval === 'minute' || interval === 'hour';
    const label = short ? at.toPlainDateTime().toString({ smallestUnit: 'minute' }) : at.toPlainDate().toString();
    buckets.push({ from, to, label, partial: to > now || from < span.from || to > span.to });
    at = next;
  }
  return buckets;
}

/** The start of the calendar's interval in which a time lies. */
export function floorTo(at: Temporal.ZonedDateTime, interval: Interval, weekStart: WeekStart): Temporal.ZonedDateTime {
  if (interval === 'minute' || interval === 'hour') return at.round({ smallestUnit: interval, roundingMode: 'floor' });
  const day = at.startOfDay();
  switch (interval) {
    case 'day':
      return day;
    case 'week':
      return day.subtract({ days: weekStart === 'monday' ? day.dayOfWeek - 1 : day.dayOfWeek % 7 }).startOfDay();
    case 'month':
      return day.with({ day: 1 }).startOfDay();
    case 'quarter':
      return day.with({ month: Math.floor((day.month - 1) / 3) * 3 + 1, day: 1 }).startOfDay();
    case 'year':
      return day.with({ month: 1, day: 1 }).startOfDay();
  }
}

/** The start of the interval that lies `count` after the one that begins at `at`. */
function step(
  at: Temporal.ZonedDateTime,
  interval: Interval,
  count: number,
  weekStart: WeekStart,
): Temporal.ZonedDateTime {
  const moved =
    interval === 'quarter'
      ? at.add({ months: 3 * count })
      : at.add({ [`${interval}s`]: count } as Temporal.DurationLike);
  // Hours are added as elapsed time; days and longer by the calendar, and a day may begin later than at midnight.
  return interval === 'minute' || interval === 'hour' ? moved : floorTo(moved, interval, weekStart);
}
