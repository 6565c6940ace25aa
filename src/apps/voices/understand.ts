import type pg from 'pg';
import { knownTexts } from '../../core/people/known-texts.ts';
import type { Channel } from '../../core/stream/event.ts';
import { emitAll } from '../../core/stream/outbox.ts';
import type { Context } from '../../kernel/context.ts';
import { VOICES_LOCK } from './follow.ts';
import { gently } from './gently.ts';
import { effortTold } from './models/effort.ts';
import { languageOfText } from './models/language.ts';
import {
  type Basis,
  type Mood,
  moodOf,
  type Rating,
  ratingSentiment,
  sentimentOf,
  together,
} from './models/sentiment.ts';
import { askService, TEXTS_A_CALL, type Told } from './service.ts';
import { readSettings } from './settings.ts';
import { writeTopics } from './topics/sort.ts';
import { pathOf, sorterOf, TOPIC_PATH_SEPARATOR } from './topics/topics.ts';

const UNDERSTOOD = 'Voice Understood';

/** Voices understood in one transaction, and how long another process waits for one that was taken and not brought back. */
const VOICES_AT_ONCE = 100;
const CLAIM_MINUTES = 10;

interface Waiting {
  id: number;
  origin_id: number;
  of: string;
  channel: Channel;
  said_at: Date;
  text: string;
  score: number | null;
  scale: number | null;
  score_kind: string | null;
  author: string;
  contact: string;
  hint: string;
  first: boolean;
}

interface Meaning {
  id: number;
  language: string;
  text_sentiment: number | null;
  rating_sentiment: number | null;
  sentiment: number;
  mood: Mood;
  basis: Basis;
  effort: number | null;
  topics: number[];
}

/** A voice that was understood for the first time, as those who act on voices get it, in the transaction that keeps it. */
export interface Understood extends Meaning {
  /** Whom it counts for now. */
  personId: number;
  of: string;
  text: string;
  score: number | null;
  scale: number | null;
  scoreKind: string | null;
  saidAt: Date;
  paths: string[];
}

type React = (context: Context, client: pg.PoolClient, voices: readonly Understood[]) => Promise<void>;
const reactions: React[] = [];

/** Lets another part of this app act on voices as they are understood; what it throws is thrown. */
export const onUnderstood = (react: React): void => void reactions.push(react);

/**
 * Understands voices that wait, in batches, until none is left: language, sentiment, effort, topics. What a person
 * corrected stays. Each is told of once, as "Voice Understood" at the time when it was said. Returns how many it was.
 */
export async function understandVoices(
  context: Context,
  options: { signal?: AbortSignal | undefined; waitMs?: number } = {},
): Promise<number> {
  for (let all = 0; ; ) {
    if (options.signal?.aborted) return all;
    const { service } = await readSettings(context);
    const voices = await claim(context, service.on ? TEXTS_A_CALL : VOICES_AT_ONCE);
    if (voices.length === 0) return all;
    await understand(context, voices, options);
    all += voices.length;
  }
}

async function claim({ records }: Context, most: number): Promise<Waiting[]> {
  const { rows } = await records.pool.query<Waiting>(
    `UPDATE voices_voices v SET claimed_until = now() + make_interval(mins => $2), attempts = attempts + 1 FROM (
       SELECT id FROM voices_voices WHERE (understood_at IS NULL OR stale) AND (claimed_until IS NULL OR claimed_until < now())
       ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) AS w
     WHERE v.id = w.id RETURNING v.id, origin_id, of, channel, said_at, text, score, scale, score_kind, author, contact, hint,
       understood_at IS NULL AS first`,
    [most, CLAIM_MINUTES],
  );
  return rows.sort((a, b) => a.id - b.id);
}

async function understand(
  context: Context,
  voices: readonly Waiting[],
  options: { signal?: AbortSignal | undefined; waitMs?: number },
): Promise<void> {
  const sorter = await sorterOf(context);
  const path = (id: number) => pathOf(id, sorter.topics).join(TOPIC_PATH_SEPARATOR);
  const told = await fromService(
    context,
    voices,
    [...sorter.topics.keys()].map((id) => ({ id, path: path(id) })),
    options,
  );
  const meanings = await gently(voices, (voice, at) => meaningOf(voice, told?.[at] ?? null, sorter.matcher));
  await context.records.transaction(async (client) => {
    // Nobody is written about who is being erased, and a voice that went meanwhile is not told of.
    await client.query('SELECT pg_advisory_xact_lock_shared($1)', [VOICES_LOCK]);
    const { rows } = await client.query<{ id: number; person: number; first: boolean; fixed: boolean; gone: boolean }>(
      `WITH there AS (SELECT v.id, v.understood_at IS NULL AS first, v.topics_by IS NOT NULL AS fixed, v.superseded AS gone, p.root_id AS person
         FROM voices_voices v JOIN persons p ON p.id = v.origin_id
         WHERE v.id = ANY ($2::bigint[]) AND (v.understood_at IS NULL OR v.stale) ORDER BY v.id FOR UPDATE OF v)
       UPDATE voices_voices v SET language = m.language, text_sentiment = m.text_sentiment, rating_sentiment = m.rating_sentiment,
         sentiment = m.sentiment, mood = CASE WHEN v.mood_by IS NULL THEN m.mood ELSE v.mood END,
         basis = CASE WHEN v.mood_by IS NULL THEN m.basis ELSE 'person' END, effort = m.effort,
         understood_at = coalesce(v.understood_at, now()), stale = false, claimed_until = NULL, sorted = $3
       FROM there, jsonb_to_recordset($1) AS m (id bigint, language text, text_sentiment real, rating_sentiment real,
         sentiment real, mood text, basis text, effort real)
       WHERE v.id = there.id AND m.id = v.id RETURNING v.id, there.person, there.first, there.fixed, there.gone`,
      [JSON.stringify(meanings), voices.map((voice) => voice.id), sorter.generation],
    );
    const kept = new Map(rows.map((row) => [row.id, row]));
    await writeTopics(
      client,
      meanings.filter(({ id }) => kept.get(id)?.fixed === false),
    );
    const fresh = meanings.flatMap((meaning, at) => {
      const row = kept.get(meaning.id);
      // An answer that was changed before it was understood was never said.
      return row?.first && !row.gone ? [understood(voices[at]!, meaning, row.person, meaning.topics.map(path))] : [];
    });
    await emitAll(
      client,
      fresh.map((voice, _) => eventOf(voice, voices.find(({ id }) => id === voice.id)!)),
    );
    for (const react of reactions) await react(context, client, fresh);
  });
}

function meaningOf(
  voice: Waiting,
  told: Told | null,
  matcher: { topicsOf(text: string, language: string): number[] },
): Meaning {
  const rating: Rating | null =
    voice.score === null || voice.scale === null
      ? null
      : { score: voice.score, scale: voice.scale, kind: voice.score_kind ?? undefined };
  const language = told?.language ?? languageOfText(voice.text, voice.hint);
  const ofText = told ? told.sentiment : sentimentOf(voice.text, language);
  const ofRating = rating && ratingSentiment(rating);
  const { sentiment, basis } = together(ofText, ofRating);
  const effort = rating?.kind === 'ces' || !told ? effortTold(voice.text, language, rating) : told.effort;
  return {
    id: voice.id,
    language,
    text_sentiment: ofText,
    rating_sentiment: ofRating,
    sentiment,
    mood: moodOf(sentiment),
    basis: told ? 'service' : basis,
    effort,
    topics: told ? told.topics : matcher.topicsOf(voice.text, language),
  };
}

/** By the service where there is one, with the names that have to be masked. */
async function fromService(
  context: Context,
  voices: readonly Waiting[],
  topics: { id: number; path: string }[],
  options: { signal?: AbortSignal | undefined; waitMs?: number },
): Promise<(Told | null)[] | null> {
  const settings = await readSettings(context);
  if (!settings.service.on) return null;
  const names = await knownTexts(
    context,
    voices.map((voice) => voice.origin_id),
  );
  const withText = voices.flatMap((voice, at) => (voice.text === '' ? [] : [at]));
  const told = await askService(
    context,
    settings,
    withText.map((at) => {
      const voice = voices[at]!;
      return { text: voice.text, names: [voice.author, voice.contact, ...(names.get(voice.origin_id) ?? [])] };
    }),
    topics,
    options,
  );
  return told && voices.map((_, at) => told[withText.indexOf(at)] ?? null);
}

function understood(voice: Waiting, meaning: Meaning, personId: number, paths: string[]): Understood {
  const { of, text, score, scale } = voice;
  return { ...meaning, personId, of, text, score, scale, scoreKind: voice.score_kind, saidAt: voice.said_at, paths };
}

const rounded = (value: number | null) => (value === null ? null : Math.round(value * 1000) / 1000);

function eventOf(voice: Understood, { channel }: Waiting) {
  return {
    name: UNDERSTOOD,
    personId: voice.personId,
    channel,
    at: voice.saidAt,
    properties: {
      voiceId: String(voice.id),
      of: voice.of,
      language: voice.language,
      sentiment: rounded(voice.sentiment),
      mood: voice.mood,
      topics: voice.paths,
      effort: rounded(voice.effort),
    },
  };
}
