import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { PagePicture } from '../src/apps/replay/page-picture.ts';
import type { SettingsView } from '../src/apps/replay/routes.ts';
import type { FormsResult } from '../src/core/query/heatmaps/forms-result.ts';
import type { HeatmapResult } from '../src/core/query/heatmaps/heatmap.ts';
import { until } from '../src/kernel/testing-until.ts';
import { assertAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { becomeOwner } from './owner.ts';
import { type Site, startSite } from './sdk-site.ts';
import { type RunningServer, startServer } from './server.ts';

const WIDTH = 1000;
const HEIGHT = 700;
const PAGE_HEIGHT = 3000;

let server: RunningServer;
let site: Site;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let key: string;
/** Bodies of all requests of the visitor, as they left, those with events by themselves, and what the page complained of. */
const sent: string[] = [];
const batches: string[] = [];
const problems: string[] = [];

/** A page whose elements stand at known places, under a policy that allows nothing but the SDK. */
function shop(): string {
  const at = (top: number, left: number) => `position:absolute;top:${top}px;left:${left}px;width:200px;height:50px`;
  return `<!doctype html><html><head><title>The shop</title>
    <style>body{margin:0;position:relative;height:${PAGE_HEIGHT}px}</style>
    <script async src="${server.url}/sdk.js" data-write-key="${key}"></script></head><body>
    <button id="buy" style="${at(100, 100)}">Buy <b>now</b></button>
    <div style="${at(300, 600)}"><a href="#more">More</a><a href="#other" style="${at(0, 0)}">Other</a></div>
    <p id="dead" style="${at(400, 100)}">Not a button</p>
    <div data-tl-ignore style="${at(500, 100)}"><button id="private">Account 1234</button></div>
    <form id="join" style="${at(550, 400)}">
      <style>input{display:block;margin-bottom:40px}</style>
      <input name="name"><input name="email"><input type="password" name="secret">
      <button id="send">Join</button></form>
    <div id="half" style="position:absolute;top:2600px;height:50vh;width:100px;background:silver"></div>
    <button id="deep" style="${at(2500, 400)}">Deep</button></body></html>`;
}

before(async () => {
  server = await startServer();
  site = await startSite();
  browser = await launchBrowser();
  key = (await server.api<{ writeKey: string }>('POST', '/api/sources', { name: 'shop', kind: 'browser' })).writeKey;
  const { settings, version } = await server.api<SettingsView>('GET', '/api/replay/settings');
  const on = { ...settings, heatmap: true, recording: true, minimumSeconds: 0 };
  await server.api('PUT', '/api/replay/settings', { settings: on, version });
  site.pages['/shop'] = {
    html: shop(),
    headers: {
      'content-security-policy': `default-src 'none'; script-src ${server.url}; connect-src ${server.url}; style-src 'unsafe-inline'`,
    },
  };
  site.pages['/left'] = { html: '<title>Left</title>' };
  context = await browser.newContext({ viewport: { width: WIDTH, height: HEIGHT } });
  context.setDefaultTimeout(10_000);
  context.on('request', (request) => {
    if (request.method() !== 'POST') return;
    sent.push(request.postData() ?? '');
    if (request.url().endsWith('/v1/batch')) batches.push(request.postData() ?? '');
  });
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.text().includes('throughline')) problems.push(message.text());
  });
});
after(async () => {
  await browser?.close();
  await site?.close();
  await server?.remove();
});

/** What is switched on has come to the page, and looks at what is done there. */
async function watched(): Promise<void> {
  await until(() => page.evaluate('!!(window.throughline && throughline.part)'), 'the page asks what is switched on');
  for (const part of ['heatmap', 'replay']) await page.evaluate(`throughline.load('${part}').then(() => undefined)`);
}

/** The answer of a report, asked again until it is as expected. */
async function answerOf<T>(report: object, isThere: (result: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries++) {
    const { result } = await server.api<{ result: T }>('POST', '/api/query', { report, fresh: true });
    if (isThere(result)) return result;
    if (tries > 100) assert.fail(`The answer stayed ${JSON.stringify(result).slice(0, 2000)}`);
    await sleep(100);
  }
}

describe('what visitors do on a page', { timeout: 300_000 }, () => {
  it('stands in the heatmap where they did it, under a strict policy, without what was ignored or typed', async () => {
    await page.goto(`${site.url}/shop`);
    await watched();
    // On the button's bold word: the click is the button's.
    for (let count = 0; count < 2; count++) await page.mouse.click(155, 120);
    await page.mouse.click(650, 325);
    await page.mouse.click(700, 330, { clickCount: 3 });
    await page.mouse.move(900, 600, { steps: 3 });
    await page.click('#private');
    await page.mouse.click(155, 425);
    await until(() => batches.join().includes('Dead Clicked'), 'nothing follows the click');
    await page.click('[name=name]');
    await page.keyboard.type('Ida Kowalska');
    await page.click('[name=email]');
    await page.keyboard.type('ida@example.com');
    await page.click('[name=secret]');
    await page.keyboard.type('hunter2');
    await page.click('[name=name]');
    await page.keyboard.type(' Nowak');
    await page.evaluate('scrollTo(0, 2300)');
    await sleep(1200);
    await page.click('#deep');
    const waiting = `Object.keys(localStorage).some((name) => name.startsWith('tl_q'))`;
    await until(async () => !(await page.evaluate(waiting)), 'all until then has come');
    await page.goto(`${site.url}/left`);

    const clicks = await answerOf<HeatmapResult>({ kind: 'heatmap', page: '/shop' }, ({ points }) => points >= 11);
    assert.deepEqual(
      [clicks.views, clicks.people, clicks.width, clicks.viewportHeight, clicks.pageHeight],
      [1, 1, WIDTH, HEIGHT, PAGE_HEIGHT],
    );
    const byElement = Object.fromEntries(clicks.elements.map((one) => [one.selector, one]));
    assert.deepEqual(
      Object.fromEntries(Object.entries(byElement).map(([selector, one]) => [selector, [one.clicks, one.label]])),
      {
        '#buy': [2, 'button Buy now'],
        'body>div:nth-of-type(1)>a:nth-of-type(2)': [4, 'a Other'],
        '#dead': [1, 'p Not a button'],
        '#join>input:nth-of-type(1)': [2, 'input name'],
        '#join>input:nth-of-type(2)': [1, 'input email'],
        '#deep': [1, 'button Deep'],
      },
    );
    const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) <= 1, `${actual}`);
    near(byElement['#buy']!.x * WIDTH, 155);
    near(byElement['#buy']!.y, 120);
    near(byElement['#deep']!.x * WIDTH, 500);
    near(byElement['#deep']!.y, 2525);
    assert.deepEqual([byElement['#dead']!.dead, byElement['#buy']!.dead], [1, 0]);
    assert.deepEqual(
      clicks.cells.filter(([x]) => x === 15),
      [
        [15, Math.floor(120 / clicks.cellHeight), 2],
        [15, Math.floor(425 / clicks.cellHeight), 1],
      ],
    );
    assert.equal(clicks.points, 11);

    const rage = await answerOf<HeatmapResult>({ kind: 'heatmap', page: '/sh*', map: 'rage' }, () => true);
    assert.deepEqual([rage.points, rage.elements[0]!.label, rage.elements[0]!.rage], [1, 'a Other', 1]);
    const moves = await answerOf<HeatmapResult>({ kind: 'heatmap', page: '*', map: 'moves' }, () => true);
    assert.ok(moves.points > 0);
    const scroll = await answerOf<HeatmapResult>({ kind: 'heatmap', page: '/shop', map: 'scroll' }, () => true);
    assert.deepEqual([scroll.scroll.at(-1), scroll.cells], [{ depth: 100, share: 1 }, []]);
    const looked = scroll.attention.map((band) => band.seconds);
    assert.ok(looked[0]! > 2 && looked[9]! > 0.3 && looked[5] === 0, `${looked}`);

    const forms = await answerOf<FormsResult>({ kind: 'forms', page: '/shop' }, ({ uses }) => uses > 0);
    assert.deepEqual([forms.form, forms.uses, forms.submitted], ['join', 1, 0]);
    assert.deepEqual(
      forms.fields.map(({ field, refilled, abandoned }) => [field, refilled, abandoned]),
      [
        ['name', 1, 1],
        ['email', 0, 0],
      ],
    );
    assert.ok(forms.fields.every(({ medianSeconds }) => medianSeconds! > 0));
    const everything = sent.join();
    for (const typed of ['Kowalska', 'ida@example.com', 'hunter2', 'Nowak', 'secret', 'Account 1234', '#private'])
      assert.ok(!everything.includes(typed), typed);
    assert.deepEqual(problems, []);
  });

  it('counts one view although it takes several events, another for each page of an app, and nothing after a refusal', async () => {
    const wrap = (inner: string) => {
      const name = `x-${'long'.repeat(7)}`;
      return `${`<${name}>`.repeat(9)}${inner}${`</${name}>`.repeat(9)}`;
    };
    const buttons = Array.from({ length: 30 }, (_, at) => `<button>${at} ${'word '.repeat(20)}</button>`);
    site.pages['/app'] = {
      html: `<!doctype html><title>App</title><script async src="${server.url}/sdk.js" data-write-key="${key}"></script>
        <body style="height:2000px"><label>Terms <input type="checkbox" name="terms"></label>
        <button id="next" onclick="history.pushState({}, '', '/app/next')">Next</button>${wrap(buttons.join(''))}`,
    };
    await page.goto(`${site.url}/app`);
    await watched();
    batches.length = 0;
    await page.click('label', { position: { x: 3, y: 3 } });
    for (let at = 0; at < 30; at++) await page.getByRole('button', { name: /word/ }).nth(at).click();
    await page.click('#next');
    await until(() => batches.join().includes('/app/next'), 'the next page is told');
    await page.click('#next');
    await page.evaluate(`throughline.consent({ analytics: false })`);
    await sleep(1200);
    for (let count = 0; count < 5; count++) await page.click('label');
    await page.goto(`${site.url}/left`);
    const app = await answerOf<HeatmapResult>({ kind: 'heatmap', page: '/app' }, ({ points }) => points === 32);
    assert.deepEqual([app.views, app.people, app.elements.length], [1, 1, 32]);
    assert.deepEqual(
      app.elements.filter(({ label }) => !/word/.test(label)).map(({ label, clicks }) => [label, clicks]),
      [
        ['button Next', 1],
        ['label Terms', 1],
      ],
    );
    const parts = batches
      .flatMap((body) => (JSON.parse(body) as { batch?: { event?: string; properties: object }[] }).batch ?? [])
      .filter(({ event }) => event === 'Page Interacted');
    assert.ok(parts.length >= 2, `${parts.length} events`);
    for (const { properties } of parts) assert.ok(JSON.stringify(properties).length <= 8192);
    const next = await answerOf<HeatmapResult>({ kind: 'heatmap', page: '/app/next' }, () => true);
    assert.ok(next.points <= 1, 'nothing after the refusal');
    assert.deepEqual(problems, []);
  });

  it('is drawn on the page as it looked, with the same in a table, and with the people behind it', async () => {
    const picture = await pictureOf('/sh*');
    assert.deepEqual([picture.width, picture.height], [WIDTH, HEIGHT]);
    assert.ok(picture.url.endsWith('/shop'));
    const inConsole = await browser.newContext({ viewport: { width: 1440, height: 1000 }, locale: 'en-GB' });
    inConsole.setDefaultTimeout(15_000);
    const faults: string[] = [];
    const screen = await inConsole.newPage();
    screen.on('pageerror', (error) => faults.push(String(error)));
    await becomeOwner(screen, server.url);
    await screen.goto(`${server.url}/heatmaps?r=${encodeURIComponent("(page:'/shop')")}`);
    const table = screen.getByRole('table', { name: 'Elements' });
    await table.waitFor();
    const first = table.locator('tbody tr').first().locator('td');
    await first.first().waitFor();
    assert.deepEqual((await first.allTextContents()).slice(1), ['4', '1', '36.4%']);
    // The picture is the page itself: its button is where the visitor clicked it, and the outline lies on it.
    const frame = screen.frameLocator('iframe').first();
    await frame.locator('#buy').waitFor();
    assert.equal(await frame.locator('#buy').textContent(), 'Buy now');
    // As high as half the window was, though the whole page is drawn.
    const half = () =>
      frame.locator('#half').evaluate((element) => (element as { offsetHeight?: number }).offsetHeight);
    await until(async () => (await half()) === HEIGHT / 2, 'as high as it was');
    assert.equal(await screen.locator('iframe').getAttribute('sandbox'), 'allow-same-origin');
    const named = screen.getByRole('button', { name: /button Buy now: 2 clicks/ });
    // Until the picture is measured, a point stands in its place.
    let [outline, drawn] = [await named.boundingBox(), await screen.locator('canvas').first().boundingBox()];
    await until(async () => {
      [outline, drawn] = [await named.boundingBox(), await screen.locator('canvas').first().boundingBox()];
      return Math.abs(outline!.width - (200 * drawn!.width) / WIDTH) < 3;
    }, 'as wide as the button');
    const scale = drawn!.width / WIDTH;
    assert.ok(Math.abs(outline!.x - drawn!.x - 100 * scale) < 3, 'across');
    assert.ok(Math.abs(outline!.y - drawn!.y - 100 * scale) < 3, 'down');
    await assertAccessible(screen, 'heatmaps', { fullPage: true });
    await named.click();
    const behind = screen.getByRole('complementary', { name: 'People behind it' });
    await behind.getByRole('link').first().waitFor();

    for (const [address, heading] of [
      ["(map:scroll,page:'/shop')", 'How far people scroll'],
      ["(map:attention,page:'/shop')", 'What people look at'],
      ["(map:clicks,page:'/sh*',compare:previous)", 'Elements'],
      ['(view:forms)', 'Fields, in the order of use'],
    ] as const) {
      await screen.goto(`${server.url}/heatmaps?r=${encodeURIComponent(address)}`);
      await screen.getByRole('table', { name: heading }).waitFor();
      if (!address.includes('forms')) await frame.locator('#buy').waitFor();
      await screen.locator('[aria-busy="true"], [data-outdated]').first().waitFor({ state: 'detached' });
      await assertAccessible(screen, `heatmaps-${heading.slice(0, 8).trim()}`, { fullPage: true });
    }
    assert.deepEqual(faults, []);
    await inConsole.close();
  });

  it('is drawn on a blank where the page was never recorded, and says so', async () => {
    assert.deepEqual(await server.api('GET', '/api/replay/page-picture?page=%2Fnowhere'), {
      picture: null,
      reason: 'none',
    });
    assert.deepEqual(await server.api('GET', '/api/replay/page-picture?page=%2Fshop&device=tablet'), {
      picture: null,
      reason: 'none',
    });
  });
});

/** The picture of a page, once the recording has arrived. */
async function pictureOf(path: string): Promise<NonNullable<PagePicture['picture']>> {
  for (let tries = 0; ; tries++) {
    const { picture, reason } = await server.api<PagePicture>(
      'GET',
      `/api/replay/page-picture?page=${encodeURIComponent(path)}`,
    );
    if (picture) return picture;
    if (tries > 100) assert.fail(`There is no picture: ${reason}`);
    await sleep(100);
  }
}
