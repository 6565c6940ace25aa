import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { type MailServer, startMailServer } from './mail-server.ts';
import { type RunningServer, startServer } from './server.ts';

const PASSWORD = 'a long enough password';
const NEW_PASSWORD = 'another long password';
const OWNER = { company: 'The gift shop', name: 'Ada Nowak', email: 'ada@example.com' };
const CUSTOMER = { name: 'Zofia Tajemnicza', email: 'zofia@customer.example' };

let server: RunningServer;
let mail: MailServer;
let browser: Browser;
let url = '';
let ada: Page;
const people: Record<string, Page> = {};
const problems: string[] = [];

before(async () => {
  mail = await startMailServer();
  server = await startServer({
    environment: { THROUGHLINE_MAIL_URL: mail.url, THROUGHLINE_MAIL_FROM: 'desk@shop.example' },
  });
  // Passkeys belong to a name; an IP address has none.
  url = server.url.replace('127.0.0.1', 'localhost');
  browser = await launchBrowser();
  ada = await newPage();
  const key = await server.writeKey('shop');
  await fetch(`${server.url}/v1/identify`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ userId: 'u-1', traits: { ...CUSTOMER, plan: 'gold' } }),
  });
});
after(async () => {
  await browser?.close();
  await server?.remove();
  await mail?.close();
});

async function newPage(locale = 'en-GB'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  return page;
}

/** The link in the next mail, at the name that the tests use. */
async function nextLink(to: string): Promise<string> {
  const message = await mail.next();
  assert.equal(message.to, to);
  const link = /https?:\/\/\S+#\S+/.exec(message.text)?.[0] ?? '';
  assert.notEqual(link, '', message.text);
  return link.replace('127.0.0.1', 'localhost');
}

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('complementary').getByLabel(label, { exact: true }).first().click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code that an authenticator app shows for a key (RFC 6238), in steps of half a minute from now. */
function appCode(secret: string, step = 0): string {
  const bits = [...secret.replaceAll(/\s|=/g, '')]
    .map((one) => BASE32.indexOf(one).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + step));
  const hash = createHmac('sha1', key).update(counter).digest();
  const number = hash.readUInt32BE(hash.at(-1)! & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: /appearance, language, sign out/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}

describe('a company and its staff', { timeout: 600_000 }, () => {
  it('begins with an owner, who is alone at first', async () => {
    await ada.goto(url);
    await ada.getByLabel('Company').fill(OWNER.company);
    await ada.getByLabel('Your name').fill(OWNER.name);
    await ada.getByLabel('E-mail').fill(OWNER.email);
    await ada.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await ada.getByRole('button', { name: 'Create the owner’s account' }).click();
    await ada.getByRole('navigation').first().waitFor();
    await ada.goto(`${url}/staff`);
    await ada.getByText('You are alone here so far').waitFor();
  });

  for (const [role, name] of [
    ['Analyst', 'Anna'],
    ['Viewer', 'Victor'],
    ['Seller', 'Sam'],
  ] as const) {
    it(`lets its owner invite ${name}, who accepts by the link in the mail and is in`, async () => {
      const email = `${name.toLowerCase()}@example.com`;
      await ada.goto(`${url}/staff`);
      await ada.getByRole('button', { name: 'Invite a colleague' }).click();
      await ada.getByRole('complementary').getByLabel('E-mail').fill(email);
      await choose(ada, 'Role', role);
      if (role === 'Analyst') await assertAccessible(ada, 'invite');
      await ada.getByRole('button', { name: 'Send the invitation' }).click();
      await ada.getByRole('table', { name: 'Open invitations' }).getByText(email).waitFor();
      if (role === 'Seller') await assertAccessible(ada, 'staff-invitations');
      const link = await nextLink(email);
      const page = await newPage();
      people[name] = page;
      await page.goto(link);
      await page.getByText(`${OWNER.name} invites you to work here as: ${role}.`).waitFor();
      await page.getByLabel('Your name').fill(name);
      await page.getByLabel('Password', { exact: true }).fill('short');
      await page.getByText('3 more characters').waitFor();
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      if (role === 'Analyst') await assertAccessible(page, 'join');
      await page.getByRole('button', { name: 'Accept and sign in' }).click();
      await page.getByRole('navigation').first().waitFor();
      const again = await newPage();
      await again.goto(link);
      await again.getByText('This link does not work any more.').waitFor();
      if (role === 'Analyst') await assertAccessible(again, 'join-gone');
      await again.context().close();
    });
  }

  it('shows no personal data to an analyst, and says so', async () => {
    const anna = people.Anna!;
    for (;;) {
      const { items } = await server.api<{ items: unknown[] }>('GET', '/api/people');
      if (items.length > 0) break;
      await sleep(100);
    }
    await anna.goto(`${url}/people`);
    await anna.getByPlaceholder('By number or identifier').waitFor();
    await anna.getByRole('link', { name: /^#\d+$/ }).waitFor();
    await anna.getByText('Hidden').first().waitFor();
    await assertAccessible(anna, 'people-hidden');
    await anna.getByRole('link', { name: /^#\d+$/ }).click();
    await anna.getByText('Your role does not see personal data').first().waitFor();
    await anna.getByText('gold').waitFor();
    const shown = (await anna.locator('body').textContent()) ?? '';
    assert.doesNotMatch(shown, /zofia|tajemnicza/i);
    await assertAccessible(anna, 'person-hidden');
  });

  it('refuses a seller the colleagues, in the place of the page; and a viewer changes nothing', async () => {
    const sam = people.Sam!;
    await sam.goto(`${url}/staff`);
    await sam.getByText('This page is not open to you').waitFor();
    assert.equal(await sam.getByRole('link', { name: 'Colleagues' }).count(), 0);
    const victor = people.Victor!;
    await victor.goto(`${url}/keys`);
    await victor.getByText('This page is not open to you').waitFor();
    await victor.goto(`${url}/staff`);
    await victor.getByRole('table', { name: 'Colleagues' }).getByText(OWNER.email).waitFor();
    assert.equal(await victor.getByRole('button', { name: 'Invite a colleague' }).count(), 0);
    for (const name of ['Sign-in', 'Audit log', 'API keys']) {
      assert.equal(await victor.getByRole('link', { name, exact: true }).count(), 0, name);
    }
  });

  it('has roles of its own, which limit what is seen at once', async () => {
    await ada.goto(`${url}/roles`);
    await ada.getByRole('link', { name: 'Viewer' }).waitFor();
    await assertAccessible(ada, 'roles');
    await ada.goto(`${url}/roles?tab=matrix`);
    await ada.getByRole('region', { name: 'What each role may do' }).waitFor();
    await assertAccessible(ada, 'roles-matrix');
    await ada.goto(`${url}/roles?role=viewer`);
    await ada.getByRole('button', { name: 'Duplicate' }).click();
    await ada.getByLabel('Name', { exact: true }).fill('Catalogue keeper');
    const panel = ada.getByRole('complementary');
    for (const app of ['Staff', 'People', 'Sources', 'System']) {
      const box = panel.getByRole('checkbox', { name: app, exact: true });
      await box.check();
      await box.uncheck();
    }
    await assertAccessible(ada, 'role');
    await panel.getByRole('button', { name: 'New role' }).click();
    await ada.getByText('There is a new role, Catalogue keeper.').waitFor();
    await ada.goto(`${url}/staff`);
    await ada.getByRole('link', { name: 'Victor' }).click();
    await choose(ada, 'Role', 'Catalogue keeper');
    await ada.getByText('Victor now has the role Catalogue keeper.').waitFor();
    await assertAccessible(ada, 'member');
    // Another role ends the sessions.
    const victor = people.Victor!;
    await victor.goto(`${url}/catalogue`);
    await victor.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(victor, 'victor@example.com', PASSWORD);
    await victor.getByRole('navigation').first().waitFor();
    assert.equal(await victor.getByRole('link', { name: 'People', exact: true }).count(), 0);
    await victor.goto(`${url}/people`);
    await victor.getByText('This page is not open to you').waitFor();
    await victor.goto(`${url}/catalogue`);
    await victor.getByRole('heading', { name: 'Catalogue', level: 1 }).waitFor();
  });

  let secret = '';
  let backup = '';
  it('sets up a second factor with an authenticator app and signs in with it', async () => {
    const sam = people.Sam!;
    await sam.goto(`${url}/account`);
    await sam.getByRole('heading', { name: 'Your account' }).waitFor();
    await sam.getByText('Not set up').waitFor();
    await assertAccessible(sam, 'account');
    await sam.getByRole('button', { name: 'Set up the app' }).click();
    await sam.getByLabel('Your password').fill(PASSWORD);
    await sam.getByRole('button', { name: 'Go on' }).click();
    await sam.getByRole('img', { name: /QR code/ }).waitFor();
    secret = (await sam.getByRole('complementary').locator('code').first().textContent()) ?? '';
    await assertAccessible(sam, 'account-qr');
    await sam.getByLabel('The code that the app shows now').fill('000000');
    await sam.getByRole('button', { name: 'Verify' }).click();
    await sam.getByText('The code does not fit').waitFor();
    await sam.getByLabel('The code that the app shows now').fill(appCode(secret));
    await sam.getByRole('button', { name: 'Verify' }).click();
    const codes = sam.getByRole('list', { name: 'Backup codes' }).getByRole('listitem');
    await codes.first().waitFor();
    assert.equal(await codes.count(), 10);
    backup = (await codes.first().textContent()) ?? '';
    await assertAccessible(sam, 'account-codes');
    await sam.getByRole('button', { name: 'I have kept them' }).click();
    await signOut(sam);
    await signIn(sam, 'sam@example.com', PASSWORD);
    await sam.getByRole('heading', { name: 'One more step' }).waitFor();
    await assertAccessible(sam, 'second-step');
    await sam.getByLabel('Code of the app').fill(appCode(secret, 1));
    await sam.getByRole('button', { name: 'Sign in', exact: true }).click();
    await sam.getByRole('navigation').first().waitFor();
    await signOut(sam);
    await signIn(sam, 'sam@example.com', PASSWORD);
    await sam.getByRole('button', { name: 'Use a backup code' }).click();
    await sam.getByLabel('Backup code').fill(backup);
    await sam.getByRole('button', { name: 'Sign in', exact: true }).click();
    await sam.getByRole('navigation').first().waitFor();
  });

  it('lets in with a passkey alone', async () => {
    const anna = people.Anna!;
    const devtools = await anna.context().newCDPSession(anna);
    await devtools.send('WebAuthn.enable');
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
    await anna.goto(`${url}/account`);
    await anna.getByRole('button', { name: 'Add a passkey' }).click();
    await anna.getByRole('complementary').getByLabel('Name').fill('Laptop');
    await anna.getByRole('button', { name: 'Go on' }).click();
    await anna.getByText('The passkey Laptop is added.').waitFor();
    await anna.getByRole('button', { name: 'Rename Laptop' }).click();
    const passkey = anna
      .getByRole('listitem')
      .filter({ has: anna.getByRole('textbox', { name: 'Name', exact: true }) });
    await passkey.getByRole('textbox', { name: 'Name', exact: true }).fill('Work laptop');
    await passkey.getByRole('button', { name: 'Save' }).click();
    await anna.getByRole('button', { name: 'Rename Work laptop' }).waitFor();
    await assertAccessible(anna, 'account-passkey');
    // Nobody touches it until the button asks: the page offers passkeys by itself, too.
    const present = (enabled: boolean) =>
      devtools.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled });
    await present(false);
    const options = '**/api/passkeys/sign-in/options';
    const offered = anna.waitForRequest(options);
    await signOut(anna);
    await offered;
    // The page asks again once the button has ended its offer: only who is asked then is present.
    await anna.route(options, async (route) => {
      await present(true);
      await route.continue();
    });
    await anna.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await anna.waitForURL((at) => at.pathname !== '/sign-in');
    await anna.getByRole('navigation').first().waitFor();
    await anna.goto(`${url}/account`);
    await anna.getByText('by passkey').waitFor();
  });

  it('mails a link to who forgot the password, and the old one ends', async () => {
    const page = await newPage();
    await page.goto(`${url}/sign-in`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await assertAccessible(page, 'sign-in');
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByRole('heading', { name: 'Forgotten password' }).waitFor();
    await page.getByLabel('E-mail').fill('victor@example.com');
    await assertAccessible(page, 'forgotten');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByText('Look into your mail').waitFor();
    const link = await nextLink('victor@example.com');
    await page.goto(link);
    await page.getByLabel('New password', { exact: true }).fill(NEW_PASSWORD);
    await assertAccessible(page, 'reset-password');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByText('Your password is set').waitFor();
    await signIn(page, 'victor@example.com', PASSWORD);
    await page.getByText('The address or the password is wrong.').waitFor();
    await signIn(page, 'victor@example.com', NEW_PASSWORD);
    await page.getByRole('navigation').first().waitFor();
    await page.context().close();
  });

  it('leads whose session is ended elsewhere to the sign-in', async () => {
    const sam = people.Sam!;
    await sam.goto(`${url}/people`);
    await sam.getByRole('heading', { name: 'People', level: 1 }).waitFor();
    await ada.goto(`${url}/staff`);
    await ada.getByRole('link', { name: 'Sam' }).click();
    const panel = ada.getByRole('complementary');
    await panel.getByRole('button', { name: 'Sign out', exact: true }).first().click();
    await ada.getByText('The session has ended.').waitFor();
    await sam.getByLabel('Search people').fill('zofia');
    await sam.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('makes keys with a part of a role, and says when they end', async () => {
    await ada.goto(`${url}/keys?new=1`);
    const panel = ada.getByRole('complementary');
    await panel.getByLabel('Name', { exact: true }).fill('Nightly report');
    await panel.getByText('Only a part').click();
    await panel.getByRole('checkbox', { name: 'Live', exact: true }).check();
    await assertAccessible(ada, 'key');
    await panel.getByRole('button', { name: 'New API key' }).click();
    const key = await panel.locator('code').first().textContent();
    const read = (path: string) => fetch(server.url + path, { headers: { authorization: `Bearer ${key}` } });
    assert.equal((await read('/api/live/recent')).status, 200);
    assert.equal((await read('/api/people')).status, 403);
    await panel.getByRole('button', { name: 'I have copied it' }).click();
    await ada.getByText('in 90 days').waitFor();
    await assertAccessible(ada, 'keys');
  });

  it('asks everybody for a second factor, and leads who has none to setting it up and nowhere else', async () => {
    await ada.goto(`${url}/access`);
    await ada.getByRole('switch', { name: 'Everybody needs a second factor' }).waitFor();
    await assertAccessible(ada, 'access');
    await ada.getByRole('switch', { name: 'Everybody needs a second factor' }).click();
    await ada.getByText('Set up your own second factor').waitFor();
    await ada.goto(`${url}/account?open=app`);
    await ada.getByLabel('Your password').fill(PASSWORD);
    await ada.getByRole('button', { name: 'Go on' }).click();
    await ada.getByRole('img', { name: /QR code/ }).waitFor();
    const own = (await ada.getByRole('complementary').locator('code').first().textContent()) ?? '';
    await ada.getByLabel('The code that the app shows now').fill(appCode(own));
    await ada.getByRole('button', { name: 'Verify' }).click();
    await ada.getByRole('button', { name: 'I have kept them' }).click();
    await ada.goto(`${url}/access`);
    await ada.getByRole('switch', { name: 'Everybody needs a second factor' }).click();
    await ada.getByText('From now on everybody needs a second factor.').waitFor();
    const victor = await newPage();
    await signIn(victor, 'victor@example.com', NEW_PASSWORD);
    await victor.getByText('Your company asks everybody for a second factor').waitFor();
    await victor.goto(`${url}/catalogue`);
    await victor.waitForURL(/\/account/);
    await victor.getByText('Your company asks everybody for a second factor').waitFor();
    await victor.getByText('Not set up').waitFor();
    await assertAccessible(victor, 'account-missing');
    await victor.context().close();
  });

  it('sets up single sign-on and a directory, and shows what to enter elsewhere', async () => {
    await ada.goto(`${url}/access?sso=new`);
    const panel = ada.getByRole('complementary');
    await panel.getByLabel('Name', { exact: true }).fill('Gift shop sign-in');
    await panel.getByLabel('Domains of addresses').fill('example.com');
    await panel.getByLabel('Issuer').fill('https://127.0.0.1:1/');
    await panel.getByLabel('Client ID').fill('throughline');
    await panel.getByLabel('Client secret').fill('not a real one');
    await panel.getByRole('button', { name: 'Add single sign-on' }).click();
    await panel.getByText('Nothing was changed').waitFor();
    await panel.getByLabel('Issuer').fill('https://login.example.com/');
    await assertAccessible(ada, 'sso-new');
    await panel.getByRole('button', { name: 'Add single sign-on' }).click();
    await panel.getByText('To enter at the provider').waitFor();
    await panel.getByText(/\/api\/sso\/sso_[\w-]+\/callback/).waitFor();
    await assertAccessible(ada, 'sso');
    await ada.goto(`${url}/access?token=new`);
    await panel.getByLabel('Directory').fill('Okta');
    await panel.getByRole('button', { name: 'Add a directory' }).click();
    await panel.getByText(/^scim_/).waitFor();
    await panel.getByText(/\/scim\/v2$/).waitFor();
    await assertAccessible(ada, 'scim');
    const page = await newPage('pl-PL');
    await page.goto(`${url}/sign-in`);
    await page.getByRole('button', { name: 'Zaloguj się przez Gift shop sign-in' }).waitFor();
    await page.goto(`${url}/sign-in?refused=sso_domain`);
    await page.getByText('Adresy takie jak Twój nie mogą logować się w ten sposób.').waitFor();
    await assertAccessible(page, 'sign-in-polish');
    await page.context().close();
  });

  it('has all of it in the audit log, in sentences, to filter and to take out', async () => {
    await ada.goto(`${url}/audit`);
    const table = ada.getByRole('table', { name: 'Audit log' });
    await table.waitFor();
    await assertAccessible(ada, 'audit');
    const seen = async (query: string, ...sentences: string[]) => {
      await ada.goto(`${url}/audit?${query}`);
      for (const sentence of sentences) await table.getByText(sentence, { exact: true }).first().waitFor();
    };
    await seen('action=/api/invitations', 'Invited a colleague', 'Accepted an invitation');
    await seen('action=sign-in', 'Signed in, by passkey', 'Signed in, by password and code', 'Tried to sign in');
    await seen('action=/api/roles', 'Made a role');
    await seen('action=/api/staff', 'Changed a colleague’s role or state', 'Ended a colleague’s sessions');
    await seen('action=/api/sso', 'Added single sign-on');
    await seen('actor=Anna&action=GET /api/people', 'Looked at a person', 'Looked at the list of people');
    await table
      .getByRole('link', { name: /^Person #\d+$/ })
      .first()
      .waitFor();
    await table.getByRole('link', { name: 'Looked at a person', exact: true }).first().click();
    await ada.getByText(/^GET \/api\/people\/\{id\}.* · 200$/).waitFor();
    await assertAccessible(ada, 'audit-entry');
    const taken = await ada.evaluate("fetch('/api/audit?format=csv').then((answer) => answer.text())");
    assert.match(String(taken), /Anna/);
    await seen('action=format=csv', 'List taken out as a file: Audit log');
  });

  it('removes a colleague for good, after asking', async () => {
    await ada.goto(`${url}/staff`);
    await ada.getByRole('link', { name: 'Sam' }).click();
    await ada.getByRole('button', { name: 'Remove', exact: true }).click();
    await ada.getByText('Sam loses every way in, for good.', { exact: false }).waitFor();
    await ada.getByRole('button', { name: 'Remove for good' }).click();
    await ada.getByText('Sam is removed.').waitFor();
    await ada.getByRole('link', { name: 'Anna' }).click();
    await ada.getByRole('button', { name: 'Switch off' }).click();
    await ada.getByText('Anna is switched off and signed out.').waitFor();
    await ada.getByRole('button', { name: 'Undo' }).last().click();
    await ada.getByText('Taken back').waitFor();
    assert.deepEqual(problems, [], 'no error in the browser');
  });
});
