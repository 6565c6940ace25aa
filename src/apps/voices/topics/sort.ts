import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Context } from '../../../kernel/context.ts';
import { addJob } from '../../../kernel/jobs.ts';
import { gently } from '../gently.ts';
import { sorterOf } from './topics.ts';

const VOICES_AT_ONCE = 500;
/** A job of this many batches makes room for others and goes on in a next one. */
const BATCHES = 200;

/** Puts voices under topics, in place of those that the words gave them before. */
export async function writeTopics(
  client: pg.PoolClient,
  sorted: readonly { id: number; topics: readonly number[] }[],
): Promise<void> {
  const ids = sorted.map((one) => one.id);
  await client.query('DELETE FROM voices_voice_topics WHERE voice_id = ANY ($1::bigint[])', [ids]);
  await client.query(
    `INSERT INTO voices_voice_topics (voice_id, topic_id) SELECT v, t FROM unnest($1::bigint[], $2::int[]) AS put (v, t)
     JOIN voices_topics ON id = t AND archived_at IS NULL ON CONFLICT DO NOTHING`,
    [sorted.flatMap(({ id, topics }) => topics.map(() => id)), sorted.flatMap(({ topics }) => [...topics])],
  );
}

/**
 * Sorts voices anew that were sorted by an older tree, the newest first; those that people sorted stay as they are.
 * Returns how many were left when it stopped. May be stopped at any time and called again.
 */
async function sortAnew(context: Context, signal?: AbortSignal): Promise<number> {
  for (let batch = 0; batch < BATCHES && !signal?.aborted; batch++) {
    const { matcher, generation } = await sorterOf(context);
    const done = await context.records.transaction(async (client) => {
      const { rows } = await client.query<{ id: number; text: string; language: string; fixed: boolean }>(
        `SELECT id, text, language, topics_by IS NOT NULL AS fixed FROM voices_voices
         WHERE sorted < $1 AND understood_at IS NOT NULL ORDER BY sorted, id DESC LIMIT $2 FOR UPDATE`,
        [generation, VOICES_AT_ONCE],
      );
      const free = rows.filter((row) => !row.fixed);
      await writeTopics(
        client,
        await gently(free, ({ id, text, language }) => ({ id, topics: matcher.topicsOf(text, language) })),
      );
      await client.query('UPDATE voices_voices SET sorted = $2 WHERE id = ANY ($1::bigint[])', [
        rows.map((row) => row.id),
        generation,
      ]);
      return rows.length;
    });
    if (done < VOICES_AT_ONCE) break;
    await sleep(5);
  }
  const { left } = await sortProgress(context);
  return left;
}

/** The job: goes on in a next one where much is left. */
export async function sortJob(context: Context, signal: AbortSignal): Promise<void> {
  const left = await sortAnew(context, signal);
  if (left > 0) await addJob(context.records.pool, 'voices.sort', {}, { key: 'voices.sort' });
}

/** How many voices are sorted by the tree as it is, and how many are not yet. */
export async function sortProgress({ records }: Pick<Context, 'records'>): Promise<{ sorted: number; left: number }> {
  const { rows } = await records.pool.query<{ sorted: number; left: number }>(
    `SELECT count(*) FILTER (WHERE v.sorted >= s.topics_generation) AS sorted,
       count(*) FILTER (WHERE v.sorted < s.topics_generation) AS "left"
     FROM voices_state s, voices_voices v WHERE v.understood_at IS NOT NULL`,
  );
  return rows[0]!;
}
