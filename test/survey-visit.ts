import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, BrowserContextOptions, Page, Request } from 'playwright-core';
import type { DefinitionInput } from '../src/apps/surveys/definition.ts';
import type { AnswerRow, SurveyDetail } from '../src/apps/surveys/shapes.ts';
import { launchBrowser } from './browser.ts';
import { type Site, startSite } from './sdk-site.ts';
import { type RunningServer, startServer } from './server.ts';

/** What runs within a page has the browser's world, which the types of the tests do not know. */
export interface InPage {
  throughline: {
    track(name: string, properties?: object): Promise<unknown>;
    identify(id: string, traits: object): Promise<unknown>;
    consent(purposes: object): void;
    load(part: string): Promise<{ show(id: string): Promise<void> }>;
  };
  hacked?: unknown;
  shifted: number;
  violations: string[];
}

export let server: RunningServer;
export let site: Site;
let browser: Browser;
export let key: string;
export let context: BrowserContext;
export let page: Page;
let paths = 0;
/** What the page asked since it was opened to begin a response, which it does before it shows a survey. */
let begun: Request[] = [];

/** A survey that customers can be asked now; its popover only on a page of its own. */
export async function publish(input: DefinitionInput, popover: DefinitionInput['popover'] | null = {}) {
  const path = `/page-${++paths}`;
  const definition = {
    ...input,
    popover: popover ? { pages: [{ match: 'is' as const, value: path }], ...popover } : undefined,
  };
  const { id, revision } = await server.api<SurveyDetail>('POST', '/api/surveys', { definition });
  const { openLink } = await server.api<SurveyDetail>('POST', `/api/surveys/${id}/publish`, { revision });
  return { id, path, link: new URL(openLink).pathname };
}

export const responses = async (id: string) =>
  (await server.api<{ items: AnswerRow[] }>('GET', `/api/surveys/${id}/answers?limit=50`)).items;

/** All responses, once so many in a language are complete: a browser that is closed by force takes along what is on its way. */
export async function completed(survey: string, language: string, count = 1): Promise<AnswerRow[]> {
  for (let tries = 0; ; tries++) {
    const rows = await responses(survey);
    const done = rows.filter((row) => row.language === language && row.state === 'complete');
    if (done.length >= count) return rows;
    assert.ok(tries < 200, `${language} is complete`);
    await sleep(50);
  }
}

/** The one response, once it is as it should be. */
export async function response(id: string, fits: (row: AnswerRow) => boolean): Promise<AnswerRow> {
  for (let tries = 0; ; tries++) {
    const rows = await responses(id);
    if (rows.length === 1 && fits(rows[0]!)) return rows[0]!;
    if (tries > 100) assert.fail(`There is ${JSON.stringify(rows, null, 1)}`);
    await sleep(50);
  }
}

/** A new visitor, who notes what a page must not suffer. */
export async function visitor(options: BrowserContextOptions = {}): Promise<void> {
  await context?.close();
  context = await browser.newContext({ locale: 'en-US', viewport: { width: 1000, height: 700 }, ...options });
  context.setDefaultTimeout(10_000);
  await context.addInitScript(`
    globalThis.shifted = 0;
    globalThis.violations = [];
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) shifted += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
    addEventListener('securitypolicyviolation', ({ violatedDirective }) => violations.push(violatedDirective));
  `);
  page = await context.newPage();
  page.on('request', (request) => {
    if (request.isNavigationRequest()) begun = [];
    else if (/\/v1\/surveys\/[^/]+\/responses$/.test(request.url())) begun.push(request);
  });
}

const STRICT = () => ({
  'content-security-policy': `default-src 'none'; script-src ${server.url}; connect-src ${server.url}; style-src 'none'; img-src 'none'`,
});
const FILLING = '<p>Things that this shop sells, one after another, for everybody who scrolls.</p>'.repeat(60);

export async function visit(
  path: string,
  more: { head?: string; body?: string; headers?: Record<string, string> } = {},
) {
  const tag = `<script async src="${server.url}/sdk.js" data-write-key="${key}"></script>`;
  site.pages[path] = {
    html: `<!doctype html><html lang="en"><title>The shop</title><meta name="viewport" content="width=device-width">${more.head ?? ''}${tag}<body><main><h1>The shop</h1><a href="#x" id="link">A link</a>${more.body ?? FILLING}</main>`,
    headers: more.headers ?? STRICT(),
  };
  await page.goto(site.url + path);
}

/** The part is there, with what this visitor may be shown. */
export async function ready() {
  await page.waitForFunction(() => !!(globalThis as never as InPage).throughline?.track);
  await inPage(({ throughline }) => throughline.load('surveys').then(() => true));
}
export const popover = () => page.locator('.tl.popover');
export const inPage = <T>(run: (page: InPage) => T): Promise<Awaited<T>> => page.evaluate(`(${run})(globalThis)`);
export const press = async (...keys: string[]) => {
  for (const one of keys) await page.keyboard.press(one);
};
export const title = (text: string | RegExp) => page.locator('.tl .title', { hasText: text }).waitFor();
/** No survey is on the page, nor on its way to it: what it asked for, the server refused. */
export async function assertHidden() {
  await ready();
  await sleep(400);
  await assertNoneBegun();
  assert.equal(await popover().count(), 0, 'nothing is shown');
}
export async function assertNoneBegun() {
  const answers = await Promise.all(begun.map((request) => request.response()));
  const granted = answers.filter((answer) => !answer || answer.ok());
  assert.deepEqual(granted, [], 'no response is begun');
}

/** To the end of the page, which has heard of it then. */
export const scrollDown = () =>
  page.evaluate(`new Promise((told) => {
    addEventListener('scroll', () => told(), { once: true });
    scrollTo(0, document.body.scrollHeight);
  })`);

/** Starts the server, a site and a browser for the tests of a file. Call it once. */
export function askVisitors(): void {
  before(async () => {
    server = await startServer();
    site = await startSite();
    browser = await launchBrowser();
    key = (await server.api<{ writeKey: string }>('POST', '/api/sources', { name: 'shop', kind: 'browser' })).writeKey;
    await server.api('PUT', '/api/surveys/settings', { quietDays: 0 });
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await server?.remove();
  });
}

/** Names of this visitor's events of these names, once each of them is on the timeline. */
export async function timelineNames(names: string[]): Promise<string[]> {
  const visitorId = await page.evaluate(() =>
    (globalThis as never as { throughline: { anonymousId(): string } }).throughline.anonymousId(),
  );
  for (let tries = 0; ; tries++) {
    const person = await server
      .api<{ id: string }>('GET', `/api/people/lookup?kind=anonymous_id&value=${visitorId}`)
      .catch(() => null);
    const { items } = person
      ? await server.api<{ items: { name: string }[] }>('GET', `/api/people/${person.id}/timeline?limit=200`)
      : { items: [] };
    const found = items.map(({ name }) => name).filter((name) => names.includes(name));
    if (names.every((name) => found.includes(name))) return found;
    if (tries > 100) assert.fail(`There are only ${found}`);
    await sleep(100);
  }
}
