import type { ChartSpec } from '../../../../src/kernel/chart/spec.ts';
import type { Cell, Result } from './calls.ts';
import { cellText, isNumberType } from './cells.ts';

/** Points of one chart; more rows stay in the table. */
const POINTS_LIMIT = 1000;
const SERIES_LIMIT = 12;

/**
 * A result as a chart: the first column that is not a number is the time or the name, each column of numbers a series.
 * Null where there is nothing to draw.
 */
export function chartOf(result: Result, kind: Cell['chart']): ChartSpec | null {
  const { columns } = result;
  const numbers = columns.flatMap(({ type }, i) => (isNumberType(type) ? [i] : []));
  const naming = columns.findIndex(({ type }) => !isNumberType(type));
  const numberOf = (value: unknown) => (value === null || value === '' ? null : Number(value));
  if (kind === 'number') {
    const at = numbers[0];
    const row = result.rows[0];
    if (at === undefined || !row) return null;
    return { kind: 'number', value: numberOf(row[at]), unit: { kind: 'number' }, name: columns[at]!.name };
  }
  const label = naming < 0 ? numbers[0] : naming;
  const drawn = numbers.filter((i) => i !== label).slice(0, SERIES_LIMIT);
  const rows = result.rows.slice(0, POINTS_LIMIT);
  if (label === undefined || drawn.length === 0 || rows.length === 0) return null;
  const series = drawn.map((i) => ({
    ...{ id: String(i), name: columns[i]!.name, values: rows.map((row) => numberOf(row[i])) },
  }));
  const names = rows.map((row) => cellText(row[label]).replace(/ 00:00:00(\.0+)?$/, ''));
  if (kind === 'line') {
    const points = names.map((name) => ({ at: name, label: name }));
    return { kind: 'time', shape: 'line', points, series, unit: { kind: 'number' } };
  }
  const categories = names.map((name, i) => ({ id: String(i), label: name }));
  return { kind: 'bars', direction: 'across', categories, series, unit: { kind: 'number' } };
}
