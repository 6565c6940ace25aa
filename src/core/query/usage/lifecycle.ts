import { refuse } from '../../../kernel/refusal.ts';
import { literal } from '../bindings.ts';
import type { ReportKind } from '../kind.ts';
import type { Bucket } from '../period.ts';
import type { Query } from '../query.ts';
import { named, type TrendBucket } from '../trends/result.ts';
import { startsBefore } from '../trends/spans.ts';
import { warnOfUnknown } from '../unknown-names.ts';
import { LifecyclePart, type LifecycleReport } from './schema.ts';

/** For each bucket people, null for those that have not begun. Each active person is one of the first three. */
export interface LifecycleResult {
  buckets: TrendBucket[];
  /** Did it for the first time ever. */
  new: (number | null)[];
  /** Did it in the interval before, too. */
  returning: (number | null)[];
  /** Did it before, but not in the interval before. */
  resurrecting: (number | null)[];
  /** Did it in the interval before, and not in this one. */
  dormant: (number | null)[];
}

/** Before anything that could have been recorded. */
const EVER = Date.UTC(1900, 0, 1);

/**
 * Who is new follows from the events themselves: the first that matches, however long ago. One set of people for each
 * interval is enough: who was active in two neighbouring ones, and who was ever before, are sizes of unions.
 */
export const lifecycle: ReportKind<LifecycleReport, LifecycleResult> = {
  kind: 'lifecycle',
  async run(query, report) {
    await warnOfUnknown(query, [report.what]);
    const { buckets, starts, to } = intervalsOf(query, report);
    const scope = query.scope(report);
    const bucket = `roundDown(toUnixTimestamp64Milli(e.timestamp), [${starts.map(literal).join(', ')}])`;
    const place = `transform(bucket, [${starts.map(literal).join(', ')}], [${starts.map((_, index) => index).join(', ')}], 0)`;
    const where = scope.where({ from: EVER, to }, scope.names([report.what]) ?? undefined, scope.what(report.what));
    const rows = await query.rows<{ place: string; here: string; both: string; ever: string }>(
      'life cycle',
      scope.statement(`SELECT place, finalizeAggregation(people) AS here,
  groupBitmapMerge(people) OVER (ORDER BY place RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS both,
  groupBitmapMerge(people) OVER (ORDER BY place ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS ever
FROM (SELECT toInt64(${place}) AS place, people FROM (
SELECT ${bucket} AS bucket, groupBitmapState(${scope.person}) AS people\n${scope.from()}\n${where}\nGROUP BY bucket
)) ORDER BY place`),
    );
    return shape(buckets, rows, query.environment.now);
  },
  part: LifecyclePart,
  async people(query, report, { bucket, status }: LifecyclePart, { after, limit }) {
    const { buckets, starts, to } = intervalsOf(query, report);
    const index = buckets.findIndex((one) => one.from === Date.parse(bucket));
    if (index < 0) throw refuse.invalid(`The report has no interval that starts at ${bucket}.`);
    const scope = query.scope(report);
    const [from, before] = [buckets[index]!.from, starts[index + 1]!];
    const until = Math.min(buckets[index]!.to, to);
    const within = (start: number, end: number) =>
      `countIf(e.timestamp >= ${scope.bindings.time(start)} AND e.timestamp < ${scope.bindings.time(end)})`;
    const [here, just, ever] = [within(from, until), within(before, from), within(EVER, from)];
    const having = {
      new: `${here} > 0 AND ${ever} = 0`,
      returning: `${here} > 0 AND ${just} > 0`,
      resurrecting: `${here} > 0 AND ${just} = 0 AND ${ever} > 0`,
      dormant: `${here} = 0 AND ${just} > 0`,
    }[status];
    const where = scope.where(
      { from: EVER, to: until },
      scope.names([report.what]) ?? undefined,
      scope.what(report.what),
      `${scope.person} > ${scope.bindings.bind(after, 'UInt64')}`,
    );
    const rows = await query.rows<{ person: string }>(
      'people',
      scope.statement(`SELECT ${scope.person} AS person\n${scope.from()}\n${where}
GROUP BY person HAVING ${having}\nORDER BY person LIMIT ${scope.bindings.bind(limit, 'UInt32')}`),
    );
    return rows.map((row) => Number(row.person));
  },
};

/** The report's intervals, whole from the beginning of the first; `starts` has ever and the interval before in front. */
function intervalsOf(query: Query, { period, interval }: LifecycleReport) {
  const span = query.span(period);
  const buckets = query
    .buckets(span, interval)
    .map((bucket) => ({ ...bucket, partial: bucket.to > query.environment.now || bucket.to > span.to }));
  const [before] = startsBefore(buckets[0]!.from, 1, interval, query.environment);
  return { buckets, starts: [EVER, before!, ...buckets.map((bucket) => bucket.from)], to: span.to };
}

function shape(
  buckets: Bucket[],
  rows: { place: string; here: string; both: string; ever: string }[],
  now: number,
): LifecycleResult {
  const at = new Map(rows.map((row) => [Number(row.place), row]));
  const here = (place: number) => Number(at.get(place)?.here ?? 0);
  const result: LifecycleResult = {
    buckets: buckets.map(named),
    new: [],
    returning: [],
    resurrecting: [],
    dormant: [],
  };
  let ever = Math.max(0, ...[0, 1].map((place) => Number(at.get(place)?.ever ?? 0)));
  for (const [index, bucket] of buckets.entries()) {
    const row = at.get(index + 2);
    const before = here(index + 1);
    if (!row && bucket.from > now) {
      for (const list of [result.new, result.returning, result.resurrecting, result.dormant]) list.push(null);
      continue;
    }
    const active = Number(row?.here ?? 0);
    const fresh = row ? Number(row.ever) - ever : 0;
    const returning = row ? active + before - Number(row.both) : 0;
    ever += fresh;
    result.new.push(fresh);
    result.returning.push(returning);
    result.resurrecting.push(active - fresh - returning);
    result.dormant.push(before - returning);
  }
  return result;
}
