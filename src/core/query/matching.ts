import { z } from 'zod';
import { shortText } from '../../kernel/storable.ts';
import { Filter } from './filter.ts';

/** Events taken together in one step or series. */
export const EVENTS_TOGETHER = 20;

/**
 * Which events are meant: those of a name (as the catalogue counts them, so renamed ones too), of a type, or any; or those
 * of an action, a named set. Each may have conditions of its own.
 */
export const EventMatch = z.union([
  z.strictObject({
    name: shortText(500).min(1).optional(),
    type: z.enum(['track', 'page', 'screen', 'identify', 'group', 'alias']).optional(),
    where: Filter.optional(),
  }),
  z.strictObject({ action: z.int().positive(), where: Filter.optional() }),
]);
export type EventMatch = z.output<typeof EventMatch>;

/** One of several kinds of event, and what holds for all of them. */
export const What = z.strictObject({
  events: z.array(EventMatch).min(1).max(EVENTS_TOGETHER),
  where: Filter.optional(),
  /** What people call it; otherwise its events name it. */
  label: shortText(200).optional(),
});
export type What = z.output<typeof What>;
