import type pg from 'pg';
import type { Subject } from '../../kernel/app.ts';
import { originsOf } from '../people/merge.ts';
import { rootOf } from '../people/root.ts';

/** The person that an ID, its own or one merged into it, stands for, with all that it is made of; null where there is none. */
export async function subjectOf(
  records: pg.Pool | pg.PoolClient,
  personId: number,
): Promise<(Subject & { root: number }) | null> {
  const root = await rootOf(records, personId);
  if (root === null) return null;
  const origins = (await originsOf(records, [root])).map((origin) => origin.id);
  return { root, origins, identifiers: await identifiersOfOrigins(records, origins) };
}

/** The identifiers of persons as first met, in their normal form. */
export async function identifiersOfOrigins(
  records: pg.Pool | pg.PoolClient,
  origins: readonly number[],
): Promise<Subject['identifiers']> {
  const { rows } = await records.query<{ kind: string; value: string }>(
    `SELECT k.kind, i.value FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id
     WHERE i.person_id = ANY ($1::bigint[]) ORDER BY k.priority, i.first_seen_at, i.value`,
    [origins],
  );
  return rows;
}
