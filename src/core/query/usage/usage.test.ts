import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Context } from '../../../kernel/context.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { removeEvents, storeEvents } from '../events.testing.ts';
import { Report, type ReportInput } from '../report.ts';
import { peopleBehind, runReport } from '../run.ts';
import { sameStatements } from '../snapshot.testing.ts';
import type { EngagementReport, LifecycleReport, StickinessReport } from './schema.ts';

const NOW = Date.parse('2026-06-02T12:00:00Z');
const what = { events: [{ name: 'Viewed' }] };
const page = { after: 0, limit: 100 };

describe('life cycle, stickiness and engagement', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());
  beforeEach(() => removeEvents(context));

  const store = (...events: [person: number, at: string, name?: string][]) =>
    storeEvents(
      context,
      events.map(([person, at, name]) => ({ person, name: name ?? 'Viewed', at: `${at}T12:00:00Z` })),
    );
  const parse = <R extends Report>(input: object) =>
    Report.parse({ zone: 'UTC', what, period: { from: '2026-05-11', to: '2026-05-13' }, ...input } as ReportInput) as R;

  it('takes for new whoever does it for the first time ever, however long the period', async () => {
    await store(
      [1, '2025-01-01'],
      [1, '2026-05-11'],
      [2, '2026-05-10'],
      [2, '2026-05-11'],
      [2, '2026-05-12'],
      [3, '2026-05-12'],
      // Known for long, but not for this.
      [3, '2026-01-01', 'Other'],
    );
    const { result } = await runReport(context, parse<LifecycleReport>({ kind: 'lifecycle' }), { now: NOW });
    assert.deepEqual(
      [result.new, result.returning, result.resurrecting, result.dormant],
      [
        [0, 1, 0],
        [1, 1, 0],
        [1, 0, 0],
        [0, 1, 2],
      ],
    );
  });

  it('looks at the whole of the first interval, and at what lies between two periods', async () => {
    await store([1, '2026-05-04'], [1, '2026-05-11'], [2, '2026-05-11']);
    const report = parse<LifecycleReport>({
      kind: 'lifecycle',
      interval: 'week',
      period: { from: '2026-05-13', to: '2026-05-20' },
    });
    const { result } = await runReport(context, report, { now: NOW });
    assert.deepEqual(
      [result.new, result.returning, result.dormant],
      [
        [1, 0],
        [1, 0],
        [0, 2],
      ],
    );
    assert.deepEqual(
      result.buckets.map((bucket) => bucket.partial),
      [false, true],
    );
  });

  it('says nothing of days that have not begun', async () => {
    await store([1, '2026-06-01'], [1, '2026-06-02']);
    const period = { from: '2026-06-01', to: '2026-06-04' };
    const life = (await runReport(context, parse<LifecycleReport>({ kind: 'lifecycle', period }), { now: NOW })).result;
    assert.deepEqual(
      [life.returning, life.dormant],
      [
        [0, 1, null, null],
        [0, 0, null, null],
      ],
    );
    const use = (await runReport(context, parse<EngagementReport>({ kind: 'engagement', period }), { now: NOW }))
      .result;
    assert.deepEqual(
      [use.day, use.month],
      [
        [1, 1, null, null],
        [1, 1, null, null],
      ],
    );
  });

  it('counts on how many of more than 256 intervals somebody came', async () => {
    await storeEvents(
      context,
      Array.from({ length: 300 }, (_, index) => ({
        person: index < 290 ? 1 : 2,
        name: 'Viewed',
        at: Date.parse('2026-05-01T00:30:00Z') + index * 3_600_000,
      })),
    );
    const report = parse<StickinessReport>({
      kind: 'stickiness',
      interval: 'hour',
      period: { from: '2026-05-01', to: '2026-05-14' },
    });
    const { result } = await runReport(context, report, { now: NOW });
    assert.equal(result.intervals, 336);
    assert.deepEqual(
      [...result.people.entries()].filter(([, people]) => people > 0),
      [
        [9, 1],
        [289, 1],
      ],
    );
    assert.deepEqual(await peopleBehind(context, report, { intervals: 10, atLeast: true }, page, { now: NOW }), [1, 2]);
    assert.deepEqual(await peopleBehind(context, report, { intervals: 290 }, page, { now: NOW }), [1]);
  });

  it('gives the mean of the days that are over, and the ratio of these means', async () => {
    await store([1, '2026-05-31'], [2, '2026-05-31'], [1, '2026-06-01'], [1, '2026-06-02'], [3, '2026-06-02']);
    const report = parse<EngagementReport>({ kind: 'engagement', period: { from: '2026-05-31', to: '2026-06-02' } });
    const { result } = await runReport(context, report, { now: NOW });
    assert.deepEqual(result.day, [2, 1, 2]);
    assert.deepEqual(result.month, [2, 2, 3]);
    assert.deepEqual(result.dayOfMonth, [1, 0.5, 2 / 3]);
    assert.deepEqual([result.mean.day, result.mean.month, result.mean.dayOfMonth], [1.5, 2, 0.75]);
  });

  it('answers for as many intervals as a report may have', async () => {
    await store([1, '2026-05-11'], [1, '2014-05-11']);
    const hours = { interval: 'hour', period: { from: '2025-11-01', to: '2026-05-27' } };
    const life = await runReport(context, parse<LifecycleReport>({ kind: 'lifecycle', ...hours }), { now: NOW });
    assert.equal(life.result.buckets.length, 4992);
    assert.equal(
      life.result.resurrecting.reduce((sum, one) => sum! + one!, 0),
      1,
    );
    const stuck = await runReport(context, parse<StickinessReport>({ kind: 'stickiness', ...hours }), { now: NOW });
    assert.equal(stuck.result.people[0], 1);
    const days = { from: '2012-10-01', to: '2026-05-27' };
    const use = await runReport(context, parse<EngagementReport>({ kind: 'engagement', period: days }), { now: NOW });
    assert.equal(
      use.result.month.reduce((sum, one) => sum! + one!, 0),
      30 + 17,
    );
  });

  it('answers for a name that never came, with a warning', async () => {
    for (const kind of ['lifecycle', 'stickiness', 'engagement']) {
      const { meta } = await runReport(context, parse<LifecycleReport>({ kind }), { now: NOW });
      assert.match(meta.warnings.join(), /No event was ever called "Viewed"/);
    }
  });

  it('refuses parts and actions that do not exist', async () => {
    const behind = (kind: string, part: object) =>
      peopleBehind(context, parse<LifecycleReport>({ kind }), part, page, { now: NOW });
    await assert.rejects(
      behind('lifecycle', { bucket: '2026-05-14T00:00:00.000Z', status: 'new' }),
      /no interval that starts/,
    );
    await assert.rejects(behind('lifecycle', { bucket: '2026-05-11T00:00:00.000Z', status: 'gone' }), /no such part/);
    await assert.rejects(behind('stickiness', { intervals: 4 }), /The period has 3 intervals/);
    await assert.rejects(behind('stickiness', { intervals: 0 }), /no such part/);
    await assert.rejects(behind('engagement', { bucket: '2026-05-10T00:00:00.000Z', of: 'day' }), /no day that starts/);
    for (const kind of ['lifecycle', 'stickiness', 'engagement'])
      await assert.rejects(
        runReport(context, parse<LifecycleReport>({ kind, what: { events: [{ action: 99 }] } }), { now: NOW }),
        /There is no action 99/,
      );
  });

  it('sends the statements that were reviewed', async () => {
    await store([1, '2026-05-11']);
    const base = { zone: 'UTC', what, period: { from: '2026-05-11', to: '2026-05-13' } };
    await sameStatements(
      context,
      new URL('./usage.sql', import.meta.url),
      {
        'life cycle by day': { kind: 'lifecycle', ...base },
        'on how many days': { kind: 'stickiness', ...base },
        'active people': { kind: 'engagement', ...base },
      },
      NOW,
    );
  });
});
