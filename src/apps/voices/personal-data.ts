import type { PersonalData } from '../../kernel/app.ts';
import { VOICES_LOCK } from './follow.ts';
import { readPicture, removePictures } from './pictures.ts';

const ROWS_AT_ONCE = 500;

/** What a person said, with what was made of it, and pictures of the pages it was said on. */
export const voicesOfSubject: PersonalData = {
  name: 'voices',
  async *export(context, subject) {
    const { records } = context;
    const { origins } = subject;
    for (const { id, at } of await picturesOf(context, subject))
      yield { file: 'feedback-pictures', rows: [{ id, at, events: await readPicture(context, id) }] };
    for (let after = 0; ; ) {
      const { rows } = await records.pool.query<{ id: number; row: object }>(
        `SELECT id, to_jsonb(found) - 'id' AS row FROM (
           SELECT v.id, v.event_id AS "eventId", v.of, v.said_at AS "saidAt", v.text, v.score, v.scale, v.path, v.element, v.place,
             v.author, v.url, v.contact, v.language, v.sentiment, v.mood, v.effort, v.note,
             ARRAY(SELECT t.name FROM voices_voice_topics x JOIN voices_topics t ON t.id = x.topic_id WHERE x.voice_id = v.id) AS topics
           FROM voices_voices v WHERE v.origin_id = ANY ($1::bigint[]) AND v.id > $2 ORDER BY v.id LIMIT ${ROWS_AT_ONCE}) AS found`,
        [origins, after],
      );
      if (rows.length > 0) yield { file: 'voices', rows: rows.map(({ row }) => row) };
      if (rows.length < ROWS_AT_ONCE) return;
      after = rows.at(-1)!.id;
    }
  },
  async erase(context, subject) {
    // Pictures first: voices name those that are theirs.
    await removePictures(
      context,
      (await picturesOf(context, subject)).map((one) => one.id),
    );
    await context.records.transaction(async (client) => {
      // Whoever writes voices at this moment has to end first; who writes later sees that the person is being erased.
      await client.query('SELECT pg_advisory_xact_lock($1)', [VOICES_LOCK]);
      await client.query('DELETE FROM voices_voices WHERE origin_id = ANY ($1::bigint[])', [subject.origins]);
    });
  },
};

async function picturesOf(
  { records }: Parameters<PersonalData['erase']>[0],
  { origins, identifiers }: Parameters<PersonalData['erase']>[1],
): Promise<{ id: string; at: Date }[]> {
  const of = (kind: string) => identifiers.filter((one) => one.kind === kind).map((one) => one.value);
  const { rows } = await records.pool.query<{ id: string; at: Date }>(
    `SELECT i.id, i.at FROM voices_pictures i WHERE i.id IN (SELECT picture_id FROM voices_voices WHERE origin_id = ANY ($1::bigint[]))
       OR (i.anonymous_id <> '' AND i.anonymous_id = ANY ($2::text[])) OR (i.user_id <> '' AND i.user_id = ANY ($3::text[]))`,
    [origins, of('anonymous_id'), of('user_id')],
  );
  return rows;
}
