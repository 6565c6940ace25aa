import type pg from 'pg';
import { replayMerges } from './forest.ts';

/** Every change of who is who happens under this advisory lock, in any process, in the transaction that makes it. */
export const IDENTITY_LOCK = 7_401_002;

/** A person made of more persons than this is a shared device or address, not a person: it grows no further. */
export const ORIGINS_LIMIT = 100;

/** Two persons that turned out to be one, on record with what showed it. */
export interface Merge {
  id: number;
  intoId: number;
  fromId: number;
  /** Persons whose root the merge, or its undoing, changed. */
  moved: number[];
  cause: Record<string, unknown>;
  at: Date;
  undoneAt: Date | null;
  undoneBy: string | null;
}

export interface NewMerge {
  /** The person that stays. Both are roots. */
  intoRoot: number;
  fromRoot: number;
  /** What showed that they are one, for example `{ messageId, identifiers }` or `{ by: 'a name' }`. */
  cause: Record<string, unknown>;
  /** The persons, as first met, whose identifiers came together; the roots where left out. */
  intoOrigin?: number;
  fromOrigin?: number;
}

/** The merge would make a person of too many; nothing was changed. */
export class MergeStopped extends Error {}

export async function lockIdentity(client: pg.PoolClient): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [IDENTITY_LOCK]);
}

/** Makes every process that remembers who is who forget it. */
export async function changeIdentityVersion(client: pg.PoolClient): Promise<void> {
  await client.query('UPDATE identity_version SET version = version + 1');
}

/**
 * Makes two persons one, under the identity lock, in the caller's transaction: the roots change, nothing else moves.
 * After the commit call `publishOverrides`. Throws MergeStopped past ORIGINS_LIMIT.
 */
export async function mergePersons(client: pg.PoolClient, merge: NewMerge): Promise<Merge> {
  const { intoRoot, fromRoot } = merge;
  const members = await originsOf(client, [intoRoot, fromRoot]);
  const moved = members.filter((member) => member.root === fromRoot).map((member) => member.id);
  if (intoRoot === fromRoot || moved.length === 0 || !members.some((member) => member.root === intoRoot)) {
    throw new Error(`Persons ${intoRoot} and ${fromRoot} are not two roots.`);
  }
  if (members.length > ORIGINS_LIMIT) {
    throw new MergeStopped(
      `the person would be made of ${members.length} persons; more than ${ORIGINS_LIMIT} are a shared device or address`,
    );
  }
  await client.query('UPDATE persons SET root_id = $1 WHERE id = ANY ($2::bigint[])', [intoRoot, moved]);
  const { rows } = await client.query<MergeRow>(
    `INSERT INTO merges (into_id, from_id, into_origin, from_origin, moved, cause)
     VALUES ($1, $2, $3, $4, $5, $6) RETURNING ${MERGE_COLUMNS}`,
    [intoRoot, fromRoot, merge.intoOrigin ?? null, merge.fromOrigin ?? null, moved, JSON.stringify(merge.cause)],
  );
  return mergeOf(rows[0]!);
}

/**
 * Takes a merge back, whatever was merged since: what it joined is two persons again, each with the merges that are its
 * own and with all that came to it since. Remembers that the two are different people. Returns the roots of the two.
 * In the caller's transaction, under the identity lock; call `publishOverrides` after the commit.
 */
export async function takeApart(
  client: pg.PoolClient,
  merge: Merge & { intoOrigin: number; fromOrigin: number },
  by: string,
): Promise<{ merge: Merge; roots: [number, number] }> {
  const { rows: members } = await client.query<{ id: number; root_id: number }>(
    `SELECT id, root_id FROM persons WHERE root_id = (SELECT root_id FROM persons WHERE id = $1) AND root_id <> id
     UNION ALL SELECT id, root_id FROM persons WHERE id = (SELECT root_id FROM persons WHERE id = $1)`,
    [merge.intoOrigin],
  );
  const ids = members.map((member) => member.id);
  const { rows: others } = await client.query<{ into: number; from: number }>(
    `SELECT coalesce(into_origin, into_id) AS into, coalesce(from_origin, from_id) AS from FROM merges
     WHERE coalesce(into_origin, into_id) = ANY ($1::bigint[]) AND undone_at IS NULL AND id <> $2 ORDER BY id`,
    [ids, merge.id],
  );
  const roots = replayMerges(ids, others);
  const changed = members.filter((member) => roots.get(member.id) !== member.root_id).map((member) => member.id);
  await client.query(
    `UPDATE persons SET root_id = m.root FROM unnest($1::bigint[], $2::bigint[]) AS m (id, root) WHERE persons.id = m.id`,
    [changed, changed.map((id) => roots.get(id)!)],
  );
  const { rows } = await client.query<MergeRow>(
    `UPDATE merges SET undone_at = now(), undone_by = $2, published = false, folded_at = NULL, moved = $3
     WHERE id = $1 RETURNING ${MERGE_COLUMNS}`,
    [merge.id, by, [...new Set([...merge.moved, ...changed])]],
  );
  const [one, other] = [merge.intoOrigin, merge.fromOrigin].sort((a, b) => a - b);
  await client.query('INSERT INTO kept_apart (one_id, other_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [one, other]);
  await changeIdentityVersion(client);
  return { merge: mergeOf(rows[0]!), roots: [roots.get(merge.intoOrigin)!, roots.get(merge.fromOrigin)!] };
}

/** The persons, as first met, that the given roots are made of. */
export async function originsOf(
  client: pg.PoolClient | pg.Pool,
  roots: readonly number[],
): Promise<{ id: number; root: number }[]> {
  const { rows } = await client.query<{ id: number; root: number }>({
    name: 'origins-of',
    text: `SELECT id, root_id AS root FROM persons WHERE id = ANY ($1::bigint[]) AND root_id = id
           UNION ALL
           SELECT id, root_id AS root FROM persons WHERE root_id = ANY ($1::bigint[]) AND root_id <> id`,
    values: [roots],
  });
  return rows;
}

/** Which of the given roots an undone merge has shown to be different people: pairs `smaller:larger` of roots. */
export async function keptApart(client: pg.PoolClient, roots: readonly number[]): Promise<Set<string>> {
  if (roots.length < 2) return new Set();
  const { rows } = await client.query<{ one: number; other: number }>(
    `WITH origins AS (
       SELECT id, root_id FROM persons WHERE id = ANY ($1::bigint[]) AND root_id = id
       UNION ALL
       SELECT id, root_id FROM persons WHERE root_id = ANY ($1::bigint[]) AND root_id <> id)
     SELECT DISTINCT a.root_id AS one, b.root_id AS other
     FROM origins a JOIN kept_apart k ON k.one_id = a.id JOIN origins b ON b.id = k.other_id
     WHERE a.root_id <> b.root_id`,
    [roots],
  );
  return new Set(rows.map(({ one, other }) => `${Math.min(one, other)}:${Math.max(one, other)}`));
}

export interface MergeRow {
  id: number;
  into_id: number;
  from_id: number;
  into_origin: number | null;
  from_origin: number | null;
  moved: string[] | number[];
  cause: Record<string, unknown>;
  at: Date;
  undone_at: Date | null;
  undone_by: string | null;
}

export const MERGE_COLUMNS = 'id, into_id, from_id, into_origin, from_origin, moved, cause, at, undone_at, undone_by';

export function mergeOf(row: MergeRow): Merge & { intoOrigin: number; fromOrigin: number } {
  return {
    id: row.id,
    intoId: row.into_id,
    fromId: row.from_id,
    intoOrigin: row.into_origin ?? row.into_id,
    fromOrigin: row.from_origin ?? row.from_id,
    moved: row.moved.map(Number),
    cause: row.cause,
    at: row.at,
    undoneAt: row.undone_at,
    undoneBy: row.undone_by,
  };
}
export { publishOverrides } from './overrides.ts';
