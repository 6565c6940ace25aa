import { ENTRY_BYTES, type LogEntry } from '../../kernel/log.ts';

export const EVENT_TYPES = ['track', 'identify', 'page', 'screen', 'group', 'alias', 'merge'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

const types: ReadonlySet<unknown> = new Set(EVENT_TYPES);
export const isEventType = (value: unknown): value is EventType => types.has(value);

/**
 * An event as intake puts it into the log, in the shape of the Segment protocol whatever protocol it came by. Intake
 * vouches for `type` and `messageId`; all else is what the sender wrote, of any type, and is checked by the stream's
 * decode step.
 */
export interface IncomingEvent {
  type: EventType;
  messageId: string;
  anonymousId?: unknown;
  userId?: unknown;
  event?: unknown;
  name?: unknown;
  category?: unknown;
  properties?: unknown;
  traits?: unknown;
  groupId?: unknown;
  previousId?: unknown;
  context?: unknown;
  timestamp?: unknown;
  originalTimestamp?: unknown;
  sentAt?: unknown;
  integrations?: unknown;
  /** Further identifiers: `[{ kind, value }]`. */
  externalIds?: unknown;
  /** web, app, email, chat, phone, sms, store, social, ad, device, server, other. */
  channel?: unknown;
  /** 'direct' or 'indirect'. */
  contact?: unknown;
}

/** What one request brought for one partition: a record of the log. */
export interface Envelope {
  sourceId: number;
  /** Milliseconds since 1970, by this server's clock. */
  receivedAt: number;
  /** The sender's clock when it sent the batch, for the correction of its events' times. */
  sentAt?: string;
  ip?: string;
  userAgent?: string;
  /** ISO 3166-1 alpha-2, as a trusted proxy gave it. */
  country?: string;
  protocol: 'segment' | 'cloudevents' | 'webhook' | 'import' | 'internal' | 'mqtt' | 'mail' | 'postgres';
  events: IncomingEvent[];
  /** Entries that cannot be events; the stream puts them into quarantine. */
  refused?: Refused[];
}

/** Something sent that is not an event: its text (cut at 64 kB) and what is wrong with it. */
export interface Refused {
  event: string;
  reason: string;
  messageId: string | null;
}

/** FNV-1a, 32 bits, over UTF-16 code units: quick, and the same in every process. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** What decides an event's partition, so that the events of one device or customer stay in order. */
export function partitionKey(event: IncomingEvent): string {
  const { anonymousId, userId, externalIds } = event;
  if (typeof anonymousId === 'string' && anonymousId !== '') return anonymousId;
  if ((typeof userId === 'string' && userId !== '') || typeof userId === 'number') return String(userId);
  const [first] = Array.isArray(externalIds) ? (externalIds as unknown[]) : [];
  if (typeof first === 'object' && first !== null && 'value' in first) {
    if (typeof first.value === 'string' || typeof first.value === 'number') return String(first.value);
  }
  return event.messageId;
}

/** Longest text that is kept of something refused, in characters. */
const REFUSED_CHARACTERS = 64 * 1024;

/** Deepest nesting of an event. What works through it level by level must not run out of stack. */
const NESTING_LEVELS = 500;

const tooDeep = `it is nested deeper than ${NESTING_LEVELS} levels`;

const UNWRITABLE = '(nested too deeply to be written)';

/** A parsed value as JSON again. Some that can be parsed nest too deeply to be written; they become UNWRITABLE. */
export function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) return UNWRITABLE;
    throw error;
  }
}

/** Something refused, its text cut to what is kept. */
export function refusedText(text: string, reason: string, messageId: string | null = null): Refused {
  return { event: text.slice(0, REFUSED_CHARACTERS), reason, messageId };
}

/** What one request brought for one partition and fits into one entry, as JSON texts. */
interface Part {
  partition: number;
  events: string[];
  refused: string[];
  characters: number;
}

/** Characters of one entry; each is at most three bytes. */
const PART_CHARACTERS = ENTRY_BYTES / 3;

/**
 * Spreads what one request brought over the log's partitions; one entry for each partition that gets any, several where
 * it gets more than ENTRY_BYTES. An event longer than `eventBytes` (as compact JSON) or nested deeper than
 * NESTING_LEVELS becomes a refused one; the others go on.
 */
export function logEntries(envelope: Envelope, partitions: number, eventBytes = Number.POSITIVE_INFINITY): LogEntry[] {
  const { events, refused: given = [], ...rest } = envelope;
  const parts: Part[] = [];
  const open = new Map<number, Part>();
  const partFor = (key: string, text: string) => {
    const partition = hashText(key) % partitions;
    let part = open.get(partition);
    if (!part || part.characters + text.length > PART_CHARACTERS) {
      part = { partition, events: [], refused: [], characters: 0 };
      parts.push(part);
      open.set(partition, part);
    }
    part.characters += text.length + 1;
    return part;
  };
  const refuse = (one: Refused) => {
    const text = JSON.stringify(one);
    partFor(one.event, text).refused.push(text);
  };
  for (const event of events) {
    const text = jsonOf(event);
    const wrong = text === UNWRITABLE ? tooDeep : whatIsWrong(text, eventBytes);
    if (wrong === null) partFor(partitionKey(event), text).events.push(text);
    else refuse(refusedText(text, wrong, event.messageId));
  }
  for (const one of given) refuse(one);
  const head = JSON.stringify(rest).slice(0, -1);
  return parts.map(({ partition, events: kept, refused }) => {
    const tail = refused.length > 0 ? `],"refused":[${refused.join(',')}]}` : ']}';
    return {
      partition,
      events: kept.length + refused.length,
      value: Buffer.from(`${head},"events":[${kept.join(',')}${tail}`),
    };
  });
}

/** Whether an event, as JSON, is too large or too deep; the quick tests come first: most are too short to be either. */
export function whatIsWrong(text: string, eventBytes: number): string | null {
  if (text.length * 3 > eventBytes && Buffer.byteLength(text) > eventBytes) {
    return `it is larger than ${eventBytes / 1024} kB`;
  }
  if (text.length > 2 * NESTING_LEVELS && isNestedDeeply(text))
    return `it is nested deeper than ${NESTING_LEVELS} levels`;
  return null;
}

/** Whether JSON text nests deeper than NESTING_LEVELS; a scan of it, since a walk of the value could run out of stack. */
function isNestedDeeply(text: string): boolean {
  let level = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34) i = endOfString(text, i);
    else if (code === 123 || code === 91) {
      if (++level > NESTING_LEVELS) return true;
    } else if (code === 125 || code === 93) level--;
  }
  return false;
}

/** Where the string that begins at `start` ends: at a quote with an even number of backslashes before it. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  for (;;) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 92) backslashes++;
    if (backslashes % 2 === 0) return end;
    end = text.indexOf('"', end + 1);
  }
}
