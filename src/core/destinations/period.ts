import type { FilesSettings } from './settings.ts';

/** A time in milliseconds since 1970: from, before. */
export interface Period {
  from: number;
  to: number;
}

const HOUR_MS = 3_600_000;
/** When a zone's distance from UTC tells at which minute its hours begin. */
const ALIGNED = Temporal.Instant.from('2026-01-01T00:00:00Z');

type Rhythm = Pick<FilesSettings, 'every' | 'zone'>;

/** The hour or day, by the clocks of the zone, in which a moment lies. A day of a change of clocks has 23 or 25 hours. */
export function periodAt({ every, zone }: Rhythm, at: number): Period {
  if (every === 'day') {
    const start = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).startOfDay();
    return { from: start.epochMilliseconds, to: start.add({ days: 1 }).startOfDay().epochMilliseconds };
  }
  // By the instant, so that the hour that comes twice is two; and by the same part of the hour for ever, so that there is
  // no gap in the one zone whose clocks change by half an hour.
  const past = ALIGNED.toZonedDateTimeISO(zone).offsetNanoseconds / 1_000_000;
  const from = Math.floor((at + past) / HOUR_MS) * HOUR_MS - past;
  return { from, to: from + HOUR_MS };
}

/** The periods from `since` on that are over at `now`, oldest first, `limit` at most. */
export function periodsOver(rhythm: Rhythm, since: number, now: number, limit: number): Period[] {
  const over: Period[] = [];
  for (let period = periodAt(rhythm, since); period.to <= now && over.length < limit; ) {
    over.push(period);
    period = periodAt(rhythm, period.to);
  }
  return over;
}

/** `date=2026-11-22` or `date=2026-11-22/hour=07`, by the clocks of the zone. */
export function folderOf({ every, zone }: Rhythm, from: number): string {
  const time = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(zone);
  const date = `date=${time.toPlainDate()}`;
  return every === 'day' ? date : `${date}/hour=${String(time.hour).padStart(2, '0')}`;
}

/** `20261122T070000Z`: no two periods have the same, also not the hour that comes twice. */
export const stampOf = (at: number) => new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
