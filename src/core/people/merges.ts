import type pg from 'pg';
import { refuse } from '../../kernel/refusal.ts';
import {
  changeIdentityVersion,
  lockIdentity,
  MERGE_COLUMNS,
  type Merge,
  type MergeRow,
  MergeStopped,
  mergeOf,
  mergePersons,
  originsOf,
  takeApart,
} from './merge.ts';
import { publishOverrides, type Stores } from './overrides.ts';
import { rootOf } from './root.ts';

/**
 * Makes two people one because someone says so. Refuses with 404 where one of them does not exist, with 409 where they
 * are one already, where the whole would have more identifiers of a kind than the kind allows, or would be made of too
 * many persons.
 */
export async function mergeByHand(
  stores: Stores,
  input: { intoId: number; fromId: number; by: string },
): Promise<Merge> {
  const merge = await stores.records.transaction(async (client) => {
    await lockIdentity(client);
    const intoRoot = await rootOf(client, input.intoId);
    const fromRoot = await rootOf(client, input.fromId);
    if (intoRoot === null) throw refuse.notFound(`There is no person ${input.intoId}.`);
    if (fromRoot === null) throw refuse.notFound(`There is no person ${input.fromId}.`);
    if (intoRoot === fromRoot) throw refuse.conflict('These two are one person already.');
    const origins = await originsOf(client, [intoRoot, fromRoot]);
    await refuseTooMany(
      client,
      origins.map((origin) => origin.id),
    );
    await forgetKeptApart(client, origins, intoRoot);
    await changeIdentityVersion(client);
    try {
      return await mergePersons(client, { intoRoot, fromRoot, cause: { type: 'manual', by: input.by } });
    } catch (error) {
      if (error instanceof MergeStopped) throw refuse.conflict(`These two cannot be merged: ${error.message}.`);
      throw error;
    }
  });
  await publishOverrides(stores);
  return merge;
}

/** Takes a merge back. Refuses with 404 where there is none, with 409 where it was taken back before. */
export async function undoMerge(
  stores: Stores,
  mergeId: number,
  by: string,
): Promise<{ merge: Merge; roots: [number, number] }> {
  const done = await stores.records.transaction(async (client) => {
    await lockIdentity(client);
    const { rows } = await client.query<MergeRow>(`SELECT ${MERGE_COLUMNS} FROM merges WHERE id = $1`, [mergeId]);
    if (!rows[0]) throw refuse.notFound(`There is no merge ${mergeId}.`);
    if (rows[0].undone_at) throw refuse.conflict('This merge was undone before.');
    return takeApart(client, mergeOf(rows[0]), by);
  });
  await publishOverrides(stores);
  return done;
}

async function refuseTooMany(client: pg.PoolClient, origins: readonly number[]): Promise<void> {
  const { rows } = await client.query<{ kind: string; count: number; allowed: number }>(
    `SELECT k.kind, count(*)::int AS count, k.max_per_person AS allowed
     FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id
     WHERE i.person_id = ANY ($1::bigint[]) GROUP BY k.id HAVING count(*) > k.max_per_person ORDER BY k.priority`,
    [origins],
  );
  if (rows.length === 0) return;
  const limits = rows.map(
    ({ kind, count, allowed }) => `${count} identifiers of the kind ${kind}, of which ${allowed} are allowed`,
  );
  throw refuse.conflict(
    `These two cannot be merged: the person would have ${limits.join(', and ')}. A higher limit can be set under identifier kinds.`,
    { limits: rows },
  );
}

/** Who merges two by hand knows better than an earlier undoing. */
async function forgetKeptApart(
  client: pg.PoolClient,
  origins: readonly { id: number; root: number }[],
  intoRoot: number,
): Promise<void> {
  const ones = origins.filter((origin) => origin.root === intoRoot).map((origin) => origin.id);
  const others = origins.filter((origin) => origin.root !== intoRoot).map((origin) => origin.id);
  await client.query(
    `DELETE FROM kept_apart WHERE (one_id = ANY ($1::bigint[]) AND other_id = ANY ($2::bigint[]))
       OR (one_id = ANY ($2::bigint[]) AND other_id = ANY ($1::bigint[]))`,
    [ones, others],
  );
}
