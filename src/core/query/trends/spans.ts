import { floorTo, type Interval, type Period, type Span, spanBefore, type WeekStart } from '../period.ts';

export interface Calendar {
  zone: string;
  weekStart: WeekStart;
  now: number;
}

/** What a period is compared with: the one before, or the same calendar days a year before. */
export function comparedSpan(
  compare: 'previous' | 'year',
  period: Period,
  span: Span,
  { zone, weekStart, now }: Calendar,
): Span {
  if (compare === 'previous') return spanBefore(period, zone, weekStart, now);
  const [from, last] = [span.from, span.to - 1].map((at) =>
    Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone),
  );
  // By the last moment inside, so that a 28 February stays a day when the year before was shorter by one.
  const before = last!.subtract({ years: 1 });
  const day = (at: Temporal.ZonedDateTime) => at.startOfDay().epochMilliseconds;
  const whole = day(from!) === span.from;
  const ends = day(last!.add({ milliseconds: 1 })) === span.to;
  return {
    from: whole ? day(from!.subtract({ years: 1 })) : from!.subtract({ years: 1 }).epochMilliseconds,
    to: ends ? day(before.add({ days: 1 })) : before.epochMilliseconds + 1,
  };
}

/** The starts of the intervals before one, the earliest first. */
export function startsBefore(
  first: number,
  count: number,
  interval: Interval,
  { zone, weekStart }: Calendar,
): number[] {
  const starts: number[] = [];
  let at = first;
  for (let index = 0; index < count; index++) {
    const before = Temporal.Instant.fromEpochMilliseconds(at - 1).toZonedDateTimeISO(zone);
    at = floorTo(before, interval, weekStart).epochMilliseconds;
    starts.unshift(at);
  }
  return starts;
}
