import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../kernel/context.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { acceptEvents } from '../intake/accept.ts';
import { eventsOf, isObject } from '../intake/entries.ts';
import { type Envelope, type IncomingEvent, jsonOf, type Refused, refusedText } from '../intake/incoming.ts';
import { compileMapping } from '../intake/mapping/mapping.ts';
import type { Source } from '../sources/sources.ts';

export const EVENT_BYTES = 256 * 1024;
/** Events that one message or row may become. */
const EVENTS_LIMIT = 100;
const WAIT_MS = { first: 250, most: 5000 };

/** Something that came from a peer and is to become events. */
export interface Arrived {
  value: unknown;
  /** What the mapping may use beside the value. */
  variables: Record<string, unknown>;
  /** The same each time the peer sends it, so that what comes twice counts once. */
  messageId: string;
}

/**
 * The events of what arrived: by the source's mapping, or as `plain` makes them. What cannot be one comes back refused,
 * with the reason, for quarantine. Throws a Refusal 503 where too many mappings wait.
 */
export async function eventsFrom(
  source: Pick<Source, 'mapping'>,
  arrived: Arrived,
  plain: () => Record<string, unknown>,
): Promise<{ events: IncomingEvent[]; refused: Refused[] }> {
  try {
    const result = source.mapping
      ? await compileMapping(source.mapping).evaluate(arrived.value, arrived.variables)
      : plain();
    const entries = result === undefined || result === null ? [] : Array.isArray(result) ? result : [result];
    if (entries.length > EVENTS_LIMIT) {
      throw refuse.invalid(`The mapping gave ${entries.length} events; the limit is ${EVENTS_LIMIT} for one message.`);
    }
    for (const [index, entry] of (entries as unknown[]).entries()) {
      if (!isObject(entry)) continue;
      entry.type ??= 'track';
      entry.messageId ??= index === 0 ? arrived.messageId : `${arrived.messageId} ${index}`;
    }
    return eventsOf(entries);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 400) throw error;
    return { events: [], refused: [refusedText(jsonOf(arrived.value) ?? '', error.message, arrived.messageId)] };
  }
}

/**
 * Gives events to the log and resolves when they are on disk; while the log is full it waits and tries again, so the peer
 * is not told that they were taken. `onWait` hears why, once. Throws when `signal` is aborted.
 */
export async function acceptOrWait(
  context: Context,
  envelope: Pick<Envelope, 'sourceId' | 'protocol' | 'events'> & { refused?: Refused[] },
  signal: AbortSignal,
  onWait: (reason: string, retryAt: Date) => void,
): Promise<void> {
  if (envelope.events.length + (envelope.refused?.length ?? 0) === 0) return;
  for (let wait = WAIT_MS.first; ; wait = Math.min(wait * 2, WAIT_MS.most)) {
    signal.throwIfAborted();
    try {
      return await acceptEvents(context, { receivedAt: Date.now(), ...envelope }, EVENT_BYTES);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 503) throw error;
      onWait(error.message, new Date(Date.now() + wait));
      await sleep(wait, undefined, { signal });
    }
  }
}
