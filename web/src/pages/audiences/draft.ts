import type { Leaf, Group as Stored } from '../../../../src/core/audiences/definition.ts';
import { complete as completeFilter, isComplete } from '../reports/parts/filter-value.ts';
import type { Field, What } from '../reports/parts/types.ts';

export type { Leaf };
export type LeafKind = Leaf['is'] | 'didNot';

/** Conditions as they are edited: a group whose parts are joined by one word, and that may be turned into its opposite. */
export interface Group {
  join: 'all' | 'any';
  not: boolean;
  items: (Leaf | Group)[];
}

export const isGroup = (item: Leaf | Group): item is Group => 'join' in item;
export const EMPTY: Group = { join: 'all', not: false, items: [] };

/** The same as a group, however it was written. */
export function toGroup(stored: Stored): Group {
  if ('is' in stored) return { join: 'all', not: false, items: [stored] };
  if ('not' in stored) {
    const inner = toGroup(stored.not);
    return { ...inner, not: !inner.not };
  }
  const [join, parts] = 'all' in stored ? (['all', stored.all] as const) : (['any', stored.any] as const);
  return { join, not: false, items: parts.map((part) => ('is' in part ? part : toGroup(part))) };
}

/** What a group says, as it is stored; an empty group within another is left out, and one that stands alone is everybody. */
export function fromGroup(group: Group): Stored {
  const parts = group.items.flatMap((item) =>
    isGroup(item) ? (item.items.length > 0 ? [fromGroup(item)] : []) : [item],
  );
  const [first] = parts;
  const joined: Stored =
    parts.length === 1 && first
      ? first
      : parts.length === 0
        ? { all: [] }
        : group.join === 'all'
          ? { all: parts }
          : { any: parts };
  return group.not ? { not: joined } : joined;
}

/** Only what lacks nothing: a size is asked while conditions are still being written. `lacking` counts the others. */
export function complete(group: Group): { group: Group; lacking: number } {
  let lacking = 0;
  const keep = (of: Group): Group => ({
    ...of,
    items: of.items.flatMap((item): (Leaf | Group)[] => {
      if (isGroup(item)) return [keep(item)];
      if (item.is === 'account') {
        const inner = keep(toGroup(item.who));
        return inner.items.length > 0 ? [{ ...item, who: fromGroup(inner) }] : [];
      }
      const whole = completeLeaf(item);
      if (!whole) lacking++;
      return whole ? [whole] : [];
    }),
  });
  return { group: keep(group), lacking };
}

function completeLeaf(leaf: Leaf): Leaf | null {
  switch (leaf.is) {
    case 'did':
      if ('field' in leaf.count && !isChosen(leaf.count.field)) return null;
      return has(leaf.what) ? { ...leaf, what: whole(leaf.what) } : null;
    case 'first':
    case 'last':
      return has(leaf.what) ? { ...leaf, what: whole(leaf.what) } : null;
    case 'sequence': {
      if (!has(leaf.first) || !has(leaf.next)) return null;
      const { without, ...rest } = leaf;
      return {
        ...rest,
        first: whole(leaf.first),
        next: whole(leaf.next),
        ...(without && has(without) ? { without: whole(without) } : {}),
      };
    }
    case 'trait': {
      if (leaf.name === '') return null;
      return isComplete({ field: { of: 'trait', name: leaf.name, as: 'now' }, is: leaf.op, values: leaf.values })
        ? leaf
        : null;
    }
    case 'audience':
      return leaf.id > 0 ? leaf : null;
    default:
      return leaf;
  }
}

const has = (what: What) => what.events.length > 0;
const isChosen = (field: Field) => field.of === 'audience' || field.name !== '';

/** Without the conditions on its events that are still being written. */
function whole({ where, events, ...rest }: What): What {
  const kept = completeFilter(where);
  return {
    ...rest,
    events: events.map((match) => {
      const { where: own, ...bare } = match;
      const inner = completeFilter(own);
      return inner ? { ...bare, where: inner } : bare;
    }),
    ...(kept ? { where: kept } : {}),
  };
}

const nothing = (): What => ({ events: [] });
const month = { last: 30, unit: 'day' as const };

/** What a new condition begins with. */
export function newLeaf(kind: LeafKind): Leaf {
  switch (kind) {
    case 'did':
      return { is: 'did', what: nothing(), count: { of: 'times' }, compare: 'atLeast', value: 1, when: month };
    case 'didNot':
      return { is: 'did', what: nothing(), count: { of: 'times' }, compare: 'atMost', value: 0, when: month };
    case 'first':
    case 'last':
      return { is: kind, what: nothing(), when: month };
    case 'sequence':
      return { is: 'sequence', first: nothing(), next: nothing(), within: { count: 7, unit: 'day' } };
    case 'trait':
      return { is: 'trait', name: '', op: 'is', values: [] };
    case 'account':
      return { is: 'account', who: { all: [] } };
    case 'audience':
      return { is: 'audience', id: 0 };
    case 'known':
      return { is: 'known' };
  }
}

export const kindOf = (leaf: Leaf): LeafKind =>
  leaf.is === 'did' && leaf.compare === 'atMost' && leaf.value === 0 && leaf.count.of === 'times' ? 'didNot' : leaf.is;
