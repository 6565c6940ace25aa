import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { until } from '../src/kernel/testing-until.ts';
import { launchBrowser } from './browser.ts';
import { signUpOwner } from './owner.ts';
import { type Site, startSite } from './sdk-site.ts';
import { type RunningServer, startServer } from './server.ts';

export const VIEW = { width: 800, height: 500 };

export let server: RunningServer;
export let site: Site;
export let browser: Browser;
/** The browser of the company's staff, and its page. */
export let staff: BrowserContext;
export let page: Page;
export let key = '';
const problems: string[] = [];
/** Everything that the console's pages asked for elsewhere than here. */
export const outside: string[] = [];

interface Listed {
  items: { id: string; state: string; pages: number; clicks: number; signals: Record<string, number>; score: number }[];
  nextCursor: string | null;
}
export interface Detail {
  personId: string | null;
  index: {
    fromMs: number;
    toMs: number;
    gaps: number[];
    snapshots: number[];
    pages: { url: string }[];
    clicks: unknown[];
    errors: unknown[];
    signals: unknown[];
  };
}

export const list = (query = '') => server.api<Listed>('GET', `/api/replay/recordings?${query}`);
export const detailOf = (id: string) => server.api<Detail>('GET', `/api/replay/recordings/${id}`);

/** Stores events as a recorder would send them. */
export async function store(id: string, n: number, events: object[], change: object = {}): Promise<void> {
  const response = await fetch(`${server.url}/v1/recordings/${id}/chunks/${n}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-encoding': 'gzip' },
    body: gzipSync(
      JSON.stringify({
        ...{ v: 1, anonymousId: 'visitor-1', sessionStart: Date.now(), start: 0, end: 0, sentAt: Date.now() },
        ...{ page: { url: 'https://shop.example/', title: 'Shop', viewport: [800, 500] }, masked: 'inputs', events },
        ...change,
      }),
    ),
  });
  assert.ok(response.ok, await response.text());
}

/** A page with one text, as a recorder tells it, and another text in its place later. */
export function pageWith(textContent: string, timestamp: number): object[] {
  const element = (id: number, tagName: string, childNodes: object[]) => ({
    ...{ type: 2, attributes: {}, id, tagName, childNodes },
  });
  const body = element(3, 'body', [{ type: 3, textContent, id: 4 }]);
  const node = { type: 0, id: 1, childNodes: [element(2, 'html', [body])] };
  return [
    { type: 4, timestamp, data: { href: 'https://shop.example/', ...VIEW } },
    { type: 2, timestamp, data: { node, initialOffset: { left: 0, top: 0 } } },
  ];
}
export const wordsAt = (timestamp: number, value: string) => ({
  ...{ type: 3, timestamp },
  data: { source: 0, texts: [{ id: 4, value }], attributes: [], removes: [], adds: [] },
});

/** True once all pictures of the page that is played have come, also within its frames. */
const PICTURES_SHOWN = `() => {
  const shown = (page) => [...page.images].every(({ complete, naturalWidth }) => complete && naturalWidth > 0) &&
    [...page.querySelectorAll('iframe')].every(({ contentDocument }) => !contentDocument || shown(contentDocument));
  return shown(document.querySelector('.replayer-wrapper iframe').contentDocument);
}`;

/** What was done last is drawn. */
export const drawn = (of: Page) =>
  of.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))');

/** The player at a moment, with the picture drawn and its cursor out of the way. */
export async function at(id: string, seconds: number): Promise<Buffer> {
  await page.goto(`${server.url}/replay/${id}?t=${seconds}`);
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  await page.locator('.replayer-wrapper iframe').waitFor();
  await page.getByText('Loading …').waitFor({ state: 'hidden' });
  await page.addStyleTag({ content: '.replayer-mouse, .replayer-mouse-tail { visibility: hidden }' });
  await page.waitForFunction(PICTURES_SHOWN);
  await drawn(page);
  const place = async () => (await page.locator('.replayer-wrapper iframe').boundingBox())!;
  for (;;) {
    const { x, y } = await place();
    // Frames are drawn at whole pixels, wherever their box begins.
    const picture = await page.screenshot({ clip: { x: Math.round(x), y: Math.round(y), ...VIEW } });
    // What came above it meanwhile has moved it.
    const now = await place();
    if (now.x === x && now.y === y) return picture;
  }
}

/** Starts the server, a site and a browser for the tests of a file; visitors are recorded. Call it once. */
export function watchRecordings(): void {
  before(async () => {
    [server, site, browser] = [await startServer(), await startSite(), await launchBrowser()];
    staff = await browser.newContext({
      viewport: { width: 1500, height: 950 },
      locale: 'en-GB',
      timezoneId: 'Europe/London',
      reducedMotion: 'reduce',
    });
    staff.setDefaultTimeout(20_000);
    staff.on('weberror', (error) => problems.push(String(error.error())));
    staff.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(server.url) && !/^(data|blob|about):/.test(url)) outside.push(url);
    });
    await signUpOwner(staff, server.url);
    const { settings, version } = await server.api<{ settings: object; version: number }>(
      'GET',
      '/api/replay/settings',
    );
    await server.api('PUT', '/api/replay/settings', {
      settings: { ...settings, recording: true, minimumSeconds: 0 },
      version,
    });
    key = await server.writeKey('shop');
    page = await staff.newPage();
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await server?.remove();
    assert.deepEqual(problems, []);
    assert.deepEqual(outside, []);
  });
}

/** A page of a shop with what makes pages hard to record. */
const SHOP = `<!doctype html><html><head><title>The shop</title><style>
  body { font: 16px/1.5 sans-serif; margin: 20px; background: linear-gradient(#fff, #dde6ff) }
  h1 { color: #223 } .card { display: inline-block; width: 150px; height: 90px; margin: 6px; background: #8ac; border-radius: 12px }
  .card.on { background: #c53 } #list li { padding: 4px } #scroll { height: 90px; overflow: auto; border: 1px solid #999 }
</style></head><body><h1>The shop</h1><div id="cards"><span class="card"></span><span class="card"></span></div>
<input id="q" placeholder="Search"><input type="checkbox" id="c"><button id="b">Buy</button>
<ul id="list"><li>one</li></ul><div id="host"></div><div id="scroll"><div style="height:600px;background:linear-gradient(red,blue)"></div></div>
<img alt="" src="/dot.svg" width="40" height="40"><iframe srcdoc="<style>p{color:teal}</style><p>in a frame</p>" width="200" height="60"></iframe>
<svg width="60" height="40"><defs><linearGradient id="g"><stop offset="0" stop-color="gold"/><stop offset="1" stop-color="navy"/></linearGradient></defs><rect width="60" height="40" fill="url(#g)"/></svg>
<dialog id="d">Really buy?</dialog><div style="height:400px"></div>
<script>
  const host = document.querySelector('#host').attachShadow({ mode: 'open' });
  host.innerHTML = '<style>b { color: green }</style><b>inside a shadow</b>';
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [sheet];
  window.step = (n) => {
    if (n === 1) { document.querySelectorAll('.card')[1].classList.add('on'); document.querySelector('#list').insertAdjacentHTML('beforeend', '<li>two</li><li>three</li>'); }
    if (n === 2) { sheet.insertRule('h1 { letter-spacing: 6px }'); document.querySelector('#scroll').scrollTop = 250; host.querySelector('b').textContent = 'changed in the shadow'; }
    if (n === 3) { scrollTo(0, 120); document.querySelector('iframe').contentDocument.body.append('changed in the frame'); document.querySelector('#d').showModal(); document.querySelector('#list').replaceChildren(); document.querySelector('#cards').append(document.querySelector('.card')); document.querySelector('#c').checked = true; document.querySelector('#c').dispatchEvent(new Event('input', { bubbles: true })); }
  };
</script></body></html>`;

/**
 * Records a visit of that page, in which things happen in four steps. Returns the recording's id, and when a picture of
 * the page was taken at each step.
 */
export async function recordShop(): Promise<{ id: string; taken: { at: number; picture: Buffer }[] }> {
  const visit = await browser.newContext({ viewport: VIEW });
  site.pages['/dot.svg'] = {
    html: '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="5" fill="purple"/></svg>',
    headers: { 'content-type': 'image/svg+xml' },
  };
  site.pages['/shop'] = {
    html: SHOP.replace('<head>', `<head><script async src="${server.url}/sdk.js" data-write-key="${key}"></script>`),
  };
  const shop = await visit.newPage();
  const answered = (method: string, path: string) =>
    shop.waitForResponse((one) => one.ok() && one.request().method() === method && one.url().includes(path));
  // Its picture is kept, and the first chunk.
  await Promise.all([answered('PUT', '/assets/'), answered('POST', '/chunks/0'), shop.goto(`${site.url}/shop`)]);
  await sleep(500);
  const taken: { at: number; picture: Buffer }[] = [];
  for (const step of [0, 1, 2, 3]) {
    if (step > 0) await shop.evaluate(`step(${step})`);
    if (step === 2) await shop.click('#b');
    await drawn(shop);
    await sleep(700);
    const now = await shop.evaluate<number>('Date.now()');
    taken.push({ at: now, picture: await shop.screenshot() });
    await sleep(700);
  }
  // What is told after the last of them is told is there, too.
  await shop.evaluate('document.body.dataset.seen = "all"');
  await drawn(shop);
  await shop.goto('about:blank');
  const last = taken.at(-1)!.at;
  const id = await until(async () => {
    const { items } = await list();
    const one = items[0];
    if (!one) return null;
    const { toMs, gaps } = (await detailOf(one.id)).index;
    if (toMs <= last || gaps.length > 0) return null;
    const chunks = JSON.stringify(await server.api('GET', `/api/replay/recordings/${one.id}/chunks`));
    return chunks.includes('tl-asset') && chunks.includes('data-seen') ? one.id : null;
  }, 'the recording is stored');
  await visit.close();
  return { id, taken };
}
