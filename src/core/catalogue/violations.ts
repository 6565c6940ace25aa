import type pg from 'pg';
import type { StreamEvent } from '../stream/event.ts';
import type { Violation } from './rules.ts';

/** Different violations counted apart in one batch; the rest of an event's are counted without their property. */
const APART_LIMIT = 2000;

interface Counted {
  type: string;
  name: string;
  rule: string;
  property: string;
  sourceId: number;
  messageId: string;
  count: number;
}

/** The violations of one batch. */
export class Tally {
  readonly #counted = new Map<string, Counted>();

  count({ type, name }: { type: string; name: string }, violation: Violation, event: StreamEvent): void {
    const { rule } = violation;
    // Names that nobody planned are the sender's to choose: they are not told apart without end.
    const property = this.#counted.size < APART_LIMIT && violation.property.isWellFormed() ? violation.property : '';
    const key = `${type}\0${name}\0${rule}\0${property}\0${event.sourceId}`;
    const known = this.#counted.get(key);
    const messageId = event.messageId || event.eventId;
    if (known) {
      known.count++;
      known.messageId = messageId;
    } else this.#counted.set(key, { type, name, rule, property, sourceId: event.sourceId, messageId, count: 1 });
  }

  /** Writes them in the transaction of the batch. */
  async write(client: pg.ClientBase): Promise<void> {
    if (this.#counted.size === 0) return;
    const rows = [...this.#counted.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    await client.query(
      `INSERT INTO catalogue_violations AS v (day, type, name, rule, property, source_id, count, last_at, message_id)
       SELECT (now() AT TIME ZONE 'UTC')::date, type, name, rule, property, source, count, now(), message
       FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::text[])
         AS s (type, name, rule, property, source, count, message)
       ON CONFLICT (type, name, day, rule, property, source_id)
       DO UPDATE SET count = v.count + excluded.count, last_at = excluded.last_at, message_id = excluded.message_id`,
      [
        rows.map((row) => row.type),
        rows.map((row) => row.name),
        rows.map((row) => row.rule),
        rows.map((row) => row.property.replaceAll('\0', '')),
        rows.map((row) => row.sourceId),
        rows.map((row) => row.count),
        rows.map((row) => row.messageId),
      ],
    );
  }
}

const keyOf = (row: Counted) => `${row.type}\0${row.name}\0${row.rule}\0${row.property}\0${row.sourceId}`;

/** Violations older than this are forgotten. */
const VIOLATION_DAYS = 90;
/** Kept apart for one event, rule and day; those past it, by count, are forgotten by the nightly job. */
const PROPERTIES_A_DAY = 500;

/** Forgets what is old or too varied to be of use. */
export async function pruneViolations(db: pg.Pool): Promise<void> {
  await db.query(`DELETE FROM catalogue_violations WHERE day < (now() AT TIME ZONE 'UTC')::date - ${VIOLATION_DAYS}`);
  await db.query(
    `DELETE FROM catalogue_violations v USING (
       SELECT ctid, row_number() OVER (PARTITION BY day, type, name, rule ORDER BY count DESC) AS place FROM catalogue_violations
     ) AS ranked WHERE v.ctid = ranked.ctid AND ranked.place > ${PROPERTIES_A_DAY}`,
  );
}
