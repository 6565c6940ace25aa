import { QueryLimit } from '../../../kernel/events.ts';
import type { Bucket, Span } from '../period.ts';
import type { Query } from '../query.ts';
import { type CellsQuestion, type CellsRow, cellsSql, type LargestRow, largestSql } from './cells-sql.ts';
import { type Line, ofCurrency } from './lines.ts';
import { type MeasureSql, measureSql } from './measure.ts';
import type { TrendReport } from './schema.ts';
import { startsBefore } from './spans.ts';

/** The numbers of a line for one value of the breakdown. */
export interface Numbers {
  /** For each bucket. */
  values: (number | null)[];
  total: number | null;
}

/** A line's numbers, by place among the shown values; `rest` where there is more than is shown. */
export interface Grid {
  shown: Map<number, Numbers>;
  rest: Numbers | null;
  /** What stands where there are no events. */
  nothing: Numbers;
}

/** Which values of the breakdown are shown, largest of the first series first; later series fill what places are left. */
export class Shown {
  readonly values: string[][] = [];
  readonly top: number;
  /** How many different values the series with the most of them has. */
  different = 0;
  /** No further values get a place. */
  closed = false;

  constructor(top: number) {
    this.top = top;
  }
}

/** The numbers of a line over a span. Values that have no place yet get one, while there are places left. */
export async function gridOf(
  query: Query,
  report: TrendReport,
  line: Line,
  span: Span,
  buckets: Bucket[],
  shown: Shown,
): Promise<Grid> {
  const made = () => question(query, report, line, span, buckets, shown);
  let rows: CellsRow[];
  try {
    rows = await query.rows<CellsRow>(line.id, cellsSql(made()));
  } catch (error) {
    // So many values that each with a set of its own is too much: first which are the largest, then only those.
    if (!(error instanceof QueryLimit && error.which === 'memory') || report.breakdown.length === 0) throw error;
    rows = await carefully(query, line, made, shown);
  }
  const { measure } = made();
  const { now } = query.environment;
  const nothing = { values: buckets.map((bucket) => (bucket.from > now ? null : measure.empty)), total: measure.empty };
  const grid: Grid = { shown: new Map(), rest: null, nothing };
  const top = report.breakdown.length === 0 ? 1 : shown.closed ? shown.values.length : shown.top;
  for (const row of rows) {
    const numbers = numbersOf(row, measure, buckets, { ...report, now: query.environment.now });
    const place = Number(row.place);
    shown.different = Math.max(shown.different, Number(row.different));
    if (place > top) grid.rest = numbers;
    else {
      shown.values[place - 1] ??= [row.values].flat();
      grid.shown.set(place - 1, numbers);
    }
  }
  return grid;
}

function question(
  query: Query,
  report: TrendReport,
  line: Line,
  span: Span,
  buckets: Bucket[],
  shown: Shown,
): CellsQuestion {
  const scope = query.scope(report);
  const { what, measure } = line.series;
  const asked: CellsQuestion = {
    scope,
    read: span,
    starts: buckets.map((bucket) => bucket.from),
    conditions: [
      scope.names([what]) ?? undefined,
      scope.what(what),
      ofCurrency(line.currency, (text) => scope.bindings.text(text)),
    ],
    measure: measureSql(measure, scope),
    breakdown: report.breakdown.map((field) => scope.field(field).text),
    given: shown.values,
    top: shown.closed ? shown.values.length : shown.top,
    window: report.cumulative ? { of: 'all before' } : { of: 'interval' },
  };
  if (!report.rolling) return asked;
  const before = startsBefore(buckets[0]!.from, report.rolling - 1, report.interval, query.environment);
  // Where the span begins within an interval, its beginning is told apart: windows have all of it, the total has not.
  const starts = [...new Set([...before, ...asked.starts, span.from])].sort((a, b) => a - b);
  return {
    ...asked,
    starts,
    read: { from: starts[0]!, to: span.to },
    window: { of: 'last', count: report.rolling, buckets, from: span.from },
  };
}

async function carefully(query: Query, line: Line, made: () => CellsQuestion, shown: Shown): Promise<CellsRow[]> {
  if (!shown.closed && shown.values.length < shown.top) {
    const first = shown.values.length === 0;
    const largest = await query.rows<LargestRow>(`${line.id}: largest values`, largestSql(made()));
    if (first) shown.different = Number(largest[0]?.different ?? 0);
    shown.values.push(...largest.map((row) => [row.values].flat()));
  }
  return query.rows<CellsRow>(line.id, cellsSql({ ...made(), given: shown.values, early: true }));
}

/** Of intervals that have not begun nothing can be said, unless events came with times that are still to be. */
function numbersOf(
  row: CellsRow,
  measure: MeasureSql,
  buckets: Bucket[],
  { cumulative, rolling, now }: Pick<TrendReport, 'cumulative' | 'rolling'> & { now: number },
): Numbers {
  const parts = (list: readonly (number | string | null)[]) => list.map((one) => (one === null ? null : Number(one)));
  const known = new Map(row.cells.map(([start, ...rest]) => [Number(start), measure.value(parts(rest))]));
  let last: number | null = measure.empty;
  const values = buckets.map(({ from }, index) => {
    const value = known.get(rolling ? index : from);
    if (from > now && (value === undefined || rolling || cumulative)) return null;
    if (value !== undefined) last = value;
    return value === undefined ? (cumulative ? last : measure.empty) : value;
  });
  return { values, total: measure.value(parts(row.total)) };
}
