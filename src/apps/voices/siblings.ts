import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { ANSWERED, type EventRow, numberAt, propertiesOf } from './voice-of.ts';

/** Kinds of answers that are scores, the one that says most about a mood first. */
const KINDS = ['nps', 'csat', 'rating', 'ces'];

interface Score {
  response: string;
  kind: string;
  score: number;
  scale: number;
}

/**
 * The scores that were given in the same responses as these answers: an answer in words seldom stands alone. Whichever of
 * the two arrives first, the voice gets its score; a voice that had been understood without it is looked at again.
 */
export async function scoresOf(
  { events }: Pick<Context, 'events'>,
  rows: readonly EventRow[],
): Promise<{ write(client: pg.PoolClient): Promise<void> }> {
  const answers = rows.filter((row) => row.name === ANSWERED);
  const responses = new Set<string>();
  for (const row of answers) {
    const { responseId } = propertiesOf(row);
    if (typeof responseId === 'string' && responseId !== '') responses.add(responseId);
  }
  if (responses.size === 0) return { write: async () => {} };
  const found = await events.query<EventRow>(
    `SELECT name, toJSONString(e.properties) AS properties, toString(toUnixTimestamp64Milli(timestamp)) AS at FROM events AS e
     WHERE origin_id IN {origins:Array(UInt64)} AND name = {name:String} AND toString(e.properties.responseId) IN {responses:Array(String)}
       AND toString(e.properties.kind) IN {kinds:Array(String)} ORDER BY timestamp LIMIT 5000`,
    { origins: answers.map((row) => Number(row.origin_id)), name: ANSWERED, responses: [...responses], kinds: KINDS },
  );
  const best = new Map<string, Score>();
  for (const row of found) {
    const properties = propertiesOf(row);
    const [score, scale] = [numberAt(properties, 'score'), numberAt(properties, 'scale')];
    const [response, kind] = [String(properties.responseId), String(properties.kind)];
    const known = best.get(response);
    // In the order of time, so of one kind the later counts.
    if (score === null || scale === null || score < 0 || score > scale) continue;
    if (!known || KINDS.indexOf(kind) <= KINDS.indexOf(known.kind))
      best.set(response, { response, kind, score, scale });
  }
  return {
    async write(client) {
      await client.query(
        `UPDATE voices_voices v SET score = s.score, scale = s.scale, score_kind = s.kind, stale = v.understood_at IS NOT NULL
         FROM jsonb_to_recordset($1) AS s (response text, kind text, score double precision, scale double precision)
         WHERE v.response_id = s.response AND v.of = $2
           AND (v.score, v.scale, v.score_kind) IS DISTINCT FROM (s.score, s.scale, s.kind)`,
        [JSON.stringify([...best.values()]), ANSWERED],
      );
    },
  };
}
