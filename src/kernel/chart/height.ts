import type { ChartSpec, OverlapSpec } from './spec.ts';

const SET_ROW = 26;

/** Pixels of the matrix below the bars of an overlap. */
export const overlapRows = (of: OverlapSpec) => of.sets.length * SET_ROW;

/** Pixels that a chart likes to be high, where its page has no other wish. */
export function heightOf(of: ChartSpec): number {
  switch (of.kind) {
    case 'bars':
      return of.direction === 'across'
        ? Math.max(120, of.categories.length * barRow(of.series.length, of.stacked) + 24)
        : 280;
    case 'estimates':
      return of.items.length * 38 + 40;
    case 'overlap':
      return 200 + overlapRows(of);
    case 'grid':
      return of.rows.length * 30 + 56;
    case 'retention':
      return of.shape === 'table' ? of.rows.length * 30 + 56 : 300;
    case 'flow':
      return 420;
    case 'map':
      return 400;
    case 'number':
      return of.spark ? 190 : 120;
    default:
      return 300;
  }
}

const barRow = (series: number, stacked = false) => (stacked ? 32 : 16 + 16 * series);
