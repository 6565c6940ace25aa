import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible as assertPageAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { becomeOwner } from './owner.ts';
import { type RunningServer, startServer } from './server.ts';

let server: RunningServer;
let browser: Browser;
let page: Page;
const problems: string[] = [];

before(async () => {
  server = await startServer();
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(15_000);
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

/** Writes SQL into the first query, in place of what stands there. */
async function write(sql: string): Promise<void> {
  const editor = page.getByRole('textbox', { name: 'Query 1' });
  await editor.click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(sql);
  await editor.filter({ hasText: sql.split('\n').at(-1)!.trim() }).waitFor();
}

describe('a notebook of SQL, for who asks what no report asks', { timeout: 240_000 }, () => {
  it('begins with what it is for, and a query that can be run', async () => {
    await page.goto(`${server.url}/notebooks`);
    await page.getByText('Questions that no report asks').waitFor();
    await assertAccessible('notebooks-empty');
    await page.getByRole('button', { name: 'New notebook' }).click();
    await page.getByRole('heading', { name: 'Untitled notebook', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByText('No rows.').waitFor();
    await page.getByText('events', { exact: true }).first().waitFor();
    await assertAccessible('notebook');
  });

  it('runs by the keyboard and shows rows, which can be taken along as a file', async () => {
    await write("SELECT toDate('2026-01-01') + number AS day, number * number AS n, '=1+1' AS text FROM numbers(12)");
    await page.keyboard.press('ControlOrMeta+Enter');
    const result = page.getByRole('region', { name: 'Result of query 1' });
    await result.getByRole('cell', { name: '121' }).waitFor();
    assert.equal(await result.getByRole('row').count(), 13);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    const lines = (await readFile(await file.path(), 'utf8')).split('\r\n');
    assert.deepEqual(lines.slice(0, 2), ['\ufeffday,n,text', "2026-01-01,0,'=1+1"]);
    assert.equal(lines.length, 14);
    await assertAccessible('notebook-result');
  });

  it('draws the result', async () => {
    await page.getByText('Line', { exact: true }).click();
    await page.getByRole('region', { name: 'Result of query 1' }).waitFor({ state: 'detached' });
    await page
      .getByRole('figure', { name: /Result of query 1/ })
      .first()
      .waitFor();
    await assertAccessible('notebook-chart');
    await page.getByText('Table', { exact: true }).click();
  });

  it('refuses what may not be read, with the line where it stands', async () => {
    await write("SELECT 1,\n  file('/etc/passwd')");
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    const alert = page.getByRole('alert');
    await alert.getByRole('heading', { name: 'The query was not run: line 2' }).waitFor();
    await alert.getByText('The function file is not one of those that can be used here.').waitFor();
    await assertAccessible('notebook-refused');
  });

  it('cancels what takes long', async () => {
    await write('SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1');
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('The query was cancelled.').waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
  });

  it('is cancelled, too, before the server knows of it', async () => {
    const go = Promise.withResolvers<void>();
    await page.route('**/api/sql', (route) => go.promise.then(() => route.continue()).catch(() => {}));
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByText('The query was cancelled.').waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor();
    go.resolve();
    await page.unroute('**/api/sql');
  });

  it('is saved with its versions, and found in the list', async () => {
    await write('SELECT 1 AS first');
    await page.getByLabel('Name', { exact: true }).fill('Weekly questions');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'Weekly questions', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Versions' }).click();
    await page.getByRole('button', { name: 'Take back version 1' }).waitFor();
    await assertAccessible('notebook-versions');
    await page.getByRole('button', { name: 'Take back version 1' }).click();
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'Untitled notebook', level: 1 }).waitFor();
    await page.goto(`${server.url}/notebooks`);
    await page.getByRole('link', { name: 'Untitled notebook' }).waitFor();
    await assertAccessible('notebooks');
  });

  it('had no fault in the browser on the way', () => {
    assert.deepEqual(problems, []);
  });
});
