import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  complete,
  fromGroup,
  isComplete,
  numberFrom,
  toGroup,
  withOperator,
} from './src/pages/reports/parts/filter-value.ts';
import { calendarBefore, intervalFor, intervalsFor, presetOf } from './src/pages/reports/parts/period-value.ts';
import type { Condition, Filter } from './src/pages/reports/parts/types.ts';
import { asked, isReady, KINDS, type Report, START } from './src/pages/reports/report.ts';
import { fromLink, fromText, LINK_LIMIT, searchWith, toLink, toText } from './src/pages/reports/report-url.ts';

const country = (is: Condition['is'], ...values: Condition['values']): Condition => ({
  field: { of: 'event', name: 'country' },
  is,
  values,
});

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('true', 'null', '5', '-1', '', "it's !", 'a(b)', 'Order Completed', '订单', '/cart/*', 'a:b,c'),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (Object.is(number, -0) ? 0 : number)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((name) => name !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
})).value;

test('whatever a report says stands in its address and comes back as it was', () => {
  fc.assert(
    fc.property(json, (value) => {
      assert.deepEqual(fromText(toText(value)), value);
    }),
    { numRuns: 500 },
  );
});

test('an address can be read by people, and holds only what differs from the usual', () => {
  const report = START.trend();
  assert.equal(toLink(report), '()');
  const changed: Report = {
    ...report,
    period: { last: 7, unit: 'day' },
    series: [
      { what: { events: [{ name: 'Order Completed' }], where: country('is', 'PL') }, measure: { of: 'events' } },
    ],
  };
  assert.equal(
    toLink(changed),
    "(period:(last:7,unit:day),series:!((what:(events:!((name:'Order Completed')),where:(field:(of:event,name:country),is:is,values:!(PL))),measure:(of:events))))",
  );
  const search = searchWith(changed, { view: 'bar', people: '' });
  assert.ok(
    search.startsWith("?r=(period:(last:7,unit:day),series:!((what:(events:!((name:'Order%20Completed'))"),
    search,
  );
  const params = new URLSearchParams(search);
  assert.deepEqual(fromLink('trend', params.get('r')!), changed);
  assert.equal(params.get('view'), 'bar');
});

test('each kind of report begins with one that its own address gives back', () => {
  for (const kind of KINDS) assert.deepEqual(fromLink(kind, toLink(START[kind]())), START[kind]());
});

test('an address that holds no report is known as one, and never breaks the editor', () => {
  const bad = [
    'x',
    '(',
    "('",
    '!(1,2)',
    '(series:no)',
    '(series:!((what:(events:no))))',
    '(series:!((what:(events:!((where:(all:!(1))))),measure:(of:events))))',
    '(breakdown:!(country))',
    '(period:(from:never,to:never))',
    '(filter:(not:(not:5)))',
    '{"series":7}',
    '('.repeat(LINK_LIMIT),
    `${'(a:'.repeat(60)}1${')'.repeat(60)}`,
  ];
  for (const text of bad) assert.equal(fromLink('trend', text), null, text);
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.constantFrom(...KINDS), (text, kind) => {
      const report = fromLink(kind, text);
      assert.ok(report === null || report.kind === kind);
    }),
  );
});

test('a link may also hold JSON', () => {
  const report = fromLink('funnel', '{"order":"any"}');
  assert.deepEqual(report, { ...START.funnel(), order: 'any' });
});

const condition = fc
  .tuple(
    fc.constantFrom('is', 'contains', 'isSet'),
    fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 2 }),
  )
  .map(([is, values]) => country(is as 'is', ...(is === 'isSet' ? [] : values)));
const filter = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    condition,
    fc.record({ all: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
  ) as fc.Arbitrary<Filter>,
})).filter;

/** Whether a filter holds where each condition holds by chance: the meaning that editing must not change. */
function holds(one: Filter, chance: (condition: Condition) => boolean): boolean {
  if ('field' in one) return chance(one);
  if ('not' in one) return !holds(one.not, chance);
  return 'all' in one ? one.all.every((part) => holds(part, chance)) : one.any.some((part) => holds(part, chance));
}

test('conditions mean the same after they were opened for editing', () => {
  fc.assert(
    fc.property(filter, fc.func(fc.boolean()), (one, decide) => {
      const chance = (of: Condition) => decide(JSON.stringify(of));
      const edited = fromGroup(toGroup(one));
      assert.equal(holds(edited!, chance), holds(one, chance));
      assert.deepEqual(toGroup(edited), toGroup(one), 'and are edited in the same groups');
    }),
    { numRuns: 300 },
  );
});

test('a group within a group stays one while it has one condition', () => {
  const nested: Filter = { all: [country('is', 'PL'), { any: [country('is', 'IT')] }] };
  assert.deepEqual(fromGroup(toGroup(nested)), nested);
  assert.equal(fromGroup({ join: 'all', not: false, items: [] }), undefined);
});

test('a condition that lacks its value is not asked, and is not lost', () => {
  const writing: Filter = { all: [country('is'), country('contains', 'x'), country('between', 5, '')] };
  assert.deepEqual(complete(writing), country('contains', 'x'));
  assert.equal(complete(country('is')), undefined);
  assert.deepEqual(complete(country('isSet')), country('isSet'));
  assert.equal(isComplete(country('between', 0, 10)), true);
  const report = { ...START.trend(), filter: country('is') } as Report;
  assert.equal('filter' in asked(report), false);
  assert.deepEqual(fromLink('trend', toLink(report)), report);
});

test('numbers are read as people write them', () => {
  assert.deepEqual(['5', ' 1 200 ', '12,5', '-3.25', '.5', '', 'x', '1e5', '5%', '1,2,3'].map(numberFrom), [
    5,
    1200,
    12.5,
    -3.25,
    0.5,
    null,
    null,
    null,
    null,
    null,
  ]);
});

test('another comparison keeps the values that suit it', () => {
  const typed = country('is', '12', 'x');
  assert.deepEqual(withOperator(typed, 'number', 'more').values, [12]);
  assert.deepEqual(withOperator(typed, 'number', 'between').values, [12]);
  assert.deepEqual(withOperator(typed, 'text', 'matches').values, ['12']);
  assert.deepEqual(withOperator(typed, 'text', 'isSet').values, []);
  assert.deepEqual(withOperator(typed, 'time', 'inLast').values, [12]);
  assert.deepEqual(withOperator(country('is', '2026-01-31'), 'time', 'before').values, ['2026-01-31']);
  assert.deepEqual(withOperator(country('is', 'yesterday'), 'time', 'before').values, []);
});

test('periods are known by their names, and bring intervals that suit them', () => {
  assert.equal(presetOf({ last: 30, unit: 'day' }, '2026-03-31'), 'month');
  assert.deepEqual(calendarBefore('month', '2026-03-31'), { from: '2026-02-01', to: '2026-02-28' });
  assert.deepEqual(calendarBefore('month', '2026-01-15'), { from: '2025-12-01', to: '2025-12-31' });
  assert.deepEqual(calendarBefore('year', '2026-01-15'), { from: '2025-01-01', to: '2025-12-31' });
  assert.equal(presetOf({ from: '2026-02-01', to: '2026-02-28' }, '2026-03-31'), 'lastMonth');
  assert.equal(presetOf({ from: '2026-02-02', to: '2026-02-28' }, '2026-03-31'), 'custom');
  assert.deepEqual(intervalsFor({ last: 24, unit: 'hour' }), ['hour', 'day']);
  assert.equal(intervalFor({ last: 30, unit: 'day' }, 'day'), 'day');
  assert.equal(intervalFor({ last: 24, unit: 'hour' }, 'month'), 'hour');
  assert.equal(intervalFor({ last: 10, unit: 'year' }, 'hour'), 'quarter');
});

test('a report with a blank in it waits', () => {
  assert.equal(isReady(START.trend()), true);
  assert.equal(isReady(START.funnel()), false);
  const steps = [{ events: [{ name: 'a' }] }, { events: [{ name: 'b' }] }].map((what) => ({ what, optional: false }));
  assert.equal(isReady({ ...START.funnel(), steps }), true);
});
