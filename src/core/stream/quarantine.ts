import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { acceptEvents } from '../intake/accept.ts';
import { EVENT_TYPES, type IncomingEvent, isEventType } from '../intake/incoming.ts';

/** An event that could not be used, and why. */
export interface Quarantined {
  id: number;
  at: Date;
  sourceId: number;
  step: string;
  reason: string;
  messageId: string | null;
  /** As it came: JSON text, or what should have been. */
  event: string;
  resentAt: Date | null;
}

const COLUMNS = `id, at, source_id AS "sourceId", step, reason, message_id AS "messageId", event, resent_at AS "resentAt"`;

/** Newest first; those with an id below `before`. */
export async function listQuarantined(
  context: Context,
  page: { before: number | undefined; limit: number },
): Promise<Quarantined[]> {
  const { rows } = await context.records.pool.query<Quarantined>(
    `SELECT ${COLUMNS} FROM quarantine WHERE $1::bigint IS NULL OR id < $1 ORDER BY id DESC LIMIT $2`,
    [page.before ?? null, page.limit],
  );
  return rows;
}

/**
 * Sends an event from quarantine again, as it is or mended, by the way of its source and with the time at which it first
 * came. What is still wrong with it brings it back as a new entry. Refuses with 404 where there is none, with 409 where
 * it was sent again before, with 400 where it cannot be an event.
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
    const event = incomingOf(mended ?? parsed(entry), entry);
    const updated = await client.query<{ resentAt: Date }>(
      'UPDATE quarantine SET resent_at = now() WHERE id = $1 RETURNING resent_at AS "resentAt"',
      [id],
    );
    // Inside the transaction: if the log refuses it, the entry is not marked. Should the commit fail after it, a second
    // sending is dropped by its message ID.
    await acceptEvents(context, {
      sourceId: entry.sourceId,
      receivedAt: entry.at.getTime(),
      protocol: 'internal',
      events: [event],
    });
    return { id, messageId: event.messageId, resentAt: updated.rows[0]!.resentAt };
  });
}

/** Throws an entry away for good; refuses with 404 where there is none. */
export async function deleteQuarantined(context: Context, id: number): Promise<void> {
  const { rowCount } = await context.records.pool.query('DELETE FROM quarantine WHERE id = $1', [id]);
  if (!rowCount) throw noEntry(id);
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

function incomingOf(event: Record<string, unknown>, entry: Quarantined): IncomingEvent {
  const { type } = event;
  if (!isEventType(type)) {
    throw refuse.invalid(`An event needs a "type"; the types are ${EVENT_TYPES.join(', ')}.`);
  }
  const given = event.messageId;
  const messageId = typeof given === 'string' && given !== '' ? given : (entry.messageId ?? crypto.randomUUID());
  return { ...event, type, messageId };
}

const noEntry = (id: number) => refuse.notFound(`There is no event ${id} in quarantine.`);
