import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { runJobs, testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { core } from '../index.ts';
import { factsOf } from '../people/facts.testing.ts';
import { insertPerson } from '../people/test-data.ts';
import { storeEvents } from '../query/events.testing.ts';
import { AUDIENCES_LIMIT } from './audience.ts';
import { CONDITIONS_LIMIT, DEPTH_LIMIT, Definition } from './definition.ts';

const staff = (id: string, hidesPersonalData: boolean, ...permissions: string[]): Caller => ({
  kind: 'staff',
  id,
  name: id,
  email: null,
  role: id,
  permissions: new Set(permissions),
  hidesPersonalData,
});
const callers: Record<string, Caller> = {
  ada: staff('ada', false, 'audiences.read', 'audiences.write', 'reports.read'),
  ben: staff('ben', false, 'audiences.read'),
  cleo: staff('cleo', true, 'audiences.read', 'audiences.write', 'reports.read'),
};

let context: Context & { close(): Promise<void> };
let server: { url: string; close(): Promise<void> };
let buyer = 0;
let other = 0;
before(async () => {
  context = await testContext({ apps: core });
  const authenticate = async (http: { req: { header(name: string): string | undefined } }) =>
    callers[http.req.header('x-person') ?? ''] ?? null;
  server = await serveForTest(buildHttp(context, core, authenticate));
  await context.records.pool.query("INSERT INTO sources (name, kind, write_key) VALUES ('web', 'server', 'wk')");
  buyer = await insertPerson(context, {
    identifiers: { email: 'anna@example.com' },
    traits: { email: 'anna@example.com', plan: 'pro' },
  });
  other = await insertPerson(context, { identifiers: { email: 'otto@example.com' }, traits: { plan: 'free' } });
  await factsOf(context).follow();
  await storeEvents(context, [{ person: buyer, name: 'Bought', at: Date.now() - 1000 }]);
});
after(async () => {
  await server.close();
  await context.close();
});
beforeEach(async () => {
  await context.records.pool.query('TRUNCATE audiences, audiences_members CASCADE');
  await context.events.command('TRUNCATE TABLE audience_members');
});

// biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
async function call(method: string, path: string, body?: unknown, who = 'ada'): Promise<{ status: number; body: any }> {
  const response = await fetch(`${server.url}/api${path}`, {
    method,
    headers: { 'x-person': who, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}
const did = (name: string) => ({
  is: 'did',
  what: { events: [{ name }] },
  count: { of: 'times' },
  compare: 'atLeast',
  value: 1,
});
const dynamic = (who: unknown) => ({ is: 'dynamic', who });
const make = async (name: string, who: unknown = did('Bought')) =>
  (await call('POST', '/audiences', { name, definition: dynamic(who) })).body.id as number;
const trait = (name: string, op: string, ...values: string[]) => ({ is: 'trait', name, op, values });

describe('an audience', () => {
  test('is made, computed, looked at, changed, archived and restored', async () => {
    const made = await call('POST', '/audiences', { name: 'Buyers', definition: dynamic(did('Bought')) });
    assert.deepEqual([made.status, made.body.size, made.body.mine, made.body.ownerName], [201, null, true, 'ada']);
    const { id } = made.body;
    await runJobs(context, core);
    const seen = (await call('GET', `/audiences/${id}`, undefined, 'ben')).body;
    assert.deepEqual([seen.size, seen.current, seen.mine, seen.trend], [1, true, false, [1]]);
    const page = (await call('GET', `/audiences/${id}/members`, undefined, 'ben')).body;
    assert.deepEqual(
      page.items.map((one: { id: string; email: string }) => [one.id, one.email]),
      [[String(buyer), 'anna@example.com']],
    );
    assert.equal((await call('GET', `/audiences/${id}/members/${buyer}`)).body.inside, true);
    assert.deepEqual((await call('GET', `/audiences/${id}/members/${other}`)).body, {
      personId: String(other),
      inside: false,
      since: null,
    });
    assert.equal((await call('GET', `/audiences/${id}/members/999999`)).status, 404);
    assert.deepEqual(
      (await call('GET', `/people/${buyer}/audiences`)).body.items.map((one: { name: string }) => one.name),
      ['Buyers'],
    );
    const found = (await call('GET', '/memberships?kind=email&value=ANNA%40example.com')).body;
    assert.deepEqual([found.personId, found.items[0].audienceId], [String(buyer), id]);
    assert.equal((await call('GET', '/memberships?kind=email&value=who%40example.com')).status, 404);

    const changed = await call('PATCH', `/audiences/${id}`, {
      name: 'Others',
      definition: dynamic({ not: did('Bought') }),
    });
    assert.deepEqual([changed.body.name, changed.body.version, changed.body.current], ['Others', 2, false]);
    await runJobs(context, core);
    assert.deepEqual(
      (await call('GET', `/audiences/${id}/members`)).body.items.map((one: { id: string }) => one.id),
      [String(other)],
    );
    assert.equal(
      (await call('PATCH', `/audiences/${id}`, { definition: changed.body.definition })).body.version,
      2,
      'the same is no new version',
    );
    const versions = (await call('GET', `/audiences/${id}/versions?limit=1`)).body;
    const first = (await call('GET', `/audiences/${id}/versions?limit=1&cursor=${versions.nextCursor}`)).body;
    assert.deepEqual(
      [versions.items[0].version, first.items[0].version, first.items[0].definition.who.is, first.nextCursor],
      [2, 1, 'did', null],
    );
    assert.equal((await call('GET', `/audiences/${id}/sizes`)).body.items[0].size, 1);

    assert.equal((await call('DELETE', `/audiences/${id}`)).status, 200);
    assert.equal((await call('PATCH', `/audiences/${id}`, { name: 'x' })).status, 409);
    assert.deepEqual((await call('GET', '/audiences')).body.items, []);
    assert.equal((await call('GET', '/audiences?archived=true')).body.items.length, 1);
    assert.equal((await call('DELETE', `/audiences/${id}`)).status, 404);
    assert.equal((await call('POST', `/audiences/${id}/restoration`)).body.archivedAt, null);
    assert.equal((await call('POST', `/audiences/${id}/restoration`)).status, 404);
  });

  test('needs a permission to be seen, and another to be changed', async () => {
    const id = await make('Buyers');
    for (const [method, path, body] of [
      ['POST', '/audiences', { name: 'x', definition: dynamic(did('x')) }],
      ['PATCH', `/audiences/${id}`, { name: 'x' }],
      ['DELETE', `/audiences/${id}`],
      ['POST', `/audiences/${id}/list`, { format: 'csv', content: 'email' }],
    ] as const)
      assert.equal((await call(method, path, body, 'ben')).status, 403, path);
    assert.equal((await call('GET', '/audiences', undefined, 'nobody')).status, 401);
  });

  test('comes in lists by name, in pages and by a part of the name', async () => {
    for (const name of ['b 100%', 'A', 'c', 'B 100x']) await make(name);
    const first = (await call('GET', '/audiences?limit=3')).body;
    const rest = (await call('GET', `/audiences?limit=3&cursor=${first.nextCursor}`)).body;
    const names = (page: { items: { name: string }[] }) => page.items.map((one) => one.name);
    assert.deepEqual([names(first), names(rest), rest.nextCursor], [['A', 'b 100%', 'B 100x'], ['c'], null]);
    assert.deepEqual(names((await call('GET', '/audiences?q=100%25')).body), ['b 100%']);
    assert.equal((await call('GET', '/audiences?cursor=nonsense')).status, 400);
  });

  test('is counted while it is being made, with examples for those who may see people', async () => {
    const size = (await call('POST', '/audiences/size', { definition: dynamic(did('Bought')) })).body;
    assert.deepEqual(size, { matched: 1, people: 2, sample: null });
    const { items } = (await call('POST', '/audiences/examples', { definition: dynamic(did('Bought')) })).body;
    assert.equal(items[0].displayName, 'anna@example.com');
    const hidden = (await call('POST', '/audiences/examples', { definition: dynamic(did('Bought')) }, 'cleo')).body;
    assert.doesNotMatch(JSON.stringify(hidden), /anna/);
  });

  test('ends being counted when its reader goes away', async () => {
    const leaving = new AbortController();
    const asked = fetch(`${server.url}/api/audiences/size`, {
      method: 'POST',
      headers: { 'x-person': 'ada', 'content-type': 'application/json' },
      body: JSON.stringify({ definition: dynamic(did('Bought')) }),
      signal: leaving.signal,
    });
    leaving.abort();
    await assert.rejects(asked, /abort/i);
    assert.equal((await call('POST', '/audiences/size', { definition: dynamic(did('Bought')) })).status, 200);
  });

  test('is laid over others', async () => {
    const one = await make('One');
    const two = await make('Two', trait('plan', 'isSet'));
    await runJobs(context, core);
    const { body } = await call('POST', '/audiences/overlap', { ids: [one, two] });
    assert.deepEqual(body.parts, [
      { ids: [two], people: 1 },
      { ids: [one, two], people: 1 },
    ]);
    assert.equal((await call('POST', '/audiences/overlap', { ids: [one, 999] })).status, 404);
    for (const ids of [[one], [one, one], [1, 2, 3, 4, 5, 6, 7]])
      assert.equal((await call('POST', '/audiences/overlap', { ids })).status, 400);
  });

  test('is made of the people behind a chart', async () => {
    const report = { kind: 'trend', series: [{ what: { events: [{ name: 'Bought' }] } }] };
    const made = await call('POST', '/audiences/of-report', { name: 'Points', report, part: { series: 'A' } });
    assert.deepEqual([made.status, made.body.is, made.body.size], [201, 'static', 1]);
    const wrong = await call('POST', '/audiences/of-report', { name: 'Points', report, part: { series: 'Q' } });
    assert.equal(wrong.status, 400);
    assert.equal((await call('GET', '/audiences')).body.items.length, 1, 'what failed leaves nothing behind');
  });

  test('keeps those from guessing who do not see personal data', async () => {
    const secret = dynamic({ any: [did('Bought'), trait('email', 'is', 'anna@example.com')] });
    for (const path of ['/audiences/size', '/audiences/examples']) {
      const refused = await call('POST', path, { definition: secret }, 'cleo');
      assert.equal(refused.status, 403, path);
      assert.match(refused.body.error.message, /does not show personal data/);
    }
    assert.equal((await call('POST', '/audiences', { name: 'x', definition: secret }, 'cleo')).status, 403);
    const { id } = (await call('POST', '/audiences', { name: 'Secret', definition: secret })).body;
    await runJobs(context, core);
    const seen = (await call('GET', `/audiences/${id}`, undefined, 'cleo')).body;
    assert.deepEqual([seen.definition, seen.is, seen.size], [null, 'dynamic', 1]);
    assert.equal((await call('GET', `/audiences/${id}/versions`, undefined, 'cleo')).body.items[0].definition, null);
    assert.equal((await call('PATCH', `/audiences/${id}`, { definition: dynamic(did('x')) }, 'cleo')).status, 403);
    const members = (await call('GET', `/audiences/${id}/members`, undefined, 'cleo')).body;
    assert.doesNotMatch(JSON.stringify(members), /anna/);
    assert.equal(
      (await call('GET', '/memberships?kind=email&value=anna%40example.com', undefined, 'cleo')).status,
      403,
    );
  });

  test('that is not there cannot stand in a report', async () => {
    const id = await make('Buyers');
    await runJobs(context, core);
    const report = (audience: number) => ({
      kind: 'trend',
      series: [{ what: { events: [{ name: 'Bought' }] } }],
      filter: { field: { of: 'audience', id: audience }, is: 'is', values: ['true'] },
    });
    assert.equal((await call('POST', '/query', { report: report(id) })).status, 200);
    const refused = await call('POST', '/query', { report: report(id + 1) });
    assert.deepEqual([refused.status, /There is no audience/.test(refused.body.error.message)], [400, true]);
    await call('DELETE', `/audiences/${id}`);
    assert.equal((await call('POST', '/query', { report: report(id) })).status, 400);
  });
});

describe('the limits of audiences', () => {
  const refused = async (who: unknown, words: RegExp) => {
    const { status, body } = await call('POST', '/audiences/size', { definition: dynamic(who) });
    assert.equal(status, 400, JSON.stringify(who).slice(0, 200));
    assert.match(JSON.stringify(body), words);
  };

  test('end groups that lie too deep and conditions that are too many', async () => {
    let deep: unknown = did('x');
    for (let index = 0; index < DEPTH_LIMIT; index++) deep = { not: deep };
    assert.ok(Definition.safeParse(dynamic(deep)).success);
    await refused({ not: deep }, /deeper than 5/);
    let bottomless: unknown = did('x');
    for (let index = 0; index < 5000; index++) bottomless = { not: bottomless };
    await refused(bottomless, /deeper than 5/);
    const many = Array.from({ length: CONDITIONS_LIMIT }, () => did('x'));
    assert.equal((await call('POST', '/audiences/size', { definition: dynamic({ any: many }) })).status, 200);
    await refused({ all: [{ any: many }, did('y')] }, /more than 50 conditions/);
  });

  test('end what makes no sense', async () => {
    await refused({ is: 'account', who: { is: 'known' } }, /only a person can be/);
    await refused({ is: 'account', who: { all: [{ is: 'account', who: did('x') }] } }, /only a person can be/);
    await refused({ ...did('x'), value: 1e300 }, /Too big|too big|value/);
    await refused({ ...did('x'), when: { last: -1, unit: 'day' } }, /definition/);
    await refused({ ...did('x'), when: { from: '2026-02-02', to: '2026-02-01' } }, /before it begins/);
    await refused({ ...did('x'), count: { of: 'sum' } }, /definition/);
    await refused({ ...did('x'), what: { events: [{ action: 9 }] } }, /no action 9/);
    await refused({ is: 'audience', id: 99 }, /no audience 99/);
    await refused(trait('plan', 'is'), /lacks its value/);
    await refused(trait('plan', 'matches', '(?=x)'), /cannot be read/);
    await refused(trait('a\0b', 'isSet'), /cannot be stored/);
    await refused({ is: 'nonsense' }, /definition/);
    const sql = `x') OR 1 = 1 --`;
    const found = await call('POST', '/audiences/size', {
      definition: dynamic({ all: [did(sql), trait(sql, 'is', sql)] }),
    });
    assert.deepEqual([found.status, found.body.matched], [200, 0]);
  });

  test('end a list over ten megabytes, and more than 500 audiences', async () => {
    const { id } = (await call('POST', '/audiences', { name: 'L', definition: { is: 'static' } })).body;
    const upload = await call('POST', `/audiences/${id}/list`, {
      format: 'csv',
      content: `email\n${'x'.repeat(10 * 1024 * 1024)}`,
    });
    assert.deepEqual([upload.status, /larger than 10 MB/.test(JSON.stringify(upload.body))], [400, true]);
    const ok = await call('POST', `/audiences/${id}/list`, { format: 'csv', content: 'email\nanna@example.com' });
    assert.deepEqual(ok.body, { lines: 1, people: 1, unmatched: 0, unmatchedLines: [] });
    await context.records.pool.query(
      `INSERT INTO audiences (name, definition, owner_id, owner_name)
       SELECT 'n', '{"is": "static"}', 'x', 'x' FROM generate_series(2, $1)`,
      [AUDIENCES_LIMIT],
    );
    const refused = await call('POST', '/audiences', { name: 'x', definition: { is: 'static' } });
    assert.deepEqual([refused.status, /Archive one first/.test(refused.body.error.message)], [409, true]);
    assert.equal((await call('PATCH', `/audiences/${id}`, { definition: dynamic(did('x')) })).status, 400);
  });
});
