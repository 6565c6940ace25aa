import type pg from 'pg';
import type { Records } from '../../kernel/records.ts';
import type { Portion } from './batch.ts';

/** How far each partition is applied in the records store. */
export async function readPositions(records: Records): Promise<Map<number, number>> {
  const { rows } = await records.pool.query<{ partition: number; position: number }>(
    'SELECT partition, position FROM stream_positions',
  );
  return new Map(rows.map((row) => [row.partition, row.position]));
}

/** Written in the transaction that applies the portions. */
export async function writePositions(client: pg.PoolClient, portions: readonly Portion[]): Promise<void> {
  await client.query(
    `INSERT INTO stream_positions (partition, position) SELECT * FROM unnest($1::int[], $2::bigint[])
     ON CONFLICT (partition) DO UPDATE SET position = greatest(stream_positions.position, excluded.position)`,
    [portions.map((p) => p.partition), portions.map((p) => p.records.at(-1)!.position)],
  );
}
