import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../../kernel/context.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { removeEvents, storeEvents, type TestEvent } from '../events.testing.ts';
import { randomEvents, storeRandom } from '../random-events.testing.ts';
import { Report, type ReportInput } from '../report.ts';
import { runReport } from '../run.ts';
import { sameStatements } from '../snapshot.testing.ts';
import type { CorrelationReport } from './correlation-schema.ts';
import { falseDiscovery, oddsOf } from './odds.ts';
import { attempted } from './oracle.testing.ts';

const START = Date.parse('2026-03-27T00:00:00Z');
const NOW = Date.parse('2026-04-10T12:00:00Z');
const HOUR = 3_600_000;
const WINDOW = 20;

type Input = Extract<ReportInput, { kind: 'correlation' }>;
const names = (name: string) => ({ what: { events: [{ name }] } });
const input = (more: Partial<Input>): Input => ({
  kind: 'correlation',
  period: { from: '2026-03-27', to: '2026-03-30' },
  zone: 'UTC',
  steps: [names('A'), names('B')],
  window: { count: WINDOW, unit: 'hour' },
  ...more,
});
const parsed = (more: Partial<Input>) => Report.parse(input(more)) as CorrelationReport;

/** Of those who entered: who had a value in time, one person after the other. */
function counted(events: readonly TestEvent[], textOf: (event: TestEvent) => string, when: string) {
  const people = Map.groupBy(events, (event) => event.person);
  const found = new Map<string, { withConverted: number; withDropped: number }>();
  let [entered, converted] = [0, 0];
  for (const of of people.values()) {
    const marks = of.map(({ name, at }) => ({
      at: Number(at),
      steps: name === 'A' ? [0] : name === 'B' ? [1] : [],
      exclusions: [],
    }));
    const rules = { steps: 2, optional: 0, windowMs: WINDOW * HOUR, forbidden: [0, 0], way: 'ordered' as const };
    const { level, done } = attempted(marks, rules);
    if (level < 0) continue;
    entered++;
    if (level === 1) converted++;
    const inTime = of.filter(({ at: time, name }) => {
      const at = Number(time);
      const before = level === 1 ? at < done[1]! : at <= done[0]! + WINDOW * HOUR;
      if (when === 'after') return before && at > done[0]! && name !== 'A' && name !== 'B';
      return when === 'since' ? before && at >= done[0]! : before;
    });
    for (const value of new Set(inTime.map(textOf))) {
      const counts = found.get(value) ?? { withConverted: 0, withDropped: 0 };
      if (level === 1) counts.withConverted++;
      else counts.withDropped++;
      found.set(value, counts);
    }
  }
  found.delete('');
  return { entered, converted, found };
}

describe('a correlation report', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());

  const run = async (more: Partial<Input>) => (await runReport(context, parsed(more), { now: NOW })).result;

  it('counts who had what before converting as one person after the other does', async () => {
    const crowded = fc.array(randomEvents(90, ['A', 'B', 'C', 'X']), { minLength: 2, maxLength: 6, size: 'max' });
    const ways = [
      { among: { of: 'events' }, field: 'event:name', when: 'after', textOf: (event: TestEvent) => event.name },
      {
        among: { of: 'fields', fields: [{ of: 'event', name: 'device' }] },
        field: 'event:device',
        when: 'since',
        textOf: (event: TestEvent) => event.device ?? '',
      },
      {
        among: { of: 'touchpoints' },
        field: 'event:campaign_name',
        when: 'before',
        textOf: (event: TestEvent) => event.campaign ?? '',
      },
    ] as const;
    await fc.assert(
      fc.asyncProperty(crowded, fc.constantFrom(...ways), async (lists, { among, field, when, textOf }) => {
        const random = lists
          .flat()
          .map((event) => ({ ...event, campaign: String((event.properties as { plan?: string }).plan ?? '') }));
        const { events } = await storeRandom(context, random, {}, START);
        const { entered, converted, found } = counted(events, textOf, when);
        const result = await run({ among, atLeast: 1 } as Partial<Input>);
        assert.deepEqual([result.entered, result.converted], [entered, converted]);
        const expected = [...found].filter(([, of]) => of.withConverted + of.withDropped < entered);
        const rows = result.rows.filter((row) => row.field === field);
        assert.deepEqual(
          new Map(rows.map(({ value, withConverted, withDropped }) => [value, { withConverted, withDropped }])),
          new Map(expected),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('finds what goes with converting, and does not take chance for it', async () => {
    await removeEvents(context);
    const events: TestEvent[] = [];
    for (let person = 1; person <= 400; person++) {
      const at = START + person * 1000;
      const helped = person % 2 === 0;
      events.push({
        person,
        name: 'A',
        at,
        properties: { plan: person % 7 === 0 ? 'gold' : 'free', email: `p${person % 20}@example.org` },
      });
      if (helped) events.push({ person, name: 'Chat Started', at: at + HOUR });
      // Noise: as many events as would make some of them look like a cause if each were asked alone.
      for (let noise = 0; noise < 20; noise++)
        if ((person * 7919 + noise * 104_729) % 13 < 5) events.push({ person, name: `Noise ${noise}`, at: at + HOUR });
      if (helped ? person % 5 !== 0 : person % 4 === 1) events.push({ person, name: 'B', at: at + 2 * HOUR });
      // What comes after converting explains nothing.
      if (helped && person % 5 !== 0) events.push({ person, name: 'Thanked', at: at + 3 * HOUR });
      if (person % 50 === 0) events.push({ person, name: 'Rare', at: at + HOUR });
    }
    await storeEvents(context, events);
    const { rows, entered, converted, compared } = await run({});
    assert.equal(entered, 400);
    assert.equal(converted, 160 + 100);
    const first = rows[0]!;
    assert.equal(first.value, 'Chat Started');
    assert.equal(first.significant, true);
    const counts = { withConverted: 160, withDropped: 40, withoutConverted: 100, withoutDropped: 100 };
    assert.deepEqual(
      { ...first },
      {
        field: 'event:name',
        value: 'Chat Started',
        withConverted: 160,
        withDropped: 40,
        ...oddsOf(counts),
        q: first.q,
        significant: true,
      },
    );
    assert.deepEqual(
      rows.filter((row) => row.significant).map((row) => row.value),
      ['Chat Started'],
    );
    assert.equal(compared, rows.length);
    assert.ok(!rows.some((row) => ['Thanked', 'Rare', 'A', 'B'].includes(row.value)));
    assert.deepEqual(rows.map((row) => row.q).toSorted(), falseDiscovery(rows.map((row) => row.p)).toSorted());
  });

  it('chooses properties by itself, and never personal ones', async () => {
    const { rows } = await run({ among: { of: 'properties' } });
    assert.deepEqual([...new Set(rows.map((row) => row.field))], ['property:plan']);
    assert.ok(rows.every((row) => !row.significant));
  });

  it('ends also where somebody sent properties called by zeros and quotes', async () => {
    await removeEvents(context);
    const names = ['\0', '\x000\0', '`\0`', '\\\0'];
    const properties = Object.fromEntries(names.map((name) => [name, 'x']));
    await storeEvents(
      context,
      [1, 2, 3].map((person) => ({ person, name: 'A', at: START, properties })),
    );
    assert.ok(await run({}));
  });

  it('refuses funnels that make no sense', async () => {
    await assert.rejects(run({ steps: [{ ...names('A'), optional: true }, names('B')] }), /first step says who enters/);
    assert.equal(Report.safeParse(input({ among: { of: 'fields', fields: [] } })).success, false);
    assert.equal(Report.safeParse(input({ atLeast: 0 })).success, false);
  });

  it('reads with the statements that a reviewer has seen', async () => {
    await removeEvents(context);
    await storeEvents(context, [{ person: 1, name: 'A', at: START, device: 'mobile', properties: { plan: 'gold' } }]);
    const file = new URL('./correlation.sql', import.meta.url);
    await sameStatements(context, file, { events: input({}), properties: input({ among: { of: 'properties' } }) }, NOW);
  });
});
