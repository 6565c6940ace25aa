import { z } from 'zod';
import { mentioning } from '../../core/privacy/places.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { shortText } from '../../kernel/storable.ts';
import { noRecording, watching } from './recordings.ts';

/** Notes of one recording. */
export const NOTES_LIMIT = 500;
export const NOTE_LENGTH = 2000;

export const Note = z.object({
  id: z.string(),
  atMs: z.number().describe("Milliseconds since 1970 by the visitor's clock."),
  text: z.string(),
  ownerName: z.string(),
  mine: z.boolean(),
  createdAt: z.iso.datetime(),
});
export type Note = z.output<typeof Note>;

export const ownerOf = (caller: Caller) => `${caller.kind}:${caller.id}`;
const RecordingParams = z.object({ id: z.uuid() });
const NoteId = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const Text = shortText(NOTE_LENGTH)
  .transform((text) => text.trim())
  .pipe(z.string().min(1));

interface Row extends Omit<Note, 'id' | 'createdAt'> {
  id: number;
  createdAt: Date;
}
const shown = (row: Row): Note => ({ ...row, id: String(row.id), createdAt: row.createdAt.toISOString() });
/** $1 is who asks. */
const SHOWN = `id, at_ms AS "atMs", text, owner_name AS "ownerName", owner = $1 AS mine, created_at AS "createdAt"`;

async function notesOf({ records }: Context, caller: Caller, recordingId: string): Promise<Note[]> {
  const { rows } = await records.pool.query<Row>(
    `SELECT ${SHOWN} FROM replay_notes WHERE recording_id = $2 ORDER BY at_ms, id`,
    [ownerOf(caller), recordingId],
  );
  return rows.map(shown);
}

/** Refuses with 404 where there is no such recording, with 409 one more note than the limit. */
async function addNote(
  { records }: Context,
  caller: Caller,
  recordingId: string,
  note: { atMs: number; text: string },
): Promise<Note> {
  const { rows } = await records.pool.query<Row & { there: boolean }>(
    `WITH there AS (SELECT id, from_ms, to_ms FROM replay_recordings WHERE id = $2),
       added AS (INSERT INTO replay_notes (recording_id, at_ms, text, owner, owner_name)
         SELECT id, least(to_ms, greatest(from_ms, $3::bigint)), $4, $1, $5 FROM there
         WHERE (SELECT count(*) FROM replay_notes WHERE recording_id = $2) < $6 RETURNING *)
     SELECT ${SHOWN}, true AS there FROM added
     UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, true FROM there WHERE NOT EXISTS (SELECT FROM added)`,
    [ownerOf(caller), recordingId, note.atMs, note.text, caller.name, NOTES_LIMIT],
  );
  const row = rows[0];
  if (!row) throw noRecording();
  if (row.id === null) throw refuse.conflict(`A recording holds ${NOTES_LIMIT} notes at most. Delete one first.`);
  const { there: _, ...added } = row;
  return shown(added);
}

/** Whoever wrote it may take it back. Refuses with 404 what is not there or is another's. */
async function removeNote({ records }: Context, caller: Caller, id: number): Promise<void> {
  const { rowCount } = await records.pool.query('DELETE FROM replay_notes WHERE id = $2 AND owner = $1', [
    ownerOf(caller),
    id,
  ]);
  if (!rowCount) throw refuse.notFound(`There is no note ${id} of yours.`);
}

export const noteRoutes = [
  route({
    method: 'GET',
    path: '/api/replay/recordings/{id}/notes',
    summary: 'What colleagues wrote at moments of a recording',
    permission: 'replay.read',
    params: RecordingParams,
    reply: z.object({ items: z.array(Note) }),
    looksAt: 'person',
    look: watching,
    run: async ({ context, caller, params }) => ({ items: await notesOf(context, caller, params.id) }),
  }),
  route({
    method: 'POST',
    path: '/api/replay/recordings/{id}/notes',
    summary: 'Write a note at a moment of a recording',
    permission: 'replay.write',
    params: RecordingParams,
    body: z.strictObject({ atMs: z.int().min(0), text: Text }),
    reply: Note,
    status: 201,
    looksAt: 'person',
    run: ({ context, caller, params, body }) => addNote(context, caller, params.id, body),
  }),
  route({
    method: 'DELETE',
    path: '/api/replay/notes/{id}',
    summary: 'Take a note of your own back',
    permission: 'replay.write',
    params: z.object({ id: NoteId }),
    reply: z.object({ deleted: z.boolean() }),
    run: async ({ context, caller, params }) => {
      await removeNote(context, caller, params.id);
      return { deleted: true };
    },
  }),
];

/** A note may name a customer, also one of another recording. */
export const notesMentioning = mentioning(
  'replay_notes',
  'replay_notes',
  'id',
  'text',
  'id, recording_id, at_ms, text',
);
