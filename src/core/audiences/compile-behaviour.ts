import { type Bindings, literal } from '../query/bindings.ts';
import type { What } from '../query/matching.ts';
import { type Span, spanOf } from '../query/period.ts';
import { fieldsIn } from '../query/personal.ts';
import { Scope } from '../query/scope.ts';
import { type Bit, flag, type Making, type Subject } from './bits.ts';
import type { BehaviourLeaf, Leaf } from './definition.ts';
import { ENTERED, LEFT } from './names.ts';

/** All times that the events store can hold. */
const EVER: Span = { from: Date.UTC(1900, 0, 2), to: Date.UTC(2299, 11, 30) };

const UNIT_MS = { second: 1000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;

export const isBehaviour = (leaf: Leaf): leaf is BehaviourLeaf =>
  leaf.is === 'did' || leaf.is === 'first' || leaf.is === 'last' || leaf.is === 'sequence';

/**
 * One scan of the events for all conditions that read the same ones: those on names alone are taken together, since they
 * need only the columns that stand in the order of names; those on properties by the names that they are about.
 */
export function behaviourScans(bits: readonly Bit[], subject: Subject, making: Making): string[] {
  return [...Map.groupBy(bits, (bit) => scanKey(bit, making)).values()].map((own) => scan(own, subject, making));
}

function scanKey(bit: Bit, { environment }: Making): string {
  const leaf = bit.leaf as BehaviourLeaf;
  // Its list of times would hold those of others.
  if (leaf.is === 'sequence') return `sequence ${bit.index}`;
  const names = new Scope(environment).names([leaf.what]);
  if (names === null) return 'any';
  const plain = [...fieldsIn(leaf)].length === 0 && leaf.what.events.every((match) => !('action' in match));
  return plain
    ? 'plain'
    : JSON.stringify(leaf.what.events.map((match) => ('action' in match ? match.action : match.name)).sort());
}

function scan(bits: readonly Bit[], subject: Subject, { environment, bindings, only, sample }: Making): string {
  const scope = new Scope(environment, { sample: subject === 'person' ? sample : undefined }, bindings);
  const key = subject === 'person' ? scope.person : scope.account;
  const leaves = bits.map((bit) => bit.leaf as BehaviourLeaf);
  const whats = leaves.flatMap(whatsOf);
  const spans = leaves.map((leaf) => spanOfLeaf(leaf, environment));
  const span = {
    from: Math.min(...spans.map(({ from }) => from)),
    to: Math.max(...spans.map(({ to }) => to)),
  };
  const within = (one: Span) =>
    one.from === span.from && one.to === span.to
      ? '1'
      : `(e.timestamp >= ${bindings.time(one.from)} AND e.timestamp < ${bindings.time(one.to)})`;
  const columns: string[] = [];
  const conditions: string[] = [];
  const flags = bits.map((bit, index) => {
    const leaf = leaves[index]!;
    const matches = (what: What) => both(whatSql(scope, what), within(spans[index]!));
    if (leaf.is === 'sequence') {
      const [first, then, without] = [leaf.first, leaf.next, leaf.without].map((what) => (what ? matches(what) : null));
      conditions.push(`(${[first, then, without].filter(Boolean).join(' OR ')})`);
      const list = `l${index}`;
      columns.push(`arraySort(groupArrayArray(${entries(first!, then!, without ?? null, span, bindings)})) AS ${list}`);
      return flag(bit, follows(list, leaf.within.count * UNIT_MS[leaf.within.unit]));
    }
    const match = matches(leaf.what);
    conditions.push(match);
    const name = `v${index}`;
    if (leaf.is === 'did') {
      columns.push(`${measured(leaf, match, scope, environment.zone)} AS ${name}`);
      const sign = { atLeast: '>=', atMost: '<=', exactly: '=' }[leaf.compare];
      return flag(bit, `ifNull(${name} ${sign} ${bindings.bind(leaf.value, 'Float64')}, 0)`);
    }
    const found = leaf.is === 'first' ? 'min' : 'max';
    columns.push(
      `countIf(${match}) AS n${index}`,
      `${found}If(toUnixTimestamp64Milli(e.timestamp), ${match}) AS ${name}`,
    );
    const { from, to } = spanOf(leaf.when, environment.zone, environment.weekStart, environment.now);
    return flag(
      bit,
      `n${index} > 0 AND ${name} >= ${bindings.bind(from, 'Int64')} AND ${name} < ${bindings.bind(to, 'Int64')}`,
    );
  });
  const names = scope.names(whats) ?? undefined;
  const where = scope.where(
    span,
    names,
    conditions.includes('1') ? undefined : `(${[...new Set(conditions)].join(' OR ')})`,
    subject === 'account' ? `${key} != 0` : undefined,
    only && subject === 'person' ? `e.origin_id IN ${bindings.bind(only, 'Array(UInt64)')}` : undefined,
  );
  return `SELECT id, ${flags.join(' + ')} AS flags FROM (
  SELECT ${key} AS id, ${columns.join(', ')}
  ${scope.from()}
  ${where}
  GROUP BY id) WHERE flags != 0`;
}

const both = (one: string, other: string) => (one === '1' ? other : other === '1' ? one : `(${one} AND ${other})`);

export function whatsOf(leaf: BehaviourLeaf): What[] {
  if (leaf.is !== 'sequence') return [leaf.what];
  return [leaf.first, leaf.next, ...(leaf.without ? [leaf.without] : [])];
}

/** The events that are looked at for it: a first or a latest time is one of all times. */
function spanOfLeaf(leaf: BehaviourLeaf, { zone, weekStart, now }: Making['environment']): Span {
  if (leaf.is === 'first' || leaf.is === 'last' || !leaf.when) return EVER;
  return spanOf(leaf.when, zone, weekStart, now);
}

/** That somebody entered or left an audience is nothing that they did, unless it is asked for by its name. */
function whatSql(scope: Scope, what: What): string {
  const sql = scope.what(what);
  if (scope.names([what]) !== null) return sql;
  return both(sql, `e.name NOT IN ${scope.bindings.texts([ENTERED, LEFT])}`);
}

function measured(leaf: BehaviourLeaf & { is: 'did' }, match: string, scope: Scope, zone: string): string {
  switch (leaf.count.of) {
    case 'times':
      return `countIf(${match})`;
    case 'days':
      return `uniqExactIf(toDate(e.timestamp, ${scope.bindings.text(zone)}), ${match})`;
    case 'sum':
      return `ifNull(sumIf(${scope.field(leaf.count.field).number}, ${match}), 0)`;
    case 'average':
      return `avgIf(${scope.field(leaf.count.field).number}, ${match})`;
  }
}

/**
 * What each event is to a sequence, as numbers that sort by time: of one moment what should come later (0) before what
 * breaks (1) before what begins (2), so that only what is truly earlier stands before.
 */
function entries(first: string, then: string, without: string | null, span: Span, bindings: Bindings): string {
  const at = `(toUnixTimestamp64Milli(e.timestamp) - ${bindings.bind(span.from, 'Int64')}) * 4`;
  const listed = [`if(${then}, ${at}, -1)`, `if(${first}, ${at} + 2, -1)`];
  if (without) listed.push(`if(${without}, ${at} + 1, -1)`);
  return `arrayFilter(x -> x >= 0, [${listed.join(', ')}])`;
}

/** Whether, in a list of entries, somewhere the latest beginning or break before a 0 is a beginning, near enough. */
function follows(list: string, milliseconds: number): string {
  return `arrayExists((x, f) -> x % 4 = 0 AND f % 4 = 2 AND intDiv(x, 4) - intDiv(f, 4) <= ${literal(milliseconds)}, ${list}, arrayFill(x -> x % 4 != 0, ${list}))`;
}
