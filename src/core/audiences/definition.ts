import { z } from 'zod';
import { shortText } from '../../kernel/storable.ts';
import { Field } from '../query/field.ts';
import { Condition, OPERATORS, VALUES_LIMIT } from '../query/filter.ts';
import { What } from '../query/matching.ts';
import { Period } from '../query/period.ts';

/** Conditions in one audience, and how deep groups of them may lie in one another. */
export const CONDITIONS_LIMIT = 50;
export const DEPTH_LIMIT = 5;

const COMPARISONS = ['atLeast', 'atMost', 'exactly'] as const;

/** When something was done: within a period of the installation's zone; at any time where it is left out. */
const when = { when: Period.optional() };

/**
 * What somebody did: so many times, on so many different days, or with so much of a number of it in all or on average.
 * "Did not" is `atMost` 0. A sum of nothing is 0; an average of nothing is not there, and no comparison with it holds.
 */
const Did = z.strictObject({
  is: z.literal('did'),
  what: What,
  count: z.union([
    z.strictObject({ of: z.enum(['times', 'days']) }),
    z.strictObject({ of: z.enum(['sum', 'average']), field: Field }),
  ]),
  compare: z.enum(COMPARISONS),
  value: z.number().min(-1e15).max(1e15),
  ...when,
});

/** The first, or the latest, time ever that somebody did it lies in the period. */
const FirstOrLast = z.strictObject({ is: z.enum(['first', 'last']), what: What, when: Period });

/** Did one thing and later another, within a time, without a third thing in between. */
const Sequence = z.strictObject({
  is: z.literal('sequence'),
  first: What,
  next: What,
  without: What.optional(),
  within: z
    .strictObject({ count: z.int().min(1).max(10_000), unit: z.enum(['second', 'minute', 'hour', 'day', 'week']) })
    .default({ count: 7, unit: 'day' }),
  ...when,
});

/** What is known of a person, or of an account, now: a trait and its value. */
const Trait = z.strictObject({
  is: z.literal('trait'),
  name: shortText(500).min(1),
  op: z.enum(OPERATORS),
  values: Condition.shape.values.unwrap().max(VALUES_LIMIT).default([]),
});

const InAudience = z.strictObject({ is: z.literal('audience'), id: z.int().positive() });
/** Has told who it is: an event with a user's ID, or an e-mail address or telephone number among its traits. */
const Known = z.strictObject({ is: z.literal('known') });

type Behaviour = z.output<typeof Did> | z.output<typeof FirstOrLast> | z.output<typeof Sequence>;
export type BehaviourLeaf = Behaviour;
export type TraitLeaf = z.output<typeof Trait>;
/** Belongs to an account of which this holds; behaviour is then that of all its people together. */
export type AccountLeaf = { is: 'account'; who: Group };
export type Leaf = Behaviour | TraitLeaf | AccountLeaf | z.output<typeof InAudience> | z.output<typeof Known>;
/** Conditions in groups: all of them, any of them, or not. */
export type Group = Leaf | { all: Group[] } | { any: Group[] } | { not: Group };

const AnyGroup: z.ZodType<Group> = z.lazy(() =>
  z.union([
    z.discriminatedUnion('is', [
      Did,
      FirstOrLast,
      Sequence,
      Trait,
      z.strictObject({ is: z.literal('account'), who: AnyGroup }),
      InAudience,
      Known,
    ]),
    z.strictObject({ all: z.array(AnyGroup).max(CONDITIONS_LIMIT) }),
    z.strictObject({ any: z.array(AnyGroup).min(1).max(CONDITIONS_LIMIT) }),
    z.strictObject({ not: AnyGroup }),
  ]),
) as z.ZodType<Group>;

/** Measures before it parses: what lies deeper than allowed is not looked at. */
const Bounded = z
  .unknown()
  .superRefine((value, context) => {
    const say = (message: string) => context.addIssue({ code: 'custom', message });
    const found = measure(value, 0, false);
    if (found.depth > DEPTH_LIMIT) say(`has groups deeper than ${DEPTH_LIMIT}`);
    else if (found.count > CONDITIONS_LIMIT) say(`has more than ${CONDITIONS_LIMIT} conditions`);
    else if (found.wrong) say(found.wrong);
  })
  .pipe(AnyGroup) as unknown as z.ZodType<Group>;

export const Definition = z.discriminatedUnion('is', [
  /** Its people are the condition's, found again and again. */
  z.strictObject({ is: z.literal('dynamic'), who: Bounded }),
  /** Its people are a list that somebody made. */
  z.strictObject({ is: z.literal('static') }),
]);
export type Definition = z.output<typeof Definition>;

interface Measured {
  depth: number;
  count: number;
  wrong?: string;
}

function measure(value: unknown, depth: number, inAccount: boolean): Measured {
  if (typeof value !== 'object' || value === null || depth > DEPTH_LIMIT) return { depth, count: 1 };
  const group = value as { is?: unknown; all?: unknown; any?: unknown; not?: unknown; who?: unknown };
  const inner = [group.all, group.any].flatMap((list) => (Array.isArray(list) ? list : []));
  if (group.not !== undefined) inner.push(group.not);
  if (group.who !== undefined) inner.push(group.who);
  if (inAccount && (group.is === 'account' || group.is === 'audience' || group.is === 'known'))
    return { depth, count: 1, wrong: `asks of an account what only a person can be: "${group.is}"` };
  const result: Measured = { depth, count: group.is === undefined ? 0 : 1 };
  for (const one of inner) {
    const measured = measure(one, depth + 1, inAccount || group.is === 'account');
    result.depth = Math.max(result.depth, measured.depth);
    result.count += measured.count;
    if (measured.wrong) result.wrong ??= measured.wrong;
    if (result.count > CONDITIONS_LIMIT) break;
  }
  return result;
}

/** Every condition in it, also those of accounts. */
export function* leavesOf(group: Group): Generator<Leaf> {
  if ('is' in group) {
    yield group;
    if (group.is === 'account') yield* leavesOf(group.who);
  } else if ('not' in group) yield* leavesOf(group.not);
  else for (const one of 'all' in group ? group.all : group.any) yield* leavesOf(one);
}
