import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { removeEvents, storeEvents, type TestEvent } from './events.testing.ts';
import { Report } from './report.ts';
import { peopleBehind, runReport } from './run.ts';

const period = { from: '2026-03-01', to: '2026-03-31' };
const all = { events: [{}] };
const viewed = { events: [{ name: 'Viewed' }] };
const bought = { events: [{ name: 'Bought' }] };
const steps = [{ what: viewed }, { what: bought }];

/** Each kind of report, with the part whose people are everybody that it counts. */
const REPORTS: [object, unknown][] = [
  [{ kind: 'trend', series: [{ what: all, measure: { of: 'people' } }] }, { series: 'A' }],
  [{ kind: 'trend', series: [{ what: bought }], breakdown: [{ of: 'event', name: 'country' }] }, { series: 'A' }],
  [
    { kind: 'funnel', steps },
    { step: 0, outcome: 'converted' },
  ],
  [{ kind: 'correlation', steps, atLeast: 1 }, null],
  [
    { kind: 'retention', start: viewed, return: bought },
    { period: 0, outcome: 'returned' },
  ],
  [{ kind: 'journey' }, null],
  [
    { kind: 'lifecycle', what: all },
    { bucket: '2026-03-10T00:00:00Z', status: 'new' },
  ],
  [{ kind: 'stickiness', what: all }, { intervals: 1 }],
  [
    { kind: 'engagement', what: all },
    { bucket: '2026-03-10T00:00:00Z', of: 'day' },
  ],
  [{ kind: 'sessions' }, {}],
  [{ kind: 'web' }, null],
  [{ kind: 'journeyMap', stages: [{ name: 'a', touchpoints: [{ name: 'a', what: viewed }] }] }, { stage: 0 }],
  [{ kind: 'friction', steps, atLeast: 5 }, null],
  [
    { kind: 'score', of: 'nps' },
    { from: 0, to: 6 },
  ],
  [{ kind: 'drivers', of: 'nps' }, null],
  [{ kind: 'heatmap', page: '/lamp' }, { reached: 0 }],
  [{ kind: 'forms' }, { form: 'order' }],
];

const eventsOf = (person: number): TestEvent[] => {
  const visit = { person, session: '2026-03-10T10:00:00Z', country: 'PL', device: 'mobile' };
  return [
    { ...visit, name: 'Viewed', type: 'page', path: '/lamp', at: '2026-03-10T10:00:00Z' },
    { ...visit, name: 'Error Occurred', at: '2026-03-10T10:01:00Z' },
    { ...visit, name: 'Page Interacted', path: '/lamp', at: '2026-03-10T10:01:00Z' },
    { ...visit, name: 'Form Used', at: '2026-03-10T10:01:00Z', properties: { form: 'order' } },
    {
      ...visit,
      name: 'Question Answered',
      at: '2026-03-10T10:01:30Z',
      properties: { kind: 'nps', score: 3, scale: 10 },
    },
    { ...visit, name: 'Bought', revenueMinor: 500, currency: 'EUR', at: '2026-03-10T10:02:00Z' },
  ];
};

describe('somebody whose data may only be kept', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());

  const asked = async () => {
    const answers: unknown[] = [];
    for (const [report, part] of REPORTS) {
      const parsed = Report.parse({ ...report, period });
      const { result } = await runReport(context, parsed, { fresh: true });
      const people = part && (await peopleBehind(context, parsed, part, { after: 0, limit: 100 }));
      answers.push({ report, result, people });
    }
    return answers;
  };
  const restrict = (person: number) =>
    context.events.insert({
      table: 'people_restricted',
      columns: ['origin_id', 'version', 'is_deleted'],
      format: 'JSONCompactEachRow',
      bytes: new TextEncoder().encode(JSON.stringify([person, 1, 0])),
      token: `restrict:${person}`,
    });

  it('is looked for in every kind of report there is', () => {
    const kinds = new Set(REPORTS.map(([report]) => (report as { kind: string }).kind));
    assert.deepEqual([...kinds].sort(), Report.options.map(({ shape }) => shape.kind.value).sort());
  });

  it('is in no report of any kind and in no list of people behind one, as if there had never been anything', async () => {
    await storeEvents(context, [1, 2, 3].flatMap(eventsOf));
    const without = await asked();
    await storeEvents(context, eventsOf(4));
    const withAll = await asked();
    for (const [index, answer] of withAll.entries())
      if (REPORTS[index]![1]) assert.notDeepEqual(answer, without[index], 'the fourth counts');
    await restrict(4);
    const restricted = await asked();
    for (const [index, answer] of restricted.entries()) assert.deepEqual(answer, without[index]);
    await removeEvents(context);
  });
});
