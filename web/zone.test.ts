import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import fc from 'fast-check';
import { dayOf, setZone, startOfDay } from './src/zone.ts';

afterEach(() => setZone(undefined));

test('a day is that of the chosen zone', () => {
  for (const [zone, day] of [
    ['UTC', '2026-03-02'],
    ['Asia/Kathmandu', '2026-03-03'],
    ['America/Los_Angeles', '2026-03-02'],
    ['Pacific/Kiritimati', '2026-03-03'],
  ] as const) {
    setZone(zone);
    assert.equal(dayOf('2026-03-02T20:30:00.000Z'), day, zone);
  }
  assert.equal(dayOf('not a time'), 'not a time');
});

test('a day begins when its date does there, also when clocks change', () => {
  setZone('Europe/Warsaw');
  assert.equal(startOfDay('2026-03-29')?.toISOString(), '2026-03-28T23:00:00.000Z');
  assert.equal(startOfDay('2026-03-29', 1)?.toISOString(), '2026-03-29T22:00:00.000Z');
  assert.equal(startOfDay('nonsense'), null);
  const zones = [
    'UTC',
    'Europe/Warsaw',
    'America/New_York',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Pacific/Chatham',
  ];
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 20_000 }), (zone, number) => {
      setZone(zone);
      const day = new Date(number * 86_400_000).toISOString().slice(0, 10);
      const start = startOfDay(day)!;
      assert.equal(dayOf(start.toISOString()), day);
      assert.notEqual(dayOf(new Date(start.getTime() - 1).toISOString()), day);
    }),
  );
});
