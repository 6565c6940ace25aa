import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible as assertPageAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { becomeOwner } from './owner.ts';
import { type RunningServer, startServer } from './server.ts';

const pictures = process.env.SCREENSHOTS;
const SETTLED = `new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))
  .then(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null))))`;

let server: RunningServer;
let browser: Browser;
let page: Page;
let source: { id: string; writeKey: string };
let other: { id: string; writeKey: string };
const problems: string[] = [];

before(async () => {
  server = await startServer();
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(30_000);
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/401|409/.test(message.text())) problems.push(message.text());
  });
  await becomeOwner(page, server.url);
  source = await server.api('POST', '/api/sources', { name: 'shop', kind: 'server' });
  other = await server.api('POST', '/api/sources', { name: 'till', kind: 'server' });
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

async function send(to: { writeKey: string }, event: object): Promise<void> {
  const response = await fetch(`${server.url}/v1/track`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${to.writeKey}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  assert.equal(response.status, 200);
}

interface Event {
  name: string;
  messageId: string;
  properties: Record<string, unknown>;
}

/** The events of the person with this user ID, once there are as many. */
async function timelineOf(userId: string, count: number): Promise<Event[]> {
  for (;;) {
    const { items } = await server.api<{ items: { id: string }[] }>('GET', `/api/people?q=${userId}`);
    if (items[0]) {
      const { items: events } = await server.api<{ items: Event[] }>('GET', `/api/people/${items[0].id}/timeline`);
      if (events.length >= count) return events;
    }
    await sleep(100);
  }
}

async function quarantined(count: number): Promise<{ id: string; sourceId: string; step: string; reason: string }[]> {
  for (;;) {
    const { items } = await server.api<{ items: { id: string; sourceId: string; step: string; reason: string }[] }>(
      'GET',
      '/api/quarantine',
    );
    if (items.length >= count) return items;
    await sleep(100);
  }
}

/** Waits until the stream goes by what was published: events of others are sent until one comes out as `shows` says. */
async function inUse(shows: (event: Event) => boolean): Promise<void> {
  for (;;) {
    const userId = `probe-${crypto.randomUUID()}`;
    await send(source, { userId, event: 'Order Probed', properties: { email: 'probe@example.com' } });
    const [event] = await timelineOf(userId, 1);
    if (event && shows(event)) return;
  }
}

const assertAccessible = (what: string) => assertPageAccessible(page, what, { fullPage: true });

/** Puts other code into the editor, as somebody would who writes it. */
async function write(code: string): Promise<void> {
  const editor = page.getByRole('textbox', { name: 'Code' });
  await editor.focus();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(code);
}

describe('transformations, for whoever minds the data', { timeout: 300_000 }, () => {
  it('are written beside recorded events, tried, and change the next event', async () => {
    await send(source, {
      userId: 'grace',
      event: 'Order Completed',
      properties: { total: 10, email: 'grace@example.com' },
    });
    assert.equal((await timelineOf('grace', 1))[0]?.properties.email, 'grace@example.com');

    await page.goto(`${server.url}/sources/${source.id}`);
    await page.getByRole('link', { name: 'Open transformations' }).click();
    await page.getByText('Events are stored as they come').waitFor();
    await assertAccessible('transformations-empty');
    await page.getByRole('button', { name: 'New transformation' }).click();
    await page.getByText('Mask e-mail addresses').click();
    await assertAccessible('transformations-new');
    await page.getByRole('button', { name: 'Create' }).click();

    await page.getByRole('textbox', { name: 'Code' }).waitFor();
    await page
      .getByRole('button', { name: /Order Completed/ })
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Put into use' }).click();
    await page.getByText('This draft was not tried yet').waitFor();
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('1 changed').waitFor();
    await page.getByText('+     "email": "***@example.com"').waitFor();
    await assertAccessible('transformation-tried');
    await page.getByRole('button', { name: 'Put into use', exact: true }).click();
    await page.getByText('Version 1').waitFor();
    await inUse((event) => event.properties.email === '***@example.com');

    await send(source, {
      userId: 'grace',
      event: 'Order Again',
      properties: { total: 20, email: 'grace@example.com' },
    });
    const events = await timelineOf('grace', 2);
    assert.equal(events.find((event) => event.name === 'Order Again')?.properties.email, '***@example.com');
  });

  it('that fail when they are tried say the line, and are not put into use by mistake', async () => {
    await write('function transform(event) {\n  console.log("before", event.event);\n  return event.nothing.here;\n}');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('Line 3:').first().waitFor();
    await page.getByText('before Order').first().waitFor();
    await assertAccessible('transformation-failed');
    await page.getByRole('button', { name: 'Put into use', exact: true }).click();
    await page.getByText(/It failed on \d+ of the \d+ events/).waitFor();
    await page.getByRole('button', { name: 'Put into use all the same' }).waitFor();
  });

  it('one that loops stops alone: its events wait with the reason, another source flows, and it is paused', async () => {
    await write('function transform(event) {\n  while (event.properties.loop) event.n = 1;\n  return event;\n}');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('0 failed').waitFor();
    await page.getByRole('button', { name: 'Put into use', exact: true }).click();
    await page.getByText('Version 2').waitFor();
    await inUse((event) => event.properties.email === 'probe@example.com');
    for (let i = 0; i < 8; i++) await send(source, { userId: 'grace', event: `Loop ${i}`, properties: { loop: true } });
    await send(other, { userId: 'flowing', event: 'Till Opened' });
    assert.equal((await timelineOf('flowing', 1))[0]?.name, 'Till Opened');
    const waiting = await quarantined(8);
    assert.ok(waiting.every((item) => item.step === 'transform' && item.sourceId === source.id));
    assert.match(
      waiting.at(-1)?.reason ?? '',
      /“Mask e-mail addresses” was stopped at line 2: it took longer than 50 ms/,
    );
    await page.getByText(/Paused: it ran out of time/).waitFor();
    await assertAccessible('transformation-paused');
    await page.goto(`${server.url}/sources/${source.id}/transformations`);
    await page.getByText('Paused').first().waitFor();
    await assertAccessible('transformations');
    await page.goto(`${server.url}/sources/${source.id}`);
    await page.getByText('Paused').first().waitFor();
    await assertAccessible('transformations-source');
  });

  it('mended, its events are sent again from quarantine and reach the timeline transformed', async () => {
    await page.goto(`${server.url}/sources/${source.id}/transformations`);
    await page.getByRole('link', { name: 'Mask e-mail addresses' }).click();
    await write('function transform(event) {\n  event.properties.mended = true;\n  return event;\n}');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('0 failed').waitFor();
    await page.getByRole('button', { name: 'Put into use', exact: true }).click();
    await page.getByText('Version 3').waitFor();
    await inUse((event) => event.properties.mended === true);
    for (const { id } of await quarantined(8)) await server.api('POST', `/api/quarantine/${id}/resend`, {});
    const events = await timelineOf('grace', 10);
    const looped = events.filter((event) => event.name.startsWith('Loop'));
    assert.equal(looped.length, 8);
    assert.ok(looped.every((event) => event.properties.mended === true));
  });

  it('go back to an earlier version, and can be steps without code', async () => {
    const row = page.getByRole('listitem').filter({ hasText: 'Version 1' });
    await row.getByRole('button', { name: 'Go back to it' }).click();
    await row.getByRole('button', { name: 'Go back to it' }).click();
    await page.getByText('As version 1').waitFor();
    await page.goto(`${server.url}/sources/${source.id}/transformations?new=1`);
    await page.getByText('Steps without code').click();
    await page.getByRole('textbox', { name: 'Name' }).fill('No secrets');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('button', { name: 'Add a step' }).click();
    await page.getByText('Own events').click();
    await page
      .getByLabel('Events', { exact: true })
      .fill('{"type":"track","userId":"x","event":"e","properties":{"secret":1}}');
    await page.getByRole('button', { name: 'Try', exact: true }).click();
    await page.getByText('1 changed').waitFor();
    await page.getByText('−     "secret": 1').waitFor();
    await assertAccessible('transformation-steps');
    await page.setViewportSize({ width: 390, height: 844 });
    await page.evaluate(SETTLED);
    if (pictures) await page.screenshot({ path: `${pictures}/transformation-phone.png`, fullPage: true });
    const wide = await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
    assert.equal(wide, false, 'the page does not scroll sideways');
    assert.deepEqual(problems, [], 'no error in the browser');
  });
});
