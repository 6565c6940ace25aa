import type { Interval } from './types.ts';

export const INTERVALS = [
  'minute',
  'hour',
  'day',
  'week',
  'month',
  'quarter',
  'year',
] as const satisfies readonly Interval[];
