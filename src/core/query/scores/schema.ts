import { z } from 'zod';
import { Field } from '../field.ts';
import { common } from '../kind.ts';
import { What } from '../matching.ts';
import { INTERVALS } from '../period.ts';

/** What is measured: the field's names. */
export const SCORES = ['nps', 'csat', 'ces', 'rating'] as const;
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
