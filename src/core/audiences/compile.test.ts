import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { environmentOf } from '../query/environment.ts';
import { override, removeEvents, storeEvents } from '../query/events.testing.ts';
import type { What } from '../query/matching.ts';
import { sameText } from '../query/snapshot.testing.ts';
import { audienceOracle, type World } from './audiences.oracle.testing.ts';
import { membersStatement } from './compile.ts';
import { Definition, type Group } from './definition.ts';
import { ENTERED } from './names.ts';
import { audienceSize, examplesOf } from './size.ts';

let context: Context & { close(): Promise<void> };
const ZONE = 'Europe/Warsaw';
/** The clocks go forward in the night to 29 March. */
const NOW = Date.parse('2026-03-31T10:00:00Z');
const DAY = 86_400_000;

before(async () => {
  context = await testContext({ apps: core });
  await context.records.pool.query('INSERT INTO query_settings (zone, week_start) VALUES ($1, $2)', [ZONE, 'monday']);
  await context.records.pool.query(
    `INSERT INTO audiences (name, definition, owner_id, owner_name)
     SELECT 'one', '{"is": "static"}', 'x', 'x' FROM generate_series(1, 2)`,
  );
});
after(() => context.close());

let version = 1;
async function insert(table: string, columns: string[], rows: unknown[][]): Promise<void> {
  if (rows.length === 0) return;
  const bytes = new TextEncoder().encode(rows.map((row) => JSON.stringify(row)).join('\n'));
  await context.events.insert({ table, columns, format: 'JSONCompactEachRow', bytes, token: crypto.randomUUID() });
}
const time = (at: number) => new Date(at).toISOString().replace('T', ' ').replace('Z', '');

async function put(world: World): Promise<void> {
  await removeEvents(context);
  for (const table of [
    'person_overrides',
    'people_known',
    'person_traits',
    'person_traits_now',
    'account_traits',
    'accounts_known',
    'account_members',
    'audience_members',
    'people_restricted',
  ])
    await context.events.command(`TRUNCATE TABLE ${table}`);
  await context.events.command('SYSTEM RELOAD DICTIONARY person_overrides_map');
  await storeEvents(context, world.events);
  for (const [origin, root] of Object.entries(world.merged)) await override(context, Number(origin), root);
  await insert(
    'people_known',
    ['origin_id', 'first_seen', 'source_id'],
    world.known.map((id) => [id, time(NOW), 1]),
  );
  await insert(
    'person_traits',
    ['name', 'origin_id', 'at', 'value', 'type', 'version'],
    world.traits.map((one) => [
      one.name,
      one.person,
      time(one.at),
      one.value ?? '',
      one.value === null ? 'null' : 'string',
      ++version,
    ]),
  );
  await insert(
    'account_traits',
    ['name', 'account_id', 'value', 'type', 'version'],
    world.accountTraits.map((one) => [one.name, one.account, one.value, 'string', ++version]),
  );
  await insert(
    'accounts_known',
    ['account_id', 'key', 'created_at'],
    world.accounts.map((id) => [id, `a${id}`, time(NOW)]),
  );
  await insert(
    'account_members',
    ['account_id', 'origin_id', 'since'],
    world.members.map((one) => [one.account, one.person, time(NOW)]),
  );
  await insert(
    'audience_members',
    ['audience_id', 'person_id', 'inside', 'since', 'version'],
    world.inside.map((one) => [one.audience, one.person, 1, time(NOW), ++version]),
  );
  await insert(
    'people_restricted',
    ['origin_id', 'version', 'is_deleted'],
    world.restricted.map((id) => [id, ++version, 0]),
  );
}

async function found(who: Group): Promise<number[]> {
  const { sql, params } = membersStatement(who, { environment: await environmentOf(context, { now: NOW }) });
  const rows = await context.events.query<{ id: string }>(sql, params);
  assert.equal(new Set(rows.map((row) => row.id)).size, rows.length, 'each person once');
  return rows.map((row) => Number(row.id)).sort((a, b) => a - b);
}

const named = (name: string): What => ({ events: [{ name }] });
const person = fc.integer({ min: 1, max: 8 });
const account = fc.integer({ min: 1, max: 3 });
/** Times that often are the same, and lie around midnight and the change of the clocks. */
const at = fc
  .tuple(fc.integer({ min: -6, max: 3 }), fc.constantFrom(0, 1, 1000, 3_600_000, 79_200_000, 82_800_000, 86_399_999))
  .map(([day, ms]) => Date.UTC(2026, 2, 29) + day * DAY + ms);
const names = ['A', 'B', 'C'] as const;
const event = fc.record({
  person,
  name: fc.constantFrom(...names),
  at,
  account: fc.integer({ min: 0, max: 3 }),
  properties: fc.record(
    { n: fc.integer({ min: 0, max: 5 }), colour: fc.constantFrom('red', 'blue') },
    { requiredKeys: [] },
  ),
});
const world: fc.Arbitrary<World> = fc.record({
  now: fc.constant(NOW),
  zone: fc.constant(ZONE),
  known: fc.constant([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
  events: fc.array(event, { maxLength: 40 }),
  merged: fc.constantFrom<World['merged']>({}, {}, { 2: 1 }, { 2: 1, 5: 1, 9: 10 }),
  traits: fc
    .uniqueArray(
      fc.record({
        person: fc.integer({ min: 1, max: 10 }),
        name: fc.constantFrom('plan', 'age', 'email'),
        value: fc.constantFrom('free', 'pro', '30', '7', null),
        at,
      }),
      { maxLength: 12, selector: (one) => `${one.person} ${one.name}` },
    )
    // Of two parts with values of one moment either may win.
    .map((all) => all.map((one, index) => ({ ...one, at: one.at + index }))),
  accountTraits: fc.uniqueArray(
    fc.record({ account, name: fc.constant('tier'), value: fc.constantFrom('gold', 'grey') }),
    { selector: (one) => one.account },
  ),
  accounts: fc.constant([1, 2, 3]),
  members: fc.array(fc.record({ account, person: fc.integer({ min: 1, max: 10 }) }), { maxLength: 8 }),
  inside: fc.array(fc.record({ audience: fc.constantFrom(1, 2), person: fc.integer({ min: 1, max: 10 }) }), {
    maxLength: 8,
  }),
  restricted: fc.uniqueArray(fc.integer({ min: 1, max: 10 }), { maxLength: 1 }),
});
const condition = fc.constantFrom(
  { field: { of: 'property', name: 'colour' }, is: 'is', values: ['red'] } as const,
  { field: { of: 'property', name: 'n' }, is: 'more', values: [2] } as const,
);
const what: fc.Arbitrary<What> = fc.oneof(
  fc.constantFrom(...names).map(named),
  fc.constant<What>({ events: [{}] }),
  fc
    .record({ name: fc.constantFrom(...names), where: condition })
    .map((match) => ({ events: [match] }) as unknown as What),
  fc.uniqueArray(fc.constantFrom(...names), { minLength: 2 }).map((all) => ({ events: all.map((name) => ({ name })) })),
);
const when = fc.constantFrom({ last: 1, unit: 'day' } as const, { last: 3, unit: 'day' } as const, {
  from: '2026-03-28',
  to: '2026-03-29',
});
const behaviour = fc.oneof(
  fc.record(
    {
      is: fc.constant('did' as const),
      what,
      count: fc.constantFrom<{ of: 'times' | 'days' | 'sum' | 'average'; field?: object }>(
        { of: 'times' },
        { of: 'days' },
        { of: 'sum', field: { of: 'property', name: 'n' } },
        { of: 'average', field: { of: 'property', name: 'n' } },
      ),
      compare: fc.constantFrom('atLeast', 'atMost', 'exactly'),
      value: fc.integer({ min: 0, max: 4 }),
      when,
    },
    { requiredKeys: ['is', 'what', 'count', 'compare', 'value'] },
  ),
  fc.record({ is: fc.constantFrom('first', 'last'), what, when }),
  fc.record(
    {
      is: fc.constant('sequence' as const),
      first: what,
      next: what,
      without: what,
      within: fc.constantFrom({ count: 1, unit: 'hour' }, { count: 2, unit: 'day' }, { count: 1, unit: 'second' }),
      when,
    },
    { requiredKeys: ['is', 'first', 'next', 'within'] },
  ),
);
const traitOf = (name: fc.Arbitrary<string>, values: string[]) =>
  fc.oneof(
    fc.record({
      is: fc.constant('trait' as const),
      name,
      op: fc.constantFrom('is', 'isNot', 'contains'),
      values: fc.subarray(values, { minLength: 1 }),
    }),
    fc.record({ is: fc.constant('trait' as const), name, op: fc.constantFrom('isSet', 'isNotSet') }),
    fc.record({ is: fc.constant('trait' as const), name, op: fc.constant('more'), values: fc.constant([8]) }),
  );
const group = (leaf: fc.Arbitrary<unknown>, depth: number): fc.Arbitrary<unknown> => {
  const inner =
    depth === 0 ? leaf : fc.oneof({ weight: 2, arbitrary: leaf }, { weight: 1, arbitrary: group(leaf, depth - 1) });
  return fc.oneof(
    fc.record({ all: fc.array(inner, { maxLength: 3 }) }),
    fc.record({ any: fc.array(inner, { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: inner }),
    leaf,
  );
};
const ofAccount = fc.oneof(behaviour, traitOf(fc.constant('tier'), ['gold', 'grey']));
const leaf = fc.oneof(
  { weight: 4, arbitrary: behaviour },
  { weight: 2, arbitrary: traitOf(fc.constantFrom('plan', 'age'), ['free', 'pro', '30']) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('account' as const), who: group(ofAccount, 0) }) },
  { weight: 1, arbitrary: fc.record({ is: fc.constant('audience' as const), id: fc.constantFrom(1, 2) }) },
  { weight: 1, arbitrary: fc.constant({ is: 'known' as const }) },
);

describe('who is in an audience', () => {
  test('is who a plain look at everybody finds, whatever the condition, the merges and the times', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.array(group(leaf, 1), { minLength: 3, maxLength: 6 }), async (made, conditions) => {
        await put(made);
        for (const one of conditions) {
          const definition = Definition.parse({ is: 'dynamic', who: one });
          assert.ok(definition.is === 'dynamic');
          assert.deepEqual(await found(definition.who), audienceOracle(made, definition.who), JSON.stringify(one));
        }
      }),
      { numRuns: 20 },
    );
  });

  test('is also who did one thing and later another, among few people with many events', async () => {
    const moment = fc.integer({ min: 0, max: 8 }).map((step) => NOW - 30_000 + step * 1000);
    const few = fc.record({ person: fc.integer({ min: 1, max: 3 }), name: fc.constantFrom(...names), at: moment });
    const sequence = fc.record(
      {
        is: fc.constant('sequence' as const),
        first: what,
        next: what,
        without: fc.constantFrom(...names).map(named),
        within: fc.constantFrom({ count: 1, unit: 'second' }, { count: 3, unit: 'second' }, { count: 1, unit: 'hour' }),
      },
      { requiredKeys: ['is', 'first', 'next', 'within'] },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(few, { maxLength: 25 }),
        fc.array(sequence, { minLength: 6, maxLength: 8 }),
        async (events, all) => {
          const made: World = { ...nobody, events: events.map((one, n) => ({ ...one, properties: { n: n % 5 } })) };
          await put(made);
          for (const one of all) {
            const definition = Definition.parse({ is: 'dynamic', who: one });
            assert.ok(definition.is === 'dynamic');
            assert.deepEqual(await found(definition.who), audienceOracle(made, definition.who), JSON.stringify(one));
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  const nobody: World = {
    now: NOW,
    zone: ZONE,
    known: [1, 2, 3],
    events: [],
    merged: {},
    traits: [],
    accountTraits: [],
    accounts: [],
    members: [],
    inside: [],
    restricted: [],
  };

  test('did not do it counts those who never did anything', async () => {
    await put({ ...nobody, events: [{ person: 1, name: 'A', at: NOW, properties: {} }] });
    const didNot = { is: 'did', what: named('A'), count: { of: 'times' }, compare: 'atMost', value: 0 } as const;
    assert.deepEqual(await found(didNot), [2, 3]);
    assert.deepEqual(await audienceSize(context, didNot, { now: NOW }), { matched: 2, people: 3 });
    assert.deepEqual(await examplesOf(context, didNot, 1, { now: NOW }), [2]);
  });

  test('one thing and later another is not both at once', async () => {
    const did = (name: string, at: number) => ({ person: 1, name, at, properties: {} });
    const sequence = (without?: string): Group => ({
      is: 'sequence',
      first: named('A'),
      next: named('B'),
      ...(without ? { without: named(without) } : {}),
      within: { count: 10, unit: 'second' },
    });
    await put({ ...nobody, events: [did('A', NOW), did('B', NOW)] });
    assert.deepEqual(await found(sequence()), []);
    await put({ ...nobody, events: [did('A', NOW), did('B', NOW + 10_000)] });
    assert.deepEqual(await found(sequence()), [1], 'the window ends with its last moment');
    await put({ ...nobody, events: [did('A', NOW), did('C', NOW + 5000), did('B', NOW + 10_000)] });
    assert.deepEqual([await found(sequence()), await found(sequence('C'))], [[1], []]);
    await put({ ...nobody, events: [did('A', NOW), did('C', NOW), did('C', NOW + 9000), did('B', NOW + 9000)] });
    assert.deepEqual(await found(sequence('C')), [1], 'what is at the same moment is not in between');
  });

  test('that somebody entered an audience is nothing they did, unless it is asked for', async () => {
    await put({ ...nobody, events: [{ person: 1, name: ENTERED, at: NOW, properties: {} }] });
    const did = (what: What): Group => ({ is: 'did', what, count: { of: 'times' }, compare: 'atLeast', value: 1 });
    assert.deepEqual(await found(did({ events: [{}] })), []);
    assert.deepEqual(await found(did(named(ENTERED))), [1]);
  });

  test('is asked for by statements that reviewers have seen', async () => {
    const did = (name: string, more: object = {}): Group => {
      const who = { is: 'did', what: named(name), count: { of: 'times' }, compare: 'atLeast', value: 1, ...more };
      const definition = Definition.parse({ is: 'dynamic', who });
      assert.ok(definition.is === 'dynamic');
      return definition.who;
    };
    const last30 = { last: 30, unit: 'day' };
    const asked: Record<string, Group> = {
      'three conditions': {
        all: [
          did('Order Completed'),
          did('Product Viewed', { value: 3, when: last30 }),
          did('Signed Up', { compare: 'atMost', value: 0 }),
        ],
      },
      'a property and a trait': {
        any: [
          did('Order Completed', {
            what: {
              events: [
                {
                  name: 'Order Completed',
                  where: { field: { of: 'property', name: 'city' }, is: 'is', values: ['Oslo'] },
                },
              ],
            },
          }),
          { is: 'trait', name: 'plan', op: 'isNot', values: ['free'] },
        ],
      },
      'a sequence': {
        is: 'sequence',
        first: named('A'),
        next: named('B'),
        without: named('C'),
        within: { count: 7, unit: 'day' },
      },
      'an account and another audience': {
        all: [{ is: 'account', who: did('Contract Signed') }, { not: { is: 'audience', id: 1 } }],
      },
    };
    await put(nobody);
    const environment = await environmentOf(context, { now: NOW });
    const text = Object.entries(asked).map(([title, group]) => {
      const { sql, params } = membersStatement(group, { environment });
      return `-- ${title}\n${sql}\n-- ${JSON.stringify(params)}\n`;
    });
    sameText(new URL('./audiences.sql', import.meta.url), text.join('\n'));
  });

  test('a sample asks a part of the people and says of how many', async () => {
    await put({ ...nobody, known: Array.from({ length: 2000 }, (_, index) => index + 1) });
    const { matched, people } = await audienceSize(context, { all: [] }, { now: NOW, sample: 0.1 });
    assert.equal(matched, people);
    assert.ok(people > 120 && people < 300, String(people));
  });
});
