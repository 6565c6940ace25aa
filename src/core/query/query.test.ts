import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { removeEvents, storeEvents } from './events.testing.ts';
import { runReport } from './run.ts';
import { TrendReport } from './trends/schema.ts';

describe('a report', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());

  it('counts in the days of its zone, and says what it did not count again', async () => {
    await storeEvents(context, [
      { person: 1, name: 'Order Completed', at: '2026-03-28T22:30:00Z' },
      { person: 1, name: 'Order Completed', at: '2026-03-28T23:30:00Z' },
      { person: 2, name: 'Order Completed', at: '2026-03-29T21:59:59Z' },
      { person: 2, name: 'Order Completed', at: '2026-03-29T22:00:00Z' },
    ]);
    const report = TrendReport.parse({
      kind: 'trend',
      period: { from: '2026-03-28', to: '2026-03-30' },
      zone: 'Europe/Warsaw',
      series: [{ what: { events: [{ name: 'Order Completed' }] } }],
    });
    const answer = await runReport(context, report);
    assert.deepEqual(answer.result.series[0]!.values, [1, 2, 1]);
    assert.equal((await runReport(context, report)).meta.cached, true);
  });

  it('is given again as it was to who takes an older answer, but not once much more is known', async () => {
    await removeEvents(context);
    const report = TrendReport.parse({
      kind: 'trend',
      period: { from: '2026-04-01', to: '2026-04-01' },
      zone: 'UTC',
      series: [{ what: { events: [{ name: 'Product Viewed' }] } }],
    });
    const view = { person: 1, name: 'Product Viewed', at: '2026-04-01T12:00:00Z' };
    const asked = async (maxAgeSeconds: number) => {
      const { result, meta } = await runReport(context, report, { maxAgeSeconds });
      return [result.series[0]!.values[0], meta.cached];
    };
    assert.deepEqual(await asked(3600), [0, false]);
    // What was computed before there was anything is no answer to who has just loaded a file.
    await storeEvents(context, Array(200).fill(view));
    assert.deepEqual(await asked(3600), [200, false]);
    await storeEvents(context, [view, view]);
    assert.deepEqual(await asked(3600), [200, true]);
    await storeEvents(context, [view]);
    assert.deepEqual(await asked(3600), [203, false]);
    await storeEvents(context, [view]);
    assert.deepEqual(await asked(0), [204, false]);
    await removeEvents(context);
    assert.deepEqual(await asked(3600), [0, false]);
  });
});
