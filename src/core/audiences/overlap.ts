import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { leftOut, personOfOrigin } from '../people/facts-sql.ts';
import { environmentOf } from '../query/environment.ts';
import { type Asking, ask } from './size.ts';

/** Audiences that can be laid over one another: of six there are 63 ways to belong together. */
export const OVERLAP_LIMIT = 6;

export interface Overlap {
  audiences: { id: number; name: string; size: number }[];
  /** People who are in exactly these, the most first; those that nobody is in are left out. */
  parts: { ids: number[]; people: number }[];
}

/** How many people are in which of some audiences at once, and in no other of them. */
export async function overlapOf(context: Context, ids: readonly number[], asking: Asking = {}): Promise<Overlap> {
  const { rows: audiences } = await context.records.pool.query<{ id: number; name: string }>(
    'SELECT id, name FROM audiences WHERE id = ANY ($1::int[]) AND archived_at IS NULL',
    [ids],
  );
  const known = new Map(audiences.map((one) => [one.id, one.name]));
  for (const id of ids) if (!known.has(id)) throw refuse.notFound(`There is no audience ${id}.`);
  const { facts } = await environmentOf(context, {});
  const person = personOfOrigin(facts.overrides, 'person_id');
  const rows = await ask<{ mask: string; people: string }>(
    context,
    {
      sql: `SELECT mask, count() AS people FROM (
          SELECT ${person} AS person, groupBitOr(bitShiftLeft(toUInt64(1), indexOf({ids:Array(UInt32)}, audience_id) - 1)) AS mask
          FROM audience_members FINAL WHERE audience_id IN {ids:Array(UInt32)} AND inside = 1 AND ${leftOut(person, facts)}
          GROUP BY person) GROUP BY mask ORDER BY people DESC, mask`,
      params: { ids: [...ids] },
    },
    asking,
  );
  const parts = rows.map(({ mask, people }) => ({
    ids: ids.filter((_, index) => (Number(mask) >> index) & 1),
    people: Number(people),
  }));
  const sizeOf = (id: number) => parts.reduce((sum, part) => sum + (part.ids.includes(id) ? part.people : 0), 0);
  return { audiences: ids.map((id) => ({ id, name: known.get(id)!, size: sizeOf(id) })), parts };
}
