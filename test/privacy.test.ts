import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { assertAccessible as assertPageAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { signUpOwner } from './owner.ts';
import { type RunningServer, startServer } from './server.ts';

let server: RunningServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let send: (path: string, body: object) => Promise<unknown>;
const problems: string[] = [];

const found = async (typed: string) =>
  (await server.api<{ items: { id: string; displayName: string }[] }>('GET', `/api/people?q=${typed}`)).items;

before(async () => {
  server = await startServer();
  browser = await launchBrowser();
  context = await browser.newContext({
    viewport: { width: 1440, height: 1000 },
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(10_000);
  context.on('weberror', (error) => problems.push(String(error.error())));
  await signUpOwner(context, server.url);
  const key = await server.writeKey('Shop');
  send = (path, body) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  await send('/v1/identify', { userId: 'zoe-1', traits: { name: 'Zoë Müller', email: 'zoe@example.com' } });
  await send('/v1/track', {
    userId: 'zoe-1',
    event: 'Consent Updated',
    properties: { purposes: { analytics: true, marketing: false }, textVersion: '1', language: 'en' },
    context: { page: { url: 'https://shop.example/welcome' } },
  });
  await send('/v1/track', { userId: 'ben-1', event: 'Bought', context: { traits: { email: 'ben@example.com' } } });
  for (const name of ['zoe', 'ben']) while ((await found(name)).length === 0) await sleep(100);
  page = await context.newPage();
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

const assertAccessible = (what: string) => assertPageAccessible(page, `privacy-${what}`);

const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' });

describe('privacy in the console', { timeout: 180_000 }, () => {
  it('shows the purposes with their legal bases, and adds one', async () => {
    await page.goto(`${server.url}/privacy`);
    await page.getByRole('heading', { name: 'Privacy', level: 1 }).waitFor();
    await page.getByText('Contract', { exact: true }).waitFor();
    await assertAccessible('purposes');
    await button('New purpose').click();
    await page.getByLabel('Key').fill('security');
    await page.getByLabel('Name', { exact: true }).fill('Security');
    await button('Save').click();
    await page.getByRole('cell', { name: /Security/ }).waitFor();
  });

  it('publishes a text, and refuses to change it', async () => {
    await page.goto(`${server.url}/privacy?tab=texts`);
    await page.getByText('No texts yet').waitFor();
    await assertAccessible('texts-empty');
    const publish = async (body: string) => {
      await button('New text').click();
      await page.getByLabel('Version').fill('1');
      await page.getByLabel('Text', { exact: true }).fill(body);
      await button('Publish').click();
    };
    await publish('We count what is looked at.');
    await page.getByRole('cell', { name: 'We count what is looked at.' }).waitFor();
    await page.getByRole('complementary').waitFor({ state: 'detached' });
    await publish('Something else.');
    await page.getByText('Give the new wording a new version').first().waitFor();
    await assertAccessible('texts-refused');
  });

  it('says what a rule of retention would remove before it is saved', async () => {
    await page.goto(`${server.url}/privacy?tab=retention`);
    await page.getByText('Everything is kept for ever').waitFor();
    await button('New rule').click();
    await page.getByLabel('Event name').fill('Heartbeat');
    await page.getByLabel('Days kept').fill('90');
    await button('See what it would remove').click();
    await page.getByText('Now it would remove nothing.').waitFor();
    await assertAccessible('retention-preview');
    await button('Save').click();
    await page.getByRole('cell', { name: 'Heartbeat' }).waitFor();
    await assertAccessible('retention');
  });

  it('shows on a person what was said about consent, and notes what a colleague is told', async () => {
    const [zoe] = await found('zoe');
    await page.goto(`${server.url}/people/${zoe!.id}`);
    await button('Consent, export, erasure').click();
    await page.getByRole('heading', { name: /Privacy of/ }).waitFor();
    await page.getByText('What was said').click();
    await page.getByText('https://shop.example/welcome').first().waitFor();
    await page.getByText('text 1').first().waitFor();
    await button('Note that Marketing is agreed to').click();
    await page.getByText('entered by a colleague').waitFor();
    await page.getByLabel('Reason').fill('disputes the address');
    await button('Restrict').click();
    await page.getByText('Restricted: the data is kept and not used').first().waitFor();
    await assertAccessible('person');
    await button('Lift the restriction').click();
    await button('Restrict').waitFor();
  });

  it('makes an archive that can be downloaded', async () => {
    await button('Make an archive').click();
    const link = page.getByRole('link', { name: 'Download' });
    await link.waitFor({ timeout: 15_000 });
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    const bytes = readFileSync(await download.path());
    assert.equal(bytes.subarray(0, 2).toString(), 'PK');
    assert.match(download.suggestedFilename(), /^person-\d+\.zip$/);
  });

  it('erases a person only after its name is typed, and says when it is done', async () => {
    await button('Erase this person').click();
    await page.getByText('What goes:').waitFor();
    const erase = button('Erase for good');
    assert.equal(await erase.isDisabled(), true);
    await page.getByLabel(/To confirm, type/).fill('Zoe');
    assert.equal(await erase.isDisabled(), true);
    await page.getByLabel(/To confirm, type/).fill('zoë müller');
    await assertAccessible('erase');
    await erase.click();
    await page.waitForURL(/tab=erasures/);
    await page.getByText('Erased', { exact: true }).waitFor({ timeout: 30_000 });
    await assertAccessible('erasures');
    assert.deepEqual(await found('zoe'), []);
    assert.equal((await found('ben')).length, 1);
  });

  it('keeps the erased person out until it comes back knowingly', async () => {
    await page.goto(`${server.url}/privacy?tab=suppressed`);
    await page.getByRole('cell', { name: 'E-mail' }).waitFor();
    await assertAccessible('suppressed');
    await send('/v1/identify', { userId: 'zoe-1', traits: { name: 'Zoë Müller', email: 'zoe@example.com' } });
    for (;;) {
      const { drops } = await server.api<{ drops: { reason: string }[] }>('GET', '/api/stream');
      if (drops.some(({ reason }) => /erased/.test(reason))) break;
      await sleep(100);
    }
    assert.deepEqual(await found('zoe'), []);
    await button('Let in again').first().click();
    await page.getByLabel('Value').fill('ZOE@example.com');
    await page.getByRole('complementary').getByRole('button', { name: 'Let in again' }).click();
    await page.getByText('Nobody is kept out').waitFor();
    await send('/v1/identify', { userId: 'zoe-1', traits: { name: 'Zoë Müller' } });
    while ((await found('zoe')).length === 0) await sleep(100);
    assert.deepEqual(problems, [], 'no error in the browser');
  });
});
