import type pg from 'pg';

/** Whom a person, as first met, belongs to now; null where there is no such person. */
export async function rootOf(records: pg.Pool | pg.PoolClient, personId: number): Promise<number | null> {
  const { rows } = await records.query<{ root_id: number }>({
    name: 'root-of',
    text: 'SELECT root_id FROM persons WHERE id = $1',
    values: [personId],
  });
  return rows[0]?.root_id ?? null;
}
