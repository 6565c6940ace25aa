import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Context } from '../../../kernel/context.ts';
import { QueryLimit } from '../../../kernel/events.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import type { Statement } from '../bindings.ts';
import { environmentOf, registerActions, registerAudiences } from '../environment.ts';
import { override, removeEvents, storeEvents, type TestEvent } from '../events.testing.ts';
import type { What } from '../matching.ts';
import { Query } from '../query.ts';
import { Report } from '../report.ts';
import { peopleBehind, runReport } from '../run.ts';
import { sameStatements } from '../snapshot.testing.ts';
import type { TrendReport } from './schema.ts';
import { comparedSpan } from './spans.ts';
import { trend } from './trend.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const DAY = '2026-05-10';
const actions = new Map<number, What>([[7, { events: [{ name: 'Bought' }, { name: 'Ordered' }] }]]);
registerActions(async () => actions);
registerAudiences(async () => new Set([3]));

describe('a trend', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());
  beforeEach(() => removeEvents(context));

  const bought = { what: { events: [{ name: 'Bought' }] } };
  const report = (more: object) =>
    Report.parse({
      kind: 'trend',
      period: { from: DAY, to: DAY },
      zone: 'UTC',
      series: [bought],
      ...more,
    }) as TrendReport;
  const answer = (more: object) => runReport(context, report(more), { now: NOW });
  const totals = async (more: object) =>
    (await answer(more)).result.series.map(({ id, breakdown, currency, total }) => [
      id,
      ...breakdown,
      ...(currency === null ? [] : [currency]),
      total,
    ]);
  const store = (events: (Partial<TestEvent> & { person: number })[]) =>
    storeEvents(
      context,
      events.map((event) => ({ name: 'Bought', at: `${DAY}T10:00:00Z`, ...event })),
    );
  const property = (name: string) => ({ of: 'property', name });
  const people = { ...bought, measure: { of: 'people' } };

  it('never adds the amounts of two currencies, and computes formulas in each', async () => {
    await store([
      { person: 1, revenueMinor: 1000, currency: 'EUR' },
      { person: 1, revenueMinor: 500, currency: 'EUR' },
      { person: 2, revenueMinor: 300, currency: 'GBP' },
      { person: 3, revenueMinor: 7 },
      { person: 3 },
    ]);
    const series = [
      { ...bought, measure: { of: 'sum', field: { of: 'event', name: 'revenue' } } },
      people,
      { ...bought, measure: { of: 'max', field: { of: 'event', name: 'revenue' } } },
    ];
    const { result } = await answer({
      series,
      formulas: [{ expression: 'A / B' }, { expression: 'A / C', format: 'percent' }],
    });
    assert.deepEqual(
      result.series.map(({ id, currency, unit, total }) => [id, currency, unit, total]),
      [
        ['A', 'EUR', 'money', 1500],
        ['A', '', 'money', 7],
        ['A', 'GBP', 'money', 300],
        ['B', null, 'number', 3],
        ['C', 'EUR', 'money', 1000],
        ['C', '', 'money', 7],
        ['C', 'GBP', 'money', 300],
        ['F1', 'EUR', 'money', 500],
        ['F1', '', 'money', 7 / 3],
        ['F1', 'GBP', 'money', 100],
        ['F2', 'EUR', 'percent', 1.5],
        ['F2', '', 'percent', 1],
        ['F2', 'GBP', 'percent', 1],
      ],
    );
    const part = { series: 'A', currency: 'EUR' };
    assert.deepEqual(await peopleBehind(context, report({ series }), part, { after: 0, limit: 10 }, { now: NOW }), [1]);
  });

  it('leaves out amounts in currencies beyond ten, with a warning', async () => {
    const currencies = ['EUR', 'GBP', 'USD', 'PLN', 'CZK', 'SEK', 'NOK', 'DKK', 'CHF', 'JPY', 'HUF'];
    await store(
      currencies.flatMap((currency, index) =>
        Array.from({ length: index + 1 }, () => ({ person: 1, revenueMinor: 1, currency })),
      ),
    );
    const { result, meta } = await answer({
      series: [{ ...bought, measure: { of: 'sum', field: { of: 'event', name: 'revenue' } } }],
    });
    assert.equal(result.series.length, 10);
    assert.ok(!result.series.some((one) => one.currency === 'EUR'));
    assert.match(meta.warnings.join(), /more than 10 currencies/);
  });

  it('counts people once in what is not shown, and once in all of a series', async () => {
    await store([
      ...[1, 2, 3].map((person) => ({ person, properties: { plan: 'a' } })),
      { person: 1, properties: { plan: 'b' } },
      { person: 1, properties: { plan: 'c' } },
      { person: 4 },
    ]);
    const more = { series: [people], breakdown: [property('plan')], top: 1 };
    assert.deepEqual(await totals(more), [
      ['A', 'a', 3],
      ['A', null, 2],
    ]);
    assert.equal((await answer(more)).result.different, 4);
    const rest = { series: 'A', breakdown: [null] };
    assert.deepEqual(await peopleBehind(context, report(more), rest, { after: 0, limit: 10 }, { now: NOW }), [1, 4]);
    assert.deepEqual(await totals({ ...more, top: 4 }), [
      ['A', 'a', 3],
      ['A', '', 1],
      ['A', 'b', 1],
      ['A', 'c', 1],
    ]);
  });

  it('shows the same values in every series, those of the first first', async () => {
    await store([
      ...[1, 2].map((person) => ({ person, properties: { plan: 'a' } })),
      ...[1, 2, 3].map((person) => ({ person, name: 'Viewed', properties: { plan: 'b' } })),
      { person: 1, name: 'Viewed', properties: { plan: 'c' } },
      { person: 1, name: 'Viewed', properties: { plan: 'a' } },
    ]);
    const series = [bought, { what: { events: [{ name: 'Viewed' }] } }];
    assert.deepEqual(
      await totals({ series, breakdown: [property('plan')], top: 2, formulas: [{ expression: 'A / B' }] }),
      [
        ['A', 'a', 2],
        ['A', 'b', 0],
        ['A', null, 0],
        ['B', 'a', 1],
        ['B', 'b', 3],
        ['B', null, 1],
        ['F1', 'a', 2],
        ['F1', 'b', 0],
        ['F1', null, 0],
      ],
    );
  });

  it('finds the largest of ten thousand values, and adds up the others exactly', async () => {
    const events = Array.from({ length: 10_000 }, (_, index) => ({
      person: 1 + (index % 3000),
      properties: { sku: `sku-${index}` },
    }));
    await store([
      ...events,
      { person: 5000, properties: { sku: 'sku-77' } },
      { person: 5001, properties: { sku: 'sku-78' } },
      { person: 5001, properties: { sku: 'sku-78' } },
    ]);
    const more = { breakdown: [property('sku')], top: 2 };
    assert.deepEqual(await totals(more), [
      ['A', 'sku-78', 3],
      ['A', 'sku-77', 2],
      ['A', null, 9998],
    ]);
    assert.deepEqual(await totals({ ...more, series: [people] }), [
      ['A', 'sku-77', 2],
      ['A', 'sku-78', 2],
      ['A', null, 3000],
    ]);
    assert.equal((await answer(more)).result.different, 10_000);
  });

  it('gives the same answer where a set for each value needs too much memory', async () => {
    /** Stops, as the engine does at its limit, whatever keeps a set for each value. */
    class Tight extends Query {
      stopped = 0;
      override rows<T>(name: string, statement: Statement): Promise<T[]> {
        if (!statement.sql.includes('row_number()')) return super.rows(name, statement);
        this.stopped++;
        return Promise.reject(new QueryLimit('memory', 'Query memory limit exceeded'));
      }
    }
    await store(
      Array.from({ length: 300 }, (_, index) => ({
        person: 1 + (index % 17),
        name: index % 4 === 0 ? 'Viewed' : 'Bought',
        at: Date.parse(`${DAY}T00:00:00Z`) + index * 3_600_000,
        device: ['', 'mobile', 'desktop'][index % 3]!,
        properties: { plan: `plan ${(index * index) % 23}`, amount: index },
      })),
    );
    const environment = await environmentOf(context, { zone: 'UTC', now: NOW });
    for (const measure of [{ of: 'people' }, { of: 'events' }, { of: 'average', field: property('amount') }]) {
      for (const more of [{}, { rolling: 3 }, { cumulative: true }, { compare: 'previous' }]) {
        const asked = report({
          period: { from: '2026-05-14', to: '2026-05-20' },
          series: [
            { ...bought, measure },
            { what: { events: [{ name: 'Viewed' }] }, measure },
          ],
          breakdown: [property('plan'), { of: 'event', name: 'device' }],
          top: 5,
          ...more,
        });
        const tight = new Tight(context, environment);
        const usual = await trend.run(new Query(context, environment), asked);
        const careful = await trend.run(tight, asked);
        if (!asked.rolling) assert.equal(careful.different, usual.different);
        assert.deepEqual(careful.series, usual.series);
        assert.ok(tight.stopped > 0);
      }
    }
  });

  it('names an empty value with an empty text, and tells long values apart by their beginning', async () => {
    const long = 'x'.repeat(500);
    await store([
      { person: 1 },
      { person: 2, properties: { plan: `${long}a` } },
      { person: 3, properties: { plan: `${long}b` } },
    ]);
    assert.deepEqual(await totals({ breakdown: [property('plan')] }), [
      ['A', long, 2],
      ['A', '', 1],
    ]);
  });

  it('keeps hostile names and values what they are', async () => {
    const hostile = ["'); DROP TABLE events --", '\\', '`', '{p1:String}', '%', '价格', '"'];
    await store(hostile.map((text, index) => ({ person: index + 1, name: text, properties: { [text]: text } })));
    for (const [index, text] of hostile.entries()) {
      const more = { series: [{ what: { events: [{ name: text }] } }], breakdown: [property(text)] };
      assert.deepEqual(await totals(more), [['A', text, 1]]);
      const part = { series: 'A', breakdown: [text] };
      assert.deepEqual(await peopleBehind(context, report(more), part, { after: 0, limit: 10 }, { now: NOW }), [
        index + 1,
      ]);
    }
  });

  it('breaks down by what was known of a person then and is now, of the account, the visit and an audience', async () => {
    const rows = async (table: string, columns: string[], values: unknown[][]) =>
      context.events.insert({
        table,
        columns,
        format: 'JSONCompactEachRow',
        bytes: new TextEncoder().encode(values.map((one) => JSON.stringify(one)).join('\n')),
        token: crypto.randomUUID(),
      });
    await store([
      {
        person: 901,
        account: 5,
        path: '/start',
        session: `${DAY}T09:50:00Z`,
        at: `${DAY}T09:50:00Z`,
        name: 'page',
        type: 'page',
      },
      { person: 901, account: 5, session: `${DAY}T09:50:00Z` },
      { person: 902 },
    ]);
    await rows(
      'person_traits',
      ['name', 'origin_id', 'at', 'value', 'type', 'version'],
      [
        ['plan', 901, '2026-05-01 00:00:00', 'free', 'string', 0],
        ['plan', 901, '2026-05-20 00:00:00', 'paid', 'string', 2],
        ['plan', 902, '2026-05-20 00:00:00', 'paid', 'string', 2],
      ],
    );
    await rows(
      'account_traits',
      ['name', 'account_id', 'value', 'type', 'version'],
      [['size', 5, 'large', 'string', 1]],
    );
    await rows(
      'audience_members',
      ['audience_id', 'person_id', 'inside', 'since', 'version'],
      [[3, 902, 1, '2026-05-01 00:00:00', 1]],
    );
    const by = (field: object) => totals({ series: [people], breakdown: [field] });
    assert.deepEqual(await by({ of: 'trait', name: 'plan' }), [['A', 'paid', 2]]);
    assert.deepEqual(await by({ of: 'trait', name: 'plan', as: 'then' }), [
      ['A', '', 1],
      ['A', 'free', 1],
    ]);
    assert.deepEqual(await by({ of: 'account', name: 'size' }), [
      ['A', '', 1],
      ['A', 'large', 1],
    ]);
    assert.deepEqual(await by({ of: 'session', name: 'entry_path' }), [
      ['A', '', 1],
      ['A', '/start', 1],
    ]);
    assert.deepEqual(await by({ of: 'audience', id: 3 }), [
      ['A', 'false', 1],
      ['A', 'true', 1],
    ]);
    await override(context, 902, 901);
    assert.deepEqual(await by({ of: 'trait', name: 'plan' }), [['A', 'paid', 1]]);
    assert.deepEqual(await by({ of: 'audience', id: 3 }), [['A', 'true', 1]]);
    await override(context, 902, 902);
    assert.deepEqual(await by({ of: 'audience', id: 3 }), [
      ['A', 'false', 1],
      ['A', 'true', 1],
    ]);
  });

  it('counts how many people did it once, twice and more often', async () => {
    const times = (person: number, count: number, properties = {}) =>
      Array.from({ length: count }, () => ({ person, properties }));
    await store([
      ...times(1, 1, { plan: 'a' }),
      ...times(2, 2, { plan: 'a' }),
      ...times(2, 3, { plan: 'b' }),
      ...times(3, 12, { plan: 'c' }),
      ...times(4, 1001, { plan: 'a' }),
    ]);
    const bins = async (more: object) => {
      const { result } = await answer({ distribution: true, ...more });
      return result.series.map((one) => [
        one.breakdown,
        one.total,
        one.values.flatMap((count, index) => (count ? [[result.bins![index]!.from, count]] : [])),
      ]);
    };
    assert.deepEqual(await bins({}), [
      [
        [],
        4,
        [
          [1, 1],
          [5, 1],
          [11, 1],
          [1001, 1],
        ],
      ],
    ]);
    const broken = { breakdown: [property('plan')], top: 1 };
    assert.deepEqual(await bins(broken), [
      [
        ['a'],
        3,
        [
          [1, 1],
          [2, 1],
          [1001, 1],
        ],
      ],
      [
        [null],
        2,
        [
          [3, 1],
          [11, 1],
        ],
      ],
    ]);
    const page = { after: 0, limit: 10 };
    const behind = (part: object, more: object = {}) =>
      peopleBehind(context, report({ distribution: true, ...more }), part, page, { now: NOW });
    assert.deepEqual(await behind({ series: 'A', bin: 5 }), [2]);
    assert.deepEqual(await behind({ series: 'A', bin: 1001 }), [4]);
    assert.deepEqual(await behind({ series: 'A', bin: 3, breakdown: [null] }, broken), [2]);
    await assert.rejects(behind({ series: 'A', bin: 12 }), /no bin that starts with 12/);
  });

  it('says nothing of days that have not begun', async () => {
    await store([{ person: 1, at: '2026-06-01T08:00:00Z' }]);
    for (const more of [{}, { cumulative: true }, { rolling: 2 }, { formulas: [{ expression: 'A * 2' }] }]) {
      const { result } = await answer({ period: { from: '2026-05-31', to: '2026-06-03' }, ...more });
      for (const one of result.series) assert.deepEqual(one.values, [0, one.id === 'A' ? 1 : 2, null, null]);
      assert.deepEqual(
        result.buckets.map((bucket) => bucket.partial),
        [false, true, true, true],
      );
    }
  });

  it('is compared with the same days of the year before, also where that had one day less', async () => {
    const calendar = { zone: 'UTC', weekStart: 'monday' as const, now: NOW };
    const before = (from: string, to: string) => {
      const span = { from: Date.parse(`${from}T00:00:00Z`), to: Date.parse(`${to}T00:00:00Z`) + 86_400_000 };
      const earlier = comparedSpan('year', { from, to }, span, calendar);
      return [earlier.from, earlier.to - 1].map((at) => new Date(at).toISOString().slice(0, 10));
    };
    assert.deepEqual(before('2026-05-01', '2026-05-31'), ['2025-05-01', '2025-05-31']);
    assert.deepEqual(before('2024-02-28', '2024-02-28'), ['2023-02-28', '2023-02-28']);
    assert.deepEqual(before('2024-02-29', '2024-02-29'), ['2023-02-28', '2023-02-28']);
    assert.deepEqual(before('2024-02-01', '2024-02-29'), ['2023-02-01', '2023-02-28']);
    assert.deepEqual(before('2025-02-01', '2025-02-28'), ['2024-02-01', '2024-02-28']);
    await store([{ person: 1 }, { person: 2, at: '2025-05-10T12:00:00Z' }, { person: 3, at: '2025-05-10T13:00:00Z' }]);
    const { result } = await answer({ compare: 'year', formulas: [{ expression: 'A * 10' }] });
    assert.deepEqual(
      result.series.map((one) => [one.total, one.before?.total]),
      [
        [1, 2],
        [10, 20],
      ],
    );
    const part = { series: 'A', before: true, bucket: result.bucketsBefore![0]!.from };
    assert.deepEqual(
      await peopleBehind(context, report({ compare: 'year' }), part, { after: 0, limit: 9 }, { now: NOW }),
      [2, 3],
    );
  });

  it('answers for as many points as a report may have', async () => {
    await store([{ person: 1 }, { person: 1, properties: { plan: 'a' } }]);
    const hours = { interval: 'hour', period: { from: '2025-11-01', to: '2026-05-27' } };
    for (const [more, sum] of [
      [{}, 2],
      [{ rolling: 90 }, 180],
      [{ cumulative: true }, 2 * (4992 - 4570)],
    ] as const) {
      for (const breakdown of [[], [property('plan')]]) {
        const { result } = await answer({ ...hours, ...more, breakdown });
        assert.equal(result.buckets.length, 4992);
        const all = result.series.flatMap((one) => one.values);
        assert.equal(
          all.reduce((a, b) => a! + b!, 0),
          sum,
        );
      }
    }
    const longer = { from: '2025-10-31', to: '2026-05-28' };
    await assert.rejects(answer({ ...hours, period: longer }), /more than 5,000 points/);
  });

  it('counts an action as the events that it is made of', async () => {
    await store([{ person: 1 }, { person: 2, name: 'Ordered' }, { person: 3, name: 'Viewed' }]);
    assert.deepEqual(await totals({ series: [{ what: { events: [{ action: 7 }] } }] }), [['A', 2]]);
    await assert.rejects(totals({ series: [{ what: { events: [{ action: 8 }] } }] }), /There is no action 8/);
  });

  it('answers with a warning for a name that never came', async () => {
    await store([{ person: 1 }]);
    const series = [{ what: { events: [{ name: 'Bought' }, { name: 'Buoght' }, { name: 'page' }] } }];
    const { meta, result } = await answer({ series });
    assert.equal(result.series[0]!.total, 1);
    assert.equal(meta.warnings.length, 1);
    assert.match(meta.warnings[0]!, /No event was ever called "Buoght"/);
  });

  it('refuses what makes no sense, and says why', async () => {
    const refused = (more: object, sentence: RegExp) => assert.rejects(answer(more), sentence);
    await refused({ rolling: 3, cumulative: true }, /Choose rolling or cumulative/);
    await refused({ distribution: true, compare: 'year' }, /A distribution has no time/);
    await refused(
      { distribution: true, series: [{ ...bought, measure: { of: 'sum', field: property('amount') } }] },
      /Choose events in place of "sum"/,
    );
    await refused({ breakdown: [{ of: 'audience', id: 4 }] }, /There is no audience 4/);
    await refused({ formulas: [{ expression: 'A / ' }] }, /at character 5: it ends/);
    await refused({ formulas: [{ expression: 'B' }] }, /the report has only A/);
    const months = {
      period: { from: '2026-01-01', to: '2026-06-01' },
      interval: 'hour',
      breakdown: [property('plan')],
      top: 100,
    };
    await refused(months, /points a series/);
    const behind = (part: object, more: object = {}) =>
      peopleBehind(context, report(more), part, { after: 0, limit: 10 }, { now: NOW });
    await assert.rejects(behind({ series: 'B' }), /no series B/);
    await assert.rejects(behind({ series: 'F1' }), /no such part/);
    await assert.rejects(behind({ series: 'A', bucket: '2026-05-11T00:00:00.000Z' }), /no point that starts at/);
    await assert.rejects(behind({ series: 'A', before: true }), /not compared with anything/);
    await assert.rejects(
      behind({ series: 'A', breakdown: ['a', 'b'] }, { breakdown: [property('plan')] }),
      /broken down by 1 fields/,
    );
    const many = (count: number) =>
      Report.safeParse({ kind: 'trend', series: Array.from({ length: count }, () => bought) }).success;
    assert.deepEqual([many(20), many(21)], [true, false]);
    const broken = (more: object) => Report.safeParse({ kind: 'trend', series: [bought], ...more }).success;
    assert.equal(broken({ breakdown: [1, 2, 3, 4].map((n) => property(`p${n}`)) }), false);
    assert.equal(broken({ top: 101 }), false);
    assert.equal(broken({ rolling: -1 }), false);
    assert.equal(broken({ rolling: 91 }), false);
    assert.equal(broken({ formulas: [{ expression: 'A'.repeat(501) }] }), false);
  });

  it('sends the statements that were reviewed', async () => {
    const base = { kind: 'trend' as const, zone: 'Europe/Warsaw', period: { from: '2026-03-28', to: '2026-03-30' } };
    const view = { what: { events: [{ name: 'Viewed' }] }, measure: { of: 'people' as const } };
    const plan = { of: 'property' as const, name: 'plan' };
    await store([
      { person: 1, name: 'Viewed' },
      { person: 1, revenueMinor: 1, currency: 'EUR', at: '2026-03-28T12:00:00Z' },
    ]);
    await sameStatements(
      context,
      new URL('./trend.sql', import.meta.url),
      {
        'daily people': { ...base, series: [view] },
        'people by plan and country': {
          ...base,
          series: [view],
          breakdown: [plan, { of: 'trait', name: 'country' }],
          top: 5,
        },
        'rolling people by plan': { ...base, series: [view], breakdown: [plan], rolling: 7, top: 5 },
        'revenue so far': {
          ...base,
          series: [
            { what: { events: [{ name: 'Bought' }] }, measure: { of: 'sum', field: { of: 'event', name: 'revenue' } } },
          ],
          cumulative: true,
        },
        'how often': { ...base, series: [view], distribution: true, breakdown: [plan] },
      },
      NOW,
    );
  });
});
