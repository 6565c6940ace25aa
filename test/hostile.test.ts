import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page, Request } from 'playwright-core';
import { caseToken } from '../src/apps/voices/cases/token.ts';
import { launchBrowser } from './browser.ts';
import { PAYLOADS, sendHostileEvents, sendHostileMails, typeHostileNames } from './hostile-data.ts';
import { type RunningServer, startServer } from './server.ts';

const OWNER = {
  company: '<img data-hostile src=x onerror=window.hacked=1>{{x}}',
  name: '<script data-hostile>window.hacked=1</script>',
  email: 'ada@example.com',
  password: 'a long enough password',
};
/** A page is given so long to get everything that it asks for. */
const REST_MS = 60_000;
/** Pages of the same kind that are looked at, of those that links lead to. */
const EACH_KIND = 2;
const WIDTHS = [1440, 390];

let server: RunningServer;
let receiver: Server;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What should never be, with the address at which it was. */
const problems: string[] = [];
/** What the page has asked for and not got yet. Streams of events never end. */
const underWay = new Set<Request>();
const visited = new Set<string>();
const headings = new Set<string>();

const note = (what: string) => problems.push(`${page.url().slice(0, 200)}: ${what.slice(0, 500)}`);

before(async () => {
  receiver = createServer((_request, response) => response.writeHead(500).end(PAYLOADS.join('\n')));
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  server = await startServer({ environment: { THROUGHLINE_OUTGOING_ALLOW: '127.0.0.0/8' } });
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: { width: WIDTHS[0]!, height: 900 }, reducedMotion: 'reduce' });
  context.setDefaultTimeout(20_000);
  const made = await context.request.post(`${server.url}/api/setup`, {
    data: OWNER,
    headers: { origin: server.url, 'user-agent': '<img data-hostile src=x onerror=window.hacked=1>' },
  });
  assert.ok(made.ok(), await made.text());
  await typeHostileNames(server, `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
  await sendHostileMails(server);
  await sendHostileEvents(server, await server.writeKey('shop'));
  page = await watchedPage();
});
after(async () => {
  await browser?.close();
  receiver?.close();
  await server?.remove();
});

beforeEach(() => {
  problems.length = 0;
});

/** A page of which everything that must not happen is noted. */
async function watchedPage(): Promise<Page> {
  const made = await context.newPage();
  const home = new URL(server.url).origin;
  await made.exposeFunction('reportHostile', (what: string) => note(what));
  await made.addInitScript(`document.addEventListener('securitypolicyviolation', (event) =>
    reportHostile('refused by the policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));`);
  made.on('dialog', (dialog) => {
    note(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  made.on('pageerror', (error) => note(`a fault: ${error}`));
  made.on('popup', (popup) => note(`a window: ${popup.url()}`));
  made.on('console', (message) => {
    const expected = /status of (400|401|404)/.test(message.text());
    if (message.type() === 'error' && !expected) note(`the console: ${message.text()}`);
  });
  made.on('requestfinished', (request) => underWay.delete(request));
  made.on('requestfailed', (request) => underWay.delete(request));
  made.on('request', (request) => {
    if (request.resourceType() !== 'eventsource') underWay.add(request);
    const url = request.url();
    if (!/^(data|blob):/.test(url) && new URL(url).origin !== home) note(`it asks for ${url}`);
  });
  return made;
}

/** Resolves once the page has drawn what it knows and has nothing to do; says whether it waits for something. */
const IDLE = `new Promise((idle) => requestAnimationFrame(() => requestIdleCallback(idle, { timeout: 500 })))
  .then(() => document.querySelector('[aria-busy="true"]') !== null)`;

/** What a page must never have in it, once it is drawn: as sentences. */
const LOOK = `(() => {
  const found = [];
  if (window.hacked) found.push('a script ran');
  for (const one of document.querySelectorAll('[data-hostile]')) found.push('taken for HTML: ' + one.outerHTML);
  for (const one of document.querySelectorAll('[href],[src],[action],[formaction],[srcdoc]')) {
    for (const name of ['href', 'src', 'action', 'formaction']) {
      const value = one.getAttribute(name);
      if (value === null || one.namespaceURI.endsWith('svg')) continue;
      const { protocol } = new URL(value, document.baseURI);
      const fine = ['http:', 'https:', 'mailto:'].includes(protocol) || (name === 'src' && protocol === 'data:');
      if (!fine) found.push(name + ' leads to ' + value);
    }
    if (one.hasAttribute('srcdoc')) found.push('a frame with a document of its own');
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) {
    const wide = [...document.querySelectorAll('body *')].find((one) => {
      const box = one.getBoundingClientRect();
      return box.right > clientWidth + 1 && box.width > 0 && getComputedStyle(one).position !== 'fixed';
    });
    found.push('the page is ' + (scrollWidth - clientWidth) + ' px too wide: ' + (wide ? wide.outerHTML.slice(0, 200) : ''));
  }
  return found;
})()`;

/** The page has everything that it asked for, and nothing more to ask: twice in a row, as an answer can lead to a question. */
async function drawn(): Promise<void> {
  await page.locator('h1').first().waitFor();
  const until = Date.now() + REST_MS;
  for (let calm = 0; calm < 2; calm++) {
    if (!(await page.evaluate(IDLE)) && underWay.size === 0) continue;
    calm = -1;
    const asked = [...underWay].map((request) => request.url());
    assert.ok(Date.now() < until, `${page.url()} comes to no rest: ${asked.join(', ').slice(0, 500)}`);
    await sleep(20);
  }
}

/** The width that the page has. */
let wide = WIDTHS[0]!;

async function lookAt(path: string, how: 'anew' | 'within' = 'anew'): Promise<void> {
  underWay.clear();
  if (how === 'anew') await page.goto(server.url + path, { waitUntil: 'domcontentloaded' });
  // As by a link of the console itself, which is much quicker.
  else
    await page.evaluate(
      `history.pushState({}, '', ${JSON.stringify(path)}); dispatchEvent(new PopStateEvent('popstate', { state: {} }))`,
    );
  await drawn();
  // First as it is, then in the other width, in which the next page begins.
  for (const width of [wide, ...WIDTHS.filter((one) => one !== wide)]) {
    if (width !== wide) {
      await page.setViewportSize({ width, height: 900 });
      await page.evaluate(IDLE);
      wide = width;
    }
    for (const found of (await page.evaluate(LOOK)) as string[]) note(`${width} px: ${found}`);
  }
}

/** A page and the kind of what is open on it, whatever the ids. */
function kindOf(address: string): string {
  const url = new URL(address, server.url);
  const path = url.pathname
    .replace(/^\/replay\/shared\/[\w-]+$/, '/replay/shared/:token')
    .replace(/^\/catalogue\/[^/]+\/.+$/, '/catalogue/:type/:name')
    .replace(/^\/reports\/new\/\w+$/, '/reports/new/:kind')
    .replaceAll(/\/[0-9a-f]{8}-[0-9a-f-]{27}/g, '/:id')
    .replaceAll(/\/\d+/g, '/:id');
  return `${path}?${[...url.searchParams.keys()].sort().join('&')}`;
}

/** From the given addresses along the links of the pages, some of each kind. */
async function walk(from: readonly string[]): Promise<void> {
  const queue = [...from];
  const seen = new Set(queue);
  const kinds = new Map<string, number>();
  while (queue.length > 0) {
    const path = queue.shift()!;
    await lookAt(path, visited.size === 0 ? 'anew' : 'within');
    visited.add(kindOf(path));
    headings.add((await page.locator('h1').first().textContent()) ?? '');
    const links = (await page.evaluate(
      `[...document.querySelectorAll('main a[href]')].filter((a) => !a.download && !a.target).map((a) => a.href)`,
    )) as string[];
    for (const link of links) {
      const url = new URL(link);
      const next = url.pathname + url.search;
      const kind = kindOf(next);
      if (url.origin !== new URL(server.url).origin || seen.has(next) || /^\/(api|sdk|docs)/.test(next)) continue;
      if ((kinds.get(kind) ?? 0) >= EACH_KIND) continue;
      seen.add(next);
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      queue.push(next);
    }
  }
}

const encoded = (text: string) => encodeURIComponent(text.toWellFormed());

describe('hostile texts in everything that customers send and staff type', { timeout: 600_000 }, () => {
  it('would be seen here if they ran, loaded or were taken for HTML', async () => {
    await lookAt('/people');
    assert.deepEqual([...problems], []);
    await page.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend',
      '<img data-hostile src=https://evil.invalid/x onerror="window.hacked=1"><a href="javascript:alert(1)">x</a><p style="inline-size: 9999px">x</p>')`);
    await page.evaluate(`window.hacked = 1`);
    while (!problems.some((one) => one.includes('the policy'))) await sleep(20);
    problems.push(...((await page.evaluate(LOOK)) as string[]));
    for (const what of [
      /a script ran/,
      /taken for HTML/,
      /leads to javascript/,
      /px too wide/,
      /the policy: (img|script)-src/,
    ])
      assert.ok(
        problems.some((one) => what.test(one)),
        `${what}: ${problems.join('\n')}`,
      );
  });

  it('run nothing, load nothing and break nothing on any screen of the console', async () => {
    const victims = await server.api<{ items: { id: string }[] }>('GET', '/api/people?q=victim');
    const victim = victims.items[0]!.id;
    const senders = await server.api<{ items: { id: string }[] }>('GET', '/api/people?q=m1@example.com');
    const sender = senders.items[0]!.id;
    const { items: roles } = await server.api<{ items: { id: string }[] }>('GET', '/api/roles');
    const idsOf = async (path: string) =>
      (await server.api<{ items: { id: string }[] }>('GET', path)).items.slice(0, 4).map(({ id }) => id);
    const asked = (await idsOf('/api/surveys')).slice(0, EACH_KIND);
    const [recording] = await idsOf('/api/replay/recordings');
    const [said] = await idsOf('/api/voices?q=data-hostile');
    const [opened] = await idsOf('/api/voices/cases');
    const shares = `/api/replay/recordings/${recording}/shares`;
    const shared = await server.api<{ link: string }>('POST', shares, { expiresInSeconds: 3600 });
    await walk([
      '/live',
      '/people',
      ...PAYLOADS.slice(0, 3).map((text) => `/people?q=${encoded(text)}`),
      `/people/${victim}`,
      `/people/${sender}`,
      `/people/${victim}?privacy=1`,
      ...PAYLOADS.slice(0, 60)
        .filter((_, i) => i % 15 === 0)
        .map((text) => `/people/${victim}?trait=${encoded(text)}`),
      `/people/${victim}?name=${encoded(PAYLOADS[2]!)}`,
      '/sources',
      '/sources?new=1',
      '/destinations',
      '/destinations?new=1',
      '/catalogue',
      '/catalogue?sort=name',
      '/catalogue?panel=plan',
      '/catalogue?panel=new',
      ...PAYLOADS.filter((_, i) => i % 16 === 0).map((text) => `/catalogue/track/${encoded(text)}`),
      '/quarantine',
      '/requests',
      '/requests?new=1',
      ...['purposes', 'texts', 'retention', 'suppressed', 'erasures'].flatMap((tab) => [
        `/privacy?tab=${tab}`,
        `/privacy?tab=${tab}&open=new`,
      ]),
      '/privacy?tab=suppressed&open=add',
      '/staff',
      '/staff?invite=1',
      '/roles',
      '/roles?tab=matrix',
      `/roles?role=${roles.at(-1)!.id}`,
      '/access',
      '/access?sso=new',
      '/access?token=new',
      '/keys',
      '/keys?new=1',
      '/audit',
      '/system',
      '/dashboards',
      '/web',
      '/journey-map',
      '/friction',
      '/replay',
      '/replay?settings=1',
      '/replay/shared/none',
      new URL(shared.link).pathname,
      `/replay/${recording}?share=1`,
      `/heatmaps?r=${encodeURIComponent("(page:'/hostile')")}`,
      '/heatmaps?r=(view:forms)',
      '/scores',
      '/voices',
      `/voices?voice=${said}`,
      '/voices?panel=topics',
      '/voices?panel=settings',
      '/cases',
      `/cases?item=${opened}`,
      '/cases?rules=1',
      '/notebooks',
      '/reports',
      ...['trend', 'funnel', 'retention', 'journey', 'score', 'drivers', 'heatmap', 'forms'].map(
        (kind) => `/reports/new/${kind}`,
      ),
      '/alerts',
      '/actions',
      '/audiences',
      '/audiences/new',
      '/audiences/overlap',
      '/surveys',
      '/surveys/new',
      '/surveys?settings=1',
      ...asked.flatMap((id) => [
        ...['welcome', 'b', 'ending:e', 'look', 'translations'].map((at) => `/surveys/${id}?at=${at}`),
        ...['publish', 'versions', 'delete'].map((panel) => `/surveys/${id}?panel=${panel}`),
        ...['asking', 'send', 'results', 'results?view=responses'].map((part) => `/surveys/${id}/${part}`),
      ]),
      '/account',
      '/account?open=passkey',
      '/preferences',
    ]);
    assert.deepEqual(problems, []);
    assert.ok(headings.size > 18, [...headings].join(' | ').slice(0, 2000));
    const all = [...readFileSync(new URL('../web/src/pages.tsx', import.meta.url), 'utf8').matchAll(/path: '([^']+)'/g)]
      .map(([, path]) => `/${path!.replaceAll(/(?<=\/):\w+Id/g, ':id')}`)
      .filter((path) => !/^\/(setup|sign-in|join|forgotten-password|reset-password)$/.test(path));
    const pages = new Set([...visited].map((kind) => kind.split('?')[0]));
    assert.deepEqual(
      all.filter((path) => !pages.has(path)),
      [],
      'every page was looked at',
    );
    for (const panel of [
      'event',
      'item',
      'group',
      'member',
      'sso',
      'trait',
      'delivery',
      'entry',
      'role',
      'voice',
      'rules',
      'share',
    ]) {
      assert.ok(
        [...visited].some((kind) => new RegExp(`[?&]${panel}\\b`).test(kind)),
        `a panel "${panel}" was open`,
      );
    }
  });

  it('are shown as what they are: no placeholder, no message and no name of the language is put in', async () => {
    const text = PAYLOADS.find((one) => one.includes('$t('))!;
    const { items } = await server.api<{ items: { id: string }[] }>(
      'GET',
      `/api/people?q=${encoded('$t(nav.people)')}`,
    );
    await lookAt(`/people/${items[0]!.id}`);
    assert.ok(((await page.locator('main').textContent()) ?? '').includes(text));
    await lookAt('/sources');
    assert.ok(((await page.locator('main').textContent()) ?? '').includes('{{count}} {{name}} $t(nav.people)'));
    await lookAt('/roles');
    const shown = (await page.locator('main').textContent()) ?? '';
    for (const name of ['__proto__', 'constructor', 'hasOwnProperty']) assert.ok(shown.includes(name), name);
    assert.deepEqual(problems, []);
  });

  it('do nothing on the pages for who is not signed in, and lead to no other site', async () => {
    await context.clearCookies();
    const text = encoded(PAYLOADS[2]!);
    for (const path of [
      `/sign-in?refused=${text}`,
      `/sign-in?refused=__proto__`,
      `/join#${text}`,
      `/reset-password#${text}`,
      '/forgotten-password',
      `/${text}`,
      `/people/${text}?event=${text}`,
    ]) {
      await lookAt(path);
    }
    for (const next of [
      'javascript:window.hacked=1',
      'https://evil.invalid/',
      '//evil.invalid/',
      '/\\evil.invalid',
      '\t//evil.invalid',
    ]) {
      await context.clearCookies();
      await page.goto(`${server.url}/sign-in?next=${encodeURIComponent(next)}`);
      await page.getByLabel('E-mail').fill(OWNER.email);
      await page.getByLabel('Password', { exact: true }).fill(OWNER.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByRole('navigation').first().waitFor();
      await drawn();
      assert.equal(new URL(page.url()).origin, server.url, next);
      assert.deepEqual(await page.evaluate(LOOK), [], next);
    }
    assert.deepEqual(problems, []);
  });

  it('do nothing on the pages for customers', async () => {
    const text = PAYLOADS[2]!;
    await lookAt(`/your-data?lang=${encoded(text)}`);
    await lookAt(`/your-data/request?token=${encoded(text)}&lang=${encoded(text)}`);
    await lookAt(`/your-data/archive?token=${encoded(text)}`);
    await lookAt(`/s/${text.replaceAll('/', '')}`);
    const { items: asked } = await server.api<{ items: { id: string }[] }>('GET', '/api/surveys');
    for (const { id } of asked.slice(0, 4)) {
      const { openLink } = await server.api<{ openLink: string }>('GET', `/api/surveys/${id}`);
      await lookAt(`${new URL(openLink).pathname}?lang=${encoded(text)}&answer=${encoded(text)}`);
      // From the welcome to the ending, by the button that leads on.
      let steps = 0;
      for (const onward = page.locator('button.main').last(); steps < 8 && (await onward.isVisible()); steps++) {
        const step = await page.locator('.step').elementHandle();
        await onward.click();
        await step!.waitForElementState('hidden');
        for (const found of (await page.evaluate(LOOK)) as string[]) note(`step ${steps}: ${found}`);
      }
      assert.equal(steps, 5, 'the welcome and four questions');
    }
    const { items: cases } = await server.api<{ items: { id: string }[] }>('GET', '/api/voices/cases');
    const token = caseToken({ config: { dataDir: server.dataDir } }, Number(cases[0]!.id));
    await lookAt(`/case/${encoded(text)}`);
    await lookAt(`/case/${token}?lang=${encoded(text)}`);
    for (const [i, one] of PAYLOADS.entries()) {
      await page.goto(`${server.url}/your-data`, { waitUntil: 'domcontentloaded' });
      const answered = page.waitForEvent('framenavigated');
      // As somebody who does not use the page's own form: no limits and no types.
      await page.evaluate(`{
        const values = ${JSON.stringify({ kind: i % 2 ? 'access' : one, email: i % 3 ? `${one}@example.com` : one, name: one, message: one.repeat(i % 5 ? 1 : 20) })};
        const form = document.querySelector('form');
        form.noValidate = true;
        for (const field of form.querySelectorAll('input,textarea')) {
          field.removeAttribute('maxlength');
          if (field.type === 'radio') { field.checked = field.value === 'access'; if (field.checked) field.value = values.kind; }
          else if (values[field.name] !== undefined) { field.type = 'text'; field.value = values[field.name]; }
        }
        form.submit();
      }`);
      await answered;
      await page.waitForLoadState('domcontentloaded');
      await page.locator('h1').waitFor();
      for (const found of (await page.evaluate(LOOK)) as string[]) note(found);
    }
    assert.deepEqual(problems, []);
  });
});
