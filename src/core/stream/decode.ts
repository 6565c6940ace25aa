import { createHash } from 'node:crypto';
import type { LogRecord } from '../../kernel/log.ts';
import type { Envelope, IncomingEvent } from '../intake/incoming.ts';
import { isEventType, whatIsWrong } from '../intake/incoming.ts';
import type { Delivery, EventIdentifier, StreamEvent } from './event.ts';

/** Events further ahead of our clock than this have a wrong time. */
const FUTURE_MS = 24 * 60 * 60 * 1000;
const TEXT_LIMIT = 512;
const IDENTIFIERS_LIMIT = 20;
const TRANSFORMED_BYTES = 1024 * 1024;

/** An event that cannot be used, and why. */
export interface BadEvent {
  sourceId: number;
  messageId: string | null;
  reason: string;
  /** The step that could not use it; `decode` unless told. */
  step?: string;
  /** Its type and name, where they are known; otherwise they are looked for in its text. */
  type?: string;
  name?: string;
  /** The rule of the tracking plan that it broke, and with which property. */
  rule?: string;
  property?: string;
  /** Its record was applied before: it may be in quarantine already. */
  again?: boolean;
  /** The event as JSON text. */
  event: string;
}

export interface Decoded {
  events: StreamEvent[];
  deliveries: Delivery[];
  bad: BadEvent[];
}

class Unusable extends Error {}

/**
 * Reads a record of the log. Each event gets its type-checked form; one that cannot be used becomes a BadEvent and keeps
 * none of the others back. `deliveries[i]` belongs to `events[i]`.
 */
export function decodeRecord(record: LogRecord, into: Decoded): void {
  const envelope = parse<Envelope>(
    Buffer.from(record.value.buffer, record.value.byteOffset, record.value.byteLength).toString(),
  );
  const delivery: Delivery = {
    sourceId: envelope.sourceId,
    receivedAt: envelope.receivedAt,
    ip: envelope.ip ?? '',
    userAgent: envelope.userAgent ?? '',
    country: envelope.country ?? '',
  };
  const sentAt = envelope.sentAt;
  for (const incoming of envelope.events) {
    try {
      into.events.push(decodeEvent(incoming, delivery, sentAt));
      into.deliveries.push(delivery);
    } catch (error) {
      // Whatever is wrong with one event, it must not hold up those behind it.
      const reason = error instanceof Unusable ? error.message : `it could not be read: ${(error as Error).message}`;
      const messageId = typeof incoming?.messageId === 'string' ? incoming.messageId : null;
      into.bad.push({ sourceId: envelope.sourceId, messageId, reason, event: JSON.stringify(incoming) });
    }
  }
  for (const { event, reason, messageId } of envelope.refused ?? []) {
    into.bad.push({ sourceId: envelope.sourceId, messageId, reason, event });
  }
}

/** Decodes an event, as JSON, that a transformation made: what is wrong with it is told as a sentence. */
export function decodeTransformed(json: string, messageId: string, delivery: Delivery): StreamEvent | string {
  const wrong = whatIsWrong(json, TRANSFORMED_BYTES);
  if (wrong !== null) return wrong;
  try {
    return decodeEvent({ ...parse<IncomingEvent>(json), messageId }, delivery, undefined);
  } catch (error) {
    return error instanceof Unusable ? error.message : `it could not be read: ${(error as Error).message}`;
  }
}

/** NUL characters and halves of surrogate pairs cannot be stored as text; JSON.stringify writes them as escapes. */
const UNSTORABLE = /\\u(0000|d[89a-f])/;

function parse<T>(text: string): T {
  if (!UNSTORABLE.test(text)) return JSON.parse(text) as T;
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value === 'string') return storable(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const entries = Object.entries(value);
    return entries.every(([name]) => storable(name) === name)
      ? value
      : Object.fromEntries(entries.map(([name, inner]) => [storable(name), inner]));
  }) as T;
}

const storable = (text: string) => text.toWellFormed().replaceAll('\0', '');

function decodeEvent(incoming: IncomingEvent, delivery: Delivery, batchSentAt: string | undefined): StreamEvent {
  if (!isEventType(incoming.type)) throw new Unusable(`type "${String(incoming.type)}" is not one of the protocol`);
  const { eventId, messageId } = identify(incoming.messageId);
  const properties = object(incoming.properties, 'properties');
  const traits = object(incoming.traits, 'traits');
  const context = object(incoming.context, 'context');
  const userId = text(incoming.userId, 'userId');
  const anonymousId = text(incoming.anonymousId, 'anonymousId');
  const groupId = text(incoming.groupId ?? (incoming.type === 'group' ? undefined : context.groupId), 'groupId');
  const previousId = text(incoming.previousId, 'previousId');
  const event: StreamEvent = {
    eventId,
    messageId,
    sourceId: delivery.sourceId,
    type: incoming.type,
    name: eventName(incoming),
    timestamp: eventTime(incoming, delivery.receivedAt, incoming.sentAt ?? batchSentAt),
    receivedAt: delivery.receivedAt,
    identifiers: [],
    userId,
    anonymousId,
    groupId,
    previousId,
    properties,
    traits,
    context,
    publicKey: false,
    sent: incoming,
    channel: (typeof incoming.channel === 'string' ? incoming.channel : '') as StreamEvent['channel'],
    contact: (incoming.contact === 'indirect' || incoming.contact === 'direct' ? incoming.contact : '') as 'direct',
    url: '',
    path: '',
    title: '',
    referrer: '',
    channelGroup: '',
    campaignSource: '',
    campaignMedium: '',
    campaignName: '',
    browser: '',
    os: '',
    device: '',
    country: '',
    locale: '',
    revenueMinor: 0,
    currency: '',
    sessionStart: 0,
    originId: 0,
    personId: 0,
    accountId: 0,
  };
  event.identifiers = identifiersOf(incoming, event);
  if (event.identifiers.length === 0)
    throw new Unusable('it names nobody: neither userId nor anonymousId nor another identifier');
  if (event.type === 'group' && groupId === '') throw new Unusable('a group call needs a groupId');
  if (event.type === 'alias' && (previousId === '' || userId === '')) {
    throw new Unusable('an alias call needs previousId and userId');
  }
  return event;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function identify(messageId: string): { eventId: string; messageId: string } {
  if (UUID.test(messageId)) return { eventId: messageId, messageId: '' };
  return { eventId: eventIdOf(messageId), messageId };
}

/** The event ID of a message ID: itself where it is a UUID in lower case, otherwise a UUID made of its SHA-256. */
export function eventIdOf(messageId: string): string {
  if (UUID.test(messageId)) return messageId;
  const hex = createHash('sha256').update(messageId).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

function eventName(incoming: IncomingEvent): string {
  switch (incoming.type) {
    case 'track': {
      const name = text(incoming.event ?? incoming.name, 'event');
      if (name === '') throw new Unusable('a track call needs the name of what happened in "event"');
      return name;
    }
    case 'page':
    case 'screen':
      return text(incoming.name, 'name') || text(incoming.category, 'category');
    default:
      return '';
  }
}

/**
 * When it happened: receivedAt − (sentAt − originalTimestamp), so that a sender's wrong clock does not matter
 * (Segment's rule); its own time where no sentAt was given, and ours where it gave none.
 */
function eventTime(incoming: IncomingEvent, receivedAt: number, sentAt: unknown): number {
  const own = incoming.originalTimestamp ?? incoming.timestamp;
  if (own === undefined || own === null || own === '') return receivedAt;
  const happened = instant(own);
  if (happened === null)
    throw new Unusable(
      `timestamp ${JSON.stringify(own)} is not a time; use ISO 8601, for example 2026-03-01T12:00:00Z`,
    );
  const sent = sentAt === undefined || sentAt === null ? null : instant(sentAt);
  const time = sent === null ? happened : receivedAt - (sent - happened);
  if (time > receivedAt + FUTURE_MS)
    throw new Unusable(`timestamp ${JSON.stringify(own)} is more than a day in the future`);
  if (time < 0) throw new Unusable(`timestamp ${JSON.stringify(own)} is before 1970`);
  return Math.round(time);
}

/** Numbers from here on are milliseconds, below they are seconds since 1970. */
const SECONDS_BELOW = 100_000_000_000;

function instant(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? (value < SECONDS_BELOW ? value * 1000 : value) : null;
  if (typeof value !== 'string') return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time;
}

function identifiersOf(incoming: IncomingEvent, event: StreamEvent): EventIdentifier[] {
  const found: EventIdentifier[] = [];
  if (event.userId !== '') found.push({ kind: 'user_id', value: event.userId });
  if (event.anonymousId !== '') found.push({ kind: 'anonymous_id', value: event.anonymousId });
  const told = event.type === 'identify' ? event.traits : event.context.traits;
  if (typeof told === 'object' && told !== null) {
    const { email, phone } = told as Record<string, unknown>;
    if (typeof email === 'string' && email.includes('@')) found.push({ kind: 'email', value: text(email, 'email') });
    if (typeof phone === 'string' && phone !== '') found.push({ kind: 'phone', value: text(phone, 'phone') });
  }
  for (const list of [incoming.externalIds, event.context.externalIds]) {
    if (!Array.isArray(list)) continue;
    if (list.length > IDENTIFIERS_LIMIT)
      throw new Unusable(`it has more than ${IDENTIFIERS_LIMIT} external identifiers`);
    for (const entry of list as Record<string, unknown>[]) {
      // Ours and RudderStack's { kind | type, value | id }, Segment's { id, type, collection, encoding }.
      const kind = text(entry?.kind ?? entry?.type, 'externalIds.kind');
      const value = text(entry?.value ?? entry?.id, 'externalIds.value');
      if (kind === '' || value === '') throw new Unusable('an entry of externalIds needs a kind and a value');
      found.push({ kind, value });
    }
  }
  const device = event.context.device as Record<string, unknown> | undefined;
  if (typeof device === 'object' && device !== null && typeof device.id === 'string' && device.id !== '') {
    found.push({ kind: 'device', value: text(device.id, 'context.device.id') });
  }
  return found;
}

function text(value: unknown, field: string): string {
  if (typeof value === 'string') {
    if (value.length > TEXT_LIMIT) throw new Unusable(`${field} is longer than ${TEXT_LIMIT} characters`);
    return value;
  }
  if (value === undefined || value === null) return '';
  if (typeof value === 'number') return String(value);
  throw new Unusable(`${field} must be a text, not ${Array.isArray(value) ? 'a list' : `of type ${typeof value}`}`);
}

function object(value: unknown, field: string): Record<string, unknown> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw new Unusable(`${field} must be an object`);
  return value as Record<string, unknown>;
}
