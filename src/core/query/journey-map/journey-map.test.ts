import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../../kernel/context.ts';
import { Refusal } from '../../../kernel/refusal.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { override, removeEvents, storeEvents, type TestEvent } from '../events.testing.ts';
import { peopleBehind, runReport } from '../run.ts';
import { sameStatements } from '../snapshot.testing.ts';
import { mapOf } from './journey-map.oracle.testing.ts';
import { JourneyMapReport } from './schema.ts';

const START = Date.parse('2026-03-01T00:00:00Z');
const HOUR = 3_600_000;
const NOW = Date.parse('2026-06-01T12:00:00Z');
const named = (...names: string[]) => ({ events: names.map((name) => ({ name })) });

const report = JourneyMapReport.parse({
  kind: 'journeyMap',
  period: { from: '2026-03-01', to: '2026-03-31' },
  zone: 'UTC',
  stages: [
    {
      name: 'Consideration',
      touchpoints: [
        { name: 'Site', what: named('Viewed') },
        { name: 'Newsletter', what: named('Opened') },
      ],
    },
    { name: 'Purchase', touchpoints: [{ name: 'Order', what: named('Order Completed') }] },
    { name: 'After', touchpoints: [{ name: 'Support', what: named('Ticket Opened') }] },
  ],
  attributedDays: 1,
});

describe('the journey map', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());

  it('says of each stage and touchpoint what a plain computation says, merged people included', async () => {
    const event = fc.record({
      who: fc.integer({ min: 1, max: 4 }),
      at: fc.nat(200),
      name: fc.constantFrom(
        'Viewed',
        'Opened',
        'Order Completed',
        'Ticket Opened',
        'Chat Started',
        'Question Answered',
        'Noise',
      ),
      score: fc.nat(10),
      question: fc.constantFrom('nps', 'csat', 'CES', 'other', ''),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(event, { maxLength: 40, selector: (one) => `${one.who} ${one.at}` }),
        fc.boolean(),
        async (random, merge) => {
          const base = ++run * 10;
          // Of one person no two at the same time, also when merged: which was first is nobody's to say.
          const events = random.map(
            ({ who, at, name, score, question }): TestEvent => ({
              person: base + who,
              at: START + at * HOUR + who,
              name,
              channel: who % 2 ? 'web' : 'email',
              ...(name === 'Order Completed' ? { revenueMinor: score * 100, currency: who % 2 ? 'GBP' : 'EUR' } : {}),
              ...(name === 'Question Answered' ? { properties: { score, kind: question } } : {}),
            }),
          );
          await removeEvents(context);
          await storeEvents(context, events);
          if (merge) await override(context, base + 1, base + 2);
          const personOf = (origin: number) => (merge && origin === base + 1 ? base + 2 : origin);
          const expected = mapOf(report, events, personOf);
          const { result } = await runReport(context, report, { now: NOW });
          assert.deepEqual(result.stages, expected.stages);
          const page = { after: 0, limit: 100 };
          for (const outcome of ['wentOn', 'stayed'] as const) {
            const people = await peopleBehind(context, report, { stage: 0, outcome }, page, { now: NOW });
            assert.deepEqual(people, expected.people(0, outcome));
          }
          if (merge) await override(context, base + 1, base + 1);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('refuses the people of a stage that it does not have', async () => {
    await assert.rejects(
      peopleBehind(context, report, { stage: 7 }, { after: 0, limit: 10 }, { now: NOW }),
      (error) => error instanceof Refusal && /no stage 7/.test(error.message),
    );
  });

  it('sends statements that somebody has read', () =>
    sameStatements(context, new URL('./journey-map.sql', import.meta.url), { 'three stages': report }, NOW));
});
