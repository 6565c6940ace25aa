import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import Provider from 'oidc-provider';
import { type Browser, type Company, newBrowser, OWNER, startCompany } from '../testing.ts';
import { safeNext } from './routes.ts';

let company: Company;
let owner: Browser;
let idp: Server;
let issuer = '';
/** What the provider says of whom, by the name they give when they sign in there. */
const accounts = new Map<string, Record<string, unknown>>();

before(async () => {
  company = await startCompany({ environment: { THROUGHLINE_OUTGOING_ALLOW: '127.0.0.0/8' } });
  owner = company.owner;
  idp = createServer();
  await new Promise<void>((resolve) => idp.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(idp.address() as AddressInfo).port}`;
});
after(async () => {
  idp.closeAllConnections();
  idp.close();
  await company.close();
});

/** A real provider, with one client that has to use PKCE. */
function openProvider(redirectUri: string): void {
  const provider = new Provider(issuer, {
    clients: [{ client_id: 'throughline', client_secret: 's'.repeat(40), redirect_uris: [redirectUri] }],
    pkce: { required: () => true },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...accounts.get(id) }) }),
  });
  idp.removeAllListeners('request');
  idp.on('request', provider.callback());
}

/** Signs in at the provider as a person would: name and password, then yes. Answers where it sends the browser. */
async function signInThere(start: string, login: string): Promise<string> {
  const there = newBrowser(issuer);
  let at = start;
  for (let i = 0; i < 20; i++) {
    const response = await there.open(at);
    const location = response.headers.get('location');
    if (location) {
      at = new URL(location, issuer).href;
      if (!at.startsWith(issuer)) return at;
      continue;
    }
    const page = await response.text();
    const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1];
    assert.ok(action, page);
    const prompt = /name="prompt" value="(\w+)"/.exec(page)![1]!;
    const answer = await there.open(action, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ prompt, login, password: 'any' }),
    });
    at = new URL(answer.headers.get('location')!, issuer).href;
  }
  throw new Error('The provider asked on and on.');
}

async function signIn(id: string, login: string, browser = company.browser(), next = '') {
  const begun = await browser.open(`/api/sso/${id}/start${next}`);
  assert.equal(begun.status, 303);
  const back = await signInThere(begun.headers.get('location')!, login);
  const ended = await browser.open(back);
  return { browser, back, status: ended.status, location: ended.headers.get('location')! };
}

const settings = (more: object = {}) => ({
  kind: 'oidc',
  name: 'Company sign-in',
  domains: ['example.com'],
  issuer,
  clientId: 'throughline',
  clientSecret: 's'.repeat(40),
  ...more,
});

describe('OpenID Connect', () => {
  let id = '';

  test('is set up by owners only, and its secret is never told', async () => {
    const admin = await company.join('admin', 'Admin');
    assert.equal((await admin.call('POST', '/api/sso', settings())).status, 403);
    const made = await owner.call('POST', '/api/sso', settings());
    assert.equal(made.status, 201, JSON.stringify(made.body));
    id = made.body.id;
    assert.doesNotMatch(JSON.stringify(made.body), /sssss/);
    assert.doesNotMatch(JSON.stringify((await owner.call('GET', '/api/sso')).body), /sssss/);
    const { rows } = await company.context.records.pool.query('SELECT * FROM staff_sso_providers');
    assert.doesNotMatch(JSON.stringify(rows), /sssss/);
    openProvider(made.body.callbackUrl);
    const tested = await owner.call('POST', `/api/sso/${id}/test`, {});
    assert.deepEqual([tested.status, tested.body.facts?.issuer], [200, issuer], JSON.stringify(tested.body));
    const options = (await company.browser().call('GET', '/api/sign-in-options')).body;
    assert.deepEqual(options.providers, [{ id, name: 'Company sign-in', startUrl: `/api/sso/${id}/start` }]);
  });

  test('lets in who is a member already, and goes on to where they were', async () => {
    accounts.set('ada', { email: 'ADA@example.com', email_verified: true, name: 'Somebody else' });
    const { browser, location } = await signIn(id, 'ada', company.browser(), '?next=/people');
    assert.equal(location, '/people');
    const me = (await browser.call('GET', '/api/me')).body;
    assert.deepEqual([me.name, me.role], [OWNER.name, 'owner']);
    const { items } = (await browser.call('GET', '/api/sessions')).body;
    assert.equal(items.find((one: { current: boolean }) => one.current).method, 'sso');
    assert.deepEqual((await browser.call('GET', '/api/me/security')).body.singleSignOn, ['Company sign-in']);
  });

  test('knows them again when their address changes', async () => {
    accounts.set('ada', { email: 'ada.lovelace@example.com', email_verified: true });
    const { browser } = await signIn(id, 'ada');
    assert.equal((await browser.call('GET', '/api/me')).body.name, OWNER.name);
  });

  test('turns strangers away, unless they are invited or it may let people in', async () => {
    accounts.set('new', { email: 'new@example.com', email_verified: true, name: 'Newcomer' });
    const refused = await signIn(id, 'new');
    assert.equal(refused.location, '/sign-in?refused=sso_unknown');
    assert.equal((await refused.browser.call('GET', '/api/me')).status, 401);

    await owner.call('POST', '/api/invitations', { email: 'new@example.com', role: 'marketer' });
    const invited = (await signIn(id, 'new')).browser;
    const me = (await invited.call('GET', '/api/me')).body;
    assert.deepEqual([me.name, me.role], ['Newcomer', 'marketer']);
    assert.equal((await owner.call('GET', '/api/invitations')).body.items.length, 0);

    accounts.set('later', { email: 'later@example.com', email_verified: true, name: 'Later' });
    await owner.call('PATCH', `/api/sso/${id}`, { createsUsers: true, defaultRole: 'agent' });
    const [one, two] = await Promise.all([signIn(id, 'later'), signIn(id, 'later')]);
    assert.equal((await one.browser.call('GET', '/api/me')).body.role, 'agent');
    assert.equal((await two.browser.call('GET', '/api/me')).body.role, 'agent');
    assert.equal((await owner.call('PATCH', `/api/sso/${id}`, { defaultRole: 'owner' })).status, 400);
  });

  test('believes only addresses of its domains, and only those that are proved', async () => {
    accounts.set('foreign', { email: 'ada@elsewhere.example', email_verified: true });
    assert.equal((await signIn(id, 'foreign')).location, '/sign-in?refused=sso_domain');
    accounts.set('sub', { email: 'ada@sub.example.com', email_verified: true });
    assert.equal((await signIn(id, 'sub')).location, '/sign-in?refused=sso_domain');
    accounts.set('unproved', { email: 'admin@example.com', email_verified: false });
    assert.equal((await signIn(id, 'unproved')).location, '/sign-in?refused=sso_domain');
    accounts.set('nameless', {});
    assert.equal((await signIn(id, 'nameless')).location, '/sign-in?refused=sso_no_address');
  });

  test('ends only in the browser that began it, and only once', async () => {
    const victim = company.browser();
    const { back } = await signIn(id, 'ada');
    assert.equal((await victim.open(back)).headers.get('location'), '/sign-in?refused=sso_expired');
    const thief = company.browser();
    const begun = await thief.open(`/api/sso/${id}/start`);
    const cookie = [...thief.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const mine = await signInThere(begun.headers.get('location')!, 'ada');
    const changed = new URL(mine);
    changed.searchParams.set('state', 'another');
    const forged = await company.browser().open(changed.href, { headers: { cookie } });
    assert.equal(forged.headers.get('location'), '/sign-in?refused=sso_failed');
    assert.equal((await thief.open(mine)).headers.get('location'), '/');
    const again = await company.browser().open(mine, { headers: { cookie } });
    assert.match(again.headers.get('location')!, /refused=sso_(failed|expired)/);
  });

  test('leads to no other site, whatever it is asked', async () => {
    for (const evil of [
      'https://evil.example',
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      'javascript:alert(1)',
      '/a\\b',
      '',
    ]) {
      assert.equal(safeNext(evil), '/', JSON.stringify(evil));
      const { location } = await signIn(id, 'ada', company.browser(), `?next=${encodeURIComponent(evil)}`);
      assert.equal(location, '/', JSON.stringify(evil));
    }
    assert.equal(safeNext('/people?q=a#b'), '/people?q=a#b');
  });

  test('lets nobody in who is switched off, and nobody at all once it is', async () => {
    const { items } = (await owner.call('GET', '/api/staff?q=later')).body;
    await owner.call('PATCH', `/api/staff/${items[0].id}`, { disabled: true });
    const refused = await signIn(id, 'later');
    assert.equal(refused.location, '/sign-in?refused=disabled');
    assert.equal((await refused.browser.call('GET', '/api/me')).status, 401);
    await owner.call('PATCH', `/api/sso/${id}`, { enabled: false });
    const begun = await company.browser().open(`/api/sso/${id}/start`);
    assert.equal(begun.headers.get('location'), '/sign-in?refused=not_found');
    await owner.call('PATCH', `/api/sso/${id}`, { enabled: true });
  });

  test('that is required leaves passwords to owners', async () => {
    const pia = await company.join('viewer', 'Pia');
    await owner.call('PATCH', `/api/sso/${id}`, { required: true });
    const refused = await company.signIn(pia.email);
    assert.deepEqual([refused.status, refused.body.error.code], [403, 'sso_required']);
    assert.equal((await company.signIn(pia.email, 'a wrong password')).status, 401, 'only who knows it is told');
    assert.equal((await company.signIn(OWNER.email)).status, 200);
    await owner.call('PATCH', `/api/sso/${id}`, { required: false });
  });

  test('is in the audit log, the refused ones too', async () => {
    const { items } = (await owner.call('GET', '/api/audit?limit=200&action=sign-in')).body;
    type Entry = { status: number; fields: string[]; subjects: string[]; actor: { name: string } };
    assert.ok(
      items.some((one: Entry) => one.status === 200 && one.fields[0] === 'sso' && one.actor.name === 'Newcomer'),
    );
    assert.ok(items.some((one: Entry) => one.fields[0] === 'sso_domain' && one.subjects[0] === `sso/${id}`));
  });

  test('is removed without the people', async () => {
    assert.equal((await owner.call('DELETE', `/api/sso/${id}`)).status, 200);
    assert.equal((await owner.call('GET', `/api/sso/${id}`)).status, 404);
    assert.equal((await owner.call('GET', '/api/staff?q=newcomer')).body.items.length, 1);
  });
});

describe('a provider that lies', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  let lie: (
    claims: Record<string, unknown>,
    header: Record<string, unknown>,
  ) => { key?: typeof privateKey } | undefined;
  let id = '';
  let evil: Server;
  let nonce = '';
  let at = '';

  before(async () => {
    evil = createServer((request, response) => {
      const json = (value: unknown) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify(value));
      };
      if (request.url === '/.well-known/openid-configuration') {
        return json({
          issuer: at,
          authorization_endpoint: `${at}/auth`,
          token_endpoint: `${at}/token`,
          jwks_uri: `${at}/keys`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        });
      }
      if (request.url === '/keys') {
        return json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] });
      }
      const now = Math.floor(Date.now() / 1000);
      const claims: Record<string, unknown> = {
        iss: at,
        aud: 'throughline',
        sub: 'ada',
        email: OWNER.email,
        email_verified: true,
        nonce,
        iat: now,
        exp: now + 300,
      };
      const header: Record<string, unknown> = { alg: 'RS256', kid: 'k' };
      const key = lie(claims, header)?.key ?? privateKey;
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const text = `${part(header)}.${part(claims)}`;
      const signature = header.alg === 'none' ? '' : createSign('sha256').update(text).sign(key, 'base64url');
      json({ access_token: 'a', token_type: 'Bearer', expires_in: 60, id_token: `${text}.${signature}` });
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    at = `http://127.0.0.1:${(evil.address() as AddressInfo).port}`;
    const made = await owner.call('POST', '/api/sso', settings({ name: 'Evil', issuer: at }));
    id = made.body.id;
  });
  after(() => {
    evil.closeAllConnections();
    evil.close();
  });

  async function arriving(): Promise<string> {
    const browser = company.browser();
    const begun = new URL((await browser.open(`/api/sso/${id}/start`)).headers.get('location')!);
    nonce = begun.searchParams.get('nonce')!;
    assert.equal(begun.searchParams.get('code_challenge_method'), 'S256');
    const state = begun.searchParams.get('state')!;
    const ended = await browser.open(`/api/sso/${id}/callback?code=c&state=${state}`);
    return ended.headers.get('location')!;
  }

  test('is believed when it does not lie', async () => {
    lie = () => undefined;
    assert.equal(await arriving(), '/');
  });

  const lies: Record<string, Record<string, unknown>> = {
    'another nonce': { nonce: 'another' },
    'no nonce': { nonce: undefined },
    'another issuer': { iss: 'https://accounts.example.com' },
    'another audience': { aud: 'somebody-else' },
    'a time that is over': { exp: 1_000_000_000 },
    'no subject': { sub: undefined },
  };
  for (const [what, changes] of Object.entries(lies)) {
    test(`is not believed with ${what}`, async () => {
      lie = (claims) => void Object.assign(claims, changes);
      assert.equal(await arriving(), '/sign-in?refused=sso_failed');
    });
  }

  test('of which the configuration names another issuer cannot be set up', async () => {
    const made = await owner.call('POST', '/api/sso', settings({ issuer: `${at}/elsewhere` }));
    assert.equal((await owner.call('POST', `/api/sso/${made.body.id}/test`, {})).status, 400);
    await owner.call('DELETE', `/api/sso/${made.body.id}`);
  });

  test('is not believed with a signature of somebody else, or with none', async () => {
    lie = () => ({ key: stranger });
    assert.equal(await arriving(), '/sign-in?refused=sso_failed');
    lie = (_claims, header) => void Object.assign(header, { alg: 'none' });
    assert.equal(await arriving(), '/sign-in?refused=sso_failed');
  });
});

test('addresses of private networks are not called', async () => {
  const closed = { ...company.context, config: { ...company.context.config, outgoingAllow: [] } };
  const { createProvider } = await import('./providers.ts');
  const permissions = new Set<string>((await owner.call('GET', '/api/me')).body.permissions);
  const caller = { kind: 'local' as const, id: 'local', name: 'x', email: null, role: 'owner', permissions };
  for (const bad of [
    'https://127.0.0.1',
    'https://169.254.169.254/latest',
    'https://localhost',
    'http://example.com',
  ]) {
    const input = settings({ issuer: bad, defaultRole: 'viewer', createsUsers: false, required: false, enabled: true });
    await assert.rejects(createProvider(closed, caller, input as never), { status: 400 }, bad);
  }
});
