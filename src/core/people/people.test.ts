import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Hono } from 'hono';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { seen } from '../../kernel/testing-until.ts';
import { stream } from '../stream/module.ts';
import { startPeopleJobs } from './jobs.ts';
import { mergePersons } from './merge.ts';
import { people } from './module.ts';
import { insertEvents, insertPerson } from './test-data.ts';

let context: Context & { close(): Promise<void> };
let http: Hono;
let permissions = new Set(['people.read', 'people.write']);

before(async () => {
  context = await testContext({ apps: [people, stream] });
  http = buildHttp(context, [people], async () => ({
    kind: 'staff',
    id: '1',
    name: 'Ola',
    email: null,
    role: 'owner',
    permissions,
  }));
});
after(() => context.close());

// biome-ignore lint/suspicious/noExplicitAny: replies are looked at field by field.
async function ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> {
  const json = { 'content-type': 'application/json' };
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body), headers: json };
  const reply = await http.request(path, init);
  return { status: reply.status, body: await reply.json() };
}

test('a person is merged, looked up, read and taken apart again over HTTP', async () => {
  const one = await insertPerson(context, { traits: { name: 'One' }, identifiers: { user_id: 'http-1' } });
  const other = await insertPerson(context, { identifiers: { anonymous_id: 'http-2' } });
  await insertEvents(context, [{ origin: one }, { origin: other }]);
  const merged = await ask('POST', '/api/merges', { intoId: String(one), fromId: String(other) });
  assert.equal(merged.status, 201);
  assert.deepEqual(merged.body.cause, { type: 'manual', by: 'Ola' });
  const found = await ask('GET', '/api/people/lookup?kind=anonymous_id&value=http-2');
  assert.equal(found.body.id, String(one));
  assert.deepEqual(found.body.origins, [String(one), String(other)]);
  assert.equal((await ask('GET', `/api/people/${other}/timeline`)).body.items.length, 2);
  const undone = await ask('POST', `/api/merges/${merged.body.id}/undo`);
  assert.deepEqual(undone.body.people, [String(one), String(other)]);
  assert.equal((await ask('POST', `/api/merges/${merged.body.id}/undo`)).status, 409);
  assert.equal((await ask('GET', `/api/people/${other}/timeline`)).body.items.length, 1);
});

test('what is not there is not found, and what is not an ID is refused', async () => {
  assert.equal((await ask('GET', '/api/people/999999999')).status, 404);
  assert.equal((await ask('GET', '/api/people/lookup?kind=user_id&value=nobody')).status, 404);
  assert.equal((await ask('GET', '/api/people/lookup?kind=no_kind&value=x')).status, 404);
  assert.equal((await ask('GET', '/api/people/lookup?kind=user_id&value=null')).status, 404);
  assert.equal((await ask('GET', '/api/people/one')).status, 400);
  assert.equal((await ask('GET', '/api/people/99999999999999999999')).status, 400);
  assert.equal((await ask('GET', '/api/accounts/12345')).status, 404);
  assert.equal((await ask('POST', '/api/merges', { intoId: '1' })).status, 400);
  assert.equal((await ask('GET', '/api/people?cursor=abc')).status, 400);
});

test('whoever may only read people may not merge them', async () => {
  permissions = new Set(['people.read']);
  assert.equal((await ask('POST', '/api/merges', { intoId: '1', fromId: '2' })).status, 403);
  assert.equal((await ask('PUT', '/api/identifier-kinds/badge', {})).status, 403);
  permissions = new Set(['people.read', 'people.write']);
});

test('kinds of identifiers can be made and changed, and every process hears of it', async () => {
  const version = async () =>
    (await context.records.pool.query('SELECT version FROM identity_version')).rows[0].version;
  const before = await version();
  const made = await ask('PUT', '/api/identifier-kinds/badge', {
    maxPerPerson: 2,
    normalise: 'lower',
    blocked: ['Visitor'],
  });
  assert.deepEqual(made.body, {
    kind: 'badge',
    unique: true,
    maxPerPerson: 2,
    priority: 100,
    normalise: 'lower',
    blocked: ['Visitor'],
  });
  assert.equal(await version(), before + 1);
  assert.equal((await ask('PUT', '/api/identifier-kinds/badge', { priority: 3 })).body.normalise, 'lower');
  assert.equal((await ask('GET', '/api/identifier-kinds/badge')).body.priority, 3);
  assert.equal((await ask('GET', '/api/identifier-kinds')).body.items[0].kind, 'user_id');
  assert.equal((await ask('PUT', '/api/identifier-kinds/Bad-Name', {})).status, 400);
  assert.equal((await ask('PUT', '/api/identifier-kinds/badge', { maxPerPerson: 0 })).status, 400);
  await insertPerson(context, { identifiers: { badge: 'b-7' } });
  assert.equal((await ask('PUT', '/api/identifier-kinds/badge', { normalise: 'none' })).status, 409);
});

test('a trait tells its history over all merged parts, newest first', async () => {
  const one = await insertPerson(context, { traits: { plan: 'pro' }, at: Date.UTC(2026, 2, 1) });
  const other = await insertPerson(context, { traits: { plan: 'free' }, at: Date.UTC(2026, 0, 1) });
  await context.records.pool.query(
    `INSERT INTO trait_history VALUES ($1, 'plan', '"trial"', '2026-02-01T00:00:00Z', 2)`,
    [one],
  );
  await context.records.transaction((client) => mergePersons(client, { intoRoot: one, fromRoot: other, cause: {} }));
  const { body } = await ask('GET', `/api/people/${other}/traits/plan/history`);
  assert.deepEqual(
    body.items.map((item: { value: string; at: string; originId: string }) => [item.value, item.at, item.originId]),
    [
      ['pro', '2026-03-01T00:00:00.000Z', String(one)],
      ['trial', '2026-02-01T00:00:00.000Z', String(one)],
      ['free', '2026-01-01T00:00:00.000Z', String(other)],
    ],
  );
});

test('consent, accounts and reports are shown', async () => {
  const one = await insertPerson(context);
  const other = await insertPerson(context);
  const { pool } = context.records;
  const at = Date.UTC(2026, 0, 1);
  await pool.query('UPDATE persons SET consent = $2 WHERE id = $1', [one, { ads: [true, at, 1], mail: [true, at, 1] }]);
  await pool.query('UPDATE persons SET consent = $2 WHERE id = $1', [other, { ads: [false, at + 1, 2] }]);
  const { rows } = await pool.query(`INSERT INTO accounts (key, traits) VALUES ('acme', $1) RETURNING id`, [
    { name: ['Acme', at, 1], seats: [5, at, 1] },
  ]);
  for (const person of [one, other]) {
    await pool.query('INSERT INTO memberships (account_id, person_id, since) VALUES ($1, $2, now())', [
      rows[0].id,
      person,
    ]);
  }
  await pool.query(
    `INSERT INTO identity_reports (kind, identifier_kind, identifier_value, person_id, reason, message_id)
     VALUES ('identifier_dropped', 'email', 'a@b.c', $1, 'a reason', 'm1')`,
    [one],
  );
  await context.records.transaction((client) => mergePersons(client, { intoRoot: one, fromRoot: other, cause: {} }));
  const person = (await ask('GET', `/api/people/${one}`)).body;
  assert.equal(person.consent.ads.granted, false);
  assert.equal(person.consent.mail.granted, true);
  assert.deepEqual(person.accounts, [
    { id: String(rows[0].id), key: 'acme', name: 'Acme', traits: { name: 'Acme', seats: 5 } },
  ]);
  const account = (await ask('GET', `/api/accounts/${rows[0].id}`)).body;
  assert.equal(account.memberCount, 1);
  assert.deepEqual(
    account.members.map((member: { id: string }) => member.id),
    [String(one)],
  );
  assert.equal((await ask('GET', '/api/accounts')).body.items[0].name, 'Acme');
  const [report] = (await ask('GET', '/api/identity/reports')).body.items;
  assert.deepEqual(report.identifier, { kind: 'email', value: 'a@b.c' });
  assert.equal(report.personId, String(one));
});

test('the jobs make new people findable and publish what a crash left', async () => {
  const [a, b] = [await insertPerson(context), await insertPerson(context)];
  await insertEvents(context, [{ origin: b }]);
  await context.records.transaction((client) => mergePersons(client, { intoRoot: a, fromRoot: b, cause: {} }));
  const stop = await startPeopleJobs(context);
  try {
    await seen(
      async () => (await context.records.pool.query('SELECT 1 FROM merges WHERE NOT published')).rows.length,
      (unpublished) => unpublished === 0,
    );
    const id = await insertPerson(context, { traits: { name: 'Wolfgang Unterberger' } });
    const found = await seen(
      async () => (await ask('GET', '/api/people?q=unterbreger')).body.items as { id: string }[],
      (items) => items.length > 0,
    );
    assert.deepEqual(
      found.map((person) => person.id),
      [String(id)],
    );
  } finally {
    await stop();
  }
});
