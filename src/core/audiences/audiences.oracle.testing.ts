import type { TestEvent } from '../query/events.testing.ts';
import type { Filter } from '../query/filter.ts';
import type { What } from '../query/matching.ts';
import type { Period } from '../query/period.ts';
import type { Group, Leaf } from './definition.ts';

/** Everything that an audience can be made of, as a test thinks of it. Ids of persons are those of origins. */
export interface World {
  now: number;
  zone: string;
  known: number[];
  events: (TestEvent & { at: number })[];
  /** Whom an origin belongs to, where that is another. */
  merged: Record<number, number>;
  traits: { person: number; name: string; value: string | null; at: number }[];
  accountTraits: { account: number; name: string; value: string }[];
  accounts: number[];
  members: { account: number; person: number }[];
  inside: { audience: number; person: number }[];
  restricted: number[];
}

type Event = World['events'][number];

/** The people for whom a condition holds, one after the other and straight from its words. */
export function audienceOracle(world: World, group: Group): number[] {
  const root = (origin: number) => world.merged[origin] ?? origin;
  const out = new Set(world.restricted.map(root));
  const events = world.events.filter((event) => !out.has(root(event.person)));
  const people = new Set([...world.known, ...world.events.map((event) => event.person)].map(root));

  const holdsOfPerson = (person: number, leaf: Leaf): boolean => {
    const own = events.filter((event) => root(event.person) === person);
    if (leaf.is === 'trait') return compare(traitOf(world, root, person, leaf.name), leaf.op, leaf.values);
    if (leaf.is === 'audience')
      return world.inside.some((one) => one.audience === leaf.id && root(one.person) === person);
    if (leaf.is === 'known')
      return own.length > 0 || ['email', 'phone'].some((name) => traitOf(world, root, person, name) !== null);
    if (leaf.is === 'account') {
      const accounts = world.members.filter((one) => root(one.person) === person).map((one) => one.account);
      return accounts.some((account) => all(leaf.who, (inner) => holdsOfAccount(account, inner)));
    }
    return behaviour(world, own, leaf);
  };
  const holdsOfAccount = (account: number, leaf: Leaf): boolean => {
    if (leaf.is === 'trait') {
      const found = world.accountTraits.find((one) => one.account === account && one.name === leaf.name);
      return compare(found?.value ?? null, leaf.op, leaf.values);
    }
    const own = events.filter((event) => event.account === account);
    return behaviour(world, own, leaf);
  };
  return [...people]
    .filter((person) => !out.has(person) && all(group, (leaf) => holdsOfPerson(person, leaf)))
    .sort((a, b) => a - b);
}

function all(group: Group, holds: (leaf: Leaf) => boolean): boolean {
  if ('is' in group) return holds(group);
  if ('not' in group) return !all(group.not, holds);
  if ('all' in group) return group.all.every((one) => all(one, holds));
  return group.any.some((one) => all(one, holds));
}

function traitOf(world: World, root: (origin: number) => number, person: number, name: string): string | null {
  const own = world.traits.filter((one) => one.name === name && root(one.person) === person);
  return own.sort((a, b) => b.at - a.at)[0]?.value ?? null;
}

function compare(value: string | null, op: string, values: readonly unknown[]): boolean {
  const texts = values.map(String);
  const number = value === null || value === '' ? Number.NaN : Number(value);
  switch (op) {
    case 'is':
      return value !== null && texts.includes(value);
    case 'isNot':
      return value === null || !texts.includes(value);
    case 'isSet':
      return value !== null;
    case 'isNotSet':
      return value === null;
    case 'contains':
      return value !== null && texts.some((text) => value.toLowerCase().includes(text.toLowerCase()));
    case 'more':
      return number > Number(values[0]);
    default:
      throw new Error(op);
  }
}

function behaviour(world: World, own: Event[], leaf: Leaf): boolean {
  const within = (event: Event, period: Period | undefined) => {
    if (!period) return true;
    const [from, to] = bounds(period, world);
    return event.at >= from && event.at < to;
  };
  if (leaf.is === 'did') {
    const done = own.filter((event) => isMeant(event, leaf.what) && within(event, leaf.when));
    const numbers = done
      .map((event) => Number((event.properties as { n?: number }).n ?? Number.NaN))
      .filter(Number.isFinite);
    const sum = numbers.reduce((total, one) => total + one, 0);
    const days = new Set(
      done.map((event) =>
        Temporal.Instant.fromEpochMilliseconds(event.at).toZonedDateTimeISO(world.zone).toPlainDate().toString(),
      ),
    );
    const value = { times: done.length, days: days.size, sum, average: sum / numbers.length }[leaf.count.of];
    return { atLeast: value >= leaf.value, atMost: value <= leaf.value, exactly: value === leaf.value }[leaf.compare];
  }
  if (leaf.is === 'first' || leaf.is === 'last') {
    const done = own.filter((event) => isMeant(event, leaf.what)).sort((a, b) => a.at - b.at);
    const one = done.at(leaf.is === 'first' ? 0 : -1);
    return one !== undefined && within(one, leaf.when);
  }
  if (leaf.is !== 'sequence') throw new Error(leaf.is);
  const near = leaf.within.count * { second: 1e3, minute: 6e4, hour: 36e5, day: 864e5, week: 6048e5 }[leaf.within.unit];
  const done = own.filter((event) => within(event, leaf.when));
  return done.some(
    (first) =>
      isMeant(first, leaf.first) &&
      done.some(
        (next) =>
          isMeant(next, leaf.next) &&
          next.at > first.at &&
          next.at - first.at <= near &&
          !done.some(
            (between) =>
              leaf.without && isMeant(between, leaf.without) && between.at > first.at && between.at < next.at,
          ),
      ),
  );
}

function bounds(period: Period, { now, zone }: World): [number, number] {
  const day = (date: Temporal.PlainDate) => date.toZonedDateTime(zone).epochMilliseconds;
  if ('from' in period)
    return [day(Temporal.PlainDate.from(period.from)), day(Temporal.PlainDate.from(period.to).add({ days: 1 }))];
  if (period.unit !== 'day') throw new Error(period.unit);
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate();
  return [day(today.subtract({ days: period.last - 1 })), day(today.add({ days: 1 }))];
}

function isMeant(event: Event, what: What): boolean {
  const fits = (filter: Filter | undefined): boolean => {
    if (!filter) return true;
    if (!('field' in filter) || filter.field.of !== 'property') throw new Error('only conditions on properties');
    const value = (event.properties as Record<string, unknown>)[filter.field.name];
    return compare(value === undefined ? null : String(value), filter.is, filter.values);
  };
  return (
    fits(what.where) &&
    what.events.some((match) => {
      if ('action' in match) throw new Error('no actions here');
      return (match.name === undefined || match.name === event.name) && fits(match.where);
    })
  );
}
