import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { errorsOnce } from './src/pages/replay/player/errors-once.ts';
import type { Mark } from './src/pages/replay/player/marks.ts';

const line = (at: number, detail: string): Mark => ({ id: `line ${at}`, at, kind: 'error', words: 'Error', detail });
const told = (at: number, message?: string): Mark => ({
  ...{ id: `event ${at}`, at, kind: 'error', words: 'Error' },
  ...(message !== undefined && { message, detail: message }),
});
const shown = (lines: Mark[], events: Mark[]) => errorsOnce(lines, events).map(({ id }) => id);

test('an uncaught error that is a line of the console and an event is shown once', () => {
  assert.deepEqual(shown([line(1000, 'TypeError: x is not a function\n at a.js:1')], [told(1003)]), []);
  assert.deepEqual(
    shown([line(1000, 'at a.js:1')], [told(1003, 'x is not a function')]),
    [],
    'browsers differ in words',
  );
  assert.deepEqual(shown([line(1000, 'TypeError: x is not a function')], [told(2400, 'x is not a function')]), []);
});

test('errors that are not the same stay both', () => {
  assert.deepEqual(shown([line(1000, 'a picture is missing')], [told(9000)]), ['event 9000']);
  assert.deepEqual(shown([line(1000, 'a picture is missing')], [told(2400, 'x is not a function')]), ['event 2400']);
  assert.deepEqual(shown([], [told(1)]), ['event 1']);
  assert.deepEqual(
    shown([line(1000, 'one')], [told(1001), told(1002)]),
    ['event 1002'],
    'one line does not stand for two errors',
  );
  assert.deepEqual(
    shown([line(990, 'TypeError: b'), line(1000, 'TypeError: a')], [told(1001, 'b'), told(1002, 'c')]),
    [],
    'the line with the words is not taken by another error',
  );
});

test('as many errors go as lines may stand for them, and never more', () => {
  const times = fc.uniqueArray(fc.integer({ min: 0, max: 3000 }), { maxLength: 12 });
  const events = fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), fc.constantFrom('', 'a', 'b')), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(times, events, (lines, met) => {
      const given = met.map(([at, message]) => told(at, message));
      const left = errorsOnce(
        lines.map((at) => line(at, at % 2 ? 'a' : 'b')),
        given,
      );
      assert.ok(left.every((one) => given.includes(one)));
      assert.ok(given.length - left.length <= lines.length);
      for (const one of given) if (!lines.some((at) => Math.abs(at - one.at) <= 2000)) assert.ok(left.includes(one));
    }),
  );
});
