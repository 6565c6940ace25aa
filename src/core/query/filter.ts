import { z } from 'zod';
import { shortText } from '../../kernel/storable.ts';
import { Field } from './field.ts';

/** Values in one condition; a longer list is an audience. */
export const VALUES_LIMIT = 500;
/** Conditions in one report, and how deep groups of them may lie in one another. */
export const CONDITIONS_LIMIT = 100;
export const DEPTH_LIMIT = 5;

export const OPERATORS = [
  'is',
  'isNot',
  'contains',
  'containsNot',
  'startsWith',
  'endsWith',
  'matches',
  'matchesNot',
  'less',
  'atMost',
  'more',
  'atLeast',
  'between',
  'isSet',
  'isNotSet',
  'before',
  'after',
  'inLast',
] as const;
export type Operator = (typeof OPERATORS)[number];

const Value = z.union([shortText(2000), z.number(), z.boolean()]);

/**
 * A field against values: with `is` and `contains` one of them is enough, with their opposites none may fit. Numbers
 * compare as numbers, `before` and `after` take an ISO date or time, `inLast` a number of days, `matches` an expression of
 * RE2. An event without such a value is compared as the empty text: the opposites
 * and `isNotSet` hold for it, and `is` or `matches` only where they are of the empty text.
 */
export const Condition = z.strictObject({
  field: Field,
  is: z.enum(OPERATORS),
  values: z.array(Value).max(VALUES_LIMIT).default([]),
});
export type Condition = z.output<typeof Condition>;

export type Filter = Condition | { all: Filter[] } | { any: Filter[] } | { not: Filter };
type FilterInput = z.input<typeof Condition> | { all: FilterInput[] } | { any: FilterInput[] } | { not: FilterInput };

const AnyFilter: z.ZodType<Filter, FilterInput> = z.lazy(() =>
  z.union([
    Condition,
    z.strictObject({ all: z.array(AnyFilter).max(CONDITIONS_LIMIT) }),
    z.strictObject({ any: z.array(AnyFilter).min(1).max(CONDITIONS_LIMIT) }),
    z.strictObject({ not: AnyFilter }),
  ]),
);

/** Conditions in groups: all of them, any of them, or not. */
export const Filter: z.ZodType<Filter, FilterInput> = z
  .unknown()
  .superRefine((value, context) => {
    const { depth, count } = measure(value, 0);
    if (depth > DEPTH_LIMIT) context.addIssue({ code: 'custom', message: `has groups deeper than ${DEPTH_LIMIT}` });
    if (count > CONDITIONS_LIMIT)
      context.addIssue({ code: 'custom', message: `has more than ${CONDITIONS_LIMIT} conditions` });
  })
  .pipe(AnyFilter) as unknown as z.ZodType<Filter, FilterInput>;

/** How deep and how many, of what nobody has checked yet. */
function measure(value: unknown, depth: number): { depth: number; count: number } {
  if (typeof value !== 'object' || value === null || depth > DEPTH_LIMIT) return { depth, count: 1 };
  const group = value as { all?: unknown; any?: unknown; not?: unknown };
  const inner = [group.all, group.any].flatMap((list) => (Array.isArray(list) ? list : []));
  if (group.not !== undefined) inner.push(group.not);
  if (inner.length === 0) return { depth, count: 1 };
  let [deepest, count] = [depth, 0];
  for (const one of inner) {
    const measured = measure(one, depth + 1);
    deepest = Math.max(deepest, measured.depth);
    count += measured.count;
    if (count > CONDITIONS_LIMIT) break;
  }
  return { depth: deepest, count };
}
