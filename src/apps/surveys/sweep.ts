import { sweepBlobs } from '../../kernel/blob-sweep.ts';
import type { Context } from '../../kernel/context.ts';
import { blobOf } from './files.ts';
import { PICTURES_FOLDER, pictureAddress, pictureBlob } from './pictures.ts';

/** How long a file waits for the answer that names it: whoever goes on with a survey later has to choose it again. */
export const UNSUBMITTED_DAYS = 7;
const ROWS_AT_ONCE = 500;
const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const NAME = new RegExp(`^surveys/files/(${UUID}/${UUID})$`);
const PICTURE_NAME = new RegExp(`^${PICTURES_FOLDER}/(${UUID})$`);

/** Removes files that no answer names, and what a crash left of others. */
export async function sweepFiles(context: Context, signal: AbortSignal): Promise<void> {
  await removeUnsubmitted(context, signal);
  await sweepBlobs(context.blobs, {
    folder: 'surveys/files',
    idOf: (name) => NAME.exec(name)?.[1] ?? null,
    known: async (ids) => {
      const { rows } = await context.records.pool.query<{ known: string }>(
        "SELECT response_id || '/' || id AS known FROM surveys_files WHERE id = ANY ($1::uuid[])",
        [ids.map((id) => id.split('/')[1])],
      );
      return rows.map((row) => row.known);
    },
    remove: (id) => context.blobs.remove(`surveys/files/${id}`),
    signal,
  });
}

/** Removes pictures that no draft and no version of a survey names: whoever answers an older version sees that one's. */
export async function sweepPictures({ blobs, records }: Context, signal: AbortSignal): Promise<void> {
  await sweepBlobs(blobs, {
    folder: PICTURES_FOLDER,
    idOf: (name) => PICTURE_NAME.exec(name)?.[1] ?? null,
    known: async (ids) => {
      const { rows } = await records.pool.query<{ id: string }>(
        `SELECT DISTINCT named[1] AS id
         FROM (SELECT draft::text FROM surveys_surveys UNION ALL SELECT definition::text FROM surveys_versions) all_of (words),
           regexp_matches(words, $1, 'g') AS named
         WHERE strpos(words, $3) > 0 AND named[1] = ANY ($2)`,
        [`${pictureAddress('')}(${UUID})`, ids, pictureAddress('')],
      );
      return rows.map(({ id }) => id);
    },
    remove: (id) => blobs.remove(pictureBlob(id)),
    signal,
  });
}

const UNNAMED = `f.created_at < now() - make_interval(days => ${UNSUBMITTED_DAYS})
  AND NOT coalesce(r.answers -> f.question_id @> jsonb_build_array(jsonb_build_object('id', f.id)), false)`;

/** Files that were uploaded and then replaced, taken back or never handed in. */
async function removeUnsubmitted({ records, blobs }: Context, signal: AbortSignal): Promise<void> {
  for (let after: string | null = null; !signal.aborted; ) {
    const { rows }: { rows: { id: string; responseId: string }[] } = await records.pool.query(
      `SELECT f.id, f.response_id AS "responseId" FROM surveys_files f JOIN surveys_responses r ON r.id = f.response_id
       WHERE ${UNNAMED} AND ($1::uuid IS NULL OR f.id > $1) ORDER BY f.id LIMIT ${ROWS_AT_ONCE}`,
      [after],
    );
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
    const removed = await records.transaction(async (client) => {
      // Whoever answers at this moment holds the response, and may be about to name the file: another day, then.
      const held = await client.query<{ id: string }>(
        'SELECT id FROM surveys_responses WHERE id = ANY ($1::uuid[]) ORDER BY id FOR UPDATE SKIP LOCKED',
        [rows.map((row) => row.responseId)],
      );
      const gone = await client.query<{ id: string; responseId: string }>(
        `DELETE FROM surveys_files f USING surveys_responses r WHERE r.id = f.response_id AND f.id = ANY ($1::uuid[])
           AND r.id = ANY ($2::uuid[]) AND ${UNNAMED} RETURNING f.id, f.response_id AS "responseId"`,
        [rows.map((row) => row.id), held.rows.map((row) => row.id)],
      );
      return gone.rows;
    });
    // A crash before this leaves files without a row, which are swept too.
    for (const { id, responseId } of removed) await blobs.remove(blobOf(responseId, id));
  }
}
