import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { until } from '../src/kernel/testing-until.ts';
import { assertAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { type MailServer, startMailServer } from './mail-server.ts';
import { type Site, startSite } from './sdk-site.ts';
import { type RunningServer, startServer } from './server.ts';

const CUSTOMER = 'kasia.wrona@customer.example';

type List = { items: { id: string; state: string; email: string; personId: string | null }[] };

let server: RunningServer;
let mail: MailServer;
let site: Site;
let browser: Browser;
/** The customer's page: a visitor of the shop, and later of the page about their data. */
let page: Page;

before(async () => {
  mail = await startMailServer();
  server = await startServer({
    environment: { THROUGHLINE_MAIL_URL: mail.url, THROUGHLINE_MAIL_FROM: 'The shop <privacy@shop.example>' },
  });
  site = await startSite();
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 900, height: 900 }, locale: 'pl-PL' });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
});
after(async () => {
  await browser?.close();
  await site?.close();
  await server?.remove();
  await mail?.close();
});

/** Status of a look at the customer: 200 while they are known, 404 when nobody has the address. */
const known = async (kind: string, value: string) =>
  (
    await fetch(`${server.url}/api/people/lookup?kind=${kind}&value=${encodeURIComponent(value)}`, {
      headers: { authorization: server.authorization },
    })
  ).status;

const look = (what: string) => assertAccessible(page, what, { fullPage: true });

describe('a customer who was seen and wants to be forgotten', { timeout: 180_000 }, () => {
  let visitor = '';

  it('is known after one line of script on a site', async () => {
    const { writeKey } = await server.api<{ writeKey: string }>('POST', '/api/sources', {
      name: 'shop',
      kind: 'browser',
    });
    site.pages['/'] = {
      html: `<!doctype html><title>The shop</title>
        <script async src="${server.url}/sdk.js" data-write-key="${writeKey}"></script><body><h1>Lamps</h1>
        <button id="buy" onclick="throughline.identify('k-77', { email: '${CUSTOMER}', name: 'Kasia Wrona' });
          throughline.track('Order Completed', { total: 42, currency: 'PLN' })">Buy</button>`,
    };
    await page.goto(site.url);
    await page.waitForFunction(
      () => 'anonymousId' in ((globalThis as never as { throughline: object }).throughline ?? {}),
    );
    await page.click('#buy');
    visitor = await page.evaluate(() =>
      (globalThis as never as { throughline: { anonymousId(): string } }).throughline.anonymousId(),
    );
    await until(async () => (await known('email', CUSTOMER)) === 200);
    await until(async () => (await known('anonymous_id', visitor)) === 200);
  });

  it('asks on the page about their data, in their language, and proves it by mail', async () => {
    await page.goto(`${server.url}/your-data`);
    await page.getByRole('heading', { name: 'Twoje dane' }).waitFor();
    await look('your-data');
    await page.getByRole('radio', { name: /Usunąć moje dane/ }).check();
    await page.getByLabel('Twój adres e-mail').fill(CUSTOMER);
    await page.getByRole('button', { name: 'Wyślij prośbę' }).click();
    await page.getByRole('heading', { name: 'Zajrzyj do poczty' }).waitFor();
    await look('your-data-sent');
    const received = await mail.next();
    assert.equal(received.to, CUSTOMER);
    const link = /http\S+token=\S+/.exec(received.text)![0];
    await page.goto(link.replace(/^http:\/\/[^/]+/, server.url));
    const confirm = page.getByRole('button', { name: 'Potwierdzam moją prośbę' });
    await confirm.waitFor();
    await look('your-data-confirm');
    await confirm.click();
    await page.getByText('W trakcie').waitFor();
    await look('your-data-status');
  });

  it('is erased by the desk, told so, and sees that it is done', async () => {
    const request = await until(async () =>
      (await server.api<List>('GET', '/api/requests?state=open')).items.find((one) => one.email === CUSTOMER),
    );
    assert.ok(request.personId);
    await server.api('POST', `/api/requests/${request.id}/fulfil`, {});
    assert.match((await mail.next()).subject, /usuwa Twoje dane/);
    await until(async () => (await known('email', CUSTOMER)) === 404);
    await until(async () => {
      const { items } = await server.api<{ items: { state: string }[] }>('GET', '/api/privacy/erasures');
      return items[0]?.state === 'done';
    });
    await until(async () => {
      const { items } = await server.api<List>('GET', '/api/requests?state=done');
      return items.find((one) => one.id === request.id && one.email === '');
    });
    await page.reload();
    await page.getByText('Wykonana').waitFor();
  });

  it('does not come back by visiting the site again', async () => {
    await page.goto(site.url);
    await page.waitForFunction(
      () => 'anonymousId' in ((globalThis as never as { throughline: object }).throughline ?? {}),
    );
    await page.click('#buy');
    await page.evaluate(() => (globalThis as never as { throughline: { flush(): Promise<void> } }).throughline.flush());
    await until(async () => {
      const { drops } = await server.api<{ drops: { reason: string; count: number }[] }>('GET', '/api/stream');
      return drops.some((drop) => /erased/.test(drop.reason) && drop.count >= 2);
    });
    assert.equal(await known('email', CUSTOMER), 404);
    assert.equal(await known('anonymous_id', visitor), 404);
  });
});
