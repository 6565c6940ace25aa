import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../../kernel/context.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { intervalsOf, momentsOf } from '../calendar.testing.ts';
import { removeEvents, storeEvents, type TestEvent } from '../events.testing.ts';
import { randomMerges, type Stored, storeRandom } from '../random-events.testing.ts';
import { Report } from '../report.ts';
import { peopleBehind, runReport } from '../run.ts';
import { sameStatements } from '../snapshot.testing.ts';
import { mean, netShare, share, student } from './interval.ts';
import type { ScoreReport } from './schema.ts';
import { oracleAnswers, oracleNps } from './score.oracle.testing.ts';

const NOW = Date.parse('2026-06-02T12:00:00Z');
const page = { after: 0, limit: 100 };
const PERIOD = { from: '2026-05-04', to: '2026-05-17' };
const near = (a: number | null | undefined, b: number) =>
  assert.ok(Math.abs((a ?? Number.NaN) - b) < 2e-4, `${a} is not ${b}`);

describe('scores', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());
  beforeEach(() => removeEvents(context));

  let responses = 0;
  const answer = (
    kind: string,
    score: number | string,
    more: Partial<TestEvent> & { of?: object } = {},
  ): TestEvent => ({
    person: more.person ?? ++responses,
    name: 'Question Answered',
    at: '2026-05-05T12:00:00Z',
    ...more,
    properties: {
      kind,
      score,
      scale: kind === 'nps' ? 10 : 5,
      responseId: `r${++responses}`,
      questionId: 'q1',
      ...more.of,
    },
  });
  const parse = (input: object) =>
    Report.parse({ kind: 'score', of: 'nps', zone: 'UTC', period: PERIOD, ...input }) as ScoreReport;
  const run = async (input: object = {}) => (await runReport(context, parse(input), { now: NOW })).result;

  it('NPS is the share of 9 and 10 less that of 0 to 6', async () => {
    await storeEvents(
      context,
      [10, 9, 9, 8, 7, 6, 0].map((score) => answer('nps', score)),
    );
    const { series, scale, buckets } = await run();
    assert.equal(scale, 10);
    assert.equal(buckets.length, 2);
    const { total, points, distribution } = series[0]!;
    near(total!.value, (3 - 2) / 7);
    assert.equal(total!.answers, 7);
    assert.ok(total!.low < total!.value && total!.value < total!.high);
    assert.equal(points[1], null);
    assert.deepEqual(
      distribution.map(({ score, times }) => [score, times]),
      [
        [0, 1],
        [6, 1],
        [7, 1],
        [8, 1],
        [9, 2],
        [10, 1],
      ],
    );
  });

  it('CSAT is the share of the two best answers, on any scale; CES is a mean', async () => {
    await storeEvents(context, [
      ...[5, 4, 3, 1].map((score) => answer('csat', score)),
      answer('csat', 6, { of: { scale: 7 } }),
      answer('csat', 5, { of: { scale: 7 } }),
      ...[7, 5, 3].map((score) => answer('ces', score, { of: { scale: 7 } })),
    ]);
    near((await run({ of: 'csat' })).series[0]!.total!.value, 3 / 6);
    const ces = await run({ of: 'ces' });
    assert.equal(ces.scale, 7);
    near(ces.series[0]!.total!.value, 5);
  });

  it('an answer that was changed counts once, as it was left', async () => {
    await storeEvents(context, [
      answer('nps', 2, { at: '2026-05-05T12:00:00Z', of: { responseId: 'same' } }),
      answer('nps', 10, { at: '2026-05-05T12:00:05Z', of: { responseId: 'same' } }),
      answer('nps', 10, { at: '2026-05-05T12:00:05Z', of: { responseId: 'same', questionId: 'q2' } }),
    ]);
    const { total } = (await run()).series[0]!;
    assert.deepEqual([total!.answers, total!.value], [2, 1]);
  });

  it('an answer that was taken back does not count', async () => {
    await storeEvents(context, [
      answer('nps', 2, { at: '2026-05-05T12:00:00Z', of: { responseId: 'same' } }),
      answer('nps', '', { at: '2026-05-05T12:00:05Z', of: { responseId: 'same', withdrawn: true } }),
      answer('nps', 10, { at: '2026-05-05T12:00:05Z' }),
    ]);
    const { total } = (await run()).series[0]!;
    assert.deepEqual([total!.answers, total!.value], [1, 1]);
  });

  it('is told by any field, with the response rate of each, and leads to the people', async () => {
    await storeEvents(context, [
      answer('nps', 10, { person: 1, device: 'mobile', of: { responseId: 'a' } }),
      answer('nps', 0, { person: 2, device: 'desktop', of: { responseId: 'b' } }),
      ...['a', 'b', 'c', 'd'].map((responseId, index) => ({
        person: index + 1,
        name: 'Survey Shown',
        at: '2026-05-05T11:59:00Z',
        device: index % 2 ? 'desktop' : 'mobile',
        properties: { responseId },
      })),
    ]);
    const report = parse({ breakdown: { of: 'event', name: 'device' }, top: 1 });
    const { series, different } = (await runReport(context, report, { now: NOW })).result;
    assert.equal(different, 2);
    assert.deepEqual(
      series.map((one) => [one.value, one.rest, one.total?.value, one.responses?.shown, one.responses?.answered]),
      [
        [null, false, 0, 4, 2],
        ['desktop', false, -1, 2, 1],
        [null, true, 1, 2, 1],
      ],
    );
    const behind = (part: object) => peopleBehind(context, report, part, page, { now: NOW });
    assert.deepEqual(await behind({ from: 0, to: 6 }), [2]);
    assert.deepEqual(await behind({ value: 'desktop' }), [2]);
    assert.deepEqual(await behind({ value: null }), [1]);
    assert.deepEqual(await behind({ bucket: '2026-05-04T00:00:00.000Z' }), [1, 2]);
    assert.deepEqual(await behind({ bucket: '2026-05-11T00:00:00.000Z' }), []);
    await assert.rejects(behind({ bucket: '2026-05-12T00:00:00.000Z' }), /no point that starts/);
    await assert.rejects(peopleBehind(context, parse({}), { value: 'x' }, page, { now: NOW }), /no breakdown/);
  });

  it('has the response rate of those surveys that ask for it', async () => {
    const shown = (responseId: string, asks?: string[]): TestEvent => ({
      ...{ person: 1, name: 'Survey Shown', at: '2026-05-05T11:59:00Z' },
      properties: { responseId, ...(asks ? { asks } : {}) },
    });
    await storeEvents(context, [
      ...[shown('a', ['nps']), shown('b', ['nps', 'ces']), shown('c', ['ces']), shown('d', []), shown('e')],
      answer('nps', 10, { of: { responseId: 'a' } }),
      answer('ces', 5, { of: { responseId: 'c' } }),
    ]);
    const counts = async (of: string) => {
      const { responses: rate } = (await run({ of })).series[0]!;
      return [rate?.shown, rate?.answered];
    };
    assert.deepEqual(await counts('nps'), [3, 1]);
    assert.deepEqual(await counts('ces'), [3, 1]);
    assert.deepEqual(await counts('csat'), [1, 0]);
  });

  it('takes any events with a score, such as reviews, and leaves out what is no number', async () => {
    await storeEvents(context, [
      { person: 1, name: 'Review Posted', at: '2026-05-05T12:00:00Z', properties: { score: 5, scale: 5 } },
      { person: 2, name: 'Review Posted', at: '2026-05-05T12:00:00Z', properties: { score: '2' } },
      { person: 3, name: 'Review Posted', at: '2026-05-05T12:00:00Z', properties: { score: 'bad' } },
      { person: 4, name: 'Review Posted', at: '2026-05-05T12:00:00Z', properties: {} },
    ]);
    const { total, responses: rate } = (await run({ of: 'rating', what: { events: [{ name: 'Review Posted' }] } }))
      .series[0]!;
    assert.deepEqual([total!.answers, total!.value, rate], [2, 3.5, null]);
  });

  it('says nothing where nobody answered', async () => {
    const { series, scale } = await run();
    assert.deepEqual([scale, series.length, series[0]!.total, series[0]!.points], [null, 1, null, [null, null]]);
  });

  it('equals counting by hand, also after merges', async () => {
    const events = fc.array(
      fc.record({
        who: fc.nat(6),
        name: fc.constantFrom('Question Answered', 'Question Answered', 'Viewed'),
        at: fc.nat(30 * 48),
        device: fc.constantFrom('', 'mobile', 'desktop'),
        properties: fc.record({
          kind: fc.constantFrom('nps', 'nps', 'csat'),
          score: fc.nat(10),
          scale: fc.constant(10),
          responseId: fc.constantFrom('', 'a', 'b', 'c', 'd', 'e', 'f', 'g'),
          questionId: fc.constantFrom('q1', 'q2'),
        }),
      }),
      { maxLength: 50, size: 'max' },
    );
    const zones = fc.constantFrom('Europe/Warsaw', 'America/New_York', 'Asia/Tokyo');
    await fc.assert(
      fc.asyncProperty(
        events,
        randomMerges,
        zones,
        fc.constantFrom<'day' | 'week'>('day', 'week'),
        async (random, merges, zone, interval) => {
          // Two answers at the same instant have no order that people would know: each has its own.
          const once = random.filter((one, index) => random.findIndex((other) => other.at === one.at) === index);
          const stored: Stored = await storeRandom(context, once, merges, Date.parse('2026-04-30T00:00:00Z'));
          const span = momentsOf(PERIOD, zone);
          await stored.merge();
          const { series } = await run({ zone, interval, breakdown: { of: 'event', name: 'device' } });
          const expected = oracleAnswers(stored.events, span, stored.personOf);
          assert.equal(series[0]!.total?.value ?? null, oracleNps(expected));
          const windows = intervalsOf(interval, PERIOD, zone);
          assert.deepEqual(
            series[0]!.points.map((point) => point?.value ?? null),
            windows.map(({ from, to }) => oracleNps(expected.filter(({ at }) => at >= from && at < to))),
          );
          for (const one of series.slice(1))
            assert.equal(one.total?.value ?? null, oracleNps(expected.filter(({ device }) => device === one.value)));
          const behind = await peopleBehind(context, parse({ zone }), { from: 0, to: 6 }, page, { now: NOW });
          const people = new Set(expected.filter(({ score }) => score <= 6).map(({ person }) => person));
          assert.deepEqual(
            behind,
            [...people].sort((a, b) => a - b),
          );
        },
      ),
      { numRuns: 20 },
    );
  });

  it('sends the statements that were reviewed', async () => {
    const base = { kind: 'score', zone: 'UTC', period: PERIOD } as const;
    await sameStatements(
      context,
      new URL('./score.sql', import.meta.url),
      {
        NPS: { ...base, of: 'nps' },
        'CSAT by device': { ...base, of: 'csat', breakdown: { of: 'event', name: 'device' } },
      },
      NOW,
    );
  });
});

describe('the intervals of scores', () => {
  it('are the published ones', () => {
    // Newcombe (1998), table I: 81 of 263, and 0 of 20.
    near(share(81, 263)!.low, 0.2553);
    near(share(81, 263)!.high, 0.3662);
    near(share(0, 20)!.high, 0.1611);
    assert.equal(share(0, 0), null);
    near(student(11), 2.201);
    near(student(30), 2.0423);
    assert.equal(netShare(0, 0, 0), null);
    for (const [promoters, detractors] of [
      [1, 0],
      [0, 1],
      [30, 0],
    ] as const) {
      const { value, low, high } = netShare(promoters, detractors, promoters + detractors)!;
      assert.ok(low <= value && value <= high && low < high, `${low} to ${high} holds ${value}`);
    }
    assert.deepEqual(mean(new Map([[3, 1]]), { low: 1, high: 5 }), { value: 3, low: 1, high: 5 });
  });

  it('hold the true score about as often as they say, also of few answers', () => {
    // The exact coverage: over every outcome of a multinomial of ten answers, weighted by its probability.
    const n = 10;
    const choose = (a: number, b: number) =>
      Array.from({ length: b }, (_, i) => (a - i) / (i + 1)).reduce((x, y) => x * y, 1);
    for (const [p, d] of [
      [0.5, 0.2],
      [0.3, 0.3],
      [0.7, 0.1],
    ] as const) {
      let covered = 0;
      for (let a = 0; a <= n; a++)
        for (let b = 0; a + b <= n; b++) {
          const chance = choose(n, a) * choose(n - a, b) * p ** a * d ** b * (1 - p - d) ** (n - a - b);
          const { low, high } = netShare(a, b, n)!;
          if (low <= p - d && p - d <= high) covered += chance;
        }
      assert.ok(covered > 0.92 && covered < 0.985, `${covered} with ${p} and ${d}`);
    }
  });
});
