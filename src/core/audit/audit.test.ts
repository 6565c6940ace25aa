import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import { defineApp } from '../../kernel/app.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { addJob } from '../../kernel/jobs.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { runJobs, testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import type { AuditItem } from './entries.ts';
import { audit } from './module.ts';

const shown = defineApp({
  name: 'shown',
  permissions: { 'things.read': 'See.', 'things.write': 'Change.' },
  routes: [
    route({
      method: 'GET',
      path: '/api/people/{id}',
      summary: 'One person',
      permission: 'things.read',
      params: z.object({ id: z.string() }),
      reply: z.object({ id: z.string() }),
      looksAt: 'person',
      run: async ({ params }) => params,
    }),
    route({
      method: 'GET',
      path: '/api/people',
      summary: 'People',
      permission: 'things.read',
      query: z.object({ q: z.string().optional() }),
      reply: z.object({ items: z.array(z.object({ id: z.string() })) }),
      looksAt: 'person',
      auditIds: (reply) => reply.items.map((item) => item.id),
      run: async () => ({ items: [{ id: '7' }, { id: '8' }] }),
    }),
    route({
      method: 'GET',
      path: '/api/films/{id}/parts/{part}',
      summary: 'A part of a film',
      permission: 'things.read',
      params: z.object({ id: z.string(), part: z.string() }),
      reply: z.object({ of: z.array(z.string()) }),
      looksAt: 'person',
      look: ({ id }) => `films/${id}`,
      auditIds: (reply) => reply.of,
      run: async ({ params: { id, part } }) => {
        if (part === 'secret') throw refuse.forbidden('That is secret.');
        return { of: [`films/${id}`] };
      },
    }),
    route({
      method: 'GET',
      path: '/api/things',
      summary: 'Things',
      permission: 'things.read',
      reply: z.object({ items: z.array(z.string()) }),
      run: async () => ({ items: [] }),
    }),
    route({
      method: 'PATCH',
      path: '/api/things/{id}',
      summary: 'Change a thing',
      permission: 'things.write',
      params: z.object({ id: z.string() }),
      body: z.object({ name: z.string().optional(), colour: z.string().optional() }),
      reply: z.object({ id: z.string() }),
      run: async ({ params, body }) => {
        if (body.name === 'taken') throw refuse.conflict('The name is taken.');
        if (body.name === 'theirs') throw refuse.forbidden('That is theirs.');
        return params;
      },
    }),
  ],
});

const apps = [audit, shown];
let context: Context & { close(): Promise<void> };
let server: { url: string; close(): Promise<void> };
let caller: Caller;

before(async () => {
  context = await testContext({ apps });
  server = await serveForTest(buildHttp(context, apps, async () => caller));
});
after(async () => {
  await server.close();
  await context.close();
});

function as(permissions: string[], name = 'Ada') {
  caller = { kind: 'staff', id: `u-${name}`, name, email: null, role: 'test', permissions: new Set(permissions) };
}
const everything = ['things.read', 'things.write', 'audit.read'];

async function call(method: string, path: string, body?: unknown): Promise<number> {
  const response = await fetch(server.url + path, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.text();
  return response.status;
}

async function entries(query = ''): Promise<{ items: AuditItem[]; nextCursor: string | null }> {
  as(everything, 'Auditor');
  const response = await fetch(`${server.url}/api/audit${query}`);
  assert.equal(response.status, 200);
  return (await response.json()) as { items: AuditItem[]; nextCursor: string | null };
}

describe('the audit log', () => {
  test('keeps every change with who, where and which fields, and not what was written into them', async () => {
    as(everything);
    assert.equal(await call('PATCH', '/api/things/5', { name: 'Secret words', other: 1 }), 200);
    const [entry] = (await entries()).items;
    const { actor, action, subjects, fields, status, address } = entry!;
    assert.deepEqual(
      { actor, action, subjects, fields, status, address },
      {
        actor: { kind: 'staff', id: 'u-Ada', name: 'Ada' },
        action: 'PATCH /api/things/{id}',
        subjects: ['things/5'],
        fields: ['name'],
        status: 200,
        address: '127.0.0.1',
      },
    );
    assert.doesNotMatch(JSON.stringify(entry), /Secret words/);
  });

  test('keeps every look at a person, with those that a list showed, and not what was searched for', async () => {
    as(everything);
    await call('GET', '/api/people/12');
    await call('GET', '/api/people?q=ada@example.com');
    const { items } = await entries('?limit=2');
    assert.deepEqual(
      items.map((item) => item.subjects),
      [['people/7', 'people/8'], ['people/12']],
    );
    assert.doesNotMatch(JSON.stringify(items), /ada@example/);
    assert.equal((await entries('?subject=people/8')).items.length, 1);
  });

  test('keeps what was forbidden, also by the endpoint itself; neither what failed otherwise nor plain reading', async () => {
    as(['things.read']);
    assert.equal(await call('PATCH', '/api/things/6', { name: 'x' }), 403);
    as(everything);
    assert.equal(await call('PATCH', '/api/things/7', { name: 'theirs' }), 403);
    assert.equal(await call('PATCH', '/api/things/8', { name: 'taken' }), 409);
    assert.equal(await call('PATCH', '/api/things/9', { name: 5 }), 400);
    assert.equal(await call('GET', '/api/things'), 200);
    const { items } = await entries('?action=things');
    assert.deepEqual(
      items.map((item) => [item.subjects[0], item.status]),
      [
        ['things/7', 403],
        ['things/6', 403],
        ['things/5', 200],
      ],
    );
    assert.equal((await entries('?outcome=refused')).items.length, 2);
  });

  test('keeps a look that goes on over several calls once an hour, for each who looks', async () => {
    const watch = (part: string, film = 1) => call('GET', `/api/films/${film}/parts/${part}`);
    const kept = async () =>
      (await entries('?action=films')).items.map(({ actor, status, subjects }) => [actor.name, status, ...subjects]);
    as(everything, 'Ada');
    for (const part of ['a', 'a', 'b']) assert.equal(await watch(part), 200);
    const begun = [
      ['Ada', 200, 'films/1', 'parts/a'],
      ['Ada', 200, 'films/1', 'parts/b'],
    ].reverse();
    assert.deepEqual(await kept(), begun, 'what no call before told of is kept');
    as(everything, 'Mary');
    assert.equal(await watch('b'), 200);
    as(everything, 'Ada');
    assert.equal(await watch('b', 2), 200);
    as(everything, 'Ada');
    for (let n = 0; n < 2; n++) assert.equal(await watch('secret'), 403);
    assert.deepEqual(await kept(), [
      ['Ada', 403, 'films/1', 'parts/secret'],
      ['Ada', 403, 'films/1', 'parts/secret'],
      ['Ada', 200, 'films/2', 'parts/b'],
      ['Mary', 200, 'films/1', 'parts/b'],
      ...begun,
    ]);
  });

  test('forgets which looks go on, and nothing of what it keeps', async () => {
    const looks = async () => (await context.records.pool.query('SELECT FROM audit_looks')).rowCount;
    const before = (await entries('?action=films')).items;
    const forget = async () => {
      await addJob(context.records.pool, 'audit.forgetLooks', {});
      await runJobs(context, apps);
    };
    await forget();
    assert.equal(await looks(), 3);
    await context.records.pool.query("UPDATE audit_looks SET at = at - interval '61 minutes'");
    await forget();
    assert.equal(await looks(), 0);
    assert.deepEqual((await entries('?action=films')).items, before);
    as(everything, 'Ada');
    await call('GET', '/api/films/1/parts/b');
    assert.equal((await entries('?action=films')).items.length, before.length + 1);
  });

  test('keeps that a list was taken out as a file', async () => {
    as(everything);
    await call('GET', '/api/things?format=csv');
    assert.equal((await entries()).items[0]!.action, 'GET /api/things?format=csv');
  });

  test('is found by who, what and when, page by page', async () => {
    as(everything, 'Grace');
    for (let i = 0; i < 5; i++) await call('PATCH', `/api/things/${100 + i}`, {});
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof entries>> = await entries(
        `?actor=grac&limit=2${cursor ? `&cursor=${cursor}` : ''}`,
      );
      seen.push(...page.items.map((item) => item.subjects[0]!));
      cursor = page.nextCursor;
    } while (cursor);
    assert.deepEqual(seen, ['things/104', 'things/103', 'things/102', 'things/101', 'things/100']);
    assert.equal((await entries('?actor=u-Grace')).items.length, 5);
    assert.equal((await entries('?actor=%25')).items.length, 0);
    assert.equal((await entries('?from=2999-01-01T00:00:00Z')).items.length, 0);
    assert.equal((await entries('?actor=grace&to=2999-01-01T00:00:00Z')).items.length, 5);
  });

  test('can be taken out as a file, which is kept too', async () => {
    as(everything, 'Exporter');
    const response = await fetch(`${server.url}/api/audit?format=csv&actor=grace`);
    assert.match(response.headers.get('content-type')!, /text\/csv/);
    const lines = (await response.text()).trim().split('\n');
    assert.equal(lines.length, 6);
    assert.match(lines[1]!, /PATCH \/api\/things\/\{id\}/);
    assert.equal((await entries('?actor=exporter')).items[0]!.action, 'GET /api/audit?format=csv');
  });

  test('is for those with its permission', async () => {
    as(['things.read']);
    assert.equal(await call('GET', '/api/audit'), 403);
  });

  test('can be added to and nothing else', async () => {
    for (const statement of [
      "UPDATE audit_entries SET actor_name = 'nobody'",
      'DELETE FROM audit_entries',
      'DELETE FROM audit_entries WHERE id = -1',
      'TRUNCATE audit_entries',
    ]) {
      await assert.rejects(context.records.pool.query(statement), /only ever added to/);
    }
  });

  test('that cannot be written keeps the answer back', async () => {
    await context.records.pool.query('ALTER TABLE audit_entries RENAME TO elsewhere');
    try {
      as(everything);
      assert.equal(await call('GET', '/api/people/12'), 500);
    } finally {
      await context.records.pool.query('ALTER TABLE elsewhere RENAME TO audit_entries');
    }
  });
});
