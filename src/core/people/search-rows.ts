import type pg from 'pg';

/** Of the newest people this many are read through for words that many people have. */
const NEWEST = 10_000;

/** Share of all people that must have the words for reading through the newest to be the quicker way. */
const COMMON_SHARE = 0.01;

/** People taken from the index of words before they are put in order. */
const TAKEN = 2000;

const SHARES_KEPT_MS = 60_000;

/** Largest number of codes compared with each of the newest people. */
const CODES_COMPARED = 100;

let kept: { of: pg.Pool; at: number; map: Map<number, number> } | null = null;

/**
 * A connection on which PostgreSQL goes through the index of words and nothing else: its estimate of how many people have
 * one of many rare words is far too high, and reading all people through instead takes seconds.
 */
export async function onWordIndex<T>(records: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await records.connect();
  try {
    await client.query(`BEGIN READ ONLY; SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off;
      SET LOCAL statement_timeout = '5s'`);
    const result = await work(client);
    await client.query('COMMIT');
    client.release();
    return result;
  } catch (error) {
    client.release(error as Error);
    throw error;
  }
}

/**
 * People that have, of each list of codes, at least one, up to `limit`. Newest first, among the first TAKEN where the
 * words are common but not so common that the newest people have them.
 */
export async function peopleWithWords(
  client: pg.PoolClient,
  shares: ReadonlyMap<number, number>,
  lists: readonly number[][],
  limit: number,
): Promise<number[]> {
  if (lists.some((codes) => codes.length === 0)) return [];
  const conditions = lists.map((_, i) => `words && $${i + 2}::integer[]`).join(' AND ');
  if (areCommon(shares, lists)) {
    await client.query('SET LOCAL enable_indexscan = on');
    const newest = await client.query<{ person_id: number }>(
      `SELECT person_id FROM (SELECT person_id, words FROM people_search ORDER BY person_id DESC LIMIT ${NEWEST}) AS newest
       WHERE ${conditions} ORDER BY person_id DESC LIMIT $1`,
      [limit, ...lists],
    );
    await client.query('SET LOCAL enable_indexscan = off');
    if (newest.rows.length >= limit) return newest.rows.map((row) => row.person_id);
  }
  const { rows } = await client.query<{ person_id: number }>(
    `SELECT person_id FROM people_search WHERE ${conditions} LIMIT $1`,
    [Math.max(TAKEN, limit), ...lists],
  );
  return rows
    .map((row) => row.person_id)
    .sort((a, b) => b - a)
    .slice(0, limit);
}

function areCommon(shares: ReadonlyMap<number, number>, lists: readonly number[][]): boolean {
  if (lists.some((codes) => codes.length > CODES_COMPARED)) return false;
  let share = 1;
  for (const codes of lists) {
    let any = 0;
    for (const code of codes) any += shares.get(code) ?? 0;
    share *= Math.min(1, any);
  }
  return share >= COMMON_SHARE;
}

/** The share of all people that has a word, for the commonest words, as PostgreSQL last analysed it. */
export async function wordShares(records: pg.Pool): Promise<ReadonlyMap<number, number>> {
  if (kept && kept.of === records && Date.now() - kept.at < SHARES_KEPT_MS) return kept.map;
  const { rows } = await records.query<{ codes: number[]; shares: number[] }>(
    `SELECT most_common_elems::text::integer[] AS codes, most_common_elem_freqs AS shares FROM pg_stats
     WHERE schemaname = current_schema() AND tablename = 'people_search' AND attname = 'words'`,
  );
  const [row] = rows;
  const map = new Map(row?.codes?.map((code, i) => [code, row.shares[i]!]) ?? []);
  kept = { of: records, at: Date.now(), map };
  return map;
}
