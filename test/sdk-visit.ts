import assert from 'node:assert/strict';
import { after, before, beforeEach } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Message, Throughline } from '../sdk/src/types.ts';
import { launchBrowser } from './browser.ts';
import { type Site, startSite } from './sdk-site.ts';
import { type RunningServer, startServer } from './server.ts';

export interface Stored {
  type: string;
  name: string;
  sessionStart: string | null;
  messageId: string;
  properties: Record<string, unknown>;
  context: Record<string, unknown>;
  page: { url: string; title: string; referrer: string } | null;
  campaign: { source: string; name: string } | null;
}
/** What the tests call within a page. */
export type InPage = { throughline: Throughline };

export let server: RunningServer;
export let site: Site;
let browser: Browser;
export let key: string;
export let context: BrowserContext;
export let page: Page;
/** Bodies of all requests to the server, as they left. */
export let sent: string[];
export let problems: string[];

/** Starts the server, a site and a browser for the tests of a file, with a fresh visitor for each. Call it once. */
export function visitEachTime(): void {
  before(async () => {
    server = await startServer();
    site = await startSite();
    browser = await launchBrowser();
    key = (await server.api<{ writeKey: string }>('POST', '/api/sources', { name: 'shop', kind: 'browser' })).writeKey;
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await server?.remove();
  });
  beforeEach(async () => {
    await context?.close();
    context = await browser.newContext({ locale: 'pl-PL', timezoneId: 'Europe/Warsaw' });
    context.setDefaultTimeout(10_000);
    sent = [];
    problems = [];
    context.on('request', (request) => {
      if (request.method() === 'POST') sent.push(request.postData() ?? '');
    });
    context.on('weberror', (error) => problems.push(String(error.error())));
    page = await context.newPage();
  });
}

export const tag = (attributes = '') =>
  `<script async src="${server.url}/sdk.js" data-write-key="${key}" ${attributes}></script>`;
export const html = (body: string, head = tag()) => `<!doctype html><title>The shop</title>${head}<body>${body}`;

export async function open(path: string, body: string, head?: string, headers?: Record<string, string>): Promise<void> {
  site.pages[path.split('?')[0]!] = { html: html(body, head), ...(headers && { headers }) };
  await page.goto(site.url + path);
  await started();
}
export const started = () => page.waitForFunction(() => !!(globalThis as never as InPage).throughline?.anonymousId);
export const anonymousId = () => page.evaluate(() => (globalThis as never as InPage).throughline.anonymousId());
export const flush = () => page.evaluate(() => (globalThis as never as InPage).throughline.flush());
export const messages = () => sent.flatMap((body) => (JSON.parse(body) as { batch: Message[] }).batch);

/** The visitor's timeline, the oldest first, once it has the events of these names. */
export async function timelineOf(visitor: string, ...names: string[]): Promise<Stored[]> {
  for (let tries = 0; ; tries++) {
    const events = await timelineNow(visitor);
    const missing = names.filter((name) => !events.some((event) => event.name === name || event.type === name));
    if (missing.length === 0) return events;
    if (tries > 150) assert.fail(`${missing} did not arrive; there are ${events.map((one) => one.name || one.type)}`);
    await sleep(100);
  }
}
export async function timelineNow(visitor: string): Promise<Stored[]> {
  const query = `/api/people/lookup?kind=anonymous_id&value=${visitor}`;
  const person = await server.api<{ id: string }>('GET', query).catch(() => null);
  if (!person) return [];
  const { items } = await server.api<{ items: Stored[] }>('GET', `/api/people/${person.id}/timeline?limit=200`);
  return items.toReversed();
}
export const named = (events: Stored[], name: string) => events.filter((event) => event.name === name);
