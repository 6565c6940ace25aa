import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Hono } from 'hono';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { stream } from '../stream/module.ts';
import { sources } from './module.ts';
import { cachedSource, createSource, rotateWriteKey, sourceByKey, updateSource } from './sources.ts';

let context: Context & { close(): Promise<void> };
let hono: Hono;
let permissions = new Set<string>(['sources.read', 'sources.write']);

before(async () => {
  context = await testContext({ apps: [sources, stream] });
  const caller = (): Caller => ({ kind: 'key', id: '1', name: 'test', email: null, role: 'test', permissions });
  hono = buildHttp(context, [sources], async () => caller());
});
after(() => context.close());

async function call(method: string, path: string, body?: unknown) {
  const response = await hono.request(path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as never };
}

test('a source is made with a write key by which it is found again', async () => {
  const source = await createSource(context, { name: 'Shop', kind: 'browser' });
  assert.match(source.writeKey, /^wk_[\w-]{32}$/);
  assert.deepEqual(await sourceByKey(context, source.writeKey), source);
  assert.deepEqual(cachedSource(context, source.writeKey), source);
});

test('a key that belongs to no source is remembered as such until a source is made', async () => {
  assert.equal(cachedSource(context, 'wk_nobody'), undefined);
  assert.equal(await sourceByKey(context, 'wk_nobody'), null);
  assert.equal(cachedSource(context, 'wk_nobody'), null);
  await createSource(context, { name: 'Another', kind: 'server' });
  assert.equal(cachedSource(context, 'wk_nobody'), undefined);
});

test('keys that no store would take are answered without asking', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (key) => {
      assert.equal(await sourceByKey(context, key), null);
    }),
    { numRuns: 200 },
  );
  assert.equal(await sourceByKey(context, 'wk_\0'), null);
  assert.equal(await sourceByKey(context, "' OR 1=1 --"), null);
});

test('somebody who tries keys does not fill the memory', async () => {
  const source = await createSource(context, { name: 'Tried', kind: 'server' });
  await Promise.all(Array.from({ length: 12_000 }, (_, i) => sourceByKey(context, `wk_guess${i}`)));
  const held = Array.from({ length: 12_000 }, (_, i) => cachedSource(context, `wk_guess${i}`)).filter(
    (answer) => answer === null,
  );
  assert.ok(held.length > 0 && held.length <= 10_000, `${held.length} are held`);
  assert.equal((await sourceByKey(context, source.writeKey))?.id, source.id);
});

test('a change shows at once, also in the cache', async () => {
  const source = await createSource(context, { name: 'Changing', kind: 'webhook' });
  await sourceByKey(context, source.writeKey);
  await updateSource(context, source.id, { enabled: false, mapping: '{ "type": "track" }' });
  const changed = await sourceByKey(context, source.writeKey);
  assert.equal(changed?.enabled, false);
  assert.equal(changed?.mapping, '{ "type": "track" }');
});

test('a new write key stops the old one at once, also for look-ups under way', async () => {
  const source = await createSource(context, { name: 'Rotating', kind: 'browser' });
  const underWay = sourceByKey(context, source.writeKey);
  const rotated = await rotateWriteKey(context, source.id);
  await underWay;
  assert.notEqual(rotated.writeKey, source.writeKey);
  assert.equal(await sourceByKey(context, source.writeKey), null);
  assert.equal((await sourceByKey(context, rotated.writeKey))?.id, source.id);
});

test('sources are created, read, changed and listed page by page over HTTP', async () => {
  const made = await call('POST', '/api/sources', { name: '  <b>Kiosk</b> ', kind: 'mobile' });
  assert.equal(made.status, 201);
  const source = made.body as { id: string; name: string; writeKey: string; eventCount: number; lastEventAt: null };
  assert.equal(source.name, '<b>Kiosk</b>');
  assert.deepEqual([source.eventCount, source.lastEventAt, typeof source.id], [0, null, 'string']);
  const changed = await call('PATCH', `/api/sources/${source.id}`, { name: 'Kiosk', enabled: false });
  assert.deepEqual([changed.status, changed.body], [200, { ...source, name: 'Kiosk', enabled: false }]);
  const rotated = (await call('POST', `/api/sources/${source.id}/keys`)).body as { writeKey: string };
  assert.notEqual(rotated.writeKey, source.writeKey);

  const names: string[] = [];
  let path = '/api/sources?limit=2';
  for (;;) {
    const page = (await call('GET', path)).body as { items: { name: string }[]; nextCursor: string | null };
    names.push(...page.items.map((item) => item.name));
    assert.ok(page.items.length <= 2);
    if (!page.nextCursor) break;
    path = `/api/sources?limit=2&cursor=${page.nextCursor}`;
  }
  assert.deepEqual(names, ['Shop', 'Another', 'Tried', 'Changing', 'Rotating', 'Kiosk']);
});

test('what was stored of a source is counted', async () => {
  const source = await createSource(context, { name: 'Counted', kind: 'server' });
  const columns = ['event_id', 'origin_id', 'source_id', 'name', 'timestamp', 'received_at', 'properties'];
  const rows = [1, 2, 3].map((n) => [crypto.randomUUID(), n, source.id, 'Seen', n * 1000, 1_700_000_000_000 + n, {}]);
  const bytes = Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));
  await context.events.insert({ table: 'events', columns, format: 'JSONCompactEachRow', bytes, token: 'counted' });
  const { body } = await call('GET', `/api/sources/${source.id}`);
  const { eventCount, lastEventAt } = body as { eventCount: number; lastEventAt: string };
  assert.deepEqual([eventCount, lastEventAt], [3, new Date(1_700_000_000_003).toISOString()]);
});

test('wrong input is refused with what was wrong', async () => {
  const wrong = [
    await call('POST', '/api/sources', { name: '', kind: 'browser' }),
    await call('POST', '/api/sources', { name: 'x', kind: 'carrier pigeon' }),
    await call('POST', '/api/sources', { name: 'a\0b', kind: 'browser' }),
    await call('POST', '/api/sources', { name: '\ud800', kind: 'browser' }),
    await call('GET', '/api/sources/abc'),
    await call('GET', '/api/sources?cursor=!!'),
  ];
  assert.deepEqual(
    wrong.map((answer) => answer.status),
    [400, 400, 400, 400, 400, 400],
  );
  assert.equal((await call('GET', '/api/sources/9999999999')).status, 404);
  assert.equal((await call('PATCH', '/api/sources/123456', { name: 'x' })).status, 404);
});

test('who may only look sees no whole write key', async () => {
  const source = await createSource(context, { name: 'Looked at', kind: 'server' });
  permissions = new Set(['sources.read']);
  const { body } = await call('GET', `/api/sources/${source.id}`);
  assert.equal((body as { writeKey: string }).writeKey, `wk_…${source.writeKey.slice(-4)}`);
  assert.equal((await call('POST', '/api/sources', { name: 'x', kind: 'server' })).status, 403);
  permissions = new Set(['sources.read', 'sources.write']);
});
