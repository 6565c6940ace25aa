import { bucketIndex, bucketStartSql } from '../bucket-sql.ts';
import type { Field } from '../field.ts';
import type { ReportKind } from '../kind.ts';
import type { Query } from '../query.ts';
import type { Scope } from '../scope.ts';
import { named, type TrendBucket } from '../trends/result.ts';
import { SessionsPart, type SessionsReport } from './schema.ts';
import {
  firstOf,
  MEASURES_SQL,
  type MeasuresRow,
  measuresOf,
  VISIT_FIELDS,
  type VisitMeasures,
  type VisitRows,
  visitRows,
} from './visit-rows.ts';

export interface SessionsSeries {
  /** The value of the breakdown, empty where visits have none; null for all that is not shown, and without a breakdown. */
  value: string | null;
  other: boolean;
  total: VisitMeasures;
  points: VisitMeasures[];
}

export interface SessionsResult {
  buckets: TrendBucket[];
  series: SessionsSeries[];
  /** Values of the breakdown in all; null without one. */
  different: number | null;
}

/** More values than a report can show are told apart no further. */
const MOST_VALUES = 10_000;

export const sessions: ReportKind<SessionsReport, SessionsResult> = {
  kind: 'sessions',
  async run(query, report) {
    const span = query.span(report.period);
    const buckets = query.buckets(span, report.interval);
    const { breakdown } = report;
    const shown = breakdown ? await topValues(query, report, breakdown) : null;
    const rows = rowsOf(query, report);
    const value = shown ? rows.scope.bindings.texts(shown.values) : null;
    const group = value ? `if(has(${value}, value), value, NULL) AS shown, ` : '';
    const bucket = bucketStartSql(buckets, "fromUnixTimestamp64Milli(start, 'UTC')");
    const answered = await query.rows<MeasuresRow & { shown?: string | null; bucket: string; whole: number }>(
      'visits',
      rows.scope.statement(`SELECT ${group}${bucket} AS bucket, grouping(bucket) AS whole, ${MEASURES_SQL} FROM (
${rows.sql}
)\nGROUP BY GROUPING SETS (${value ? '(shown, bucket), (shown)' : '(bucket), ()'})`),
    );
    const place = bucketIndex(buckets);
    const goal = report.goal !== undefined;
    const values = shown ? [...shown.values, ...(shown.different > shown.values.length ? [null] : [])] : [null];
    const series = values.map((one): SessionsSeries => {
      const own = answered.filter((row) => !shown || row.shown === one);
      const points = buckets.map(() => measuresOf(undefined, goal));
      for (const row of own)
        if (Number(row.whole) === 0) points[place.get(Number(row.bucket))!] = measuresOf(row, goal);
      const whole = own.find((row) => Number(row.whole) === 1);
      return { value: one, other: shown !== null && one === null, total: measuresOf(whole, goal), points };
    });
    return { buckets: buckets.map(named), series, different: shown?.different ?? null };
  },
  part: SessionsPart,
  async people(query, report, part: SessionsPart, { after, limit }) {
    const span = query.span(report.period);
    const buckets = query.buckets(span, report.interval);
    const bucket = part.bucket === undefined ? undefined : buckets.find((one) => one.from === Date.parse(part.bucket!));
    const rows = rowsOf(
      query,
      report,
      bucket ? { from: Math.max(bucket.from, span.from), to: Math.min(bucket.to, span.to) } : span,
    );
    const { bindings } = rows.scope;
    const conditions = [`person > ${bindings.bind(after, 'UInt64')}`];
    if (part.value !== undefined && part.value !== null) conditions.push(`value = ${bindings.text(part.value)}`);
    if (part.value === null && report.breakdown) {
      const shown = await topValues(query, report, report.breakdown);
      conditions.push(`value NOT IN ${bindings.texts(shown.values)}`);
    }
    if (part.outcome === 'reached') conditions.push('reached');
    if (part.outcome === 'bounced') conditions.push('bounced');
    const found = await query.rows<{ person: string }>(
      'people',
      rows.scope.statement(`SELECT DISTINCT person FROM (
${rows.sql}
)\nWHERE ${conditions.join(' AND ')}\nORDER BY person LIMIT ${bindings.bind(limit, 'UInt32')}`),
    );
    return found.map((row) => Number(row.person));
  },
};

function rowsOf(query: Query, report: SessionsReport, span = query.span(report.period)): VisitRows {
  const { breakdown, goal } = report;
  const columns = breakdown ? (scope: Scope) => ({ value: visitValue(scope, breakdown) }) : undefined;
  return visitRows(query, report, span, { goal, ...(columns ? { columns } : {}) });
}

/** What a visit has of a field: of fields of visits their own, of others the first that one of its events has. */
function visitValue(scope: Scope, field: Field): string {
  if (field.of === 'session' && field.name in VISIT_FIELDS)
    return VISIT_FIELDS[field.name as keyof typeof VISIT_FIELDS];
  if (field.of === 'session') return `any(${scope.field(field).text})`;
  return `toString(${firstOf(scope.field(field).text)})`;
}

/** The values with the most visits, and how many there are. */
async function topValues(
  query: Query,
  report: SessionsReport,
  field: Field,
): Promise<{ values: string[]; different: number }> {
  const { scope, sql } = rowsOf(query, { ...report, breakdown: field, goal: undefined });
  const rows = await query.rows<{ value: string; different: string }>(
    'values',
    scope.statement(`SELECT value, count() OVER () AS different FROM (
  SELECT value, count() AS sessions FROM (
${sql}
) GROUP BY value ORDER BY sessions DESC, value LIMIT ${MOST_VALUES})
ORDER BY sessions DESC, value LIMIT ${scope.bindings.bind(report.top, 'UInt32')}`),
  );
  return { values: rows.map((row) => row.value), different: Number(rows[0]?.different ?? 0) };
}
