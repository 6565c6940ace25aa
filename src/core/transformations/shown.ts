import type { IncomingEvent } from '../intake/incoming.ts';
import type { StreamEvent } from '../stream/event.ts';

/**
 * An event as transformations see it: what the sender wrote, with the time it happened by our clock as its `timestamp`,
 * without identifiers that a step before took out. It always has a `context`, and `properties` or `traits` as its type
 * does, so that code can set a field of them. Needs the event before it is enriched.
 */
export function shownEvent(event: StreamEvent): IncomingEvent {
  const sent = event.sent!;
  const shown: IncomingEvent = { ...sent };
  shown.messageId = event.messageId || event.eventId;
  shown.timestamp = new Date(event.timestamp).toISOString();
  // The clocks are accounted for; left in, they would be a second time.
  if (sent.originalTimestamp !== undefined) delete shown.originalTimestamp;
  if (sent.sentAt !== undefined) delete shown.sentAt;
  if (sent.anonymousId !== undefined && event.anonymousId === '') delete shown.anonymousId;
  shown.context = event.context;
  if (event.type === 'identify' || event.type === 'group') shown.traits = event.traits;
  else shown.properties = event.properties;
  if (Array.isArray(sent.externalIds)) {
    const left = new Set(event.identifiers.map(({ kind, value }) => `${kind}\0${value}`));
    shown.externalIds = (sent.externalIds as Record<string, unknown>[]).filter((one) =>
      left.has(`${one.kind ?? one.type}\0${one.value ?? one.id}`),
    );
  }
  return shown;
}
