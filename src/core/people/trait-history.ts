import { z } from 'zod';
import type { Records } from '../../kernel/records.ts';
import { refuse } from '../../kernel/refusal.ts';
import { originsOf } from './merge.ts';
import { rootOf } from './root.ts';
import { typeOf } from './traits.ts';

/** Values of one trait that are shown, the newest. */
const SHOWN = 500;

export const TraitValue = z.object({
  value: z.unknown(),
  type: z.string(),
  at: z.string(),
  sourceId: z.string(),
  originId: z.string(),
});

/** Every value a person's trait has had, the present one among them, newest first. Refuses with 404 for an unknown person. */
export async function traitHistory(
  records: Records,
  personId: number,
  name: string,
): Promise<{ items: z.infer<typeof TraitValue>[] }> {
  const root = await rootOf(records.pool, personId);
  if (root === null) throw refuse.notFound('There is no such person.');
  const origins = (await originsOf(records.pool, [root])).map((origin) => origin.id);
  const { rows } = await records.pool.query<{ person: number; value: unknown; at: Date; source: number }>({
    name: 'trait-history',
    text: `SELECT person_id AS person, value, at, source_id AS source FROM trait_history
           WHERE person_id = ANY ($1::bigint[]) AND name = $2
           UNION ALL
           SELECT id, traits -> $2 -> 0, to_timestamp((traits -> $2 ->> 1)::float8 / 1000), (traits -> $2 ->> 2)::int
           FROM persons WHERE id = ANY ($1::bigint[]) AND traits ? $2
           ORDER BY at DESC LIMIT ${SHOWN}`,
    values: [origins, name],
  });
  return {
    items: rows.map(({ person, value, at, source }) => ({
      value,
      type: typeOf(value),
      at: at.toISOString(),
      sourceId: String(source),
      originId: String(person),
    })),
  };
}
