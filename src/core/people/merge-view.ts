import type pg from 'pg';
import { z } from 'zod';
import { MERGE_COLUMNS, type Merge, type MergeRow, mergeOf } from './merge.ts';

/** A merge as the API shows it. */
export const MergeView = z.object({
  id: z.string(),
  at: z.string(),
  cause: z.record(z.string(), z.unknown()),
  intoId: z.string(),
  fromId: z.string(),
  undoneAt: z.string().nullable(),
  undoneBy: z.string().nullable(),
});
export type MergeView = z.infer<typeof MergeView>;

export function mergeView(merge: Merge): MergeView {
  return {
    id: String(merge.id),
    at: merge.at.toISOString(),
    cause: merge.cause,
    intoId: String(merge.intoId),
    fromId: String(merge.fromId),
    undoneAt: merge.undoneAt?.toISOString() ?? null,
    undoneBy: merge.undoneBy,
  };
}

/** The merges, undone ones too, that concern any of the given persons as first met; newest first. */
export async function mergesOf(records: pg.Pool, origins: readonly number[]): Promise<Merge[]> {
  const { rows } = await records.query<MergeRow>({
    name: 'merges-of',
    text: `SELECT ${MERGE_COLUMNS} FROM merges WHERE coalesce(into_origin, into_id) = ANY ($1::bigint[])
           UNION SELECT ${MERGE_COLUMNS} FROM merges WHERE coalesce(from_origin, from_id) = ANY ($1::bigint[])
           ORDER BY id DESC`,
    values: [origins],
  });
  return rows.map(mergeOf);
}
