import {
  accountTraitSql,
  allPeopleSql,
  leftOut,
  membersSql,
  personOfOrigin,
  traitNowSql,
} from '../people/facts-sql.ts';
import { Bindings, literal, type Statement } from '../query/bindings.ts';
import type { Environment } from '../query/environment.ts';
import { joinedSql } from '../query/field-sql.ts';
import type { Condition } from '../query/filter.ts';
import { conditionSql } from '../query/filter-sql.ts';
import { spanOf } from '../query/period.ts';
import { type Bit, flag, type Making, type Subject } from './bits.ts';
import { behaviourScans, isBehaviour } from './compile-behaviour.ts';
import { type Group, type Leaf, leavesOf, type TraitLeaf } from './definition.ts';

/**
 * The statement that yields the people (`id`, UInt64) for whom a condition holds: one row each, in no order, without those
 * who are left out of reports. Everything that is asked of events is read in one scan for each set of their names; what
 * is asked of traits, accounts and lists comes beside it, and one grouping by person puts the answers together.
 */

export function membersStatement(group: Group, making: Omit<Making, 'bindings'>): Statement {
  const bindings = new Bindings();
  return bindings.statement(idsSql(group, 'person', { ...making, bindings }));
}

/** How many people a condition holds for: `matched`. */
export function sizeStatement(group: Group, making: Omit<Making, 'bindings'>): Statement {
  const bindings = new Bindings();
  return bindings.statement(`SELECT count() AS matched FROM (${idsSql(group, 'person', { ...making, bindings })})`);
}

/** How many people there are to choose from: `people`. */
export function everybodyStatement({ environment, sample }: Omit<Making, 'bindings'>): Statement {
  const bindings = new Bindings();
  const making = { environment, bindings, sample };
  return bindings.statement(
    `SELECT count() AS people FROM (SELECT person_id AS id FROM (${allPeopleSql(environment.facts)})) WHERE ${kept('id', making)}`,
  );
}

export function idsSql(group: Group, subject: Subject, making: Making): string {
  const bits: Bit[] = [...ownLeaves(group)].map((leaf, index) => ({ leaf, index, ...defaultOf(leaf, making) }));
  const parts = [
    ...behaviourScans(
      bits.filter((bit) => isBehaviour(bit.leaf)),
      subject,
      making,
    ),
    ...traitParts(bits, subject, making),
    ...bits.flatMap((bit) => otherPart(bit, making)),
  ];
  // Who has no row anywhere can only be in it where the condition holds for somebody of whom nothing is known.
  if (truth(group, bits) !== false) parts.push(everybody(subject, making));
  if (parts.length === 0) parts.push('SELECT toUInt64(0) AS id, toUInt64(0) AS flags WHERE 0');
  const grouped =
    parts.length === 1 && !parts[0]!.includes('/* repeats */')
      ? parts[0]!
      : `SELECT id, groupBitOr(flags) AS flags FROM (\n${parts.join('\nUNION ALL\n')}\n) GROUP BY id`;
  const where = [condition(group, bits), subject === 'person' ? kept('id', making) : '1'].filter((one) => one !== '1');
  return `SELECT id FROM (\n${grouped}\n)${where.length > 0 ? ` WHERE ${where.join(' AND ')}` : ''}`;
}

/** Those who may be looked at, and are. */
function kept(id: string, { environment, only, sample, bindings }: Making): string {
  return [
    leftOut(id, environment.facts),
    only && `${id} IN ${bindings.bind(only, 'Array(UInt64)')}`,
    sample !== undefined && `sipHash64(${id}) % 1000 < ${bindings.bind(Math.round(sample * 1000), 'UInt32')}`,
  ]
    .filter((one) => one && one !== '1')
    .join(' AND ')
    .replace(/^$/, '1');
}

/** The conditions of the group itself: those of an account are a question of their own. */
function* ownLeaves(group: Group): Generator<Leaf> {
  if ('is' in group) yield group;
  else if ('not' in group) yield* ownLeaves(group.not);
  else for (const one of 'all' in group ? group.all : group.any) yield* ownLeaves(one);
}

function condition(group: Group, bits: readonly Bit[]): string {
  if ('is' in group) {
    const bit = bits.find(({ leaf }) => leaf === group)!;
    const set = `bitTest(flags, ${literal(bit.index)})`;
    if (bit.known === false) return set;
    return bit.known === true ? `NOT ${set}` : `${set} != (${bit.default})`;
  }
  if ('not' in group) return `NOT (${condition(group.not, bits)})`;
  const [list, word] = 'all' in group ? [group.all, ' AND '] : [group.any, ' OR '];
  if (list.length === 0) return '1';
  return `(${list.map((one) => `(${condition(one, bits)})`).join(word)})`;
}

/** Whether the group holds where each condition has its default; null where only the engine can say. */
function truth(group: Group, bits: readonly Bit[]): boolean | null {
  if ('is' in group) return bits.find(({ leaf }) => leaf === group)!.known;
  if ('not' in group) {
    const inner = truth(group.not, bits);
    return inner === null ? null : !inner;
  }
  const [list, decisive] = 'all' in group ? [group.all, false] : [group.any, true];
  const values = list.map((one) => truth(one, bits));
  if (values.includes(decisive)) return decisive;
  return values.includes(null) ? null : !decisive;
}

const NOTHING = { text: "''", number: 'CAST(NULL AS Nullable(Float64))', set: '0' };

function defaultOf(leaf: Leaf, { bindings, environment }: Making): Pick<Bit, 'default' | 'known'> {
  const sure = (known: boolean) => ({ default: known ? '1' : '0', known });
  if (leaf.is === 'did') {
    if (leaf.count.of === 'average') return sure(false);
    return sure({ atLeast: 0 >= leaf.value, atMost: 0 <= leaf.value, exactly: leaf.value === 0 }[leaf.compare]);
  }
  if (leaf.is !== 'trait') return sure(false);
  const sql = conditionSql(traitCondition(leaf), NOTHING, bindings, environment.now);
  return SURELY_FALSE.has(leaf.op) ? sure(false) : { default: sql, known: null };
}

/** Operators that never hold where there is no value. */
const SURELY_FALSE: ReadonlySet<string> = new Set([
  'less',
  'atMost',
  'more',
  'atLeast',
  'between',
  'isSet',
  'before',
  'after',
  'inLast',
]);

const traitCondition = ({ name, op, values }: TraitLeaf): Condition => ({
  field: { of: 'trait', name, as: 'now' },
  is: op,
  values,
});

/** The values of each trait are read once, however many conditions are about it. */
function traitParts(bits: readonly Bit[], subject: Subject, { environment, bindings, only }: Making): string[] {
  const byName = Map.groupBy(
    bits.filter(({ leaf }) => leaf.is === 'trait'),
    ({ leaf }) => (leaf as TraitLeaf).name,
  );
  return [...byName].map(([name, own]) => {
    const bound = bindings.text(name);
    const [id, rows] =
      subject === 'person'
        ? ['t.person_id', traitNowSql(bound, environment.facts)]
        : ['t.account_id', accountTraitSql(bound)];
    const flags = own.map((bit) => {
      const holds = conditionSql(traitCondition(bit.leaf as TraitLeaf), joinedSql('t'), bindings, environment.now);
      return flag(bit, holds);
    });
    const some = only && subject === 'person' ? ` WHERE ${id} IN ${bindings.bind(only, 'Array(UInt64)')}` : '';
    return `SELECT ${id} AS id, ${flags.join(' + ')} AS flags FROM (${rows}) AS t${some}`;
  });
}

function otherPart(bit: Bit, making: Making): string[] {
  const { environment, bindings } = making;
  const { overrides } = environment.facts;
  const { leaf } = bit;
  const set = `bitShiftLeft(toUInt64(1), ${literal(bit.index)}) AS flags`;
  if (leaf.is === 'audience') {
    const id = bindings.bind(leaf.id, 'UInt32');
    return [
      `SELECT /* repeats */ ${personOfOrigin(overrides, 'person_id')} AS id, ${set} FROM audience_members FINAL WHERE audience_id = ${id} AND inside = 1`,
    ];
  }
  if (leaf.is === 'account') {
    // The people behind the account's events are not only those who are looked at.
    const accounts = idsSql(leaf.who, 'account', { environment, bindings });
    return [
      `SELECT /* repeats */ person_id AS id, ${set} FROM (${membersSql(environment.facts)}) WHERE account_id IN (${accounts})`,
    ];
  }
  if (leaf.is === 'known') {
    const person = overrides
      ? `dictGetOrDefault('person_overrides_map', 'person_id', origin_id, person_id)`
      : 'person_id';
    const traits = ['email', 'phone'].map(
      (name) => `SELECT person_id FROM (${traitNowSql(bindings.text(name), environment.facts)})`,
    );
    const told = `SELECT ${person} AS person_id FROM events WHERE user_id != '' GROUP BY person_id`;
    return [`SELECT /* repeats */ person_id AS id, ${set} FROM (${[told, ...traits].join(' UNION ALL ')})`];
  }
  return [];
}

function everybody(subject: Subject, { environment }: Making): string {
  return subject === 'person'
    ? `SELECT person_id AS id, toUInt64(0) AS flags FROM (${allPeopleSql(environment.facts)})`
    : 'SELECT DISTINCT account_id AS id, toUInt64(0) AS flags FROM accounts_known';
}

/** The spans that a definition asks about, as they fall now: when they move, everybody is counted anew. */
export function spansOf(group: Group, { zone, weekStart, now }: Environment): { from: number; to: number }[] {
  return [...leavesOf(group)].flatMap((leaf) =>
    'when' in leaf && leaf.when ? [spanOf(leaf.when, zone, weekStart, now)] : [],
  );
}
