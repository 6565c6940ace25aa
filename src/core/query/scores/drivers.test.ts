import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../../kernel/context.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { removeEvents, storeEvents, type TestEvent } from '../events.testing.ts';
import { Report } from '../report.ts';
import { peopleBehind, runReport } from '../run.ts';
import type { DriversReport } from './schema.ts';
import { eigen, relativeWeights } from './weights.ts';

const NOW = Date.parse('2026-06-02T12:00:00Z');
const HOUR = 3_600_000;
const ANSWERED_AT = Date.parse('2026-05-20T12:00:00Z');

describe('what goes with a score', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());
  beforeEach(() => removeEvents(context));

  const parse = (input: object = {}) =>
    Report.parse({
      ...{ kind: 'drivers', of: 'nps', zone: 'UTC', period: { from: '2026-05-01', to: '2026-05-31' } },
      ...input,
    }) as DriversReport;
  const run = async (input: object = {}) => (await runReport(context, parse(input), { now: NOW })).result;
  const answer = (person: number, score: number, more: Partial<TestEvent> = {}): TestEvent => ({
    ...{ person, name: 'Question Answered', at: ANSWERED_AT, ...more },
    properties: { kind: 'nps', score, scale: 10, responseId: `r${person}`, questionId: 'q' },
  });
  const did = (person: number, name: string, hoursBefore = 24): TestEvent => ({
    ...{ person, name, at: ANSWERED_AT - hoursBefore * HOUR },
  });

  it('finds what those who are unhappy met, weighs it, and leads to them', async () => {
    const events = Array.from({ length: 120 }, (_, index) => {
      const person = index + 1;
      const [failed, bought, unlucky] = [index % 3 === 0, index % 2 === 0, index % 5 === 0];
      return [
        answer(person, failed ? (unlucky ? 9 : 2) : index % 7 === 0 ? 5 : 10, {
          device: index % 4 < 2 ? 'mobile' : 'desktop',
        }),
        ...(failed ? [did(person, 'Error Occurred')] : []),
        ...(bought ? [did(person, 'Product Viewed')] : []),
        // Too long ago, and after the answer: neither counts.
        ...(bought ? [did(person, 'Long Ago', 40 * 24), did(person, 'Afterwards', -1)] : []),
        did(person, 'Everybody Does It'),
      ];
    }).flat();
    await storeEvents(context, events);
    const result = await run();
    assert.equal(result.answers, 120);
    const [first] = result.drivers;
    assert.equal(first!.id, 'did Error Occurred');
    assert.deepEqual([first!.with, first!.without], [40, 80]);
    assert.ok(first!.difference < -1 && first!.high < 0 && first!.q < 0.001 && first!.weight > 0.7);
    const names = result.drivers.map(({ name }) => name);
    assert.ok(names.includes('Product Viewed') && names.includes('event:device'));
    for (const gone of ['Long Ago', 'Afterwards', 'Everybody Does It', 'Question Answered'])
      assert.ok(!names.includes(gone), gone);
    assert.ok(Math.abs(result.drivers.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-9);
    const behind = (has: boolean) =>
      peopleBehind(context, parse(), { id: first!.id, has }, { after: 1, limit: 100 }, { now: NOW });
    assert.deepEqual(
      await behind(true),
      Array.from({ length: 39 }, (_, index) => index * 3 + 4),
    );
    assert.equal((await behind(false)).length, 80);
    await assert.rejects(
      peopleBehind(context, parse(), { id: 'did Nothing', has: true }, { after: 0, limit: 10 }, { now: NOW }),
      /no such driver/,
    );
  });

  it('tells a long wait, also one that has not ended', async () => {
    const events = Array.from({ length: 60 }, (_, index) => {
      const person = index + 1;
      const slow = index % 2 === 0;
      return [
        answer(person, slow ? 3 : 10),
        did(person, 'Asked', 100),
        // The slow ones are answered after 50 hours, or not at all.
        ...(slow ? (index % 4 === 0 ? [did(person, 'Answered', 50)] : []) : [did(person, 'Answered', 98)]),
      ];
    }).flat();
    await storeEvents(context, events);
    const waits = [{ from: { events: [{ name: 'Asked' }] }, to: { events: [{ name: 'Answered' }] } }];
    const { drivers } = await run({ waits });
    const wait = drivers.find(({ kind }) => kind === 'wait')!;
    assert.equal(wait.medianHours, 2);
    assert.deepEqual([wait.with, wait.scoreWith, wait.scoreWithout], [30, -1, 1]);
  });

  it('says nothing of few answers, and nothing at all of none', async () => {
    assert.deepEqual(await run(), { answers: 0, scale: null, explained: 0, drivers: [] });
    await storeEvents(context, [answer(1, 3), did(1, 'Error Occurred'), answer(2, 10)]);
    const { answers, drivers } = await run();
    assert.deepEqual([answers, drivers], [2, []]);
  });
});

describe('relative weights', () => {
  const columns = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 12, max: 40 })).chain(([width, height]) =>
    fc.array(fc.array(fc.constantFrom(0, 1), { minLength: height, maxLength: height }), {
      ...{ minLength: width + 1, maxLength: width + 1 },
    }),
  );

  it('are never negative and add up to what all explain together', () => {
    fc.assert(
      fc.property(columns, ([y, ...xs]) => {
        const { weights, explained } = relativeWeights(
          xs.map((x) => Float64Array.from(x)),
          Float64Array.from(y!),
        );
        assert.ok(weights.every((weight) => weight >= 0));
        assert.ok(explained >= 0 && explained <= 1);
        assert.ok(Math.abs(weights.reduce((sum, one) => sum + one, 0) - explained) < 1e-6);
      }),
    );
  });

  it('of what does not go together are the squared correlations', () => {
    const [a, b] = [Float64Array.of(0, 0, 1, 1), Float64Array.of(0, 1, 0, 1)];
    const { weights, explained } = relativeWeights([a, b], Float64Array.of(0, 1, 3, 4));
    assert.ok(
      Math.abs(weights[0]! - 0.9) < 1e-9 && Math.abs(weights[1]! - 0.1) < 1e-9 && Math.abs(explained - 1) < 1e-9,
    );
  });

  it('split evenly between twins', () => {
    const [a, y] = [Float64Array.of(0, 1, 0, 1, 1), Float64Array.of(0, 1, 0, 1, 0)];
    const { weights } = relativeWeights([a, a, Float64Array.of(1, 1, 1, 1, 1)], y);
    assert.ok(Math.abs(weights[0]! - weights[1]!) < 1e-9 && weights[0]! > 0.1 && weights[2] === 0);
  });

  it('rest on the eigenvalues of a matrix', () => {
    const { values } = eigen([
      [2, 1],
      [1, 2],
    ]);
    assert.deepEqual(values.map((value) => Math.round(value * 1e9) / 1e9).sort(), [1, 3]);
  });
});
