import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../kernel/context.ts';
import { encodeCursor } from '../../kernel/page.ts';
import { testContext } from '../../kernel/testing.ts';
import { stream } from '../stream/module.ts';
import { mergePersons } from './merge.ts';
import { people } from './module.ts';
import { insertEvents, insertPerson } from './test-data.ts';
import { timeline, timelineQuery } from './timeline.ts';

let context: Context & { close(): Promise<void> };
before(async () => {
  context = await testContext({ apps: [people, stream] });
});
after(() => context.close());

const page = (id: number, query: Record<string, unknown> = {}) => timeline(context, id, timelineQuery.parse(query));

test('a page shows what happened, newest first, with properties as they were sent', async () => {
  const person = await insertPerson(context);
  const properties = {
    total: 12.5,
    count: 3,
    vip: true,
    tags: ['a', 'b'],
    ship: { city: 'Łódź', floor: 2 },
    big: 2 ** 40,
  };
  await insertEvents(context, [
    { origin: person, at: Date.parse('2026-03-01T10:00:00.001Z'), name: 'Page viewed' },
    {
      origin: person,
      at: Date.parse('2026-03-01T10:00:00.002Z'),
      name: 'Order Completed',
      properties,
      revenueMinor: -1250,
      currency: 'EUR',
    },
  ]);
  const { items, nextCursor } = await page(person);
  assert.equal(nextCursor, null);
  assert.deepEqual(
    items.map((event) => [event.name, event.timestamp]),
    [
      ['Order Completed', '2026-03-01T10:00:00.002Z'],
      ['Page viewed', '2026-03-01T10:00:00.001Z'],
    ],
  );
  assert.deepEqual(items[0]!.properties, properties);
  assert.deepEqual(items[0]!.revenue, { currency: 'EUR', amountMinor: -1250 });
  assert.equal(items[0]!.messageId, items[0]!.id);
  assert.equal(items[0]!.sessionStart, null);
});

test('the timeline can be filtered by name, channel, contact, time and text', async () => {
  const person = await insertPerson(context);
  const at = (day: number) => Date.UTC(2026, 4, day);
  await insertEvents(context, [
    { origin: person, at: at(1), name: 'A', channel: 'web', properties: { note: 'Grüße aus Köln' } },
    { origin: person, at: at(2), name: 'B', channel: 'email', contact: 'indirect' },
    { origin: person, at: at(3), name: 'C', channel: 'store' },
  ]);
  const names = async (query: Record<string, unknown>) => (await page(person, query)).items.map((event) => event.name);
  assert.deepEqual(await names({ name: 'A' }), ['A']);
  assert.deepEqual(await names({ without: 'A,C' }), ['B']);
  assert.deepEqual(await names({ channel: 'email' }), ['B']);
  assert.deepEqual(await names({ channel: 'email,store' }), ['C', 'B']);
  assert.deepEqual(await names({ contact: 'direct' }), ['C', 'A']);
  assert.deepEqual(await names({ from: '2026-05-02T00:00:00Z', to: '2026-05-03T00:00:00Z' }), ['B']);
  assert.deepEqual(await names({ from: '2026-05-02' }), ['C', 'B']);
  assert.deepEqual(await names({ q: 'GRÜSSE' }), []);
  assert.deepEqual(await names({ q: 'grüße AUS' }), ['A']);
  assert.deepEqual(await names({ q: "'; DROP TABLE events; --" }), []);
});

test('pages go on after an event whose ID was made from what a sender called it', async () => {
  const person = await insertPerson(context);
  const at = Date.UTC(2026, 6, 1);
  const id = '007ed9d8-e24a-3be2-6b89-712c81f8ac22';
  await insertEvents(context, [
    { origin: person, at: at + 1, name: 'New', id },
    { origin: person, at, name: 'Old' },
  ]);
  const { items, nextCursor } = await page(person, { limit: 1 });
  assert.deepEqual([items[0]!.name, items[0]!.id], ['New', id]);
  assert.equal((await page(person, { limit: 1, cursor: nextCursor })).items[0]!.name, 'Old');
});

test('a cursor that the list did not give is refused, and so is a person that there is not', async () => {
  const person = await insertPerson(context);
  await assert.rejects(page(person, { cursor: 'nonsense' }), { status: 400 });
  const id = '007ed9d8-e24a-3be2-6b89-712c81f8ac22';
  for (const at of [1.5, 1e300]) {
    await assert.rejects(page(person, { cursor: encodeCursor([at, id]) }), { status: 400 });
  }
  await assert.rejects(page(999_999_999), { status: 404 });
});

test('paging gives every event once, in order, of all merged parts, though times are equal and more arrives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ at: fc.nat(4), part: fc.nat(2) }), { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 1, max: 9 }),
      async (sent, limit) => {
        const parts = [await insertPerson(context), await insertPerson(context), await insertPerson(context)];
        const base = Date.UTC(2026, 6, 31, 23, 59, 59, 998);
        const events = sent.map(({ at, part }) => ({ id: randomUUID(), origin: parts[part]!, at: base + at }));
        await insertEvents(context, events);
        await context.records.transaction(async (client) => {
          await mergePersons(client, { intoRoot: parts[0]!, fromRoot: parts[1]!, cause: {} });
          await mergePersons(client, { intoRoot: parts[0]!, fromRoot: parts[2]!, cause: {} });
        });
        const seen: { id: string; timestamp: string }[] = [];
        let cursor: string | null | undefined;
        do {
          const found = await page(parts[1]!, { limit, ...(cursor ? { cursor } : {}) });
          seen.push(...found.items);
          cursor = found.nextCursor;
          // What happens now belongs before all that is on these pages.
          await insertEvents(context, [{ origin: parts[2]!, at: base + 60_000 }]);
        } while (cursor);
        assert.deepEqual(seen.map((event) => event.id).sort(), events.map((event) => event.id).sort());
        const times = seen.map((event) => Date.parse(event.timestamp));
        assert.deepEqual(
          times,
          times.toSorted((a, b) => b - a),
        );
      },
    ),
    { numRuns: 15 },
  );
});
