import { hash } from 'node:crypto';
import type { LogRecord } from '../../kernel/log.ts';
import type { BadEvent, Decoded } from './decode.ts';
import { contextAsSent } from './enrich/enrich.ts';
import type { Delivery, StreamEvent } from './event.ts';
import type { Seen } from './seen.ts';

/** An event that was left out on purpose. */
export interface Drop {
  step: string;
  reason: string;
  sourceId: number;
  name: string;
  messageId: string;
}

/** Records of one partition, as read. */
export interface Portion {
  partition: number;
  records: LogRecord[];
}

/** The events of which nothing is to be said against; the others become drops, but for those in `quiet`. */
export function keep(
  events: readonly StreamEvent[],
  deliveries: readonly Delivery[],
  why: (event: StreamEvent, index: number) => string | null,
  step: string,
  drops: Drop[],
  quiet?: ReadonlySet<StreamEvent>,
): Decoded {
  const kept: Decoded = { events: [], deliveries: [], bad: [] };
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!;
    const reason = why(event, i);
    if (reason === null) {
      kept.events.push(event);
      kept.deliveries.push(deliveries[i]!);
    } else if (!quiet?.has(event)) {
      const messageId = event.messageId || event.eventId;
      drops.push({ step, reason, sourceId: event.sourceId, name: event.name || event.type, messageId });
    }
  }
  return kept;
}

/** Takes events out of a batch, in place; they will not be stored. */
export function removeEvents(events: StreamEvent[], out: ReadonlySet<StreamEvent>, seen: Seen): void {
  let kept = 0;
  for (const event of events) if (!out.has(event)) events[kept++] = event;
  events.length = kept;
  seen.stored(Array.from(out, (event) => event.eventId));
}

/**
 * Names an insert, so that the store does a repeated one once. The positions alone would not do: a log that was made anew
 * counts from the beginning, and its batches would be taken for those of the log before it.
 */
export function tokenOf(portions: readonly Portion[], events: readonly StreamEvent[]): string {
  const positions = portions.map((p) => `${p.partition}:${p.records.at(-1)!.position}`).join(',');
  return `${positions} ${hash('sha256', events.map((event) => event.eventId).join(), 'base64url')}`;
}

/** An event as it was sent, for quarantine. */
export function asBad(event: StreamEvent): Omit<BadEvent, 'reason'> {
  const { sourceId, type, name, userId, anonymousId, groupId, previousId, properties, traits, timestamp } = event;
  const context = contextAsSent(event);
  const messageId = event.messageId || event.eventId;
  const sent = {
    type,
    messageId,
    event: name,
    name,
    userId,
    anonymousId,
    groupId,
    previousId,
    // Those that it has beside the ones above; read again, an identifier given twice is the same one.
    externalIds: event.identifiers.filter(({ kind }) => kind !== 'user_id' && kind !== 'anonymous_id'),
    channel: event.channel,
    contact: event.contact,
    properties,
    traits,
    context,
  };
  const given = Object.entries(sent).filter(
    ([, value]) => value !== '' && !(Array.isArray(value) && value.length === 0),
  );
  const text = JSON.stringify({ ...Object.fromEntries(given), timestamp: new Date(timestamp).toISOString() });
  return { sourceId, messageId, type, name, event: text };
}

export const namelessEvent = (event: StreamEvent): BadEvent => ({
  ...asBad(event),
  reason: 'it names nobody: each of its identifiers is empty or a blocked value, such as "null" or "anonymous"',
});
