import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { acceptEvents } from '../intake/accept.ts';
import { EVENT_TYPES, type IncomingEvent, isEventType } from '../intake/incoming.ts';
import { conditionOf, type QuarantineFilter } from './quarantine-filter.ts';

/** An event that could not be used, and why. */
export interface Quarantined {
  id: number;
  at: Date;
  sourceId: number;
  step: string;
  reason: string;
  type: string;
  name: string;
  rule: string;
  property: string;
  messageId: string | null;
  /** As it came: JSON text, or what should have been. */
  event: string;
  resentAt: Date | null;
  deletedAt: Date | null;
}

const COLUMNS = `id, at, source_id AS "sourceId", step, reason, event_type AS type, event_name AS name, rule, property,
  message_id AS "messageId", event, resent_at AS "resentAt", deleted_at AS "deletedAt"`;

const ALL: QuarantineFilter = { state: 'all' };

/** Newest first; those with an id below `before`. */
export async function listQuarantined(
  context: Context,
  page: { before: number | undefined; limit: number },
  filter = ALL,
): Promise<Quarantined[]> {
  const { where, values } = conditionOf(filter);
  const { rows } = await context.records.pool.query<Quarantined>(
    `SELECT ${COLUMNS} FROM quarantine WHERE ${where} AND ($${values.length + 1}::bigint IS NULL OR id < $${values.length + 1})
     ORDER BY id DESC LIMIT $${values.length + 2}`,
    [...values, page.before ?? null, page.limit],
  );
  return rows;
}

/** One event; refuses with 404 where there is none. */
export async function quarantinedById(context: Context, id: number): Promise<Quarantined> {
  const { rows } = await context.records.pool.query<Quarantined>(`SELECT ${COLUMNS} FROM quarantine WHERE id = $1`, [
    id,
  ]);
  if (!rows[0]) throw noEntry(id);
  return rows[0];
}

/**
 * Sends an event from quarantine again, as it is or mended, by the way of its source and with the time at which it first
 * came. What is still wrong with it brings it back as a new entry. Refuses with 404 where there is none, with 409 where
 * it was sent again or thrown away before, with 400 where it cannot be an event.
 */
export async function resendQuarantined(
  context: Context,
  id: number,
  mended: Record<string, unknown> | undefined,
): Promise<{ id: number; messageId: string; resentAt: Date }> {
  return context.records.transaction(async (client) => {
    const { rows } = await client.query<Quarantined>(`SELECT ${COLUMNS} FROM quarantine WHERE id = $1 FOR UPDATE`, [
      id,
    ]);
    const [entry] = rows;
    if (!entry) throw noEntry(id);
    if (entry.resentAt) {
      throw refuse.conflict(
        `This event was sent again at ${entry.resentAt.toISOString()}. If it came back, it is a new entry.`,
      );
    }
    if (entry.deletedAt) throw refuse.conflict('This event was thrown away. Undo that first.');
    const event = incomingOf(mended ?? parsed(entry), entry);
    const updated = await client.query<{ resentAt: Date }>(
      'UPDATE quarantine SET resent_at = now() WHERE id = $1 RETURNING resent_at AS "resentAt"',
      [id],
    );
    // Inside the transaction: if the log refuses it, the entry is not marked. Should the commit fail after it, a second
    // sending is dropped by its message ID.
    await accept(context, entry, [event]);
    return { id, messageId: event.messageId, resentAt: updated.rows[0]!.resentAt };
  });
}

/**
 * Sends the next events that wait, by the filter's condition with ids in (after, upTo], in the caller's transaction. What
 * cannot be an event as it is stays. Repeated after a crash, what went twice is dropped by its message ID.
 */
export async function resendNext(
  context: Context,
  client: pg.PoolClient,
  filter: QuarantineFilter,
  range: { after: number; upTo: number; limit: number },
): Promise<{ position: number; sent: number; failed: number; done: boolean }> {
  const { where, values } = conditionOf({ ...filter, state: 'waiting' });
  const n = values.length;
  const { rows } = await client.query<Quarantined>(
    `SELECT ${COLUMNS} FROM quarantine WHERE ${where} AND id > $${n + 1} AND id <= $${n + 2} ORDER BY id LIMIT $${n + 3} FOR UPDATE`,
    [...values, range.after, range.upTo, range.limit],
  );
  const sendable = rows.flatMap((entry) => {
    try {
      return [{ entry, event: incomingOf(parsed(entry), entry) }];
    } catch (error) {
      if (error instanceof Refusal) return [];
      throw error;
    }
  });
  await client.query('UPDATE quarantine SET resent_at = now() WHERE id = ANY ($1::bigint[])', [
    sendable.map(({ entry }) => entry.id),
  ]);
  // What came in at one time from one source goes in one request, in its order.
  for (const together of Map.groupBy(sendable, ({ entry }) => `${entry.sourceId} ${entry.at.getTime()}`).values())
    await accept(
      context,
      together[0]!.entry,
      together.map(({ event }) => event),
    );
  return {
    position: rows.at(-1)?.id ?? range.upTo,
    sent: sendable.length,
    failed: rows.length - sendable.length,
    done: rows.length < range.limit,
  };
}

async function accept(context: Context, entry: Quarantined, events: IncomingEvent[]): Promise<void> {
  await acceptEvents(context, {
    sourceId: entry.sourceId,
    receivedAt: entry.at.getTime(),
    protocol: 'internal',
    events,
  });
}

/** The event as an object where its text is one, otherwise the text. */
export function readableEvent(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function parsed(entry: Quarantined): Record<string, unknown> {
  const event = readableEvent(entry.event);
  if (typeof event === 'object' && event !== null && !Array.isArray(event)) return event as Record<string, unknown>;
  throw refuse.invalid('This is not a JSON object, so it cannot be sent again as it is. Send the mended event along.');
}

/** Without a message ID it gets one of its entry's number: however often it is sent, it counts once. */
function incomingOf(event: Record<string, unknown>, entry: Quarantined): IncomingEvent {
  const { type } = event;
  if (!isEventType(type)) {
    throw refuse.invalid(`An event needs a "type"; the types are ${EVENT_TYPES.join(', ')}.`);
  }
  const given = event.messageId;
  const messageId =
    typeof given === 'string' && given !== ''
      ? given
      : (entry.messageId ?? `quarantine-${entry.id}-${entry.at.getTime()}`);
  return { ...event, type, messageId };
}

const noEntry = (id: number) => refuse.notFound(`There is no event ${id} in quarantine.`);
