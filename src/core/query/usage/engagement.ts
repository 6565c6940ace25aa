import { refuse } from '../../../kernel/refusal.ts';
import { literal } from '../bindings.ts';
import type { ReportKind } from '../kind.ts';
import type { Query } from '../query.ts';
import { named, type TrendBucket } from '../trends/result.ts';
import { startsBefore } from '../trends/spans.ts';
import { warnOfUnknown } from '../unknown-names.ts';
import { EngagementPart, type EngagementReport } from './schema.ts';

/** Days that end with the day in question. */
const DAYS = { day: 1, week: 7, month: 30 } as const;
type Of = keyof typeof DAYS;

/** For each day of the period, null for those that have not begun. */
export interface EngagementResult {
  buckets: TrendBucket[];
  /** People active on the day. */
  day: (number | null)[];
  /** In the 7 days that end with it, each once. */
  week: (number | null)[];
  /** In the 30 days that end with it. */
  month: (number | null)[];
  /** How much of a month's people come on a day: 0 to 1, null where nobody came in the month. */
  dayOfMonth: (number | null)[];
  dayOfWeek: (number | null)[];
  weekOfMonth: (number | null)[];
  /** Means over the days that are over: of people, and of these the ratios. Null where none is. */
  mean: { [Which in Of | 'dayOfMonth' | 'dayOfWeek' | 'weekOfMonth']: number | null };
}

/** Active people of a day, of 7 and of 30 days, counted anew for each day. */
export const engagement: ReportKind<EngagementReport, EngagementResult> = {
  kind: 'engagement',
  async run(query, report) {
    await warnOfUnknown(query, [report.what]);
    const { buckets, starts, to } = daysOf(query, report);
    const scope = query.scope(report);
    const list = starts.map(literal).join(', ');
    const first = starts.length - buckets.length;
    const place = `transform(bucket, [${list}], [${starts.map((_, index) => literal(index - first)).join(', ')}], 0)`;
    const reached = (days: number) =>
      `arrayMap(one -> (toUInt8(${days}), one), range(toInt64(greatest(own, 0)), toInt64(least(own + ${days}, ${buckets.length}))))`;
    const where = scope.where(
      { from: starts[0]!, to },
      scope.names([report.what]) ?? undefined,
      scope.what(report.what),
    );
    const rows = await query.rows<{ days: number; place: string; active: string }>(
      'engagement',
      scope.statement(`SELECT reached.1 AS days, reached.2 AS place, groupBitmapMerge(people) AS active FROM (
SELECT people, ${place} AS own, arrayJoin(arrayConcat(${Object.values(DAYS).map(reached).join(', ')})) AS reached FROM (
SELECT roundDown(toUnixTimestamp64Milli(e.timestamp), [${list}]) AS bucket, groupBitmapState(${scope.person}) AS people
${scope.from()}\n${where}\nGROUP BY bucket
)) GROUP BY days, place ORDER BY days, place`),
    );
    const active = new Map(rows.map((row) => [`${row.days}:${row.place}`, Number(row.active)]));
    const { now } = query.environment;
    const of = (which: Of) =>
      buckets.map((bucket, index) => (bucket.from > now ? null : (active.get(`${DAYS[which]}:${index}`) ?? 0)));
    const [day, week, month] = [of('day'), of('week'), of('month')];
    const ratios = (a: (number | null)[], b: (number | null)[]) => a.map((value, index) => ratio(value, b[index]!));
    const over = buckets.map((bucket) => !bucket.partial);
    const mean = (values: (number | null)[]) => {
      const known = values.filter((value, index) => over[index] && value !== null) as number[];
      return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
    };
    const means = { day: mean(day), week: mean(week), month: mean(month) };
    return {
      buckets: buckets.map(named),
      day,
      week,
      month,
      dayOfMonth: ratios(day, month),
      dayOfWeek: ratios(day, week),
      weekOfMonth: ratios(week, month),
      mean: {
        ...means,
        dayOfMonth: ratio(means.day, means.month),
        dayOfWeek: ratio(means.day, means.week),
        weekOfMonth: ratio(means.week, means.month),
      },
    };
  },
  part: EngagementPart,
  async people(query, report, part: EngagementPart, { after, limit }) {
    const { buckets, starts, to } = daysOf(query, report);
    const index = buckets.findIndex((one) => one.from === Date.parse(part.bucket));
    if (index < 0) throw refuse.invalid(`The report has no day that starts at ${part.bucket}.`);
    const scope = query.scope(report);
    const last = starts.length - buckets.length + index;
    const span = { from: starts[last - DAYS[part.of] + 1]!, to: Math.min(buckets[index]!.to, to) };
    const where = scope.where(
      span,
      scope.names([report.what]) ?? undefined,
      scope.what(report.what),
      `${scope.person} > ${scope.bindings.bind(after, 'UInt64')}`,
    );
    const rows = await query.rows<{ person: string }>(
      'people',
      scope.statement(`SELECT ${scope.person} AS person\n${scope.from()}\n${where}
GROUP BY person ORDER BY person LIMIT ${scope.bindings.bind(limit, 'UInt32')}`),
    );
    return rows.map((row) => Number(row.person));
  },
};

const ratio = (a: number | null, b: number | null) => (a === null || !b ? null : a / b);

/** The days of the period, whole from the beginning of the first; `starts` has 29 more in front. */
function daysOf(query: Query, { period }: EngagementReport) {
  const span = query.span(period);
  const buckets = query
    .buckets(span, 'day')
    .map((bucket) => ({ ...bucket, partial: bucket.to > query.environment.now || bucket.to > span.to }));
  const before = startsBefore(buckets[0]!.from, DAYS.month - 1, 'day', query.environment);
  return { buckets, starts: [...before, ...buckets.map((bucket) => bucket.from)], to: span.to };
}
