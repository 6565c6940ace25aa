import { baseOptions, type Drawing, type Options, oneLine } from './base.ts';
import type { GridSpec, RetentionSpec, Unit } from './spec.ts';
import { inkOn, scaleStep } from './theme.ts';

/** A table of tinted cells, as the console's `HeatTable` and a picture show it. */
export interface HeatGrid {
  columns: string[];
  rows: { id: string; label: string; size: number | null; values: (number | null)[]; partialAt: number }[];
  unit: Unit;
  low: number;
  high: number;
}

export function heatGrid(of: GridSpec | RetentionSpec): HeatGrid {
  const columns = of.kind === 'grid' ? of.columns : of.periods;
  const rows = of.rows.map((row) => {
    const size = 'size' in row ? (row.size ?? null) : null;
    const partial = 'partial' in row && row.partial;
    const partialAt = partial ? row.values.findLastIndex((value) => value !== null) : -1;
    return { id: row.id, label: row.label, size, values: columns.map((_, at) => row.values[at] ?? null), partialAt };
  });
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of rows) {
    // The first period of retention is all who began: it would leave no tints for what the table is about.
    const from = of.kind === 'retention' && row.values[0] === 1 && columns.length > 1 ? 1 : 0;
    for (const value of row.values.slice(from)) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return { columns, rows, unit: of.unit, low: Math.min(low, 0), high };
}

/** The step of the scale from 0, or nothing for a gap. */
export const heatStep = (grid: HeatGrid, value: number | null, steps: number) =>
  value === null ? null : scaleStep(value, grid.low, grid.high, steps);

/** A picture of the table, for mails and files. */
export function gridOptions(of: GridSpec | RetentionSpec, drawing: Drawing): Options {
  const { theme, words, width, height } = drawing;
  const grid = heatGrid(of);
  const [left, top, edge] = [Math.min(170, width * 0.25), 40, 16];
  const cell = { width: (width - left - edge) / grid.columns.length, height: (height - top - edge) / grid.rows.length };
  const fontSize = 11;
  const label = (text: string, x: number, y: number, align: string, fill: string) => ({
    type: 'text',
    x,
    y,
    silent: true,
    style: { text, fill, fontSize, align, verticalAlign: 'middle' },
  });
  const room = Math.max(2, Math.floor(cell.width / 6.5));
  return {
    ...baseOptions(drawing),
    graphic: [
      ...grid.columns.map((name, at) =>
        label(oneLine(name, room), left + cell.width * (at + 0.5), top - 12, 'center', theme.inkDim),
      ),
      ...grid.rows.flatMap((row, y) => [
        label(oneLine(row.label, 24), left - 8, top + cell.height * (y + 0.5), 'right', theme.ink),
        ...row.values.flatMap((value, x) => {
          const step = heatStep(grid, value, theme.scale.length);
          if (step === null || value === null) return [];
          const tint = theme.scale[step]!;
          const text = words.format(value, of.unit, true);
          return [
            {
              type: 'rect',
              silent: true,
              shape: {
                x: left + cell.width * x + 1,
                y: top + cell.height * y + 1,
                width: cell.width - 2,
                height: cell.height - 2,
                r: 2,
              },
              style: { fill: tint },
            },
            ...(text.length <= room
              ? [
                  label(
                    text,
                    left + cell.width * (x + 0.5),
                    top + cell.height * (y + 0.5),
                    'center',
                    inkOn(theme, tint),
                  ),
                ]
              : []),
          ];
        }),
      ]),
    ],
  };
}
