import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { assertAccessible as assertPageAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { becomeOwner } from './owner.ts';
import { importsStored } from './sample.ts';
import { type RunningServer, startServer } from './server.ts';

let server: RunningServer;
let browser: Browser;
let page: Page;
const problems: string[] = [];

before(async () => {
  server = await startServer();
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, locale: 'en-GB' });
  context.setDefaultTimeout(30_000);
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/401|422/.test(message.text())) problems.push(message.text());
  });
  await becomeOwner(page, server.url);
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

const assertAccessible = (what: string) => assertPageAccessible(page, what, { fullPage: true });

const tileOf = (name: string) => page.locator(`section[data-tile][aria-label="${name}"]`);
/** What a tile shows while its answer, or a newer one, is on its way. */
const WAITING = '[aria-busy="true"]';

/** The tile of that name, once it is answered. */
async function tile(name: string): Promise<Locator> {
  const found = tileOf(name);
  await found.waitFor();
  await found.locator(WAITING).first().waitFor({ state: 'detached' });
  return found;
}

async function allAnswered(): Promise<void> {
  await page.locator('section[data-tile]').first().waitFor();
  await page.locator('section[data-tile]').locator(WAITING).first().waitFor({ state: 'detached' });
}

const placeOf = async (name: string) => {
  const box = await tileOf(name).boundingBox();
  assert.ok(box);
  return box;
};

/** The number in a tile, once there is one. */
async function headline(name: string): Promise<string> {
  const figure = (await tile(name)).locator('figure').filter({ hasText: /\d/ }).first();
  return ((await figure.textContent()) ?? '').trim();
}

/** What stands in a tile once that is so; a test that waits in vain ends by its time. */
async function headlineOnce(name: string, isSo: (now: string) => boolean): Promise<string> {
  for (;;) {
    const now = await headline(name);
    if (isSo(now)) return now;
    await sleep(50);
  }
}

const changed = (name: string, from: string) => headlineOnce(name, (now) => now !== from);

describe('dashboards, for whoever wants to know how it goes', { timeout: 300_000 }, () => {
  it('begin with what there is: nothing, then the sample company, then a shop overview by one click', async () => {
    await page.goto(`${server.url}/dashboards`);
    await page.getByText('Your numbers at a glance').waitFor();
    await assertAccessible('dashboards-empty');
    await page.getByRole('button', { name: 'Load the sample company' }).click();
    await page.getByRole('button', { name: /Make it.*Shop overview/ }).waitFor({ timeout: 120_000 });
    await importsStored(server);
    await page.reload();
    await page.getByRole('button', { name: /Make it.*Web overview/ }).waitFor();
    await assertAccessible('dashboards-suggested');
    await page.getByRole('button', { name: /Make it.*Shop overview/ }).click();
    await page.getByRole('heading', { name: 'Shop overview', level: 1 }).waitFor();
    await allAnswered();
    assert.match(await headline('Revenue'), /£[\d,.]+/);
    assert.deepEqual(await page.locator('section[data-tile] [role="alert"]').allInnerTexts(), []);
    await assertAccessible('dashboard-shop');
  });

  it('put one period and one condition on all tiles, which a reload and a link keep', async () => {
    const whole = await headline('Orders');
    const before = await headline('Buyers');
    await page.getByRole('button', { name: 'One period for all' }).click();
    await page.getByRole('button', { name: /Period.*Last 30 days/ }).click();
    await page.getByRole('option', { name: 'Last 12 months' }).click();
    await page.waitForURL(/period=/);
    const year = await changed('Orders', whole);
    await changed('Buyers', before);
    await page.reload();
    assert.equal(await headline('Orders'), year);
    await page.getByRole('button', { name: 'Each report its own period' }).click();
    await page.waitForURL((url) => !url.search.includes('period='));
    assert.equal(await changed('Orders', year), whole);

    const address = page.url();
    await page.goto(`${address}?filter=(field:(of:trait,name:country,as:now),is:is,values:!(Germany))`);
    await page.getByRole('button', { name: '1 condition for all' }).waitFor();
    await changed('Orders', whole);
    await page.getByRole('button', { name: 'Remove the filter' }).click();
    await page.waitForURL(address);
    await headlineOnce('Orders', (now) => now === whole);
  });

  it('lead from a number to the people behind it', async () => {
    await (await tile('Buyers'))
      .getByRole('button', { name: /behind|people/i })
      .first()
      .click();
    await page.waitForURL(/panel=people/);
    await page.locator('aside').getByRole('link').nth(3).waitFor();
    await assertAccessible('dashboard-people');
    await page.keyboard.press('Escape');
    await page.locator('aside').waitFor({ state: 'detached' });
  });

  it('take a saved report, and words; tiles move and grow by keys and by pointer, and stay so', async () => {
    const address = page.url();
    await page.goto(`${server.url}/reports/new/trend`);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByLabel('Name', { exact: true }).fill('Everybody by day');
    await page.locator('aside').getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForURL(/\/reports\/\d+$/);
    await page.getByRole('heading', { name: 'Everybody by day', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Make Everybody by day a favourite' }).click();
    await page.getByRole('button', { name: /^Take Everybody by day out/ }).waitFor();
    await assertAccessible('report-saved');

    await page.goto(address);
    await allAnswered();
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByRole('button', { name: 'Add a tile' }).click();
    await assertAccessible('dashboard-add');
    await page.getByRole('button', { name: /Add.*Everybody by day/ }).click();
    await tile('Everybody by day');
    await page.getByRole('button', { name: 'Add a tile' }).click();
    await page.getByRole('button', { name: 'Words' }).click();
    await page
      .getByLabel('Text', { exact: true })
      .fill('# Read this\n\nAsk **Ada**, <b>not</b> others: [more](javascript:alert(1)).');
    await page.getByRole('button', { name: 'Done' }).click();
    const words = tileOf('Read this');
    assert.equal(await words.locator('strong, b').textContent(), 'Ada');
    assert.equal(await words.locator('a').count(), 0);

    const bottom = (await placeOf('Everybody by day')).y;
    await page.getByRole('button', { name: /^Move Everybody by day/ }).focus();
    for (let press = 0; press < 3; press++) await page.keyboard.press('ArrowUp');
    await page.getByText('Everybody by day: column 1, row 1, 6 wide, 5 tall').waitFor({ state: 'attached' });
    assert.ok((await placeOf('Everybody by day')).y < bottom);
    await page.getByRole('button', { name: /^Resize Everybody by day/ }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('Everybody by day: column 1, row 1, 7 wide, 5 tall').waitFor({ state: 'attached' });

    const start = await placeOf('Orders');
    const knob = await page.getByRole('button', { name: /^Move Orders/ }).boundingBox();
    assert.ok(knob);
    await page.mouse.move(knob.x + 10, knob.y + 10);
    await page.mouse.down();
    await page.mouse.move(knob.x + 500, knob.y + 20, { steps: 8 });
    await page.mouse.up();
    assert.ok((await placeOf('Orders')).x > start.x + 100);
    await assertAccessible('dashboard-editing');
    await page.getByRole('button', { name: 'More about Average order' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await page.getByText('Average order is removed').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await tileOf('Average order').waitFor();

    const places = { everybody: await placeOf('Everybody by day'), orders: await placeOf('Orders') };
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Shop overview is saved').waitFor();
    await page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
    await page.reload();
    await allAnswered();
    assert.equal((await placeOf('Everybody by day')).width, places.everybody.width);
    assert.equal((await placeOf('Orders')).x, places.orders.x);
  });

  it('remember what they were, and go back to it', async () => {
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'History' }).click();
    await page.getByText('Version 2 by Ada Nowak').waitFor();
    await assertAccessible('dashboard-history');
    await page.getByRole('button', { name: 'Restore' }).click();
    await page.getByText('Version 1 is the present one again').waitFor();
    await page.keyboard.press('Escape');
    await tileOf('Orders').waitFor();
    await tileOf('Everybody by day').waitFor({ state: 'detached' });
  });

  it('are noted upon: an annotation stands in the charts over time', async () => {
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Annotations' }).click();
    await page.getByText('Nothing is noted yet').waitFor();
    await page.getByRole('button', { name: 'New annotation' }).click();
    await page.getByLabel('What happened').fill('New prices');
    await page.locator('aside').getByRole('button', { name: 'Save' }).click();
    await page.locator('aside').getByText('New prices').waitFor();
    await assertAccessible('dashboard-annotations');
    const { items } = await server.api<{ items: { text: string }[] }>('GET', '/api/annotations');
    assert.deepEqual(
      items.map((one) => one.text),
      ['New prices'],
    );
    await page.locator('aside').getByRole('button', { name: 'Delete New prices' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.locator('aside').getByText('New prices').waitFor();
    await page.keyboard.press('Escape');
    await allAnswered();
    await assertAccessible('dashboard-noted');
  });

  it('fill a screen on the wall, and a telephone', async () => {
    const address = page.url();
    await page.goto(`${address}?present=1`);
    await allAnswered();
    await assertAccessible('dashboard-full');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await allAnswered();
    // Pictures are drawn again for the width that they have.
    await page.waitForFunction('document.documentElement.scrollWidth <= 390');
    await assertAccessible('dashboard-narrow');
    await page.setViewportSize({ width: 1440, height: 1000 });
  });

  it('stand in a list with what is left of them after a deletion that was taken back', async () => {
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByText('Your numbers at a glance').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('link', { name: 'Shop overview' }).waitFor();
    await assertAccessible('dashboards');
  });
});

describe('an action, for whoever names what many events mean', { timeout: 120_000 }, () => {
  it('is made of events, used in a report, and not deleted while something uses it', async () => {
    await page.goto(`${server.url}/actions`);
    await page.getByRole('button', { name: 'New action' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Bought');
    await page.getByRole('button', { name: /Events.*Choose/ }).click();
    await page.getByRole('option', { name: /Order Completed/ }).click();
    await assertAccessible('action-new');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Bought is saved').waitFor();
    const { items } = await server.api<{ items: { id: string }[] }>('GET', '/api/actions');
    const report = { kind: 'trend', series: [{ what: { events: [{ action: Number(items[0]!.id) }] } }] };
    await server.api('POST', '/api/reports', { name: 'Who bought', shared: true, content: { report } });
    await page.getByRole('link', { name: 'Bought', exact: true }).click();
    await page.getByRole('link', { name: 'Who bought' }).waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByText(/used by the report "Who bought"/).waitFor();
    await assertAccessible('action-used');
  });

  it('and everything before it went without a fault in the browser', () => {
    assert.deepEqual(problems, []);
  });
});
