import { z } from 'zod';
import { shortText } from '../../kernel/storable.ts';

const NAME = shortText(500).min(1);

/** What is known of every event, with the column of `events` that holds it and what kind of value it is. */
export const EVENT_FIELDS = {
  name: { column: 'name', is: 'text' },
  type: { column: 'type', is: 'text' },
  channel: { column: 'channel', is: 'text' },
  contact: { column: 'contact', is: 'text' },
  url: { column: 'url', is: 'text' },
  path: { column: 'path', is: 'text' },
  title: { column: 'title', is: 'text' },
  referrer: { column: 'referrer', is: 'text' },
  channel_group: { column: 'channel_group', is: 'text' },
  campaign_source: { column: 'campaign_source', is: 'text' },
  campaign_medium: { column: 'campaign_medium', is: 'text' },
  campaign_name: { column: 'campaign_name', is: 'text' },
  browser: { column: 'browser', is: 'text' },
  os: { column: 'os', is: 'text' },
  device: { column: 'device', is: 'text' },
  country: { column: 'country', is: 'text' },
  locale: { column: 'locale', is: 'text' },
  currency: { column: 'currency', is: 'text' },
  source: { column: 'source_id', is: 'number' },
  /** In the currency's minor unit. */
  revenue: { column: 'revenue_minor', is: 'number' },
  timestamp: { column: 'timestamp', is: 'time' },
  user_id: { column: 'user_id', is: 'text' },
} as const;
export type EventField = keyof typeof EVENT_FIELDS;

/** What is known of a visit: made from its events. Duration in seconds. */
export const SESSION_FIELDS = {
  entry_path: 'text',
  exit_path: 'text',
  referrer: 'text',
  channel_group: 'text',
  campaign_source: 'text',
  campaign_medium: 'text',
  campaign_name: 'text',
  device: 'text',
  browser: 'text',
  country: 'text',
  events: 'number',
  views: 'number',
  duration: 'number',
  bounced: 'number',
} as const;
export type SessionField = keyof typeof SESSION_FIELDS;

/**
 * Something that an event, or whoever it belongs to, has a value of. A trait is the person's of now, or as it was at the
 * time of the event. The names of properties and traits are the senders' own.
 */
export const Field = z.discriminatedUnion('of', [
  z.strictObject({
    of: z.literal('event'),
    name: z.enum(Object.keys(EVENT_FIELDS) as [EventField, ...EventField[]]),
  }),
  z.strictObject({ of: z.literal('property'), name: NAME }),
  z.strictObject({ of: z.literal('trait'), name: NAME, as: z.enum(['now', 'then']).default('now') }),
  z.strictObject({ of: z.literal('account'), name: NAME }),
  z.strictObject({
    of: z.literal('session'),
    name: z.enum(Object.keys(SESSION_FIELDS) as [SessionField, ...SessionField[]]),
  }),
  /** Whether the person is in an audience: "true" or "false". */
  z.strictObject({ of: z.literal('audience'), id: z.int().positive() }),
]);
export type Field = z.output<typeof Field>;

/** Tells fields apart, and names them in errors and in the CSV of a report. */
export function fieldKey(field: Field): string {
  if (field.of === 'audience') return `audience:${field.id}`;
  return `${field.of}:${field.name}${field.of === 'trait' && field.as === 'then' ? '@then' : ''}`;
}
