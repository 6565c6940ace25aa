import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StreamEvent } from '../event.ts';
import { locate } from './location.ts';

const located = (parts: { context?: Record<string, unknown>; properties?: Record<string, unknown> }) => {
  const event = { context: {}, properties: {}, ...parts } as unknown as StreamEvent;
  locate(event);
  return event.context.location as Record<string, unknown> | undefined;
};

test('a place is found in the context, in the properties and in a geo text', () => {
  const warsaw = { latitude: 52.23, longitude: 21.01 };
  assert.deepEqual(located({ context: { location: { ...warsaw, accuracy: 30, city: 'Warsaw' } } }), {
    city: 'Warsaw',
    ...warsaw,
    accuracy: 30,
  });
  assert.deepEqual(located({ context: { location: { lat: '52.23', lng: '21.01', country: 'PL' } } }), {
    country: 'PL',
    ...warsaw,
  });
  assert.deepEqual(located({ properties: warsaw }), warsaw);
  assert.deepEqual(located({ properties: { geo: '52.23, 21.01' } }), warsaw);
  assert.deepEqual(located({ context: { geo: 'geo:52.23,21.01;u=35' } }), { ...warsaw, accuracy: 35 });
  assert.deepEqual(located({ context: { location: { city: 'Warsaw' } } }), { city: 'Warsaw' });
  assert.equal(located({ properties: { latitude: 52 } }), undefined);
  assert.equal(located({}), undefined);
});

test('what cannot be a place is no place, and it is said why', () => {
  for (const [latitude, longitude, says] of [
    [91, 0, /latitude 91 is not between/],
    [-90.0001, 10, /latitude/],
    [10, 180.5, /longitude 180.5 is not between/],
    ['north', 10, /latitude "north" is not a number/],
    [10, {}, /longitude object is not a number/],
    [Number.NaN, 10, /latitude NaN is not a number/],
    ['1e2', 10, /is not a number/],
    [0, 0, /do not know where they are/],
  ] as const) {
    const place = located({ context: { location: { latitude, longitude, accuracy: 5, city: 'X' } } });
    assert.deepEqual(Object.keys(place ?? {}), ['city', 'problem'], JSON.stringify(place));
    assert.match(String(place?.problem), says);
  }
  const odd = located({ context: { location: { latitude: 1, longitude: 2, accuracy: -5 } } });
  assert.deepEqual(odd, { latitude: 1, longitude: 2 });
});

test('a place is a place again when its event is sent again, whatever it was', () => {
  fc.assert(
    fc.property(fc.anything(), fc.anything(), fc.anything(), (latitude, longitude, geo) => {
      const context: Record<string, unknown> = { location: { latitude, longitude }, geo };
      const first = located({ context });
      const second = located({ context });
      assert.deepEqual(second, first);
      if (first && 'latitude' in first && !('problem' in first)) {
        if (typeof first.latitude === 'number') assert.ok(Math.abs(first.latitude) <= 90);
      }
    }),
    { numRuns: 1000 },
  );
});
