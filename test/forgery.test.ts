import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { apps as apps_ } from '../src/apps/index.ts';
import { core } from '../src/core/index.ts';
import { createAuthenticate } from '../src/core/staff/authenticate.ts';
import { type Browser, newBrowser, OWNER } from '../src/core/staff/testing.ts';
import type { Context } from '../src/kernel/context.ts';
import { buildHttp } from '../src/kernel/http.ts';
import { openapi } from '../src/kernel/openapi.ts';
import { testContext } from '../src/kernel/testing.ts';
import { serveForTest } from '../src/kernel/testing-http.ts';

const apps = [...core, ...apps_];
const EVIL = 'https://evil.invalid';

let context: Context & { close(): Promise<void> };
let server: { url: string; close(): Promise<void> };
let owner: Browser;

before(async () => {
  context = await testContext({ apps });
  server = await serveForTest(buildHttp(context, apps, createAuthenticate(context, apps)));
  context.url = () => server.url;
  owner = newBrowser(server.url);
  assert.equal((await owner.call('POST', '/api/setup', OWNER)).status, 201);
});
after(async () => {
  await server.close();
  await context.close();
});

/** Every endpoint of the OpenAPI document that changes something. */
function changing(): { method: string; path: string; permission: string }[] {
  const { paths } = openapi(apps, '0') as { paths: Record<string, Record<string, { 'x-permission': string }>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .map(([method, one]) => ({ method: method.toUpperCase(), path, permission: one['x-permission'] }))
      .filter(({ method }) => method !== 'GET'),
  );
}

/** What of the sign-in library can be reached, by its address. */
const SIGN_IN = [
  'sign-in/email',
  'sign-out',
  'change-password',
  'two-factor/enable',
  'two-factor/disable',
  'two-factor/verify-totp',
  'two-factor/verify-backup-code',
  'two-factor/generate-backup-codes',
].map((path) => ({ method: 'POST', path: `/api/auth/${path}`, permission: 'anyone' }));

/** Open to a page of another site, and why that does no harm. */
const BY_DESIGN: Record<string, string> = {
  'POST /api/passkeys/sign-in/options': 'changes nothing',
  'POST /api/invitations/look': 'changes nothing, and needs the secret of a link',
  'POST /api/sso/{id}/acs': 'the provider’s page sends it; only the browser that began gets in with it',
};

/** Bodies of endpoints for nobody known, that are as they should be: what is refused is where they come from. */
const BODIES: Record<string, object> = {
  'POST /api/setup': OWNER,
  'POST /api/invitations/accept': { token: 'x', name: 'x', password: OWNER.password },
  'POST /api/password-resets': { email: OWNER.email },
  'POST /api/password-resets/use': { token: 'x', password: OWNER.password },
  'POST /api/passkeys/sign-in': {
    response: {
      id: 'x',
      rawId: 'x',
      type: 'public-key',
      response: { clientDataJSON: 'x', authenticatorData: 'x', signature: 'x' },
    },
  },
};

/** How a page of another site can make a browser send a request along with its cookies, were they sent. */
const FORGED: Record<string, Record<string, string>> = {
  'a form of another site': { origin: EVIL, 'content-type': 'application/x-www-form-urlencoded' },
  'JSON as text of another site': { origin: EVIL, 'content-type': 'text/plain' },
  'an upload of another site': { origin: EVIL, 'content-type': 'multipart/form-data; boundary=x' },
  'a script of another site': { origin: EVIL, 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' },
  'a sandboxed frame': { origin: 'null', 'content-type': 'text/plain' },
  'a page that hides where it is': { 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' },
  'a page of a neighbour': { 'sec-fetch-site': 'same-site', 'content-type': 'text/plain' },
  'an address that was typed': { 'sec-fetch-site': 'none' },
  'the same host at another port': { origin: 'http://127.0.0.1:1', 'content-type': 'application/json' },
  'a host that begins alike': { origin: 'OWN.evil.invalid', 'content-type': 'application/json' },
  'an origin of ours, but from elsewhere': { origin: 'OWN', 'sec-fetch-site': 'cross-site' },
  'an origin that is none': { origin: 'OWN/', referer: 'OWN/', 'sec-fetch-site': 'cross-site' },
};

async function forge(
  route: { method: string; path: string },
  headers: Record<string, string>,
): Promise<{ status: number; code: string; setCookie: string[] }> {
  const response = await owner.open(route.path.replaceAll(/\{\w+\}/g, '1'), {
    method: route.method,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('OWN', server.url)]),
    ),
    body: JSON.stringify(BODIES[`${route.method} ${route.path}`] ?? {}),
  });
  const text = await response.text();
  const code = text.startsWith('{') ? ((JSON.parse(text) as { error?: { code: string } }).error?.code ?? '') : '';
  return { status: response.status, code, setCookie: response.headers.getSetCookie() };
}

describe('a page of another site, opened by somebody who is signed in', () => {
  for (const [what, headers] of Object.entries(FORGED)) {
    test(`changes nothing by any endpoint: ${what}`, async () => {
      const changes = async () =>
        (
          await context.records.pool.query<{ count: number }>(
            'SELECT count(*)::int AS count FROM audit_entries WHERE status < 400',
          )
        ).rows[0]!.count;
      const before = await changes();
      let tried = 0;
      for (const route of [...changing(), ...SIGN_IN]) {
        const name = `${route.method} ${route.path}`;
        if (name in BY_DESIGN) continue;
        const answer = await forge(route, headers);
        assert.deepEqual([answer.status, answer.code], [403, 'forbidden'], `${name} ${JSON.stringify(answer)}`);
        assert.deepEqual(answer.setCookie, [], name);
        tried++;
      }
      assert.ok(tried > 90, `${tried} endpoints`);
      assert.equal(await changes(), before);
      assert.equal((await owner.call('GET', '/api/me')).status, 200, 'still signed in');
    });
  }

  test('changes nothing where only the cookie speaks for a request', async () => {
    for (const route of changing().filter((one) => one.permission !== 'anyone')) {
      for (const type of ['application/x-www-form-urlencoded', 'application/json']) {
        const answer = await forge(route, { 'content-type': type });
        assert.equal(answer.status, 403, `${route.method} ${route.path}`);
      }
    }
  });

  test('reads nothing: no answer allows another origin, with cookies or without', async () => {
    for (const [path, methods] of Object.entries((openapi(apps, '0') as { paths: Record<string, object> }).paths)) {
      for (const method of Object.keys(methods)) {
        const address = server.url + path.replaceAll(/\{\w+\}/g, '1');
        const asked = await fetch(address, {
          method: 'OPTIONS',
          headers: { origin: EVIL, 'access-control-request-method': method.toUpperCase() },
        });
        assert.equal(asked.headers.get('access-control-allow-origin'), null, path);
        await asked.body?.cancel();
        if (method !== 'get') continue;
        const stop = new AbortController();
        const read = await owner.open(path.replaceAll(/\{\w+\}/g, '1'), {
          headers: { origin: EVIL },
          signal: stop.signal,
        });
        assert.equal(read.headers.get('access-control-allow-origin'), null, path);
        assert.equal(read.headers.get('access-control-allow-credentials'), null, path);
        stop.abort();
      }
    }
  });

  test('cannot send a customer’s write along with what staff may do: intake takes no cookies', async () => {
    const key = (await owner.call('POST', '/api/sources', { name: 'site', kind: 'browser' })).body.writeKey as string;
    assert.match(key, /^wk_/);
    for (const path of ['/v1/track', '/v1/batch']) {
      const bare = await owner.open(path, { method: 'POST', headers: { origin: EVIL }, body: '{"userId":"x"}' });
      assert.equal(bare.status, 401, path);
      await bare.body?.cancel();
      const sent = await owner.open(path, {
        method: 'POST',
        headers: { origin: EVIL, authorization: `Basic ${btoa(`${key}:`)}` },
        body: JSON.stringify({ userId: 'x', event: 'y', batch: [] }),
      });
      assert.deepEqual(sent.headers.getSetCookie(), []);
      await sent.body?.cancel();
    }
  });
});

/** Names by which programs are told where to lead somebody. */
const LEADS =
  'next return returnTo return_to callback callbackURL redirect redirect_uri RelayState url to continue error';
const FOREIGN = [
  EVIL,
  '//evil.invalid',
  '/\\evil.invalid',
  '\\\\evil.invalid',
  'javascript:alert(1)',
  '/%09/evil.invalid',
];

describe('a link to this server', () => {
  test('leads to no other site, whatever stands in it', async () => {
    const open = apps
      .flatMap((app) => app.routes ?? [])
      .filter((route) => route.method === 'GET' && route.permission === 'anyone')
      .map((route) => route.path.replaceAll(/\{\w+\}/g, '1'));
    const pages = ['/', '/sign-in', '/setup', '/your-data', '/your-data/request', '/your-data/archive', '/docs/sdk'];
    for (const path of [...open, ...pages, '/api/docs', '/api/auth/get-session', '/api/auth/sign-out']) {
      for (const foreign of FOREIGN) {
        const query = LEADS.split(' ').map((name) => `${name}=${encodeURIComponent(foreign)}`);
        await assertStays(`${path}?${query.join('&')}`);
      }
    }
    for (const path of [
      '//evil.invalid',
      '//evil.invalid/..',
      '/\\evil.invalid/',
      '/sdk//evil.invalid',
      '/.//evil.invalid/%2e%2e',
    ])
      await assertStays(path);
  });

  test('that is made here carries the address of the settings, whatever host a request names', async () => {
    const { port } = new URL(server.url);
    const cookie = [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const link = await new Promise<string>((resolve, reject) => {
      const body = JSON.stringify({ email: 'new@example.com', role: 'viewer' });
      const headers = {
        host: 'evil.invalid',
        'x-forwarded-host': 'evil.invalid',
        origin: 'http://evil.invalid',
        'content-type': 'application/json',
        cookie,
      };
      const request = httpRequest(
        { port, host: '127.0.0.1', method: 'POST', path: '/api/invitations', headers },
        (answer) => {
          let text = '';
          answer.on('data', (chunk) => {
            text += chunk;
          });
          answer.on('end', () => resolve(text));
        },
      );
      request.on('error', reject);
      request.end(body);
    });
    assert.doesNotMatch(link, /evil/);
    assert.match(link, /\/join#/);
  });
});

async function assertStays(path: string): Promise<void> {
  // Written by hand: a client of ours would tidy the address up.
  const { port } = new URL(server.url);
  const location = await new Promise<string | undefined>((resolve, reject) => {
    const request = httpRequest({ port, host: '127.0.0.1', path: path.replaceAll(/[\s]/g, '%09') }, (answer) => {
      resolve(answer.headers.location);
      answer.resume();
      request.destroy();
    });
    request.on('error', reject);
    request.end();
  });
  if (location === undefined) return;
  assert.equal(new URL(location, server.url).origin, server.url, `${path} leads to ${location}`);
}
