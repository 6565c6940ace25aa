import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { environmentOf } from './environment.ts';
import { removeEvents, storeEvents, type TestEvent } from './events.testing.ts';
import {
  CONDITIONS_LIMIT,
  type Condition,
  DEPTH_LIMIT,
  Filter,
  OPERATORS,
  type Operator,
  VALUES_LIMIT,
} from './filter.ts';
import { Query } from './query.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const SPAN = { from: Date.parse('2026-05-01T00:00:00Z'), to: NOW };

/** What people and machines call properties. */
const NAMES = [
  'plan',
  'a.b',
  'it"s',
  "o'k",
  '`tick`',
  '100%',
  '%41',
  '价格',
  'back\\slash',
  'two words',
  'e',
  'name',
  'x--',
  'Ünï',
  '.:String',
  '{p1:String}',
];
/** Texts that would be something else if they were part of a statement. */
const HOSTILE = [
  "'; DROP TABLE events --",
  '") OR 1=1 --',
  '{p1:String}',
  '\\',
  "\\'",
  '%',
  '_',
  '%41',
  '`',
  '\n\t',
  '价格',
  '😀',
  ' 5 ',
  '0',
  '1e3',
  '-0.5',
  'true',
  'NULL',
  'nan',
  'İ',
  'ß',
];

type Stored = string | number | boolean | null | undefined;

/** A text as the engine has it for a value of a property. */
const textOf = (value: Stored): string => (value === undefined || value === null ? '' : String(value));
/** The engine reads a number where the whole text is one. */
const numberOf = (text: string): number | null =>
  /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : null;

function holds(operator: Operator, stored: Stored, values: readonly (string | number | boolean)[]): boolean {
  const text = textOf(stored);
  const texts = values.map(String);
  const number = numberOf(text);
  const lower = (one: string) => one.toLowerCase();
  switch (operator) {
    case 'is':
      return texts.includes(text);
    case 'isNot':
      return !texts.includes(text);
    case 'contains':
      return texts.some((one) => lower(text).includes(lower(one)));
    case 'containsNot':
      return !texts.some((one) => lower(text).includes(lower(one)));
    case 'startsWith':
      return texts.some((one) => text.startsWith(one));
    case 'endsWith':
      return texts.some((one) => text.endsWith(one));
    case 'matches':
      return texts.some((one) => RE2JS.compile(one, RE2JS.DOTALL).matcher(text).find());
    case 'matchesNot':
      return !texts.some((one) => RE2JS.compile(one, RE2JS.DOTALL).matcher(text).find());
    case 'less':
      return number !== null && number < Number(values[0]);
    case 'atMost':
      return number !== null && number <= Number(values[0]);
    case 'more':
      return number !== null && number > Number(values[0]);
    case 'atLeast':
      return number !== null && number >= Number(values[0]);
    case 'between':
      return number !== null && number >= Number(values[0]) && number <= Number(values[1]);
    case 'isSet':
      return text !== '';
    case 'isNotSet':
      return text === '';
    case 'before':
    case 'after':
    case 'inLast':
      throw new Error('Times have tests of their own.');
  }
}

const NUMERIC: readonly Operator[] = ['less', 'atMost', 'more', 'atLeast', 'between'];
const TIMES: readonly Operator[] = ['before', 'after', 'inLast'];

const stored = fc.oneof(
  fc.constantFrom<Stored>(undefined, null, true, false, 0, 1, -1, 3.5, 1000, 2 ** 40),
  fc.constantFrom(...HOSTILE),
  fc.string({ unit: 'grapheme-ascii', maxLength: 6 }),
);
const condition = fc.constantFrom(...OPERATORS.filter((one) => !TIMES.includes(one))).chain((is) =>
  fc.record({
    is: fc.constant(is),
    values: NUMERIC.includes(is)
      ? fc.array(fc.oneof(fc.integer({ min: -5, max: 1005 }), fc.constantFrom('3.5', '-1', '1e3')), {
          minLength: 2,
          maxLength: 2,
        })
      : is === 'matches' || is === 'matchesNot'
        ? fc.array(fc.constantFrom('^a', 'b+$', '.', '[0-9]{2,}', '(?i)drop', '\\\\', "'", '^$', '价'), {
            minLength: 1,
            maxLength: 2,
          })
        : fc.array(
            fc.oneof(
              fc.constantFrom<string | number | boolean>(...HOSTILE, 0, 1, 3.5, true, ''),
              fc.string({ unit: 'grapheme-ascii', maxLength: 3 }),
            ),
            { minLength: 1, maxLength: 3 },
          ),
  }),
);

describe('conditions', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());

  /** The people whose events a filter lets through. */
  async function passing(filter: unknown): Promise<number[]> {
    const query = new Query(context, await environmentOf(context, { now: NOW }));
    const scope = query.scope();
    const where = scope.where(SPAN, scope.filter(Filter.parse(filter)));
    const rows = await query.rows<{ person: string }>(
      'test',
      scope.statement(`SELECT e.origin_id AS person ${scope.from()} ${where} ORDER BY person`),
    );
    return rows.map((row) => Number(row.person));
  }
  const store = async (events: Partial<TestEvent>[]) => {
    await removeEvents(context);
    await storeEvents(
      context,
      events.map((event, index) => ({ person: index + 1, name: 'x', at: '2026-05-10T00:00:00Z', ...event })),
    );
  };
  const property = (name: string, is: Operator, ...values: unknown[]) => ({
    field: { of: 'property', name },
    is,
    values,
  });

  it('hold for the events that they hold for in TypeScript, whatever properties and values are called', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...NAMES),
        fc.array(stored, { minLength: 1, maxLength: 12 }),
        fc.array(condition, { minLength: 1, maxLength: 6 }),
        async (name, all, conditions) => {
          await store(all.map((value) => ({ properties: value === undefined ? {} : { [name]: value } })));
          for (const { is, values } of conditions) {
            const expected = all.flatMap((value, index) => (holds(is, value, values) ? [index + 1] : []));
            assert.deepEqual(
              await passing(property(name, is, ...values)),
              expected,
              `${name} ${is} ${JSON.stringify(values)}`,
            );
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('combine with all, any and not as logic does', async () => {
    const values = ['a', 'b', '', '3'];
    await store(values.map((value) => ({ properties: { plan: value } })));
    type Tree = Condition | { all: Tree[] } | { any: Tree[] } | { not: Tree };
    const leaf = fc.constantFrom(
      ...['a', 'b', '3', ''].map((value) => property('plan', 'is', value) as unknown as Tree),
    );
    const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small', maxDepth: 3 },
        leaf,
        fc.record({ all: fc.array(tie('tree'), { maxLength: 3 }) }),
        fc.record({ any: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }) }),
        fc.record({ not: tie('tree') }),
      ),
    }));
    const holdsFor = (one: Tree, value: string): boolean => {
      if ('field' in one) return one.values.map(String).includes(value);
      if ('not' in one) return !holdsFor(one.not, value);
      return 'all' in one
        ? one.all.every((inner) => holdsFor(inner, value))
        : one.any.some((inner) => holdsFor(inner, value));
    };
    await fc.assert(
      fc.asyncProperty(tree, async (one) => {
        assert.deepEqual(
          await passing(one),
          values.flatMap((value, index) => (holdsFor(one, value) ? [index + 1] : [])),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('find a property by its name with dots, and the same way inside nested objects', async () => {
    await store([
      { properties: { 'a.b': 'x' } },
      { properties: { a: { b: 'x' } } },
      { properties: { a: { b: { c: 'x' } } } },
      { properties: { a: 'x' } },
      { properties: { 'a..b': 'x' } },
      { properties: { '.a': 'x', 'b.': 'y' } },
      {},
    ]);
    assert.deepEqual(await passing(property('a.b', 'is', 'x')), [1, 2]);
    assert.deepEqual(await passing(property('a.b.c', 'is', 'x')), [3]);
    assert.deepEqual(await passing(property('a', 'is', 'x')), [4]);
    assert.deepEqual(await passing(property('a..b', 'is', 'x')), [5]);
    assert.deepEqual(await passing(property('.a', 'is', 'x')), [6]);
    assert.deepEqual(await passing(property('b.', 'is', 'y')), [6]);
    assert.deepEqual(await passing(property('a.b', 'isNotSet')), [3, 4, 5, 6, 7]);
  });

  it('compare moments, whether a property keeps them as a date, a text or milliseconds', async () => {
    await store([
      { properties: { due: '2026-05-30' } },
      { properties: { due: '2026-05-20T12:00:00Z' } },
      { properties: { due: Date.parse('2026-05-31T23:00:00Z') } },
      { properties: { due: 'soon' } },
      {},
    ]);
    assert.deepEqual(await passing(property('due', 'after', '2026-05-29')), [1, 3]);
    assert.deepEqual(await passing(property('due', 'before', '2026-05-30')), [2]);
    assert.deepEqual(await passing(property('due', 'before', '2026-05-30T00:00:00.001Z')), [1, 2]);
    assert.deepEqual(await passing(property('due', 'inLast', 2)), [3]);
    assert.deepEqual(await passing(property('due', 'inLast', 3)), [1, 3]);
  });

  it('look at the event itself, too', async () => {
    await store([
      { device: 'mobile', path: '/a', revenueMinor: 500, currency: 'EUR' },
      { device: 'desktop', path: '/b%2F', at: '2026-05-20T00:00:00Z' },
    ]);
    const event = (name: string, is: Operator, ...values: unknown[]) => ({ field: { of: 'event', name }, is, values });
    assert.deepEqual(await passing(event('device', 'is', 'mobile')), [1]);
    assert.deepEqual(await passing(event('path', 'contains', '%2f')), [2]);
    assert.deepEqual(await passing(event('revenue', 'more', 499)), [1]);
    assert.deepEqual(await passing(event('timestamp', 'after', '2026-05-15')), [2]);
    assert.deepEqual(await passing(event('currency', 'isNotSet')), [2]);
  });

  it('refuse values that do not suit, with what would', async () => {
    const refused = (is: Operator, values: unknown[], sentence: RegExp) =>
      assert.rejects(passing(property('plan', is, ...values)), sentence);
    await refused('less', ['much'], /"much" is not a number/);
    await refused('less', [''], /is not a number/);
    await refused('between', [1], /lacks its value/);
    await refused('is', [], /lacks its value/);
    await refused('before', ['soon'], /"soon" is not a date/);
    await refused('inLast', [-1], /not a number of days/);
    await refused('inLast', [1e9], /not a number of days/);
    await refused('matches', ['(a'], /cannot be read/);
    await refused('matches', ['(?=a)'], /RE2/);
    await refused('matches', ['\\1'], /RE2/);
    await refused('matches', ['a'.repeat(1001)], /1000 characters at most/);
  });

  it('do not explode on an expression that would elsewhere', async () => {
    await store([{ properties: { plan: `${'a'.repeat(5000)}!` } }]);
    assert.deepEqual(await passing(property('plan', 'matches', '^(a+)+$')), []);
    await passing(property('plan', 'matches', '(a{1,30}){1,30}$')).catch((error: Error) =>
      assert.match(error.message, /cannot be read/),
    );
  });

  it('have limits', () => {
    const one = property('plan', 'is', 'x');
    const deep = (depth: number): unknown => (depth === 0 ? one : { all: [deep(depth - 1)] });
    assert.equal(Filter.safeParse(deep(DEPTH_LIMIT)).success, true);
    assert.equal(Filter.safeParse(deep(DEPTH_LIMIT + 1)).success, false);
    assert.equal(Filter.safeParse(deep(1000)).success, false);
    assert.equal(Filter.safeParse({ all: Array.from({ length: CONDITIONS_LIMIT }, () => one) }).success, true);
    assert.equal(Filter.safeParse({ all: Array.from({ length: CONDITIONS_LIMIT + 1 }, () => one) }).success, false);
    assert.equal(
      Filter.safeParse({
        any: [{ all: Array.from({ length: 60 }, () => one) }, { all: Array.from({ length: 60 }, () => one) }],
      }).success,
      false,
    );
    const values = (count: number) => property('plan', 'is', ...Array.from({ length: count }, (_, index) => index));
    assert.equal(Filter.safeParse(values(VALUES_LIMIT)).success, true);
    assert.equal(Filter.safeParse(values(VALUES_LIMIT + 1)).success, false);
    assert.equal(Filter.safeParse(property('plan', 'is', 'a\0b')).success, false);
    assert.equal(Filter.safeParse(property('plan', 'is', '\ud800')).success, false);
  });
});
