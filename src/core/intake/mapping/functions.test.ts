import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMapping } from './expression.ts';
import { instant, pick, sumProduct } from './functions.ts';

test('$instant reads a local time in its zone, in winter and in summer', () => {
  assert.equal(instant('2010-12-01 08:26:00', 'Europe/London'), '2010-12-01T08:26:00.000Z');
  assert.equal(instant('2011-07-01 08:26:00', 'Europe/London'), '2011-07-01T07:26:00.000Z');
  assert.equal(instant('2011-07-01', 'America/New_York'), '2011-07-01T04:00:00.000Z');
  assert.equal(instant('2011-07-01 08:26'), '2011-07-01T08:26:00.000Z');
});

test('$instant keeps an offset that the text has', () => {
  assert.equal(instant('2011-07-01T08:26:00+02:00', 'Europe/London'), '2011-07-01T06:26:00.000Z');
  assert.equal(instant('2011-07-01T08:26:00.5Z'), '2011-07-01T08:26:00.500Z');
});

test('$instant moves by weeks and keeps the time of day over a change of clocks', () => {
  assert.equal(instant('2011-03-25 09:00:00', 'Europe/London', 1), '2011-04-01T08:00:00.000Z');
});

test('$instant settles hours that a change of clocks skips or repeats', () => {
  assert.equal(instant('2011-03-27 01:30:00', 'Europe/London'), '2011-03-27T01:30:00.000Z');
  assert.equal(instant('2011-10-30 01:30:00', 'Europe/London'), '2011-10-30T00:30:00.000Z');
});

test('$instant says what it cannot read', () => {
  assert.throws(() => instant('01/12/2010', 'Europe/London'), /"01\/12\/2010" is not a time/);
  assert.throws(() => instant('2010-13-01'), /is not a time/);
  assert.throws(() => instant('2010-12-01', 'Europe/Nowhere'), /"Europe\/Nowhere" is not a time zone/);
  assert.throws(() => instant('2010-12-01', 'UTC', 0.5), /whole number of weeks/);
  assert.throws(() => instant('9'.repeat(1000)), /too long/);
});

test('a mapping can call $instant', async () => {
  const mapping = parseMapping('{ "timestamp": $instant(at, "Europe/London") }');
  assert.deepEqual(
    { ...(await mapping.evaluate({ at: '2011-07-01 08:26:00' })) },
    { timestamp: '2011-07-01T07:26:00.000Z' },
  );
  await assert.rejects(mapping.evaluate({ at: 17 }));
});

test('$pick and $sumProduct do what the expressions they stand for do', async () => {
  const rows = [{ a: 2, b: 3.5, c: 'x' }, { a: -1, b: 2 }, { a: 5 }];
  for (const count of [1, 2, 3]) {
    const some = rows.slice(0, count);
    const mapping = parseMapping(
      '[[$pick(rows, {"n": "a", "t": "c"})] , [rows.{"n": a, "t": c}], $sumProduct(rows, "a", "b"), $sum(rows.(a * b)), $sumProduct(rows, "a")]',
    );
    const [fast, slow, sum, slowSum, total] = JSON.parse(JSON.stringify(await mapping.evaluate({ rows: some })));
    assert.deepEqual(fast, slow);
    assert.equal(sum, slowSum);
    assert.equal(
      total,
      some.reduce((before, { a }) => before + a, 0),
    );
  }
  assert.deepEqual(pick([{ a: 1 }], { constructor: 'constructor', b: 'a' }), [{ b: 1 }]);
  assert.throws(() => sumProduct([{ a: 'x' }], 'a'), /a is not a number/);
});

test('$pick makes a list of one row too', async () => {
  const mapping = parseMapping('{ "products": $pick(rows, {"n": "a"}) }');
  assert.deepEqual(JSON.parse(JSON.stringify(await mapping.evaluate({ rows: [{ a: 1 }] }))), { products: [{ n: 1 }] });
});
