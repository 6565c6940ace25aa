import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible as assertPageAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { type RunningServer, startServer } from './server.ts';

const OWNER = {
  company: 'The gift shop',
  name: 'Ada Nowak',
  email: 'ada@example.com',
  password: 'a long enough password',
};

let server: RunningServer;
let browser: Browser;
let page: Page;
const problems: string[] = [];

before(async () => {
  server = await startServer();
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(10_000);
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('401')) problems.push(message.text());
  });
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

/** The sample company is loaded and stored. */
async function loaded(): Promise<void> {
  for (;;) {
    const { items } = await server.api<{ items: { state: string }[] }>('GET', '/api/imports');
    const { partitions } = await server.api<{ partitions: { lagEvents: number }[] }>('GET', '/api/stream');
    const stored = partitions.every((one) => one.lagEvents === 0);
    if (items.length > 0 && items.every((one) => one.state === 'done') && stored) return;
    await sleep(100);
  }
}

const assertAccessible = (what: string) => assertPageAccessible(page, what);

describe('the console, for the first owner', { timeout: 180_000 }, () => {
  it('is set up and signed in to in one step', async () => {
    await page.goto(server.url);
    await page.getByRole('heading', { name: 'Set up Throughline' }).waitFor();
    await assertAccessible('set-up');
    await page.getByLabel('Company').fill(OWNER.company);
    await page.getByLabel('Your name').fill(OWNER.name);
    await page.getByLabel('E-mail').fill(OWNER.email);
    await page.getByLabel('Password', { exact: true }).fill(OWNER.password);
    await page.getByRole('button', { name: 'Create the owner’s account' }).click();
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
    await page.getByText('Your customers will be here').waitFor();
    await assertAccessible('people-empty');
  });

  it('loads the sample company from the empty screen and finds a customer in it', async () => {
    await page.goto(`${server.url}/people`);
    await page.getByRole('button', { name: 'Load the sample company' }).click();
    await loaded();
    await page.locator('[data-row]').nth(5).waitFor();
    // Who came last is found a moment later; the list asks once for what is typed.
    for (;;) {
      const { items } = await server.api<{ items: object[] }>('GET', '/api/people?q=17850');
      if (items.length > 0) break;
      await sleep(100);
    }
    await page
      .getByRole('searchbox', { name: 'Search people' })
      .or(page.getByLabel('Search people'))
      .first()
      .fill('17850');
    const row = page.getByRole('link', { name: /17850/ }).first();
    await row.waitFor();
    await assertAccessible('people');
    await row.click();
    await page
      .getByText(/Ordered .* items for/)
      .first()
      .waitFor();
    await assertAccessible('person');
    await page
      .getByText(/Ordered .* items for/)
      .first()
      .click();
    await page.waitForURL(/event=/);
    await assertAccessible('event');
    await page.goBack();
  });

  it('makes a source and follows a test event the whole way', async () => {
    await page.goto(`${server.url}/sources`);
    await page
      .getByRole('button', { name: /New source|Connect a source/ })
      .first()
      .click();
    await page.getByLabel('Name', { exact: true }).fill('shop');
    await page.getByRole('button', { name: 'New source' }).last().click();
    await page.getByText('What to paste').first().waitFor();
    await page
      .getByText(/wk_[\w-]+/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Send a test event' }).click();
    await page
      .getByText(/It went the whole way/)
      .first()
      .waitFor({ timeout: 15_000 });
    await assertAccessible('source');
  });

  it('shows events as they arrive, and what went into quarantine with its reason', async () => {
    await page.goto(`${server.url}/live`);
    await page.getByRole('heading', { name: 'Live', level: 1 }).waitFor();
    const key = await server.writeKey('live');
    const send = (event: object) =>
      fetch(`${server.url}/v1/track`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
        body: JSON.stringify(event),
      });
    await send({ userId: 'live-1', event: 'Lantern Lit', properties: { colour: 'red' } });
    await page.getByText('Lantern Lit').first().waitFor();
    // What comes between the answer about before and the beginning of the stream is not lost.
    let open = () => {};
    const held = new Promise<void>((resolve) => (open = resolve));
    await page.route(/api\/live$/, async (route) => {
      await held;
      await route.continue();
    });
    const before = page.waitForResponse(/api\/live\/recent/);
    await page.reload();
    await (await before).finished();
    await send({ userId: 'live-1', event: 'Lamp Trimmed' });
    for (;;) {
      const { items } = await server.api<{ items: { name: string }[] }>('GET', '/api/live/recent');
      if (items.some(({ name }) => name === 'Lamp Trimmed')) break;
      await sleep(100);
    }
    open();
    await page.getByText('Lamp Trimmed').first().waitFor();
    await page.unroute(/api\/live$/);
    await send({ userId: 'live-1', event: 'Bad', properties: 'not an object' });
    await assertAccessible('live');
    for (;;) {
      const { items } = await server.api<{ items: object[] }>('GET', '/api/quarantine');
      if (items.length > 0) break;
      await sleep(100);
    }
    await page.goto(`${server.url}/quarantine`);
    await page.getByText('properties must be an object').first().waitFor();
    await assertAccessible('quarantine');
  });

  it('tells how the system is, and works on a telephone', async () => {
    await page.goto(`${server.url}/system`);
    await page
      .getByText('All is well')
      .or(page.getByText(/things? to look at/))
      .first()
      .waitFor();
    await assertAccessible('system');
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${server.url}/people`);
    await page.getByRole('button', { name: 'Open the navigation' }).waitFor();
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
    await page.locator('[data-row]').first().waitFor();
    await assertAccessible('people-phone');
    const wide = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
    assert.equal(wide, false, 'the page does not scroll sideways');
  });

  it('signs out, and signs in again only with the right password', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`${server.url}/people`);
    await page.getByRole('button', { name: /appearance, language, sign out/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await assertAccessible('sign-in');
    await page.getByLabel('E-mail').fill(OWNER.email);
    await page.getByLabel('Password', { exact: true }).fill('a wrong password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('You are not signed in').waitFor();
    await page.getByLabel('Password', { exact: true }).fill(OWNER.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation').first().waitFor();
    assert.deepEqual(problems, [], 'no error in the browser');
  });
});
