import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible as assertPageAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { becomeOwner } from './owner.ts';
import { type RunningServer, startServer } from './server.ts';

let server: RunningServer;
let browser: Browser;
let page: Page;
const problems: string[] = [];
const DAY = 86_400_000;

interface Audience {
  id: number;
  name: string;
  size: number | null;
  current: boolean;
}

/** Twelve customers: all looked, eight bought, of whom four bought again; three are on the plan "pro". */
async function customers(): Promise<void> {
  const key = await server.writeKey('shop');
  const at = (daysAgo: number) => new Date(Date.now() - daysAgo * DAY).toISOString();
  const batch: object[] = [];
  for (let n = 0; n < 12; n++) {
    const userId = `customer-${n}`;
    const track = (event: string, daysAgo: number, properties = {}) =>
      batch.push({ type: 'track', event, userId, timestamp: at(daysAgo), messageId: crypto.randomUUID(), properties });
    batch.push({
      type: 'identify',
      userId,
      messageId: crypto.randomUUID(),
      traits: { email: `customer${n}@example.com`, name: `Customer ${n}`, plan: n < 3 ? 'pro' : 'free' },
    });
    track('Product Viewed', 5, { category: n % 2 ? 'toys' : 'garden' });
    if (n < 8) track('Order Completed', 4, { total: 10 * (n + 1) });
    if (n < 4) track('Order Completed', 2, { total: 50 });
  }
  const response = await fetch(`${server.url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch }),
  });
  assert.equal(response.status, 200);
  const definition = { is: 'dynamic', who: { is: 'trait', name: 'plan', op: 'isSet' } };
  for (;;) {
    const { matched } = await server.api<{ matched: number }>('POST', '/api/audiences/size', { definition });
    // The catalogue learns names a moment after the events are stored.
    const { items } = await server.api<{ items: { name: string }[] }>('GET', '/api/query/events');
    if (matched === 12 && items.some((one) => one.name === 'Order Completed')) return;
    await sleep(100);
  }
}

async function counted(name: string, size: number): Promise<Audience> {
  for (;;) {
    const { items } = await server.api<{ items: Audience[] }>('GET', '/api/audiences');
    const found = items.find((one) => one.name === name);
    if (found?.current && found.size === size) return found;
    await sleep(100);
  }
}

before(async () => {
  server = await startServer();
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(20_000);
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    const refused = /status of (40[0-9]|499)/.test(message.text());
    if (message.type() === 'error' && !refused) problems.push(message.text());
  });
  await becomeOwner(page, server.url);
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

const assertAccessible = (what: string) => assertPageAccessible(page, what, { fullPage: true });
/** Waits until the size beside the conditions is of what they say now, and is so many. */
async function sizeIs(expected: string): Promise<void> {
  const current = page.locator('div:not([data-behind]) > [class*="sizeNumber"]');
  await current.filter({ hasText: new RegExp(`^${expected}$`) }).waitFor();
}
async function pick(button: string | RegExp, option: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: button }).first().click();
  await page.getByRole('option', { name: option }).first().click();
}

describe('audiences in the console', { timeout: 300_000 }, () => {
  it('begin with a page that says what they are for', async () => {
    await page.goto(`${server.url}/audiences`);
    await page.getByText('Keep a group of people in view').waitFor();
    await assertAccessible('audiences-empty');
  });

  it('are made of conditions, with the number of people as they are written', async () => {
    await customers();
    await page.getByRole('link', { name: 'New audience' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Bought twice');
    await page.getByText('One condition is not complete yet').waitFor();
    await pick('Condition 1: Event', /Order Completed/);
    await sizeIs('8');
    await page.getByRole('textbox', { name: 'Condition 1: Number' }).fill('2');
    await sizeIs('4');
    await pick('New condition', 'Has a trait');
    await pick('Condition 2: Trait', /plan/);
    await pick(/^Values of plan/, /free/);
    await page.keyboard.press('Escape');
    await sizeIs('1');
    await page.getByRole('button', { name: 'Show a few of them' }).click();
    await page.getByRole('link', { name: 'Customer 3' }).waitFor();
    await assertAccessible('audience-new');
    await page.getByRole('button', { name: 'Remove condition 2' }).click();
    await sizeIs('4');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Bought twice', level: 1 }).waitFor();
    await counted('Bought twice', 4);
  });

  it('show who is in them, and the person’s page shows in which', async () => {
    await page.getByRole('button', { name: 'People', exact: true }).click();
    const members = page.getByRole('list', { name: 'People' });
    await members.getByRole('listitem').nth(3).waitFor();
    assert.equal(await members.getByRole('listitem').count(), 4);
    await assertAccessible('audience-people');
    await members.getByRole('link', { name: 'Customer 2' }).click();
    await page.getByRole('list', { name: 'Audiences' }).getByRole('link', { name: 'Bought twice' }).waitFor();
    await assertAccessible('person-audiences');
    await page.getByRole('list', { name: 'Audiences' }).getByRole('link', { name: 'Bought twice' }).click();
    await page.getByRole('heading', { name: 'Bought twice', level: 1 }).waitFor();
  });

  it('are changed, with a way back to the conditions of before', async () => {
    await page.getByRole('textbox', { name: 'Condition 1: Number' }).fill('1');
    await sizeIs('8');
    await page.getByRole('button', { name: 'Save' }).click();
    await counted('Bought twice', 8);
    await page.getByRole('button', { name: 'Versions' }).click();
    await page.getByRole('button', { name: 'Use these conditions again' }).click();
    await counted('Bought twice', 4);
    await assertAccessible('audience-versions');
    await page.getByRole('button', { name: 'Close' }).click();
    await sizeIs('4');
  });

  it('keep what is written while they are saved', async () => {
    const saved = Promise.withResolvers<void>();
    await page.route(/\/api\/audiences\/\d+$/, async (route) => {
      if (route.request().method() === 'PATCH') await saved.promise;
      await route.continue();
    });
    const number = page.getByRole('textbox', { name: 'Condition 1: Number' });
    await number.fill('1');
    await sizeIs('8');
    await page.getByRole('button', { name: 'Save' }).click();
    await number.fill('2');
    saved.resolve();
    await counted('Bought twice', 8);
    await sizeIs('4');
    await page.getByRole('button', { name: 'Save' }).click();
    await counted('Bought twice', 4);
    await page.unrouteAll({ behavior: 'wait' });
  });

  it('are lists of people from a file too', async () => {
    await page.goto(`${server.url}/audiences/new?kind=list`);
    await page.getByLabel('Name', { exact: true }).fill('Fair in May');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Put people on the list' }).waitFor();
    await page.getByLabel('Choose a file').setInputFiles({
      name: 'fair.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from('Name;E-mail\nA;CUSTOMER1@example.com\nB;customer9@example.com\nC;nobody@example.com\n'),
    });
    await page.getByRole('button', { name: 'Upload' }).last().click();
    await page.getByText('2 people found.').waitFor();
    await page.getByText('Nobody fits 1 line: 3.').waitFor();
    await assertAccessible('audience-upload');
    await counted('Fair in May', 2);
    await page.getByRole('button', { name: 'Close' }).click();
  });

  it('are the people behind a chart too', async () => {
    await page.goto(`${server.url}/reports/new/trend?people=${encodeURIComponent('{"series":"A"}')}`);
    await page.getByRole('list', { name: 'People' }).getByRole('link', { name: 'Customer 11' }).waitFor();
    await page.getByRole('button', { name: /audience/i }).click();
    await page.getByRole('heading', { name: 'Keep these people as an audience' }).waitFor();
    await page.getByLabel('Name', { exact: true }).fill('Seen in November');
    await assertAccessible('audience-of-chart');
    await page.getByRole('button', { name: 'Save', exact: true }).last().click();
    await page.getByRole('heading', { name: 'Seen in November', level: 1 }).waitFor();
    await counted('Seen in November', 12);
  });

  it('are laid over one another', async () => {
    await page.goto(`${server.url}/audiences/overlap`);
    await page.getByText('Choose two to six audiences').waitFor();
    await page.getByRole('button', { name: 'Choose audiences' }).click();
    await page.getByRole('option', { name: /Bought twice/ }).click();
    await page.getByRole('option', { name: /Fair in May/ }).click();
    await page.getByRole('option', { name: /Seen in November/ }).click();
    await page.keyboard.press('Escape');
    await page.getByRole('figure', { name: 'Who is in which' }).waitFor();
    await page.locator('[data-picture] :is(svg, canvas)').first().waitFor();
    await assertAccessible('audience-overlap');
  });

  it('stand in a list, and are archived and brought back', async () => {
    await page.goto(`${server.url}/audiences`);
    await page.getByRole('link', { name: 'Fair in May' }).waitFor();
    await assertAccessible('audiences');
    await page.getByRole('link', { name: 'Fair in May' }).click();
    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    await page.getByText('“Fair in May” is archived').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Archive', exact: true }).waitFor();
    await counted('Fair in May', 2);
  });

  it('and nothing went wrong in the page meanwhile', () => {
    assert.deepEqual(problems, []);
  });
});
