import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { type MailServer, startMailServer } from './mail-server.ts';
import { becomeOwner } from './owner.ts';
import { type RunningServer, startServer } from './server.ts';

let server: RunningServer;
let mails: MailServer;
let browser: Browser;
let page: Page;
let report: { id: string };
const problems: string[] = [];

before(async () => {
  mails = await startMailServer();
  server = await startServer({ environment: { THROUGHLINE_MAIL_URL: mails.url } });
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, locale: 'en-GB' });
  context.setDefaultTimeout(30_000);
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  await becomeOwner(page, server.url);
  const series = [{ what: { events: [{ type: 'track' }], label: 'Orders' } }];
  report = await server.api<{ id: string }>('POST', '/api/reports', {
    name: 'Orders a day',
    content: { report: { kind: 'trend', series } },
    shared: true,
  });
});
after(async () => {
  await browser?.close();
  await server?.remove();
  await mails?.close();
});

const choose = async (name: string) => {
  await page.goto(`${server.url}/reports/${report.id}`);
  await page.getByRole('heading', { name: 'Orders a day' }).waitFor();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name }).click();
};

describe('alerts, mails and links, for whoever does not look each day', { timeout: 240_000 }, () => {
  it('says on an empty page what it is for', async () => {
    await page.goto(`${server.url}/alerts`);
    await page.getByText('Nothing is shared by link').waitFor();
    await assertAccessible(page, 'alerts-empty', { fullPage: true });
  });

  it('shares a report by a link that somebody without an account opens', async () => {
    await choose('Share by link');
    await assertAccessible(page, 'share-panel');
    await page.getByRole('button', { name: 'Make the link' }).click();
    const link = await page.locator('code', { hasText: '/share/sh_' }).textContent();
    const stranger = await browser.newContext({ locale: 'it-IT' });
    const theirs = await stranger.newPage();
    await theirs.goto(link!);
    await theirs.getByRole('heading', { name: 'Orders a day' }).waitFor();
    await assertAccessible(theirs, 'shared-page', { fullPage: true });
    await stranger.close();
  });

  it('has it mailed every week', async () => {
    await choose('Send by mail');
    await assertAccessible(page, 'schedule-panel');
    assert.equal(await page.getByLabel('Addresses').inputValue(), 'ada@example.com');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The mail is set up').waitFor();
  });

  it('sets up an alert, having tried it first', async () => {
    await choose('Alert me');
    await page.getByRole('button', { name: 'Try it on the last 60 days' }).click();
    await page.getByText('It would have fired 0 times in the last 60 days.').waitFor();
    await assertAccessible(page, 'alert-panel');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The alert is set up').waitFor();
  });

  it('lists them, and takes the link back', async () => {
    await page.goto(`${server.url}/alerts`);
    const links = page.getByRole('table', { name: 'Links' });
    await links.getByRole('button', { name: 'Revoke' }).click();
    await links.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click();
    await links.getByText('revoked').waitFor();
    await page.getByRole('table', { name: 'Alerts' }).getByRole('link', { name: 'Orders a day' }).click();
    await page.getByRole('heading', { name: 'What was found' }).waitFor();
    await assertAccessible(page, 'alerts', { fullPage: true });
    assert.deepEqual(problems, []);
  });
});
