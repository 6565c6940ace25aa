import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../../kernel/context.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { intervalsOf, momentsOf } from '../calendar.testing.ts';
import { type RandomEvent, randomEvents, randomMerges, type Stored, storeRandom } from '../random-events.testing.ts';
import { Report, type ReportInput } from '../report.ts';
import { peopleBehind, runReport } from '../run.ts';
import type { EngagementReport, LifecycleReport, StickinessReport } from './schema.ts';
import { oracleActive, oracleLifecycle, oracleStickiness } from './usage.oracle.testing.ts';

const START = Date.parse('2026-03-20T00:00:00Z');
const HOURS = 24 * 16;
const NOW = Date.parse('2026-06-01T00:00:00Z');
const STATUSES = ['new', 'returning', 'resurrecting', 'dormant'] as const;

const question = fc.record({
  name: fc.constantFrom('Viewed', 'Bought', 'Never'),
  interval: fc.constantFrom<'hour' | 'day' | 'week' | 'month'>('hour', 'day', 'week', 'month'),
  zone: fc.constantFrom('Europe/Warsaw', 'America/New_York', 'UTC', 'Asia/Tokyo'),
  weekStart: fc.constantFrom<'monday' | 'sunday'>('monday', 'sunday'),
  day: fc.nat(12),
  days: fc.nat(8),
});
type Question = typeof question extends fc.Arbitrary<infer Q> ? Q : never;

const periodOf = ({ day, days }: Question) => {
  const from = Temporal.PlainDate.from('2026-03-21').add({ days: day });
  return { from: from.toString(), to: from.add({ days }).toString() };
};
const asked = ({ name, zone, weekStart, ...rest }: Question) => ({
  period: periodOf({ name, zone, weekStart, ...rest }),
  zone,
  weekStart,
  what: { events: [{ name }] },
});
const page = { after: 0, limit: 100 };

describe('the use of random events', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());

  /** Runs a check before a merge, while it stands, and after it is undone. */
  const property = (check: (stored: Stored, question: Question) => Promise<void>, numRuns: number) =>
    fc.assert(
      fc.asyncProperty(randomEvents(HOURS), randomMerges, question, async (events, merges, one) => {
        const stored = await storeRandom(context, events as RandomEvent[], merges, START);
        await check(stored, one);
        await stored.merge();
        await check(stored, one);
        await stored.undo();
        await check(stored, one);
      }),
      { numRuns },
    );
  const parse = <R extends Report>(input: ReportInput) => Report.parse(input) as R;
  const matching = (stored: Stored, { name }: Question) => stored.events.filter((event) => event.name === name);

  it('tells new, returning, resurrecting and dormant people apart as looking at each one by hand does', async () => {
    await property(async (stored, one) => {
      const report = parse<LifecycleReport>({ kind: 'lifecycle', interval: one.interval, ...asked(one) });
      const { result } = await runReport(context, report, { now: NOW });
      const period = periodOf(one);
      const earlier = Temporal.PlainDate.from(period.from).subtract({ days: 70 }).toString();
      const all = intervalsOf(one.interval, { from: earlier, to: period.to }, one.zone, one.weekStart);
      const own = intervalsOf(one.interval, period, one.zone, one.weekStart);
      const { to } = momentsOf(period, one.zone);
      const windows = all
        .slice(all.findIndex((window) => window.from === own[0]!.from) - 1)
        .map((window) => ({ from: window.from, to: Math.min(window.to, to) }));
      const expected = oracleLifecycle(matching(stored, one), stored.personOf, windows);
      for (const status of STATUSES)
        assert.deepEqual(
          result[status],
          expected.map((interval) => interval[status].length),
          status,
        );
      for (const [index, interval] of [...expected.entries()].filter(([, each]) => each.new.length > 0).slice(0, 1)) {
        const bucket = result.buckets[index]!.from;
        for (const status of STATUSES)
          assert.deepEqual(
            await peopleBehind(context, report, { bucket, status }, page, { now: NOW }),
            interval[status],
          );
      }
    }, 25);
  });

  it('counts on how many intervals somebody came', async () => {
    await property(async (stored, one) => {
      const report = parse<StickinessReport>({ kind: 'stickiness', interval: one.interval, ...asked(one) });
      const { result } = await runReport(context, report, { now: NOW });
      const period = periodOf(one);
      const { from, to } = momentsOf(period, one.zone);
      const windows = intervalsOf(one.interval, period, one.zone, one.weekStart).map((window) => ({
        from: Math.max(window.from, from),
        to: Math.min(window.to, to),
      }));
      const active = oracleStickiness(matching(stored, one), stored.personOf, windows);
      const people = windows.map((_, index) => [...active.values()].filter((count) => count === index + 1).length);
      assert.deepEqual(result, { intervals: windows.length, people, total: active.size });
      for (const atLeast of [true, false]) {
        const part = { intervals: Math.min(2, windows.length), atLeast };
        const wanted = [...active].filter(([, n]) => (atLeast ? n >= part.intervals : n === part.intervals));
        assert.deepEqual(
          await peopleBehind(context, report, part, page, { now: NOW }),
          wanted.map(([person]) => person).sort((a, b) => a - b),
        );
      }
    }, 20);
  });

  it('counts the active people of a day, of 7 and of 30 days, each once', async () => {
    await property(async (stored, one) => {
      const report = parse<EngagementReport>({ kind: 'engagement', ...asked(one) });
      const { result } = await runReport(context, report, { now: NOW });
      const period = periodOf(one);
      const earlier = Temporal.PlainDate.from(period.from).subtract({ days: 29 }).toString();
      const days = intervalsOf('day', { from: earlier, to: period.to }, one.zone);
      for (const [of, length] of [
        ['day', 1],
        ['week', 7],
        ['month', 30],
      ] as const) {
        const expected = oracleActive(matching(stored, one), stored.personOf, days, length, 29);
        assert.deepEqual(
          result[of],
          expected.map((people) => people.length),
          of,
        );
        const last = { bucket: result.buckets.at(-1)!.from, of };
        assert.deepEqual(await peopleBehind(context, report, last, page, { now: NOW }), expected.at(-1));
      }
      for (const [index, ratio] of result.dayOfMonth.entries()) {
        const month = result.month[index]!;
        assert.equal(ratio, month === 0 ? null : result.day[index]! / month);
      }
    }, 20);
  });
});
