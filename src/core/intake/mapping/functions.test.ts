import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMapping } from './expression.ts';
import { instant } from './functions.ts';

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
