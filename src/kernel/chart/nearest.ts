import type { ChartSpec, Selection } from './spec.ts';

/**
 * The series nearest to a place in a chart of lines or of bars over time: `index` is the point, `value` the height in the
 * spec's unit. In stacks it is the one whose layer is there. Nothing where no series has a value.
 */
export function nearestSelection(
  of: ChartSpec,
  index: number,
  value: number,
  hidden: ReadonlySet<string>,
): Selection | null {
  if (of.kind === 'retention') {
    const rows = of.rows.filter((row) => !hidden.has(row.id));
    const nearest = closest(rows, (row) => distance(row.values[index], value));
    return nearest ? { kind: 'retention', series: nearest.id, index } : null;
  }
  if (of.kind !== 'time' || !of.points[index]) return null;
  const item = of.points[index].at;
  const series = of.series.filter((one) => !hidden.has(one.id) && one.values[index] != null);
  if (of.shape === 'area' || of.shape === 'stacked') {
    let top = 0;
    for (const one of series.filter((each) => !each.comparesTo)) {
      top += one.values[index] ?? 0;
      if (value <= top) return { kind: 'time', series: one.id, index, item };
    }
  }
  const nearest = closest(series, (one) => distance(one.values[index], value));
  return nearest ? { kind: 'time', series: nearest.id, index, item } : null;
}

const distance = (known: number | null | undefined, value: number) =>
  known == null ? Number.POSITIVE_INFINITY : Math.abs(known - value);

function closest<T>(all: T[], far: (one: T) => number): T | null {
  let best: T | null = null;
  for (const one of all) if (Number.isFinite(far(one)) && (best === null || far(one) < far(best))) best = one;
  return best;
}
