import { z } from 'zod';
import { common } from '../kind.ts';
import { What } from '../matching.ts';

const start = z.iso.datetime({ offset: true, error: 'bucket must be the start of an interval' });

const of = { what: What, interval: z.enum(['hour', 'day', 'week', 'month']).default('day') };

/** New, returning, resurrecting and dormant people of each interval. */
export const LifecycleReport = z.strictObject({ kind: z.literal('lifecycle'), ...common, ...of });
export type LifecycleReport = z.output<typeof LifecycleReport>;

/** On how many intervals of the period people did it. */
export const StickinessReport = z.strictObject({ kind: z.literal('stickiness'), ...common, ...of });
export type StickinessReport = z.output<typeof StickinessReport>;

/** Active people of a day, of 7 and of 30 days, and their ratios. */
export const EngagementReport = z.strictObject({ kind: z.literal('engagement'), ...common, what: What });
export type EngagementReport = z.output<typeof EngagementReport>;

/** Who is what in an interval, which is named by its start. */
export const LifecyclePart = z.strictObject({
  bucket: start,
  status: z.enum(['new', 'returning', 'resurrecting', 'dormant']),
});
export type LifecyclePart = z.output<typeof LifecyclePart>;

/** Who did it on exactly, or at least, so many intervals. */
export const StickinessPart = z.strictObject({ intervals: z.int().min(1), atLeast: z.boolean().default(false) });
export type StickinessPart = z.output<typeof StickinessPart>;

/** Who was active on a day, or in the 7 or 30 days that end with it. */
export const EngagementPart = z.strictObject({ bucket: start, of: z.enum(['day', 'week', 'month']) });
export type EngagementPart = z.output<typeof EngagementPart>;
