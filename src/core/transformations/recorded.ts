import type { PersonalData, Subject } from '../../kernel/app.ts';
import type { Context } from '../../kernel/context.ts';
import type { Records } from '../../kernel/records.ts';
import { sourceById } from '../sources/sources.ts';
import type { StreamEvent } from '../stream/event.ts';
import { RECORDED_A_SECOND, RECORDED_CHARACTERS, RECORDED_EVENTS, RECORDED_HOURS } from './limits.ts';
import { shownEvent } from './shown.ts';

/**
 * Keeps the last few events of each source as a transformation would see them. Of a source that sends much it takes a
 * few a second; it never waits for the store, and what the store refuses is not recorded.
 */
export class Recorder {
  readonly #records: Records;
  /** Until when a source has had enough, and how many it gave since. */
  readonly #taken = new Map<number, { until: number; events: number }>();

  constructor(records: Records) {
    this.#records = records;
  }

  note(events: readonly StreamEvent[]): void {
    const now = performance.now();
    let source = -1;
    let taken = { until: 0, events: 0 };
    const kept: { sourceId: number; event: string }[] = [];
    for (const event of events) {
      if (event.sourceId !== source) {
        source = event.sourceId;
        taken = this.#taken.get(source) ?? { until: 0, events: 0 };
        if (taken.until <= now) {
          taken = { until: now + 1000, events: 0 };
          this.#taken.set(source, taken);
        }
      }
      if (taken.events >= RECORDED_A_SECOND || source === 0) continue;
      taken.events++;
      const text = JSON.stringify(shownEvent(event));
      if (text.length <= RECORDED_CHARACTERS) kept.push({ sourceId: source, event: text });
    }
    if (kept.length > 0) this.#write(kept).catch(() => {});
  }

  async #write(kept: { sourceId: number; event: string }[]): Promise<void> {
    const { pool } = this.#records;
    await pool.query(
      `INSERT INTO transformation_samples (source_id, event)
       SELECT s.source, s.event FROM unnest($1::int[], $2::text[]) AS s (source, event) JOIN sources ON sources.id = s.source`,
      [kept.map((one) => one.sourceId), kept.map((one) => one.event)],
    );
    await pool.query(
      `DELETE FROM transformation_samples WHERE id IN (
         SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY source_id ORDER BY id DESC) AS place
           FROM transformation_samples WHERE source_id = ANY ($1::int[])) AS counted WHERE place > $2)`,
      [[...new Set(kept.map((one) => one.sourceId))], RECORDED_EVENTS],
    );
  }
}

/** An event as it came in. */
export interface Recorded {
  id: number;
  at: Date;
  event: Record<string, unknown>;
}

/** The recorded events of a source, newest first. */
export async function listRecorded(context: Context, sourceId: number): Promise<Recorded[]> {
  await sourceById(context, sourceId);
  const { rows } = await context.records.pool.query<{ id: number; at: Date; event: string }>(
    `SELECT id, at, event FROM transformation_samples
     WHERE source_id = $1 AND at > now() - make_interval(hours => $2) ORDER BY id DESC LIMIT $3`,
    [sourceId, RECORDED_HOURS, RECORDED_EVENTS],
  );
  return rows.map((row) => ({ ...row, event: JSON.parse(row.event) as Record<string, unknown> }));
}

/** Forgets what was recorded longer ago than a day. */
export async function forgetRecorded(context: Context): Promise<void> {
  await context.records.pool.query('DELETE FROM transformation_samples WHERE at < now() - make_interval(hours => $1)', [
    RECORDED_HOURS,
  ]);
}

const PAGE = 200;

/** Recorded events in which one of the person's identifiers stands as a value, or within a text. */
export const recordedEvents: PersonalData = {
  name: 'recorded events',
  async *export(context, subject) {
    for await (const found of recordedOf(context, subject)) {
      yield {
        file: 'recorded-events',
        rows: found.map(({ at, event }) => ({ at: at.toISOString(), ...(JSON.parse(event) as object) })),
      };
    }
  },
  async erase(context, subject) {
    for await (const found of recordedOf(context, subject)) {
      await context.records.pool.query('DELETE FROM transformation_samples WHERE id = ANY ($1::bigint[])', [
        found.map((one) => one.id),
      ]);
    }
  },
};

interface SampleRow {
  id: number;
  at: Date;
  event: string;
}

async function* recordedOf(context: Context, subject: Subject): AsyncIterable<SampleRow[]> {
  const values = new Set(subject.identifiers.map(({ value }) => value.toLowerCase()));
  for (let after = 0; ; ) {
    const { rows } = await context.records.pool.query<SampleRow>(
      'SELECT id, at, event FROM transformation_samples WHERE id > $1 ORDER BY id LIMIT $2',
      [after, PAGE],
    );
    if (rows.length === 0) return;
    after = rows.at(-1)!.id;
    const found = rows.filter((row) => mentions(JSON.parse(row.event), values));
    if (found.length > 0) yield found;
  }
}

/** Texts shorter than this are looked for as whole values only: "7" stands within many. */
const WITHIN_CHARACTERS = 6;

function mentions(value: unknown, wanted: ReadonlySet<string>): boolean {
  if (typeof value === 'string' || typeof value === 'number') {
    const text = String(value).trim().toLowerCase();
    if (wanted.has(text)) return true;
    for (const one of wanted) if (one.length >= WITHIN_CHARACTERS && text.includes(one)) return true;
    return false;
  }
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((inner) => mentions(inner, wanted));
}
