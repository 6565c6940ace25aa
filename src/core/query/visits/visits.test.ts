import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../../kernel/context.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { override, removeEvents, storeEvents, type TestEvent } from '../events.testing.ts';
import { peopleBehind, runReport } from '../run.ts';
import { sameStatements } from '../snapshot.testing.ts';
import { SessionsReport, WebReport } from './schema.ts';
import { measured, type Visit, visitsOf } from './visits.oracle.testing.ts';

const ZONE = 'Europe/Warsaw';
const START = Date.parse('2026-03-27T23:00:00Z');
const HOUR = 3_600_000;
const NOW = Date.parse('2026-06-01T12:00:00Z');
const period = { from: '2026-03-28', to: '2026-03-30' };

describe('visits', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());

  const goal = { events: [{ name: 'Order Completed' }] };

  it('are measured as a plain computation measures them, over the night when clocks change, merges included', async () => {
    const visit = fc.record({
      who: fc.integer({ min: 1, max: 4 }),
      /** Hours after the first midnight; the last ones lie beyond the period. */
      start: fc.integer({ min: -3, max: 74 }),
      device: fc.constantFrom('', 'mobile', 'desktop', 'tablet'),
      events: fc.array(
        fc.record({ second: fc.nat(2000), page: fc.boolean(), path: fc.constantFrom('/', '/a', '/b', '/zażółć') }),
        { minLength: 1, maxLength: 5 },
      ),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(visit, { maxLength: 14, selector: (one) => `${one.who} ${one.start}` }),
        fc.boolean(),
        async (random, merge) => {
          const base = ++run * 100;
          const events = random.flatMap(({ who, start, device, events }): TestEvent[] =>
            events.map(({ second, page, path }, index) => ({
              person: base + who,
              session: new Date(START + start * HOUR).toISOString(),
              // A visit whose halves are of two origins has a first half.
              at: START + start * HOUR + who + (index === 0 ? 0 : second * 1000),
              name: page ? '' : index % 2 ? 'Order Completed' : 'Product Viewed',
              type: page ? 'page' : 'track',
              path,
              device,
            })),
          );
          await removeEvents(context);
          await storeEvents(context, events);
          if (merge) await override(context, base + 1, base + 2);
          const personOf = (origin: number) => (merge && origin === base + 1 ? base + 2 : origin);
          const isGoal = (event: TestEvent) => event.name === 'Order Completed';
          const ends = START + 71 * HOUR;
          const visits = visitsOf(events, personOf).filter((one) => one.start >= START && one.start < ends);

          const report = SessionsReport.parse({
            kind: 'sessions',
            period,
            zone: ZONE,
            goal,
            breakdown: { of: 'session', name: 'device' },
            top: 2,
          });
          const { result } = await runReport(context, report, { now: NOW });
          const starts = [0, 24, 47, 71].map((hours) => START + hours * HOUR);
          const whole = await runReport(context, SessionsReport.parse({ kind: 'sessions', period, zone: ZONE, goal }), {
            now: NOW,
          });
          assert.deepEqual(whole.result.series[0], {
            value: null,
            other: false,
            total: measured(visits, isGoal),
            points: [0, 1, 2].map((day) =>
              measured(
                visits.filter((one) => one.start >= starts[day]! && one.start < starts[day + 1]!),
                isGoal,
              ),
            ),
          });
          const deviceOf = (visit: Visit) =>
            visit.events.toSorted((a, b) => Number(a.at) - Number(b.at)).find((event) => event.device)?.device ?? '';
          const byDevice = Map.groupBy(visits, deviceOf);
          for (const series of result.series) {
            const shown = result.series.map((one) => one.value);
            const own = series.other
              ? visits.filter((one) => !shown.includes(deviceOf(one)))
              : (byDevice.get(series.value!) ?? []);
            assert.deepEqual(series.total, measured(own, isGoal));
          }
          const bounced = await peopleBehind(
            context,
            report,
            { outcome: 'bounced' },
            { after: 0, limit: 100 },
            { now: NOW },
          );
          const expected = new Set(
            visits.filter((one) => measured([one], null).bounceRate === 1).map((one) => one.person),
          );
          assert.deepEqual(
            bounced,
            [...expected].sort((a, b) => a - b),
          );
          if (merge) await override(context, base + 1, base + 1);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('are listed by where they came from, entered and left, and pages by who saw them', async () => {
    await removeEvents(context);
    const session = '2026-03-28T10:00:00Z';
    const page = (person: number, minute: number, path: string, more: Partial<TestEvent> = {}): TestEvent => ({
      person,
      session,
      at: Date.parse(session) + minute * 60_000,
      name: '',
      type: 'page',
      path,
      device: 'mobile',
      ...more,
    });
    await storeEvents(context, [
      page(1, 0, '/', { channelGroup: 'Organic Search', referrer: 'https://www.google.com/search' }),
      page(1, 1, '/mugs'),
      page(1, 2, '/checkout'),
      page(2, 0, '/mugs', { channelGroup: 'Email', campaign: 'spring' }),
      { ...page(2, 1, '/mugs'), name: 'Web Vitals', type: 'track', properties: { lcp: 2000, cls: 0.3 } },
      { ...page(1, 1, '/'), name: 'Web Vitals', type: 'track', properties: { lcp: 4001 } },
    ]);
    const report = WebReport.parse({ kind: 'web', period, zone: ZONE, compare: 'previous' });
    const { result } = await runReport(context, report, { now: NOW });
    const { lists, pages, vitals, total, before } = result;
    const counts = (name: keyof typeof lists) => lists[name].map((one) => [one.value, one.measures.sessions]);
    assert.deepEqual(counts('channels').sort(), [
      ['Email', 1],
      ['Organic Search', 1],
    ]);
    assert.deepEqual(counts('referrers'), [['google.com', 1]]);
    assert.deepEqual(counts('entryPages'), [
      ['/', 1],
      ['/mugs', 1],
    ]);
    assert.deepEqual(counts('exitPages'), [
      ['/checkout', 1],
      ['/mugs', 1],
    ]);
    assert.deepEqual(pages[0], { path: '/mugs', views: 2, people: 2, sessions: 2 });
    assert.deepEqual([total.sessions, before?.sessions], [2, 0]);
    const lcp = vitals.find((vital) => vital.name === 'lcp');
    assert.deepEqual([lcp?.measured, lcp?.goodShare, lcp?.poorShare], [2, 0.5, 0.5]);
    assert.equal(vitals.find((vital) => vital.name === 'inp')?.p75, null);
  });

  it('are as many as a list says when the page is narrowed to one of its values', async () => {
    // What a server sends within a visit has no page and may know no device.
    const at = Date.parse('2026-03-28T10:00:00Z');
    const server: TestEvent = { person: 1, session: at, at: at + 200_000, name: 'Order Completed', device: '' };
    await storeEvents(context, [server, { ...server, person: 2, at: at - 1000 }]);
    const report = WebReport.parse({ kind: 'web', period, zone: ZONE });
    const { lists } = (await runReport(context, report, { now: NOW })).result;
    const fields = { channels: 'channel_group', entryPages: 'entry_path', exitPages: 'exit_path', devices: 'device' };
    for (const [list, name] of Object.entries(fields)) {
      const rows = lists[list as keyof typeof fields];
      assert.ok(rows.length > 0, list);
      for (const { value, measures } of rows) {
        const filter = { field: { of: 'session', name }, is: 'is', values: [value] };
        const { result } = await runReport(context, WebReport.parse({ ...report, filter }), { now: NOW });
        assert.deepEqual(result.total, measures, `${list}: ${value}`);
      }
    }
  });

  it('count by what happened in them, and are measured whole', async () => {
    const filter = { field: { of: 'event', name: 'path' }, is: 'is', values: ['/checkout'] };
    const report = SessionsReport.parse({ kind: 'sessions', period, zone: ZONE, filter });
    const { result } = await runReport(context, report, { now: NOW });
    const total = result.series[0]!.total;
    assert.deepEqual([total.sessions, total.views], [1, 3]);
  });

  it('send statements that somebody has read', () =>
    sameStatements(
      context,
      new URL('./visits.sql', import.meta.url),
      {
        'visits by day': { kind: 'sessions', period, zone: ZONE, goal },
        'visits by channel, on phones': {
          kind: 'sessions',
          period,
          zone: ZONE,
          breakdown: { of: 'session', name: 'channel_group' },
          filter: { field: { of: 'event', name: 'device' }, is: 'is', values: ['mobile'] },
        },
        'web overview': { kind: 'web', period, zone: ZONE },
      },
      NOW,
    ));
});
