import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { assertAccessible as assertPageAccessible, settled } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { type RunningServer, startServer } from './server.ts';

const OWNER = {
  company: 'The gift shop',
  name: 'Ada Nowak',
  email: 'ada@example.com',
  password: 'a long enough password',
};
const COLLEAGUE = { name: 'Ben Rossi', password: 'another long password' };
const CUSTOMERS = [
  { id: 'c-1', name: 'Zoë Müller', email: 'zoe@example.com' },
  { id: 'c-2', name: 'Mei Chen', email: 'mei@example.com' },
  { id: 'c-3', name: '=HYPERLINK("http://evil.example","click")', email: 'formula@example.com' },
];
const pictures = process.env.SCREENSHOTS;

let server: RunningServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const problems: string[] = [];

/** Another browser: nothing in common with the first but the server. */
async function newBrowser(): Promise<BrowserContext> {
  const made = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    reducedMotion: 'reduce',
  });
  made.setDefaultTimeout(30_000);
  made.on('weberror', (error) => problems.push(String(error.error())));
  return made;
}

async function post(by: BrowserContext, path: string, data: object): Promise<void> {
  const answer = await by.request.post(server.url + path, { data, headers: { origin: server.url } });
  assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
}

before(async () => {
  server = await startServer();
  browser = await launchBrowser();
  context = await newBrowser();
  await post(context, '/api/setup', OWNER);
  const key = await server.writeKey('shop');
  for (const { id, ...traits } of CUSTOMERS) {
    await fetch(`${server.url}/v1/identify`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ userId: id, traits }),
    });
  }
  for (;;) {
    const { items } = await server.api<{ items: object[] }>('GET', '/api/people?limit=10');
    if (items.length === CUSTOMERS.length) break;
    await sleep(100);
  }
  page = await context.newPage();
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

const assertAccessible = (what: string, on = page) => assertPageAccessible(on, `shell-${what}`);

async function open(path: string, heading: string, on = page): Promise<void> {
  await on.goto(server.url + path);
  await on.getByRole('heading', { name: heading, level: 1 }).waitFor();
}

/** The list shows what was asked for, and nothing of before. */
const listed = (count: number) => page.getByText(`${count} shown`, { exact: true }).waitFor();

const palette = (on = page) => on.getByRole('combobox', { name: /Find a page/ });

describe('the console’s shell', { timeout: 400_000 }, () => {
  it('finds pages, actions and people from the palette, and remembers where one was', async () => {
    await open('/sources', 'Sources');
    await page.keyboard.press('Control+k');
    await palette().waitFor();
    await page.getByRole('option', { name: /People/ }).waitFor();
    await page.getByRole('option', { name: 'New source' }).waitFor();
    await assertAccessible('palette');
    await palette().fill('new sour');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'New source' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await palette().fill('zoe mull');
    // Slower than the moment after which a page counts as visited: it is remembered by its own title, when that comes.
    await page.route(/api\/people\/\d+$/, async (route) => {
      await sleep(2000);
      await route.continue();
    });
    await page.getByRole('option', { name: /Zoë Müller/ }).click();
    await page
      .getByRole('heading', { name: /Zoë Müller/ })
      .first()
      .waitFor();
    await page.unroute(/api\/people\/\d+$/);
    const remembered = `localStorage.getItem('throughline.recent')?.includes('{"path":"' + location.pathname)`;
    await page.waitForFunction(remembered);
    await open('/sources', 'Sources');
    await page.keyboard.press('Control+k');
    const recent = page.getByRole('option').first();
    await recent.filter({ hasText: 'Zoë Müller' }).waitFor();
    await recent.click();
    await page.waitForURL(/people\/\d+/);
  });

  it('takes what is typed before the palette is there, and opens nobody who was asked for before', async () => {
    await page.route(/assets\/find-/, async (route) => {
      await sleep(1000);
      await route.continue();
    });
    await open('/sources', 'Sources');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('g pmei');
    await page.keyboard.press('Backspace');
    await palette().waitFor();
    await page.unroute(/assets\/find-/);
    assert.equal(await palette().inputValue(), 'g pme', 'and none of it was a shortcut');
    await palette().fill('mei');
    await page.getByRole('option', { name: /Mei Chen/ }).waitFor();
    await page.route(/api\/people\?q=zoe/, async (route) => {
      await sleep(1000);
      await route.continue();
    });
    await palette().fill('zoe');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Zoë Müller', level: 1 }).waitFor();
    await page.unroute(/api\/people\?q=zoe/);
  });

  it('leaves the page of before at once, also where the next is slow to come', async () => {
    await open('/preferences', 'Preferences');
    let come = () => {};
    const held = new Promise<void>((resolve) => (come = resolve));
    await page.route(/assets\/quarantine-/, async (route) => {
      await held;
      await route.continue();
    });
    await page.keyboard.press('g');
    await page.keyboard.press('q');
    await page.getByRole('heading', { name: 'Preferences', level: 1 }).waitFor({ state: 'detached' });
    await page.locator('main [aria-busy="true"]').waitFor();
    assert.equal(await page.title(), 'Throughline');
    come();
    await page.getByRole('heading', { name: 'Quarantine', level: 1 }).waitFor();
    await page.waitForFunction(`document.title === 'Quarantine · Throughline'`);
    await page.unroute(/assets\/quarantine-/);
  });

  it('obeys single keys, says which there are, and leaves fields alone', async () => {
    await open('/sources', 'Sources');
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
    await page.locator('[data-row]').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    const first = page.locator('[data-row]').first();
    assert.equal(await first.evaluate((row) => row === row.ownerDocument.activeElement), true);
    await page.keyboard.press('Enter');
    await page.waitForURL(/people\/\d+/);
    await page.goBack();
    const field = page.getByRole('searchbox', { name: 'Search people' }).first();
    await field.waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('g[?jmei');
    assert.equal(await field.inputValue(), 'g[?jmei');
    await field.fill('');
    await page.getByRole('heading', { name: 'People', level: 1 }).click();
    await page.keyboard.press('[');
    await page.getByRole('navigation', { name: 'Main navigation' }).waitFor({ state: 'hidden' });
    await assertAccessible('no-navigation');
    await page.keyboard.press('[');
    await page.getByRole('navigation', { name: 'Main navigation' }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await assertAccessible('shortcuts');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  it('keeps density, zone, language and colours for a person, in every browser', async () => {
    await open('/preferences', 'Preferences');
    await assertAccessible('preferences');
    await page.getByText('Compact', { exact: true }).click();
    await page.getByRole('combobox', { name: 'Time zone' }).click();
    await page.keyboard.type('Kathmandu');
    await page.getByRole('option', { name: 'Asia/Kathmandu' }).click();
    await page.getByText(/It is now .*GMT\+5:45/).waitFor();
    await page.getByText('Dark', { exact: true }).click();
    await page.getByRole('combobox', { name: 'Language' }).click();
    await page.getByRole('option', { name: 'Polski' }).click();
    await page.getByRole('heading', { name: 'Preferencje', level: 1 }).waitFor();
    await page.waitForFunction(async () => {
      const answer = await fetch('/api/preferences');
      return ((await answer.json()) as { language?: string }).language === 'pl';
    });

    const other = await newBrowser();
    await post(other, '/api/auth/sign-in/email', { email: OWNER.email, password: OWNER.password });
    const elsewhere = await other.newPage();
    await open('/people', 'Osoby', elsewhere);
    const root = elsewhere.locator('html');
    assert.equal(await root.getAttribute('data-density'), 'compact');
    await elsewhere.locator('html[data-mantine-color-scheme="dark"]').waitFor();
    assert.equal(await root.getAttribute('lang'), 'pl');
    await elsewhere.locator('[data-row]').first().waitFor();
    if (pictures) await elsewhere.screenshot({ path: `${pictures}/shell-compact-polish.png` });
    await elsewhere.getByRole('link', { name: /Zoë/ }).click();
    assert.match((await elsewhere.locator('time').first().getAttribute('title')) ?? '', /GMT\+5:45|GMT\+05:45|Nepal/);
    await elsewhere.reload();
    assert.equal(await root.getAttribute('data-density'), 'compact', 'before anything is fetched');
    await other.close();
    await context.request.patch(`${server.url}/api/preferences`, {
      data: { language: 'en', timeZone: 'auto', density: 'comfortable', scheme: 'auto' },
      headers: { origin: server.url },
    });
    await page.reload();
    await page.getByRole('heading', { name: 'Preferences', level: 1 }).waitFor();
  });

  it('opens a list of choices for an early click, and what is typed then narrows it', async () => {
    let come = () => {};
    const held = new Promise<void>((resolve) => (come = resolve));
    await page.route(/assets\/select-late-/, async (route) => {
      await held;
      await route.continue();
    });
    await open('/preferences', 'Preferences');
    await page.getByRole('textbox', { name: 'Time zone' }).click();
    come();
    await page.getByRole('combobox', { name: 'Time zone' }).waitFor();
    await page.waitForFunction(`document.activeElement.getAttribute('role') === 'combobox'`);
    await page.keyboard.type('Kathmandu');
    await page.getByRole('option', { name: 'Asia/Kathmandu' }).waitFor();
    await page.getByRole('option', { name: 'Europe/London' }).waitFor({ state: 'detached' });
    await page.unroute(/assets\/select-late-/);
  });

  it('opens a menu also where it comes between the two halves of a click', async () => {
    const come = Promise.withResolvers<void>();
    await page.route(/assets\/menu-late-.*js/, async (route) => {
      await come.promise;
      await route.continue();
    });
    const came = page.waitForEvent('requestfinished', (request) => /assets\/menu-late-.*js/.test(request.url()));
    await open('/preferences', 'Preferences');
    await page.getByRole('navigation').getByRole('button', { name: OWNER.name }).hover();
    await page.mouse.down();
    come.resolve();
    await came;
    // Long enough for it to be put in place, were nothing pressed.
    await sleep(300);
    await page.mouse.up();
    await page.getByRole('menuitem', { name: 'Polski' }).waitFor();
    await page.keyboard.press('Escape');
    await page.unroute(/assets\/menu-late-.*js/);
  });

  it('keeps what is chosen while an answer from before it is on its way', async () => {
    let asked = 0;
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const preferences = `${server.url}/api/preferences`;
    await page.route(preferences, async (route) => {
      if (route.request().method() !== 'GET') return route.continue();
      const response = await route.fetch();
      asked += 1;
      await held;
      await route.fulfill({ response });
    });
    await open('/preferences', 'Preferences');
    while (asked === 0) await sleep(20);
    await page.getByText('Compact', { exact: true }).click();
    const kept = async () => (await (await context.request.get(preferences)).json()) as { density: string };
    while ((await kept()).density !== 'compact') await sleep(20);
    release();
    while (asked === 1) await sleep(20);
    await page.waitForLoadState('networkidle');
    await settled(page);
    assert.equal(await page.locator('html').getAttribute('data-density'), 'compact');
    await page.unroute(preferences);
    await page.getByText('Comfortable', { exact: true }).click();
    while ((await kept()).density !== 'comfortable') await sleep(20);
  });

  it('saves a view of a list for everybody, opens with it, and takes its deletion back', async () => {
    await open('/people', 'People');
    await page.getByRole('searchbox', { name: 'Search people' }).first().fill('mei');
    await page.waitForURL(/q=mei/);
    await page.getByRole('button', { name: 'Columns and export' }).click();
    await page.getByRole('menuitem', { name: 'Revenue' }).click();
    await assertAccessible('columns');
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: 'Revenue' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Saved view: Everything' }).click();
    await page.getByRole('menuitem', { name: 'Save as a new view…' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Only Mei');
    await page.getByRole('switch', { name: 'Everybody sees it' }).check();
    await page.getByRole('switch', { name: 'Open the list with it, for me' }).check();
    await assertAccessible('save-view');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('button', { name: 'Saved view: Only Mei' }).waitFor();

    await open('/sources', 'Sources');
    await page.getByRole('link', { name: 'People' }).click();
    await page.waitForURL(/q=mei/);
    await page.getByRole('button', { name: 'Saved view: Only Mei' }).waitFor();

    const sent = await server.api<{ link: string }>('POST', '/api/invitations', {
      email: 'ben@example.com',
      role: 'seller',
    });
    const theirs = await newBrowser();
    const token =
      new URLSearchParams(new URL(sent.link).hash.slice(1)).get('token') ?? new URL(sent.link).hash.slice(1);
    await post(theirs, '/api/invitations/accept', { token, ...COLLEAGUE });
    const colleague = await theirs.newPage();
    await open('/people', 'People', colleague);
    await colleague.getByRole('button', { name: 'Saved view: Everything' }).click();
    await colleague.getByRole('menuitem', { name: 'Only Mei' }).click();
    await colleague.waitForURL(/q=mei/);
    await colleague.getByRole('link', { name: /Mei Chen/ }).waitFor();
    await colleague.getByRole('link', { name: /Zoë/ }).waitFor({ state: 'detached' });
    await colleague.getByRole('button', { name: 'Saved view: Only Mei' }).click();
    await colleague.getByRole('menuitem', { name: 'Save as a new view…' }).waitFor();
    assert.equal(await colleague.getByRole('menuitem', { name: 'Delete the view' }).count(), 0, 'it is not theirs');
    await assertAccessible('views', colleague);
    await theirs.close();

    await page.getByRole('button', { name: 'Saved view: Only Mei' }).click();
    await page.getByRole('menuitem', { name: 'Delete the view' }).click();
    // While the pointer is on it, the notice stays.
    await page.getByRole('button', { name: 'Undo' }).hover();
    await page.getByRole('button', { name: 'Saved view: Everything' }).waitFor();
    await assertAccessible('undo');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back').waitFor();
    await page.getByRole('button', { name: 'Saved view: Everything' }).click();
    await page.getByRole('menuitem', { name: 'Only Mei' }).click();
    await page.waitForURL(/q=mei/);
  });

  it('exports what a list shows as CSV, with formulas made harmless', async () => {
    await open('/people?view=none', 'People');
    await page.getByRole('searchbox', { name: 'Search people' }).first().fill('formula@example.com');
    await listed(1);
    await page.getByRole('button', { name: 'Columns and export' }).click();
    const coming = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Export CSV' }).click();
    const file = await coming;
    assert.match(file.suggestedFilename(), /^people-\d{4}-\d\d-\d\d\.csv$/);
    const text = readFileSync(await file.path(), 'utf8');
    assert.ok(text.startsWith('\uFEFFid,displayName,email,identifiers,createdAt,'), text.slice(0, 80));
    const rows = parse(text, { bom: true, columns: true }) as Record<string, string>[];
    assert.deepEqual(
      rows.map((row) => [row.displayName, row.email]),
      [[`'${CUSTOMERS[2]?.name}`, 'formula@example.com']],
    );
  });

  it('undoes switching a source off', async () => {
    await open('/sources', 'Sources');
    await page.getByRole('link', { name: 'shop', exact: true }).click();
    await page.getByRole('heading', { name: /shop/ }).first().waitFor();
    await page.getByRole('switch', { name: 'Takes events' }).click();
    await page.getByText('The source refuses events now').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Taken back').waitFor();
    const { items } = await server.api<{ items: { enabled: boolean }[] }>('GET', '/api/sources');
    assert.deepEqual(
      items.map((one) => one.enabled),
      [true],
    );
  });

  it('reads from right to left without a break, on a desk and on a telephone', async () => {
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const [path, heading] of [
        ['/people?view=none', 'People'],
        ['/sources', 'Sources'],
        ['/preferences', 'Preferences'],
      ] as const) {
        await open(path, heading);
        await page.evaluate("document.documentElement.dir = 'rtl'");
        await settled(page);
        if (pictures) await page.screenshot({ path: `${pictures}/shell-rtl-${heading}-${width}.png` });
        assert.equal(await page.evaluate('document.documentElement.dir'), 'rtl');
        const wide = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
        assert.equal(wide, false, `${path} at ${width}`);
      }
    }
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('closes a page to who may not see it, and says so', async () => {
    const theirs = await newBrowser();
    await post(theirs, '/api/auth/sign-in/email', { email: 'ben@example.com', password: COLLEAGUE.password });
    const colleague = await theirs.newPage();
    await open('/keys', 'API keys', colleague);
    await colleague.getByText('This page is not open to you').waitFor();
    assert.equal(await colleague.getByRole('link', { name: 'API keys' }).count(), 0);
    await theirs.close();
    assert.deepEqual(problems, [], 'no error in the browsers');
  });
});
