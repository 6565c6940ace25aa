import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { keptSecret } from '../../kernel/secrets.ts';
import { testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { sources } from '../sources/module.ts';
import { stream } from '../stream/module.ts';
import { SIGN_INS_A_MINUTE } from './auth-rules.ts';
import { createAuthenticate } from './authenticate.ts';
import { staff } from './module.ts';
import { permissionsOf } from './roles.ts';

const apps = [staff, sources, stream];
const OWNER = {
  company: 'Ökotex & Söhne',
  name: 'Ada Lovelace',
  email: 'Ada@Example.com',
  password: 'a long password',
};

let context: Context & { close(): Promise<void> };
let server: { url: string; close(): Promise<void> };
let cookie = '';

before(async () => {
  context = await testContext({ apps });
  server = await serveForTest(buildHttp(context, apps, createAuthenticate(context, apps)));
});
after(async () => {
  await server.close();
  await context.close();
});

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
  body: any;
  headers: Headers;
}

async function call(
  method: string,
  path: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'content-type': 'application/json', ...options.headers },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers };
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
/** What a browser sends from one of the server's own pages. */
const page = () => ({ cookie, origin: server.url, 'sec-fetch-site': 'same-origin' });

async function signIn(headers: Record<string, string> = {}, password = OWNER.password): Promise<Answer> {
  return call('POST', '/api/auth/sign-in/email', { body: { email: 'ada@example.com', password }, headers });
}

describe('the first-run set-up', () => {
  test('is needed as long as there is no owner, and nobody is signed in', async () => {
    assert.deepEqual((await call('GET', '/api/setup')).body, { needed: true });
    assert.equal((await call('GET', '/api/me')).status, 401);
    assert.equal((await signIn()).status, 401);
  });

  test('refuses what is incomplete, and what comes from a page of somebody else', async () => {
    for (const wrong of [{ email: 'no address' }, { password: 'short' }, { company: ' ' }, { name: 'a\0b' }]) {
      assert.equal((await call('POST', '/api/setup', { body: { ...OWNER, ...wrong } })).status, 400);
    }
    const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    assert.equal((await call('POST', '/api/setup', { body: OWNER, headers: evil })).status, 403);
  });

  test('makes one owner, however many try at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, i) =>
        call('POST', '/api/setup', { body: { ...OWNER, email: i === 0 ? OWNER.email : `other${i}@example.com` } }),
      ),
    );
    const made = answers.filter((answer) => answer.status === 201);
    assert.equal(made.length, 1);
    assert.equal(answers.filter((answer) => answer.status === 409).length, 999);
    const { rows } = await context.records.pool.query('SELECT email, role FROM staff_users');
    assert.equal(rows.length, 1);
    assert.deepEqual((await call('GET', '/api/setup')).body, { needed: false });
    await context.records.pool.query("UPDATE staff_users SET email = 'ada@example.com'");

    const winner = made[0]!;
    cookie = winner.headers.getSetCookie()[0]!.split(';')[0]!;
    const me = await call('GET', '/api/me', { headers: { cookie } });
    assert.equal(me.status, 200);
    assert.deepEqual([me.body.kind, me.body.role, me.body.company], ['staff', 'owner', OWNER.company]);
    assert.deepEqual(me.body.permissions, permissionsOf(apps).sort());
    assert.ok(me.body.permissions.includes('sources.write'));
  });

  test('holds between processes too: the database lets no second company in', async () => {
    await assert.rejects(
      context.records.pool.query(`INSERT INTO staff_company (name, owner_id) SELECT 'Second', id FROM staff_users`),
      /duplicate key/,
    );
  });

  test('leaves no other way to become a member of staff', async () => {
    const body = { name: 'Mallory', email: 'mallory@example.com', password: 'a long password', role: 'owner' };
    assert.equal((await call('POST', '/api/auth/sign-up/email', { body })).status, 404);
    assert.equal((await call('POST', '/api/auth/update-user', { body: { role: 'owner' } })).status, 404);
    assert.equal((await call('POST', '/api/setup', { body: { ...OWNER, email: 'm@example.com' } })).status, 409);
  });
});

describe('signing in', () => {
  test('gives a cookie that scripts cannot read and other sites cannot send along', async () => {
    const answer = await signIn({ origin: server.url });
    assert.equal(answer.status, 200);
    const [set] = answer.headers.getSetCookie();
    assert.match(set!, /^throughline\.session_token=/);
    assert.match(set!, /; HttpOnly/i);
    assert.match(set!, /; SameSite=Lax/i);
    assert.match(set!, /; Path=\//i);
    assert.doesNotMatch(set!, /; Domain/i);
    cookie = set!.split(';')[0]!;
    assert.equal((await call('GET', '/api/me', { headers: { cookie } })).body.email, 'ada@example.com');
  });

  test('with a wrong password or a forged cookie is refused', async () => {
    const wrong = await signIn({ 'x-forwarded-for': '198.51.100.1' }, 'a wrong password');
    assert.equal(wrong.status, 401);
    assert.match(wrong.body.error.message, /\.$/);
    const forged = cookie.replace(/=.{6}/, '=AAAAAA');
    assert.equal((await call('GET', '/api/me', { headers: { cookie: forged } })).status, 401);
  });

  test('ends with signing out', async () => {
    const mine = (await signIn()).headers.getSetCookie()[0]!.split(';')[0]!;
    assert.equal((await call('GET', '/api/me', { headers: { cookie: mine } })).status, 200);
    assert.equal((await call('POST', '/api/auth/sign-out', { body: {}, headers: { cookie: mine } })).status, 200);
    assert.equal((await call('GET', '/api/me', { headers: { cookie: mine } })).status, 401);
  });

  test('from a page of another site is refused', async () => {
    const evil = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    assert.equal((await signIn(evil)).status, 403);
  });

  test('can be tried only so often from one address, whatever address the client claims', async () => {
    const answers: Answer[] = [];
    for (let i = 0; i < SIGN_INS_A_MINUTE + 2; i++) {
      const claims = { 'x-forwarded-for': `203.0.113.${i}`, 'x-throughline-client-address': `203.0.113.${i}` };
      answers.push(await signIn(claims, 'a wrong password'));
    }
    const last = answers.at(-1)!;
    assert.equal(last.status, 429);
    assert.ok(Number(last.headers.get('retry-after')) > 0);
    assert.equal(last.body.error.code, 'too_many');
    assert.equal((await signIn()).status, 429, 'also with the right password');
  });
});

describe('a request that changes something', () => {
  const body = { name: 'Shop', kind: 'browser' };

  test('goes through from a page of ours', async () => {
    assert.equal((await call('POST', '/api/sources', { body, headers: page() })).status, 201);
  });

  test('is refused where only the cookie speaks for it', async () => {
    for (const headers of [
      { cookie },
      { cookie, origin: 'https://evil.example' },
      { cookie, origin: 'null' },
      { cookie, 'sec-fetch-site': 'cross-site' },
      { cookie, 'sec-fetch-site': 'same-site', origin: server.url },
      { cookie, origin: 'http://127.0.0.1:1' },
    ] as Record<string, string>[]) {
      const answer = await call('POST', '/api/sources', { body, headers });
      assert.equal(answer.status, 403, JSON.stringify(headers));
    }
  });
});

describe('an API key', () => {
  test('opens what its role allows, and is shown once', async () => {
    const made = await call('POST', '/api/keys', { body: { name: 'Loader', role: 'admin' }, headers: page() });
    assert.equal(made.status, 201);
    assert.match(made.body.apiKey, /^tl_[\w-]{32}$/);
    assert.deepEqual([made.body.role, made.body.name, made.body.permissions], ['admin', 'Loader', null]);
    const me = (await call('GET', '/api/me', { headers: bearer(made.body.apiKey) })).body;
    assert.deepEqual([me.kind, me.name, me.role, me.email], ['key', 'Loader', 'admin', undefined]);
    const list = (await call('GET', '/api/keys', { headers: page() })).body.items;
    assert.equal(list[0].prefix, made.body.apiKey.slice(0, 9));
    assert.ok(list[0].lastUsedAt);
    assert.doesNotMatch(JSON.stringify(list), new RegExp(made.body.apiKey));
    const { rows } = await context.records.pool.query('SELECT * FROM staff_api_keys');
    assert.doesNotMatch(JSON.stringify(rows), new RegExp(made.body.apiKey.slice(9)));
  });

  test('that is wrong, revoked or of another kind is refused with 401', async () => {
    const key = (await call('POST', '/api/keys', { body: { role: 'viewer' }, headers: page() })).body;
    assert.equal((await call('GET', '/api/sources', { headers: bearer(key.apiKey) })).status, 200);
    assert.equal((await call('DELETE', `/api/keys/${key.id}`, { headers: page() })).status, 200);
    assert.equal((await call('DELETE', `/api/keys/${key.id}`, { headers: page() })).status, 404);
    for (const authorization of [
      `Bearer ${key.apiKey}`,
      'Bearer tl_wrong',
      'Bearer ',
      'Basic dGxfOg==',
      'Bearer local_wrong',
      'nonsense',
    ]) {
      const answer = await call('GET', '/api/sources', { headers: { authorization } });
      assert.equal(answer.status, 401, authorization);
      // A wrong key is not made good by a cookie beside it.
      assert.equal((await call('GET', '/api/sources', { headers: { authorization, cookie } })).status, 401);
    }
  });

  test('of a viewer reads and does not write; nobody gives a role above their own', async () => {
    const viewer = (await call('POST', '/api/keys', { body: { role: 'viewer' }, headers: page() })).body.apiKey;
    assert.equal((await call('GET', '/api/sources', { headers: bearer(viewer) })).status, 200);
    const body = { name: 'x', kind: 'server' };
    const refused = await call('POST', '/api/sources', { body, headers: bearer(viewer) });
    assert.equal(refused.status, 403);
    assert.match(refused.body.error.message, /sources\.write/);
    assert.equal((await call('GET', '/api/keys', { headers: bearer(viewer) })).status, 403);
    assert.equal((await call('POST', '/api/keys', { body: { role: 'admin' }, headers: bearer(viewer) })).status, 403);

    const admin = (await call('POST', '/api/keys', { body: { role: 'admin' }, headers: page() })).body.apiKey;
    assert.equal((await call('POST', '/api/keys', { body: { role: 'owner' }, headers: bearer(admin) })).status, 403);
    assert.equal((await call('POST', '/api/keys', { body: { role: 'king' }, headers: bearer(admin) })).status, 400);
  });
});

describe('the local credential', () => {
  test('makes its holder the owner on this machine', async () => {
    const local = bearer(`local_${keptSecret(context.config.dataDir, 'local')}`);
    const me = (await call('GET', '/api/me', { headers: local })).body;
    assert.deepEqual([me.kind, me.role], ['local', 'owner']);
    assert.equal((await call('POST', '/api/keys', { body: { role: 'owner' }, headers: local })).status, 201);
  });

  test('does not work through a proxy, and its file is for its owner only', async () => {
    const local = bearer(`local_${keptSecret(context.config.dataDir, 'local')}`);
    const proxied = await call('GET', '/api/me', { headers: { ...local, 'x-forwarded-for': '127.0.0.1' } });
    assert.equal(proxied.status, 401);
    assert.equal(statSync(join(context.config.dataDir, 'secrets', 'local')).mode & 0o777, 0o600);
  });
});

test('over HTTPS the cookie is for HTTPS only, and still signs in', async () => {
  const config = { ...context.config, publicUrl: 'https://cx.example.com' };
  await context.records.pool.query('DELETE FROM staff_attempts');
  const secure = { ...context, config, records: { ...context.records } };
  const hono = buildHttp(secure, apps, createAuthenticate(secure, apps));
  const response = await hono.request('http://cx.example.com/api/auth/sign-in/email', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: 'https://cx.example.com', host: 'cx.example.com' },
    body: JSON.stringify({ email: 'ada@example.com', password: OWNER.password }),
  });
  assert.equal(response.status, 200);
  const [set] = response.headers.getSetCookie();
  assert.match(set!, /^__Secure-throughline\.session_token=.*; Secure/);
  const me = await hono.request('http://cx.example.com/api/me', { headers: { cookie: set!.split(';')[0]! } });
  assert.equal(me.status, 200);
  assert.ok(me.headers.get('strict-transport-security'));
});

test('answers carry the headers that protect browsers', async () => {
  const { headers } = await call('GET', '/api/setup');
  assert.match(headers.get('content-security-policy')!, /frame-ancestors 'none'/);
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.ok(headers.get('referrer-policy'));
});
