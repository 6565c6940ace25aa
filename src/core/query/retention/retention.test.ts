import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../../kernel/context.ts';
import { Refusal } from '../../../kernel/refusal.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { override, removeEvents, storeEvents, type TestEvent } from '../events.testing.ts';
import { peopleBehind, runReport } from '../run.ts';
import { sameStatements } from '../snapshot.testing.ts';
import { retentionByHand } from './retention.oracle.testing.ts';
import { RetentionReport } from './schema.ts';

let context: Context & { close(): Promise<void> };
before(async () => {
  context = await testContext({ apps: core });
});
after(() => context.close());
beforeEach(() => removeEvents(context));

const named = (name: string) => ({ events: [{ name }] });
type Input = Parameters<typeof RetentionReport.parse>[0] & object;
const parse = (input: Input) =>
  RetentionReport.parse({ kind: 'retention', zone: 'UTC', weekStart: 'monday', ...input });
const run = async (input: Input, now = '2027-01-01T00:00:00Z') =>
  (await runReport(context, parse(input), { now: Date.parse(now) })).result;
const counts = (result: Awaited<ReturnType<typeof run>>, cohort = 0) =>
  result.cohorts[cohort]!.periods.map(({ people }) => people);
const event = (person: number, name: string, at: string, more: Partial<TestEvent> = {}): TestEvent => ({
  person,
  name,
  at,
  ...more,
});

const reviewed = {
  kind: 'retention',
  zone: 'Europe/Warsaw',
  period: { from: '2026-03-02', to: '2026-03-08' },
} as const;

describe('retention', () => {
  it('sends the statements that were reviewed', async () => {
    await storeEvents(context, [
      event(1, 'Order Completed', '2026-03-02T09:00:00Z', {
        revenueMinor: 5,
        currency: 'GBP',
        properties: { plan: 'a' },
      }),
      event(1, 'Signed Up', '2026-03-02T08:00:00Z', { properties: { plan: 'a' } }),
    ]);
    // Merges are only looked up after it is known that there are none.
    await run({ start: named('Order Completed') });
    await sameStatements(
      context,
      new URL('./retention.sql', import.meta.url),
      {
        first: { ...reviewed, start: named('Order Completed') },
        'recurring, of another event': {
          ...reviewed,
          start: named('Signed Up'),
          return: named('Order Completed'),
          cohorts: 'recurring',
        },
        'with revenue and a breakdown': {
          ...reviewed,
          start: named('Signed Up'),
          return: named('Order Completed'),
          value: { of: 'sum', field: { of: 'event', name: 'revenue' } },
          breakdown: { of: 'property', name: 'plan' },
        },
      },
      Date.parse('2026-04-01T00:00:00Z'),
    );
  });

  it('follows those who started for the first time, by the days of the zone', async () => {
    await storeEvents(context, [
      event(1, 'Order Completed', '2026-03-02T09:00:00Z'),
      event(1, 'Order Completed', '2026-03-03T09:00:00Z'),
      event(1, 'Order Completed', '2026-03-05T09:00:00Z'),
      event(2, 'Order Completed', '2026-03-02T09:00:00Z'),
      event(3, 'Order Completed', '2026-02-01T09:00:00Z'),
      event(3, 'Order Completed', '2026-03-02T09:00:00Z'),
    ]);
    const result = await run({
      start: named('Order Completed'),
      period: { from: '2026-03-02', to: '2026-03-03' },
      count: 3,
    });
    assert.deepEqual(
      result.cohorts.map(({ label, size, periods }) => [label, size, periods.map(({ people }) => people)]),
      [
        ['2026-03-02', 2, [2, 1, 0, 1]],
        ['2026-03-03', 0, [0, 0, 0, 0]],
      ],
    );
    assert.deepEqual(
      result.total.periods.map(({ share }) => share),
      [1, 0.5, 0, 0.5],
    );
  });

  it('counts what happened before the start in the same period as no return', async () => {
    await storeEvents(context, [
      event(1, 'Order Completed', '2026-03-02T09:00:00Z'),
      event(1, 'Signed Up', '2026-03-02T10:00:00Z'),
      event(2, 'Signed Up', '2026-03-02T10:00:00Z'),
      event(2, 'Order Completed', '2026-03-02T10:00:00Z'),
    ]);
    const report = {
      start: named('Signed Up'),
      return: named('Order Completed'),
      period: { from: '2026-03-02', to: '2026-03-02' },
      count: 1,
    };
    assert.deepEqual(counts(await run(report)), [1, 0]);
  });

  it('has days of 24 hours from the person’s own start when rolling, of the calendar otherwise', async () => {
    await storeEvents(context, [
      event(1, 'Open', '2026-03-02T23:00:00Z'),
      event(1, 'Open', '2026-03-03T01:00:00Z'),
      event(2, 'Open', '2026-03-02T01:00:00Z'),
      event(2, 'Open', '2026-03-03T23:00:00Z'),
    ]);
    const report = { start: named('Open'), period: { from: '2026-03-02', to: '2026-03-02' }, count: 1 };
    assert.deepEqual(counts(await run(report)), [2, 2]);
    assert.deepEqual(counts(await run({ ...report, periods: 'rolling' })), [2, 1]);
  });

  it('says of a return two hours later, past midnight, what Amplitude, PostHog and Mixpanel say when set up as they are', async () => {
    await storeEvents(context, [event(1, 'Sign Up', '2026-03-02T23:00:00Z'), event(1, 'Open', '2026-03-03T01:00:00Z')]);
    const report = {
      start: named('Sign Up'),
      return: named('Open'),
      period: { from: '2026-03-02', to: '2026-03-02' },
      count: 2,
    };
    assert.deepEqual(counts(await run({ ...report, periods: 'rolling' })), [1, 0, 0], 'Amplitude: within 24 hours');
    assert.deepEqual(counts(await run(report)), [0, 1, 0], 'PostHog: on the next day');
    assert.deepEqual(counts(await run({ ...report, counts: 'onOrAfter' })), [1, 1, 0], 'Mixpanel: on the day or after');
  });

  it('counts a day of daylight saving as one day', async () => {
    // The 29th of March has 23 hours in Warsaw: it ends at 22:00 UTC.
    await storeEvents(context, [
      event(1, 'Open', '2026-03-28T12:00:00Z'),
      event(1, 'Open', '2026-03-29T21:59:59.999Z'),
      event(2, 'Open', '2026-03-28T12:00:00Z'),
      event(2, 'Open', '2026-03-29T22:00:00Z'),
    ]);
    const report = {
      start: named('Open'),
      zone: 'Europe/Warsaw',
      period: { from: '2026-03-28', to: '2026-03-28' },
      count: 2,
    };
    assert.deepEqual(counts(await run(report)), [2, 1, 1]);
  });

  it('keeps weeks whole across years, beginning on the day that was chosen', async () => {
    await storeEvents(context, [event(1, 'Open', '2026-12-30T12:00:00Z'), event(1, 'Open', '2027-01-03T12:00:00Z')]);
    const report = {
      start: named('Open'),
      interval: 'week',
      period: { from: '2026-12-28', to: '2026-12-31' },
      count: 1,
    } as const;
    const now = '2027-06-01T00:00:00Z';
    assert.deepEqual(counts(await run({ ...report, count: 2 }, now)), [1, 0, 0]);
    assert.deepEqual(counts(await run({ ...report, weekStart: 'sunday' }, now)), [1, 1]);
  });

  it('counts who came in a period or at any later time, also after the last period shown', async () => {
    await storeEvents(context, [event(1, 'Open', '2026-03-02T12:00:00Z'), event(1, 'Open', '2026-04-02T12:00:00Z')]);
    const report = { start: named('Open'), period: { from: '2026-03-02', to: '2026-03-02' }, count: 2 };
    assert.deepEqual(counts(await run(report)), [1, 0, 0]);
    assert.deepEqual(counts(await run({ ...report, counts: 'onOrAfter' })), [1, 1, 1]);
  });

  it('takes brackets in place of equal periods, and a least number of times', async () => {
    await storeEvents(context, [
      event(1, 'Open', '2026-03-02T12:00:00Z'),
      event(1, 'Open', '2026-03-04T12:00:00Z'),
      event(1, 'Open', '2026-03-05T12:00:00Z'),
      event(1, 'Open', '2026-03-06T12:00:00Z'),
    ]);
    const report = { start: named('Open'), period: { from: '2026-03-02', to: '2026-03-02' }, brackets: [1, 3, 7] };
    const result = await run(report);
    assert.deepEqual(result.periods, [
      { from: 0, to: 1 },
      { from: 1, to: 4 },
      { from: 4, to: 11 },
    ]);
    assert.deepEqual(counts(result), [1, 1, 1]);
    assert.deepEqual(counts(await run({ ...report, atLeast: 2 })), [0, 1, 0]);
  });

  it('gives net revenue retention by currency, never added together', async () => {
    const order = (at: string, revenueMinor: number, currency: string) =>
      event(1, revenueMinor < 0 ? 'Order Refunded' : 'Order Completed', at, { revenueMinor, currency });
    await storeEvents(context, [
      order('2026-01-05T12:00:00Z', 10_000, 'GBP'),
      order('2026-01-06T12:00:00Z', 5000, 'PLN'),
      order('2026-02-05T12:00:00Z', 9000, 'GBP'),
      order('2026-02-06T12:00:00Z', -3000, 'GBP'),
    ]);
    const result = await run({
      start: named('Order Completed'),
      return: { events: [{ name: 'Order Completed' }, { name: 'Order Refunded' }] },
      interval: 'month',
      period: { from: '2026-01-01', to: '2026-01-31' },
      count: 1,
      value: { of: 'sum', field: { of: 'event', name: 'revenue' } },
    });
    assert.deepEqual(
      result.cohorts[0]!.periods.map(({ values }) => values),
      [
        [
          { currency: 'GBP', value: 10_000, share: 1 },
          { currency: 'PLN', value: 5000, share: 1 },
        ],
        [
          { currency: 'GBP', value: 6000, share: 0.6 },
          { currency: 'PLN', value: 0, share: 0 },
        ],
      ],
    );
  });

  it('leaves what is not over out of the total and the median, and shows no period that has not begun', async () => {
    await storeEvents(context, [
      event(1, 'Open', '2026-03-02T12:00:00Z'),
      event(1, 'Open', '2026-03-03T12:00:00Z'),
      event(2, 'Open', '2026-03-03T12:00:00Z'),
    ]);
    const report = { start: named('Open'), period: { from: '2026-03-02', to: '2026-03-06' }, count: 2 };
    const result = await run(report, '2026-03-04T06:00:00Z');
    assert.deepEqual(
      result.cohorts.map(({ label, periods }) => [label, periods.map(({ complete }) => complete)]),
      [
        ['2026-03-02', [true, true, false]],
        ['2026-03-03', [true, false]],
        ['2026-03-04', [false]],
      ],
    );
    assert.deepEqual(
      result.total.periods.map(({ people, of, share }) => [people, of, share]),
      [
        [2, 2, 1],
        [1, 1, 1],
        [0, 0, null],
      ],
    );
    assert.deepEqual(result.median, [1, 1, null]);
  });

  it('changes when people are merged, and back when that is undone', async () => {
    await storeEvents(context, [event(1, 'Open', '2026-03-02T12:00:00Z'), event(2, 'Open', '2026-03-03T12:00:00Z')]);
    const report = { start: named('Open'), period: { from: '2026-03-02', to: '2026-03-03' }, count: 1 };
    const sizes = async () => (await run(report)).cohorts.map(({ size, periods }) => [size, periods[1]!.people]);
    const apart = await sizes();
    assert.deepEqual(apart, [
      [1, 0],
      [1, 0],
    ]);
    await override(context, 2, 1);
    assert.deepEqual(await sizes(), [
      [1, 1],
      [0, 0],
    ]);
    await override(context, 2, 2);
    assert.deepEqual(await sizes(), apart);
  });

  it('names the people behind a cell, page by page', async () => {
    await storeEvents(
      context,
      Array.from({ length: 9 }, (_, index) => [
        event(index + 1, 'Open', '2026-03-02T12:00:00Z'),
        ...(index % 2 === 0 ? [event(index + 1, 'Open', '2026-03-03T12:00:00Z')] : []),
      ]).flat(),
    );
    const report = parse({ start: named('Open'), period: { from: '2026-03-02', to: '2026-03-02' }, count: 1 });
    const ids = (part: object, page = { after: 0, limit: 100 }) => peopleBehind(context, report, part, page);
    assert.deepEqual(await ids({ cohort: '2026-03-02', period: 1 }), [1, 3, 5, 7, 9]);
    assert.deepEqual(await ids({ cohort: '2026-03-02', period: 1 }, { after: 3, limit: 2 }), [5, 7]);
    assert.deepEqual(await ids({ period: 1, outcome: 'notReturned' }), [2, 4, 6, 8]);
    await assert.rejects(ids({ cohort: '2026-03-09', period: 1 }), /no cohort "2026-03-09"/);
    await assert.rejects(ids({ period: 2 }), /There is no period 2/);
  });

  it('refuses more cohorts than a table can show, and brackets without end', async () => {
    await assert.rejects(
      run({ start: named('Open'), interval: 'day', period: { from: '2020-01-01', to: '2025-12-31' } }),
      (error: Refusal) => error instanceof Refusal && /2,192 cohorts, and 500 can be shown/.test(error.message),
    );
    assert.match(
      String(RetentionReport.safeParse({ kind: 'retention', start: named('Open'), brackets: [1000, 1] }).error),
      /1000 intervals/,
    );
  });

  it('stays quick for a person with a hundred thousand events', async () => {
    await context.events.command(
      `INSERT INTO events (event_id, origin_id, person_id, type, name, timestamp)
       SELECT generateUUIDv4(number), 7, 7, 'track', 'Open', toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + toIntervalSecond(number * 60)
       FROM numbers(100000)`,
    );
    const report = {
      start: named('Open'),
      cohorts: 'recurring',
      interval: 'hour',
      period: { from: '2026-01-01', to: '2026-01-20' },
      count: 100,
    } as const;
    const result = await run({ ...report, periods: 'rolling' });
    assert.equal(result.cohorts.length, 480);
    assert.ok(result.cohorts.every(({ periods }) => periods.every(({ people }) => people === 1)));
  });

  it('equals what is counted by hand, whatever the events and the report', async () => {
    const anchors = [
      '2025-12-28T23:30:00Z',
      '2026-01-01T00:00:00Z',
      '2026-03-28T23:00:00Z',
      '2026-03-29T01:00:00Z',
      '2026-03-30T00:00:00Z',
    ];
    const at = fc
      .tuple(fc.constantFrom(...anchors), fc.integer({ min: -100, max: 100 }), fc.constantFrom(0, 1, 3_600_000))
      .map(([anchor, hours, more]) => Date.parse(anchor) + hours * 1_800_000 + more);
    const anEvent = fc.record({
      person: fc.integer({ min: 1, max: 5 }),
      name: fc.constantFrom('Start', 'Start', 'Back', 'Other'),
      at,
      properties: fc.record({ plan: fc.constantFrom('a', 'b', 'ż', ''), amount: fc.integer({ min: 0, max: 9 }) }),
      revenueMinor: fc.integer({ min: -5, max: 20 }),
      currency: fc.constantFrom('GBP', 'PLN', ''),
    });
    const aReport = fc.record(
      {
        start: fc.constant(named('Start')),
        return: fc.constantFrom(named('Back'), { events: [{ name: 'Back' }, { name: 'Start' }] }, { events: [{}] }),
        cohorts: fc.constantFrom('first', 'recurring'),
        counts: fc.constantFrom('on', 'onOrAfter'),
        interval: fc.constantFrom('hour', 'day', 'day', 'week', 'week', 'month', 'quarter'),
        periods: fc.constantFrom('calendar', 'rolling'),
        count: fc.integer({ min: 1, max: 4 }),
        brackets: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
        atLeast: fc.integer({ min: 1, max: 3 }),
        value: fc.record({
          of: fc.constantFrom('sum', 'average'),
          field: fc.constantFrom({ of: 'event', name: 'revenue' }, { of: 'property', name: 'amount' }),
        }),
        breakdown: fc.constant({ of: 'property', name: 'plan' }),
        top: fc.integer({ min: 1, max: 3 }),
        zone: fc.constantFrom('UTC', 'Europe/Warsaw', 'Asia/Kolkata', 'America/New_York'),
        weekStart: fc.constantFrom('monday', 'sunday'),
        period: fc.constantFrom(
          { from: '2025-12-30', to: '2026-01-05' },
          { from: '2026-03-27', to: '2026-03-31' },
          { from: '2025-12-25', to: '2026-01-10' },
        ),
      },
      { requiredKeys: ['start', 'zone', 'weekStart', 'period'] },
    );
    const merges = fc.array(fc.integer({ min: 2, max: 5 }), { maxLength: 2 });
    const clock = fc.constantFrom('2026-01-02T10:00:00Z', '2026-03-30T10:00:00Z', '2026-09-01T00:00:00Z');
    await fc.assert(
      fc.asyncProperty(
        fc.array(anEvent, { maxLength: 30 }),
        aReport,
        merges,
        clock,
        async (events, input, merged, clock) => {
          await removeEvents(context);
          await storeEvents(context, events);
          const into = new Map(merged.map((origin) => [origin, 1]));
          for (let person = 2; person <= 5; person++) await override(context, person, into.get(person) ?? person);
          const report = parse(input as Input) as Parameters<typeof retentionByHand>[0];
          const now = Date.parse(clock);
          const { result } = await runReport(context, report, { now });
          const byHand = retentionByHand(report, events, now, into);
          assert.deepEqual(result, byHand);
          for (const outcome of ['returned', 'notReturned'] as const) {
            const ids = await peopleBehind(
              context,
              report,
              { period: 1 % byHand.periods.length, outcome },
              { after: 0, limit: 10 },
              { now },
            );
            const { people, of } = byHand.total.periods[1 % byHand.periods.length]!;
            const expected = outcome === 'returned' ? people : of - people;
            if (report.cohorts === 'first') assert.equal(ids.length, expected);
            else assert.equal(ids.length > 0, expected > 0);
          }
        },
      ),
      { numRuns: Number(process.env.RUNS ?? 40) },
    );
  });
});
