import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { runJobs, testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { views } from './module.ts';
import { KEPT_DAYS, MAY_SHARE, VIEWS_LIMIT } from './views.ts';

const person = (id: string, role: string, ...permissions: string[]): Caller => ({
  kind: 'staff',
  id,
  name: id,
  email: null,
  role,
  permissions: new Set(permissions),
});
const people: Record<string, Caller> = {
  ada: person('ada', 'admin', MAY_SHARE),
  ben: person('ben', 'analyst'),
};

let context: Context & { close(): Promise<void> };
let server: { url: string; close(): Promise<void> };
before(async () => {
  context = await testContext({ apps: [views] });
  const authenticate = async (http: { req: { header(name: string): string | undefined } }) =>
    people[http.req.header('x-person') ?? ''] ?? null;
  server = await serveForTest(buildHttp(context, [views], authenticate));
});
after(async () => {
  await server.close();
  await context.close();
});
beforeEach(() => context.records.pool.query('TRUNCATE views CASCADE'));

// biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
async function call(who: string, method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> {
  const response = await fetch(`${server.url}/api/views${path}`, {
    method,
    headers: { 'x-person': who, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

const save = async (who: string, name: string, shared = false, list = 'people') =>
  (await call(who, 'POST', '', { list, name, query: 'q=anna', shared })).body.id as string;
const names = async (who: string, list = 'people') =>
  (await call(who, 'GET', `?list=${list}`)).body.items.map((view: { name: string }) => view.name);

describe('a saved view', () => {
  test('is seen by who saved it, and by everybody once it is shared', async () => {
    const id = await save('ada', 'Mine');
    await save('ada', 'Ours', true);
    await save('ada', 'Elsewhere', true, 'sources');
    assert.deepEqual(await names('ada'), ['Mine', 'Ours']);
    assert.deepEqual(await names('ben'), ['Ours']);
    assert.equal((await call('ada', 'PATCH', `/${id}`, { shared: true, name: 'Now ours', query: 'q=b' })).status, 200);
    const { items } = (await call('ben', 'GET', '?list=people')).body;
    assert.deepEqual(
      items.map(({ name, query, mine, shared, ownerName }: Record<string, unknown>) => [
        name,
        query,
        mine,
        shared,
        ownerName,
      ]),
      [
        ['Now ours', 'q=b', false, true, 'ada'],
        ['Ours', 'q=anna', false, true, 'ada'],
      ],
    );
  });

  test('is shared, and a shared one changed, only by who may', async () => {
    const refused = await call('ben', 'POST', '', { list: 'people', name: 'Ours', query: '', shared: true });
    assert.equal(refused.status, 403);
    assert.match(refused.body.error.message, /views\.write/);
    const mine = await save('ben', 'Ben’s');
    assert.equal((await call('ben', 'PATCH', `/${mine}`, { shared: true })).status, 403);
    assert.equal((await call('ben', 'PATCH', `/${mine}`, { name: 'Still mine' })).status, 200);
    const ours = await save('ada', 'Ours', true);
    assert.equal((await call('ben', 'PATCH', `/${ours}`, { name: 'x' })).status, 403);
    assert.equal((await call('ben', 'DELETE', `/${ours}`)).status, 403);
    assert.equal((await call('ben', 'POST', `/${ours}/restoration`)).status, 403);
    const hers = await save('ada', 'Hers');
    for (const [method, path] of [
      ['PATCH', `/${hers}`],
      ['DELETE', `/${hers}`],
      ['POST', `/${hers}/restoration`],
    ] as const) {
      assert.equal((await call('ben', method, path, method === 'PATCH' ? { name: 'x' } : undefined)).status, 404);
    }
    assert.equal((await call('ben', 'PUT', '/defaults/people', { viewId: hers })).status, 404);
    assert.equal((await call('nobody', 'GET', '?list=people')).status, 401);
  });

  test('comes back after a deletion, until it is forgotten', async () => {
    const id = await save('ada', 'Mine');
    await call('ada', 'PUT', '/defaults/people', { viewId: id });
    assert.equal((await call('ada', 'DELETE', `/${id}`)).status, 200);
    assert.deepEqual(await names('ada'), []);
    assert.equal((await call('ada', 'PATCH', `/${id}`, { name: 'x' })).status, 404);
    const back = await call('ada', 'POST', `/${id}/restoration`);
    assert.deepEqual([back.status, back.body.name, back.body.isDefault], [200, 'Mine', true]);
    await call('ada', 'DELETE', `/${id}`);
    await context.records.pool.query(`UPDATE views SET deleted_at = now() - make_interval(days => $1)`, [
      KEPT_DAYS + 1,
    ]);
    await views.jobs!['views.forget']!.run(
      context,
      {},
      { attempt: 1, last: false, signal: AbortSignal.timeout(9999), apps: [] },
    );
    await runJobs(context, [views]);
    assert.equal((await call('ada', 'POST', `/${id}/restoration`)).status, 404);
  });

  test('can be the one with which a list opens, for each person another', async () => {
    const one = await save('ada', 'One', true);
    const two = await save('ada', 'Two', true);
    const of = async (who: string) =>
      (await call(who, 'GET', '?list=people')).body.items
        .filter((view: { isDefault: boolean }) => view.isDefault)
        .map((view: { name: string }) => view.name);
    await call('ada', 'PUT', '/defaults/people', { viewId: one });
    await call('ben', 'PUT', '/defaults/people', { viewId: one });
    await call('ben', 'PUT', '/defaults/people', { viewId: two });
    assert.deepEqual([await of('ada'), await of('ben')], [['One'], ['Two']]);
    await call('ben', 'PUT', '/defaults/people', { viewId: null });
    assert.deepEqual([await of('ada'), await of('ben')], [['One'], []]);
    assert.equal((await call('ada', 'PUT', '/defaults/sources', { viewId: one })).status, 404, 'of another list');
  });

  test('is one of a hundred at most, and lists of them come in pages', async () => {
    for (let index = 0; index < VIEWS_LIMIT; index += 1) await save('ben', `View ${index}`);
    const refused = await call('ben', 'POST', '', { list: 'people', name: 'One more', query: '' });
    assert.equal(refused.status, 409);
    assert.match(refused.body.error.message, /Delete one first/);
    assert.ok(await save('ben', 'Other', false, 'sources'));
    const first = (await call('ben', 'GET', '?list=people&limit=60')).body;
    const rest = (await call('ben', 'GET', `?list=people&limit=60&cursor=${first.nextCursor}`)).body;
    assert.deepEqual([first.items.length, rest.items.length, rest.nextCursor], [60, 40, null]);
  });

  test('is refused with a reason where it is not one', async () => {
    for (const wrong of [
      { name: '' },
      { name: 'x'.repeat(101) },
      { name: 'a\0b' },
      { query: 'x'.repeat(4001) },
      { list: '../people' },
      { list: 'x'.repeat(61) },
    ]) {
      const answer = await call('ada', 'POST', '', { list: 'people', name: 'n', query: '', ...wrong });
      assert.equal(answer.status, 400, JSON.stringify(wrong));
    }
    assert.equal((await call('ada', 'PATCH', '/999999999999999', { name: 'x' })).status, 404);
    assert.equal((await call('ada', 'PATCH', '/x', { name: 'x' })).status, 400);
    assert.equal((await call('ada', 'GET', '?list=people&cursor=nonsense')).status, 400);
  });
});
