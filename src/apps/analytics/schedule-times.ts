import { z } from 'zod';
import { Zone } from '../../core/query/period.ts';

/** When a mail goes out: a time of day of a zone, on every day, a day of the week (1 is Monday) or of the month. */
export const Timing = z
  .strictObject({
    every: z.enum(['day', 'week', 'month']),
    weekday: z.int().min(1).max(7).default(1),
    /** In a shorter month its last day. */
    day: z.int().min(1).max(31).default(1),
    time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time like 08:30'),
    zone: Zone,
  })
  .describe('A local time: it stays the same when clocks change.');
export type Timing = z.output<typeof Timing>;

/** Longer than between any two months. */
const DAYS = 63;

/**
 * The first such time after a moment, in ms since 1970. A time that a day does not have, since clocks go forward over it,
 * is as much later; of one that a day has twice it is the first.
 */
export function nextTime({ every, weekday, day, time, zone }: Timing, after: number): number {
  const today = Temporal.Instant.fromEpochMilliseconds(after).toZonedDateTimeISO(zone).toPlainDate();
  for (let days = 0; days <= DAYS; days++) {
    const date = today.add({ days });
    const fits =
      every === 'day' || (every === 'week' ? date.dayOfWeek === weekday : date.day === Math.min(day, date.daysInMonth));
    if (!fits) continue;
    const at = date.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(time) }).epochMilliseconds;
    if (at > after) return at;
  }
  throw new Error(`No time of ${zone} was found within ${DAYS} days.`);
}
