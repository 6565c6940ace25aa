import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { acceptEvents } from '../intake/accept.ts';
import type { IncomingEvent } from '../intake/incoming.ts';

/** The source of what Throughline's own apps do. */
export const OWN_SOURCE = 0;

const BATCH = 500;
const POLL_MS = 250;
const AWAY_MS = 5000;

/** Whom an event is about: a person, a visitor by what the browser knows, or whoever has the identifiers. */
export type About =
  | { personId: number }
  | { anonymousId: string; userId?: string | undefined }
  | { identifiers: readonly { kind: string; value: string }[] };

/** What an app did to or for a person, or what they did with the app. */
export type AppEvent = About & {
  /** The name of what happened, for example "Ticket Opened". */
  name: string;
  properties?: Record<string, unknown>;
  /** As in Segment's protocol: the page, the language … of whoever did it. */
  context?: Record<string, unknown>;
  /** One that is always the same for the same happening, so that it counts once; a new one unless told. */
  messageId?: string;
  /** The channel the customer sees it in; 'server' unless told. */
  channel?: string;
  at?: Date;
};

/**
 * Puts an app's event into the outbox, in the transaction that did the work: both are done, or neither. It goes to the log
 * within a second after the commit, and from there the way of every event. Refuses with 404 where the person is not known
 * or has no identifier.
 */
export async function emit(client: pg.PoolClient, event: AppEvent): Promise<void> {
  if ((await emitAll(client, [event])) === 0)
    throw refuse.notFound(
      `There is no person ${'personId' in event ? event.personId : ''} that an event could be about.`,
    );
}

/** The same for many at once; those about persons without an identifier are left out. Returns how many were put there. */
export async function emitAll(client: pg.PoolClient, events: readonly AppEvent[]): Promise<number> {
  const people = [...new Set(events.flatMap((event) => ('personId' in event ? [event.personId] : [])))];
  const identifiers = people.length > 0 ? await bestIdentifiers(client, people) : new Map<number, Identifier>();
  const lines = events.flatMap((event) => {
    const who = whoOf(event, identifiers);
    if (!who) return [];
    const incoming: IncomingEvent = {
      type: 'track',
      messageId: event.messageId ?? crypto.randomUUID(),
      event: event.name,
      ...who,
      properties: event.properties ?? {},
      ...(event.context && { context: event.context }),
      channel: event.channel ?? 'server',
      contact: 'direct',
      timestamp: (event.at ?? new Date()).toISOString(),
    };
    return [JSON.stringify(incoming)];
  });
  await client.query(
    'INSERT INTO outbox (event) SELECT line::jsonb FROM unnest($1::text[]) WITH ORDINALITY AS l (line, n) ORDER BY n',
    [lines],
  );
  return lines.length;
}

type Identifier = { kind: string; value: string };

function whoOf(event: AppEvent, known: ReadonlyMap<number, Identifier>): Partial<IncomingEvent> | null {
  if ('anonymousId' in event)
    return { anonymousId: event.anonymousId, ...(event.userId !== undefined && { userId: event.userId }) };
  if ('identifiers' in event) return event.identifiers.length > 0 ? { externalIds: event.identifiers } : null;
  const identifier = known.get(event.personId);
  return identifier ? { externalIds: [identifier] } : null;
}

/** Of each person the identifier that counts most. */
async function bestIdentifiers(client: pg.PoolClient, people: readonly number[]): Promise<Map<number, Identifier>> {
  const { rows } = await client.query<{ root: number; kind: string; value: string }>(
    `SELECT asked.id AS root, found.kind, found.value FROM unnest($1::bigint[]) AS asked (id), LATERAL (
       SELECT k.kind, i.value FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id
       WHERE i.person_id IN (SELECT asked.id UNION ALL SELECT id FROM persons WHERE root_id = asked.id AND root_id <> id)
       ORDER BY k.priority LIMIT 1) AS found`,
    [people],
  );
  return new Map(rows.map(({ root, kind, value }) => [root, { kind, value }]));
}

/**
 * Moves what is in the outbox to the log, in order. A row goes only after the log has it on disk; a crash between sends it
 * again under its message ID, which counts once. Returns how many were moved.
 */
export async function relayOutbox(context: Context): Promise<number> {
  return context.records.transaction(async (client) => {
    const { rows } = await client.query<{ id: number; event: IncomingEvent }>(
      `SELECT id, event FROM outbox ORDER BY id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`,
    );
    if (rows.length === 0) return 0;
    await acceptEvents(context, {
      sourceId: OWN_SOURCE,
      receivedAt: Date.now(),
      protocol: 'internal',
      events: rows.map((row) => row.event),
    });
    await client.query('DELETE FROM outbox WHERE id = ANY ($1::bigint[])', [rows.map((row) => row.id)]);
    return rows.length;
  });
}

/** Relays the outbox as long as the process runs; a store that is away is tried again after a while. */
export async function startOutbox(context: Context): Promise<() => Promise<void>> {
  let stopping = false;
  let wake: () => void = () => {};
  const rest = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const loop = (async () => {
    while (!stopping) {
      try {
        if ((await relayOutbox(context)) < BATCH) await rest(POLL_MS);
      } catch (error) {
        console.error(`The outbox waits: ${(error as Error).message}`);
        await rest(AWAY_MS);
      }
    }
  })();
  return async () => {
    stopping = true;
    wake();
    await loop;
  };
}
