import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { intervalsOf, momentsOf } from './calendar.testing.ts';
import { BUCKETS_LIMIT, bucketsOf, INTERVALS, type Interval, Period, spanBefore, spanOf } from './period.ts';

/** Among them zones that shift by half an hour, whose midnight is skipped, with odd offsets, and that skipped a day. */
const ZONES = [
  'UTC',
  'Europe/Warsaw',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/Sao_Paulo',
  'Africa/Cairo',
  'Asia/Beirut',
  'America/Havana',
  'Pacific/Apia',
  'America/St_Johns',
];

const zone = fc.constantFrom(...ZONES);
const weekStart = fc.constantFrom<'monday' | 'sunday'>('monday', 'sunday');
const day = fc
  .integer({ min: 0, max: 365 * 22 })
  .map((count) => Temporal.PlainDate.from('2005-01-01').add({ days: count }));
const NOW = Date.parse('2030-01-01T00:00:00Z');

describe('the calendar of reports', () => {
  it('has buckets without gaps or overlaps that cover the period, in every zone', () => {
    fc.assert(
      fc.property(
        day,
        fc.nat(60),
        zone,
        weekStart,
        fc.constantFrom<Interval>(...INTERVALS.filter((one) => one !== 'minute')),
        (first, days, zone, weekStart, interval) => {
          const period = { from: first.toString(), to: first.add({ days }).toString() };
          const span = spanOf(period, zone, weekStart, NOW);
          assert.deepEqual(span, momentsOf(period, zone));
          const buckets = bucketsOf(span, interval, zone, weekStart, NOW);
          assert.ok(buckets[0]!.from <= span.from && buckets[0]!.to > span.from);
          assert.ok(buckets.at(-1)!.to >= span.to && buckets.at(-1)!.from < span.to);
          for (const [index, bucket] of buckets.entries()) {
            assert.ok(bucket.to > bucket.from);
            if (index > 0) assert.equal(bucket.from, buckets[index - 1]!.to);
            assert.equal(bucket.partial, bucket.from < span.from || bucket.to > span.to);
          }
        },
      ),
      { numRuns: 600 },
    );
  });

  it('begins days, weeks, months, quarters and years where going through the days one by one does', () => {
    fc.assert(
      fc.property(
        day,
        fc.nat(200),
        zone,
        weekStart,
        fc.constantFrom<'day' | 'week' | 'month' | 'quarter' | 'year'>('day', 'week', 'month', 'quarter', 'year'),
        (first, days, zone, weekStart, interval) => {
          const period = { from: first.toString(), to: first.add({ days }).toString() };
          const buckets = bucketsOf(spanOf(period, zone, weekStart, NOW), interval, zone, weekStart, NOW);
          assert.deepEqual(
            buckets.map(({ from, to }) => ({ from, to })),
            intervalsOf(interval, period, zone, weekStart).filter(({ from, to }) => to > from),
          );
        },
      ),
      { numRuns: 400 },
    );
  });

  it('has 23 and 25 hours on the days of daylight saving, and 23½ and 24½ where the clock moves by half an hour', () => {
    const hours = (date: string, zone: string) => {
      const span = spanOf({ from: date, to: date }, zone, 'monday', NOW);
      return (span.to - span.from) / 3_600_000;
    };
    assert.equal(hours('2026-03-29', 'Europe/Warsaw'), 23);
    assert.equal(hours('2026-10-25', 'Europe/Warsaw'), 25);
    assert.equal(hours('2026-10-04', 'Australia/Lord_Howe'), 23.5);
    assert.equal(hours('2026-04-05', 'Australia/Lord_Howe'), 24.5);
  });

  it('shows both hours of a clock that is set back, and each once', () => {
    const span = spanOf({ from: '2026-10-25', to: '2026-10-25' }, 'Europe/Warsaw', 'monday', NOW);
    const labels = bucketsOf(span, 'hour', 'Europe/Warsaw', 'monday', NOW).map((bucket) => bucket.label);
    assert.equal(labels.length, 25);
    assert.equal(labels.filter((label) => label === '2026-10-25T02:00').length, 2);
  });

  it('begins a day whose midnight does not exist at the first moment that does', () => {
    const span = spanOf({ from: '2018-11-04', to: '2018-11-04' }, 'America/Sao_Paulo', 'monday', NOW);
    assert.equal(new Date(span.from).toISOString(), '2018-11-04T03:00:00.000Z');
    assert.equal(span.to - span.from, 23 * 3_600_000);
    const [bucket] = bucketsOf(span, 'day', 'America/Sao_Paulo', 'monday', NOW);
    assert.equal(bucket!.label, '2018-11-04');
    assert.equal(bucket!.partial, false);
  });

  it('begins weeks on the day that was chosen, also across the year', () => {
    const span = spanOf({ from: '2025-12-31', to: '2026-01-05' }, 'UTC', 'monday', NOW);
    const labels = (start: 'monday' | 'sunday') => bucketsOf(span, 'week', 'UTC', start, NOW).map((one) => one.label);
    assert.deepEqual(labels('monday'), ['2025-12-29', '2026-01-05']);
    assert.deepEqual(labels('sunday'), ['2025-12-28', '2026-01-04']);
  });

  it('ends the last so many units with the one under way, and marks it as not over', () => {
    const now = Date.parse('2026-11-18T10:30:00Z');
    const last = (count: number, unit: 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year') => {
      const span = spanOf({ last: count, unit }, 'UTC', 'monday', now);
      return [span.from, span.to].map((at) => new Date(at).toISOString().slice(0, 13));
    };
    assert.deepEqual(last(3, 'hour'), ['2026-11-18T08', '2026-11-18T11']);
    assert.deepEqual(last(7, 'day'), ['2026-11-12T00', '2026-11-19T00']);
    assert.deepEqual(last(2, 'week'), ['2026-11-09T00', '2026-11-23T00']);
    assert.deepEqual(last(1, 'month'), ['2026-11-01T00', '2026-12-01T00']);
    assert.deepEqual(last(2, 'quarter'), ['2026-07-01T00', '2027-01-01T00']);
    assert.deepEqual(last(1, 'year'), ['2026-01-01T00', '2027-01-01T00']);
    const days = bucketsOf(spanOf({ last: 2, unit: 'day' }, 'UTC', 'monday', now), 'day', 'UTC', 'monday', now);
    assert.deepEqual(
      days.map((one) => one.partial),
      [false, true],
    );
  });

  it('has as many units before a period of units, and as many days before one of days', () => {
    const now = Date.parse('2026-03-31T12:00:00Z');
    const text = ({ from, to }: { from: number; to: number }) =>
      [from, to].map((at) => new Date(at).toISOString().slice(0, 10));
    assert.deepEqual(text(spanBefore({ last: 1, unit: 'month' }, 'UTC', 'monday', now)), ['2026-02-01', '2026-03-01']);
    assert.deepEqual(text(spanBefore({ from: '2026-03-01', to: '2026-03-31' }, 'UTC', 'monday', now)), [
      '2026-01-29',
      '2026-03-01',
    ]);
    fc.assert(
      fc.property(day, fc.nat(60), zone, (first, days, zone) => {
        const period = { from: first.toString(), to: first.add({ days }).toString() };
        const before = spanBefore(period, zone, 'monday', NOW);
        assert.equal(before.to, spanOf(period, zone, 'monday', NOW).from);
        const count = days + 1;
        const earlier = {
          from: first.subtract({ days: count }).toString(),
          to: first.subtract({ days: 1 }).toString(),
        };
        assert.deepEqual(before, momentsOf(earlier, zone));
      }),
      { numRuns: 300 },
    );
  });

  it('refuses periods that end before they begin, last too long, or have too many points', () => {
    const span = (period: Period) => spanOf(period, 'UTC', 'monday', NOW);
    assert.throws(() => span({ from: '2026-02-02', to: '2026-01-01' }), /Swap the two/);
    assert.throws(() => span({ from: '1980-01-01', to: '2026-01-01' }), /30 years long at most/);
    const year = span({ from: '2026-01-01', to: '2026-12-31' });
    assert.throws(() => bucketsOf(year, 'minute', 'UTC', 'monday', NOW), /more than 5,000 points/);
    const most = { from: year.from, to: year.from + BUCKETS_LIMIT * 60_000 };
    assert.equal(bucketsOf(most, 'minute', 'UTC', 'monday', NOW).length, BUCKETS_LIMIT);
    for (const bad of [
      { last: 0, unit: 'day' },
      { last: -1, unit: 'day' },
      { from: '2026-02-30', to: '2026-03-01' },
      { last: 4000, unit: 'day' },
    ])
      assert.equal(Period.safeParse(bad).success, false);
  });
});
