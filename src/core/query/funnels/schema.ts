import { z } from 'zod';
import { Field } from '../field.ts';
import { common } from '../kind.ts';
import { What } from '../matching.ts';
import { INTERVALS } from '../period.ts';

const STEPS_LIMIT = 20;
const EXCLUSIONS_LIMIT = 10;

const WINDOW_UNITS = ['second', 'minute', 'hour', 'day', 'week', 'month', 'year'] as const;

/** What says who is in a funnel and how far they came; docs/funnels.md has the rules. */
export const funnelRules = {
  steps: z
    .array(z.strictObject({ what: What, optional: z.boolean().default(false) }))
    .min(2)
    .max(STEPS_LIMIT),
  /** Ordered: other events may lie between. Strict: none may. Any: in whatever order. */
  order: z.enum(['ordered', 'strict', 'any']).default('ordered'),
  /** From the first step to the last, inclusive; a month has 30 days here, a year 365. */
  window: z
    .strictObject({ count: z.int().min(1).max(10_000), unit: z.enum(WINDOW_UNITS) })
    .default({ count: 14, unit: 'day' }),
  /** What must not happen between two steps; steps are counted from 0. */
  exclusions: z
    .array(z.strictObject({ what: What, from: z.int().min(0), to: z.int().min(1) }))
    .max(EXCLUSIONS_LIMIT)
    .default([]),
  /** Fields that all steps must have the same value of; events without a value of one are not looked at. */
  hold: z.array(Field).max(3).default([]),
  by: z.enum(['person', 'account', 'session']).default('person'),
  /** Which of several possible first steps counts: see docs/funnels.md. */
  semantics: z.enum(['posthog', 'mixpanel']).default('posthog'),
};

export const FunnelReport = z.strictObject({
  kind: z.literal('funnel'),
  ...common,
  ...funnelRules,
  breakdown: z.array(Field).max(3).default([]),
  /** Whose value counts: that of the first or the last event of a step that has one, or of the event that was a step. */
  attribution: z
    .union([z.strictObject({ touch: z.enum(['first', 'last']) }), z.strictObject({ step: z.int().min(0) })])
    .default({ touch: 'first' }),
  top: z.int().min(1).max(100).default(10),
  /** Also the conversion of those who entered in each interval. */
  interval: z.enum(INTERVALS).optional(),
});
export type FunnelReport = z.output<typeof FunnelReport>;

/** What a funnel and a report about one have in common. */
export const FunnelRules = z.strictObject(funnelRules);
export type FunnelRules = z.output<typeof FunnelRules>;

/** Of which people a list is asked for. */
export const FunnelPart = z.strictObject({
  /** Counted from 0. */
  step: z
    .int()
    .min(0)
    .max(STEPS_LIMIT - 1),
  /** Who did the step; who did the one before and not this; or, whatever the step, whom an exclusion took out. */
  outcome: z.enum(['converted', 'dropped', 'excluded']),
  /** As the report's series says it: values, or null for all that are not shown. */
  breakdown: z.array(z.string().nullable()).max(3).optional(),
  /** Which of the report's intervals the attempt began in, counted from 0. */
  bucket: z.int().min(0).optional(),
});
export type FunnelPart = z.output<typeof FunnelPart>;
