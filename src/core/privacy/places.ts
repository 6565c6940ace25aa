import type { App, PersonalData } from '../../kernel/app.ts';
import type { Context } from '../../kernel/context.ts';
import { factsTold } from '../people/facts-follow.ts';
import { FACTS_OF_PERSONS } from '../people/facts-rows.ts';
import { type EventRow, eventRowsSql, timelineEvent } from '../people/timeline-event.ts';
import { deleteRows } from './erase-events.ts';
import { eraseMentions, erasePeople } from './erase-records.ts';
import { mentionsOf } from './mention.ts';

const EVENTS_AT_ONCE = 2000;
const ROWS_AT_ONCE = 1000;
const ONCE_SECONDS = 120;

/** The places of all apps and of the core, people last: the others need to know who the person is. */
export function placesOf(apps: readonly App[]): PersonalData[] {
  const given = apps.flatMap((app) => app.personalData ?? []);
  const names = new Set(given.map((place) => place.name));
  return [...given, ...OWN.filter((place) => !names.has(place.name))];
}

/** A PostgreSQL table whose rows know the person only by what is written in them. */
export function mentioning(name: string, table: string, id: string, text: string, columns: string): PersonalData {
  return {
    name,
    async *export({ records }, subject) {
      const mentions = await mentionsOf(records, subject);
      if (mentions.pattern === null) return;
      const { rows } = await records.pool.query<{ text: string; row: object }>(
        `SELECT ${text} AS text, to_jsonb(found) AS row FROM (SELECT ${columns} FROM ${table} WHERE ${text} ~* $1 LIMIT 10000) AS found`,
        [mentions.pattern],
      );
      const own = rows.filter((row) => mentions.in(row.text)).map((row) => row.row);
      for (let at = 0; at < own.length; at += ROWS_AT_ONCE)
        yield { file: name, rows: own.slice(at, at + ROWS_AT_ONCE) };
    },
    async erase({ records }, subject) {
      await eraseMentions(records, subject, { table, id, text });
    },
  };
}

const quarantine = mentioning('quarantine', 'quarantine', 'id', 'event', 'id, at, source_id, step, reason, event');

const outbox = mentioning('outbox', 'outbox', 'id', 'event::text', 'id, at, event');

/** Saved views of lists: what somebody looked for may be a customer. */
const views = mentioning(
  'views',
  'views',
  'id',
  "(name || ' ' || replace(replace(query, '%40', '@'), '+', ' '))",
  'id, list, name, query',
);

/** Mails and other work on its way. What is being done this moment is waited for. */
const jobs: PersonalData = {
  ...mentioning('jobs', 'graphile_worker._private_jobs', 'id', 'payload::text', 'id, created_at, payload'),
  async erase({ records }, subject) {
    const { rows } = await records.pool.query<{ there: boolean }>(
      "SELECT to_regclass('graphile_worker._private_jobs') IS NOT NULL AS there",
    );
    if (!rows[0]!.there) return;
    await eraseMentions(records, subject, {
      table: 'graphile_worker._private_jobs',
      id: 'id',
      text: 'payload::text',
    });
  },
};

const events: PersonalData = {
  name: 'events',
  async *export({ events }, { origins }) {
    const order = 'timestamp, event_id';
    let after = { at: -1, id: '00000000-0000-0000-0000-000000000000' };
    for (;;) {
      const where = `origin_id IN {origins:Array(UInt64)}
        AND (timestamp, event_id) > (fromUnixTimestamp64Milli({at:Int64}, 'UTC'), {id:UUID})`;
      const rows = await events.query<EventRow>(
        eventRowsSql(where, order, String(EVENTS_AT_ONCE)),
        { origins, ...after },
        { seconds: ONCE_SECONDS },
      );
      if (rows.length > 0) yield { file: 'events', rows: rows.map(exportedEvent) };
      const last = rows.at(-1);
      if (rows.length < EVENTS_AT_ONCE || !last) return;
      after = { at: Number(last.at), id: last.event_id };
    }
  },
  async erase({ events }, { origins }) {
    await deleteRows(events, 'events', eventsOf(origins));
    await deleteRows(
      events,
      'person_overrides',
      `origin_id IN (${origins.join(',')}) OR person_id IN (${origins.join(',')})`,
    );
    await events.command('SYSTEM RELOAD DICTIONARY person_overrides_map');
  },
};

const exportedEvent = (row: EventRow) => {
  const { personId: _, ...event } = timelineEvent(row) as ReturnType<typeof timelineEvent> & { personId?: string };
  return event;
};

export const eventsOf = (origins: readonly number[]) => `origin_id IN (${origins.map(Number).join(',')})`;

const people: PersonalData = {
  name: 'people',
  async *export({ records }, { origins }) {
    for (const [file, sql] of PEOPLE_FILES) {
      const { rows } = await records.pool.query<{ row: object }>(
        `SELECT to_jsonb(found) AS row FROM (${sql}) AS found`,
        [origins],
      );
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
        yield { file, rows: rows.slice(at, at + ROWS_AT_ONCE).map((row) => row.row) };
      }
    }
  },
  async erase({ records, events }, subject) {
    await erasePeople(records, subject);
    // Only now: as long as the records knew the person, the events store could be told of it again.
    await factsTold({ records });
    const ids = subject.origins.map(Number).join(',');
    for (const { table, where } of FACTS_OF_PERSONS) await deleteRows(events, table, where(ids));
    await events.command('SYSTEM RELOAD DICTIONARY person_links_map');
  },
};

const IN = '= ANY ($1::bigint[])';
const PEOPLE_FILES: [file: string, sql: string][] = [
  [
    'identifiers',
    `SELECT k.kind, i.value, i.first_seen_at AS "firstSeenAt", s.name AS source FROM identifiers i
     JOIN identifier_kinds k ON k.id = i.kind_id LEFT JOIN sources s ON s.id = i.source_id
     WHERE i.person_id ${IN} ORDER BY k.priority, i.first_seen_at`,
  ],
  [
    'traits',
    `SELECT t.key AS name, t.value -> 0 AS value, to_timestamp((t.value ->> 1)::float8 / 1000) AS since, s.name AS source
     FROM persons p, jsonb_each(p.traits) t LEFT JOIN sources s ON s.id = (t.value ->> 2)::int
     WHERE p.id ${IN} ORDER BY t.key`,
  ],
  [
    'earlier-traits',
    `SELECT h.name, h.value, h.at AS since, s.name AS source FROM trait_history h LEFT JOIN sources s ON s.id = h.source_id
     WHERE h.person_id ${IN} ORDER BY h.name, h.at`,
  ],
  [
    'consent',
    `SELECT t.key AS purpose, (t.value ->> 0)::boolean AS granted, to_timestamp((t.value ->> 1)::float8 / 1000) AS since,
       s.name AS source FROM persons p, jsonb_each(p.consent) t LEFT JOIN sources s ON s.id = (t.value ->> 2)::int
     WHERE p.id ${IN} ORDER BY t.key`,
  ],
  [
    'accounts',
    `SELECT a.key AS account, m.since FROM memberships m JOIN accounts a ON a.id = m.account_id
     WHERE m.person_id ${IN} ORDER BY m.since`,
  ],
  ['merges', `SELECT at, cause, undone_at AS "undoneAt" FROM merges WHERE into_id ${IN} OR from_id ${IN} ORDER BY at`],
  [
    'identity-reports',
    `SELECT at, kind, identifier_kind AS "identifierKind", identifier_value AS "identifierValue", reason
     FROM identity_reports WHERE person_id ${IN} ORDER BY at`,
  ],
];

/** What was said about consent, restriction and objection, and the archives made of the person. */
const privacy: PersonalData = {
  name: 'privacy',
  async *export({ records }, { origins }) {
    for (const [file, sql] of PRIVACY_FILES) {
      const { rows } = await records.pool.query<{ row: object }>(
        `SELECT to_jsonb(found) AS row FROM (${sql}) AS found`,
        [origins],
      );
      for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
        yield { file, rows: rows.slice(at, at + ROWS_AT_ONCE).map((row) => row.row) };
      }
    }
  },
  async erase({ records, blobs }, { origins }) {
    const { rows } = await records.pool.query<{ id: string }>(`SELECT id FROM privacy_exports WHERE person_id ${IN}`, [
      origins,
    ]);
    for (const { id } of rows) await blobs.removeAll(`exports-of-persons/${id}`);
    for (const table of ['privacy_exports', 'privacy_consents', 'privacy_restrictions']) {
      await records.pool.query(`DELETE FROM ${table} WHERE person_id ${IN}`, [origins]);
    }
  },
};

const PRIVACY_FILES: [file: string, sql: string][] = [
  [
    'consent-history',
    `SELECT c.purpose, c.granted, c.at, c.how, s.name AS source, c.text_version AS "textVersion", c.language, c.url,
       c.country, c.proof, t.body AS text
     FROM privacy_consents c LEFT JOIN sources s ON s.id = c.source_id
     LEFT JOIN privacy_texts t ON t.purpose = c.purpose AND t.version = c.text_version AND t.language = c.language
     WHERE c.person_id ${IN} ORDER BY c.at`,
  ],
  [
    'audit',
    `SELECT to_char(at, 'YYYY-MM') AS month, action, count(*) AS times FROM audit_entries
     WHERE subjects && ARRAY(SELECT 'people/' || id FROM unnest($1::bigint[]) AS own (id)) AND status < 400
     GROUP BY 1, 2 ORDER BY 1, 2`,
  ],
  ['restrictions', `SELECT purpose, reason, at FROM privacy_restrictions WHERE person_id ${IN} ORDER BY at`],
];

const OWN: readonly PersonalData[] = [quarantine, outbox, views, jobs, privacy, events, people];

/**
 * Files that are being imported may hold the person; they are removed when their import has ended, and the person's lines
 * in them are dropped. Throws an Error with a sentence as long as there is one.
 */
export async function importsEnded({ records }: Pick<Context, 'records'>): Promise<void> {
  const { rows } = await records.pool.query<{ id: number }>(
    "SELECT id FROM imports WHERE state = 'running' OR (state = 'uploading' AND uploaded_bytes > 0) ORDER BY id LIMIT 5",
  );
  if (rows.length === 0) return;
  throw new Error(
    `The import ${rows.map((row) => row.id).join(', ')} has not ended; its file is removed with its end.`,
  );
}
