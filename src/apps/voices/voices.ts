import type pg from 'pg';
import { z } from 'zod';
import { displayName, latestOf, type Named, type StoredSet } from '../../core/people/traits.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { BASES, type Basis, MOODS, type Mood } from './models/sentiment.ts';
import { allTopics, byId, pathOf, within } from './topics/topics.ts';

const plain = (limit: number) =>
  z
    .string()
    .max(limit)
    .refine((text) => !text.includes('\0'), { error: 'has characters that cannot be looked for' });
const several = (limit = 50) =>
  plain(2000)
    .transform((text) => text.split(',').filter((value) => value !== ''))
    .refine((values) => values.length <= limit, { error: `has more than ${limit} values` })
    .optional();
const number = z.coerce.number().optional();
const id = z
  .string()
  .regex(/^\d{1,15}$/, 'is not an id')
  .transform(Number);
/** Milliseconds since 1970. */
const time = z.iso.datetime({ offset: true }).or(z.iso.date()).transform(Date.parse).optional();
const yes = z
  .enum(['true', 'false'])
  .transform((value) => value === 'true')
  .optional();

/** What the inbox is filtered by; the same for the list and for its counts. */
export const voiceFilters = z.object({
  q: plain(200).optional().describe('Text that they hold, in any case.'),
  language: several(),
  mood: several().describe('positive, neutral, negative.'),
  topic: z
    .string()
    .regex(/^(\d{1,9}|none)$/, 'is not an id of a topic, or "none"')
    .optional()
    .describe('With all topics below it; "none" for voices without a topic.'),
  of: several().describe('Names of events.'),
  source: id.optional(),
  survey: plain(100).optional(),
  minScore: number,
  maxScore: number,
  from: time,
  to: time.describe('Before this time.'),
  person: id.optional(),
  audience: id.optional(),
  unread: yes,
  assigned: plain(100).optional().describe('An id of a member of staff, "me" or "nobody".'),
});
export type VoiceFilters = z.output<typeof voiceFilters>;
export const voicesQuery = pageQuery.extend(voiceFilters.shape);

export const VoiceReply = z.object({
  id: z.string(),
  eventId: z.string(),
  of: z.string().describe('The name of the event.'),
  channel: z.string(),
  saidAt: z.string(),
  text: z.string(),
  language: z.string().describe('ISO 639-1, "und" for unknown, empty before it is understood.'),
  score: z.number().nullable(),
  scale: z.number().nullable(),
  scoreKind: z.string().nullable(),
  sentiment: z.number().nullable().describe('-1 to 1; null before it is understood.'),
  textSentiment: z.number().nullable(),
  ratingSentiment: z.number().nullable(),
  mood: z.enum(MOODS).nullable(),
  basis: z.enum(BASES).nullable().describe('What the mood was taken from.'),
  effort: z.number().nullable().describe('0 to 1: how much effort it tells of.'),
  topics: z.array(z.object({ id: z.number(), path: z.array(z.string()), names: z.record(z.string(), z.string()) })),
  moodCorrected: z.boolean(),
  topicsCorrected: z.boolean(),
  person: z.object({ id: z.string(), name: z.string() }),
  place: z.string().describe('A survey, a site of reviews.'),
  author: z.string(),
  contact: z.string(),
  url: z.string(),
  path: z.string(),
  element: z.string(),
  sourceId: z.number(),
  surveyId: z.string().nullable(),
  responseId: z.string().nullable(),
  sessionStart: z.string().nullable(),
  hasPicture: z.boolean(),
  read: z.boolean(),
  assignedTo: z.object({ id: z.string(), name: z.string() }).nullable(),
  note: z.string(),
});
export type VoiceReply = z.output<typeof VoiceReply>;

interface Row {
  id: number;
  event_id: string;
  of: string;
  channel: string;
  said_at: Date;
  text: string;
  language: string;
  score: number | null;
  scale: number | null;
  score_kind: string | null;
  sentiment: number | null;
  text_sentiment: number | null;
  rating_sentiment: number | null;
  mood: Mood | null;
  basis: Basis | null;
  effort: number | null;
  mood_by: string | null;
  topics_by: string | null;
  person: number;
  place: string;
  author: string;
  contact: string;
  url: string;
  path: string;
  element: string;
  source_id: number;
  survey_id: string | null;
  response_id: string | null;
  session_start: Date | null;
  picture: boolean;
  read_at: Date | null;
  assigned_to: string | null;
  assigned_name: string | null;
  note: string;
  topics: number[];
}

const SHOWN = `v.id, v.event_id, v.of, v.channel, v.said_at, v.text, v.language, v.score, v.scale, v.score_kind, v.sentiment,
  v.text_sentiment, v.rating_sentiment, v.mood, v.basis, v.effort, v.mood_by, v.topics_by, p.root_id AS person, v.place,
  v.author, v.contact, v.url, v.path, v.element, v.source_id, v.survey_id, v.response_id, v.session_start,
  EXISTS (SELECT FROM voices_pictures i WHERE i.id = v.picture_id) AS picture, v.read_at, v.assigned_to,
  u.name AS assigned_name, v.note,
  ARRAY(SELECT t.topic_id FROM voices_voice_topics t WHERE t.voice_id = v.id ORDER BY t.topic_id) AS topics`;
const FROM = `voices_voices v JOIN persons p ON p.id = v.origin_id LEFT JOIN staff_users u ON u.id = v.assigned_to`;
/** An answer that was changed later is not there any more, and whoever is restricted is kept but not used. */
const COUNTED = `NOT v.superseded AND p.root_id <> ALL (ARRAY(SELECT rp.root_id FROM privacy_restrictions r
  JOIN persons rp ON rp.id = r.person_id WHERE r.purpose = ''))`;

const Position = z.tuple([z.iso.datetime(), z.int()]);

/** Voices that fit, those said last first. A cursor is the place of the last one given. */
export async function listVoices(
  context: Context,
  caller: Caller,
  query: z.output<typeof voicesQuery>,
): Promise<{ items: VoiceReply[]; nextCursor: string | null }> {
  const { where, values } = await conditions(context, caller, query);
  const after = decodeCursor(query.cursor, Position);
  if (after) {
    values.push(after[0], after[1]);
    where.push(`(v.said_at, v.id) < ($${values.length - 1}::timestamptz, $${values.length}::bigint)`);
  }
  const { rows } = await context.records.pool.query<Row>(
    `SELECT ${SHOWN} FROM ${FROM} WHERE ${where.join(' AND ')} ORDER BY v.said_at DESC, v.id DESC LIMIT ${query.limit + 1}`,
    values,
  );
  const shown = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? shown.at(-1) : undefined;
  return {
    items: await replies(context, shown),
    nextCursor: last ? encodeCursor([last.said_at.toISOString(), last.id]) : null,
  };
}

export const VoiceCounts = z.object({
  voices: z.number(),
  unread: z.number(),
  waiting: z.number().describe('Not understood yet.'),
  moods: z.record(z.enum(MOODS), z.number()),
  languages: z.array(z.object({ language: z.string(), voices: z.number() })),
  of: z.array(z.object({ name: z.string(), voices: z.number() })),
  topics: z
    .array(z.object({ id: z.number(), voices: z.number(), negative: z.number() }))
    .describe('With those below each.'),
  withoutTopic: z.number(),
  sentiment: z.number().nullable().describe('The mean.'),
  effort: z.number().nullable().describe('The mean of those that tell of effort.'),
});
export type VoiceCounts = z.output<typeof VoiceCounts>;

const GROUPS_SHOWN = 50;

type Group = { kind: 'mood' | 'language' | 'of'; value: string | null; voices: number };
interface Counted {
  numbers: Omit<VoiceCounts, 'moods' | 'languages' | 'of' | 'topics'>;
  groups: Group[] | null;
  topics: VoiceCounts['topics'] | null;
}

/** How many voices fit, by mood, language, event and topic. */
export async function countVoices(context: Context, caller: Caller, filters: VoiceFilters): Promise<VoiceCounts> {
  const { where, values } = await conditions(context, caller, filters);
  // A voice that is under two topics counts once for what both stand below.
  const { rows } = await context.records.pool.query<Counted>(
    `WITH RECURSIVE up AS (
       SELECT id AS topic, id AS above, parent_id FROM voices_topics WHERE archived_at IS NULL
       UNION ALL SELECT up.topic, t.id, t.parent_id FROM up JOIN voices_topics t ON t.id = up.parent_id),
     found AS MATERIALIZED (SELECT v.id, v.mood, v.language, v.of, v.read_at, v.sentiment, v.effort, v.understood_at
       FROM ${FROM} WHERE ${where.join(' AND ')}),
     placed AS MATERIALIZED (SELECT DISTINCT up.above, found.id, found.mood FROM found
       JOIN voices_voice_topics t ON t.voice_id = found.id JOIN up ON up.topic = t.topic_id)
     SELECT (SELECT jsonb_build_object('voices', count(*), 'unread', count(*) FILTER (WHERE read_at IS NULL),
         'waiting', count(*) FILTER (WHERE understood_at IS NULL), 'sentiment', avg(sentiment), 'effort', avg(effort),
         'withoutTopic', count(*) - (SELECT count(DISTINCT id) FROM placed)) FROM found) AS numbers,
       (SELECT jsonb_agg(g) FROM (
         SELECT CASE WHEN grouping(mood) = 0 THEN 'mood' WHEN grouping(language) = 0 THEN 'language' ELSE 'of' END AS kind,
           coalesce(mood, language, of) AS value, count(*) AS voices
         FROM found GROUP BY GROUPING SETS ((mood), (language), (of)) ORDER BY voices DESC, value LIMIT 500) AS g) AS groups,
       (SELECT jsonb_agg(o) FROM (
         SELECT above AS id, count(*) AS voices, count(*) FILTER (WHERE mood = 'negative') AS negative
         FROM placed GROUP BY above ORDER BY voices DESC, above) AS o) AS topics`,
    values,
  );
  const { numbers, groups, topics } = rows[0]!;
  const of = (kind: Group['kind']) =>
    (groups ?? [])
      .flatMap((row) => (row.kind === kind && row.value ? [{ name: row.value, voices: row.voices }] : []))
      .slice(0, GROUPS_SHOWN);
  const moods = new Map(of('mood').map(({ name, voices }) => [name, voices]));
  return {
    ...numbers,
    moods: Object.fromEntries(MOODS.map((mood) => [mood, moods.get(mood) ?? 0])) as Record<Mood, number>,
    languages: of('language').map(({ name, voices }) => ({ language: name, voices })),
    of: of('of'),
    topics: topics ?? [],
  };
}

/** One voice; refuses with 404 where there is none. */
export async function voiceById(context: Context, voiceId: number): Promise<VoiceReply> {
  const { rows } = await context.records.pool.query<Row>(`SELECT ${SHOWN} FROM ${FROM} WHERE v.id = $1`, [voiceId]);
  if (!rows[0]) throw refuse.notFound(`There is no voice ${voiceId}.`);
  return (await replies(context, rows))[0]!;
}

async function conditions(
  context: Context,
  caller: Caller,
  filters: VoiceFilters,
): Promise<{ where: string[]; values: unknown[] }> {
  const where = [COUNTED];
  const values: unknown[] = [];
  const put = (value: unknown) => `$${values.push(value)}`;
  if (filters.q?.trim()) {
    if (caller.hidesPersonalData)
      throw refuse.forbidden(`The role "${caller.role}" cannot search in what customers say.`);
    where.push(`v.text ILIKE ${put(`%${filters.q.trim().replaceAll(/[\\%_]/g, '\\$&')}%`)}`);
  }
  if (filters.language) where.push(`v.language = ANY (${put(filters.language)}::text[])`);
  if (filters.mood) where.push(`v.mood = ANY (${put(filters.mood)}::text[])`);
  if (filters.of) where.push(`v.of = ANY (${put(filters.of)}::text[])`);
  if (filters.source !== undefined) where.push(`v.source_id = ${put(filters.source)}::bigint`);
  if (filters.survey) where.push(`v.survey_id = ${put(filters.survey)}`);
  if (filters.minScore !== undefined) where.push(`v.score >= ${put(filters.minScore)}`);
  if (filters.maxScore !== undefined) where.push(`v.score <= ${put(filters.maxScore)}`);
  if (filters.from !== undefined) where.push(`v.said_at >= to_timestamp(${put(filters.from)}::float8 / 1000)`);
  if (filters.to !== undefined) where.push(`v.said_at < to_timestamp(${put(filters.to)}::float8 / 1000)`);
  if (filters.person !== undefined)
    where.push(`p.root_id = (SELECT root_id FROM persons WHERE id = ${put(filters.person)})`);
  if (filters.audience !== undefined)
    where.push(
      `EXISTS (SELECT FROM audiences_members m WHERE m.person_id = p.root_id AND m."of" ? ${put(String(filters.audience))})`,
    );
  if (filters.unread !== undefined) where.push(`v.read_at IS ${filters.unread ? '' : 'NOT '}NULL`);
  if (filters.assigned === 'nobody') where.push('v.assigned_to IS NULL');
  else if (filters.assigned)
    where.push(`v.assigned_to = ${put(filters.assigned === 'me' ? caller.id : filters.assigned)}`);
  if (filters.topic === 'none')
    where.push(
      'v.understood_at IS NOT NULL AND NOT EXISTS (SELECT FROM voices_voice_topics t WHERE t.voice_id = v.id)',
    );
  else if (filters.topic) {
    const ids = within(Number(filters.topic), await allTopics(context.records.pool));
    where.push(
      `EXISTS (SELECT FROM voices_voice_topics t WHERE t.voice_id = v.id AND t.topic_id = ANY (${put(ids)}::int[]))`,
    );
  }
  return { where, values };
}

const rounded = (value: number | null) => (value === null ? null : Math.round(value * 1000) / 1000);

async function replies({ records }: Context, rows: readonly Row[]): Promise<VoiceReply[]> {
  const topics = byId(await allTopics(records.pool));
  const names = await personNames(
    records.pool,
    rows.map((row) => row.person),
  );
  return rows.map((row) => ({
    id: String(row.id),
    eventId: row.event_id,
    of: row.of,
    channel: row.channel,
    saidAt: row.said_at.toISOString(),
    text: row.text,
    language: row.language,
    score: row.score,
    scale: row.scale,
    scoreKind: row.score_kind,
    sentiment: rounded(row.sentiment),
    textSentiment: rounded(row.text_sentiment),
    ratingSentiment: rounded(row.rating_sentiment),
    mood: row.mood,
    basis: row.basis,
    effort: rounded(row.effort),
    topics: row.topics.map((topic) => ({
      id: topic,
      path: pathOf(topic, topics),
      names: topics.get(topic)?.names ?? {},
    })),
    moodCorrected: row.mood_by !== null,
    topicsCorrected: row.topics_by !== null,
    person: { id: String(row.person), name: names.get(row.person) ?? `#${row.person}` },
    place: row.place,
    author: row.author,
    contact: row.contact,
    url: row.url,
    path: row.path,
    element: row.element,
    sourceId: row.source_id,
    surveyId: row.survey_id,
    responseId: row.response_id,
    sessionStart: row.session_start?.toISOString() ?? null,
    hasPicture: row.picture,
    read: row.read_at !== null,
    assignedTo: row.assigned_to === null ? null : { id: row.assigned_to, name: row.assigned_name ?? row.assigned_to },
    note: row.note,
  }));
}

/** What people are called now, over all that was merged into them. */
export async function personNames(db: pg.Pool | pg.PoolClient, roots: readonly number[]): Promise<Map<number, string>> {
  const { rows } = await db.query<{ root: number; traits: StoredSet[]; named: Named[] | null }>(
    `SELECT p.root_id AS root, array_agg(p.traits) AS traits,
       (SELECT jsonb_agg(jsonb_build_object('kind', f.kind, 'value', f.value)) FROM (
          SELECT k.kind, i.value FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id
          WHERE i.person_id = ANY (array_agg(p.id)) ORDER BY k.priority, i.first_seen_at LIMIT 5) AS f) AS named
     FROM persons p WHERE p.root_id = ANY ($1::bigint[]) GROUP BY p.root_id`,
    [[...new Set(roots)]],
  );
  return new Map(rows.map(({ root, traits, named }) => [root, displayName(latestOf(traits), named ?? [])]));
}
