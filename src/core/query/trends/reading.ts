import { refuse } from '../../../kernel/refusal.ts';
import { REPORT_ROWS } from '../limits.ts';
import type { Bucket, Span } from '../period.ts';
import type { Query } from '../query.ts';
import { type Grid, gridOf, Shown } from './grid.ts';
import { type Line, linesOf } from './lines.ts';
import type { TrendReport } from './schema.ts';
import { comparedSpan } from './spans.ts';

/** The numbers of all lines of a report. */
export interface Reading {
  buckets: Bucket[];
  lines: Line[];
  shown: Shown;
  /** For each line. */
  grids: Grid[];
  /** What it is compared with. */
  before: { buckets: Bucket[]; grids: Grid[] } | null;
}

/** All that is read for a report: its lines' numbers, now and before. */
export async function readAll(query: Query, report: TrendReport): Promise<Reading> {
  const span = query.span(report.period);
  const buckets = query.buckets(span, report.interval);
  const points = (buckets.length + 1) * (report.breakdown.length > 0 ? report.top + 1 : 1);
  if (points > REPORT_ROWS)
    throw refuse.invalid(
      `That would be ${points.toLocaleString('en')} points a series. Choose a longer interval, a shorter period or fewer values.`,
    );
  const earlier = report.compare && comparedSpan(report.compare, report.period, span, query.environment);
  const lines = await linesOf(query, report, earlier ? [span, earlier] : [span]);
  const shown = new Shown(report.top);
  const grids = await each(report, lines, (line) => gridOf(query, report, line, span, buckets, shown));
  shown.closed = true;
  return {
    buckets,
    lines,
    shown,
    grids,
    before: earlier ? await compared(query, report, lines, earlier, shown) : null,
  };
}

async function compared(query: Query, report: TrendReport, lines: Line[], span: Span, shown: Shown) {
  const buckets = query.buckets(span, report.interval);
  const grids = await Promise.all(lines.map((line) => gridOf(query, report, line, span, buckets, shown)));
  return { buckets, grids };
}

/** With a breakdown one after the other: each takes the places that those before it left. */
async function each(report: TrendReport, lines: Line[], grid: (line: Line) => Promise<Grid>): Promise<Grid[]> {
  if (report.breakdown.length === 0) return Promise.all(lines.map(grid));
  const grids: Grid[] = [];
  for (const line of lines) grids.push(await grid(line));
  return grids;
}
