import type { PersonalData, Subject } from '../../kernel/app.ts';
import type { Context } from '../../kernel/context.ts';
import { removeRecordings } from './recordings.ts';
import { indexOf, RECORDING_COLUMNS, type Recording, readChunks } from './store.ts';

const ONCE = 100;

/**
 * Recordings of a person: by their user ID, and by their devices where nobody else was signed in. Dictionaries hold nothing
 * of anybody (docs/decisions/0022), and what several recordings show stays with the others.
 */
export const recordingsOfSubject: PersonalData = {
  name: 'recordings',
  async *export(context, subject) {
    const recordings = await recordingsOf(context, subject);
    for (const recording of recordings) {
      const { pages } = await indexOf(context, recording.id);
      yield {
        file: 'recordings',
        rows: [{ ...recording, pages: pages.map(({ ms, ...page }) => ({ at: new Date(ms), ...page })) }],
      };
    }
    for (const { id } of recordings) {
      for await (const { n, events } of readChunks(context, id)) {
        yield { file: 'recorded-events', rows: events.map((event) => ({ recording: id, chunk: n, event })) };
      }
    }
  },
  async erase(context, subject) {
    const ids = (await recordingsOf(context, subject)).map((recording) => recording.id);
    for (let at = 0; at < ids.length; at += ONCE) await removeRecordings(context, ids.slice(at, at + ONCE));
  },
};

async function recordingsOf({ records }: Context, { identifiers }: Subject): Promise<Recording[]> {
  const of = (kind: string) => identifiers.filter((one) => one.kind === kind).map((one) => one.value);
  const { rows } = await records.pool.query<Recording>(
    `SELECT ${RECORDING_COLUMNS} FROM replay_recordings r
     WHERE r.user_id = ANY ($1::text[]) OR (r.anonymous_id = ANY ($2::text[]) AND r.user_id IS NULL)
     ORDER BY r.started_at, r.id`,
    [of('user_id'), of('anonymous_id')],
  );
  return rows;
}
