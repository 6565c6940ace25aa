import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { core } from '../../core/index.ts';
import { storeEvents } from '../../core/query/events.testing.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { ANNOTATIONS_LIMIT } from './annotations.ts';
import { analytics } from './app.ts';
import { SAVED_KEPT_DAYS, SAVED_LIMIT, VERSIONS_KEPT } from './saved.ts';

const person = (id: string, hides: boolean, ...permissions: string[]): Caller => ({
  ...{ kind: 'staff', id, name: id, email: null, role: 'some', permissions: new Set(permissions) },
  hidesPersonalData: hides,
});
const people: Record<string, Caller> = {
  ada: person('ada', false, 'reports.read', 'reports.write'),
  ben: person('ben', false, 'reports.read', 'reports.write'),
  eve: person('eve', true, 'reports.read', 'reports.write'),
  guest: person('guest', false, 'reports.read'),
};
const apps = [...core, analytics];

let context: Context & { close(): Promise<void> };
let server: { url: string; close(): Promise<void> };
before(async () => {
  context = await testContext({ apps });
  server = await serveForTest(
    buildHttp(context, apps, async (http) => people[http.req.header('x-person') ?? ''] ?? null),
  );
});
after(async () => {
  await server.close();
  await context.close();
});
beforeEach(() => context.records.pool.query('TRUNCATE analytics_saved CASCADE'));

// biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
async function call(who: string, method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> {
  const response = await fetch(`${server.url}/api${path}`, {
    method,
    headers: { 'x-person': who, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

const orders = { kind: 'trend', series: [{ what: { events: [{ name: 'Order Completed' }] } }] };
const ofPerson = {
  ...orders,
  filter: { field: { of: 'trait', name: 'email' }, is: 'is', values: ['anna@example.com'] },
};
const save = async (who: string, name: string, shared = false, report: unknown = orders) => {
  const made = await call(who, 'POST', '/reports', { name, shared, content: { report, display: { type: 'bar' } } });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body;
};
const names = async (who: string, query = '') =>
  (await call(who, 'GET', `/reports${query}`)).body.items.map((one: { name: string }) => one.name);

describe('a saved report', () => {
  test('is private until it is shared, and found by a part of its name, the favourites first', async () => {
    const mine = await save('ada', 'Orders by day');
    await save('ada', 'Orders by week', true);
    assert.deepEqual(await names('ada'), ['Orders by week', 'Orders by day']);
    assert.deepEqual(await names('ben'), ['Orders by week']);
    assert.equal((await call('ben', 'GET', `/reports/${mine.id}`)).status, 404);
    await call('ada', 'PUT', `/reports/${mine.id}/favourite`, { favourite: true });
    assert.deepEqual(await names('ada'), ['Orders by day', 'Orders by week']);
    assert.deepEqual(await names('ada', '?favourites=true'), ['Orders by day']);
    assert.deepEqual(await names('ada', '?q=WEEK'), ['Orders by week']);
    await save('ada', 'Visits', false, { kind: 'sessions' });
    assert.deepEqual(await names('ada', '?of=sessions'), ['Visits']);
    assert.deepEqual(await names('ada', '?of=journeyMap'), []);
    await call('ada', 'DELETE', `/reports/${(await call('ada', 'GET', '/reports?of=sessions')).body.items[0].id}`);
    const first = (await call('ada', 'GET', '/reports?limit=1')).body;
    assert.deepEqual(
      [first.items[0].name, await names('ada', `?limit=1&cursor=${first.nextCursor}`)],
      ['Orders by day', ['Orders by week']],
    );
    assert.equal((await call('ben', 'PUT', `/reports/${mine.id}/favourite`, { favourite: true })).status, 404);
    await call('ada', 'PUT', `/reports/${mine.id}/favourite`, { favourite: false });
    assert.deepEqual(await names('ada', '?favourites=true'), []);
  });

  test('is kept as it was written, with what it is drawn as', async () => {
    const made = await save('ada', 'Orders');
    const { body } = await call('ada', 'GET', `/reports/${made.id}`);
    assert.deepEqual([body.content.problem, body.content.display], [null, { type: 'bar' }]);
    assert.deepEqual(body.content.report.period, { last: 30, unit: 'day' });
    assert.equal((await call('ada', 'GET', '/reports')).body.items[0].about.kind, 'trend');
  });

  test('cannot be saved by who may only read, nor as anything else than a report', async () => {
    const { id } = await save('ada', 'Orders', true);
    const saving = { name: 'x', content: { report: orders } };
    assert.equal((await call('guest', 'POST', '/reports', saving)).status, 403);
    assert.equal((await call('guest', 'PATCH', `/reports/${id}`, { name: 'x', version: 1 })).status, 403);
    assert.equal((await call('guest', 'DELETE', `/reports/${id}`)).status, 403);
    assert.equal((await call('guest', 'GET', `/reports/${id}`)).status, 200);
    const refused = await call('ada', 'POST', '/reports', { name: 'x', content: { report: { kind: 'horoscope' } } });
    assert.equal(refused.status, 400);
    assert.match(refused.body.error.message, /content\.report\.kind/);
    assert.equal((await call('ada', 'POST', '/reports', { ...saving, name: '  ' })).status, 400);
    const loud = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`a${'b'.repeat(index)}`, 1]));
    assert.equal(
      (await call('ada', 'POST', '/reports', { name: 'x', content: { report: orders, display: loud } })).status,
      400,
    );
  });

  test('keeps what it was; a former version comes back as a new one', async () => {
    const { id } = await save('ada', 'First', true);
    const changed = await call('ben', 'PATCH', `/reports/${id}`, {
      ...{ name: 'Second', version: 1, content: { report: { ...orders, interval: 'week' }, display: {} } },
    });
    assert.deepEqual([changed.body.version, changed.body.changedBy], [2, 'ben']);
    const late = await call('ada', 'PATCH', `/reports/${id}`, { name: 'Third', version: 1 });
    assert.equal(late.status, 409);
    assert.match(late.body.error.message, /^ben changed the report meanwhile/);
    const { body } = await call('guest', 'GET', `/reports/${id}/versions`);
    assert.deepEqual(
      body.items.map((one: { version: number; name: string; byName: string }) => [one.version, one.name, one.byName]),
      [
        [2, 'Second', 'ben'],
        [1, 'First', 'ada'],
      ],
    );
    assert.equal(body.items[1].content.report.interval, 'day');
    const back = await call('ada', 'POST', `/reports/${id}/versions/1/restoration`);
    assert.deepEqual([back.body.version, back.body.name, back.body.content.report.interval], [3, 'First', 'day']);
    assert.equal((await call('ada', 'POST', `/reports/${id}/versions/9/restoration`)).status, 404);
    assert.equal((await call('guest', 'POST', `/reports/${id}/versions/1/restoration`)).status, 403);
    for (let version = 3; version < VERSIONS_KEPT + 4; version++)
      await call('ada', 'PATCH', `/reports/${id}`, { description: `${version}`, version });
    const kept = (await call('ada', 'GET', `/reports/${id}/versions?limit=200`)).body.items;
    assert.deepEqual([kept.length, kept.at(-1).version], [VERSIONS_KEPT, 5]);
    const page = (await call('ada', 'GET', `/reports/${id}/versions?limit=2`)).body;
    const next = (await call('ada', 'GET', `/reports/${id}/versions?limit=2&cursor=${page.nextCursor}`)).body;
    assert.deepEqual(
      next.items.map((one: { version: number }) => one.version),
      [52, 51],
    );
  });

  test('is made private only by its owner', async () => {
    const { id } = await save('ada', 'Ours', true);
    const refused = await call('ben', 'PATCH', `/reports/${id}`, { shared: false, version: 1 });
    assert.equal(refused.status, 403);
    assert.match(refused.body.error.message, /belongs to ada/);
    const mine = await call('ada', 'PATCH', `/reports/${id}`, { shared: false, version: 1 });
    assert.deepEqual([mine.body.shared, mine.body.version], [false, 1]);
    assert.deepEqual(await names('ben'), []);
  });

  test('comes back after a deletion, until it is forgotten', async () => {
    const { id } = await save('ada', 'Orders', true);
    assert.equal((await call('ben', 'DELETE', `/reports/${id}`)).status, 200);
    assert.deepEqual(await names('ada'), []);
    assert.equal((await call('ada', 'GET', `/reports/${id}`)).status, 404);
    assert.equal((await call('ada', 'POST', `/reports/${id}/restoration`)).body.name, 'Orders');
    await call('ada', 'DELETE', `/reports/${id}`);
    await context.records.pool.query(`UPDATE analytics_saved SET deleted_at = now() - make_interval(days => $1)`, [
      SAVED_KEPT_DAYS + 1,
    ]);
    const info = { attempt: 1, last: false, signal: AbortSignal.timeout(9999), apps: [] };
    await analytics.jobs!['analytics.forget-saved']!.run(context, {}, info);
    assert.equal((await call('ada', 'POST', `/reports/${id}/restoration`)).status, 404);
  });

  test('that is not a report any more says what is wrong, and can be looked at and changed', async () => {
    const { id } = await save('ada', 'Old', true);
    await context.records.pool.query(`UPDATE analytics_saved SET content = '{"report":{"kind":"trend","series":7}}'`);
    const { status, body } = await call('ada', 'GET', `/reports/${id}`);
    assert.equal(status, 200);
    assert.equal(body.content.report, null);
    assert.match(body.content.problem, /^It cannot be read as a report any more: series: /);
    assert.deepEqual(body.content.stored, { kind: 'trend', series: 7 });
    assert.equal((await call('ada', 'GET', '/reports')).body.items[0].about.kind, '');
    for (const nonsense of ['null', '[]', '"x"', '{"display":7}']) {
      await context.records.pool.query('UPDATE analytics_saved SET content = $1', [nonsense]);
      assert.equal((await call('ada', 'GET', `/reports/${id}`)).body.content.report, null, nonsense);
      assert.equal((await call('ada', 'GET', '/reports')).status, 200, nonsense);
    }
    const back = await call('ada', 'POST', `/reports/${id}/versions/1/restoration`);
    assert.equal(back.body.content.problem, null);
  });

  test('of personal data is neither shown to, nor saved by, a role that does not see it', async () => {
    const { id } = await save('ada', 'About Anna', true, ofPerson);
    const { body } = await call('eve', 'GET', `/reports/${id}`);
    assert.equal(body.content.report, null);
    assert.match(body.content.problem, /personal data/);
    assert.doesNotMatch(JSON.stringify([body, (await call('eve', 'GET', `/reports/${id}/versions`)).body]), /anna@/);
    assert.equal((await call('eve', 'POST', '/reports', { name: 'x', content: { report: ofPerson } })).status, 403);
  });

  test('cannot be one more than the limit', async () => {
    await context.records.pool.query(
      `INSERT INTO analytics_saved (kind, name, description, content, owner, owner_name, shared, changed_by)
       SELECT 'report', 'r', '', '{}', 'staff:ada', 'ada', false, 'ada' FROM generate_series(1, $1)`,
      [SAVED_LIMIT.report],
    );
    const refused = await call('ada', 'POST', '/reports', { name: 'x', content: { report: orders } });
    assert.equal(refused.status, 409);
    assert.equal((await call('ben', 'POST', '/reports', { name: 'x', content: { report: orders } })).status, 201);
  });
});

describe('an action', () => {
  const what = { events: [{ name: 'Order Completed' }, { name: 'Order Refunded' }] };
  const make = (who: string, name: string, content: unknown = { what }) =>
    call(who, 'POST', '/actions', { name, content });

  test('stands for its events in every report, and is there for all', async () => {
    await storeEvents(context, [
      { person: 1, name: 'Order Completed', at: '2026-03-10T10:00:00Z' },
      { person: 1, name: 'Order Refunded', at: '2026-03-10T11:00:00Z' },
      { person: 2, name: 'Page Viewed', at: '2026-03-10T12:00:00Z' },
    ]);
    const { body: action } = await make('ada', 'Bought or sent back');
    assert.equal(action.shared, true);
    const report = {
      ...{ kind: 'trend', period: { from: '2026-03-10', to: '2026-03-10' } },
      series: [{ what: { events: [{ action: Number(action.id) }] } }],
    };
    const answer = await call('ben', 'POST', '/query', { report });
    assert.deepEqual(answer.body.result.series[0].values, [2]);
    const changed = { content: { what: { events: [{ name: 'Page Viewed' }] } }, version: 1 };
    await call('ben', 'PATCH', `/actions/${action.id}`, changed);
    const again = await call('ben', 'POST', '/query', { report });
    assert.deepEqual(again.body.result.series[0].values, [1]);
    assert.deepEqual((await call('ben', 'GET', '/actions')).body.items[0].about.events, ['Page Viewed']);
  });

  test('cannot contain another action', async () => {
    const refused = await make('ada', 'x', { what: { events: [{ action: 1 }] } });
    assert.equal(refused.status, 400);
    assert.match(refused.body.error.message, /cannot contain another action/);
  });

  test('that something uses is not deleted, and says where it is used', async () => {
    const { body: action } = await make('ada', 'Bought');
    const report = { kind: 'trend', series: [{ what: { events: [{ action: Number(action.id) }] } }] };
    const mine = await save('ben', 'Private', false, report);
    const refused = await call('ada', 'DELETE', `/actions/${action.id}`);
    assert.equal(refused.status, 422);
    assert.match(refused.body.error.message, /a private report of a colleague/);
    assert.deepEqual(refused.body.error.details, [{ kind: 'report', id: mine.id, name: null }]);
    const uses = await call('ben', 'GET', `/actions/${action.id}/uses`);
    assert.deepEqual(uses.body.items, [{ kind: 'report', id: mine.id, name: 'Private' }]);
    await call('ben', 'DELETE', `/reports/${mine.id}`);
    assert.equal((await call('ada', 'DELETE', `/actions/${action.id}`)).status, 200);
    assert.equal((await call('ben', 'POST', '/query', { report })).status, 400);
    assert.equal((await call('ada', 'POST', `/actions/${action.id}/restoration`)).status, 200);
    assert.equal((await call('ben', 'POST', '/query', { report })).status, 200);
  });
});

describe('an annotation', () => {
  const note = (who: string, body: object) =>
    call(who, 'POST', '/annotations', { at: '2026-03-10T10:00:00Z', ...body });

  beforeEach(() => context.records.pool.query('TRUNCATE analytics_annotations'));

  test('of everything is seen by all, of a private report only by its owner', async () => {
    const mine = await save('ada', 'Mine');
    await note('ada', { text: 'New prices' });
    assert.equal((await note('ada', { text: 'Only here', of: mine.id, at: '2026-03-11T08:00:00+02:00' })).status, 201);
    assert.equal((await note('ben', { text: 'x', of: mine.id })).status, 404);
    const texts = async (who: string, query = '') =>
      (await call(who, 'GET', `/annotations${query}`)).body.items.map((one: { text: string }) => one.text);
    assert.deepEqual(await texts('ada'), ['Only here', 'New prices']);
    assert.deepEqual(await texts('ben'), ['New prices']);
    assert.deepEqual(await texts('ada', `?of=${mine.id}`), ['Only here', 'New prices']);
    assert.deepEqual(await texts('ada', '?of=999999'), ['New prices']);
    assert.deepEqual(await texts('ada', '?from=2026-03-11T00:00:00Z&to=2026-03-12T00:00:00Z'), ['Only here']);
    const page = (await call('ada', 'GET', '/annotations?limit=1')).body;
    assert.deepEqual(await texts('ada', `?limit=1&cursor=${page.nextCursor}`), ['New prices']);
    assert.equal((await call('ada', 'GET', '/annotations?of=x')).status, 400);
  });

  test('is changed, deleted and brought back', async () => {
    const { body } = await note('ada', { text: 'New prizes' });
    assert.equal(
      (await call('ben', 'PATCH', `/annotations/${body.id}`, { text: 'New prices' })).body.text,
      'New prices',
    );
    assert.equal((await call('guest', 'DELETE', `/annotations/${body.id}`)).status, 403);
    assert.equal((await call('ben', 'DELETE', `/annotations/${body.id}`)).status, 200);
    assert.equal((await call('ben', 'PATCH', `/annotations/${body.id}`, { text: 'x' })).status, 404);
    assert.deepEqual((await call('ada', 'GET', '/annotations')).body.items, []);
    assert.equal((await call('ada', 'POST', `/annotations/${body.id}/restoration`)).body.text, 'New prices');
    for (const wrong of [{ text: '' }, { text: 'x'.repeat(501) }, { text: 'x', at: 'yesterday' }])
      assert.equal((await note('ada', wrong)).status, 400);
  });

  test('cannot be one more than the limit', async () => {
    await context.records.pool.query(
      `INSERT INTO analytics_annotations (at, text, owner, owner_name) SELECT now(), 'x', 'staff:ada', 'ada' FROM generate_series(1, $1)`,
      [ANNOTATIONS_LIMIT],
    );
    assert.equal((await note('ada', { text: 'x' })).status, 409);
  });
});
