import { bucketIndex, bucketStartSql } from '../bucket-sql.ts';
import type { ReportKind } from '../kind.ts';
import type { Bucket, Span } from '../period.ts';
import type { Query } from '../query.ts';
import { named, type TrendBucket } from '../trends/result.ts';
import { comparedSpan } from '../trends/spans.ts';
import type { WebReport } from './schema.ts';
import {
  MEASURES_SQL,
  type MeasuresRow,
  measuresOf,
  VISIT_FIELDS,
  type VisitMeasures,
  visitRows,
} from './visit-rows.ts';

/** What visits are listed by; each list has the values with the most visitors. */
const WEB_LISTS = {
  channels: VISIT_FIELDS.channel_group,
  referrers: `domainWithoutWWW(${VISIT_FIELDS.referrer})`,
  campaigns: VISIT_FIELDS.campaign_name,
  sources: VISIT_FIELDS.campaign_source,
  entryPages: VISIT_FIELDS.entry_path,
  exitPages: VISIT_FIELDS.exit_path,
  countries: VISIT_FIELDS.country,
  devices: VISIT_FIELDS.device,
  browsers: VISIT_FIELDS.browser,
  systems: "toString(argMinIf(e.os, e.timestamp, e.os != ''))",
} as const;
export type WebList = keyof typeof WEB_LISTS;

/** Core Web Vitals as the SDK measures them; their three quarters and how many were good, by web.dev's bounds. */
const VITALS = {
  lcp: { good: 2500, poor: 4000 },
  inp: { good: 200, poor: 500 },
  cls: { good: 0.1, poor: 0.25 },
  ttfb: { good: 800, poor: 1800 },
  load: { good: 3000, poor: 6000 },
} as const;
export type VitalName = keyof typeof VITALS;

export interface Vital {
  name: VitalName;
  /** Of three quarters of the views it was at most this: milliseconds, of `cls` a score. Null where none was measured. */
  p75: number | null;
  measured: number;
  goodShare: number | null;
  poorShare: number | null;
}

export interface WebResult {
  total: VisitMeasures;
  before: VisitMeasures | null;
  buckets: TrendBucket[];
  points: VisitMeasures[];
  pointsBefore: VisitMeasures[] | null;
  lists: Record<WebList, { value: string; measures: VisitMeasures }[]>;
  /** Views of each page, by how many people saw it. */
  pages: { path: string; views: number; people: number; sessions: number }[];
  vitals: Vital[];
}

export const web: ReportKind<WebReport, WebResult> = {
  kind: 'web',
  async run(query, report) {
    const span = query.span(report.period);
    const buckets = query.buckets(span, report.interval);
    const compared = report.compare ? comparedSpan(report.compare, report.period, span, query.environment) : null;
    const bucketsBefore = compared ? query.buckets(compared, report.interval) : null;
    const [over, before, lists, pages, vitals] = await Promise.all([
      overTime(query, report, span, buckets),
      compared && bucketsBefore ? overTime(query, report, compared, bucketsBefore) : null,
      listed(query, report, span),
      pagesOf(query, report, span),
      vitalsOf(query, report, span),
    ]);
    return {
      total: over.total,
      before: before?.total ?? null,
      buckets: buckets.map(named),
      points: over.points,
      pointsBefore: before ? buckets.map((_, index) => before.points[index] ?? measuresOf(undefined, false)) : null,
      lists,
      pages,
      vitals,
    };
  },
};

async function overTime(query: Query, report: WebReport, span: Span, buckets: readonly Bucket[]) {
  const { scope, sql } = visitRows(query, report, span, { goal: report.goal });
  const bucket = bucketStartSql(buckets, "fromUnixTimestamp64Milli(start, 'UTC')");
  const rows = await query.rows<MeasuresRow & { bucket: string; whole: number }>(
    'visits over time',
    scope.statement(`SELECT ${bucket} AS bucket, grouping(bucket) AS whole, ${MEASURES_SQL} FROM (
${sql}
)\nGROUP BY GROUPING SETS ((bucket), ())`),
  );
  const goal = report.goal !== undefined;
  const place = bucketIndex(buckets);
  const points = buckets.map(() => measuresOf(undefined, goal));
  for (const row of rows) if (Number(row.whole) === 0) points[place.get(Number(row.bucket))!] = measuresOf(row, goal);
  return {
    total: measuresOf(
      rows.find((row) => Number(row.whole) === 1),
      goal,
    ),
    points,
  };
}

/** All lists from one reading of the visits. */
async function listed(query: Query, report: WebReport, span: Span): Promise<WebResult['lists']> {
  const names = Object.keys(WEB_LISTS) as WebList[];
  const { scope, sql } = visitRows(query, report, span, { goal: report.goal, columns: () => ({ ...WEB_LISTS }) });
  const rows = await query.rows<MeasuresRow & { list: string; value: string }>(
    'lists',
    scope.statement(`SELECT pair.1 AS list, pair.2 AS value, ${MEASURES_SQL} FROM (
${sql}
)\nARRAY JOIN [${names.map((name) => `('${name}', ${name})`).join(', ')}] AS pair
WHERE value != ''\nGROUP BY list, value
ORDER BY people DESC, sessions DESC, value LIMIT ${scope.bindings.bind(report.top, 'UInt32')} BY list`),
  );
  const of = (name: WebList) =>
    rows
      .filter((row) => row.list === name)
      .map((row) => ({ value: row.value, measures: measuresOf(row, report.goal !== undefined) }));
  return Object.fromEntries(names.map((name) => [name, of(name)])) as WebResult['lists'];
}

async function pagesOf(query: Query, report: WebReport, span: Span): Promise<WebResult['pages']> {
  const scope = query.scope(report);
  const where = scope.where(span, "e.type = 'page'", "e.path != ''");
  const rows = await query.rows<{ path: string; views: string; people: string; sessions: string }>(
    'pages',
    scope.statement(`SELECT e.path AS path, count() AS views, uniqExact(${scope.person}) AS people, uniqExactIf(${scope.session}, ${scope.session} != 0) AS sessions
${scope.from()}\n${where}\nGROUP BY path ORDER BY people DESC, views DESC, path LIMIT ${scope.bindings.bind(report.top, 'UInt32')}`),
  );
  return rows.map(({ path, views, people, sessions }) => ({
    path,
    views: Number(views),
    people: Number(people),
    sessions: Number(sessions),
  }));
}

async function vitalsOf(query: Query, report: WebReport, span: Span): Promise<Vital[]> {
  const scope = query.scope(report);
  const names = Object.keys(VITALS) as VitalName[];
  const columns = names.flatMap((name) => {
    const value = scope.field({ of: 'property', name }).number;
    const { good, poor } = VITALS[name];
    return [
      `quantileExactInclusive(0.75)(${value}) AS ${name}`,
      `count(${value}) AS ${name}_measured`,
      `countIf(${value} <= ${good}) AS ${name}_good`,
      `countIf(${value} > ${poor}) AS ${name}_poor`,
    ];
  });
  const where = scope.where(span, "e.name = 'Web Vitals'");
  const [row] = await query.rows<Record<string, string | number | null>>(
    'vitals',
    scope.statement(`SELECT ${columns.join(',\n  ')}\n${scope.from()}\n${where}`),
  );
  return names.map((name) => {
    const measured = Number(row?.[`${name}_measured`] ?? 0);
    const share = (which: string) => (measured === 0 ? null : Number(row![`${name}_${which}`]) / measured);
    const p75 = row?.[name];
    return {
      name,
      p75: measured === 0 || p75 === null || p75 === undefined ? null : Number(p75),
      measured,
      goodShare: share('good'),
      poorShare: share('poor'),
    };
  });
}
