import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { addJob } from '../../kernel/jobs.ts';
import { decodeCursor, encodeCursor } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { standingOf } from './consent.ts';
import { type Destination, destinationById, type Webhook } from './destination.ts';
import { queueDeliveries } from './leaving.ts';
import { erasedBody, eventBody, readLeaving, testBody } from './payload.ts';
import { conditions } from './select.ts';
import type { Attempt } from './send.ts';

export const STATUSES = ['waiting', 'delivered', 'failed', 'held', 'left'] as const;
export type Status = (typeof STATUSES)[number];
/** How long a delivery is in the log, in days. */
const KEPT_DAYS = 30;
/** Rows removed from the log in one statement. */
const REMOVED_AT_ONCE = 20_000;
/** The longest time that can be sent again at once, in days, and events queued in one step of it. */
const REPLAY_DAYS = 366;
const REPLAY_STEP_EVENTS = 20_000;

export interface Delivery {
  eventId: string;
  kind: 'event' | 'test' | 'erased';
  name: string;
  originId: number;
  status: Status;
  reason: string | null;
  attempts: number;
  dueAt: Date;
  createdAt: Date;
  finishedAt: Date | null;
  log: Attempt[];
}

interface Row {
  event_id: string;
  kind: Delivery['kind'];
  name: string;
  origin_id: number;
  event_at: number;
  status: Status;
  reason: string | null;
  attempts: number;
  due_at: Date;
  created_at: Date;
  finished_at: Date | null;
  log: Attempt[];
  persons: number[] | null;
}

const Position = z.tuple([z.string(), z.guid()]);

/** Deliveries, the newest first. `q` is a part of the event's name, or the event's or message's whole ID. */
export async function listDeliveries(
  context: Context,
  destinationId: number,
  query: { status?: Status | undefined; q?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<{ items: Delivery[]; nextCursor: string | null }> {
  const after = decodeCursor(query.cursor, Position);
  const text = query.q?.trim().replaceAll('\0', '') ?? '';
  const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.exec(text)?.[0] ?? null;
  const { rows } = await context.records.pool.query<Row & { position: string }>(
    `SELECT *, created_at::text AS position FROM destinations_deliveries
     WHERE destination_id = $1 AND ($2::text IS NULL OR status = $2)
       AND ($3::uuid IS NULL OR event_id = $3) AND ($4 = '' OR position(lower($4) IN lower(name)) > 0)
       AND ($5::timestamptz IS NULL OR (created_at, event_id) < ($5, $6::uuid))
     ORDER BY created_at DESC, event_id DESC LIMIT $7`,
    [destinationId, query.status ?? null, id, id ? '' : text, after?.[0] ?? null, after?.[1] ?? null, query.limit + 1],
  );
  const shown = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? shown.at(-1) : undefined;
  return { items: shown.map(deliveryOf), nextCursor: last ? encodeCursor([last.position, last.event_id]) : null };
}

/** One delivery; refuses with 404 where there is none. */
export async function deliveryById(context: Context, destinationId: number, eventId: string): Promise<Delivery> {
  return deliveryOf(await rowOf(context, destinationId, eventId));
}

/** The body as it would be sent now; null where the event is not stored any more. */
export async function bodyOf(context: Context, destinationId: number, eventId: string): Promise<string | null> {
  const row = await rowOf(context, destinationId, eventId);
  if (row.kind === 'test') return testBody(row.created_at);
  if (row.kind === 'erased') return erasedBody(row.persons ?? [], row.created_at);
  const wanted = [{ eventId, originId: row.origin_id, at: row.event_at }];
  const event = (await readLeaving(context.events, wanted)).get(eventId);
  if (!event) return null;
  const standing = await standingOf(context.records.pool, [row.origin_id]);
  return eventBody(event, standing.get(row.origin_id)?.personId);
}

/** Sends one delivery again, whatever became of it. Refuses with 404, and with 409 while the destination is switched off. */
export async function sendAgain(context: Context, destinationId: number, eventId: string): Promise<Delivery> {
  assertOn(await webhookById(context, destinationId));
  await context.records.pool.query(
    `UPDATE destinations_deliveries SET status = 'waiting', attempts = 0, due_at = now(), finished_at = NULL, reason = NULL
     WHERE destination_id = $1 AND event_id = $2`,
    [destinationId, eventId],
  );
  return deliveryById(context, destinationId, eventId);
}

/** Sends again all that failed since a time, and what waits for its next attempt at once. Returns how many. */
export async function sendFailedAgain(context: Context, destinationId: number, since: Date): Promise<number> {
  assertOn(await webhookById(context, destinationId));
  const { rowCount } = await context.records.pool.query(
    `UPDATE destinations_deliveries SET status = 'waiting', attempts = 0, due_at = now(), finished_at = NULL, reason = NULL
     WHERE destination_id = $1 AND created_at >= $2 AND (status = 'failed' OR status = 'waiting' AND attempts > 0)`,
    [destinationId, since],
  );
  return rowCount ?? 0;
}

/** Sends a test, which goes the way of every message. Returns its ID. Refuses with 409 while it is switched off. */
export async function sendTest(context: Context, destinationId: number): Promise<string> {
  assertOn(await webhookById(context, destinationId));
  const id = crypto.randomUUID();
  await context.records.pool.query(
    "INSERT INTO destinations_deliveries (destination_id, event_id, kind, name) VALUES ($1, $2, 'test', 'throughline.test')",
    [destinationId, id],
  );
  return id;
}

/**
 * Sends the events received in a time again, from history, also those from before the destination was made. A message
 * that was sent before keeps its ID. Refuses with 400 a time that is not one, with 409 while one is under way.
 */
export async function replay(context: Context, destinationId: number, from: Date, to: Date): Promise<number> {
  assertOn(await webhookById(context, destinationId));
  if (!(from < to)) throw refuse.invalid('The time must begin before it ends.');
  if (to.getTime() - from.getTime() > REPLAY_DAYS * 86_400_000) {
    throw refuse.invalid(`A time of ${REPLAY_DAYS} days at most can be sent again at once.`);
  }
  return context.records.transaction(async (client) => {
    await client.query('SELECT 1 FROM destinations WHERE id = $1 FOR UPDATE', [destinationId]);
    const { rows } = await client.query<{ id: number }>(
      `INSERT INTO destinations_replays (destination_id, starts_at, ends_at, done_to)
       SELECT $1, $2, $3, $4 WHERE NOT EXISTS
         (SELECT 1 FROM destinations_replays WHERE destination_id = $1 AND finished_at IS NULL) RETURNING id`,
      [destinationId, from, to, from.getTime()],
    );
    const [made] = rows;
    if (!made) throw refuse.conflict('A time is being sent again already. Wait until it is done.');
    await addJob(client, 'destinations.replay', { id: made.id }, { key: `destinations.replay:${made.id}` });
    return made.id;
  });
}

/** Queues the events of a replay, a step at a time; a crash goes on with the step that was under way. */
export async function runReplay(context: Context, id: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { rows } = await context.records.pool.query<{ destination_id: number; done_to: number; ends_at: Date }>(
      'SELECT destination_id, done_to, ends_at FROM destinations_replays WHERE id = $1 AND finished_at IS NULL',
      [id],
    );
    const [row] = rows;
    if (!row) return;
    signal.throwIfAborted();
    const destination = await destinationById(context, row.destination_id).catch(() => null);
    const end = row.ends_at.getTime();
    if (!destination || row.done_to >= end) {
      await context.records.pool.query('UPDATE destinations_replays SET finished_at = now() WHERE id = $1', [id]);
      return;
    }
    const { where, params } = conditions(destination.filter, row.done_to, end);
    const found = await context.events.query<{
      id: string;
      name: string;
      origin: string;
      at: string;
      received: string;
    }>(
      `SELECT toString(event_id) AS id, if(name = '', type, name) AS name, origin_id AS origin,
         toUnixTimestamp64Milli(timestamp) AS at, toUnixTimestamp64Milli(received_at) AS received
       FROM events WHERE ${where} ORDER BY received_at LIMIT {limit:UInt32} WITH TIES`,
      { ...params, limit: REPLAY_STEP_EVENTS },
      { seconds: 120 },
    );
    const last = found.length < REPLAY_STEP_EVENTS ? end : Number(found.at(-1)!.received) + 1;
    await context.records.transaction(async (client) => {
      if (found.length > 0) {
        await queueDeliveries(
          client,
          found.map(() => destination.id),
          found.map((one) => ({ eventId: one.id, name: one.name, originId: Number(one.origin), at: Number(one.at) })),
          true,
        );
      }
      await client.query('UPDATE destinations_replays SET done_to = $2, queued = queued + $3 WHERE id = $1', [
        id,
        last,
        found.length,
      ]);
    });
  }
}

/** Removes from the log what is older than KEPT_DAYS, also what still waits; returns how many. */
export async function forgetOld(context: Context, signal?: AbortSignal): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rowCount } = await context.records.pool.query(
      `DELETE FROM destinations_deliveries WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM destinations_deliveries WHERE created_at < now() - make_interval(days => $1)
         LIMIT ${REMOVED_AT_ONCE}))`,
      [KEPT_DAYS],
    );
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < REMOVED_AT_ONCE || signal?.aborted) return removed;
  }
}

async function webhookById(context: Context, id: number): Promise<Webhook> {
  const destination = await destinationById(context, id);
  if (destination.kind !== 'webhook') throw refuse.invalid('This destination writes files; it has no deliveries.');
  return destination;
}

function assertOn(destination: Destination): void {
  if (!destination.enabled) throw refuse.conflict('The destination is switched off. Switch it on first.');
}

async function rowOf(context: Context, destinationId: number, eventId: string): Promise<Row> {
  const { rows } = await context.records.pool.query<Row>(
    'SELECT * FROM destinations_deliveries WHERE destination_id = $1 AND event_id = $2',
    [destinationId, eventId],
  );
  const [row] = rows;
  if (!row) throw refuse.notFound(`There is no delivery of ${eventId}. The log goes back ${KEPT_DAYS} days.`);
  return row;
}

function deliveryOf(row: Row): Delivery {
  return {
    eventId: row.event_id,
    kind: row.kind,
    name: row.name,
    originId: row.origin_id,
    status: row.status,
    reason: row.reason,
    attempts: row.attempts,
    dueAt: row.due_at,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    log: row.log,
  };
}
