import { randomUUID } from 'node:crypto';
import { refuse } from '../../kernel/refusal.ts';
import {
  EVENT_TYPES,
  type EventType,
  type IncomingEvent,
  isEventType,
  jsonOf,
  type Refused,
  refusedText,
} from './incoming.ts';

export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Parses a body; refuses with 400 what is not JSON or not an object. */
export function parseObject(text: string): Json {
  const body = parseJson(text);
  if (!isObject(body)) throw refuse.invalid('The body must be a JSON object.');
  return body;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse.invalid(`The body is not JSON: ${(error as Error).message.slice(0, 200)}`);
  }
}

/**
 * Makes an event of an entry in place, or answers why it cannot be one. `type` is what the endpoint says; without it the
 * entry tells its own.
 */
export function eventOf(entry: unknown, type?: EventType): IncomingEvent | string {
  if (!isObject(entry)) return 'it is not a JSON object';
  const told = type ?? entry.type ?? entry.action;
  if (!isEventType(told)) {
    return told === undefined
      ? 'it has no type'
      : `type ${jsonOf(told).slice(0, 100)} is not one of ${EVENT_TYPES.join(', ')}`;
  }
  entry.type = told;
  const id = entry.messageId;
  if (typeof id !== 'string' || id === '') entry.messageId = typeof id === 'number' ? String(id) : randomUUID();
  // The key is the sender's, not the event's. (Setting is quicker than deleting, and as good once written.)
  if (entry.writeKey !== undefined) entry.writeKey = undefined;
  // RudderStack's merge names its two identifiers so.
  if (told === 'merge' && Array.isArray(entry.mergeProperties)) entry.externalIds ??= entry.mergeProperties;
  return entry as unknown as IncomingEvent;
}

/** Sorts the entries of a batch into events and refused ones. `shared` is what the batch says for each of its events. */
export function eventsOf(
  entries: readonly unknown[],
  shared: { context?: unknown; integrations?: unknown } = {},
): { events: IncomingEvent[]; refused: Refused[] } {
  const events: IncomingEvent[] = [];
  const refused: Refused[] = [];
  const context = isObject(shared.context) ? shared.context : undefined;
  const integrations = isObject(shared.integrations) ? shared.integrations : undefined;
  for (const entry of entries) {
    const event = eventOf(entry);
    if (typeof event === 'string') {
      const messageId = isObject(entry) && typeof entry.messageId === 'string' ? entry.messageId : null;
      refused.push(refusedText(jsonOf(entry), event, messageId));
      continue;
    }
    if (context)
      event.context = isObject(event.context) ? { ...context, ...event.context } : (event.context ?? context);
    if (integrations) event.integrations ??= integrations;
    events.push(event);
  }
  return { events, refused };
}
