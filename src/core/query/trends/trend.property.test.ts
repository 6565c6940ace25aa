import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../../kernel/context.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { intervalsOf, momentsOf } from '../calendar.testing.ts';
import type { TestEvent } from '../events.testing.ts';
import { type RandomEvent, randomEvents, randomMerges, type Stored, storeRandom } from '../random-events.testing.ts';
import { Report, type ReportInput } from '../report.ts';
import { peopleBehind, runReport } from '../run.ts';
import type { TrendSeries } from './result.ts';
import type { TrendReport } from './schema.ts';
import { type OracleMeasure, type OracleSeries, oracleTrend } from './trend.oracle.testing.ts';

const START = Date.parse('2026-03-25T00:00:00Z');
const HOURS = 24 * 9;
/** After everything, so that no interval is still to come. */
const NOW = Date.parse('2026-06-01T00:00:00Z');

const amount = (event: TestEvent): number | null => {
  const value = (event.properties as { amount?: unknown }).amount;
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
};
const AMOUNT = { of: 'property', name: 'amount' } as const;
const BREAKDOWNS = {
  plan: {
    field: { of: 'property', name: 'plan' },
    value: (event: TestEvent) => (event.properties as { plan?: string }).plan ?? '',
  },
  device: { field: { of: 'event', name: 'device' }, value: (event: TestEvent) => event.device ?? '' },
} as const;

const PLAIN = ['events', 'people', 'accounts', 'sessions', 'perPerson'];
const measure = fc.constantFrom<string>(
  'events',
  'people',
  'accounts',
  'sessions',
  'perPerson',
  'sum',
  'average',
  'min',
  'max',
  'median',
  'p90',
  'p95',
  'p99',
);

const question = fc.record({
  series: fc.array(fc.record({ name: fc.constantFrom('Viewed', 'Bought', 'Never'), measure }), {
    minLength: 1,
    maxLength: 2,
  }),
  interval: fc.constantFrom('hour', 'day', 'week', 'month'),
  zone: fc.constantFrom('Europe/Warsaw', 'America/New_York', 'UTC', 'Asia/Tokyo'),
  weekStart: fc.constantFrom('monday', 'sunday'),
  day: fc.nat(6),
  days: fc.nat(4),
  breakdown: fc.subarray(['plan', 'device'] as const),
  top: fc.integer({ min: 1, max: 5 }),
  shape: fc.constantFrom('plain', 'rolling', 'cumulative', 'compare'),
  rolling: fc.integer({ min: 2, max: 5 }),
  onlyMobile: fc.boolean(),
});
type Question = typeof question extends fc.Arbitrary<infer Q> ? Q : never;

function reportOf(asked: Question, period: { from: string; to: string }): ReportInput {
  return {
    kind: 'trend',
    period,
    zone: asked.zone,
    weekStart: asked.weekStart as 'monday',
    interval: asked.interval as 'day',
    series: asked.series.map(({ name, measure }) => ({
      what: { events: [{ name }] },
      measure: (PLAIN.includes(measure) ? { of: measure } : { of: measure, field: AMOUNT }) as { of: 'events' },
    })),
    breakdown: asked.breakdown.map((one) => BREAKDOWNS[one].field),
    top: asked.top,
    ...(asked.onlyMobile ? { filter: { field: BREAKDOWNS.device.field, is: 'is' as const, values: ['mobile'] } } : {}),
    ...(asked.shape === 'rolling' ? { rolling: asked.rolling } : {}),
    cumulative: asked.shape === 'cumulative',
    ...(asked.shape === 'compare' ? { compare: 'previous' as const } : {}),
  };
}

/** The points' moments, looked up day by day. */
function windowsOf(asked: Question, period: { from: string; to: string }) {
  const { from, to } = momentsOf(period, asked.zone);
  const unit = asked.interval as 'day';
  const points = intervalsOf(unit, period, asked.zone, asked.weekStart as 'monday');
  const long = Temporal.PlainDate.from(period.from).subtract({ days: 200 }).toString();
  const all =
    asked.shape === 'rolling'
      ? intervalsOf(unit, { from: long, to: period.to }, asked.zone, asked.weekStart as 'monday')
      : points;
  return points.map((point) => {
    if (asked.shape === 'cumulative') return { from, to: Math.min(point.to, to) };
    if (asked.shape !== 'rolling') return { from: Math.max(point.from, from), to: Math.min(point.to, to) };
    const index = all.findIndex((one) => one.from === point.from);
    return { from: all[index - asked.rolling + 1]!.from, to: Math.min(point.to, to) };
  });
}

const rounded = (value: number | null) => (value === null ? null : Math.round(value * 1e6) / 1e6);
const comparable = (series: Pick<TrendSeries, 'breakdown' | 'values' | 'total' | 'before'> & { index: number }) => ({
  index: series.index,
  breakdown: series.breakdown,
  values: series.values.map(rounded),
  total: rounded(series.total),
  before: series.before && { values: series.before.values.map(rounded), total: rounded(series.before.total) },
});

function expected(asked: Question, period: { from: string; to: string }, stored: Stored): OracleSeries[] {
  const days = Temporal.PlainDate.from(period.from).until(period.to).days + 1;
  const earlier = {
    from: Temporal.PlainDate.from(period.from).subtract({ days }).toString(),
    to: Temporal.PlainDate.from(period.from).subtract({ days: 1 }).toString(),
  };
  return oracleTrend({
    events: stored.events,
    personOf: stored.personOf,
    series: asked.series.map(({ name, measure }) => ({
      matches: (event) => event.name === name && (!asked.onlyMobile || event.device === 'mobile'),
      measure: (PLAIN.includes(measure) ? { of: measure } : { of: measure, number: amount }) as OracleMeasure,
    })),
    valuesOf: (event) => asked.breakdown.map((one) => BREAKDOWNS[one].value(event)),
    broken: asked.breakdown.length > 0,
    top: asked.top,
    ...momentsOf(period, asked.zone),
    windows: windowsOf(asked, period),
    earlier:
      asked.shape === 'compare' ? { ...momentsOf(earlier, asked.zone), windows: windowsOf(asked, earlier) } : undefined,
  });
}

describe('a trend of random events', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());

  const same = async (asked: Question, period: { from: string; to: string }, stored: Stored) => {
    const report = Report.parse(reportOf(asked, period)) as TrendReport;
    const { result } = await runReport(context, report, { now: NOW });
    const got = result.series.map((one) => comparable({ ...one, index: one.id.charCodeAt(0) - 65 }));
    assert.deepEqual(got, expected(asked, period, stored).map(comparable));
    return { report, result };
  };

  it('is what counting by hand gives, also while people are merged and after that is undone', async () => {
    await fc.assert(
      fc.asyncProperty(randomEvents(HOURS), randomMerges, question, async (events, merges, asked) => {
        const stored = await storeRandom(context, events as RandomEvent[], merges, START);
        const from = Temporal.PlainDate.from('2026-03-26').add({ days: asked.day });
        const period = { from: from.toString(), to: from.add({ days: asked.days }).toString() };
        await same(asked, period, stored);
        await stored.merge();
        await same(asked, period, stored);
        await stored.undo();
        await same(asked, period, stored);
      }),
      { numRuns: 35 },
    );
  });

  it('has as many people behind each point as it counts', async () => {
    await fc.assert(
      fc.asyncProperty(randomEvents(HOURS), randomMerges, question, async (events, merges, random) => {
        const asked = { ...random, series: random.series.map((one) => ({ ...one, measure: 'people' })) };
        const stored = await storeRandom(context, events as RandomEvent[], merges, START);
        await stored.merge();
        const from = Temporal.PlainDate.from('2026-03-26').add({ days: asked.day });
        const period = { from: from.toString(), to: from.add({ days: asked.days }).toString() };
        const { report, result } = await same(asked, period, stored);
        for (const series of result.series.slice(0, 6)) {
          const points = [...series.values.entries()].filter(([, value]) => value !== 0).slice(0, 3);
          const part = { series: series.id, breakdown: series.breakdown };
          const all = await peopleBehind(context, report, part, { after: 0, limit: 100 }, { now: NOW });
          assert.equal(all.length, series.total);
          for (const [index, value] of points) {
            const bucket = result.buckets[index]!.from;
            const people = await peopleBehind(
              context,
              report,
              { ...part, bucket },
              { after: 0, limit: 100 },
              { now: NOW },
            );
            assert.equal(people.length, value);
            assert.deepEqual(
              people,
              [...new Set(people)].sort((a, b) => a - b),
            );
            const [first, ...others] = people;
            const further = { after: first!, limit: 100 };
            assert.deepEqual(await peopleBehind(context, report, { ...part, bucket }, further, { now: NOW }), others);
          }
        }
        await stored.undo();
      }),
      { numRuns: 15 },
    );
  });

  it('counts how often people did it as going through each of them does', async () => {
    await fc.assert(
      fc.asyncProperty(randomEvents(HOURS), randomMerges, question, async (events, merges, asked) => {
        const stored = await storeRandom(context, events as RandomEvent[], merges, START);
        const period = { from: '2026-03-26', to: '2026-03-31' };
        const { from, to } = momentsOf(period, asked.zone);
        const field = asked.breakdown[0];
        const report = Report.parse({
          kind: 'trend',
          period,
          zone: asked.zone,
          distribution: true,
          top: asked.top,
          series: [{ what: { events: [{ name: 'Viewed' }] } }],
          breakdown: field ? [BREAKDOWNS[field].field] : [],
        }) as TrendReport;
        const check = async () => {
          const mine = stored.events.filter(
            (one) => one.name === 'Viewed' && Number(one.at) >= from && Number(one.at) < to,
          );
          const valueIn = (one: TestEvent) => (field ? BREAKDOWNS[field].value(one) : '');
          const peopleOf = (list: TestEvent[]) => [...new Set(list.map((one) => stored.personOf(one.person)))];
          const size = (value: string) => peopleOf(mine.filter((one) => valueIn(one) === value)).length;
          const values = [...new Set(mine.map(valueIn))].sort(
            (a, b) => size(b) - size(a) || Buffer.compare(Buffer.from(a), Buffer.from(b)),
          );
          const shown = values.slice(0, field ? asked.top : 0);
          const { result } = await runReport(context, report, { now: NOW });
          const groups = [...shown, ...(!field || values.length > shown.length ? [null] : [])];
          assert.deepEqual(
            result.series.map((one) => one.breakdown[0] ?? null),
            groups,
          );
          for (const [index, group] of groups.entries()) {
            const list = mine.filter((one) =>
              group === null ? !shown.includes(valueIn(one)) : valueIn(one) === group,
            );
            const times = peopleOf(list).map(
              (person) => list.filter((one) => stored.personOf(one.person) === person).length,
            );
            const counts = result.bins!.map((bin) => times.filter((n) => n >= bin.from && n <= (bin.to ?? n)).length);
            assert.deepEqual(result.series[index]!.values, counts);
            assert.equal(result.series[index]!.total, times.length);
          }
        };
        await check();
        await stored.merge();
        await check();
        await stored.undo();
      }),
      { numRuns: 15 },
    );
  });
});
