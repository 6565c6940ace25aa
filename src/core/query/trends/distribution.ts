import type { Query } from '../query.ts';
import { givenSql, type LargestRow, largestSql } from './cells-sql.ts';
import { letter } from './formula.ts';
import { Shown } from './grid.ts';
import type { TrendResult, TrendSeries } from './result.ts';
import type { TrendReport } from './schema.ts';

/** How often people did it: each number up to 10, then wider and wider. */
export const BINS: readonly { from: number; to: number | null }[] = [
  ...Array.from({ length: 10 }, (_, index) => ({ from: index + 1, to: index + 1 })),
  { from: 11, to: 20 },
  { from: 21, to: 50 },
  { from: 51, to: 100 },
  { from: 101, to: 1000 },
  { from: 1001, to: null },
];

/** How many people did it so many times, over the whole period. The total is of all who did it. */
export async function distribution(query: Query, report: TrendReport): Promise<TrendResult> {
  const shown = new Shown(report.top);
  const broken = report.breakdown.length > 0;
  const rows: { index: number; place: number; bins: Map<number, number> }[] = [];
  for (const index of report.series.keys()) {
    if (broken && shown.values.length < shown.top) await largest(query, report, index, shown);
    for (const [place, bins] of await binsOf(query, report, index, shown)) rows.push({ index, place, bins });
  }
  const rest = rows.some((row) => broken && row.place === 0);
  const places = broken ? [...shown.values.map((_, index) => index + 1), ...(rest ? [0] : [])] : [0];
  const series = report.series.flatMap((one, index) =>
    places.map((place): TrendSeries => {
      const bins = rows.find((row) => row.index === index && row.place === place)?.bins;
      const values = BINS.map((bin) => bins?.get(bin.from) ?? 0);
      return {
        id: letter(index),
        label: one.label ?? null,
        breakdown: !broken ? [] : place === 0 ? report.breakdown.map(() => null) : shown.values[place - 1]!,
        currency: null,
        unit: 'number',
        values,
        total: values.reduce((sum, value) => sum + value, 0),
        before: null,
      };
    }),
  );
  return { buckets: [], bucketsBefore: null, bins: [...BINS], series, different: broken ? shown.different : null };
}

/** Gives places to the values with the most people. */
export async function largest(query: Query, report: TrendReport, index: number, shown: Shown): Promise<void> {
  const scope = query.scope(report);
  const { what } = report.series[index]!;
  const question = {
    scope,
    read: query.span(report.period),
    starts: [],
    conditions: [scope.names([what]) ?? undefined, scope.what(what)],
    measure: {
      parts: [{ name: 'groupBitmap', args: scope.person }],
      condition: undefined,
      size: 0,
      value: () => null,
      empty: 0 as const,
    },
    breakdown: report.breakdown.map((field) => scope.field(field).text),
    given: shown.values,
    top: shown.top,
    window: { of: 'interval' as const },
  };
  const rows = await query.rows<LargestRow>(`${letter(index)}: largest values`, largestSql(question));
  if (shown.values.length === 0) shown.different = Number(rows[0]?.different ?? 0);
  shown.values.push(...rows.map((row) => [row.values].flat()));
}

/** By place (0: the rest, or all without a breakdown) and start of the bin. */
async function binsOf(query: Query, report: TrendReport, index: number, shown: Shown) {
  const scope = query.scope(report);
  const { what } = report.series[index]!;
  const breakdown = report.breakdown.map((field) => scope.field(field).text);
  const place = breakdown.length > 0 ? givenSql(scope, { given: shown.values, breakdown }) : '0';
  const conditions = [scope.names([what]) ?? undefined, scope.what(what)];
  const statement = scope.statement(
    `SELECT place, roundDown(times, [${BINS.map((bin) => bin.from).join(', ')}]) AS bin, count() AS people FROM (
SELECT ${place} AS place, ${scope.person} AS person, count() AS times\n${scope.from()}\n${scope.where(query.span(report.period), ...conditions)}
GROUP BY place, person
) GROUP BY place, bin ORDER BY place, bin`,
  );
  const rows = await query.rows<{ place: string; bin: string; people: string }>(letter(index), statement);
  const places = new Map<number, Map<number, number>>();
  for (const row of rows) {
    const bins = places.get(Number(row.place)) ?? new Map<number, number>();
    places.set(Number(row.place), bins.set(Number(row.bin), Number(row.people)));
  }
  return places;
}
