import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Hono } from 'hono';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { forgetPersonalFields } from '../catalogue/personal.ts';
import { forgetVolumes } from '../catalogue/volumes.ts';
import { core } from '../index.ts';
import { PeopleFacts } from '../people/facts-follow.ts';
import { append, processAll, sent } from '../stream/testing.ts';
import type { EventChoice, FieldChoices, ValueChoice } from './field-routes.ts';

let context: Context & { close(): Promise<void> };
let hono: Hono;
let hidesPersonalData = false;

before(async () => {
  context = await testContext({ apps: core });
  hono = buildHttp(context, core, async () => ({
    kind: 'staff',
    id: 'ada',
    name: 'Ada',
    email: null,
    role: 'test',
    permissions: new Set(['reports.read']),
    hidesPersonalData,
  }));
  await context.records.pool.query("INSERT INTO sources (name, kind, write_key) VALUES ('web', 'server', 'wk')");
  const at = new Date().toISOString();
  const order = (person: string, city: string, total: number) => ({
    event: 'Order Completed',
    userId: person,
    timestamp: at,
    properties: { city, total, gift: true, customer_email: `${person}@example.com`, lines: [{ sku: 'a' }] },
  });
  await append(
    context,
    [
      order('u1', 'London', 10),
      order('u2', 'London', 20.5),
      order('u3', 'Lódź', 30),
      { event: 'Product Viewed', userId: 'u1', timestamp: at, properties: { colour: 'red' } },
      { type: 'identify', userId: 'u1', traits: { plan: 'gold', email: 'u1@example.com', age: 41 } },
      { type: 'identify', userId: 'u2', traits: { plan: 'gold' } },
      { type: 'identify', userId: 'u3', traits: { plan: 'grey' } },
    ].map((event) => sent(event as Parameters<typeof sent>[0])),
    { sourceId: 1 },
  );
  await processAll(context);
  await new PeopleFacts(context).catchUp();
});
after(() => context.close());

async function call<T>(path: string): Promise<{ status: number; body: T }> {
  forgetVolumes(context);
  forgetPersonalFields(context);
  const response = await hono.request(path);
  return { status: response.status, body: (await response.json()) as T };
}
const json = (value: unknown) => encodeURIComponent(JSON.stringify(value));
const fields = async (names?: string[]) =>
  (await call<FieldChoices>(`/api/query/fields${names ? `?events=${json(names)}` : ''}`)).body;
const values = async (field: object, rest = '') =>
  (await call<{ items: ValueChoice[] }>(`/api/query/values?field=${json(field)}${rest}`)).body.items;

describe('what a report can be about', () => {
  it('is every event that came, the most frequent first, page by page', async () => {
    const first = (await call<{ items: EventChoice[]; nextCursor: string }>('/api/query/events?limit=1')).body;
    assert.deepEqual(
      first.items.map(({ type, name, events }) => ({ type, name, events })),
      [{ type: 'identify', name: 'identify', events: 3 }],
    );
    const rest = (await call<{ items: EventChoice[] }>(`/api/query/events?cursor=${first.nextCursor}`)).body;
    assert.deepEqual(
      rest.items.map((one) => one.name),
      ['Order Completed', 'Product Viewed'],
    );
    const found = (await call<{ items: EventChoice[] }>('/api/query/events?q=viewed')).body;
    assert.deepEqual(
      found.items.map((one) => one.name),
      ['Product Viewed'],
    );
  });

  it('is the properties of its events and everybody’s traits, with what kind of value they are', async () => {
    const { properties, traits } = await fields(['Order Completed']);
    assert.deepEqual(
      new Map(properties.map(({ name, type }) => [name, type])),
      new Map([
        ['city', 'text'],
        ['customer_email', 'text'],
        ['gift', 'boolean'],
        ['total', 'number'],
      ]),
    );
    assert.deepEqual(
      traits.map(({ name, type, count }) => [name, type, count]),
      [
        ['plan', 'text', 3],
        ['age', 'number', 1],
        ['email', 'text', 1],
      ],
    );
    assert.ok((await fields()).properties.some((one) => one.name === 'colour'));
  });

  it('is the values that a field has now, narrowed by what they begin with', async () => {
    const city = { of: 'property', name: 'city' };
    assert.deepEqual(await values(city), [
      { value: 'London', count: 2 },
      { value: 'Lódź', count: 1 },
    ]);
    assert.deepEqual(await values(city, '&q=LÓ'), [{ value: 'Lódź', count: 1 }]);
    assert.deepEqual(await values(city, `&events=${json(['Product Viewed'])}`), []);
    assert.deepEqual(await values({ of: 'trait', name: 'plan', as: 'now' }, '&q=g&limit=1'), [
      { value: 'gold', count: 2 },
    ]);
    assert.deepEqual(await values({ of: 'event', name: 'timestamp' }), []);
    assert.deepEqual(await values({ of: 'session', name: 'duration' }), []);
  });

  it('shows no personal field to a role that does not see such data, and refuses its values', async () => {
    hidesPersonalData = true;
    try {
      const { properties, traits, personal } = await fields(['Order Completed']);
      assert.equal(personal, false);
      assert.ok(!properties.some((one) => one.name === 'customer_email'));
      assert.deepEqual(
        traits.map((one) => one.name),
        ['plan', 'age'],
      );
      for (const field of [
        { of: 'trait', name: 'email', as: 'now' },
        { of: 'property', name: 'customer_email' },
        { of: 'event', name: 'user_id' },
      ])
        assert.equal((await call(`/api/query/values?field=${json(field)}`)).status, 403);
    } finally {
      hidesPersonalData = false;
    }
  });

  it('refuses what is not a field, and more names than a report can have', async () => {
    assert.equal((await call('/api/query/values?field=country')).status, 400);
    assert.equal((await call(`/api/query/values?field=${json({ of: 'event', name: 'password' })}`)).status, 400);
    const names = Array.from({ length: 401 }, (_, n) => `event ${n}`);
    assert.equal((await call(`/api/query/fields?events=${json(names)}`)).status, 400);
    assert.equal(
      (await call(`/api/query/values?field=${json({ of: 'event', name: 'country' })}&limit=201`)).status,
      400,
    );
  });
});
