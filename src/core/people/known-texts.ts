import type { Context } from '../../kernel/context.ts';
import { personalFields } from '../catalogue/personal.ts';

const DEPTH_LIMIT = 5;
/** Longer texts are prose about somebody; its words are not what they are called. */
const TEXT_LIMIT = 100;

/**
 * The texts by which people are known, by the ids asked for: names, addresses and other personal traits of them and of what
 * was merged with them. What they say is masked by these.
 */
export async function knownTexts(
  context: Pick<Context, 'records'>,
  ids: readonly number[],
): Promise<Map<number, string[]>> {
  const { rows } = await context.records.pool.query<{ id: number; traits: Record<string, unknown[]> }>(
    `SELECT asked.id, part.traits FROM unnest($1::bigint[]) AS asked (id) JOIN persons own ON own.id = asked.id
     JOIN persons part ON part.root_id = own.root_id`,
    [[...new Set(ids)]],
  );
  const { isPersonalTrait } = await personalFields(context);
  const found = new Map<number, string[]>();
  for (const { id, traits } of rows) {
    const texts = found.get(id) ?? [];
    found.set(id, texts);
    for (const [name, stored] of Object.entries(traits)) texts.push(...textsIn(stored[0], name, isPersonalTrait));
  }
  return found;
}

/** The personal texts of a trait: of one that is an object or a list, those in it. */
function textsIn(value: unknown, path: string, isPersonal: (path: string) => boolean, depth = 0): string[] {
  if (typeof value === 'string') return isPersonal(path) && value.length <= TEXT_LIMIT ? [value] : [];
  if (typeof value !== 'object' || value === null || depth > DEPTH_LIMIT) return [];
  const all = isPersonal(path) ? () => true : isPersonal;
  if (Array.isArray(value)) return value.flatMap((one) => textsIn(one, path, all, depth + 1));
  return Object.entries(value).flatMap(([name, inner]) => textsIn(inner, `${path}.${name}`, all, depth + 1));
}
