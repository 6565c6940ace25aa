import { csvCell } from '../../../../src/kernel/csv-cell.ts';
import type { Cell, Result } from './calls.ts';

export const newCell = (kind: Cell['kind'], text = ''): Cell => ({
  ...{ id: crypto.randomUUID(), kind, text, chart: 'table' },
});

/** What a new notebook begins with. */
export const FIRST_SQL = `SELECT toStartOfDay(timestamp) AS day, count() AS events, uniq(person_id) AS people
FROM events
WHERE timestamp >= {from:DateTime} AND timestamp < {to:DateTime}
GROUP BY day
ORDER BY day`;

export const isSame = (one: readonly Cell[], other: readonly Cell[]) =>
  one.length === other.length &&
  one.every((cell, i) => {
    const two = other[i]!;
    return cell.id === two.id && cell.kind === two.kind && cell.text === two.text && cell.chart === two.chart;
  });

/** A value of a result as text; nothing is empty. */
export const cellText = (value: unknown): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

export const isNumberType = (type: string): boolean =>
  /^(Nullable\()?(LowCardinality\()?(U?Int|Float|Decimal|BFloat)/.test(type);

/** The line (from 1) in which the position of a text stands. */
export const lineOf = (text: string, position: number): number => text.slice(0, position).split('\n').length;

/** The result as a CSV file. */
export function csvOf({ columns, rows }: Result): string {
  const numbers = columns.map(({ type }) => isNumberType(type));
  // 64-bit numbers come as text and are numbers all the same.
  const cell = (value: unknown, i: number) => (numbers[i] && value !== null ? String(value) : csvCell(value));
  const lines = [columns.map(({ name }) => csvCell(name)), ...rows.map((row) => row.map(cell))];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}
