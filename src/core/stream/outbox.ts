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

/** What an app did to or for a person. */
export interface AppEvent {
  /** The name of what happened, for example "Ticket Opened". */
  name: string;
  personId: number;
  properties?: Record<string, unknown>;
  /** The channel the customer sees it in; 'server' unless told. */
  channel?: string;
  at?: Date;
}

/**
 * Puts an app's event into the outbox, in the transaction that did the work: both are done, or neither. It goes to the log
 * within a second after the commit, and from there the way of every event. Refuses with 404 where the person is not known
 * or has no identifier.
 */
export async function emit(client: pg.PoolClient, event: AppEvent): Promise<void> {
  if ((await emitAll(client, [event])) === 0)
    throw refuse.notFound(`There is no person ${event.personId} that an event could be about.`);
}

/** The same for many at once; those about persons without an identifier are left out. Returns how many were put there. */
export async function emitAll(client: pg.PoolClient, events: readonly AppEvent[]): Promise<number> {
  const { rows } = await client.query<{ root: number; kind: string; value: string }>(
    `SELECT asked.id AS root, found.kind, found.value FROM unnest($1::bigint[]) AS asked (id), LATERAL (
       SELECT k.kind, i.value FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id
       WHERE i.person_id IN (SELECT asked.id UNION ALL SELECT id FROM persons WHERE root_id = asked.id AND root_id <> id)
       ORDER BY k.priority LIMIT 1) AS found`,
    [[...new Set(events.map((event) => event.personId))]],
  );
  const identifiers = new Map(rows.map(({ root, kind, value }) => [root, { kind, value }]));
  const lines = events.flatMap((event) => {
    const identifier = identifiers.get(event.personId);
    if (!identifier) return [];
    const incoming: IncomingEvent = {
      type: 'track',
      messageId: crypto.randomUUID(),
      event: event.name,
      externalIds: [identifier],
      properties: event.properties ?? {},
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
