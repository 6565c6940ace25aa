import type { HeatmapResult } from './calls.ts';

/** Columns of a result's grid: hundredths of the width. */
const COLUMNS = 100;

/** Of how many points a place is at least, for each step of the scale, from the palest. */
export function stepsOf(cells: HeatmapResult['cells'], most: number): number[] {
  const steps: number[] = [];
  const top = Math.max(1, ...cells.map(([, , count]) => count));
  for (let step = 0; step < most; step++) {
    // Places differ by orders of magnitude: each step is the same factor.
    const from = Math.max(1, Math.round(top ** (step / most)));
    if (from !== steps.at(-1)) steps.push(from);
  }
  return steps;
}

/** The step that a number lies in. */
const stepAt = (steps: readonly number[], count: number): number => steps.findLastIndex((from) => count >= from);

/** As many colours of the scale as there are steps, the palest first. */
export const coloursFor = (scale: readonly string[], steps: number): string[] =>
  Array.from({ length: steps }, (_, step) => scale[steps === 1 ? 5 : 1 + Math.round((step * 7) / (steps - 1))]!);

/** Draws places as discs, those with most on top: each count is that of its own place. */
export function drawCells(
  pen: CanvasRenderingContext2D,
  { cells, cellHeight }: Pick<HeatmapResult, 'cells' | 'cellHeight'>,
  size: { width: number; scale: number },
  scale: readonly string[],
): void {
  const steps = stepsOf(cells, scale.length - 1);
  const colours = coloursFor(scale, steps.length);
  const column = size.width / COLUMNS;
  const radius = Math.max(column, cellHeight * size.scale) * 0.85;
  pen.globalAlpha = 0.85;
  for (const [x, y, count] of cells.toSorted((a, b) => a[2] - b[2])) {
    pen.fillStyle = colours[stepAt(steps, count)]!;
    pen.beginPath();
    pen.arc((x + 0.5) * column, (y + 0.5) * cellHeight * size.scale, radius, 0, 2 * Math.PI);
    pen.fill();
  }
  pen.globalAlpha = 1;
}

/** Draws bands over the page's whole width, each in the colour of its share (0 to 1). */
export function drawBands(
  pen: CanvasRenderingContext2D,
  shares: readonly number[],
  size: { width: number; height: number },
  scale: readonly string[],
): void {
  const band = size.height / shares.length;
  pen.globalAlpha = 0.62;
  for (const [at, share] of shares.entries()) {
    pen.fillStyle = bandColour(scale, share);
    // Whole pixels: where bands overlapped there would be lines.
    const from = Math.round(at * band);
    pen.fillRect(0, from, size.width, Math.round((at + 1) * band) - from);
  }
  pen.globalAlpha = 1;
}

/** The colour of a share from 0 to 1. */
const bandColour = (scale: readonly string[], share: number): string =>
  scale[Math.min(scale.length - 1, Math.floor(share * scale.length))]!;

/** The place nearest to a point on the page, if one is near: for the people behind it. */
export function cellNear(
  { cells, cellHeight }: Pick<HeatmapResult, 'cells' | 'cellHeight'>,
  x: number,
  y: number,
): { left: number; right: number; top: number; bottom: number } | null {
  const [column, row] = [x * COLUMNS, y / cellHeight];
  let [best, distance] = [null as HeatmapResult['cells'][number] | null, 4];
  for (const cell of cells) {
    const far = Math.hypot(cell[0] + 0.5 - column, cell[1] + 0.5 - row);
    if (far < distance) [best, distance] = [cell, far];
  }
  if (!best) return null;
  const [left, top] = [best[0] / COLUMNS, best[1] * cellHeight];
  return { left, right: (best[0] + 1) / COLUMNS, top, bottom: top + cellHeight };
}
