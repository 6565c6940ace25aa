import { z } from 'zod';
import { Field } from '../field.ts';
import { common } from '../kind.ts';
import { funnelRules } from './schema.ts';

const FIELDS_LIMIT = 10;

/** What goes with converting or dropping among those who entered a funnel; docs/funnels.md says what is compared. */
export const CorrelationReport = z.strictObject({
  kind: z.literal('correlation'),
  ...common,
  ...funnelRules,
  among: z
    .discriminatedUnion('of', [
      /** Events other than the steps, between the entry and the conversion or the end of the window. */
      z.strictObject({ of: z.literal('events') }),
      /** The most frequent properties of the steps' events, except personal ones. */
      z.strictObject({ of: z.literal('properties') }),
      /** Values of these: of events as above, with the entry; of persons, accounts and visits whenever. */
      z.strictObject({ of: z.literal('fields'), fields: z.array(Field).min(1).max(FIELDS_LIMIT) }),
      /** Channels, campaigns and their sources and referrers of any event before the conversion. */
      z.strictObject({ of: z.literal('touchpoints') }),
    ])
    .default({ of: 'events' }),
  /** Subjects who must have something, and be without it, for it to be compared. */
  atLeast: z.int().min(1).max(1_000_000).default(10),
});
export type CorrelationReport = z.output<typeof CorrelationReport>;
