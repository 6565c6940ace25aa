import type { Context } from '../../kernel/context.ts';
import type { Marks } from './chunk.ts';
import { GROWTH_CHUNKS, INDEX_CHARACTERS } from './limits.ts';
import { type Marked, marked, type Recording, type RecordingIndex, recordingById } from './store.ts';

/** What came of a recording since somebody began to watch it. */
export interface Growth {
  recording: Recording;
  /** Chunks of higher numbers than were known, the lowest first; where there are many, the rest follows on the next question. */
  chunks: (RecordingIndex['chunks'][number] & Marked)[];
}

/** What came after the chunk of this number; -1 for all. Refuses with 404 where there is no such recording. */
export async function growthOf(context: Pick<Context, 'records'>, id: string, after: number): Promise<Growth> {
  const recording = await recordingById(context, id);
  const { rows } = await context.records.pool.query<
    RecordingIndex['chunks'][number] & { marks: Marks; tellsPages: boolean }
  >(
    `SELECT n, "fromMs", "toMs", events, marks,
       EXISTS (SELECT FROM replay_chunks WHERE recording_id = $1 AND jsonb_array_length(marks->'pages') > 0) AS "tellsPages"
     FROM (SELECT *, sum(length(marks::text)) OVER (ORDER BY n) AS characters, row_number() OVER (ORDER BY n) AS place
       FROM (SELECT n, from_ms AS "fromMs", to_ms AS "toMs", events, marks FROM replay_chunks
         WHERE recording_id = $1 AND n > $2 ORDER BY n LIMIT $3) newer) counted
     WHERE place = 1 OR characters <= $4 ORDER BY n`,
    [id, after, GROWTH_CHUNKS, INDEX_CHARACTERS],
  );
  const chunks = rows.map(({ marks, tellsPages, ...chunk }) => ({ ...chunk, ...marked([marks], tellsPages) }));
  return { recording, chunks };
}
