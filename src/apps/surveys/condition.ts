import { z } from 'zod';

/** Tests in one condition, and how deep groups of them may lie in one another. */
export const CONDITION_LIMITS = { tests: 50, depth: 5, values: 100 };

/** IDs of questions, options, rows, endings and quotas: made by the builder, and kept for ever in answers. */
export const Id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/, 'An ID has 1 to 40 letters, digits, dashes and underscores.');
/** A trait of the person, as `people` knows it: `plan`, `address.city`. */
export const TraitName = z.string().regex(/^[^\s{}|:]{1,100}$/, 'A trait is named without spaces and braces.');
/** A hidden field: a name in the link's query or in what the page hands over. */
export const FieldName = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,49}$/, 'A field is a word of up to 50 letters and digits.');

/**
 * What a test looks at: an answer (of a matrix: the column chosen in `row`), a trait of the person, a hidden field, or the
 * language the survey is read in.
 */
const Source = z.union([
  z.strictObject({ answer: Id, row: Id.optional() }),
  z.strictObject({ trait: TraitName }),
  z.strictObject({ field: FieldName }),
  z.strictObject({ language: z.literal(true) }),
]);

/**
 * - `answered`, `unanswered`: for all kinds; of a trait or field: it is there and not empty, or not. No value.
 * - `is`, `isNot`: a number for scores, an option's id for choices (exactly that one is chosen; in a ranking: it is first),
 *   a text without regard to case otherwise; consent: true.
 * - `less`, `atMost`, `atLeast`, `more`: numbers; dates as YYYY-MM-DD.
 * - `between`: [lowest, highest], both included.
 * - `includes`, `excludes`: an option's id, or `other`, among those chosen. `includesAny`, `includesAll`: a list of them.
 * - `oneOf`, `noneOf`: the value is in the list, or in none of it.
 * - `contains`, `lacks`, `startsWith`, `endsWith`: texts, without regard to case.
 *
 * Where nothing is answered only `unanswered`, `isNot`, `excludes`, `noneOf` and `lacks` hold.
 */
export const TESTS = [
  'answered',
  'unanswered',
  'is',
  'isNot',
  'less',
  'atMost',
  'atLeast',
  'more',
  'between',
  'includes',
  'excludes',
  'includesAny',
  'includesAll',
  'oneOf',
  'noneOf',
  'contains',
  'lacks',
  'startsWith',
  'endsWith',
] as const;
export type TestName = (typeof TESTS)[number];

const Value = z.union([z.string().max(500), z.number(), z.boolean()]);

const Test = z.strictObject({
  of: Source,
  test: z.enum(TESTS),
  value: z.union([Value, z.array(Value).max(CONDITION_LIMITS.values)]).optional(),
});

export type Test = z.output<typeof Test>;
/** A test, or a group: all, any or none of its conditions hold. An empty group: `all` and `none` hold, `any` does not. */
export type Condition = Test | { all: Condition[] } | { any: Condition[] } | { none: Condition[] };

/** Counted before zod walks in, so that a deep one costs nothing. */
const Tree: z.ZodType<Condition> = z.lazy(() =>
  z.union([
    Test,
    z.strictObject({ all: z.array(Tree).max(CONDITION_LIMITS.tests) }),
    z.strictObject({ any: z.array(Tree).max(CONDITION_LIMITS.tests) }),
    z.strictObject({ none: z.array(Tree).max(CONDITION_LIMITS.tests) }),
  ]),
);

export const Condition: z.ZodType<Condition> = z
  .custom<Condition>((value) => depthOf(value) <= CONDITION_LIMITS.depth, {
    message: `Groups of conditions may lie ${CONDITION_LIMITS.depth} deep.`,
    abort: true,
  })
  .pipe(Tree as never)
  .refine((value) => testsOf(value as Condition).length <= CONDITION_LIMITS.tests, {
    message: `A condition may have ${CONDITION_LIMITS.tests} tests.`,
  }) as unknown as z.ZodType<Condition>;

/** Stops counting at the limit; JSON has no circles, and this does not follow one for ever either. */
function depthOf(value: unknown, depth = 0): number {
  if (depth > CONDITION_LIMITS.depth || typeof value !== 'object' || value === null) return depth;
  let most = depth;
  for (const key of ['all', 'any', 'none']) {
    const found = (value as Record<string, unknown>)[key];
    if (!Array.isArray(found)) continue;
    for (const each of found.slice(0, CONDITION_LIMITS.tests + 1)) most = Math.max(most, depthOf(each, depth + 1));
  }
  return most;
}

/** All tests of a condition, in their order. */
export function testsOf(condition: Condition): Test[] {
  if ('test' in condition) return [condition];
  const groups = Object.values(condition) as Condition[][];
  return groups.reduce<Test[]>((all, inner) => all.concat(...inner.map(testsOf)), []);
}
