import type pg from 'pg';
import type { Records } from '../../kernel/records.ts';
import { refuse } from '../../kernel/refusal.ts';
import { lockIdentity, originsOf } from '../people/merge.ts';
import { rootOf } from '../people/root.ts';
import { listPurposes } from './purposes.ts';

/** That a person's data is kept but not used, or not used for a purpose it objects to. */
export interface Restriction {
  personId: number;
  /** Empty: for everything. */
  purpose: string;
  reason: string;
  by: string;
  at: Date;
}

/** What must not be done with a person's data. */
export interface Standing {
  restricted: boolean;
  objections: ReadonlySet<string>;
}

type Stores = { records: Records };

/**
 * Restricts the use of a person's data: to keeping it, or, with a purpose, by an objection to that purpose. Repeating it
 * changes the reason. Refuses with 404 an unknown person or purpose.
 */
export async function restrict(
  stores: Stores,
  personId: number,
  input: { purpose: string; reason: string; by: string },
): Promise<void> {
  await checkPurpose(stores, input.purpose);
  await stores.records.transaction(async (client) => {
    await lockIdentity(client);
    const root = await rootOf(client, personId);
    if (root === null) throw refuse.notFound('There is no such person.');
    await client.query(
      `INSERT INTO privacy_restrictions (person_id, purpose, reason, by_name) VALUES ($1, $2, $3, $4)
       ON CONFLICT (person_id, purpose) DO UPDATE SET reason = excluded.reason, by_name = excluded.by_name, at = now()`,
      [root, input.purpose, input.reason, input.by],
    );
  });
}

/** Takes a restriction, or an objection, back. Refuses with 404 where there is none. */
export async function unrestrict({ records }: Stores, personId: number, purpose: string): Promise<void> {
  await records.transaction(async (client) => {
    await lockIdentity(client);
    const root = await rootOf(client, personId);
    if (root === null) throw refuse.notFound('There is no such person.');
    const origins = (await originsOf(client, [root])).map((origin) => origin.id);
    const { rowCount } = await client.query(
      'DELETE FROM privacy_restrictions WHERE person_id = ANY ($1::bigint[]) AND purpose = $2',
      [origins, purpose],
    );
    if (!rowCount) throw refuse.notFound('There is nothing to take back: this person is not restricted in that way.');
  });
}

async function checkPurpose(stores: Stores, purpose: string): Promise<void> {
  if (purpose === '') return;
  const known = (await listPurposes(stores)).some((one) => one.key === purpose);
  if (!known) throw refuse.notFound(`There is no purpose "${purpose}".`);
}

/** What stands about the given persons, as first met. */
export async function restrictionsOf(
  records: pg.Pool | pg.PoolClient,
  origins: readonly number[],
): Promise<Restriction[]> {
  const { rows } = await records.query<Restriction>(
    `SELECT person_id AS "personId", purpose, reason, by_name AS by, at FROM privacy_restrictions
     WHERE person_id = ANY ($1::bigint[]) ORDER BY at`,
    [origins],
  );
  return rows;
}

/**
 * Of the given persons (roots or as first met) those whose data may not be used, or not for everything; of merged persons
 * what was said of any part. Whoever lists, scores, targets or sends asks here.
 */
export async function restrictions(
  { records }: { records: { pool: pg.Pool } },
  ids: readonly number[],
): Promise<Map<number, Standing>> {
  const found = new Map<number, { restricted: boolean; objections: Set<string> }>();
  if (ids.length === 0) return found;
  const { rows } = await records.pool
    .query<{ id: number; purpose: string }>({
      name: 'privacy-restrictions',
      text: `SELECT asked.id, r.purpose FROM privacy_restrictions r JOIN persons said ON said.id = r.person_id
             JOIN persons asked ON asked.root_id = said.root_id WHERE asked.id = ANY ($1::bigint[])`,
      values: [ids],
    })
    .catch((error: { code?: string }) => {
      // Without the module of privacy nobody is restricted.
      if (error.code === '42P01') return { rows: [] };
      throw error;
    });
  for (const { id, purpose } of rows) {
    const standing = found.get(id) ?? { restricted: false, objections: new Set<string>() };
    if (purpose === '') standing.restricted = true;
    else standing.objections.add(purpose);
    found.set(id, standing);
  }
  return found;
}
