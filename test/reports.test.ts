import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { becomeOwner } from './owner.ts';
import { type RunningServer, startServer } from './server.ts';

const DAY = 86_400_000;

let server: RunningServer;
let browser: Browser;
let page: Page;
const problems: string[] = [];

/** Noon, so many days ago, in UTC: no event lies at the edge of a day. */
const noon = (daysAgo: number, minutes = 0) =>
  new Date(Math.floor(Date.now() / DAY) * DAY - daysAgo * DAY + DAY / 2 + minutes * 60_000).toISOString();

/** Six people look at things; four of them put one into the basket, three order, and two of those again a week later. */
function events(): object[] {
  const sent: object[] = [];
  const send = (person: number, event: string, timestamp: string, properties: object = {}) =>
    sent.push({ type: 'track', userId: `visitor-${person}`, event, timestamp, properties });
  for (let person = 1; person <= 6; person++) {
    const city = person % 2 ? 'London' : 'Leeds';
    sent.push({ type: 'identify', userId: `visitor-${person}`, traits: { name: `Visitor ${person}`, city } });
    send(person, 'Product Viewed', noon(20), { colour: person <= 2 ? 'red' : 'blue', city });
    if (person <= 4) send(person, 'Product Added', noon(20, 5), { city });
    if (person <= 3) send(person, 'Order Completed', noon(20, 10), { city, revenue: 10 * person, currency: 'EUR' });
    if (person <= 2) send(person, 'Order Completed', noon(13), { city, revenue: 5, currency: 'EUR' });
  }
  return sent;
}

before(async () => {
  server = await startServer();
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, locale: 'en-GB' });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('401')) problems.push(message.text());
  });
  await becomeOwner(page, server.url);
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

/** The cells of the table below the picture, row by row. */
async function numbers(): Promise<string[][]> {
  const rows = await page.getByRole('table', { name: 'The numbers' }).locator('tbody tr').all();
  return Promise.all(rows.map((row) => row.locator('td').allInnerTexts()));
}

/** Opens a picker by its name, types once its list is there, and takes the first whose name begins so. */
async function choose(picker: string | RegExp, text: string, nth = 0): Promise<void> {
  await page.getByRole('button', { name: picker }).nth(nth).click();
  await page.getByRole('combobox', { expanded: true }).last().fill(text);
  await page
    .getByRole('option', { name: new RegExp(`^${text}`) })
    .first()
    .click();
}

const pickEvent = (of: string, name: string) => choose(new RegExp(`^${of}: event:`), name);

async function peopleBehind(number: RegExp): Promise<string[]> {
  await page.getByRole('button', { name: number }).click();
  const list = page.getByRole('list', { name: 'People' });
  await list.waitFor();
  return (await list.getByRole('link').allInnerTexts()).sort();
}

describe('reports, as an analyst makes them', { timeout: 240_000 }, () => {
  it('say what they are for while nothing has happened', async () => {
    await page.goto(`${server.url}/reports`);
    await page.getByRole('heading', { name: 'Your numbers will be here' }).waitFor();
    await page.getByRole('button', { name: 'Load the sample company' }).waitFor();
    await assertAccessible(page, 'reports-empty');
  });

  it('are offered by kind once something has', async () => {
    const key = await server.writeKey('web');
    const response = await fetch(`${server.url}/v1/batch`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ batch: events() }),
    });
    assert.equal(response.status, 200);
    for (;;) {
      const { items } = await server.api<{ items: { events: number }[] }>('GET', '/api/query/events');
      if (items.reduce((sum, one) => sum + one.events, 0) === events().length) break;
      await sleep(200);
    }
    await page.goto(`${server.url}/reports`);
    await page.getByRole('link', { name: 'Trend' }).waitFor();
    await assertAccessible(page, 'reports');
    await page.getByRole('link', { name: 'Trend' }).click();
    await page.getByRole('heading', { name: 'Trend', level: 1 }).waitFor();
    await expectTotals([['Any event', '6']]);
  });

  it('count people by clicking: an event, a condition, a breakdown', async () => {
    await pickEvent('Series A', 'Product Viewed');
    await expectTotals([['Product Viewed', '6']]);
    await page
      .getByRole('button', { name: /^Add a condition/ })
      .first()
      .click();
    await page.getByRole('combobox', { name: 'Add a condition' }).fill('colour');
    await page.getByRole('option', { name: /^colour/ }).click();
    await page.getByRole('button', { name: /^Values of colour/ }).click();
    await page.getByRole('option', { name: /^blue/ }).click();
    await page.keyboard.press('Escape');
    await expectTotals([['Product Viewed', '4']]);
    await choose(/^Add a breakdown/, 'city');
    await expectTotals([
      ['Leeds', '2'],
      ['London', '2'],
    ]);
    await assertAccessible(page, 'report-trend', { fullPage: true });
  });

  it('keep everything in the address, step by step', async () => {
    await page.waitForURL(/\/reports\/new\/trend\?r=\(series:/);
    const address = page.url();
    await page.goBack();
    await expectTotals([['Product Viewed', '4']]);
    await page.goForward();
    await expectTotals([
      ['Leeds', '2'],
      ['London', '2'],
    ]);
    await page.goto('about:blank');
    await page.goto(address);
    await expectTotals([
      ['Leeds', '2'],
      ['London', '2'],
    ]);
  });

  it('lead from a number to its people, and from there to a person', async () => {
    const people = await peopleBehind(/the people behind “London, Total”/);
    assert.deepEqual(people, ['Visitor 3', 'Visitor 5']);
    await assertAccessible(page, 'report-people');
    await page.reload();
    await page.getByRole('link', { name: 'Visitor 3' }).waitFor();
    assert.deepEqual(
      (await page.getByRole('list', { name: 'People' }).getByRole('link').allInnerTexts()).sort(),
      people,
      'the panel has an address of its own',
    );
    await page.keyboard.press('Escape');
    await page.getByRole('list', { name: 'People' }).waitFor({ state: 'hidden' });
    await page.waitForURL((url) => !url.search.includes('people='));
  });

  it('lead from a point of the picture, by its table, to the people of that day', async () => {
    await page.goto(
      `${server.url}/reports/new/trend?r=(series:!((what:(events:!((name:'Order Completed'))),measure:(of:people))))`,
    );
    await expectTotals([['Order Completed', '3']]);
    await page.getByRole('button', { name: 'Chart: table and download' }).click();
    await page.getByRole('menuitem', { name: 'Show as table' }).click();
    const point = page.getByRole('figure').getByRole('row').getByRole('button').filter({ hasText: /^2$/ });
    await point.first().click();
    const list = page.getByRole('list', { name: 'People' });
    await list.waitFor();
    assert.deepEqual((await list.getByRole('link').allInnerTexts()).sort(), ['Visitor 1', 'Visitor 2']);
    await page.keyboard.press('Escape');
  });

  it('make a funnel', async () => {
    await page.goto(`${server.url}/reports/new/funnel`);
    await page.getByText('Choose an event for each step').waitFor();
    await assertAccessible(page, 'report-funnel-empty');
    await pickEvent('Step 1', 'Product Viewed');
    await pickEvent('Step 2', 'Product Added');
    await page.getByRole('button', { name: 'Add a step' }).click();
    await pickEvent('Step 3', 'Order Completed');
    await expectTotals([
      ['1. Product Viewed', '6'],
      ['2. Product Added', '4'],
      ['3. Order Completed', '3'],
    ]);
    assert.deepEqual(await peopleBehind(/the people behind “2\. Product Added, Stopped before”/), [
      'Visitor 5',
      'Visitor 6',
    ]);
    await page.keyboard.press('Escape');
    await assertAccessible(page, 'report-funnel', { fullPage: true });
  });

  it('make a retention report', async () => {
    await page.goto(`${server.url}/reports/new/retention`);
    await pickEvent('It begins with', 'Order Completed');
    await expectNumbers(
      [
        ['Week 0', '3', '3', '100%'],
        ['Week 1', '2', '3', '66.7%'],
      ],
      2,
    );
    assert.deepEqual(await peopleBehind(/^2: the people behind “Week 1, Came back”/), ['Visitor 1', 'Visitor 2']);
    await page.keyboard.press('Escape');
    await assertAccessible(page, 'report-retention', { fullPage: true });
  });

  it('make a journeys report', async () => {
    await page.goto(`${server.url}/reports/new/journey?r=(within:(idleMinutes:60))`);
    await page.getByRole('switch', { name: 'Begins with an event' }).click();
    await pickEvent('Begins with an event', 'Product Viewed');
    await expectTotals([
      ['Product Viewed → Product Added → Order Completed', '3'],
      ['Product Viewed', '2'],
      ['Product Viewed → Product Added', '1'],
    ]);
    await assertAccessible(page, 'report-journey', { fullPage: true });
  });

  it('open a list as soon as it has come where its button was pressed before, and let one type at once', async () => {
    const come = Promise.withResolvers<void>();
    await page.route(/\/picker-late-/, (route) => come.promise.then(() => route.continue()));
    await page.goto(`${server.url}/reports/new/trend`);
    await page.getByRole('button', { name: /^Series A: event:/ }).press('Enter');
    come.resolve();
    await page.locator('input[role="combobox"]:focus').waitFor();
    await page.keyboard.type('Product Add');
    await page.getByRole('option', { name: /^Product Added/ }).click();
    await expectTotals([['Product Added', '4']]);
    await page.unroute(/\/picker-late-/);
  });

  it('say how people use it: life cycle, stickiness, engagement, visits', async () => {
    for (const kind of ['lifecycle', 'stickiness', 'engagement', 'sessions']) {
      await page.goto(`${server.url}/reports/new/${kind}`);
      await page.getByText('exact', { exact: true }).waitFor();
      // What draws a kind comes with the first report of it.
      await page.getByRole('table', { name: 'The numbers' }).locator('tbody tr').first().waitFor();
      if (kind === 'sessions') await assertAccessible(page, 'report-sessions', { fullPage: true });
    }
  });

  it('say in their place what is wrong, and what an address lacks', async () => {
    await page.goto(`${server.url}/reports/new/trend?r=(period:(from:'2026-02-01',to:'2026-01-01'))`);
    await page.getByText('The report was not answered').waitFor();
    await page.getByText('Swap the two.').waitFor();
    await page.goto(`${server.url}/reports/new/trend?r=(series:cut-off`);
    await page.getByText('This address holds no report').waitFor();
    await page.getByRole('button', { name: 'Begin anew' }).click();
    await page.getByText('exact', { exact: true }).waitFor();
    await page.goto(`${server.url}/reports/new/nonsense`);
    await page.getByText('There is no such kind of report').waitFor();
  });

  it('work on a telephone', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${server.url}/reports/new/trend`);
    await page.getByText('exact', { exact: true }).waitFor();
    await expectTotals([['Any event', '6']]);
    // Pictures are drawn again for the width that they have.
    await page.waitForFunction('document.documentElement.scrollWidth <= innerWidth');
    await assertAccessible(page, 'report-telephone', { fullPage: true });
  });

  it('leave no error in the browser', () => {
    assert.deepEqual(
      problems.filter((problem) => !problem.includes('400')),
      [],
    );
  });
});

/** The first rows of the table with so many columns as given, once the answer to the last change is there. */
async function expectNumbers(expected: string[][], rows = Number.POSITIVE_INFINITY): Promise<void> {
  const columns = expected[0]!.length;
  let found: string[][] = [];
  for (let tries = 0; tries < 80; tries++) {
    found = (await numbers().catch(() => [])).slice(0, rows).map((row) => row.slice(0, columns));
    if (JSON.stringify(found) === JSON.stringify(expected)) return;
    await sleep(150);
  }
  assert.deepEqual(found, expected);
}

const expectTotals = (expected: string[][]) => expectNumbers(expected);
