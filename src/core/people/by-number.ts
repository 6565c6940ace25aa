import { loadKinds, normaliseIdentifier } from './identifier.ts';
import type { Stores } from './overrides.ts';

/**
 * The person whose number here was typed, and those who have what was typed as an identifier, whole, of a kind that is
 * not `left`. For who may find people but not by personal data.
 */
export async function peopleByNumber(
  { records }: Stores,
  typed: string,
  left: (kind: string) => boolean,
): Promise<Set<number>> {
  const kinds = [...(await loadKinds(records.pool)).values()].filter((kind) => kind.isUnique && !left(kind.kind));
  const values = kinds.map((kind) => normaliseIdentifier(kind, typed));
  const { rows } = await records.pool.query<{ root: number }>(
    `SELECT p.root_id AS root FROM unnest($1::smallint[], $2::text[]) AS asked (kind_id, value)
     JOIN identifiers i ON i.kind_id = asked.kind_id AND i.value = asked.value JOIN persons p ON p.id = i.person_id
     UNION SELECT root_id FROM persons WHERE id = $3`,
    [kinds.map((kind) => kind.id), values, /^#?\d{1,15}$/.test(typed) ? Number(typed.replace('#', '')) : null],
  );
  return new Set(rows.map((row) => row.root));
}
