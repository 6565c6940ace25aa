import type { TimelineEvent } from '../wire.ts';

/** Where an event stands on its person's line: with its time, so that it can be found however far back it is. */
export function eventLink(personId: string, event: Pick<TimelineEvent, 'id' | 'timestamp'>): string {
  const query = new URLSearchParams({ event: event.id, at: event.timestamp });
  return `/people/${encodeURIComponent(personId)}?${query}`;
}
