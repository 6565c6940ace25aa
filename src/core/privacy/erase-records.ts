import type pg from 'pg';
import type { Subject } from '../../kernel/app.ts';
import type { Records } from '../../kernel/records.ts';
import { replayMerges } from '../people/forest.ts';
import { changeIdentityVersion, lockIdentity } from '../people/merge.ts';
import { indexedWords, wordCode } from '../people/words.ts';
import { mentionsOf } from './mention.ts';

/** So many other people are looked at to see whether one of them has a word of the erased person; more have it for sure. */
const OTHERS_LOOKED_AT = 200;

/**
 * Removes the person from every table of people: one transaction under the identity lock, so that the stream never sees a
 * part of it. Other persons keep what is theirs; one that was merged with the erased person meanwhile, but was not part
 * of it when the erasure was decided, becomes a person of its own again. Returns how many rows went.
 */
export async function erasePeople(records: Records, { origins }: Subject): Promise<number> {
  return records.transaction(async (client) => {
    await lockIdentity(client);
    const words = await wordsOf(client, origins);
    await setApart(client, origins);
    let removed = 0;
    for (const [table, where] of OWN_ROWS) {
      const { rowCount } = await client.query(`DELETE FROM ${table} WHERE ${where}`, [origins]);
      removed += rowCount ?? 0;
    }
    await forgetWords(client, words);
    await changeIdentityVersion(client);
    return removed;
  });
}

const IN = '= ANY ($1::bigint[])';
const OWN_ROWS: [table: string, where: string][] = [
  ['trait_history', `person_id ${IN}`],
  ['memberships', `person_id ${IN}`],
  ['merges', `into_id ${IN} OR from_id ${IN} OR into_origin ${IN} OR from_origin ${IN} OR moved && $1::bigint[]`],
  ['kept_apart', `one_id ${IN} OR other_id ${IN}`],
  [
    'identity_reports',
    `person_id ${IN} OR (identifier_kind, identifier_value) IN (
       SELECT k.kind, i.value FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id WHERE i.person_id ${IN})`,
  ],
  ['people_search', `person_id ${IN}`],
  ['people_changed', `person_id ${IN}`],
  ['people_facts_replaced', `person_id ${IN}`],
  ['identifiers', `person_id ${IN}`],
  ['persons', `id ${IN}`],
];

/** Persons that count as the erased one but are not to be erased get roots of their own. */
async function setApart(client: pg.PoolClient, origins: readonly number[]): Promise<void> {
  const { rows: others } = await client.query<{ id: number; root_id: number }>(
    `SELECT id, root_id FROM persons WHERE id <> ALL ($1::bigint[])
       AND root_id IN (SELECT root_id FROM persons WHERE id ${IN})`,
    [origins],
  );
  if (others.length === 0) return;
  const ids = others.map((other) => other.id);
  const { rows: merges } = await client.query<{ into: number; from: number }>(
    `SELECT coalesce(into_origin, into_id) AS into, coalesce(from_origin, from_id) AS from FROM merges
     WHERE coalesce(into_origin, into_id) ${IN} AND undone_at IS NULL ORDER BY id`,
    [ids],
  );
  const roots = replayMerges(ids, merges);
  await client.query(
    `UPDATE persons SET root_id = m.root FROM unnest($1::bigint[], $2::bigint[]) AS m (id, root) WHERE persons.id = m.id`,
    [ids, ids.map((id) => roots.get(id)!)],
  );
}

/** All words by which the person could ever be found: from what it is now, and from values it had. */
async function wordsOf(client: pg.PoolClient, origins: readonly number[]): Promise<Set<string>> {
  const { rows } = await client.query<{ value: unknown }>(
    `SELECT t.value -> 0 AS value FROM persons, jsonb_each(traits) t WHERE id ${IN}
     UNION ALL SELECT value FROM trait_history WHERE person_id ${IN}
     UNION ALL SELECT to_jsonb(value) FROM identifiers WHERE person_id ${IN}`,
    [origins],
  );
  const words = new Set<string>();
  for (const { value } of rows) for (const word of indexedWords(texts(value, 3))) words.add(word);
  return words;
}

function* texts(value: unknown, depth: number): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'number') yield String(value);
  else if (typeof value === 'object' && value !== null && depth > 0) {
    for (const inner of Object.values(value)) yield* texts(inner, depth - 1);
  }
}

/** The search keeps a list of all words that anybody has: those that nobody else has go. */
async function forgetWords(client: pg.PoolClient, words: ReadonlySet<string>): Promise<void> {
  // The person's own row is gone by now, so whoever is found by a word's code is somebody else.
  for (const word of words) {
    const { rows } = await client.query<{ person_id: number }>(
      `SELECT person_id FROM people_search WHERE words && ARRAY[$1::integer] LIMIT ${OTHERS_LOOKED_AT}`,
      [wordCode(word)],
    );
    if (rows.length === OTHERS_LOOKED_AT) continue;
    const others = rows.map((row) => row.person_id);
    if (others.length > 0 && (await haveWord(client, others, word))) continue;
    await client.query('DELETE FROM search_words WHERE word = $1', [word]);
  }
}

/** Codes of different words may be the same, so the words themselves are compared. */
async function haveWord(client: pg.PoolClient, roots: readonly number[], word: string): Promise<boolean> {
  const { rows } = await client.query<{ value: unknown }>(
    `WITH parts AS (SELECT id, traits FROM persons WHERE id ${IN} OR root_id ${IN})
     SELECT t.value -> 0 AS value FROM parts, jsonb_each(traits) t
     UNION ALL SELECT to_jsonb(i.value) FROM parts JOIN identifiers i ON i.person_id = parts.id`,
    [roots],
  );
  return rows.some(({ value }) => indexedWords(texts(value, 3)).has(word));
}

/** Rows that know the person only by what is written in them: read through, and removed where they mention it. */
export async function eraseMentions(
  records: Records,
  subject: Subject,
  where: { table: string; id: string; text: string },
): Promise<number> {
  const mentions = await mentionsOf(records, subject);
  if (mentions.pattern === null) return 0;
  let removed = 0;
  const client = await records.pool.connect();
  try {
    await client.query('BEGIN');
    await client.query("SET LOCAL statement_timeout = '10min'");
    const { rows } = await client.query<{ id: string; text: string }>(
      `SELECT ${where.id}::text AS id, ${where.text} AS text FROM ${where.table} WHERE ${where.text} ~* $1`,
      [mentions.pattern],
    );
    const ids = rows.filter((row) => mentions.in(row.text)).map((row) => row.id);
    if (ids.length > 0) {
      const { rowCount } = await client.query(`DELETE FROM ${where.table} WHERE ${where.id}::text = ANY ($1::text[])`, [
        ids,
      ]);
      removed = rowCount ?? 0;
    }
    await client.query('COMMIT');
    return removed;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}
