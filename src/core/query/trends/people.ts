import { refuse } from '../../../kernel/refusal.ts';
import type { Span } from '../period.ts';
import type { Query } from '../query.ts';
import { givenSql, valuesSql } from './cells-sql.ts';
import { BINS, largest } from './distribution.ts';
import { Shown } from './grid.ts';
import { ofCurrency } from './lines.ts';
import { measureSql } from './measure.ts';
import { readAll } from './reading.ts';
import type { TrendPart, TrendReport } from './schema.ts';
import { comparedSpan, startsBefore } from './spans.ts';

/** The people whose events make a point of a series, or the whole of it. */
export async function peopleOfTrend(
  query: Query,
  report: TrendReport,
  part: TrendPart,
  { after, limit }: { after: number; limit: number },
): Promise<number[]> {
  const index = part.series.charCodeAt(0) - 65;
  const series = report.series[index];
  if (!series) throw refuse.invalid(`The report has no series ${part.series}.`);
  const span = spanOfPart(query, report, part);
  const scope = query.scope(report);
  const { condition } = measureSql(series.measure, scope);
  const conditions = [
    scope.names([series.what]) ?? undefined,
    scope.what(series.what),
    condition,
    ofCurrency(part.currency ?? null, (text) => scope.bindings.text(text)),
  ];
  if (part.breakdown && part.breakdown.length > 0) {
    const { breakdown } = part;
    if (breakdown.length !== report.breakdown.length)
      throw refuse.invalid(
        `The report is broken down by ${report.breakdown.length} fields, the part by ${breakdown.length}.`,
      );
    const texts = report.breakdown.map((field) => scope.field(field).text);
    if (breakdown.every((value) => value === null)) {
      const given = await shownOf(query, report);
      conditions.push(`${givenSql(scope, { given, breakdown: texts })} = 0`);
    } else {
      for (const [field, value] of breakdown.entries())
        conditions.push(`${valuesSql([texts[field]!])} = ${scope.bindings.text(value ?? '')}`);
    }
  }
  const bin = part.bin === undefined ? undefined : BINS.find((one) => one.from === part.bin);
  if (part.bin !== undefined && !(bin && report.distribution))
    throw refuse.invalid(`The report has no bin that starts with ${part.bin}.`);
  const times = bin ? `\nHAVING count() >= ${bin.from}${bin.to === null ? '' : ` AND count() <= ${bin.to}`}` : '';
  conditions.push(`${scope.person} > ${scope.bindings.bind(after, 'UInt64')}`);
  const rows = await query.rows<{ person: string }>(
    'people',
    scope.statement(
      `SELECT ${scope.person} AS person\n${scope.from()}\n${scope.where(span, ...conditions)}
GROUP BY person${times}\nORDER BY person LIMIT ${scope.bindings.bind(limit, 'UInt32')}`,
    ),
  );
  return rows.map((row) => Number(row.person));
}

/** From when to when the events of a part lie: several intervals where points are rolling or cumulative. */
function spanOfPart(query: Query, report: TrendReport, part: TrendPart): Span {
  const whole = query.span(report.period);
  if (part.before && !report.compare) throw refuse.invalid('The report is not compared with anything.');
  const span = part.before ? comparedSpan(report.compare!, report.period, whole, query.environment) : whole;
  if (part.bucket === undefined || report.distribution) return span;
  const at = Date.parse(part.bucket);
  const buckets = query.buckets(span, report.interval);
  const bucket = buckets.find((one) => one.from === at);
  if (!bucket) throw refuse.invalid(`The report has no point that starts at ${part.bucket}.`);
  const to = Math.min(bucket.to, span.to);
  if (report.cumulative) return { from: span.from, to };
  if (!report.rolling) return { from: Math.max(bucket.from, span.from), to };
  return { from: startsBefore(bucket.from, report.rolling - 1, report.interval, query.environment)[0]!, to };
}

/** The values that the report shows, so that the rest is what is not among them. */
async function shownOf(query: Query, report: TrendReport): Promise<string[][]> {
  if (!report.distribution) return (await readAll(query, { ...report, compare: undefined })).shown.values;
  const shown = new Shown(report.top);
  for (const index of report.series.keys())
    if (shown.values.length < shown.top) await largest(query, report, index, shown);
  return shown.values;
}
