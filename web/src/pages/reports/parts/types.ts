import type { EventField, Field, SessionField } from '../../../../../src/core/query/field.ts';
import type { Condition, Filter, Operator } from '../../../../../src/core/query/filter.ts';
import type { EventMatch, What } from '../../../../../src/core/query/matching.ts';
import type { Interval, Period } from '../../../../../src/core/query/period.ts';

export type { Condition, EventMatch, Field, Filter, Interval, Operator, Period, What };

/** What the values of a field are; it decides on the operators and on how values are written. */
export type ValueType = 'text' | 'number' | 'boolean' | 'time' | 'audience';

/** The fields that every event has, in the order in which they are offered, and what their values are. */
export const EVENT_FIELDS: Record<EventField, ValueType> = {
  name: 'text',
  type: 'text',
  path: 'text',
  url: 'text',
  title: 'text',
  referrer: 'text',
  channel: 'text',
  contact: 'text',
  channel_group: 'text',
  campaign_source: 'text',
  campaign_medium: 'text',
  campaign_name: 'text',
  country: 'text',
  device: 'text',
  browser: 'text',
  os: 'text',
  locale: 'text',
  revenue: 'number',
  currency: 'text',
  timestamp: 'time',
  source: 'number',
  user_id: 'text',
};

export const SESSION_FIELDS: Record<SessionField, ValueType> = {
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
  bounced: 'boolean',
};

/** Tells fields apart where one text is needed: as a key, and as the value of a choice. */
export function keyOfField(field: Field): string {
  if (field.of === 'audience') return `audience ${field.id}`;
  return `${field.of} ${field.name}`;
}

/** Names of the events that are meant, for the properties that they have; none where any event or an action may be meant. */
export function namesOf(whats: readonly What[]): string[] {
  const names = new Set<string>();
  for (const what of whats) {
    for (const match of what.events) {
      if ('name' in match && match.name) names.add(match.name);
      else return [];
    }
  }
  return [...names];
}

/** Whether the values of a field are countries by their two letters. */
export const isCountry = (field: Field | undefined): boolean =>
  field !== undefined && 'name' in field && field.name.toLowerCase() === 'country';
