import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { folderOf, periodAt, periodsOver, stampOf } from './period.ts';

describe('periods', () => {
  it('follow one another without a gap in every zone, also over changes of clocks, each with a name of its own', () => {
    const zones = [
      'UTC',
      'Europe/Warsaw',
      'America/New_York',
      'Asia/Kathmandu',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom('hour' as const, 'day' as const),
        fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
        (zone, every, date) => {
          const since = date.getTime();
          const periods = periodsOver({ zone, every }, since, since + 4 * 86_400_000, 200);
          assert.ok(periods[0]!.from <= since && since < periods[0]!.to);
          for (const [n, period] of periods.entries()) {
            if (n > 0) assert.equal(period.from, periods[n - 1]!.to);
            assert.deepEqual(periodAt({ zone, every }, period.from), period);
            assert.deepEqual(periodAt({ zone, every }, period.to - 1), period);
          }
          const names = periods.map((one) => `${folderOf({ zone, every }, one.from)}/${stampOf(one.from)}`);
          assert.equal(new Set(names).size, periods.length);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of the day on which clocks change have 23 or 25 hours', () => {
    const zone = 'Europe/Warsaw';
    const lengthOf = (at: string) => {
      const { from, to } = periodAt({ zone, every: 'day' }, Date.parse(at));
      return (to - from) / 3_600_000;
    };
    assert.deepEqual(['2026-03-29T12:00Z', '2026-10-25T12:00Z', '2026-06-01T12:00Z'].map(lengthOf), [23, 25, 24]);
  });
});
