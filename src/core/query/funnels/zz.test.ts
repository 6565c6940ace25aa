import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../../kernel/context.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { override, removeEvents, storeEvents } from '../events.testing.ts';
import type { Field } from '../field.ts';
import { bucketsOf, spanOf } from '../period.ts';
import { randomEvents, randomMerges, storeRandom } from '../random-events.testing.ts';
import { Report, type ReportInput } from '../report.ts';
import { peopleBehind, runReport } from '../run.ts';
import { sameStatements } from '../snapshot.testing.ts';
import { windowMs } from './check.ts';
import { funnelOracle, peopleOracle } from './funnel.oracle.testing.ts';
import type { FunnelReport } from './schema.ts';

const ZONE = 'Europe/Warsaw';
const START = Date.parse('2026-03-26T20:00:00Z');
const NOW = Date.parse('2026-04-10T12:00:00Z');
/** Three days of that zone: the last has 23 hours. */
const PERIOD = { from: '2026-03-27', to: '2026-03-29' };
const HOUR = 3_600_000;

type FunnelInput = Extract<ReportInput, { kind: 'funnel' }>;
const names = (...list: string[]) => ({ what: { events: list.map((name) => ({ name })) } });
const parsed = (input: Omit<FunnelInput, 'kind'>) =>
  Report.parse({ kind: 'funnel', period: PERIOD, zone: ZONE, ...input }) as FunnelReport;
const device = { of: 'event', name: 'device' } as const;
const plan = { of: 'property', name: 'plan' } as const;

describe('a funnel report', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());

  const run = async (report: FunnelReport) => (await runReport(context, report, { now: NOW })).result;
  const oracle = (
    report: FunnelReport,
    events: Parameters<typeof funnelOracle>[0]['events'],
    personOf: (origin: number) => number,
  ) => {
    const span = spanOf(report.period, ZONE, 'monday', NOW);
    const buckets = report.interval ? bucketsOf(span, report.interval, ZONE, 'monday', NOW) : [];
    return {
      events,
      personOf: (event: { person: number }) => personOf(event.person),
      report,
      span,
      buckets,
      windowMs: windowMs(report),
    };
  };

  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('A', 'B', 'C').map((name) => names(name)) },
    { weight: 1, arbitrary: fc.constant(names('A', 'B')) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('A', 'B').map((name) => ({
        what: { events: [{ name, where: { field: device, is: 'is' as const, values: ['mobile', ''] } }] },
      })),
    },
  );
  const funnels = fc
    .record({
      steps: fc.array(fc.tuple(step, fc.boolean()), { minLength: 2, maxLength: 4 }),
      order: fc.constantFrom('ordered' as const, 'ordered' as const, 'strict' as const, 'any' as const),
      semantics: fc.constantFrom('posthog' as const, 'posthog' as const, 'mixpanel' as const),
      hours: fc.integer({ min: 1, max: 60 }),
      excludes: fc.boolean(),
      hold: fc.constantFrom<Field[]>([], [], [plan], [plan, device]),
      by: fc.constantFrom('person' as const, 'person' as const, 'account' as const, 'session' as const),
      breakdown: fc.constantFrom<Field[]>([], [device], [plan], [plan, device]),
      touch: fc.constantFrom('first' as const, 'last' as const),
      top: fc.integer({ min: 1, max: 4 }),
      interval: fc.constantFrom(undefined, 'hour' as const, 'day' as const, 'week' as const),
      filtered: fc.boolean(),
    })
    .map(({ steps, order, semantics, hours, excludes, touch, filtered, interval, ...rest }) => {
      const plain = order === 'any' || (order === 'ordered' && semantics === 'mixpanel');
      const inner = (index: number) => index > 0 && index < steps.length - 1;
      return parsed({
        ...rest,
        order,
        semantics: order === 'ordered' ? semantics : 'posthog',
        steps: steps.map(([one, optional], index) => ({ ...one, optional: optional && inner(index) && !plain })),
        exclusions: excludes && order !== 'any' ? [{ ...names('X'), from: 0, to: steps.length - 1 }] : [],
        window: { count: hours, unit: 'hour' },
        attribution: { touch },
        ...(interval && { interval }),
        ...(filtered && { filter: { field: device, is: 'is', values: ['mobile', 'desktop'] } }),
      });
    });

  /** Of few people, so that each has many events: chains, breaks and ties are common. */
  const crowded = fc
    .array(randomEvents(60, ['A', 'B', 'C', 'X']), { minLength: 1, maxLength: 6, size: 'max' })
    .map((lists) => lists.flat().map((event) => ({ ...event, who: event.who % 3 })));

  it('answers as counting one person after the other does, before a merge, after it and after undoing it', async () => {
    await fc.assert(
      fc.asyncProperty(
        funnels,
        randomEvents(90, ['A', 'B', 'C', 'X']),
        randomMerges,
        async (report, random, merges) => {
          const stored = await storeRandom(context, random, merges, START);
          for (const change of [() => {}, stored.merge, stored.undo]) {
            await change();
            assert.deepEqual(await run(report), funnelOracle(oracle(report, stored.events, stored.personOf)));
          }
        },
      ),
      { numRuns: 400, endOnFailure: true },
    );
  });

  it('takes the breakdown from the event that was the step, and lists the people behind every number', async () => {
    await fc.assert(
      fc.asyncProperty(funnels, crowded, fc.nat(3), async (random, events, nth) => {
        const step = nth % random.steps.length;
        const report: FunnelReport =
          random.order === 'any' ? { ...random, by: 'person' } : { ...random, by: 'person', attribution: { step } };
        // A moment for each event: which of two events was the step is told nowhere.
        const apart = events.map((event, index) => ({ ...event, at: event.at + index / 1000 }));
        const stored = await storeRandom(context, apart, {}, START);
        const input = oracle(report, stored.events, stored.personOf);
        assert.deepEqual(await run(report), funnelOracle(input));
        for (const outcome of ['converted', 'dropped', 'excluded'] as const) {
          if (outcome === 'dropped' && step === 0) continue;
          const ids = await peopleBehind(context, report, { step, outcome }, { after: 0, limit: 100 }, { now: NOW });
          assert.deepEqual(ids, peopleOracle(input, { step, outcome }));
        }
      }),
      { numRuns: 400, endOnFailure: true },
    );
  });

  it('counts the persons of a part once, in pages, and of accounts those who took part', async () => {
    await removeEvents(context);
    const at = (hour: number) => START + (5 + hour) * HOUR;
    await storeEvents(context, [
      ...[901, 902, 903, 904].flatMap((person) => [
        { person, name: 'A', at: at(1), account: 5, device: person % 2 ? 'mobile' : 'desktop' },
        ...(person > 902 ? [{ person, name: 'B', at: at(2), account: 6 }] : []),
      ]),
      { person: 905, name: 'B', at: at(3), account: 5 },
      { person: 906, name: 'Z', at: at(3), account: 5 },
    ]);
    const report = parsed({ steps: [names('A'), names('B')], breakdown: [device], interval: 'day' });
    const behind = (part: object, page = { after: 0, limit: 100 }, of = report) =>
      peopleBehind(context, of, part, page, { now: NOW });
    assert.deepEqual(await behind({ step: 0, outcome: 'converted' }, { after: 901, limit: 2 }), [902, 903]);
    assert.deepEqual(await behind({ step: 1, outcome: 'dropped' }), [901, 902]);
    assert.deepEqual(await behind({ step: 1, outcome: 'converted', breakdown: ['mobile'] }), [903]);
    assert.deepEqual(await behind({ step: 1, outcome: 'converted', bucket: 0 }), [903, 904]);
    assert.deepEqual(await behind({ step: 1, outcome: 'converted', bucket: 1 }), []);
    const rest = parsed({ steps: [names('A'), names('B')], breakdown: [device], top: 1 });
    assert.deepEqual(await behind({ step: 0, outcome: 'converted', breakdown: [null] }, undefined, rest), [901, 903]);
    const accounts = parsed({ steps: [names('A'), names('B')], by: 'account' });
    assert.equal((await run(accounts)).total.converted, 1);
    assert.deepEqual(await behind({ step: 1, outcome: 'converted' }, undefined, accounts), [901, 902, 903, 904, 905]);
    assert.deepEqual(await behind({ step: 1, outcome: 'converted' }, { after: 903, limit: 1 }, accounts), [904]);
    await assert.rejects(behind({ step: 2, outcome: 'converted' }), /there is no step 3/);
    await assert.rejects(behind({ step: 0, outcome: 'dropped' }), /Nobody drops out before the first step/);
    await assert.rejects(behind({ step: 0, outcome: 'converted', breakdown: ['watch'] }), /no value "watch"/);
    await assert.rejects(behind({ step: 0, outcome: 'converted', bucket: 3 }), /no interval 4/);
  });

  it('follows a person over a merge, and no longer when that is undone', async () => {
    await removeEvents(context);
    await storeEvents(context, [
      { person: 911, name: 'A', at: START + 5 * HOUR },
      { person: 912, name: 'B', at: START + 6 * HOUR },
    ]);
    const report = parsed({ steps: [names('A'), names('B')] });
    assert.equal((await run(report)).total.converted, 0);
    await override(context, 912, 911);
    assert.equal((await run(report)).total.converted, 1);
    await override(context, 912, 912);
    assert.equal((await run(report)).total.converted, 0);
  });

  it('counts only what lies in the period, however long the window', async () => {
    await removeEvents(context);
    await storeEvents(context, [
      { person: 921, name: 'A', at: '2026-03-29T21:30:00Z' },
      { person: 921, name: 'B', at: '2026-03-29T22:00:00Z' },
    ]);
    const report = parsed({ steps: [names('A'), names('B')] });
    assert.deepEqual(
      (await run(report)).total.steps.map((one) => one.subjects),
      [1, 0],
    );
    assert.equal((await run({ ...report, period: { from: '2026-03-27', to: '2026-03-30' } })).total.converted, 1);
  });

  describe('beside windowFunnel of the engine', () => {
    /** Steps reached; in the second way of the engine only the given mode. */
    const levels = async (text: string, mode: '' | 'strict_order' = '', steps = [['A'], ['B'], ['C']]) => {
      await removeEvents(context);
      await storeEvents(
        context,
        text.split(' ').map((word) => ({
          person: 931,
          name: word[0]!,
          at: START + 5 * HOUR + Number(word.slice(1)) * 60_000,
        })),
      );
      const report = parsed({
        steps: steps.map((of) => names(...of)),
        order: mode === '' ? 'ordered' : 'strict',
        window: { count: 60, unit: 'minute' },
      });
      const { total } = await run(report);
      const conditions = steps.map((of) => `name IN (${of.map((name) => `'${name}'`).join(', ')})`).join(', ');
      const [row] = await context.events.query<{ level: string }>(
        `SELECT windowFunnel(3600000${mode && `, '${mode}'`})(toUInt64(toUnixTimestamp64Milli(timestamp)), ${conditions}) AS level FROM events`,
      );
      return { ours: total.steps.filter((one) => one.subjects === 1).length, engine: Number(row!.level) };
    };

    it('agrees on entries, ties and the end of the window', async () => {
      for (const [text, reached] of [
        ['A0 A30 B45 C75', 3],
        ['A0 B50 C100', 2],
        ['B5 A5', 2],
        ['A0 B60', 2],
      ] as const)
        assert.deepEqual(await levels(text), { ours: reached, engine: reached }, text);
    });

    it('takes no event for two steps, which the engine does', async () => {
      assert.deepEqual(await levels('A5', '', [['A'], ['A', 'B']]), { ours: 1, engine: 2 });
      assert.deepEqual(await levels('A5 B6', '', [['A'], ['A', 'B'], ['B']]), { ours: 2, engine: 3 });
    });

    it('lets a person try a strict order again, which the engine does not', async () => {
      assert.deepEqual(await levels('A0 Z1 B2 C3', 'strict_order'), { ours: 1, engine: 1 });
      assert.deepEqual(await levels('A0 Z1 A2 B3 C4', 'strict_order'), { ours: 3, engine: 1 });
      assert.deepEqual(await levels('A0 C1 A2 B3 C4', 'strict_order'), { ours: 3, engine: 1 });
    });
  });

  it('refuses what makes no sense, in sentences', async () => {
    const two = [names('A'), names('B')];
    const refused: [Partial<FunnelInput>, RegExp][] = [
      [{ steps: [{ ...names('A'), optional: true }, names('B')] }, /first step says who enters/],
      [{ steps: [names('A'), { ...names('B'), optional: true }] }, /neither may be optional/],
      [{ exclusions: [{ ...names('X'), from: 0, to: 2 }] }, /ends at step 3, and the funnel has 2 steps/],
      [{ exclusions: [{ ...names('X'), from: 1, to: 1 }] }, /begin at an earlier step than it ends/],
      [{ order: 'any', exclusions: [{ ...names('X'), from: 0, to: 1 }] }, /In any order nothing lies between/],
      [
        { order: 'any', steps: [names('A'), { ...names('B'), optional: true }, names('C')] },
        /step 2 cannot be optional/,
      ],
      [{ semantics: 'mixpanel', order: 'strict' }, /for ordered steps/],
      [
        { semantics: 'mixpanel', steps: [names('A'), { ...names('B'), optional: true }, names('C')] },
        /has no optional steps/,
      ],
      [{ breakdown: [device], attribution: { step: 2 } }, /from step 3, and the funnel has 2 steps/],
      [{ breakdown: [device], attribution: { step: 0 }, order: 'any' }, /no event is a certain step/],
      [{ window: { count: 31, unit: 'year' } }, /longer than 30 years/],
      [{ steps: [names('A'), { what: { events: [{ action: 99 }] } }] }, /There is no action 99/],
    ];
    for (const [input, sentence] of refused) await assert.rejects(run(parsed({ steps: two, ...input })), sentence);
    for (const input of [
      { window: { count: -1, unit: 'day' } },
      { window: { count: 0, unit: 'day' } },
      { steps: [names('A')] },
      { steps: Array.from({ length: 21 }, () => names('A')) },
      { exclusions: Array.from({ length: 11 }, () => ({ ...names('X'), from: 0, to: 1 })) },
      { hold: [plan, plan, plan, plan] },
    ])
      assert.equal(Report.safeParse({ kind: 'funnel', steps: two, ...input }).success, false);
  });

  it('reads with the statements that a reviewer has seen', async () => {
    await removeEvents(context);
    await storeEvents(context, [
      { person: 1, name: 'Page', at: START + 5 * HOUR, device: 'mobile' },
      { person: 1, name: 'A', at: START + 5 * HOUR, properties: { plan: 'gold' } },
      { person: 2, name: 'A', at: START + 5 * HOUR, properties: { plan: 'silver' } },
    ]);
    const steps = [names('Page'), names('Product Viewed'), names('Product Added'), names('Order Completed')];
    const kind = 'funnel' as const;
    const fixed = { kind, period: PERIOD, zone: ZONE };
    await sameStatements(
      context,
      new URL('./funnel.sql', import.meta.url),
      {
        'four steps within seven days': { ...fixed, steps, window: { count: 7, unit: 'day' } },
        'with breakdown and exclusion': {
          ...fixed,
          steps,
          breakdown: [device, { of: 'trait', name: 'plan' }],
          exclusions: [{ ...names('Product Removed'), from: 2, to: 3 }],
        },
        'strict, held, by session, value of the second step': {
          ...fixed,
          steps: [
            names('A'),
            { what: { events: [{ name: 'B', where: { field: plan, is: 'is', values: ['gold'] } }] } },
          ],
          order: 'strict',
          hold: [plan],
          by: 'session',
          breakdown: [plan],
          attribution: { step: 1 },
        },
      },
      NOW,
    );
  });
});
