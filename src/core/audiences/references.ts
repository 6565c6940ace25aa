import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { fieldsIn } from '../query/personal.ts';
import { Definition, leavesOf } from './definition.ts';

/** The audiences that a definition names, in conditions of its own or of its events. */
export function referencesOf(definition: Definition): number[] {
  if (definition.is === 'static') return [];
  const leaves = [...leavesOf(definition.who)].flatMap((leaf) => (leaf.is === 'audience' ? [leaf.id] : []));
  const fields = [...fieldsIn(definition.who)].flatMap((field) => (field.of === 'audience' ? [field.id] : []));
  return [...new Set([...leaves, ...fields])].sort((a, b) => a - b);
}

/** Every audience that is not archived, by id, with those that it names. */
export async function referencesOfAll({ records }: Pick<Context, 'records'>): Promise<Map<number, number[]>> {
  const { rows } = await records.pool.query<{ id: number; definition: unknown }>(
    'SELECT id, definition FROM audiences WHERE archived_at IS NULL ORDER BY id',
  );
  return new Map(rows.map(({ id, definition }) => [id, referencesOf(Definition.parse(definition))]));
}

/**
 * Refuses a definition that names an audience which is not there, or which is itself made of this one (`self`; none where
 * it is new): neither could be computed first.
 */
export async function checkReferences(
  context: Pick<Context, 'records'>,
  definition: Definition,
  self?: number,
): Promise<void> {
  const named = referencesOf(definition);
  if (named.length === 0) return;
  const all = await referencesOfAll(context);
  for (const id of named)
    if (!all.has(id)) throw refuse.invalid(`There is no audience ${id}. It may have been removed; choose another.`);
  if (self === undefined) return;
  const open = [...named];
  const seen = new Set<number>();
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === self)
      throw refuse.invalid('The audience would be made of itself, by the audiences that it names. Choose others.');
    if (!seen.has(id)) open.push(...(all.get(id) ?? []));
    seen.add(id);
  }
}

/** The audiences in an order in which each comes after those that it names. */
export function inOrder(all: ReadonlyMap<number, readonly number[]>): number[] {
  const done = new Set<number>();
  const visit = (id: number, on: ReadonlySet<number>): void => {
    if (done.has(id) || on.has(id)) return;
    for (const other of all.get(id) ?? []) if (all.has(other)) visit(other, new Set([...on, id]));
    done.add(id);
  };
  for (const id of all.keys()) visit(id, new Set());
  return [...done];
}
