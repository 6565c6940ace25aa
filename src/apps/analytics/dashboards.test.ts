import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { core } from '../../core/index.ts';
import { storeEvents } from '../../core/query/events.testing.ts';
import { Report } from '../../core/query/report.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import type { Events } from '../../kernel/events.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { LANGUAGES, type Language } from '../../kernel/text.ts';
import { analytics } from './app.ts';
import { TILES_LIMIT, underFilters } from './dashboards.ts';
import type { TileAnswer } from './dashboards-answers.ts';
import { suggestionsFor } from './dashboards-templates.ts';
import { SAVED_LIMIT } from './saved.ts';

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
/** Called before each statement of a report goes to the events store. */
let watch: (sql: string, signal: AbortSignal | undefined) => Promise<void> = async () => {};

before(async () => {
  context = await testContext({ apps });
  const { events } = context;
  const watched = new Proxy(events, {
    get: (target, name) =>
      name === 'query'
        ? async (...[sql, params, options]: Parameters<Events['query']>) => {
            if (sql.includes('FROM events AS e')) await watch(sql, options?.signal);
            return target.query(sql, params, options);
          }
        : (Reflect.get(target, name, target).bind?.(target) ?? Reflect.get(target, name, target)),
  });
  const served = { ...context, events: watched };
  server = await serveForTest(
    buildHttp(served, apps, async (http) => people[http.req.header('x-person') ?? ''] ?? null),
  );
  await storeEvents(context, [
    { person: 1, name: 'Order Completed', at: '2026-03-10T10:00:00Z', country: 'PL' },
    { person: 1, name: 'Order Completed', at: '2026-03-10T11:00:00Z', country: 'PL' },
    { person: 2, name: 'Order Completed', at: '2026-03-11T23:30:00Z', country: 'IT' },
    { person: 2, name: 'Product Viewed', at: '2026-03-11T12:00:00Z', country: 'IT' },
  ]);
});
after(async () => {
  await server.close();
  await context.close();
});
beforeEach(() => {
  watch = async () => {};
  return context.records.pool.query('TRUNCATE analytics_saved CASCADE');
});

const send = (who: string, method: string, path: string, body?: unknown, signal?: AbortSignal) =>
  fetch(`${server.url}/api${path}`, {
    method,
    headers: { 'x-person': who, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
// biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
async function call(who: string, method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> {
  const response = await send(who, method, path, body);
  return { status: response.status, body: await response.json() };
}

type Line = { tiles: string[]; answer?: { result: { series: { values: number[] }[] } }; error?: { message: string } };
/** What each tile shows: the values of its first series, or the sentence that it says instead. */
async function answers(who: string, id: string, body: object = {}): Promise<Record<string, unknown>> {
  const response = await send(who, 'POST', `/dashboards/${id}/answers`, body);
  assert.equal(response.headers.get('content-type'), 'application/x-ndjson; charset=utf-8');
  const lines = (await response.text()).trimEnd().split('\n').filter(Boolean);
  const shown = lines.map((line) => JSON.parse(line) as Line);
  return Object.fromEntries(
    shown.flatMap(({ tiles, answer, error }) =>
      tiles.map((tile) => [tile, answer ? answer.result.series[0]?.values : error?.message]),
    ),
  );
}

const period = { from: '2026-03-10', to: '2026-03-12' };
const trend = (more: object = {}) => ({
  ...{ kind: 'trend', period, series: [{ what: { events: [{ name: 'Order Completed' }] } }] },
  ...more,
});
const tile = (id: string, more: object = {}) => ({
  kind: 'report',
  id,
  x: 0,
  y: 0,
  w: 6,
  h: 4,
  report: trend(),
  ...more,
});
const create = (who: string, content: object, shared = true) =>
  call(who, 'POST', '/dashboards', { name: 'Shop', shared, content });
const make = async (tiles: object[], more: object = {}) => {
  const made = await create('ada', { tiles, ...more });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body;
};

describe('a dashboard', () => {
  test('answers all its tiles in one stream: those that ask the same share one answer', async () => {
    const statements: string[] = [];
    watch = async (sql) => void statements.push(sql);
    const { id } = await make([
      tile('a'),
      tile('b'),
      tile('c', { report: trend({ filter: { field: { of: 'event', name: 'country' }, is: 'is', values: ['PL'] } }) }),
      { kind: 'text', id: 'd', x: 6, y: 0, w: 6, h: 4, text: '# Hello' },
    ]);
    assert.deepEqual(await answers('guest', id), { a: [2, 1, 0], b: [2, 1, 0], c: [2, 0, 0] });
    const counting = statements.filter((sql) => sql.includes('e.timestamp'));
    const twice = counting.filter((sql, index) => counting.indexOf(sql) !== index);
    assert.deepEqual(twice, []);
    const sent = statements.length;
    assert.deepEqual(await answers('guest', id), { a: [2, 1, 0], b: [2, 1, 0], c: [2, 0, 0] });
    assert.equal(statements.length, sent, 'the second view is remembered');
    assert.deepEqual(Object.keys(await answers('guest', id, { only: ['c'] })), ['c']);
  });

  test('with a filter, a zone and a period of its own asks every tile under them', async () => {
    const country = (value: string) => ({ field: { of: 'event', name: 'country' }, is: 'is', values: [value] });
    const tiles = [tile('a'), tile('b', { report: trend({ filter: country('PL') }) })];
    const { id } = await make(tiles, { filters: { zone: 'Europe/Warsaw' } });
    assert.deepEqual(await answers('ben', id), { a: [2, 0, 1], b: [2, 0, 0] });
    const filters = { period: { from: '2026-03-11', to: '2026-03-11' }, filter: country('IT') };
    assert.deepEqual(await answers('ben', id, { filters }), { a: [1], b: [0] });
  });

  test('asks a draft that is not stored yet', async () => {
    const { id } = await make([]);
    assert.deepEqual(await answers('ben', id, { tiles: [tile('new')] }), { new: [2, 1, 0] });
    assert.deepEqual(await answers('ben', id), {});
    const wrong = await call('ben', 'POST', `/dashboards/${id}/answers`, { tiles: [tile('new', { w: 13 })] });
    assert.equal(wrong.status, 400);
    assert.match(
      (await answers('ben', id, { tiles: [tile('n', { report: { kind: 'no' } })] })).n as string,
      /cannot be read/,
    );
  });

  test('shows saved reports as they are now, and says of each that it cannot show why', async () => {
    const saved = (name: string, shared: boolean) =>
      call('ada', 'POST', '/reports', { name, shared, content: { report: trend(), display: { type: 'bar' } } });
    const [ours, mine, gone] = await Promise.all([saved('Ours', true), saved('Mine', false), saved('Gone', true)]);
    const { id } = await make([
      tile('ours', { report: undefined, reportId: ours.body.id }),
      tile('mine', { report: undefined, reportId: mine.body.id }),
      tile('gone', { report: undefined, reportId: gone.body.id }),
      tile('old'),
      tile('good'),
    ]);
    await call('ben', 'DELETE', `/reports/${gone.body.id}`);
    await context.records.pool.query(
      `UPDATE analytics_saved SET content = jsonb_set(content, '{tiles,3,report}', '{"kind":"horoscope"}') WHERE id = $1`,
      [id],
    );
    const { status, body } = await call('ben', 'GET', `/dashboards/${id}`);
    assert.equal(status, 200);
    const [first, ...others] = body.content.tiles;
    assert.deepEqual([first.name, first.display, first.problem], ['Ours', { type: 'bar' }, null]);
    assert.deepEqual(
      others.map((one: { problem: string | null }) => one.problem?.split(/[,:]/)[0] ?? null),
      [
        'The saved report is private to ada',
        'ben deleted the saved report. It can be brought back for 30 days.',
        'It cannot be read as a report any more',
        null,
      ],
    );
    const shown = await answers('ben', id);
    assert.deepEqual(
      [shown.ours, shown.good],
      [
        [2, 1, 0],
        [2, 1, 0],
      ],
    );
    assert.match(shown.mine as string, /private to ada/);
    // What cannot be read stays as it is while the rest is changed, and is not taken as new.
    const tiles = body.content.tiles.map(({ name, problem, report, ownDisplay, ...kept }: Record<string, unknown>) =>
      kept.reportId ? kept : { ...kept, ...(report ? { report } : {}) },
    );
    const change = { content: { tiles: tiles.map((one: object) => ({ ...one, h: 5 })) }, version: 1 };
    const changed = await call('ben', 'PATCH', `/dashboards/${id}`, change);
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    assert.match(changed.body.content.tiles[3].problem, /cannot be read/);
    const other = await create('ben', { tiles: [tile('x', { report: undefined, reportId: mine.body.id })] });
    assert.deepEqual([other.status, /private to ada/.test(other.body.error.message)], [400, true]);
    assert.equal((await create('ben', { tiles: [tile('x', { report: undefined })] })).status, 400);
    assert.equal((await create('ben', { tiles: [tile('x', { report: { kind: 'no' } })] })).status, 400);
  });

  test('that is stored as nonsense is shown without it', async () => {
    const { id } = await make([tile('a')]);
    for (const content of [
      '{"tiles":[{"kind":"report"},{"kind":"text","id":"t","x":0,"y":0,"w":3,"h":1,"text":"hi"}],"filters":{"zone":7},"refreshSeconds":"x"}',
      '{"tiles":7}',
      '[]',
      'null',
    ]) {
      await context.records.pool.query('UPDATE analytics_saved SET content = $1', [content]);
      const { status, body } = await call('ada', 'GET', `/dashboards/${id}`);
      assert.equal(status, 200, content);
      assert.equal(body.content.refreshSeconds, null);
      assert.deepEqual(await answers('ada', id), {});
      assert.equal((await call('ada', 'GET', '/dashboards')).status, 200);
    }
  });

  test('of a broken tile and nine others shows the nine', async () => {
    const filter = (value: string) => ({ field: { of: 'event', name: 'country' }, is: 'matches', values: [value] });
    const tiles = Array.from({ length: 10 }, (_, index) =>
      tile(`t${index}`, { y: index, report: trend({ filter: filter(index === 4 ? '(' : `P|${index}`) }) }),
    );
    const { id } = await make(tiles);
    const shown = await answers('ada', id);
    assert.equal(Object.keys(shown).length, 10);
    assert.equal(typeof shown.t4, 'string');
    for (const index of [0, 1, 2, 3, 5, 6, 7, 8, 9]) assert.deepEqual(shown[`t${index}`], [2, 0, 0]);
  });

  test('whose reader leaves stops what it was asking, and begins nothing more', async () => {
    const signals: AbortSignal[] = [];
    const begun = Promise.withResolvers<void>();
    watch = async (_, signal) => {
      if (!signal) throw new Error('a statement that cannot be cancelled');
      signals.push(signal);
      begun.resolve();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    };
    const tiles = Array.from({ length: 9 }, (_, index) =>
      tile(`t${index}`, { report: trend({ period: { from: '2026-03-01', to: `2026-03-1${index}` } }) }),
    );
    const { id } = await make(tiles);
    const leaving = new AbortController();
    const reading = send('ada', 'POST', `/dashboards/${id}/answers`, {}, leaving.signal).then((reply) => reply.text());
    await begun.promise;
    leaving.abort();
    await assert.rejects(reading);
    await Promise.all(
      signals.map((signal) => signal.aborted || new Promise((resolve) => signal.addEventListener('abort', resolve))),
    );
    watch = async () => {};
    // Others get their answers: nothing of it is in their way.
    const another = await make([tile('a', { report: trend({ interval: 'week' }) })]);
    assert.deepEqual(Object.keys(await answers('ben', another.id)), ['a']);
    assert.ok(signals.length < 9, 'the tiles that had not begun never began');
  });

  test('shows a role that does not see personal data all but the tiles of it', async () => {
    const email = { field: { of: 'trait', name: 'email' }, is: 'contains', values: ['anna@'] };
    const { id } = await make([tile('a'), tile('b', { report: trend({ filter: email }) })]);
    const { body } = await call('eve', 'GET', `/dashboards/${id}`);
    assert.doesNotMatch(JSON.stringify(body), /anna@/);
    const shown = await answers('eve', id);
    assert.deepEqual(shown.a, [2, 1, 0]);
    assert.match(shown.b as string, /personal data/);
    assert.equal((await send('eve', 'POST', `/dashboards/${id}/answers`, { filters: { filter: email } })).status, 403);
    const draft = await answers('eve', id, { tiles: [tile('c', { report: trend({ filter: email }) })] });
    assert.match(draft.c as string, /personal data/);
    const moved = body.content.tiles.map(
      ({ name, problem, reportId, report, ownDisplay, ...rest }: Record<string, unknown>) => ({
        ...rest,
        ...(report ? { report } : {}),
      }),
    );
    assert.equal(
      (await call('eve', 'PATCH', `/dashboards/${id}`, { content: { tiles: moved }, version: 1 })).status,
      200,
    );
    assert.equal(
      (await call('ada', 'GET', `/dashboards/${id}`)).body.content.tiles[1].report.filter.values[0],
      'anna@',
    );
    const secret = await make([tile('a')], { filters: { filter: email } });
    assert.equal((await call('eve', 'GET', `/dashboards/${secret.id}`)).status, 403);
    assert.equal((await call('eve', 'POST', `/dashboards/${secret.id}/answers`, {})).status, 403);
  });

  test('has its limits', async () => {
    const many = Array.from({ length: TILES_LIMIT + 1 }, (_, index) => tile(`t${index}`, { y: index }));
    assert.equal((await create('ada', { tiles: many })).status, 400);
    assert.equal((await create('ada', { tiles: many.slice(1) })).status, 201);
    for (const wrong of [{ x: 7 }, { x: -1 }, { w: 0 }, { h: 41 }, { y: 1001 }, { id: 'a b' }, { kind: 'film' }])
      assert.equal((await create('ada', { tiles: [tile('a', wrong)] })).status, 400, JSON.stringify(wrong));
    const twice = await create('ada', { tiles: [tile('a'), tile('a')] });
    assert.match(twice.body.error.message, /the same id twice/);
    assert.equal((await create('ada', { refreshSeconds: 5 })).status, 400);
    assert.equal(
      (await create('ada', { tiles: [{ ...tile('a'), kind: 'text', text: 'x'.repeat(10_001) }] })).status,
      400,
    );
    assert.equal((await call('guest', 'POST', '/dashboards', { name: 'x', content: {} })).status, 403);
    await context.records.pool.query(
      `INSERT INTO analytics_saved (kind, name, description, content, owner, owner_name, shared, changed_by)
       SELECT 'dashboard', 'd', '', '{}', 'staff:ben', 'ben', false, 'ben' FROM generate_series(1, $1)`,
      [SAVED_LIMIT.dashboard],
    );
    const refused = await create('ben', {});
    assert.equal(refused.status, 409);
    assert.match(refused.body.error.message, /200 dashboards/);
  });

  test('is told apart in the audit log from looking at it', async () => {
    const last = await context.records.pool.query<{ id: number }>('SELECT max(id) AS id FROM audit_entries');
    const { id } = await make([tile('a')]);
    await answers('ben', id);
    await call('ben', 'DELETE', `/dashboards/${id}`);
    const { rows } = await context.records.pool.query<{ action: string }>(
      'SELECT action FROM audit_entries WHERE id > $1 ORDER BY id',
      [last.rows[0]!.id],
    );
    assert.deepEqual(
      rows.map((row) => row.action),
      ['POST /api/dashboards', 'DELETE /api/dashboards/{id}'],
    );
  });
});

test('under the filters of its dashboard a report keeps its own', () => {
  const own = { field: { of: 'event', name: 'country' }, is: 'is', values: ['PL'] };
  const theirs = { field: { of: 'event', name: 'device' }, is: 'is', values: ['phone'] };
  const report = Report.parse(trend({ filter: own }));
  const filters = { filter: Report.parse(trend({ filter: theirs })).filter, period: { last: 7, unit: 'day' } } as const;
  const both = underFilters(report, filters);
  assert.deepEqual(both.filter, { all: [own, theirs] });
  assert.deepEqual([both.period, report.period], [{ last: 7, unit: 'day' }, period]);
  assert.deepEqual(underFilters(report, {}), report);
});

describe('dashboards that are suggested', () => {
  const see = (...names: [string, string][]) =>
    Promise.all(
      names.map(([type, name]) =>
        context.records.pool.query(
          'INSERT INTO catalogue_events (type, name, observed) VALUES ($1, $2, 1) ON CONFLICT DO NOTHING',
          [type, name],
        ),
      ),
    );

  test('are those whose events have come, and are made by one call, every tile answering', async () => {
    const keys = async () =>
      (await call('guest', 'GET', '/dashboard-suggestions')).body.items.map((one: { key: string }) => one.key);
    assert.deepEqual(await keys(), []);
    await see(['track', 'Signed Up']);
    assert.deepEqual(await keys(), ['activity']);
    await see(['track', 'Order Completed'], ['page', '/']);
    assert.deepEqual(await keys(), ['shop', 'web', 'activity']);
    for (const key of await keys()) {
      assert.equal((await call('guest', 'POST', `/dashboard-suggestions/${key}/dashboards`)).status, 403);
      const { status, body } = await call('ada', 'POST', `/dashboard-suggestions/${key}/dashboards`);
      assert.equal(status, 201);
      assert.ok(body.content.tiles.length >= 4);
      const response = await send('ben', 'POST', `/dashboards/${body.id}/answers`, {});
      const lines = (await response.text())
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as TileAnswer);
      for (const line of lines) assert.ok('answer' in line, JSON.stringify(line));
    }
    assert.equal((await call('ada', 'POST', '/dashboard-suggestions/horoscope/dashboards')).status, 404);
  });

  test('are worded in every language, none of whose tiles overlap', async () => {
    await see(
      ...['Product Viewed', 'Product Added', 'Checkout Started', 'Order Completed'].map(
        (name) => ['track', name] as [string, string],
      ),
    );
    await see(['page', '/']);
    const names = new Set<string>();
    for (const language of Object.keys(LANGUAGES) as Language[]) {
      for (const { name, content } of await suggestionsFor(context, language)) {
        names.add(name);
        const taken = new Set<string>();
        for (const { x, y, w, h } of content.tiles)
          for (let column = x; column < x + w; column++)
            for (let row = y; row < y + h; row++) {
              assert.ok(!taken.has(`${column},${row}`), `${name}: ${column},${row}`);
              taken.add(`${column},${row}`);
            }
      }
    }
    assert.equal(names.size, 15);
  });
});
