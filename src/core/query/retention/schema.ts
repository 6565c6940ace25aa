import { z } from 'zod';
import { Field } from '../field.ts';
import { common } from '../kind.ts';
import { What } from '../matching.ts';

export const RETENTION_PERIODS_LIMIT = 100;
/** Intervals that all brackets together may span. */
const BRACKETS_SPAN_LIMIT = 1000;
/** Cohorts by time in one report: a year of days has 366. */
export const COHORTS_LIMIT = 500;

export const RetentionReport = z.strictObject({
  kind: z.literal('retention'),
  ...common,
  start: What,
  /** What coming back means; the same as the start unless told. */
  return: What.optional(),
  /** First: a person joins one cohort, with the first start ever (not only in the period). Recurring: each time anew. */
  cohorts: z.enum(['first', 'recurring']).default('first'),
  /** On: came back in that very period. After: in it or at any later time. */
  counts: z.enum(['on', 'onOrAfter']).default('on'),
  interval: z.enum(['hour', 'day', 'week', 'month', 'quarter', 'year']).default('day'),
  /** Calendar: the zone's days, weeks and months. Rolling: so many hours from the person's own start. */
  periods: z.enum(['calendar', 'rolling']).default('calendar'),
  /** Periods after the one of the start that are looked at. */
  count: z.int().min(1).max(RETENTION_PERIODS_LIMIT).default(12),
  /** Lengths of brackets in intervals, in place of equal periods: [1, 3, 7] is the first day, the next three, the next seven. */
  brackets: z
    .array(z.int().min(1).max(1000))
    .min(1)
    .max(RETENTION_PERIODS_LIMIT)
    .refine((lengths) => lengths.reduce((sum, length) => sum + length, 0) <= BRACKETS_SPAN_LIMIT, {
      error: `may span ${BRACKETS_SPAN_LIMIT} intervals together at most`,
    })
    .optional(),
  /** How often it has to happen in a period to count. */
  atLeast: z.int().min(1).max(1000).default(1),
  /**
   * Beside the people: the sum or average of a field of the returning events of each period. Revenue is given by currency;
   * its share of period 0 is net revenue retention where refunds are among the returning events.
   */
  value: z.strictObject({ of: z.enum(['sum', 'average']), field: Field }).optional(),
  /** Cohorts by a field of the start in place of its time. */
  breakdown: Field.optional(),
  top: z.int().min(1).max(100).default(10),
});
export type RetentionReport = z.output<typeof RetentionReport>;

/**
 * Who of a cohort was counted in a period, or was not. A cohort by time is named by its label ("2026-11-02"), one of a
 * breakdown by its value, all the others of a breakdown by null; without it everybody whose period is over is meant. In recurring cohorts one start of
 * a person is enough.
 */
export const RetentionPart = z.strictObject({
  cohort: z.string().max(10_000).nullable().optional(),
  period: z.int().min(0).max(RETENTION_PERIODS_LIMIT),
  outcome: z.enum(['returned', 'notReturned']).default('returned'),
});
export type RetentionPart = z.output<typeof RetentionPart>;
