import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { buildHttp } from '../../kernel/http.ts';
import { keptSecret } from '../../kernel/secrets.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { audit } from '../audit/module.ts';
import { sources } from '../sources/module.ts';
import { createAuthenticate } from './authenticate.ts';
import { staff } from './module.ts';
import { type Browser, type Company, newBrowser, OWNER, startCompany } from './testing.ts';

let company: Company;
let owner: Browser;
const apps = [staff, audit, sources];

before(async () => {
  company = await startCompany({ apps: [sources] });
  owner = company.owner;
});
after(() => company.close());

const role = (name: string, permissions: string[], more: object = {}) => ({ name, permissions, ...more });
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const asKey = (key: string, method: string, path: string, body?: unknown) =>
  company.browser().call(method, path, body, bearer(key));

describe('a role of one’s own', () => {
  test('holds for those who have it, and its changes at once', async () => {
    const made = await owner.call(
      'POST',
      '/api/roles',
      role('Shopkeeper', ['sources.read'], { hidesPersonalData: true }),
    );
    assert.equal(made.status, 201);
    const rosa = await company.join(made.body.id, 'Rosa');
    const me = (await rosa.call('GET', '/api/me')).body;
    assert.deepEqual([me.roleName, me.permissions, me.hidesPersonalData], ['Shopkeeper', ['sources.read'], true]);
    assert.equal((await rosa.call('GET', '/api/sources')).status, 200);
    assert.equal((await rosa.call('GET', '/api/keys')).status, 403);
    const path = `/api/roles/${made.body.id}`;
    assert.equal((await owner.call('PATCH', path, { permissions: ['keys.read'] })).status, 200);
    assert.equal((await rosa.call('GET', '/api/sources')).status, 403);
    assert.equal((await rosa.call('GET', '/api/keys')).status, 200);
    const removed = await owner.call('DELETE', path);
    assert.equal(removed.status, 409);
    assert.match(removed.body.error.message, /members of staff: 1/);
    await owner.call('DELETE', `/api/staff/${rosa.id}`);
    assert.equal((await owner.call('DELETE', path)).status, 200);
    assert.equal((await owner.call('DELETE', path)).status, 404);
  });

  test('changes in another process within seconds', async () => {
    const made = (await owner.call('POST', '/api/roles', role('Elsewhere', []))).body;
    const sven = await company.join(made.id, 'Sven');
    const other = { ...company.context, records: { ...company.context.records } };
    const second = await serveForTest(buildHttp(other, apps, createAuthenticate(other, apps)));
    try {
      const there = newBrowser(second.url);
      for (const [name, value] of sven.cookies) there.cookies.set(name, value);
      assert.equal((await there.call('GET', '/api/sources')).status, 403);
      await owner.call('PATCH', `/api/roles/${made.id}`, { permissions: ['sources.read'] });
      let status = 403;
      for (let i = 0; status === 403 && i < 100; i++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        status = (await there.call('GET', '/api/sources')).status;
      }
      assert.equal(status, 200);
    } finally {
      await second.close();
    }
  });

  test('cannot be made of what one may not do, nor be changed by who may do less', async () => {
    const made = (await owner.call('POST', '/api/roles', role('People office', ['staff.read', 'staff.write']))).body;
    const tina = await company.join(made.id, 'Tina');
    assert.equal((await tina.call('POST', '/api/roles', role('Mine', ['staff.read']))).status, 201);
    assert.equal((await tina.call('POST', '/api/roles', role('More', ['sources.write']))).status, 403);
    assert.equal((await tina.call('PATCH', `/api/roles/${made.id}`, { permissions: ['keys.write'] })).status, 403);
    const strong = (await owner.call('POST', '/api/roles', role('Strong', ['sources.write']))).body;
    assert.equal((await tina.call('PATCH', `/api/roles/${strong.id}`, { permissions: [] })).status, 403);
    assert.equal((await tina.call('DELETE', `/api/roles/${strong.id}`)).status, 403);
    const admin = await company.join('admin', 'Ulla');
    assert.equal((await tina.call('PATCH', `/api/staff/${admin.id}`, { role: 'viewer' })).status, 403);
    assert.equal((await tina.call('PATCH', `/api/staff/${tina.id}`, { role: 'admin' })).status, 403);
    assert.equal((await tina.call('POST', '/api/invitations', { email: 'z@example.com', role: 'admin' })).status, 403);
  });

  test('that hides personal data cannot be traded for one that shows it', async () => {
    const body = role('Blind office', ['staff.read', 'staff.write'], { hidesPersonalData: true });
    const made = (await owner.call('POST', '/api/roles', body)).body;
    const vera = await company.join(made.id, 'Vera');
    assert.equal((await vera.call('POST', '/api/roles', role('Seeing', ['staff.read']))).status, 403);
    assert.equal((await vera.call('PATCH', `/api/roles/${made.id}`, { hidesPersonalData: false })).status, 403);
    assert.equal(
      (await vera.call('POST', '/api/roles', role('Unseeing', [], { hidesPersonalData: true }))).status,
      201,
    );
  });

  test('is refused with permissions that there are not, and with a name that is taken', async () => {
    assert.equal((await owner.call('POST', '/api/roles', role('Odd', ['sources.fly']))).status, 400);
    assert.equal((await owner.call('POST', '/api/roles', role('strong', []))).status, 409);
    assert.equal((await owner.call('POST', '/api/roles', role('Owner', []))).status, 409);
    assert.equal((await owner.call('POST', '/api/roles', role('x'.repeat(201), []))).status, 400);
    assert.equal((await owner.call('PATCH', '/api/roles/admin', { permissions: [] })).status, 400);
    assert.equal((await owner.call('DELETE', '/api/roles/owner')).status, 400);
  });

  test('never gives more than its maker has, whatever the permissions', async () => {
    const all = (await owner.call('GET', '/api/permissions')).body.items.map(
      (one: { id: string }) => one.id,
    ) as string[];
    await fc.assert(
      fc.asyncProperty(fc.subarray(all), fc.subarray(all), async (mine, wanted) => {
        const own = (await owner.call('POST', '/api/roles', role(crypto.randomUUID(), mine))).body;
        const key = (await owner.call('POST', '/api/keys', { role: own.id })).body;
        const asked = role(crypto.randomUUID(), wanted);
        const answer = await asKey(key.apiKey, 'POST', '/api/roles', asked);
        const may = mine.includes('staff.write') && wanted.every((name) => mine.includes(name));
        assert.equal(answer.status, may ? 201 : 403);
        await owner.call('DELETE', `/api/keys/${key.id}`);
        await owner.call('DELETE', `/api/roles/${own.id}`);
        if (answer.status === 201) await owner.call('DELETE', `/api/roles/${answer.body.id}`);
      }),
      { numRuns: 30 },
    );
  });
});

test('every permission is told with a sentence and its app', async () => {
  const { items } = (await owner.call('GET', '/api/permissions')).body;
  for (const one of items) assert.match(one.allows, /^[A-Z].*\.$/, one.id);
  assert.ok(items.some((one: { id: string; app: string }) => one.id === 'staff.write' && one.app === 'staff'));
});

describe('an API key', () => {
  test('has what it was made for and no more', async () => {
    const body = { role: 'admin', permissions: ['sources.read', 'keys.write'], name: 'Till' };
    const key = (await owner.call('POST', '/api/keys', body)).body;
    assert.deepEqual(key.permissions, ['keys.write', 'sources.read']);
    assert.equal((await asKey(key.apiKey, 'GET', '/api/sources')).status, 200);
    assert.equal((await asKey(key.apiKey, 'GET', '/api/staff')).status, 403);
    const more = await asKey(key.apiKey, 'POST', '/api/keys', { role: 'admin' });
    assert.equal(more.status, 403, 'it cannot give what it does not have');
    const same = await asKey(key.apiKey, 'POST', '/api/keys', { role: 'admin', permissions: ['sources.read'] });
    assert.equal(same.status, 201);
    assert.equal(same.body.createdBy.name, 'Ada', 'who answers for the first answers for the second');
    const strange = { role: 'viewer', permissions: ['sources.write'] };
    assert.equal((await owner.call('POST', '/api/keys', strange)).status, 400);
  });

  test('never does more than who made it, whatever becomes of them', async () => {
    const wanda = await company.join('admin', 'Wanda');
    const key = (await wanda.call('POST', '/api/keys', { role: 'admin' })).body.apiKey;
    const status = async (path: string) => (await asKey(key, 'GET', path)).status;
    assert.equal(await status('/api/keys'), 200);
    await owner.call('PATCH', `/api/staff/${wanda.id}`, { role: 'viewer' });
    assert.deepEqual([await status('/api/keys'), await status('/api/sources')], [403, 200]);
    await owner.call('PATCH', `/api/staff/${wanda.id}`, { disabled: true });
    assert.equal(await status('/api/sources'), 401);
    const listed = (await owner.call('GET', '/api/keys?limit=200')).body.items;
    assert.equal(listed.find((one: { createdBy: { name: string } }) => one.createdBy?.name === 'Wanda').works, false);
    await owner.call('PATCH', `/api/staff/${wanda.id}`, { disabled: false });
    assert.equal(await status('/api/sources'), 200);
  });

  test('ends when it was to end', async () => {
    const past = new Date(Date.now() - 1000).toISOString();
    assert.equal((await owner.call('POST', '/api/keys', { role: 'viewer', expiresAt: past })).status, 400);
    const far = new Date(Date.now() + 10 * 366 * 86_400_000).toISOString();
    assert.equal((await owner.call('POST', '/api/keys', { role: 'viewer', expiresAt: far })).status, 400);
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const key = (await owner.call('POST', '/api/keys', { role: 'viewer', expiresAt })).body;
    assert.equal(key.expiresAt, expiresAt);
    assert.equal((await asKey(key.apiKey, 'GET', '/api/sources')).status, 200);
    await company.context.records.pool.query('UPDATE staff_api_keys SET expires_at = now() WHERE id = $1', [key.id]);
    assert.equal((await asKey(key.apiKey, 'GET', '/api/sources')).status, 401);
  });

  test('of an owner is revoked by owners only', async () => {
    const key = (await owner.call('POST', '/api/keys', { role: 'viewer' })).body;
    const admin = await company.join('admin', 'Xenia');
    assert.equal((await admin.call('DELETE', `/api/keys/${key.id}`)).status, 403);
    const own = (await admin.call('POST', '/api/keys', { role: 'viewer' })).body;
    assert.equal((await admin.call('DELETE', `/api/keys/${own.id}`)).status, 200);
    assert.equal((await owner.call('DELETE', `/api/keys/${key.id}`)).status, 200);
  });
});

test('who sets up from another machine needs the token that the server printed', async () => {
  const setUp = (host: string, more: object = {}, headers: Record<string, string> = {}) => {
    const hono = buildHttp(company.context, apps, createAuthenticate(company.context, apps));
    const request = new Request(`http://${host}/api/setup`, {
      method: 'POST',
      headers: { host, 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ ...OWNER, ...more }),
    });
    return (remoteAddress: string) => hono.fetch(request, { incoming: { socket: { remoteAddress } } });
  };
  // There is an owner already: who gets past the token is told so.
  const past = 409;
  const token = keptSecret(company.context.config.dataDir, 'set-up');
  assert.equal((await setUp('localhost:3000')('127.0.0.1')).status, past);
  assert.equal((await setUp('[::1]:3000')('::1')).status, past);
  assert.equal((await setUp('cx.example.com')('203.0.113.5')).status, 403);
  assert.equal((await setUp('localhost:3000')('203.0.113.5')).status, 403, 'a Host is only a claim');
  assert.equal((await setUp('cx.example.com')('127.0.0.1')).status, 403, 'a proxy, or a page that renamed itself');
  assert.equal((await setUp('localhost', {}, { 'x-forwarded-for': '203.0.113.5' })('127.0.0.1')).status, 403);
  assert.equal((await setUp('cx.example.com', { token: `${token}x` })('203.0.113.5')).status, 403);
  assert.equal((await setUp('cx.example.com', { token })('203.0.113.5')).status, past);
});
