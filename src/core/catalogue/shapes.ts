import { z } from 'zod';
import { shortText } from '../../kernel/storable.ts';
import { STATUSES } from './events.ts';
import { NAME_LIMIT, OwnRules, RULES, Rules } from './rules.ts';

export const EventName = shortText(NAME_LIMIT).min(1);

/** An event in the list of the catalogue. */
export const CatalogueEvent = z.object({
  type: z.string().describe('track, page, screen, identify, group …'),
  name: z.string().describe('For an event without a name of its own, its type.'),
  description: z.string(),
  owner: z.object({ id: z.string(), name: z.string() }).nullable(),
  hidden: z.boolean(),
  status: z.enum(STATUSES),
  countsAs: z.string().nullable().describe('The name that it counts as, where it was renamed or merged.'),
  events: z.number().describe('Stored events in all.'),
  days: z.array(z.number()).describe('Stored events on each of the last 14 days (UTC), today last.'),
  violations: z.number().describe('Breaches of the plan in the last 14 days.'),
  firstSeenAt: z.string().nullable(),
  lastSeenAt: z.string().nullable(),
  sourceIds: z.array(z.string()),
});
export type CatalogueEvent = z.output<typeof CatalogueEvent>;

export const CatalogueProperty = z.object({
  path: z.string().describe('A name, "name.inner", or "name[].inner" for lists of objects.'),
  description: z.string(),
  hidden: z.boolean(),
  personal: z.boolean(),
  personalBy: z.enum(['mark', 'name']).describe('Who says whether it is personal: a member of staff, or its name.'),
  firstSeenAt: z.string(),
  lastSeenAt: z.string(),
  types: z.array(z.object({ type: z.string(), share: z.number() })),
  share: z.number().nullable().describe('In how many of the events looked at it was, 0 to 1; null inside of others.'),
  examples: z.array(z.string()).describe('None for personal properties, nor without the permission events.read.'),
});
export type CatalogueProperty = z.output<typeof CatalogueProperty>;

export const JsonSchema = z.record(z.string(), z.unknown());

const SchemaVersion = z.object({
  version: z.number(),
  schema: JsonSchema,
  rules: OwnRules,
  note: z.string(),
  at: z.string(),
  byName: z.string(),
});

export const CatalogueDetail = CatalogueEvent.extend({
  observed: z.number().describe('Events whose properties were looked at.'),
  others: z.number().describe('Values of properties past the limit of 500, only counted.'),
  alsoNamed: z.array(z.string()).describe('Names that count as this event.'),
  version: z.number().nullable().describe('The version of its schema that counts.'),
  properties: z.array(CatalogueProperty),
  volume: z.array(z.object({ day: z.string(), sourceId: z.string(), events: z.number() })),
  broken: z.array(
    z.object({
      day: z.string(),
      rule: z.enum(RULES),
      property: z.string(),
      sourceId: z.string(),
      count: z.number(),
      lastAt: z.string(),
      messageId: z.string(),
    }),
  ),
  versions: z.array(SchemaVersion),
});
export type CatalogueDetail = z.output<typeof CatalogueDetail>;

export const PlanReply = z.object({
  rules: Rules,
  sourceIds: z.array(z.string()).nullable().describe('Sources whose events are checked; null for all.'),
  names: z.number(),
  namesLimit: z.number(),
  otherEvents: z.number().describe('Events whose names are past the limit; stored, but not told apart here.'),
});
export type PlanReply = z.output<typeof PlanReply>;
export type CatalogueOwner = { id: string; name: string };
