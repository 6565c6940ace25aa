import type { Scope } from '../scope.ts';
import type { Measure } from './schema.ts';

/** An aggregate function of the engine's, in the form that its `-State`, `-Merge` and `-MergeState` variants are made of. */
export interface Aggregate {
  name: string;
  /** In parentheses after the name, for those that have them. */
  parameter?: number;
  args: string;
}

/** How a measure is computed: by aggregates that can be merged, so that a whole is as exact as its parts. */
export interface MeasureSql {
  parts: Aggregate[];
  /** Events that count at all. */
  condition: string | undefined;
  /** Which part tells how large a value of a breakdown is. */
  size: number;
  /** The value, from the values of the parts. */
  value(parts: readonly (number | null)[]): number | null;
  /** Where there are no events: nothing happened, or nothing can be said. */
  empty: 0 | null;
}

const COUNT: Aggregate = { name: 'count', args: '' };
const PERCENTILES = { median: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const;

const only = (part: Aggregate, condition?: string): MeasureSql => ({
  parts: [part],
  condition,
  size: 0,
  value: ([value]) => value ?? 0,
  empty: 0,
});

/**
 * People and accounts are small numbers, so a bitmap holds a set of them exactly, and merges several times quicker than a
 * hash table; visits are hashes. Averages and percentiles of a breakdown are ranked by how many events they are of.
 */
export function measureSql(measure: Measure, scope: Scope): MeasureSql {
  switch (measure.of) {
    case 'events':
      return only(COUNT);
    case 'people':
      return only({ name: 'groupBitmap', args: scope.person });
    case 'accounts':
      return only({ name: 'groupBitmap', args: scope.account }, `${scope.account} != 0`);
    case 'sessions':
      return only({ name: 'uniqExact', args: scope.session }, `${scope.session} != 0`);
    case 'perPerson':
      return {
        parts: [COUNT, { name: 'groupBitmap', args: scope.person }],
        condition: undefined,
        size: 0,
        value: ([events, people]) => ratio(events, people),
        empty: null,
      };
    default: {
      const field = scope.field(measure.field).number;
      const number = `assumeNotNull(${field})`;
      // Texts like "inf" and "nan" are no numbers that anybody meant.
      const condition = `isFinite(${field})`;
      if (measure.of === 'sum') return only({ name: 'sum', args: number }, condition);
      if (measure.of === 'average')
        return {
          parts: [{ name: 'sum', args: number }, COUNT],
          condition,
          size: 1,
          value: ([sum, count]) => ratio(sum, count),
          empty: null,
        };
      const part: Aggregate =
        measure.of === 'min' || measure.of === 'max'
          ? { name: measure.of, args: number }
          : { name: 'quantileExactInclusive', parameter: PERCENTILES[measure.of], args: number };
      return {
        parts: [part, COUNT],
        condition,
        size: 1,
        value: ([value, count]) => (count ? value! : null),
        empty: null,
      };
    }
  }
}

const ratio = (a: number | null | undefined, b: number | null | undefined) => (b ? (a ?? 0) / b : null);

/** `groupBitmapState(…)`, `quantileExactInclusiveMerge(0.9)(…)`: a variant of the function over its arguments. */
export function variant({ name, parameter }: Aggregate, suffix: string, args: string): string {
  return `${name}${suffix}${parameter === undefined ? '' : `(${parameter})`}(${args})`;
}

/** Whether it is money, which is told apart by currency. */
export const isMoney = (measure: Measure): boolean =>
  'field' in measure && measure.field.of === 'event' && measure.field.name === 'revenue';
