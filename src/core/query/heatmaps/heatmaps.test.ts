import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { click, move } from '../../../../sdk/src/heatmap/points.ts';
import type { Context } from '../../../kernel/context.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { override, removeEvents, storeEvents, type TestEvent } from '../events.testing.ts';
import { Report, type ReportInput } from '../report.ts';
import { peopleBehind, runReport } from '../run.ts';
import { sameStatements } from '../snapshot.testing.ts';
import { ROWS_A_SLICE } from '../walk/rows.ts';
import { CELLS_LIMIT, DEEPEST_PIXELS, Grid } from './grid.ts';
import { oracleHeatmap, type TestInteractions } from './heatmap.oracle.testing.ts';
import { ELEMENTS_SHOWN } from './heatmap-walk.ts';
import { readPoints } from './points.ts';
import type { FormsReport, HeatmapReport } from './schema.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const START = Date.parse('2026-05-01T00:00:00Z');
const DAY = 86_400_000;
const PATHS = ['/', '/a_b', '/axb', '/100%', '/shop/1', '/shop/2/reviews', '/back\\slash', "/o'k"];
const PAGES = ['/', '*', '/shop/*', '/*/reviews', '/a_b', '/100%', '/back\\*', "/o'*", '/a*b', '/none'];
const SELECTORS = ['#buy', 'main>a:nth-of-type(2)', '.中', "[name='q']", 'body'];

const interactions = fc.record({
  person: fc.integer({ min: 1, max: 5 }),
  view: fc.constantFrom('v1', 'v2', 'v3'),
  at: fc.nat(9).map((day) => START + day * DAY),
  path: fc.constantFrom(...PATHS),
  device: fc.constantFrom('mobile', 'desktop', ''),
  width: fc.constantFrom(0, 360, 390, 1280, 1441),
  viewportHeight: fc.constantFrom(0, 700, 900),
  pageHeight: fc.integer({ min: 0, max: 9000 }),
  scroll: fc.integer({ min: 0, max: 1000 }),
  attention: fc.array(fc.nat(5000), { maxLength: 10 }),
  points: fc.array(
    fc.record({
      kind: fc.constantFrom<'click' | 'move'>('click', 'click', 'move'),
      // Whole 4096ths: what the text can say exactly.
      x: fc.nat(4095).map((x) => x / 4096),
      y: fc.nat(8999),
      element: fc.option(fc.nat(SELECTORS.length - 1), { nil: undefined }),
      rage: fc.boolean(),
      dead: fc.boolean(),
    }),
    { maxLength: 12 },
  ),
});

const asEvent = ({ person, at, path, device, ...one }: TestInteractions): TestEvent => ({
  ...{ person, at, path, device },
  name: 'Page Interacted',
  properties: {
    view: one.view,
    path,
    viewportWidth: one.width,
    viewportHeight: one.viewportHeight,
    pageHeight: one.pageHeight,
    maxScroll: one.scroll,
    attention: one.attention.join(','),
    elements: one.elements.map((selector) => `${selector}\tlabel of ${selector}`).join('\n'),
    points: one.points
      .map((point) => {
        if (point.kind === 'move') return move(point.x, point.y);
        const flags = (point.rage ? 1 : 0) | (point.dead ? 2 : 0);
        return click(point.x, point.y, (point.element ?? -1) + 1, 0.5, 0.25, flags);
      })
      .join(''),
  },
});

describe('heatmaps and forms', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());
  const heatmap = (input: Omit<Extract<ReportInput, { kind: 'heatmap' }>, 'kind'>) =>
    Report.parse({ kind: 'heatmap', zone: 'UTC', ...input }) as HeatmapReport;
  const forms = (input: Omit<Extract<ReportInput, { kind: 'forms' }>, 'kind'> = {}) =>
    Report.parse({
      kind: 'forms',
      zone: 'UTC',
      period: { from: '2026-05-01', to: '2026-05-10' },
      ...input,
    }) as FormsReport;

  it('sends the statements that were reviewed', async () => {
    await sameStatements(
      context,
      new URL('./heatmaps.sql', import.meta.url),
      {
        'clicks of mobile visitors': { kind: 'heatmap', page: '/shop/*', device: 'mobile' },
        'forms of one page': { kind: 'forms', page: '/join' },
      },
      NOW,
    );
  });

  it('counts every interaction of random views where looking at each by hand finds it', async () => {
    const question = fc.record({
      page: fc.constantFrom(...PAGES),
      device: fc.constantFrom<'all' | 'mobile' | 'desktop'>('all', 'mobile', 'desktop'),
      map: fc.constantFrom<HeatmapReport['map']>('clicks', 'rage', 'dead', 'moves', 'scroll', 'attention'),
      from: fc.nat(5),
      days: fc.nat(9),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(interactions, { maxLength: 25, size: 'max' }),
        fc.array(question, { minLength: 4, maxLength: 4 }),
        async (random, questions) => {
          const all = random.map((one) => ({ ...one, elements: SELECTORS }));
          await removeEvents(context);
          await storeEvents(context, all.map(asEvent));
          for (const { from, days, ...rest } of questions) {
            const span = { from: START + from * DAY, to: START + (from + days + 1) * DAY };
            const day = (at: number) => new Date(at).toISOString().slice(0, 10);
            const report = heatmap({ ...rest, period: { from: day(span.from), to: day(span.to - 1) } });
            const { result } = await runReport(context, report, { now: NOW });
            const { peopleOf, ...expected } = oracleHeatmap(all, report, span);
            assert.deepEqual(
              {
                ...result,
                cells: Object.fromEntries(result.cells.map(([x, y, count]) => [`${x} ${y}`, count])),
                elements: Object.fromEntries(
                  result.elements.map(({ selector, clicks, rage, dead, people, share }) => [
                    selector,
                    { clicks, rage, dead, people, share },
                  ]),
                ),
                scroll: result.scroll.map((one) => one.share),
                attention: result.attention.map((one) => one.seconds),
              },
              expected,
            );
            for (const part of [
              { element: '#buy' },
              { left: 0.25, right: 0.75, top: 100, bottom: 4000 },
              { reached: 50 },
            ])
              assert.deepEqual(
                await peopleBehind(context, report, part, { after: 1, limit: 3 }, { now: NOW }),
                peopleOf(part)
                  .filter((person) => person > 1)
                  .slice(0, 3),
              );
          }
        },
      ),
      { numRuns: 12, endOnFailure: true },
    );
  });

  it('counts who was merged as one person, and keeps to the filter of the report', async () => {
    await removeEvents(context);
    const one = (person: number, device: string): TestEvent =>
      asEvent({
        ...{ person, device, view: `v${person}`, at: START, path: '/', width: 1000, viewportHeight: 800 },
        ...{ pageHeight: 2000, scroll: 400, attention: [1000], elements: ['#buy'] },
        points: [{ kind: 'click', x: 0.5, y: 120, element: 0 }],
      });
    await storeEvents(context, [one(101, 'desktop'), one(102, 'desktop'), one(103, 'mobile')]);
    await override(context, 102, 101);
    const report = heatmap({ page: '/', period: { from: '2026-05-01', to: '2026-05-02' } });
    const { result } = await runReport(context, report, { now: NOW });
    assert.deepEqual([result.views, result.people, result.elements[0]!.people], [3, 2, 2]);
    const isMobile = { field: { of: 'event', name: 'device' }, is: 'is', values: ['mobile'] } as const;
    const mobile = await runReport(context, { ...report, filter: isMobile as never }, { now: NOW });
    assert.deepEqual([mobile.result.views, mobile.result.people], [1, 1]);
    await override(context, 102, 102);
  });

  it('does not break on hostile points, elements and numbers, and says what could not be read', async () => {
    const whole = click(0.5, 100, 1, 0, 0, 0);
    for (const text of [
      '',
      'c',
      whole.slice(0, 10),
      'm',
      'm\u0000\u0000\u0000\u0000\u0000',
      'x'.repeat(40),
      'c~~~~~~~~~~',
      'c9zz0000000',
      '💥💥💥',
    ]) {
      const seen: number[] = [];
      const left = readPoints(whole + text, { click: (x, y) => seen.push(x, y), move: () => seen.push(-1) });
      assert.deepEqual([seen, left], [[2048, 100], text.length]);
    }
    await fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const inside = (value: number, end: number) => assert.ok(Number.isInteger(value) && value >= 0 && value < end);
        readPoints(`c${text}m${text}`, {
          click(x, y, element, flags) {
            inside(x, 4096);
            inside(y, 2 ** 18);
            inside(element, 4096);
            inside(flags, 4);
          },
          move(x, y) {
            inside(x, 4096);
            inside(y, 2 ** 18);
          },
        });
      }),
    );
    await removeEvents(context);
    const hostile = [
      {
        points: `${whole}not points`,
        elements: 'only a selector',
        attention: 'NaN,-5,1e99,x',
        maxScroll: 1e300,
        viewportWidth: -1,
      },
      {
        points: { a: [1] },
        elements: ['x'],
        attention: [1],
        maxScroll: 'deep',
        viewportWidth: 'wide',
        pageHeight: null,
      },
      { points: 'm00000'.repeat(5000), elements: '\n\t\n'.repeat(3000), view: 'v'.repeat(5000) },
      { points: 17, elements: true, attention: ',,,,,,,,,,,,,,,,,,', view: { x: 1 } },
      { points: click(1, 1e9, 4095, 2, -1, 3), elements: 'a\tb', pageHeight: 1e12, viewportHeight: 1e12 },
      {},
    ];
    await storeEvents(
      context,
      hostile.map((properties, index) => ({
        person: 200 + index,
        name: 'Page Interacted',
        at: START,
        path: '/',
        properties,
      })),
    );
    const report = heatmap({ page: '/', period: { from: '2026-05-01', to: '2026-05-02' } });
    const { result, meta } = await runReport(context, report, { now: NOW });
    assert.deepEqual([result.views, result.people, result.points], [6, 6, 2]);
    assert.deepEqual(
      result.elements.map(({ selector, clicks }) => [selector, clicks]),
      [['only a selector', 1]],
    );
    assert.deepEqual(result.scroll.at(-1), { depth: 100, share: 1 / 6 });
    assert.ok(meta.warnings.some((warning) => warning.includes('could not be read')));
    const moves = await runReport(context, { ...report, map: 'moves' }, { now: NOW });
    // A text is read up to its limit.
    assert.equal(moves.result.points, Math.floor(16_000 / 6));
  });

  it('tells of a form which fields take long, are corrected, and are the last before somebody leaves', async () => {
    await removeEvents(context);
    const use = (person: number, properties: object): TestEvent => ({
      person,
      name: 'Form Used',
      at: START,
      path: '/join',
      properties,
    });
    await storeEvents(context, [
      use(1, {
        form: 'join',
        submitted: true,
        fields: ['name', 'email'],
        times: [1000, 4000],
        refills: [0, 1],
        lastField: 'email',
      }),
      use(1, { form: 'join', submitted: false, fields: ['email'], times: [8000], refills: [0], lastField: 'email' }),
      use(2, { form: 'join', submitted: false, fields: ['name'], times: [3000], refills: [2], lastField: 'name' }),
      use(3, { form: 'search', submitted: true, fields: ['q'], times: [500], refills: [0], lastField: 'q' }),
      use(4, { form: 'join', submitted: 'yes', fields: 'name', times: { a: 1 }, refills: null, lastField: 7 }),
      use(5, { form: '', fields: [] }),
    ]);
    const { result } = await runReport(context, forms(), { now: NOW });
    assert.deepEqual(result.forms, [
      { form: 'join', uses: 4, people: 3, submitted: 1, abandoned: 3 },
      { form: 'search', uses: 1, people: 1, submitted: 1, abandoned: 0 },
    ]);
    assert.deepEqual([result.form, result.uses, result.submitted, result.medianSeconds], ['join', 4, 1, 5]);
    assert.deepEqual(
      result.fields.map(({ field, uses, share, people, medianSeconds, refilled, abandoned }) => [
        ...[field, uses, share, people, medianSeconds, refilled, abandoned],
      ]),
      [
        ['name', 2, 0.5, 2, 2, 1, 1],
        ['email', 2, 0.5, 1, 6, 1, 1],
      ],
    );
    const { share, low, high } = result.fields[0]!.abandonedShare!;
    // Wilson's interval of 1 of 2.
    assert.deepEqual(
      [share, low, high].map((one) => Number(one.toFixed(4))),
      [0.5, 0.0945, 0.9055],
    );
    const page = { after: 0, limit: 10 };
    const who = (part: object) => peopleBehind(context, forms(), part, page, { now: NOW });
    assert.deepEqual(await who({ form: 'join' }), [1, 2, 4]);
    assert.deepEqual(await who({ form: 'join', outcome: 'submitted' }), [1]);
    assert.deepEqual(await who({ form: 'join', field: 'name', outcome: 'abandoned' }), [2]);
    const search = await runReport(context, forms({ form: 'search', page: '/jo*' }), { now: NOW });
    assert.deepEqual(
      search.result.fields.map(({ field }) => field),
      ['q'],
    );
    const nothing = await runReport(context, forms({ form: 'nowhere' }), { now: NOW });
    assert.deepEqual([nothing.result.form, nothing.result.uses, nothing.result.submittedShare], ['nowhere', 0, null]);
  });

  it('lists the most clicked elements, draws the places with most, and says that there are more', async () => {
    await removeEvents(context);
    const lines = Array.from({ length: ELEMENTS_SHOWN + 5 }, (_, at) => `#e${at}\t${at}`);
    const points = lines.map((_, at) => click(0.5, at, at + 1, 0, 0, 0)).join('');
    const properties = { elements: lines.join('\n'), points: points + click(0.5, 900, 3, 0, 0, 0), viewportWidth: 400 };
    await storeEvents(context, [{ person: 1, name: 'Page Interacted', at: START, path: '/', properties }]);
    const report = heatmap({ page: '/', period: { from: '2026-05-01', to: '2026-05-02' } });
    const { result, meta } = await runReport(context, report, { now: NOW });
    assert.deepEqual([result.elements.length, result.elements[0]!.selector], [ELEMENTS_SHOWN, '#e2']);
    assert.match(meta.warnings.join(), /200 most clicked elements are listed; there are 5 more/);
    const grid = new Grid();
    for (let row = 0; row < 400; row++) for (let column = 0; column < 100; column++) grid.add(column, row * 4);
    grid.add(7, 1e6);
    grid.add(7, 1e6);
    const { cells, left } = grid.cells(4);
    assert.deepEqual([cells.length, left, grid.total], [CELLS_LIMIT, 40_001 - CELLS_LIMIT, 40_002]);
    // What lies deeper than any page is in the last row.
    assert.deepEqual(cells[0], [7, DEEPEST_PIXELS / 4 - 1, 2]);
  });

  it('reads more views than fit into memory at a time in slices, and counts each person once', async () => {
    await removeEvents(context);
    const views = ROWS_A_SLICE + 500;
    await context.events.command(
      `INSERT INTO events (event_id, origin_id, person_id, source_id, type, name, timestamp, received_at, path, properties)
       SELECT generateUUIDv4(), 1 + number % 700, 1 + number % 700, 1, 'track', 'Page Interacted', toDateTime64('2026-05-03', 3, 'UTC'),
         toDateTime64('2026-05-03', 3, 'UTC'), '/', concat('{"view":"', toString(number), '","maxScroll":500,"points":"${click(0.5, 8, 0, 0, 0, 0)}"}')::JSON
       FROM numbers({views:UInt64})`,
      { views },
    );
    const report = heatmap({ page: '/', period: { from: '2026-05-01', to: '2026-05-04' } });
    const { result } = await runReport(context, report, { now: NOW });
    assert.deepEqual([result.views, result.people, result.points], [views, 700, views]);
    const part = { left: 0.4, right: 0.6, top: 0, bottom: 10 };
    const people = await peopleBehind(context, report, part, { after: 690, limit: 5 }, { now: NOW });
    assert.deepEqual(people, [691, 692, 693, 694, 695]);
  });
});
