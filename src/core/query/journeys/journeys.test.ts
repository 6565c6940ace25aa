import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../../kernel/context.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { override, removeEvents, storeEvents, type TestEvent } from '../events.testing.ts';
import { peopleBehind, runReport } from '../run.ts';
import { sameStatements } from '../snapshot.testing.ts';
import { HeavyHitters } from './heavy.ts';
import { journeysByHand } from './journeys.oracle.testing.ts';
import type { JourneyResult } from './result.ts';
import { JourneyReport } from './schema.ts';
import type { Wanted } from './tally.ts';
import { journeyWalk } from './walk.ts';

let context: Context & { close(): Promise<void> };
before(async () => {
  context = await testContext({ apps: core });
});
after(() => context.close());
beforeEach(() => removeEvents(context));

const START = Date.parse('2026-03-02T12:00:00Z');
const named = (name: string) => ({ events: [{ name }] });
type Input = Parameters<typeof JourneyReport.parse>[0] & object;
const parse = (input: Input) =>
  JourneyReport.parse({ kind: 'journey', zone: 'UTC', period: { from: '2026-03-02', to: '2026-03-08' }, ...input });
const run = async (input: Input) => (await runReport(context, parse(input))).result;
/** One visit a person, a minute between any two. */
const visit = (person: number, names: string, minutes = 1): TestEvent[] =>
  names.split(' ').map((name, index) => ({ person, name, at: START + index * minutes * 60_000, session: START }));
const nodes = ({ steps }: JourneyResult) =>
  steps.map(({ step, nodes }) => `${step} ${nodes.map(({ id, count }) => `${id}=${count}`).join(' ')}`);

const reviewed = { kind: 'journey', zone: 'Europe/Warsaw', period: { from: '2026-03-02', to: '2026-03-08' } } as const;

describe('journeys', () => {
  it('send the statements that were reviewed', async () => {
    await storeEvents(context, visit(1, 'Home Cup Order'));
    // Merges are only looked up after it is known that there are none.
    await run({});
    await sameStatements(
      context,
      new URL('./journeys.sql', import.meta.url),
      {
        'from a start': { ...reviewed, start: named('Home') },
        'to an end, some events, pauses': {
          ...reviewed,
          of: named('Cup'),
          end: named('Order'),
          within: { idleMinutes: 30 },
        },
        'pages in groups': {
          ...reviewed,
          stations: 'pages',
          groups: [
            { pattern: '/shop/*', label: 'shop' },
            { pattern: '/blog/**', label: 'blog' },
          ],
          end: named('Order'),
        },
      },
      Date.parse('2026-04-01T00:00:00Z'),
    );
  });

  it('lead from a start, with loops folded and those who went no further', async () => {
    await storeEvents(context, [
      ...visit(1, 'X A A B C'),
      ...visit(2, 'A B'),
      ...visit(3, 'A C C C'),
      ...visit(4, 'B C'),
    ]);
    const result = await run({ start: named('A'), depth: 3 });
    assert.deepEqual(nodes(result), ['0 s:A=3', '1 s:B=2 s:C=1', '2 s:C=1 dropped=2']);
    assert.deepEqual([result.journeys, result.people, result.reached], [3, 3, null]);
    assert.deepEqual(
      result.links.map(({ step, from, to, count }) => [step, from, to, count]),
      [
        [0, 's:A', 's:B', 2],
        [0, 's:A', 's:C', 1],
        [1, 's:B', 'dropped', 1],
        [1, 's:B', 's:C', 1],
        [1, 's:C', 'dropped', 1],
      ],
    );
    assert.deepEqual(nodes(await run({ start: named('A'), depth: 3, fold: false })), [
      '0 s:A=3',
      '1 s:A=1 s:B=1 s:C=1',
      '2 s:B=1 s:C=1 dropped=1',
    ]);
  });

  it('lead to an end, counted from it backwards', async () => {
    await storeEvents(context, [
      ...visit(1, 'A B Order C Order'),
      ...visit(2, 'C C B Order'),
      ...visit(3, 'Order'),
      ...visit(4, 'A B'),
    ]);
    const result = await run({ end: named('Order'), depth: 3 });
    assert.deepEqual(nodes(result), ['-2 s:A=1 s:C=1', '-1 s:B=2 began=1', '0 e:Order=3']);
    assert.deepEqual(
      result.paths.list.map(({ stations, count }) => [stations.join(' '), count]),
      [
        ['Order', 1],
        ['A B Order', 1],
        ['C B Order', 1],
      ],
    );
  });

  it('from a start to an end are followed until they reach it, or drop off', async () => {
    await storeEvents(context, [
      ...visit(1, 'A B Order C'),
      ...visit(2, 'A B'),
      ...visit(3, 'A B B C B Order'),
      ...visit(4, 'Order A'),
    ]);
    const report = { start: named('A'), end: named('Order'), depth: 3 };
    const result = await run(report);
    assert.deepEqual(nodes(result), ['0 s:A=4', '1 s:B=3 dropped=1', '2 s:C=1 e:Order=1 dropped=1']);
    assert.deepEqual([result.journeys, result.reached], [4, 2]);
    assert.deepEqual(
      result.paths.list.map(({ stations, count, reached }) => [stations.join(' '), count, reached]),
      [
        ['A', 1, 0],
        ['A B', 1, 0],
        ['A B C', 1, 1],
        ['A B Order', 1, 1],
      ],
    );
    assert.deepEqual(nodes(await run({ ...report, reached: true })), ['0 s:A=2', '1 s:B=2', '2 s:C=1 e:Order=1']);
  });

  it('take pages together as the groups say, the first that fits', async () => {
    const page = (path: string, index: number): TestEvent => ({
      person: 1,
      name: 'page',
      type: 'page',
      path,
      at: START + index * 1000,
      session: START,
    });
    await storeEvents(
      context,
      ['/shop/cups/blue', '/shop/cups/a.b', '/shop/help', '/blog/2026/03/tea', '/shop/a+b', '/'].map(page),
    );
    const result = await run({
      stations: 'pages',
      depth: 10,
      groups: [
        { pattern: '/shop/*/*', label: 'product' },
        { pattern: '/shop/a+b', label: 'plus' },
        { pattern: '/shop/*', label: 'shop' },
        { pattern: '/blog/**', label: 'blog' },
      ],
    });
    assert.deepEqual(result.paths.list[0]!.stations, ['product', 'shop', 'blog', 'plus', '/']);
  });

  it('end with the visit, or after so many minutes without an event', async () => {
    await storeEvents(context, [
      ...visit(1, 'A B'),
      { person: 1, name: 'C', at: START + 62 * 60_000, session: START + 62 * 60_000 },
      { person: 1, name: 'D', at: START + 63 * 60_000 },
    ]);
    const ways = async (within: JourneyReport['within']) =>
      (await run({ within })).paths.list.map(({ stations }) => stations.join(' '));
    assert.deepEqual(await ways('session'), ['A B', 'C']);
    assert.deepEqual(await ways({ idleMinutes: 61 }), ['A B C D']);
    assert.deepEqual(await ways({ idleMinutes: 60 }), ['A B', 'C D']);
  });

  it('follow people across merges when pauses bound them', async () => {
    await storeEvents(context, [
      { person: 1, name: 'A', at: START },
      { person: 2, name: 'B', at: START + 1000 },
    ]);
    const report = { within: { idleMinutes: 30 } } as const;
    const ways = async () => (await run(report)).paths.list.map(({ stations }) => stations.join(' '));
    assert.deepEqual(await ways(), ['A', 'B']);
    await override(context, 2, 1);
    assert.deepEqual(await ways(), ['A B']);
    await override(context, 2, 2);
    assert.deepEqual(await ways(), ['A', 'B']);
  });

  it('stay readable with thousands of stations: the largest, the rest named and counted', async () => {
    await context.events.command(
      `INSERT INTO events (event_id, origin_id, person_id, type, name, timestamp, session_start)
       SELECT generateUUIDv4(number), number, number, 'track', if(number % 2 = 0, 'Home', concat('Item ', toString(number))),
         toDateTime64('2026-03-02 12:00:00', 3, 'UTC'), toDateTime64('2026-03-02 12:00:00', 3, 'UTC') FROM numbers(1, 12000)`,
    );
    const { steps, paths, journeys } = await run({ top: 1 });
    const other = steps[0]!.nodes.find(({ kind }) => kind === 'other')!;
    assert.deepEqual(
      [journeys, steps[0]!.nodes[0]!.id, steps[0]!.nodes[0]!.count, other.count],
      [12_000, 's:Home', 6000, 6000],
    );
    assert.deepEqual([other.other!.different, other.other!.more, other.other!.largest.length], [4094, true, 10]);
    assert.deepEqual([paths.list[0]!.count, paths.list[1]!.stations, paths.list[1]!.count], [6000, [null], 1906]);
  });

  it('sort very many stations into groups, and read a pattern as text but for its stars', async () => {
    await context.events.command(
      `INSERT INTO events (event_id, origin_id, person_id, type, name, timestamp, session_start)
       SELECT generateUUIDv4(number), number, number, 'track', concat('(a+)+$ ', toString(number)),
         toDateTime64('2026-03-02 12:00:00', 3, 'UTC'), toDateTime64('2026-03-02 12:00:00', 3, 'UTC') FROM numbers(12000)`,
    );
    const groups = [
      { pattern: '(a+)+$ 1*', label: 'one' },
      { pattern: '(a+)+$ **', label: 'rest' },
      { pattern: '.*', label: 'never' },
    ];
    assert.deepEqual(nodes(await run({ groups })), ['0 s:rest=8889 s:one=3111', '1 dropped=12000']);
  });

  it('say that events of servers belong to no visit', async () => {
    await storeEvents(context, [{ person: 1, name: 'A', at: START }]);
    const { result, meta } = await runReport(context, parse({}));
    assert.equal(result.journeys, 0);
    assert.match(meta.warnings.join(), /belong to no visit/);
  });

  it('refuse more than a hundred groups, and one step', () => {
    const groups = Array.from({ length: 101 }, (_, index) => ({ pattern: `/${index}`, label: 'all' }));
    assert.equal(JourneyReport.safeParse({ kind: 'journey', groups }).success, false);
    assert.equal(JourneyReport.safeParse({ kind: 'journey', groups: groups.slice(1) }).success, true);
    assert.equal(JourneyReport.safeParse({ kind: 'journey', depth: 1 }).success, false);
  });

  it('name the people behind a node and a link', async () => {
    await storeEvents(context, [...visit(1, 'A B C'), ...visit(2, 'A B'), ...visit(3, 'A C'), ...visit(4, 'A D')]);
    const report = parse({ start: named('A'), top: 2 });
    const ids = (part: object, after = 0) => peopleBehind(context, report, part, { after, limit: 10 });
    assert.deepEqual(await ids({ step: 1, node: 's:B' }), [1, 2]);
    assert.deepEqual(await ids({ step: 1, node: 's:B' }, 1), [2]);
    assert.deepEqual(await ids({ step: 1, node: 'other' }), [4]);
    assert.deepEqual(await ids({ step: 1, from: 's:B', to: 'dropped' }), [2]);
    await assert.rejects(ids({ step: 1, node: 's:Nowhere' }), /no node "s:Nowhere"/);
    await assert.rejects(ids({ step: 7, node: 's:B' }), /no step 7/);
  });

  it('stay quick for a person with a hundred thousand events', async () => {
    await context.events.command(
      `INSERT INTO events (event_id, origin_id, person_id, type, name, timestamp)
       SELECT generateUUIDv4(number), 7, 7, 'track', concat('Event ', toString(number % 7)),
         toDateTime64('2026-03-02 12:00:00', 3, 'UTC') + toIntervalSecond(number) FROM numbers(100000)`,
    );
    const report = { start: named('Event 0'), end: named('Event 9'), within: { idleMinutes: 5 } };
    const result = await run(report);
    assert.deepEqual([result.journeys, result.reached, result.steps.length], [1, 0, 5]);
    assert.equal((await run({ end: named('Event 6'), depth: 20, within: { idleMinutes: 5 } })).steps.length, 8);
  });

  it('are the same when there are too many to keep and all is read once more', () => {
    const look = (keep: number, wanted?: Wanted) => {
      const options = {
        stations: 5,
        depth: 4,
        fold: true,
        start: true,
        end: true,
        reachedOnly: false,
        idle: 50,
        top: 2,
        keep,
      };
      const walker = journeyWalk.begin({ ...options, ...(wanted && { wanted }) });
      for (let id = 1; id <= 200; id++) {
        const times = Float64Array.from({ length: 20 }, (_, index) => index * 10 + (index > 12 ? 100 : 0));
        const codes = Uint32Array.from(times, (_, index) => 4 * ((id * 7 + index * index) % 6) + ((id + index) % 4));
        walker.subject({ id, idText: '', person: id, length: 20, times, codes, extras: {}, once: {} });
      }
      return walker.result();
    };
    const atOnce = look(1_000_000);
    const first = look(100);
    assert.ok(atOnce.second !== null && atOnce.second.links.length > 10 && first.second === null);
    assert.deepEqual({ ...first, second: look(100, first.wanted).second }, atOnce);
  });

  it('count sequences within a bound that they state when there are too many to tell apart', () => {
    const heavy = new HeavyHitters();
    for (let index = 0; index < 600_000; index++) {
      heavy.add(index, Math.imul(index, 0x9e3779b1) >>> 0);
      if (index % 3 === 0) heavy.add(1, 2);
      if (index % 6 === 0) heavy.add(3, 4);
    }
    const { list, next } = heavy.top(2);
    assert.deepEqual(
      list.map(({ high }) => high),
      [1, 3],
    );
    assert.ok(heavy.error > 0);
    assert.ok(list[0]!.count <= 200_000 && list[0]!.count + heavy.error >= 200_000);
    assert.ok(next >= 1 && next < 100_000);
  });

  it('equal what is followed by hand, whatever the events and the report', async () => {
    const anEvent = fc.record({
      person: fc.integer({ min: 1, max: 4 }),
      name: fc.constantFrom('A', 'B', 'C', 'page', 'Żółw'),
      type: fc.constantFrom('track', 'page', 'screen'),
      path: fc.constantFrom('/', '/a', '/a/b', '/a/b/c', ''),
      at: fc
        .tuple(fc.integer({ min: -3, max: 40 }), fc.constantFrom(0, 1))
        .map(([n, ms]) => Date.parse('2026-03-28T22:00:00Z') + n * 1_200_000 + ms),
      session: fc.constantFrom(0, Date.parse('2026-03-28T22:00:00Z'), Date.parse('2026-03-29T01:00:00Z')),
    });
    const what = fc.constantFrom(
      named('A'),
      named('B'),
      { events: [{ name: 'page' }, { name: 'C' }] },
      named('Nobody'),
    );
    const aReport = fc.record(
      {
        of: fc.constantFrom({ events: [{ name: 'A' }, { name: 'B' }, { name: 'page' }] }, { events: [{}] }),
        stations: fc.constantFrom('events', 'pages', 'eventsAndPages'),
        groups: fc.array(
          fc.record({
            pattern: fc.constantFrom('/a/*', '/a/**', '*', '**', '/a', 'A', '/*/b'),
            label: fc.constantFrom('group', 'B', '**'),
          }),
          { maxLength: 3 },
        ),
        start: what,
        end: what,
        reached: fc.boolean(),
        depth: fc.integer({ min: 2, max: 5 }),
        fold: fc.boolean(),
        within: fc.oneof(
          fc.constant('session' as const),
          fc.record({ idleMinutes: fc.constantFrom(20, 21, 60, 525_600) }),
        ),
        top: fc.integer({ min: 1, max: 3 }),
      },
      { requiredKeys: [] },
    );
    const merges = fc.array(fc.integer({ min: 2, max: 4 }), { maxLength: 2 });
    const period = { from: '2026-03-28', to: '2026-03-29' };
    await fc.assert(
      fc.asyncProperty(fc.array(anEvent, { maxLength: 25 }), aReport, merges, async (events, input, merged) => {
        await removeEvents(context);
        await storeEvents(context, events);
        const into = new Map(merged.map((origin) => [origin, 1]));
        for (let person = 2; person <= 4; person++) await override(context, person, into.get(person) ?? person);
        const report = parse({ ...(input as Input), period });
        const { result } = await runReport(context, report);
        const byHand = journeysByHand(report as Parameters<typeof journeysByHand>[0], events, into);
        for (const [index, link] of byHand.links.entries()) {
          const given = result.links[index]?.medianSeconds ?? null;
          const near = given !== null && Math.abs(given - link.medianSeconds!) <= link.medianSeconds! * 0.035;
          assert.ok(near || given === link.medianSeconds, `${given} for ${link.medianSeconds}`);
          link.medianSeconds = given;
        }
        assert.deepEqual(result, byHand);
        for (const { step, nodes } of byHand.steps) {
          const { id, count } = nodes.at(-1)!;
          const ids = await peopleBehind(context, report, { step, node: id }, { after: 0, limit: 10 });
          assert.ok(ids.length >= 1 && ids.length <= count, `${ids.length} people of ${count} at ${id}`);
        }
      }),
      { numRuns: Number(process.env.RUNS ?? 40) },
    );
  });
});
