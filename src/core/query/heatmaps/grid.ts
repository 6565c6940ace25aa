/** Columns of the grid: hundredths of the viewport's width. */
export const COLUMNS = 100;
/** Rows are counted so high, and put together to cells about as high as they are wide. */
const FINE_PIXELS = 4;
/** What lies deeper counts in the last row. */
export const DEEPEST_PIXELS = 50_000;
/** The cells that a result has; those with most. */
export const CELLS_LIMIT = 20_000;

/** Counts points on a page, whose width is a share and whose height is pixels. */
export class Grid {
  readonly #counts = new Uint32Array((DEEPEST_PIXELS / FINE_PIXELS) * COLUMNS);
  #deepest = 0;
  total = 0;

  add(column: number, y: number): void {
    const row = Math.min(y, DEEPEST_PIXELS - 1) >> 2;
    this.#counts[row * COLUMNS + column]!++;
    if (row > this.#deepest) this.#deepest = row;
    this.total++;
  }

  /** Column, row and count of each cell with any, the rows so many pixels high. */
  cells(height: number): { cells: [number, number, number][]; left: number } {
    const fine = height / FINE_PIXELS;
    const cells: [number, number, number][] = [];
    const sums = new Uint32Array(COLUMNS);
    for (let row = 0; row <= this.#deepest; row += fine) {
      sums.fill(0);
      const end = Math.min(this.#counts.length, (row + fine) * COLUMNS);
      for (let at = row * COLUMNS; at < end; at++) sums[at % COLUMNS]! += this.#counts[at]!;
      for (let column = 0; column < COLUMNS; column++)
        if (sums[column]! > 0) cells.push([column, row / fine, sums[column]!]);
    }
    if (cells.length <= CELLS_LIMIT) return { cells, left: 0 };
    cells.sort((a, b) => b[2] - a[2] || a[1] - b[1] || a[0] - b[0]);
    return { cells: cells.slice(0, CELLS_LIMIT), left: cells.length - CELLS_LIMIT };
  }
}

/** How high a cell is on a page of that width: about as high as wide. */
export const cellHeight = (width: number): number =>
  FINE_PIXELS * Math.max(1, Math.round(width / COLUMNS / FINE_PIXELS));

/** The middle of whole numbers, which are counted by value: the lower of two. 0 of none. */
export function middle(counts: ReadonlyMap<number, number>): number {
  const sorted = [...counts].sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  let before = 0;
  for (const [value, count] of sorted) {
    before += count;
    if (before * 2 >= total) return value;
  }
  return 0;
}
