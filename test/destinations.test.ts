import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { type Receiver, startReceiver } from '../src/core/destinations/receiver.testing.ts';
import { seen } from '../src/kernel/testing-until.ts';
import { assertAccessible as assertPageAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { drained, Load } from './load.ts';
import { type RunningServer, startServer } from './server.ts';

/** Where pictures of the screens go, for people to look at; none are taken without it. */
const pictures = process.env.SCREENSHOTS;

let server: RunningServer;
let browser: Browser;
let page: Page;
let receiver: Receiver;
let exports: string;
const problems: string[] = [];

before(async () => {
  receiver = await startReceiver();
  exports = mkdtempSync(join(tmpdir(), 'throughline-exports-'));
  server = await startServer({
    environment: { THROUGHLINE_OUTGOING_ALLOW: '127.0.0.1/32', THROUGHLINE_EXPORTS_DIR: exports },
  });
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(30_000);
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  await server.api('POST', '/api/setup', {
    company: 'The gift shop',
    name: 'Ada Nowak',
    email: 'ada@example.com',
    password: 'a long enough password',
  });
  await page.goto(server.url);
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password', { exact: true }).fill('a long enough password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/live/);
});
after(async () => {
  await browser?.close();
  await server?.remove();
  await receiver?.close();
  rmSync(exports, { recursive: true, force: true });
});

const assertAccessible = (what: string) => assertPageAccessible(page, what);

describe('destinations in the console', { timeout: 400_000 }, () => {
  it('begin with a page that says what they are for', async () => {
    await page.goto(`${server.url}/destinations`);
    await page.getByText('Let other systems know what happens').waitFor();
    await assertAccessible('destinations-empty');
  });

  it('are made with an address, tried with a test, and show the answer', async () => {
    await page.getByRole('button', { name: 'New destination' }).click();
    await page.getByLabel('Name', { exact: true }).fill('CRM');
    await page.getByLabel('Address').fill('http://169.254.169.254/latest');
    await page.getByRole('checkbox', { name: /Marketing/ }).check();
    await assertAccessible('destination-new');
    await page.getByRole('button', { name: 'New destination' }).last().click();
    await page.getByText(/is an address of a private network/).waitFor();
    await page.getByLabel('Address').fill(receiver.url);
    await page.getByRole('button', { name: 'New destination' }).last().click();
    await page.getByRole('heading', { name: 'CRM', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByRole('complementary').getByText('204', { exact: true }).waitFor();
    const [got] = await receiver.until(1);
    assert.equal(got!.message.type, 'throughline.test');
    await assertAccessible('delivery');
    await page.getByRole('button', { name: 'Close' }).click();
  });

  it('show the secret that verifies what came, and a new one after a rotation', async () => {
    await page.getByRole('button', { name: 'Show' }).click();
    const old = await page
      .locator('code', { hasText: /^whsec_/ })
      .first()
      .textContent();
    const [got] = receiver.received;
    new Webhook(old!).verify(got!.body, got!.headers as Record<string, string>);
    await page.getByRole('button', { name: 'New secret' }).click();
    await page.getByRole('button', { name: 'New secret' }).click();
    await page.getByText(/Signs beside the new one/).waitFor();
    const fresh = await page
      .locator('code', { hasText: /^whsec_/ })
      .first()
      .textContent();
    assert.notEqual(fresh, old);
  });

  it('hold back what people did not consent to, say so, and send one again', async () => {
    const load = new Load(await server.writeKey('shop'));
    await seen(
      async () => {
        await load.send(server, 5);
        const { items } = await server.api<{ items: { status: string }[] }>('GET', '/api/destinations/1/deliveries');
        return items;
      },
      (items) => items.some((item) => item.status === 'held'),
    );
    await drained(server);
    await page.getByText('No consent: marketing').first().waitFor();
    await assertAccessible('destination');
    await page.getByLabel('Search by event or ID').fill('throughline.test');
    await page.waitForURL(/q=throughline/);
    await page.getByRole('row').getByRole('link', { name: 'throughline.test' }).click();
    const before = receiver.received.length;
    await page.getByRole('button', { name: 'Send again' }).click();
    await receiver.until(before + 1);
    await page.getByRole('complementary').getByText('204', { exact: true }).nth(1).waitFor();
  });

  it('keep every letter and the focus while the page is slow', async () => {
    const late = Promise.withResolvers<void>();
    await page.route(/select-late/, (route) => late.promise.then(() => route.continue()));
    await page.goto(`${server.url}/destinations/1`);
    await page.getByLabel('Delivery', { exact: true }).focus();
    late.resolve();
    await page.locator('input[aria-haspopup="listbox"]:focus').waitFor();
    await page.unrouteAll({ behavior: 'wait' });
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 6 });
    await page.getByLabel('Search by event or ID').pressSequentially('throughline.test');
    await page.waitForURL(/q=throughline\.test$/);
    assert.equal(await page.getByLabel('Search by event or ID').inputValue(), 'throughline.test');
    await devtools.detach();
  });

  it('show what was changed, not what was on its way before', async () => {
    const [underWay, changed, seen] = [1, 2, 3].map(() => Promise.withResolvers<void>());
    const address = /\/api\/destinations\/1$/;
    let asked = 0;
    await page.route(address, async (route) => {
      if (route.request().method() !== 'GET') return route.continue();
      if (asked++ > 0) {
        await seen!.promise;
        return route.continue();
      }
      const response = await route.fetch();
      underWay!.resolve();
      await changed!.promise;
      await route.fulfill({ response });
    });
    await underWay!.promise;
    const told = page.waitForResponse((one) => one.request().method() === 'PATCH');
    await page.getByRole('switch', { name: 'Switched on' }).click({ force: true });
    await (await told).finished();
    const old = page.waitForResponse((one) => address.test(one.url()) && one.request().method() === 'GET');
    changed!.resolve();
    await (await old).finished();
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    assert.equal(await page.getByRole('switch', { name: 'Switched on' }).count(), 0);
    seen!.resolve();
    await page.unrouteAll({ behavior: 'wait' });
    await page.getByRole('switch', { name: 'Switched off' }).click({ force: true });
    await page.getByRole('switch', { name: 'Switched on' }).waitFor({ state: 'attached' });
  });

  it('write files of a past day, and list them', async () => {
    await page.goto(`${server.url}/destinations?new=1`);
    await page.getByLabel('Name', { exact: true }).fill('Warehouse');
    await page.getByRole('radio', { name: /Files in a folder/ }).check();
    await page.getByLabel('Folder', { exact: true }).fill('../outside');
    await page.getByRole('button', { name: 'New destination' }).last().click();
    await page.getByText(/path of plain words/).waitFor();
    await page.getByLabel('Folder', { exact: true }).fill('warehouse');
    await assertAccessible('destination-new-files');
    await page.getByRole('button', { name: 'New destination' }).last().click();
    await page.getByRole('heading', { name: 'Warehouse', level: 1 }).waitFor();
    await page.getByText('Nothing was written yet').waitFor();
    await page.getByRole('button', { name: 'Write a past time' }).click();
    await page.getByLabel('First day').fill(new Date(Date.now() - 86_400_000).toLocaleDateString('sv'));
    await page.getByRole('button', { name: 'Write a past time' }).last().click();
    await page.locator('tbody').getByText('Written', { exact: true }).first().waitFor({ timeout: 60_000 });
    // A period that ends just now is written as well, without anybody asking.
    const { items } = await server.api<{ items: { id: string; cause: string }[] }>(
      'GET',
      `/api${new URL(page.url()).pathname}/runs`,
    );
    const asked = items.find((run) => run.cause === 'again');
    await page.locator(`tbody a[href$="run=${asked?.id}"]`).click();
    await page.getByText('It was asked for').waitFor();
    await assertAccessible('run');
    assert.ok(readdirSync(join(exports, 'warehouse')).some((name) => name.startsWith('date=')));
    await page.goto(`${server.url}/destinations`);
    await page.getByRole('link', { name: 'CRM' }).waitFor();
    await assertAccessible('destinations');
  });

  it('can be read in every language', async () => {
    for (const [language, title] of [
      ['pl', 'Odbiorcy'],
      ['ru', 'Получатели'],
      ['zh', '目的地'],
      ['it', 'Destinazioni'],
    ] as const) {
      const context = await browser.newContext({
        locale: language,
        storageState: await page.context().storageState(),
        viewport: { width: 1440, height: 900 },
      });
      const other = await context.newPage();
      await other.goto(`${server.url}/destinations/1`);
      await other.goto(`${server.url}/destinations`);
      await other.getByRole('heading', { name: title, level: 1 }).waitFor();
      if (pictures) await other.screenshot({ path: `${pictures}/destinations-${language}.png` });
      await context.close();
    }
  });

  it('met no error on the way', () => {
    assert.deepEqual(problems, []);
  });
});
