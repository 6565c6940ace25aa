import { z } from 'zod';
import { Field } from '../field.ts';
import { common } from '../kind.ts';
import { What } from '../matching.ts';
import { INTERVALS } from '../period.ts';

/** What is measured: the field's names. */
const SCORES = ['nps', 'csat', 'ces', 'rating'] as const;
export type ScoreOf = (typeof SCORES)[number];

/**
 * A score of what customers answered. `nps`: the share of 9 and 10 less that of 0 to 6; `csat`: the share of the two best
 * answers (of 4 and 5 where the scale has five); `ces` and `rating`: the mean, on the scale that most answers have.
 */
export const ScoreReport = z.strictObject({
  kind: z.literal('score'),
  ...common,
  of: z.enum(SCORES),
  /**
   * Events with a number in `score` and the top of their scale in `scale`; the answers to questions of that kind unless
   * told. Of answers with the same response and question the last one counts.
   */
  what: What.optional(),
  interval: z.enum(INTERVALS).default('week'),
  breakdown: Field.optional(),
  /** Values of the breakdown shown, those with most answers first; the rest are taken together. */
  top: z.int().min(1).max(100).default(10),
});
export type ScoreReport = z.output<typeof ScoreReport>;

/** Whose answers: of a bucket, a value of the breakdown (null for the rest), and from and to which score. */
export const ScorePart = z.strictObject({
  bucket: z.iso.datetime({ offset: true, error: 'bucket must be the start of an interval' }).optional(),
  value: z.string().max(2000).nullable().optional(),
  from: z.number().optional(),
  to: z.number().optional(),
});
export type ScorePart = z.output<typeof ScorePart>;

/** Kinds of events, segments and waits that are looked at together. */
const DRIVER_FIELDS = 10;
const DRIVER_WAITS = 5;

/**
 * What goes with a low or a high score: what people did and met in the days before they answered, who they are, and how
 * long they waited. It shows what goes together, not what causes what.
 */
export const DriversReport = z.strictObject({
  kind: z.literal('drivers'),
  ...common,
  of: z.enum(SCORES),
  what: What.optional(),
  /** Days before an answer that are looked at. */
  days: z.int().min(1).max(90).default(30),
  /** Of the answer and of whoever gave it: each frequent value is looked at. */
  fields: z
    .array(Field)
    .max(DRIVER_FIELDS)
    .default([
      { of: 'event', name: 'device' },
      { of: 'event', name: 'country' },
      { of: 'property', name: 'touchpoint' },
      { of: 'property', name: 'language' },
      { of: 'property', name: 'channel' },
    ]),
  /** From one thing to another: the last of them before the answer, up to the answer itself where it has not come. */
  waits: z
    .array(z.strictObject({ from: What, to: What, label: z.string().max(200).optional() }))
    .max(DRIVER_WAITS)
    .default([]),
});
export type DriversReport = z.output<typeof DriversReport>;

/** Who answered and had it, or not: by what the result calls the driver. */
export const DriversPart = z.strictObject({ id: z.string().max(3000), has: z.boolean() });
export type DriversPart = z.output<typeof DriversPart>;
