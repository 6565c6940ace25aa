import type { PersonalData, Subject } from '../../kernel/app.ts';
import type { Context } from '../../kernel/context.ts';
import { blobOf } from './files.ts';

const ROWS_AT_ONCE = 500;

const valuesOf = (subject: Subject, kind: string) =>
  subject.identifiers.filter((one) => one.kind === kind).map((one) => one.value);
const of = (subject: Subject): unknown[] => [
  subject.origins,
  valuesOf(subject, 'anonymous_id'),
  valuesOf(subject, 'user_id'),
];
const THEIRS =
  '(r.person_id = ANY ($1::bigint[]) OR r.anonymous_id = ANY ($2::text[]) OR r.user_id = ANY ($3::text[]))';
const namesOf = (subject: Subject) => [
  ...subject.origins.map((id) => `p:${id}`),
  ...valuesOf(subject, 'anonymous_id').map((id) => `a:${id}`),
];

async function* batches(context: Context, sql: string, values: unknown[]): AsyncIterable<object[]> {
  const { rows } = await context.records.pool.query<{ row: object }>(
    `SELECT to_jsonb(found) AS row FROM (${sql}) AS found`,
    values,
  );
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) yield rows.slice(at, at + ROWS_AT_ONCE).map(({ row }) => row);
}

/** What somebody answered, with the files they handed in. Anonymous responses name nobody, so they belong to nobody. */
const responses: PersonalData = {
  name: 'surveys-responses',
  async *export(context, subject) {
    const answered = `SELECT r.id, s.name AS survey, r.version, r.channel, r.language, r.page, r.fields, r.traits, r.answers, r.state,
      r.started_at AS "startedAt", r.completed_at AS "completedAt", r.dismissed_at AS "dismissedAt"
      FROM surveys_responses r JOIN surveys_surveys s ON s.id = r.survey_id WHERE ${THEIRS} ORDER BY r.started_at`;
    for await (const rows of batches(context, answered, of(subject))) yield { file: 'survey-responses', rows };
    const { rows } = await context.records.pool.query<{
      id: string;
      responseId: string;
      name: string;
      type: string;
      bytes: number;
    }>(
      `SELECT f.id, f.response_id AS "responseId", f.name, f.type, f.bytes
       FROM surveys_files f JOIN surveys_responses r ON r.id = f.response_id WHERE ${THEIRS} ORDER BY f.created_at`,
      of(subject),
    );
    for (const file of rows) {
      const chunks: Buffer[] = [];
      if ((await context.blobs.size(blobOf(file.responseId, file.id))) !== null)
        for await (const chunk of context.blobs.read(blobOf(file.responseId, file.id))) chunks.push(chunk as Buffer);
      yield { file: 'survey-files', rows: [{ ...file, base64: Buffer.concat(chunks).toString('base64') }] };
    }
  },
  async erase(context, subject) {
    const { rows } = await context.records.pool.query<{ id: string }>(
      `SELECT r.id FROM surveys_responses r WHERE ${THEIRS}`,
      of(subject),
    );
    for (const { id } of rows) await context.blobs.removeAll(`surveys/files/${id}`);
    await context.records.pool.query(`DELETE FROM surveys_responses r WHERE ${THEIRS}`, of(subject));
  },
};

/** Links and mails that were made for somebody. */
const invitations: PersonalData = {
  name: 'surveys-invitations',
  async *export(context, subject) {
    const sent = `SELECT s.name AS survey, i.state, i.fields, i.language, i.created_at AS "createdAt", i.sent_at AS "sentAt",
      i.opened_at AS "openedAt", i.answered_at AS "answeredAt", i.expires_at AS "expiresAt"
      FROM surveys_invitations i JOIN surveys_surveys s ON s.id = i.survey_id WHERE i.person_id = ANY ($1::bigint[]) ORDER BY i.id`;
    for await (const rows of batches(context, sent, [subject.origins])) yield { file: 'survey-invitations', rows };
  },
  async erase({ records }, { origins }) {
    await records.pool.query('DELETE FROM surveys_invitations WHERE person_id = ANY ($1::bigint[])', [origins]);
    // A list of people that a mail was meant for names them by number.
    await records.pool.query(
      `UPDATE surveys_sendings SET "to" = jsonb_set("to", '{people}', (
         SELECT coalesce(jsonb_agg(p), '[]') FROM jsonb_array_elements("to" -> 'people') AS p WHERE NOT p <@ $1::jsonb))
       WHERE "to" ? 'people' AND "to" -> 'people' ?| $2::text[]`,
      [JSON.stringify(origins.map(String)), origins.map(String)],
    );
  },
};

/** When somebody was asked, and that they want no mails about surveys. */
const seen: PersonalData = {
  name: 'surveys-seen',
  async *export(context, subject) {
    const asked = `SELECT s.name AS survey, n.shown_at AS "shownAt", n.times, n.answered_at AS "answeredAt"
      FROM surveys_seen n JOIN surveys_surveys s ON s.id = n.survey_id WHERE n.who = ANY ($1::text[]) ORDER BY n.shown_at`;
    for await (const rows of batches(context, asked, [namesOf(subject)])) yield { file: 'survey-asked', rows };
    const off = 'SELECT at AS "unsubscribedAt" FROM surveys_unsubscribed WHERE person_id = ANY ($1::bigint[])';
    for await (const rows of batches(context, off, [subject.origins])) yield { file: 'survey-mails-off', rows };
  },
  async erase({ records }, subject) {
    await records.pool.query('DELETE FROM surveys_seen WHERE who = ANY ($1::text[])', [namesOf(subject)]);
    await records.pool.query('DELETE FROM surveys_unsubscribed WHERE person_id = ANY ($1::bigint[])', [
      subject.origins,
    ]);
  },
};

export const surveysPersonalData: readonly PersonalData[] = [responses, invitations, seen];
