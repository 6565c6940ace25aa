import { z } from 'zod';
import { Field } from '../field.ts';
import { common } from '../kind.ts';
import { What } from '../matching.ts';
import { INTERVALS } from '../period.ts';

/** Visits over time: how many, how long, how deep, how many bounced and how many did something. */
export const SessionsReport = z.strictObject({
  kind: z.literal('sessions'),
  ...common,
  interval: z.enum(INTERVALS).default('day'),
  breakdown: Field.optional(),
  top: z.int().min(1).max(100).default(10),
  /** What a visit is to lead to. */
  goal: What.optional(),
});
export type SessionsReport = z.output<typeof SessionsReport>;

/** One page that answers what a site's owner asks: visitors, visits, views, and where they come from and go. */
export const WebReport = z.strictObject({
  kind: z.literal('web'),
  ...common,
  interval: z.enum(INTERVALS).default('day'),
  compare: z.enum(['previous', 'year']).optional(),
  goal: What.optional(),
  /** Rows of each list. */
  top: z.int().min(1).max(100).default(10),
});
export type WebReport = z.output<typeof WebReport>;

/** The people of the visits of an interval (by its start), of a value of the breakdown (null: the rest), or of an outcome. */
export const SessionsPart = z.strictObject({
  bucket: z.iso.datetime({ offset: true }).optional(),
  value: z.string().max(2000).nullable().optional(),
  outcome: z.enum(['reached', 'bounced']).optional(),
});
export type SessionsPart = z.output<typeof SessionsPart>;
