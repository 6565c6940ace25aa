import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Hono } from 'hono';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { runJobs, testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { append, openStream, processAll, sent } from '../stream/testing.ts';
import { catchUp } from './catch-up.ts';
import { canonicalName } from './names.ts';
import { PROPERTIES_LIMIT } from './observe.ts';
import { personalFields } from './personal.ts';
import type { CatalogueDetail, CatalogueEvent } from './shapes.ts';
import { forgetVolumes } from './volumes.ts';

let context: Context & { close(): Promise<void> };
let hono: Hono;
const ALL = ['catalogue.read', 'catalogue.write', 'events.read', 'quarantine.read', 'quarantine.write'];
let permissions = new Set(ALL);

before(async () => {
  context = await testContext({ apps: core });
  hono = buildHttp(context, core, async () => ({
    kind: 'staff',
    id: 'ada',
    name: 'Ada',
    email: null,
    role: 'test',
    permissions,
  }));
  await context.records.pool.query(
    "INSERT INTO staff_users (id, name, email, role) VALUES ('ada', 'Ada', 'ada@example.com', 'owner')",
  );
  for (const key of ['wk_a', 'wk_b'])
    await context.records.pool.query("INSERT INTO sources (name, kind, write_key) VALUES ($1, 'server', $1)", [key]);
});
after(() => context.close());

async function call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  forgetVolumes(context);
  const response = await hono.request(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, body: (await response.json()) as T };
}
const pathOf = (name: string, rest = '', type = 'track') =>
  `/api/catalogue/events/${encodeURIComponent(name)}${rest}?type=${type}`;
const detail = async (name: string, type = 'track') =>
  (await call<CatalogueDetail>('GET', pathOf(name, '', type))).body;
const list = async (query = '') =>
  (await call<{ items: CatalogueEvent[]; nextCursor: string | null }>('GET', `/api/catalogue/events?${query}`)).body;

/** The next stream reads the plan anew. */
async function take(events: Parameters<typeof sent>[0][], sourceId = 1): Promise<void> {
  await append(context, events.map(sent), { sourceId });
  await processAll(context);
}
const orders = (count: number, properties: (n: number) => object = () => ({})) =>
  Array.from({ length: count }, (_, n) => ({
    event: 'Order Completed',
    userId: `u${n}`,
    properties: {
      total: n + 0.5,
      currency: n % 2 ? 'EUR' : 'PLN',
      customer_email: `u${n}@example.com`,
      products: [{ sku: `sku-${n}`, price: 1 }],
      shipping: { method: 'post' },
      ...properties(n),
    },
  }));

test('what comes in stands in the catalogue with its properties, their types and shares, volume, sources and examples', async () => {
  await take(orders(60, (n) => (n % 2 ? { coupon: n % 4 === 1 ? 'X' : 7 } : {})));
  await take([{ type: 'identify', userId: 'u1', traits: { email: 'u1@example.com', plan: 'gold' } }], 2);
  const event = await detail('Order Completed');
  assert.deepEqual([event.events, event.days.at(-1), event.sourceIds, event.status], [60, 60, ['1'], 'seen']);
  const property = (path: string) => event.properties.find((one) => one.path === path)!;
  assert.deepEqual(
    event.properties.map(({ path }) => path),
    [
      'coupon',
      'currency',
      'customer_email',
      'products',
      'products[].price',
      'products[].sku',
      'shipping',
      'shipping.method',
      'total',
    ],
  );
  assert.deepEqual(property('coupon').types, [
    { type: 'string', share: 0.5 },
    { type: 'integer', share: 0.5 },
  ]);
  assert.equal(property('coupon').share, 0.5);
  assert.equal(property('total').types[0]?.type, 'number');
  assert.deepEqual(property('currency').examples.sort(), ['EUR', 'PLN']);
  assert.deepEqual([property('customer_email').personal, property('customer_email').examples], [true, []]);
  const identify = await detail('identify', 'identify');
  assert.deepEqual([identify.events, identify.sourceIds], [1, ['2']]);
  permissions = new Set(['catalogue.read']);
  assert.ok(
    (await detail('Order Completed')).properties.every((one) => one.examples.length === 0),
    'values need events.read',
  );
  permissions = new Set(ALL);
});

test('the list is searched, filtered and sorted, page by page without a gap', async () => {
  await take(
    Array.from({ length: 40 }, (_, n) => ({ event: `Step ${n}`, userId: 'walker' })),
    2,
  );
  const names: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = await list(`limit=7&sort=name${cursor === '' ? '' : `&cursor=${cursor}`}`);
    names.push(...page.items.map((item) => item.name));
    cursor = page.nextCursor;
  }
  assert.equal(names.length, 42);
  assert.equal(new Set(names).size, 42);
  assert.deepEqual(
    names,
    names.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
  );
  assert.equal((await list()).items[0]?.name, 'Order Completed', 'most volume first');
  assert.equal((await list('q=stEp%203&limit=200')).items.length, 11);
  assert.ok((await list('source=2&limit=200')).items.every((item) => item.name !== 'Order Completed'));
  assert.equal(
    (await call('PATCH', pathOf('Step 1'), { hidden: true, ownerId: 'ada', description: 'A step' })).status,
    200,
  );
  assert.equal((await list('q=a%20step&hidden=true')).items[0]?.owner?.name, 'Ada');
  assert.equal((await list('limit=200')).items.length, 41);
  assert.equal((await call('PATCH', pathOf('Step 1'), { ownerId: 'nobody' })).status, 400);
  assert.equal((await call('GET', pathOf('Never Seen'))).status, 404);
  assert.equal((await call('GET', '/api/catalogue/events?cursor=nonsense')).status, 400);
});

test('a mark on a property counts before the guess by its name, for whoever hides personal fields', async () => {
  const path = `${pathOf('Order Completed').replace('?', '/properties/shipping.method?')}`;
  assert.equal((await call('PATCH', path, { personal: true, description: 'By which way' })).status, 200);
  let fields = await personalFields(context);
  assert.ok(fields.isPersonalProperty('Order Completed', 'shipping.method'));
  assert.ok(fields.isPersonalProperty('Order Completed', 'customer_email'));
  assert.ok(fields.isPersonalTrait('email') && !fields.isPersonalTrait('plan') && fields.isPersonalTrait('nazwisko'));
  assert.deepEqual(
    (await detail('Order Completed')).properties.find((one) => one.path === 'shipping.method')?.examples,
    [],
  );
  await call('PATCH', path, { personal: null });
  fields = await personalFields(context);
  assert.ok(!fields.isPersonalProperty('Order Completed', 'shipping.method'));
});

const draft = async () =>
  (
    await call<{ schema: { properties: Record<string, unknown>; required: string[] } }>(
      'GET',
      pathOf('Order Completed', '/draft'),
    )
  ).body.schema;

test('a schema is drafted from what was seen, with types, what is always there, and short lists of values', async () => {
  const schema = await draft();
  agreed = schema;
  assert.deepEqual(schema.properties.currency, { type: 'string', enum: ['EUR', 'PLN'] });
  assert.deepEqual(schema.properties.customer_email, { type: 'string', format: 'email' });
  assert.deepEqual(schema.properties.total, { type: 'number' });
  assert.deepEqual(schema.properties.coupon, { type: ['string', 'integer'] });
  assert.deepEqual(schema.properties.products, {
    type: 'array',
    items: { type: 'object', properties: { price: { type: 'integer' }, sku: { type: 'string' } } },
  });
  assert.deepEqual(schema.required.toSorted(), ['currency', 'customer_email', 'products', 'shipping', 'total']);
});

/** The schema as drafted when all was well. */
let agreed: object;
const planned = async (rules: object) =>
  call<CatalogueDetail>('PUT', pathOf('Order Completed', '/schema'), { schema: agreed, rules });
const storedTotals = async (user: string) =>
  (
    await context.events.query<{ context: string }>('SELECT context FROM events WHERE user_id = {user:String}', {
      user,
    })
  ).map((row) => (row.context === '' ? {} : JSON.parse(row.context)));
const broken = (user: string, messageId = `message-${user}`) => ({
  event: 'Order Completed',
  userId: user,
  messageId,
  properties: { total: 'much', currency: 'EUR', customer_email: 'a@example.com', products: [], shipping: {} },
});

test('a breach of the plan is counted, flagged, quarantined or blocked as the rules say', async () => {
  assert.equal((await planned({ wrong_value: 'allow' })).status, 200);
  await take([broken('allowed')]);
  assert.deepEqual((await storedTotals('allowed'))[0].violations, undefined);

  await planned({ wrong_value: 'flag' });
  await take([broken('flagged')]);
  assert.deepEqual((await storedTotals('flagged'))[0].violations, [
    { rule: 'wrong_value', property: 'total', message: 'must be number' },
  ]);

  await planned({ wrong_value: 'quarantine' });
  await take([broken('held')]);
  assert.equal((await storedTotals('held')).length, 0);
  const { body } = await call<{ items: Record<string, string>[] }>('GET', '/api/quarantine?rule=wrong_value');
  assert.equal(body.items[0]?.reason, 'tracking plan, wrong type or value: "total" must be number');
  assert.deepEqual(
    [body.items[0]?.step, body.items[0]?.name, body.items[0]?.property],
    ['plan', 'Order Completed', 'total'],
  );

  await planned({ wrong_value: 'block' });
  await take([broken('blocked')]);
  assert.equal((await storedTotals('blocked')).length, 0);
  const drops = await context.records.pool.query("SELECT reason, count FROM drops WHERE step = 'plan'");
  assert.deepEqual(drops.rows, [{ reason: 'the tracking plan blocks it: wrong type or value', count: 1 }]);

  const [counted] = (await detail('Order Completed')).broken;
  assert.deepEqual(
    [counted?.rule, counted?.property, counted?.count, counted?.messageId],
    ['wrong_value', 'total', 4, 'message-blocked'],
  );
});

test('an event that waited for its rule to be mended is sent again once, under its own message ID', async () => {
  await planned({ wrong_value: 'allow' });
  for (let i = 0; i < 2; i++) {
    await context.records.pool.query("UPDATE quarantine SET resent_at = NULL WHERE message_id = 'message-held'");
    await call('POST', '/api/quarantine/resends', { rule: 'wrong_value' });
    await runJobs(context, core);
    await processAll(context);
  }
  assert.equal((await storedTotals('held')).length, 1);
});

test('versions of a schema are kept with who made them, and one can go back', async () => {
  const before = await detail('Order Completed');
  assert.equal(before.version, 5);
  assert.equal(before.versions[0]?.byName, 'Ada');
  const { body } = await call<CatalogueDetail>('POST', pathOf('Order Completed', '/schema/versions/3'));
  assert.deepEqual([body.version, body.versions[0]?.rules], [6, { wrong_value: 'quarantine' }]);
  assert.equal((await call('POST', pathOf('Order Completed', '/schema/versions/99'))).status, 404);
  assert.equal((await call('PUT', pathOf('Order Completed', '/schema'), { schema: { $ref: '#' } })).status, 400);
  const unplanned = await call<CatalogueDetail>('DELETE', pathOf('Order Completed', '/schema'));
  assert.deepEqual([unplanned.body.status, unplanned.body.version, unplanned.body.versions.length], ['seen', null, 6]);
});

test('the plan holds for the chosen sources only, and events that nobody planned can be refused', async () => {
  await planned({});
  const rules = {
    unplanned_event: 'quarantine',
    unplanned_property: 'allow',
    missing_property: 'flag',
    wrong_value: 'flag',
  };
  assert.equal((await call('PATCH', '/api/catalogue/plan', { sourceIds: ['77'] })).status, 400);
  assert.equal((await call('PATCH', '/api/catalogue/plan', { rules, sourceIds: ['2'] })).status, 200);
  await take([{ event: 'Surprise', userId: 'free' }], 1);
  await take(
    [
      { event: 'Surprise', userId: 'bound' },
      { type: 'page', userId: 'bound', name: 'Home' },
    ],
    2,
  );
  assert.equal((await storedTotals('free')).length, 1);
  assert.equal((await storedTotals('bound')).length, 1, 'pages are not held to be planned');
  assert.equal((await call('POST', '/api/catalogue/events', { type: 'track', name: 'Surprise' })).status, 409);
  assert.equal((await call('PATCH', pathOf('Surprise'), { status: 'planned' })).status, 200);
  await take([{ event: 'Surprise', userId: 'bound' }], 2);
  assert.equal((await storedTotals('bound')).length, 2);
  await call('PATCH', '/api/catalogue/plan', { rules: { ...rules, unplanned_event: 'allow' }, sourceIds: null });
});

test('a name that counts as another is stored so from now on, and reports count what was stored before; it can be undone', async () => {
  await take([
    { event: 'order_complete', userId: 'r1' },
    { event: 'order_complete', userId: 'r2' },
  ]);
  const before = await detail('Order Completed');
  assert.equal((await call('POST', pathOf('order_complete', '/renaming'), { to: 'Order Completed' })).status, 200);
  assert.equal(
    (await call('POST', pathOf('Order Completed', '/renaming'), { to: 'order_complete' })).status,
    400,
    'no circle',
  );
  await take([{ event: 'order_complete', userId: 'r3' }]);
  const after = await detail('Order Completed');
  assert.equal(after.events, before.events + 3);
  assert.deepEqual(after.alsoNamed, ['order_complete']);
  const counted = async () =>
    (
      await context.events.query<{ name: string }>(
        `SELECT ${canonicalName()} AS name FROM events WHERE user_id IN ('r1', 'r2', 'r3')`,
      )
    ).map((row) => row.name);
  assert.deepEqual(await counted(), ['Order Completed', 'Order Completed', 'Order Completed']);
  assert.deepEqual((await storedTotals('r3'))[0].sentAs, 'order_complete');
  assert.equal((await call('DELETE', pathOf('order_complete', '/renaming'))).status, 200);
  assert.deepEqual((await counted()).sort(), ['Order Completed', 'order_complete', 'order_complete']);
});

test('a sender with ever new properties is told apart up to the limit, and the rest is counted', async () => {
  const wild = (from: number) => ({
    event: 'Wild',
    userId: 'w',
    properties: Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`p${from + n}`, n])),
  });
  await take([wild(0), wild(300)]);
  await take([wild(600)]);
  const event = await detail('Wild');
  assert.equal(event.properties.length, PROPERTIES_LIMIT);
  assert.ok(event.others >= 100);
});

test('what a crash makes the stream do again is neither counted nor quarantined twice', async () => {
  await planned({ wrong_value: 'quarantine' });
  const count = async () => (await detail('Order Completed')).events;
  const [events, before] = [await count(), (await detail('Order Completed')).violations];
  await append(context, [sent(broken('again')), ...orders(3).map(sent)], { sourceId: 1 });
  const { pipeline } = openStream(context);
  const records = await context.log.read(0, 0, { events: 1, bytes: 1 });
  assert.ok(records);
  const portions = [];
  for (let partition = 0; partition < context.log.partitions; partition++) {
    const found = await context.log.read(partition, await context.log.committed(partition), {
      events: 1000,
      bytes: 1e8,
    });
    if (found.length > 0) portions.push({ partition, records: found });
  }
  await pipeline.seen.load();
  await pipeline.prepare(portions);
  await processAll(context);
  assert.equal(await count(), events + 3);
  assert.equal((await detail('Order Completed')).violations, before + 1);
  const { rows } = await context.records.pool.query("SELECT id FROM quarantine WHERE message_id = 'message-again'");
  assert.equal(rows.length, 1);
});

test('events that were stored before there was a catalogue are looked at once', async () => {
  await context.records.pool.query("DELETE FROM catalogue_events WHERE name = 'Wild'");
  assert.equal(await catchUp(context), 1);
  assert.ok((await detail('Wild')).properties.some((one) => one.path === 'p0'));
  assert.equal(await catchUp(context), 0);
});

test('nobody without the permission changes the plan, nor sees it', async () => {
  permissions = new Set(['catalogue.read']);
  assert.equal((await call('PUT', pathOf('Wild', '/schema'), { schema: {} })).status, 403);
  assert.equal((await call('PATCH', '/api/catalogue/plan', {})).status, 403);
  permissions = new Set();
  assert.equal((await call('GET', '/api/catalogue/events')).status, 403);
  permissions = new Set(ALL);
});
