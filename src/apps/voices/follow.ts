import type pg from 'pg';
import { afterBlock } from '../../core/query/new-rows.ts';
import type { Context } from '../../kernel/context.ts';
import { type FollowRule, readSettings } from './settings.ts';
import { scoresOf } from './siblings.ts';
import { type EventRow, type NewVoice, voiceOf } from './voice-of.ts';

/** Events looked at in one transaction: each may have 32 kB. */
const EVENTS_AT_ONCE = 300;
/** Voices of before anybody followed that are written at most. */
const BACKFILL_LIMIT = 50_000;
/** One process follows. */
const FOLLOW_LOCK = 7_405_001;
/** Held by whoever writes voices, shared; an erasure takes it alone, so that nobody puts back what it removed. */
export const VOICES_LOCK = 7_405_002;

interface State {
  block: number | null;
  round_block: number | null;
  round_after: string | null;
  backfill_before: Date | null;
  backfill_after: string | null;
  backfill_from: Date | null;
  backfilled: number;
}

export interface FollowOptions {
  signal?: AbortSignal | undefined;
  eventsAtOnce?: number;
}

/**
 * Writes down a voice for each event that is one, once: what is new in the events store by its blocks, so that it does not
 * matter when something happened or arrived, and what was there before anybody followed, newest first, up to a limit.
 * Stops anywhere without harm: where it is stands in the transaction that writes the voices. Returns how many were written;
 * null where another process follows.
 */
export async function followVoices(context: Context, options: FollowOptions = {}): Promise<number | null> {
  const client = await context.records.pool.connect();
  try {
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [FOLLOW_LOCK]);
    if (!rows[0]!.got) return null;
    try {
      return await catchUp(context, options);
    } finally {
      await client.query('SELECT pg_advisory_unlock($1)', [FOLLOW_LOCK]);
    }
  } finally {
    client.release();
  }
}

async function catchUp(context: Context, { signal, eventsAtOnce = EVENTS_AT_ONCE }: FollowOptions): Promise<number> {
  const { following } = await readSettings(context);
  let written = 0;
  let more = true;
  while (more && !signal?.aborted) {
    const state = await stateOf(context);
    const newest = await newestBlock(context);
    if (state.block === null) {
      await begin(context, newest);
    } else if (newest < state.block) {
      // The store is another than before: all of it is looked at, and what is known is known by its ID.
      await context.records.pool.query('UPDATE voices_state SET block = -1, round_block = NULL, round_after = NULL');
    } else if (state.round_block !== null || newest > state.block) {
      written += await goRound(context, following, state, newest, eventsAtOnce);
    } else if (state.backfill_before !== null) {
      written += await goBack(context, following, state, eventsAtOnce);
    } else more = false;
  }
  return written;
}

async function stateOf({ records }: Context): Promise<State> {
  const { rows } = await records.pool.query<State>(
    `SELECT block, round_block, round_after, backfill_before, backfill_after, backfill_from, backfilled FROM voices_state`,
  );
  return rows[0]!;
}

async function newestBlock({ events }: Context): Promise<number> {
  const rows = await events.query<{ block: string }>(
    `SELECT toString(max(max_block_number)) AS block FROM system.parts
     WHERE active AND database = currentDatabase() AND table = 'events' HAVING count() > 0`,
  );
  return Number(rows[0]?.block ?? -1);
}

/** The first time: from here on by blocks, and what is there already backwards. */
async function begin(context: Context, newest: number): Promise<void> {
  const { backfillDays } = await readSettings(context);
  await context.records.pool.query(
    `UPDATE voices_state SET block = $1, backfill_before = CASE WHEN $2 > 0 THEN now() + interval '1 day' END,
       backfill_from = now() - make_interval(days => $2)`,
    [newest, backfillDays],
  );
}

/** The next events of the round; at its end the round is closed. */
async function goRound(
  context: Context,
  rules: FollowRule[],
  state: State,
  newest: number,
  most: number,
): Promise<number> {
  const to = state.round_block ?? newest;
  const rows = await readEvents(context, rules, {
    where: afterBlock(state.block!),
    after: state.round_after === null ? '' : 'e.event_id > {after:UUID}',
    order: 'e.event_id',
    params: state.round_after === null ? {} : { after: state.round_after },
    most,
  });
  const last = rows.at(-1);
  return write(context, rules, rows, (client) =>
    rows.length < most || !last
      ? client.query('UPDATE voices_state SET block = $1, round_block = NULL, round_after = NULL', [to])
      : client.query('UPDATE voices_state SET round_block = $1, round_after = $2', [to, last.event_id]),
  );
}

/** The next older events of before anybody followed. */
async function goBack(context: Context, rules: FollowRule[], state: State, most: number): Promise<number> {
  const before = state.backfill_before!.getTime();
  const rows = await readEvents(context, rules, {
    where:
      "timestamp >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND timestamp <= fromUnixTimestamp64Milli({before:Int64}, 'UTC')",
    after:
      state.backfill_after === null
        ? ''
        : "(timestamp < fromUnixTimestamp64Milli({before:Int64}, 'UTC') OR e.event_id < {after:UUID})",
    order: 'timestamp DESC, e.event_id DESC',
    params: {
      from: state.backfill_from?.getTime() ?? 0,
      before,
      ...(state.backfill_after === null ? {} : { after: state.backfill_after }),
    },
    most,
  });
  const last = rows.at(-1);
  return write(context, rules, rows, (client, written) =>
    rows.length < most || !last || state.backfilled + written >= BACKFILL_LIMIT
      ? client.query(
          'UPDATE voices_state SET backfill_before = NULL, backfill_after = NULL, backfilled = backfilled + $1',
          [written],
        )
      : client.query(
          'UPDATE voices_state SET backfill_before = $1, backfill_after = $2, backfilled = backfilled + $3',
          [new Date(Number(last.at)), last.event_id, written],
        ),
  );
}

async function readEvents(
  { events }: Context,
  rules: readonly FollowRule[],
  asked: { where: string; after: string; order: string; params: Record<string, string | number>; most: number },
): Promise<EventRow[]> {
  if (rules.length === 0) return [];
  return events.query<EventRow>(
    `SELECT e.event_id AS event_id, e.origin_id AS origin_id, source_id, name, channel, path, url, locale,
       toString(toUnixTimestamp64Milli(timestamp)) AS at, toString(toUnixTimestamp64Milli(session_start)) AS session,
       toJSONString(e.properties) AS properties
     FROM events AS e WHERE ${asked.where} AND type = 'track' AND name IN {names:Array(String)} ${asked.after && `AND ${asked.after}`}
     ORDER BY ${asked.order} LIMIT ${Number(asked.most)}`,
    { ...asked.params, names: [...new Set(rules.map((rule) => rule.event))] },
    { seconds: 120 },
  );
}

type See = (context: Context, client: pg.PoolClient, rows: readonly EventRow[]) => Promise<void>;
const watchers: See[] = [];

/** Lets another part of this app act on the events looked at, also those without words, in the transaction that notes them. */
export const onSeen = (see: See): void => void watchers.push(see);

/** Voices and place in one transaction. */
async function write(
  context: Context,
  rules: readonly FollowRule[],
  rows: readonly EventRow[],
  note: (client: pg.PoolClient, written: number) => Promise<unknown>,
): Promise<number> {
  const voices = rows.flatMap((row) => voiceOf(row, rules) ?? []);
  const scores = await scoresOf(context, rows);
  return context.records.transaction(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock_shared($1)', [VOICES_LOCK]);
    const written = await insert(client, voices);
    await scores.write(client);
    await supersede(client, voices);
    for (const see of watchers) await see(context, client, rows);
    await note(client, written);
    return written;
  });
}

/** Voices of people who are there still, each event once. */
async function insert(client: pg.PoolClient, voices: readonly NewVoice[]): Promise<number> {
  if (voices.length === 0) return 0;
  const { rowCount } = await client.query(
    `INSERT INTO voices_voices (event_id, origin_id, source_id, of, channel, said_at, text, score, scale, score_kind, path,
       element, place, author, url, contact, hint, session_start, survey_id, response_id, answer_key, picture_id)
     SELECT v.* FROM jsonb_to_recordset($1) AS v (event_id uuid, origin_id bigint, source_id integer, of text, channel text,
       said_at timestamptz, text text, score double precision, scale double precision, score_kind text, path text,
       element text, place text, author text, url text, contact text, hint text, session_start timestamptz, survey_id text,
       response_id text, answer_key text, picture_id uuid)
     WHERE EXISTS (SELECT FROM persons p WHERE p.id = v.origin_id)
       AND NOT EXISTS (SELECT FROM privacy_erasures e WHERE e.state <> 'done' AND v.origin_id = ANY (e.origins))
     ON CONFLICT (event_id) DO NOTHING`,
    [JSON.stringify(voices)],
  );
  return rowCount ?? 0;
}

/** An answer that was changed is said once: as it was said last, whatever arrived last. */
async function supersede(client: pg.PoolClient, voices: readonly NewVoice[]): Promise<void> {
  const keys = [...new Set(voices.flatMap((voice) => voice.answer_key ?? []))];
  if (keys.length === 0) return;
  await client.query(
    `UPDATE voices_voices v SET superseded = newest.id <> v.id FROM (
       SELECT DISTINCT ON (answer_key) answer_key, id FROM voices_voices WHERE answer_key = ANY ($1::text[])
       ORDER BY answer_key, said_at DESC, event_id DESC) AS newest
     WHERE v.answer_key = newest.answer_key AND v.superseded <> (newest.id <> v.id)`,
    [keys],
  );
}
