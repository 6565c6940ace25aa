import assert from 'node:assert/strict';
import { KeyObject } from 'node:crypto';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { inflateRawSync } from 'node:zlib';
import 'reflect-metadata';
import { X509CertificateGenerator } from '@peculiar/x509';
import { type Browser, type Company, OWNER, startCompany } from '../testing.ts';

interface IdpOptions {
  issuer: string;
  cert: Buffer;
  key: Buffer;
  audience: string;
  recipient: string;
  destination: string;
  inResponseTo?: string;
  signResponse?: boolean;
  signatureAlgorithm: string;
  digestAlgorithm: string;
  lifetimeInSeconds?: number;
}
interface Idp {
  getSamlResponse(
    options: IdpOptions,
    user: Record<string, unknown>,
    done: (error: Error | null, response: string | Buffer) => void,
  ): void;
}
/** Auth0's SAML identity provider. */
const samlp = createRequire(import.meta.url)('samlp') as Idp;

const ISSUER = 'https://idp.example.com/saml';
let company: Company;
let owner: Browser;
let id = '';
const pems = new Map<string, { key: Buffer; cert: Buffer }>();

/** A key and a certificate of its own, as a provider has. */
async function pair(name: string): Promise<{ key: Buffer; cert: Buffer }> {
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048 };
  const keys = await crypto.subtle.generateKey({ ...algorithm, publicExponent: new Uint8Array([1, 0, 1]) }, true, [
    'sign',
    'verify',
  ]);
  const cert = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    signingAlgorithm: algorithm,
    keys,
  });
  const key = KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' });
  return { key: Buffer.from(key), cert: Buffer.from(cert.toString('pem')) };
}

before(async () => {
  for (const name of ['idp', 'stranger']) pems.set(name, await pair(name));
  company = await startCompany();
  owner = company.owner;
});
after(() => company.close());

/** What the provider reads from where the browser is sent. */
function asked(location: string) {
  const xml = inflateRawSync(Buffer.from(new URL(location).searchParams.get('SAMLRequest')!, 'base64')).toString();
  const attribute = (name: string) => new RegExp(`\\b${name}="([^"]+)"`).exec(xml)![1]!;
  return {
    id: attribute('ID'),
    acs: attribute('AssertionConsumerServiceURL'),
    entity: /Issuer[^>]*>([^<]+)</.exec(xml)![1]!,
  };
}

interface Person {
  email?: string;
  name?: string;
  subject?: string;
}

/** The provider's answer about somebody, in base64 as it is posted. */
async function answerOf(
  request: ReturnType<typeof asked>,
  person: Person,
  change: Partial<IdpOptions> & { by?: string } = {},
) {
  const { by = 'idp', ...rest } = change;
  const user = {
    id: person.subject ?? person.email,
    displayName: person.name,
    emails: person.email ? [{ value: person.email }] : [],
    name: {},
  };
  const options: IdpOptions = {
    issuer: ISSUER,
    ...pems.get(by)!,
    audience: request.entity,
    recipient: request.acs,
    destination: request.acs,
    inResponseTo: request.id,
    signatureAlgorithm: 'rsa-sha256',
    digestAlgorithm: 'sha256',
    ...rest,
  };
  const xml = await new Promise<string>((resolve, reject) =>
    samlp.getSamlResponse(options, user, (error, response) => (error ? reject(error) : resolve(String(response)))),
  );
  return xml;
}

async function begin(browser = company.browser(), next = '') {
  const begun = await browser.open(`/api/sso/${id}/start${next}`);
  return { browser, request: asked(begun.headers.get('location')!) };
}

/** Posts an answer as the provider's page makes the browser do: from another site, so without our cookies. */
async function post(xml: string): Promise<string> {
  const response = await company.browser().open(`/api/sso/${id}/acs`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'https://idp.example.com',
      'sec-fetch-site': 'cross-site',
    },
    body: new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: '' }),
  });
  assert.equal(response.status, 303);
  return response.headers.get('location')!;
}

async function signIn(person: Person, next = '') {
  const { browser, request } = await begin(company.browser(), next);
  const location = await post(await answerOf(request, person));
  if (!location.startsWith('/api/sso/')) return { browser, location };
  return { browser, location: (await browser.open(location)).headers.get('location')! };
}

const REFUSED = '/sign-in?refused=sso_failed';
const ada = { email: OWNER.email, name: 'Ada L.' };

describe('SAML', () => {
  test('is set up with the provider’s address and certificate, and tells what the provider has to know', async () => {
    const body = {
      kind: 'saml',
      name: 'Okta',
      domains: ['example.com'],
      entryPoint: 'https://idp.example.com/sso',
      idpIssuer: ISSUER,
      certificate: pems.get('idp')!.cert.toString(),
    };
    const wrong = await owner.call('POST', '/api/sso', { ...body, certificate: 'nonsense' });
    assert.equal(wrong.status, 400);
    const made = await owner.call('POST', '/api/sso', body);
    assert.equal(made.status, 201, JSON.stringify(made.body));
    id = made.body.id;
    assert.equal((await owner.call('POST', `/api/sso/${id}/test`, {})).body.facts.certificates, '1');
    const metadata = await (await company.browser().open(made.body.metadataUrl)).text();
    assert.ok(metadata.includes(made.body.callbackUrl));
    assert.match(metadata, /WantAssertionsSigned="true"/);
  });

  test('lets in who is a member, goes on to where they were, and knows them again', async () => {
    const { browser, location } = await signIn(ada, '?next=/sources');
    assert.equal(location, '/sources');
    const me = (await browser.call('GET', '/api/me')).body;
    assert.deepEqual([me.name, me.role], [OWNER.name, 'owner']);
    assert.equal((await signIn(ada)).location, '/');
  });

  test('lets in newcomers only where it may, and only of its domains', async () => {
    const bea = { email: 'bea@example.com', name: 'Bea' };
    assert.equal((await signIn(bea)).location, '/sign-in?refused=sso_unknown');
    await owner.call('PATCH', `/api/sso/${id}`, { createsUsers: true, defaultRole: 'seller' });
    const { browser } = await signIn(bea);
    const me = (await browser.call('GET', '/api/me')).body;
    assert.deepEqual([me.name, me.role], ['Bea', 'seller']);
    assert.equal((await signIn({ email: 'bea@evil.example' })).location, '/sign-in?refused=sso_domain');
  });

  test('refuses an answer that is not signed, or whose signature is of somebody else', async () => {
    const unsigned = (await answerOf((await begin()).request, ada)).replace(
      /<(\w+:)?Signature[\s\S]*?<\/(\w+:)?Signature>/g,
      '',
    );
    assert.doesNotMatch(unsigned, /<(\w+:)?Signature\b/);
    assert.equal(await post(unsigned), REFUSED);
    assert.equal(await post(await answerOf((await begin()).request, ada, { by: 'stranger' })), REFUSED);
  });

  test('refuses an answer that was changed after it was signed', async () => {
    const { request } = await begin();
    const signed = await answerOf(request, { email: 'bea@example.com', name: 'Bea' });
    assert.equal(await post(signed.replaceAll('bea@example.com', OWNER.email)), REFUSED);
  });

  test('refuses an assertion wrapped around the signed one', async () => {
    const { request } = await begin();
    const signed = await answerOf(request, { email: 'bea@example.com', name: 'Bea' });
    const assertion = /<saml:Assertion[\s\S]*<\/saml:Assertion>/.exec(signed)![0];
    const evil = assertion
      .replace(/<(\w+:)?Signature[\s\S]*?<\/(\w+:)?Signature>/, '')
      .replace(/ ID="[^"]+"/, ' ID="_evil"')
      .replaceAll('bea@example.com', OWNER.email);
    for (const forged of [
      signed.replace(assertion, evil + assertion),
      signed.replace(assertion, assertion + evil),
      signed.replace(assertion, evil.replace('</saml:Assertion>', `${assertion}</saml:Assertion>`)),
    ]) {
      assert.notEqual(forged, signed);
      const location = await post(forged);
      if (location === REFUSED) continue;
      // Where the library reads the signed one only, that is who may come in.
      assert.match(location, /finish/);
      const { browser } = await begin();
      await browser.open(location);
      assert.notEqual((await browser.call('GET', '/api/me')).body.email, OWNER.email);
    }
  });

  test('refuses an address with a comment in it, which some would read as another', async () => {
    const { request, browser } = await begin();
    const signed = await answerOf(request, { email: 'bea@example.com.evil.example', name: 'Bea' });
    const location = await post(signed.replaceAll('bea@example.com.evil', 'bea@example.com<!---->.evil'));
    if (location !== REFUSED) {
      await browser.open(location);
      assert.equal((await browser.call('GET', '/api/me')).status, 401);
    }
  });

  test('refuses an answer that was shown before', async () => {
    const { browser, request } = await begin();
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const xml = await answerOf(request, ada);
    const finish = await post(xml);
    assert.equal(await post(xml), REFUSED);
    assert.equal((await browser.open(finish)).headers.get('location'), '/');
    const again = await company.browser().open(finish, { headers: { cookie } });
    assert.equal(again.headers.get('location'), '/sign-in?refused=sso_expired');
  });

  test('refuses an answer that nobody asked for, or that another browser did', async () => {
    const { request, browser } = await begin();
    const { inResponseTo: _none, ...none } = { inResponseTo: undefined };
    const unasked = (await answerOf(request, ada, none)).replaceAll(` InResponseTo="${request.id}"`, '');
    assert.equal(await post(unasked), REFUSED);
    assert.equal(await post(await answerOf({ ...request, id: '_made-up' }, ada)), REFUSED);
    const finish = await post(await answerOf(request, ada));
    const victim = (await begin()).browser;
    assert.equal((await victim.open(finish)).headers.get('location'), '/sign-in?refused=sso_expired');
    assert.equal((await browser.open(finish)).headers.get('location'), '/');
  });

  test('refuses an answer for somebody else, by somebody else, or too late', async () => {
    const changes: Partial<IdpOptions>[] = [
      { audience: 'https://another.example/metadata' },
      { issuer: 'https://another-idp.example' },
      { lifetimeInSeconds: -3600 },
    ];
    for (const change of changes) {
      assert.equal(await post(await answerOf((await begin()).request, ada, change)), REFUSED, JSON.stringify(change));
    }
  });

  test('refuses what is no answer at all', async () => {
    const bomb = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "${'a'.repeat(1000)}"><!ENTITY b "${'&a;'.repeat(1000)}">]><x>&b;&b;</x>`;
    for (const nonsense of ['', 'nonsense', '<x/>', bomb])
      assert.equal(await post(nonsense), REFUSED, nonsense.slice(0, 20));
    const large = await company.browser().open(`/api/sso/${id}/acs`, { method: 'POST', body: 'x'.repeat(300_000) });
    assert.equal(large.headers.get('location'), '/sign-in?refused=too_large');
  });
});
