import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { addJob } from '../../../kernel/jobs.ts';
import { decodeCursor, encodeCursor, type pageQuery } from '../../../kernel/page.ts';
import { refuse } from '../../../kernel/refusal.ts';
import { isModelLanguage, MODEL_LANGUAGES } from '../models/features.ts';
import type { SuggestionReply } from './routes.ts';
import { type Said, suggestionsOf } from './suggest.ts';
import { allTopics, changeTopic, createTopic, sorterOf } from './topics.ts';

/** Voices of a language that are looked at, and how far back. */
const VOICES_READ = 5000;
const DAYS_READ = 90;

/** Looks through the latest voices of each language; what was dismissed or accepted is not found again. */
export async function findSuggestions(context: Context, signal?: AbortSignal): Promise<void> {
  const { matcher } = await sorterOf(context);
  for (const language of MODEL_LANGUAGES) {
    if (signal?.aborted) return;
    const { rows } = await context.records.pool.query<Said>(
      `SELECT left(text, 1000) AS text, p.root_id AS who, mood = 'negative' AS negative,
         EXISTS (SELECT FROM voices_voice_topics t WHERE t.voice_id = v.id) AS sorted
       FROM voices_voices v JOIN persons p ON p.id = v.origin_id WHERE language = $1 AND understood_at IS NOT NULL AND NOT superseded AND text <> ''
         AND said_at > now() - make_interval(days => $2) ORDER BY said_at DESC LIMIT $3`,
      [language, DAYS_READ, VOICES_READ],
    );
    const found = await suggestionsOf(rows, language, (phrase) => matcher.topicsOf(phrase, language).length > 0);
    await context.records.transaction(async (client) => {
      await client.query("DELETE FROM voices_suggestions WHERE language = $1 AND state = 'open'", [language]);
      await client.query(
        `INSERT INTO voices_suggestions (language, name, words, voices, negative, lift)
         SELECT $1, f.name, ARRAY(SELECT jsonb_array_elements_text(f.words)), f.voices, f.negative, f.lift
         FROM jsonb_to_recordset($2) AS f (name text, words jsonb, voices integer, negative integer, lift real)
         ON CONFLICT (language, name) DO NOTHING`,
        [language, JSON.stringify(found)],
      );
    });
  }
}

export const queueSuggestions = ({ records }: Pick<Context, 'records'>): Promise<void> =>
  addJob(records.pool, 'voices.suggest', {}, { key: 'voices.suggest', attempts: 2 });

interface Row {
  id: number;
  language: string;
  name: string;
  words: string[];
  voices: number;
  negative: number;
  lift: number;
  found_at: Date;
}

export async function listSuggestions(
  { records }: Context,
  { cursor, limit }: z.output<typeof pageQuery>,
): Promise<{ items: SuggestionReply[]; nextCursor: string | null }> {
  const after = decodeCursor(cursor, z.tuple([z.int(), z.int()]));
  const { rows } = await records.pool.query<Row>(
    `SELECT id, language, name, words, voices, negative, lift, found_at FROM voices_suggestions WHERE state = 'open'
       AND ($1::int IS NULL OR (negative, id) < ($1, $2::int)) ORDER BY negative DESC, id DESC LIMIT $3`,
    [after?.[0] ?? null, after?.[1] ?? null, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(({ id, found_at, ...rest }) => ({ id: String(id), ...rest, foundAt: found_at.toISOString() })),
    nextCursor: last ? encodeCursor([last.negative, last.id]) : null,
  };
}

/** Makes a topic of it, or gives its words to one; returns the topic's id. Refuses with 404 what is not open any more. */
export async function acceptSuggestion(
  context: Context,
  id: number,
  as: { name?: string | undefined; parentId: number | null; into?: number | undefined },
  by: string,
): Promise<number> {
  const { rows } = await context.records.pool.query<Row>(
    "SELECT * FROM voices_suggestions WHERE id = $1 AND state = 'open'",
    [id],
  );
  const [row] = rows;
  if (!row || !isModelLanguage(row.language)) throw refuse.notFound(`There is no open suggestion ${id}.`);
  let topicId: number;
  if (as.into !== undefined) {
    topicId = as.into;
    const topic = (await allTopics(context.records.pool)).find((one) => one.id === topicId && !one.archivedAt);
    if (!topic) throw refuse.notFound(`There is no topic ${topicId}.`);
    const words = [...new Set([...(topic.words[row.language] ?? []), ...row.words])];
    await changeTopic(context, topicId, { words: { ...topic.words, [row.language]: words } }, by);
  } else {
    const name = as.name ?? row.name;
    topicId = await createTopic(
      context,
      { name, names: {}, words: { [row.language]: row.words }, parentId: as.parentId },
      by,
    );
  }
  await context.records.pool.query("UPDATE voices_suggestions SET state = 'accepted' WHERE id = $1", [id]);
  return topicId;
}

export async function dismissSuggestion({ records }: Context, id: number): Promise<void> {
  const { rowCount } = await records.pool.query(
    "UPDATE voices_suggestions SET state = 'dismissed' WHERE id = $1 AND state = 'open'",
    [id],
  );
  if (!rowCount) throw refuse.notFound(`There is no open suggestion ${id}.`);
}
