import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { CDPSession, Browser as Chromium, Page } from 'playwright-core';
import { launchBrowser } from '../../../test/browser.ts';
import { type Company, OWNER, PASSWORD, startCompany } from './testing.ts';

let company: Company;
let chromium: Chromium;
let page: Page;
let devtools: CDPSession;
let authenticator = '';
let address = '';

before(async () => {
  company = await startCompany();
  // Passkeys need a name; of addresses, browsers let only this one do without HTTPS.
  address = company.url.replace('127.0.0.1', 'localhost');
  chromium = await launchBrowser();
  page = await chromium.newPage();
  devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  authenticator = await addAuthenticator();
  await page.goto(`${address}/api/setup`);
});
after(async () => {
  await chromium.close();
  await company.close();
});

async function addAuthenticator(): Promise<string> {
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return authenticatorId;
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
type Said = { status: number; body: any };

const ask = (method: string, path: string, body: unknown = {}): Promise<Said> =>
  page.evaluate(
    async ([method, path, body]) => {
      const response = await fetch(path as string, {
        method: method as string,
        headers: { 'content-type': 'application/json' },
        ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
    [method, path, body],
  );

/** What the console will do: ask for options, let the browser ask its user, and hand back what comes. */
const make = (options: unknown): Promise<object> =>
  page.evaluate(`(async () => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)});
    return (await navigator.credentials.create({ publicKey })).toJSON();
  })()`);
const use = (options: unknown): Promise<object> =>
  page.evaluate(`(async () => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify(options)});
    return (await navigator.credentials.get({ publicKey })).toJSON();
  })()`);

const signInByPassword = () =>
  ask('POST', '/api/auth/sign-in/email', { email: OWNER.email, password: PASSWORD }).then((one) =>
    assert.equal(one.status, 200),
  );

describe('a passkey', () => {
  let id = '';
  let answered: object = {};

  test('is made by the browser and kept under a name', async () => {
    await signInByPassword();
    const options = await ask('POST', '/api/passkeys/options');
    assert.equal(options.status, 200, JSON.stringify(options.body));
    const response = await make(options.body);
    const made = await ask('POST', '/api/passkeys', { name: 'Laptop', response });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    id = made.body.id;
    assert.equal((await ask('POST', '/api/passkeys', { name: 'Twice', response })).status, 409);
    const { items } = (await ask('GET', '/api/passkeys')).body;
    assert.deepEqual(
      items.map((one: { name: string }) => one.name),
      ['Laptop'],
    );
  });

  test('signs in by itself, and counts as a second factor', async () => {
    await ask('POST', '/api/auth/sign-out');
    assert.equal((await ask('GET', '/api/me')).status, 401);
    const options = (await ask('POST', '/api/passkeys/sign-in/options')).body;
    assert.equal(options.allowCredentials?.length ?? 0, 0, 'nobody is told who has one');
    answered = await use(options);
    const done = await ask('POST', '/api/passkeys/sign-in', { response: answered });
    assert.equal(done.status, 200, JSON.stringify(done.body));
    assert.equal((await ask('GET', '/api/me')).body.name, OWNER.name);
    const { items } = (await ask('GET', '/api/sessions')).body;
    assert.equal(items.find((one: { current: boolean }) => one.current).method, 'passkey');
    await ask('PATCH', '/api/access', { secondFactorRequired: true });
    assert.equal((await ask('GET', '/api/staff')).status, 200);
    await ask('PATCH', '/api/access', { secondFactorRequired: false });
  });

  test('answers once, and only what this server asked', async () => {
    assert.equal((await ask('POST', '/api/passkeys/sign-in', { response: answered })).status, 400, 'a replay');
    const challenge = Buffer.from('a challenge of somebody else').toString('base64url');
    const options = (await ask('POST', '/api/passkeys/sign-in/options')).body;
    const foreign = await use({ ...options, challenge });
    assert.equal((await ask('POST', '/api/passkeys/sign-in', { response: foreign })).status, 400);
    const registration = (await ask('POST', '/api/passkeys/options')).body;
    const mixed = await use({ ...options, challenge: registration.challenge });
    assert.equal((await ask('POST', '/api/passkeys/sign-in', { response: mixed })).status, 400, 'another purpose');
    const tampered = structuredClone((await use(options)) as { response: { signature: string } });
    tampered.response.signature = `${tampered.response.signature.slice(0, -6)}AAAAAA`;
    assert.equal((await ask('POST', '/api/passkeys/sign-in', { response: tampered })).status, 400);
  });

  test('has to be unlocked by its owner', async () => {
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId: authenticator, isUserVerified: false });
    const options = (await ask('POST', '/api/passkeys/sign-in/options')).body;
    const answer = await use({ ...options, userVerification: 'discouraged' }).catch(() => null);
    if (answer) assert.equal((await ask('POST', '/api/passkeys/sign-in', { response: answer })).status, 400);
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId: authenticator, isUserVerified: true });
  });

  test('is made only soon after a sign-in, or with the password', async () => {
    await company.context.records.pool.query("UPDATE staff_sessions SET created_at = now() - interval '1 hour'");
    const refused = await ask('POST', '/api/passkeys/options');
    assert.deepEqual([refused.status, refused.body.error.code], [403, 'sign_in_again']);
    assert.equal((await ask('POST', '/api/passkeys/options', { password: 'a wrong password' })).status, 403);
    assert.equal((await ask('POST', '/api/passkeys/options', { password: PASSWORD })).status, 200);
  });

  test('is renamed and removed, by its owner only, and then signs nobody in', async () => {
    assert.equal((await ask('PATCH', `/api/passkeys/${id}`, { name: 'Old laptop' })).body.name, 'Old laptop');
    const other = await company.join('admin', 'Other');
    assert.equal((await other.call('DELETE', `/api/passkeys/${id}`)).status, 404);
    const options = (await ask('POST', '/api/passkeys/sign-in/options')).body;
    const answer = await use(options);
    assert.equal((await ask('DELETE', `/api/passkeys/${id}`)).status, 200);
    assert.equal((await ask('POST', '/api/passkeys/sign-in', { response: answer })).status, 400);
    assert.deepEqual((await ask('GET', '/api/passkeys')).body.items, []);
  });

  test('of who is switched off opens nothing', async () => {
    await company.forget();
    await signInByPassword();
    const response = await make((await ask('POST', '/api/passkeys/options')).body);
    assert.equal((await ask('POST', '/api/passkeys', { name: 'New', response })).status, 201);
    await company.context.records.pool.query('UPDATE staff_users SET disabled_at = now() WHERE email = $1', [
      OWNER.email,
    ]);
    await company.context.records.pool.query('DELETE FROM staff_sessions');
    const answer = await use((await ask('POST', '/api/passkeys/sign-in/options')).body);
    const refused = await ask('POST', '/api/passkeys/sign-in', { response: answer });
    assert.equal(refused.status, 403, JSON.stringify(refused.body));
    assert.equal((await ask('GET', '/api/me')).status, 401);
  });
});
