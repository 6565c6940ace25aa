import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { shortText } from '../../kernel/storable.ts';
import { MOODS } from './models/sentiment.ts';
import { writeTopics } from './topics/sort.ts';
import { allTopics } from './topics/topics.ts';
import { understandVoices } from './understand.ts';

const NOTE_LIMIT = 5000;
/** Topics of one voice. */
const TOPICS_LIMIT = 20;
/** Voices marked as read in one call. */
export const MARKED_LIMIT = 1000;

export const VoiceChange = z
  .object({
    mood: z.enum(MOODS).nullable().describe('Null takes a correction back.'),
    topics: z.array(z.int().positive()).max(TOPICS_LIMIT).nullable().describe('Null takes a correction back.'),
    read: z.boolean(),
    assignedTo: shortText(100).nullable().describe('An id of a member of staff.'),
    note: shortText(NOTE_LIMIT),
  })
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'changes nothing' });
export type VoiceChange = z.output<typeof VoiceChange>;

/**
 * Changes a voice. What is corrected counts from then on, whatever the models say later; taking it back has the voice
 * understood anew. Refuses with 404 where there is no such voice, with 400 for a topic or a member of staff that is not there.
 */
export async function changeVoice(context: Context, id: number, change: VoiceChange, caller: Caller): Promise<void> {
  await context.records.transaction(async (client) => {
    const { rows } = await client.query('SELECT FROM voices_voices WHERE id = $1 FOR UPDATE', [id]);
    if (rows.length === 0) throw refuse.notFound(`There is no voice ${id}.`);
    const sets = ['changed_at = now()'];
    const values: unknown[] = [id];
    const set = (column: string, value: unknown) => sets.push(`${column} = $${values.push(value)}`);
    if (change.mood !== undefined) {
      set('mood_by', change.mood === null ? null : caller.name);
      if (change.mood === null) sets.push('stale = understood_at IS NOT NULL');
      else {
        set('mood', change.mood);
        sets.push("basis = 'person'");
      }
    }
    if (change.topics !== undefined) {
      set('topics_by', change.topics === null ? null : caller.name);
      if (change.topics === null) {
        // The two may be taken back together.
        if (change.mood !== null) sets.push('stale = understood_at IS NOT NULL');
      } else {
        const known = new Set((await allTopics(client)).filter((topic) => !topic.archivedAt).map((topic) => topic.id));
        const missing = change.topics.find((topic) => !known.has(topic));
        if (missing !== undefined) throw refuse.invalid(`There is no topic ${missing}.`);
        await writeTopics(client, [{ id, topics: change.topics }]);
      }
    }
    if (change.read !== undefined) {
      sets.push(`read_at = ${change.read ? 'coalesce(read_at, now())' : 'NULL'}`);
      set('read_by', change.read ? caller.name : null);
    }
    if (change.assignedTo !== undefined) {
      if (change.assignedTo !== null) {
        const { rowCount } = await client.query('SELECT FROM staff_users WHERE id = $1', [change.assignedTo]);
        if (!rowCount) throw refuse.invalid('There is no such member of staff.');
      }
      set('assigned_to', change.assignedTo);
    }
    if (change.note !== undefined) set('note', change.note);
    await client.query(`UPDATE voices_voices SET ${sets.join(', ')} WHERE id = $1`, values);
  });
  if (change.mood === null || change.topics === null) await understandVoices(context);
}

/** Marks voices as read, or as unread; returns how many were changed. */
export async function markVoices(
  context: Context,
  ids: readonly number[],
  read: boolean,
  caller: Caller,
): Promise<number> {
  const { rowCount } = await context.records.pool.query(
    `UPDATE voices_voices SET read_at = CASE WHEN $2 THEN now() END, read_by = CASE WHEN $2 THEN $3 END
     WHERE id = ANY ($1::bigint[]) AND (read_at IS NOT NULL) <> $2`,
    [ids, read, caller.name],
  );
  return rowCount ?? 0;
}
