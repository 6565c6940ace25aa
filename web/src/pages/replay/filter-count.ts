import type { Filter } from '../reports/parts/types.ts';

/** How many conditions there are, in whatever groups. */
export function conditionCount(filter: Filter | undefined): number {
  if (!filter) return 0;
  if ('all' in filter) return filter.all.reduce((count, one) => count + conditionCount(one), 0);
  if ('any' in filter) return filter.any.reduce((count, one) => count + conditionCount(one), 0);
  return 'not' in filter ? conditionCount(filter.not) : 1;
}
