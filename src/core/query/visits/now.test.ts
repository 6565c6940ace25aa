import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Context } from '../../../kernel/context.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { override, removeEvents, storeEvents, type TestEvent } from '../events.testing.ts';
import { webNow } from './now.ts';

const NOW = Date.parse('2026-06-01T12:00:30Z');
const MINUTE = 60_000;

describe('who is on the site now', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
  });
  after(() => context.close());

  const view = (person: number, minutesAgo: number, path: string, country = 'PL'): TestEvent => ({
    person,
    session: NOW - 40 * MINUTE,
    at: NOW - minutesAgo * MINUTE,
    name: '',
    type: 'page',
    path,
    country,
  });

  it('is counted as people, merged ones once, by the minute, with their pages and countries', async () => {
    await storeEvents(context, [
      view(1, 0.2, '/basket'),
      view(1, 3, '/mugs'),
      view(2, 4.9, '/mugs'),
      view(3, 4, '/mugs', 'GB'),
      view(4, 20, '/cups', ''),
      // Too long ago, not in a visit, and not yet: none of them is there.
      view(5, 31, '/'),
      { person: 6, at: NOW - MINUTE, name: 'Invoice Paid' },
      view(7, -2, '/later'),
    ]);
    await override(context, 2, 1);
    const { at, active, recent, minutes, pages, countries } = await webNow(context, NOW);
    assert.equal(at, '2026-06-01T12:00:30.000Z');
    assert.deepEqual([active, recent], [2, 3]);
    assert.equal(minutes.length, 30);
    assert.deepEqual(
      minutes.filter((one) => one.people > 0),
      [
        { from: '2026-06-01T11:40:00.000Z', people: 1 },
        { from: '2026-06-01T11:55:00.000Z', people: 1 },
        { from: '2026-06-01T11:56:00.000Z', people: 1 },
        { from: '2026-06-01T11:57:00.000Z', people: 1 },
        { from: '2026-06-01T12:00:00.000Z', people: 1 },
      ],
    );
    assert.deepEqual(pages, [
      { value: '/mugs', people: 2 },
      { value: '/basket', people: 1 },
    ]);
    assert.deepEqual(countries, [
      { value: 'GB', people: 1 },
      { value: 'PL', people: 1 },
    ]);
  });

  it('is the same for all who ask within three seconds, and new after them', async () => {
    const first = await webNow(context, NOW);
    await removeEvents(context);
    assert.deepEqual(await webNow(context, NOW + 2999), first);
    assert.equal((await webNow(context, NOW + 3000)).recent, 0);
  });
});
