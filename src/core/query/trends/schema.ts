import { z } from 'zod';
import { shortText } from '../../../kernel/storable.ts';
import { Field } from '../field.ts';
import { common } from '../kind.ts';
import { What } from '../matching.ts';
import { INTERVALS } from '../period.ts';

const SERIES_LIMIT = 20;
const FORMULAS_LIMIT = 10;
export const BREAKDOWNS_LIMIT = 3;
/** Characters by which values of a breakdown are told apart: a text may be a megabyte long. */
export const VALUE_LENGTH = 500;

/** What is counted or computed of the events of a series in each interval. Money stays in its currency's minor unit. */
export const Measure = z.discriminatedUnion('of', [
  z.strictObject({ of: z.enum(['events', 'people', 'accounts', 'sessions', 'perPerson']) }),
  /** Of a field's numbers, over the events that have one. */
  z.strictObject({ of: z.enum(['sum', 'average', 'min', 'max', 'median', 'p90', 'p95', 'p99']), field: Field }),
]);
export type Measure = z.output<typeof Measure>;

export const TrendReport = z.strictObject({
  kind: z.literal('trend'),
  ...common,
  interval: z.enum(INTERVALS).default('day'),
  /** Called A, B, C … in formulas, in this order. */
  series: z
    .array(z.strictObject({ what: What, measure: Measure.default({ of: 'events' }), label: shortText(200).optional() }))
    .min(1)
    .max(SERIES_LIMIT),
  /** Arithmetic over the series: `A / B * 100`. What is divided by nothing has no value. */
  formulas: z
    .array(
      z.strictObject({
        expression: shortText(500).min(1),
        label: shortText(200).optional(),
        format: z.enum(['number', 'percent']).default('number'),
      }),
    )
    .max(FORMULAS_LIMIT)
    .default([]),
  breakdown: z.array(Field).max(BREAKDOWNS_LIMIT).default([]),
  /** Combinations of values shown, the largest first; the rest are taken together. */
  top: z.int().min(1).max(100).default(10),
  /** Beside each series the same of the period before, or of the same days a year before. */
  compare: z.enum(['previous', 'year']).optional(),
  /** Each point over the last so many intervals: counted anew, so people count once in it. */
  rolling: z.int().min(2).max(90).optional(),
  /** Each point over all intervals so far. */
  cumulative: z.boolean().default(false),
  /** In place of time: how many people did it once, twice … */
  distribution: z.boolean().default(false),
});
export type TrendReport = z.output<typeof TrendReport>;

/** Whose events make a point, or all of a series. */
export const TrendPart = z.strictObject({
  /** The letter of the series. */
  series: z.string().regex(/^[A-T]$/, { error: 'series must be the letter of a series' }),
  /** The start of the bucket as the result gives it; the whole period where it is left out. */
  bucket: z.iso.datetime({ offset: true, error: 'bucket must be the start of a bucket' }).optional(),
  /** As the result gives it: all null for the rest. */
  breakdown: z.array(shortText(VALUE_LENGTH).nullable()).max(BREAKDOWNS_LIMIT).optional(),
  /** Of money: whose amounts are in this currency. */
  currency: shortText(20).optional(),
  /** Of what it is compared with; `bucket` is then one of those. */
  before: z.boolean().default(false),
  /** Of a distribution: who did it as often as the bin that starts with this number says. */
  bin: z.int().min(1).optional(),
});
export type TrendPart = z.output<typeof TrendPart>;
