import type { Condition, Field, Filter, Operator, ValueType } from './types.ts';

/** Conditions as they are edited: a group whose parts are joined by one word, and that may be turned into its opposite. */
export interface Group {
  join: 'all' | 'any';
  not: boolean;
  items: (Condition | Group)[];
}

export const isGroup = (item: Condition | Group): item is Group => 'join' in item;

/** The same as a group, however it was written. */
export function toGroup(filter: Filter | undefined): Group {
  if (!filter) return { join: 'all', not: false, items: [] };
  if ('field' in filter) return { join: 'all', not: false, items: [filter] };
  if ('not' in filter) {
    const inner = toGroup(filter.not);
    return { ...inner, not: !inner.not };
  }
  const [join, parts] = 'all' in filter ? (['all', filter.all] as const) : (['any', filter.any] as const);
  return { join, not: false, items: parts.map((part: Filter) => ('field' in part ? part : toGroup(part))) };
}

/**
 * The filter that says what a group says; nothing where it has no condition. A condition that stands alone needs no group,
 * but a group within a group stays one: somebody is about to add to it.
 */
export function fromGroup(group: Group, isNested = false): Filter | undefined {
  const parts = group.items.flatMap((item) => {
    const part = isGroup(item) ? fromGroup(item, true) : item;
    return part ? [part] : [];
  });
  const [first] = parts;
  if (!first) return undefined;
  const stands = parts.length === 1 && 'field' in first && group.join === 'all' && !isNested;
  const joined = stands ? first : ({ [group.join]: parts } as Filter);
  return group.not ? { not: joined } : joined;
}

/** Conditions that lack nothing: others are still being written, and a report is asked without them. */
export function complete(filter: Filter | undefined): Filter | undefined {
  const keep = (group: Group): Group => ({
    ...group,
    items: group.items
      .map((item) => (isGroup(item) ? keep(item) : item))
      .filter((item) => isGroup(item) || isComplete(item)),
  });
  return fromGroup(keep(toGroup(filter)));
}

const OPERATORS: Record<ValueType, readonly Operator[]> = {
  text: [
    'is',
    'isNot',
    'contains',
    'containsNot',
    'startsWith',
    'endsWith',
    'matches',
    'matchesNot',
    'isSet',
    'isNotSet',
  ],
  number: ['is', 'isNot', 'less', 'atMost', 'more', 'atLeast', 'between', 'isSet', 'isNotSet'],
  boolean: ['is', 'isSet', 'isNotSet'],
  time: ['after', 'before', 'inLast', 'isSet', 'isNotSet'],
  audience: ['is'],
};

export const operatorsOf = (type: ValueType): readonly Operator[] => OPERATORS[type];

/** How the values of an operator are given. */
export type Entry = 'none' | 'many' | 'number' | 'range' | 'date' | 'days' | 'yesNo' | 'expression';

export function entryOf(type: ValueType, operator: Operator): Entry {
  if (operator === 'isSet' || operator === 'isNotSet') return 'none';
  if (type === 'boolean' || type === 'audience') return 'yesNo';
  if (operator === 'between') return 'range';
  if (operator === 'inLast') return 'days';
  if (operator === 'before' || operator === 'after') return 'date';
  if (operator === 'less' || operator === 'atMost' || operator === 'more' || operator === 'atLeast') return 'number';
  if (operator === 'matches' || operator === 'matchesNot') return 'expression';
  return 'many';
}

type Value = Condition['values'][number];

/** A number as people write it, with a point or a comma; null where it is none. */
export function numberFrom(text: string): number | null {
  const plain = text
    .trim()
    .replaceAll(/[\s\u00a0\u202f]/g, '')
    .replace(',', '.');
  if (!/^[-+]?(\d+\.?\d*|\.\d+)$/.test(plain)) return null;
  return Number(plain);
}

/** What was typed as the value that the condition keeps; null where it does not suit. */
export function valueFrom(entry: Entry, text: string): Value | null {
  switch (entry) {
    case 'number':
    case 'range':
      return numberFrom(text);
    case 'days': {
      const days = numberFrom(text);
      return days !== null && days > 0 && days <= 36_600 ? days : null;
    }
    case 'date':
      return /^\d{4}-\d\d-\d\d$/.test(text) ? text : null;
    case 'yesNo':
      return text === 'true' || text === 'false' ? text : null;
    default:
      return text === '' ? null : text;
  }
}

const NEEDED: Record<Entry, number> = {
  none: 0,
  many: 1,
  number: 1,
  range: 2,
  date: 1,
  days: 1,
  yesNo: 1,
  expression: 1,
};

/** Whether a condition has the values that its operator needs. */
export function isComplete(condition: Condition): boolean {
  const needed = NEEDED[entryOf('text', condition.is)];
  return condition.values.length >= needed && condition.values.slice(0, needed).every((value) => value !== '');
}

/** The condition with another operator: its values are kept where they suit. */
export function withOperator(condition: Condition, type: ValueType, is: Operator): Condition {
  const entry = entryOf(type, is);
  if (entry === 'none') return { ...condition, is, values: [] };
  const kept = condition.values.flatMap((value) => {
    const suits = valueFrom(entry, String(value));
    return suits === null ? [] : [suits];
  });
  return { ...condition, is, values: entry === 'many' ? kept : kept.slice(0, NEEDED[entry]) };
}

/** A new condition on a field: with the operator that is meant most often. */
export function newCondition(field: Field, type: ValueType): Condition {
  const is = OPERATORS[type][0]!;
  return { field, is, values: type === 'boolean' || type === 'audience' ? ['true'] : [] };
}

/** How the conditions of a group may go together. */
export const JOINS = ['all', 'any', 'none', 'notAll'] as const;
type Join = (typeof JOINS)[number];
interface Joined {
  join: 'all' | 'any';
  not: boolean;
}

export const joinOf = ({ join, not }: Joined): Join => (not ? (join === 'any' ? 'none' : 'notAll') : join);

/** What of a group says so. */
export const joinedBy = (join: string): Joined => ({
  join: join === 'all' || join === 'notAll' ? 'all' : 'any',
  not: join === 'none' || join === 'notAll',
});
