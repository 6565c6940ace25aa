import { z } from 'zod';
import { shortText } from '../../../kernel/storable.ts';
import { common } from '../kind.ts';
import { What } from '../matching.ts';

const DEPTH_LIMIT = 20;

export const JourneyReport = z.strictObject({
  kind: z.literal('journey'),
  ...common,
  /** Which events are stations; all unless told. */
  of: What.optional(),
  /** A station is an event's name, or for views of pages their path. */
  stations: z.enum(['events', 'pages', 'eventsAndPages']).default('events'),
  /** Pages, or events, taken together: the first that fits. `*` stands for anything but a slash, `**` for anything. */
  groups: z
    .array(z.strictObject({ pattern: shortText(500).min(1), label: shortText(200).min(1) }))
    .max(100)
    .default([]),
  /** Journeys that begin with this; without it and an end, with the first station of each visit. */
  start: What.optional(),
  /** Alone: what led to this. After a start: journeys are followed until they reach it. */
  end: What.optional(),
  /** With a start and an end: only those that got from the one to the other. */
  reached: z.boolean().default(false),
  /** Stations followed. */
  depth: z.int().min(2).max(DEPTH_LIMIT).default(5),
  /** The same station several times in a row is one. */
  fold: z.boolean().default(true),
  /** A journey ends with the visit (events outside of visits belong to none), or after so many minutes without an event. */
  within: z
    .union([z.literal('session'), z.strictObject({ idleMinutes: z.int().min(1).max(525_600) })])
    .default('session'),
  /** Stations shown at each step; the rest are taken together and named. */
  top: z.int().min(1).max(50).default(8),
});
export type JourneyReport = z.output<typeof JourneyReport>;

/** Which node of which step, or which link from one step to the next, as the result names them. */
export const JourneyPart = z.union([
  z.strictObject({
    step: z
      .int()
      .min(1 - DEPTH_LIMIT)
      .max(DEPTH_LIMIT),
    node: z.string().max(10_000),
  }),
  z.strictObject({
    step: z
      .int()
      .min(1 - DEPTH_LIMIT)
      .max(DEPTH_LIMIT),
    from: z.string().max(10_000),
    to: z.string().max(10_000),
  }),
]);
export type JourneyPart = z.output<typeof JourneyPart>;
