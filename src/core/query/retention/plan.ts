import { refuse } from '../../../kernel/refusal.ts';
import type { Bucket, Span } from '../period.ts';
import type { Query } from '../query.ts';
import { COHORTS_LIMIT, type RetentionReport } from './schema.ts';

const HOUR = 3_600_000;
/** A rolling month has 30 days, a year 365: as in the windows of funnels. */
const ROLLING = {
  hour: HOUR,
  day: 24 * HOUR,
  week: 7 * 24 * HOUR,
  month: 30 * 24 * HOUR,
  quarter: 90 * 24 * HOUR,
  year: 365 * 24 * HOUR,
};
/** No interval of the calendar is longer, an hour of daylight saving included. */
const LONGEST = {
  hour: HOUR,
  day: 25 * HOUR,
  week: (7 * 24 + 1) * HOUR,
  month: (31 * 24 + 1) * HOUR,
  quarter: (92 * 24 + 1) * HOUR,
  year: (366 * 24 + 1) * HOUR,
};

/** When the cohorts start, and when their periods begin and end. Times are milliseconds since 1970. */
export interface Plan {
  /** Within which people start: nothing after the present is looked at. */
  span: Span;
  cohorts: Bucket[];
  /** The beginnings of the calendar's intervals from the first cohort's on, and the end of the last. */
  edges: number[];
  /** Where the periods begin, in intervals after the start; one more than there are periods. */
  offsets: number[];
  /** Length of a rolling interval; 0 for those of the calendar. */
  rolling: number;
  /** Of each cohort how many periods have begun, and how many are over for all of it. */
  begun: number[];
  complete: number[];
  /** The first moment that matters no more. */
  until: number;
}

/** Refuses more cohorts than a table can show. */
export function planOf(query: Query, report: RetentionReport): Plan {
  const whole = query.span(report.period);
  const { now } = query.environment;
  const span = { from: whole.from, to: Math.max(whole.from, Math.min(whole.to, now)) };
  const cohorts = query.buckets(whole, report.interval).filter(({ from }) => Math.max(from, span.from) < now);
  if (cohorts.length > COHORTS_LIMIT && !report.breakdown)
    throw refuse.invalid(
      `That would be ${cohorts.length.toLocaleString('en')} cohorts, and ${COHORTS_LIMIT} can be shown. Choose a longer interval or a shorter period.`,
    );
  const offsets = [0];
  for (const length of report.brackets ?? Array<number>(report.count + 1).fill(1))
    offsets.push(offsets.at(-1)! + length);
  const furthest = offsets.at(-1)!;
  const rolling = report.periods === 'rolling' ? ROLLING[report.interval] : 0;

  const edges = cohorts.map(({ from }) => from);
  const last = cohorts.at(-1);
  if (last && !rolling) {
    const end = Math.min(last.to + furthest * LONGEST[report.interval], Math.max(now, last.to));
    const further = end > last.to ? query.buckets({ from: last.to, to: end }, report.interval) : [];
    edges.push(...further.map(({ from }) => from), further.at(-1)?.to ?? last.to);
  } else if (last) edges.push(last.to);

  const within = ({ from, to }: Span) => ({ from: Math.max(from, span.from), to: Math.min(to, span.to) });
  const begins = (cohort: number, period: number) =>
    rolling
      ? within(cohorts[cohort]!).from + offsets[period]! * rolling
      : (edges[cohort + offsets[period]!] ?? Number.POSITIVE_INFINITY);
  const ends = (cohort: number, period: number) =>
    rolling ? within(cohorts[cohort]!).to + offsets[period + 1]! * rolling : begins(cohort, period + 1);
  const periods = offsets.slice(1).map((_, period) => period);
  const horizon = last ? ends(cohorts.length - 1, periods.length - 1) : span.from;
  return {
    span,
    cohorts,
    edges,
    offsets,
    rolling,
    begun: cohorts.map((_, cohort) => periods.filter((period) => period === 0 || begins(cohort, period) < now).length),
    complete: cohorts.map(({ to }, cohort) =>
      // Whoever may still join the cohort has no period behind.
      Math.min(to, whole.to) > now ? 0 : periods.filter((period) => ends(cohort, period) <= now).length,
    ),
    until: report.counts === 'onOrAfter' ? now : Math.min(horizon, now),
  };
}
