import { hash } from 'node:crypto';
import { EVENT_TYPES, type IncomingEvent, isEventType, partitionKey } from '../intake/incoming.ts';
import { describe, parseMapping } from '../intake/mapping/expression.ts';

/** Longest evaluation for one row or group. The import's thread is ended where even that does not stop it. */
const ROW_MILLISECONDS = 5000;
/** Largest event, as JSON in UTF-8. */
const EVENT_BYTES = 1024 * 1024;
/** Most events that one row or group may become. */
const EVENTS_PER_ROW = 1000;

/** An event ready for the log: itself as JSON, and what decides its partition. */
export interface MappedEvent {
  key: string;
  json: string;
}

/** A row or group that cannot become events; the message is the reason, for whoever will mend it. */
export class Unmappable extends Error {}

/**
 * Compiles the expression of a mapping file into what turns a row or a group into events. `identity` names the row or
 * group among all of the same source: with an event's number in the result it makes the message ID, unless the mapping
 * gives one. So the same line makes the same message IDs whenever it is imported, and counts once.
 */
export function eventMapper(expression: string): (value: unknown, identity: string) => Promise<MappedEvent[]> {
  const compiled = parseMapping(expression, ROW_MILLISECONDS);
  return async (value, identity) => {
    const result = await evaluate(value);
    if (result === undefined || result === null) return [];
    const found = Array.isArray(result) ? result : [result];
    if (found.length > EVENTS_PER_ROW) {
      throw new Unmappable(`the mapping makes ${found.length} events of it; ${EVENTS_PER_ROW} are allowed`);
    }
    return found.map((event, index) => check(event, index, identity));
  };

  async function evaluate(value: unknown): Promise<unknown> {
    try {
      return await compiled.evaluate(value);
    } catch (error) {
      throw new Unmappable(`the mapping failed: ${describe(error, expression, ROW_MILLISECONDS).message}`);
    }
  }
}

function check(value: unknown, index: number, identity: string): MappedEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Unmappable(`the mapping must make events (objects), but made ${JSON.stringify(value)?.slice(0, 100)}`);
  }
  const event = value as Record<string, unknown>;
  if (!isEventType(event.type)) {
    throw new Unmappable(
      `type ${JSON.stringify(event.type) ?? 'is missing: it'} must be one of ${EVENT_TYPES.join(', ')}`,
    );
  }
  if (event.messageId === undefined || event.messageId === null) event.messageId = messageIdOf(identity, index);
  else if (typeof event.messageId !== 'string' || event.messageId === '' || event.messageId.length > 255) {
    throw new Unmappable('messageId must be a text of 1 to 255 characters');
  }
  const json = jsonOf(event);
  if (json.length > EVENT_BYTES / 3 && Buffer.byteLength(json) > EVENT_BYTES) {
    throw new Unmappable(`the event is larger than ${EVENT_BYTES.toLocaleString('en')} bytes`);
  }
  return { key: partitionKey(event as unknown as IncomingEvent), json };
}

function jsonOf(event: object): string {
  try {
    return JSON.stringify(event);
  } catch {
    throw new Unmappable('the event is nested too deeply');
  }
}

/** A UUID (version 8) of what identifies a line or a group, and the number of the event it became. */
export function messageIdOf(identity: string, index: number): string {
  const hex = hash('sha256', `${identity}\n${index}`);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
