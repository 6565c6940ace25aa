import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { chaos, maskedDeeds, maskedPage } from './recorder-pages.ts';
import { type Arrived, eventsOf, nameOf, type RecorderPeer, startPeer, told } from './recorder-peer.ts';
import { type Site, startSite } from './sdk-site.ts';
import type { InPage } from './sdk-visit.ts';

let peer: RecorderPeer;
let site: Site;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let problems: string[];
let warnings: string[];

/** A page with the SDK; `data` are settings on its tag. */
const html = (body: string, data = '') =>
  `<!doctype html><title>The shop</title><script async src="${peer.url}/sdk.js" data-write-key="key" ${data}></script><body>${body}`;

async function open(path: string, body: string, data = '', headers: Record<string, string> = {}): Promise<void> {
  site.pages[path.split('?')[0]!] = { html: html(body, data), headers };
  await page.goto(site.url + path);
}
/** The page's time goes on faster than ours, so that nobody waits for the recorder's timers. */
const pass = async (ms: number) => {
  await page.clock.runFor(ms).catch(() => undefined);
  await sleep(20);
};
const until = async (is: (chunks: Arrived[]) => unknown, what: string) => {
  for (let tries = 0; tries < 100 && !is(peer.chunks); tries++) await pass(200);
  await peer.until(is, what);
};
const snapshotIn = (chunks: Arrived[]) => eventsOf(chunks).some((event) => event.type === 2);
const recorded = () => until(snapshotIn, 'a snapshot');
const names = () => peer.tracked.map(({ event }) => event).filter(Boolean);
const track = (name: string) => page.evaluate((name) => (globalThis as never as InPage).throughline.track(name), name);
/** Waits until chunks have this text. */
const text = (what: string) => until((chunks) => JSON.stringify(eventsOf(chunks)).includes(what), `"${what}"`);
const dropped = () => told<{ reason: string; count: number }>(peer.chunks, 'tl-dropped').map(({ reason }) => reason);
const eventually = async (is: () => unknown, what: string) => {
  for (let tries = 0; !(await is()); tries++) {
    if (tries > 400) assert.fail(`${what}: ${names()}`);
    // The page's time need not go on for ever for what is on its way.
    await (tries < 150 ? pass(100) : sleep(200));
  }
};
/** The settings have come, and the recorder with them, and it has decided. */
const ready = async () => {
  await page.waitForFunction('window.throughline && throughline.part');
  await page.evaluate("throughline.load('replay').then(() => undefined)");
};
/** All chunks of this tab's recording have come. */
const settled = () =>
  eventually(
    async () => (await page.evaluate('JSON.parse(sessionStorage.tl_recording).n')) === peer.chunks.length,
    'all chunks have come',
  );
/** Not what a machine that is busy tells of by itself. */
const isMeant = (name: string) => name !== 'Dead Clicked' && name !== 'Slow Page';

describe('the recorder on a page of a company', { timeout: 300_000 }, () => {
  before(async () => {
    [peer, site, browser] = [await startPeer(), await startSite(), await launchBrowser()];
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await peer?.close();
  });
  beforeEach(async () => {
    await context?.close();
    peer.reset();
    problems = [];
    warnings = [];
    context = await browser.newContext();
    context.setDefaultTimeout(10_000);
    context.on('weberror', (error) => problems.push(String(error.error())));
    context.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
    await context.clock.install();
    page = await context.newPage();
  });

  it('never lets out what is written into fields, nor marked text, wherever the page repeats it', async () => {
    await open('/masked?reset=Wtoken111', maskedPage);
    await recorded();
    await page.fill('#cleared', '');
    await page.fill('#typed', 'Wtyped181');
    await page.fill('#password', 'Wpassword191');
    await page.frameLocator('#frame').locator('#inner').fill('Winner212');
    await page.locator('[contenteditable]').pressSequentially('Wkeys222');
    await page.evaluate(maskedDeeds);
    await text('the last change');
    await until((chunks) => told(chunks, 'tl-network').length > 0, 'the call');
    await page.reload();
    await until((chunks) => eventsOf(chunks).filter(({ type }) => type === 2).length > 1, 'the next page');
    const all = peer.bytes.join('\n');
    assert.deepEqual(
      [...new Set(all.match(/W[a-z]+\d{3}/g))].filter((secret) => secret !== 'Wtoken111'),
      [],
    );
    const mine = JSON.stringify(peer.chunks);
    assert.ok(!mine.includes('Wtoken111') && !/4111.?1111/.test(mine));
    for (const shown of ['framed text', 'shadow text', 'Your card', 'tl-network', 'tl-console'])
      assert.ok(mine.includes(shown), shown);
    const [call] = told<{ method: string; url: string; status: number }>(peer.chunks, 'tl-network');
    assert.deepEqual([call!.method, call!.url, call!.status], ['POST', `${site.url}/search/*********`, 404]);
    assert.deepEqual(peer.faults, []);
    assert.deepEqual(problems, []);
  });

  it('lets out nothing of what is marked, blocked or written, whatever a page does to it', async () => {
    await open('/chaos', '');
    await recorded();
    const seed = Math.floor(Math.random() * 2 ** 31);
    await page.evaluate(`(${chaos})(${seed})`);
    await page.evaluate("document.body.append('the chaos is over')");
    await text('the chaos is over');
    await pass(10_000);
    await page.goto('about:blank');
    await pass(500);
    const all = peer.bytes.join('\n');
    assert.deepEqual([...new Set(all.match(/Q[a-z]{8}Q/g))], [], `with the seed ${seed}`);
    assert.ok(eventsOf(peer.chunks).filter((event) => nameOf(event) === 'i0').length > 30);
    assert.deepEqual(problems, []);
  });

  it('goes on with one recording over the pages of a tab, and tells once that it began', async () => {
    for (const path of ['/one', '/two', '/three']) {
      await open(path, `<h1>Page ${path}</h1><p>${'long '.repeat(20_000)}</p>`);
      // Left before anything was answered.
      if (path === '/two') await page.waitForFunction('JSON.parse(sessionStorage.tl_recording).open');
      else await text(`Page ${path}`);
    }
    await text('Page /two');
    const ids = new Set(peer.chunks.map(({ id }) => id));
    assert.equal(ids.size, 1);
    const numbers = peer.chunks.map(({ n }) => n).toSorted((a, b) => a - b);
    assert.deepEqual(
      numbers,
      numbers.map((_, at) => at),
      'none is missing',
    );
    const pages = told<{ url: string; title: string }>(peer.chunks, 'tl-page').map(({ url }) => new URL(url).pathname);
    assert.deepEqual(pages, ['/one', '/two', '/three']);
    // A tab that a page opens begins with a copy of its memory.
    await page.evaluate("window.open('/one')");
    await until((chunks) => new Set(chunks.map(({ id }) => id)).size === 2, 'another tab has its own');
    await eventually(() => names().filter((name) => name === 'Recording Started').length === 2, 'one a recording');
    await page.evaluate("document.body.append('said in leaving')");
    await page.goto('about:blank');
    await text('said in leaving');
    assert.deepEqual(peer.faults, []);
  });

  it('keeps what a server that is away or busy did not take, in its order, and stops where it is told', async () => {
    let refusals = 0;
    peer.answer = (n) => (n === 1 && refusals++ < 2 ? { status: 503, headers: { 'retry-after': '1' } } : undefined);
    await open('/away', '<p>Here</p>');
    await recorded();
    await page.evaluate("document.body.append('first change')");
    await text('first change');
    assert.equal(refusals, 3);
    await context.setOffline(true);
    await page.evaluate("document.body.append('second change')");
    await pass(6000);
    await context.setOffline(false);
    await text('second change');
    assert.deepEqual(
      peer.chunks.map(({ n }) => n),
      peer.chunks.map((_, at) => at),
    );
    peer.answer = () => ({ status: 410 });
    await page.evaluate("document.body.append('third change')");
    await eventually(() => page.evaluate('JSON.parse(sessionStorage.tl_recording).over'), 'it stops');
    peer.answer = () => undefined;
    const before = peer.chunks.length;
    await page.reload();
    await ready();
    await track('Still there');
    await pass(6000);
    await eventually(() => names().includes('Still there'), 'the event');
    assert.equal(peer.chunks.length, before);
  });

  it('waits for a trigger, and sends the minute before it, too', async () => {
    peer.config = { always: false, triggers: { events: ['Paid'], errors: true, pages: ['/checkout*'] } };
    await open('/waits', '<p>Before</p>');
    await page.waitForFunction('sessionStorage.tl_recording');
    await page.evaluate("document.body.append('what led to it')");
    await pass(60_000);
    assert.equal(peer.chunks.length, 0);
    await track('Paid');
    await text('what led to it');
    assert.ok(snapshotIn(peer.chunks));
  });

  it('sends nothing of a visit that is shorter than is wanted, and all of one that is longer', async () => {
    peer.config = { minimumSeconds: 60 };
    await open('/short', '<p>Short</p>');
    await page.waitForFunction('JSON.parse(sessionStorage.tl_recording || "{}").n > 0');
    await pass(30_000);
    await open('/longer', '<p>Longer</p>');
    await page.waitForFunction('JSON.parse(sessionStorage.tl_recording || "{}").n > 1');
    assert.equal(peer.chunks.length, 0);
    await pass(30_000);
    await text('Longer');
    await text('Short');
  });

  it('records nothing of who is not in the share, and tells of bad visits all the same', async () => {
    peer.config = { always: false };
    site.pages['/back'] = { html: html('<a href="/from">Back</a>') };
    await open('/from', '<form name="order"><input name="street"><input name="town"></form><a href="/back">Next</a>');
    await page.waitForFunction("(sessionStorage.tl_views || '').includes('/from')");
    await page.fill('[name=street]', 'Elm 1');
    await page.fill('[name=town]', 'Riga');
    await page.click('a');
    await page.waitForFunction("sessionStorage.tl_views.includes('/back')");
    await page.click('a');
    await eventually(() => names().includes('U-Turned') && names().includes('Form Abandoned'), 'signals');
    const of = (name: string) => peer.tracked.find(({ event }) => event === name)!.properties!;
    assert.deepEqual(of('Form Abandoned'), { form: 'order', lastField: 'town', fields: ['street', 'town'] });
    const { from, to, ms } = of('U-Turned');
    assert.deepEqual([from, to], ['/from', '/back']);
    assert.ok((ms as number) > 0);
    assert.equal(names().filter((name) => name === 'U-Turned' || name === 'Form Abandoned').length, 2);
    assert.equal(peer.chunks.length, 0);
    assert.ok(!names().includes('Recording Started'));
  });

  it('ends at once where the visitor takes the consent back, and forgets what waits', async () => {
    await open('/consent', '<p>Agreed</p>', 'data-consent="required"');
    await page.waitForFunction('window.throughline && throughline.consent');
    await pass(1000);
    assert.equal(peer.chunks.length, 0);
    await page.evaluate('throughline.consent({ analytics: true })');
    await recorded();
    await page.evaluate("document.body.append('not any more'); throughline.consent({ analytics: false })");
    await page.evaluate("document.body.append('nor this')");
    await pass(6000);
    assert.ok(!JSON.stringify(peer.chunks).includes('not any more'));
    assert.equal(
      await page.evaluate("Object.keys(sessionStorage).filter((name) => name.startsWith('tl_recording')).length"),
      0,
    );
    await page.evaluate('throughline.consent({ analytics: true })');
    await text('nor this');
    assert.equal(new Set(peer.chunks.map(({ id }) => id)).size, 2);
  });

  it('masks all text, and what the company names by a selector, where its settings want that', async () => {
    peer.config = { maskText: true, blockSelector: '#promo, [', maskSelector: 'svg' };
    await open(
      '/text',
      '<p>Plain words 42</p><img alt="Plain picture" src="/x.png?size=9"><svg><text>Drawn</text></svg>',
    );
    await recorded();
    peer.config = { blockSelector: '#promo', maskSelector: '.price, .name' };
    await page.evaluate(
      "sessionStorage.removeItem(Object.keys(sessionStorage).find((name) => name.startsWith('tl_config')))",
    );
    await open('/named', '<p id="promo">Promoted</p><p class="price">Price99</p><p>Plain too</p>');
    await text('Plain too');
    const all = JSON.stringify(peer.chunks);
    assert.doesNotMatch(all, /Plain words|42<|Plain picture|Drawn|The shop.*masked":"text|Promoted|Price99/);
    assert.deepEqual(new Set(peer.chunks.map(({ body }) => body.masked)), new Set(['text', 'inputs']));
    assert.ok(all.includes('/x.png?size=9'), 'pictures are shown');
    assert.ok(warnings.some((line) => line.includes('not a selector')));
  });

  it('waits with at most four megabytes for a server that is away, then says what is missing and begins anew', async () => {
    await open('/full', '<p>First</p>');
    await recorded();
    peer.answer = () => ({ status: 503, headers: { 'retry-after': '1' } });
    await page.evaluate(`(async () => {
      const random = () => Array.from(crypto.getRandomValues(new Uint32Array(7000)), (one) => one.toString(36)).join('');
      for (let i = 0; i < 160; i++) {
        document.body.firstElementChild.textContent = random();
        await new Promise((done) => setTimeout(done, 30));
      }
    })()`);
    await pass(6000);
    peer.answer = () => undefined;
    await until(() => dropped().includes('full'), 'what is missing');
    await page.evaluate("document.body.append('there again')");
    await text('there again');
    assert.ok(peer.packedBytes < 12_000_000, 'sent again and again, it is four megabytes');
    assert.equal(eventsOf(peer.chunks).filter(({ type }) => type === 2).length, 2);
    assert.deepEqual(
      peer.chunks.map(({ n }) => n),
      peer.chunks.map((_, at) => at),
    );
  });

  it('stops where nobody does anything for five minutes, and goes on with a snapshot when somebody does', async () => {
    await open(
      '/idle',
      `<p>0</p><div style="height: 5000px"></div><script>setInterval(() => {
        document.querySelector("p").textContent++;
        scrollBy(0, 1);
        if (document.querySelector("p").textContent % 20 === 0) fetch("/news").then(() => console.error("no news"));
      }, 1000)</script>`,
    );
    const minutes = async (count: number) => {
      for (let second = 0; second < 60 * count; second += 10) await pass(10_000);
    };
    await ready();
    await minutes(1);
    await recorded();
    await until((chunks) => told(chunks, 'tl-network').length > 0, 'the page goes on by itself');
    await minutes(6);
    await settled();
    const ends = () => Math.max(...peer.chunks.map(({ body }) => body.end));
    const last = ends();
    await minutes(3);
    await settled();
    assert.equal(ends(), last, 'nothing more is sent, whatever the page does by itself');
    const snapshots = () => eventsOf(peer.chunks).filter(({ type }) => type === 2).length;
    const before = snapshots();
    assert.equal(before, 2, 'the first, and one after four minutes');
    await page.mouse.move(50, 50);
    await minutes(1);
    await until(() => snapshots() > before, 'a snapshot');
    assert.equal(new Set(peer.chunks.map(({ id }) => id)).size, 1);
  });

  it('begins another recording, of another session, where the visitor comes back after half an hour', async () => {
    await open('/away', '<p>Here</p>');
    await recorded();
    await eventually(() => names().includes('Recording Started'), 'it is told');
    const [first] = peer.chunks;
    const left = await page.evaluate<number>('Date.now()');
    await page.clock.fastForward('45:00');
    await page.mouse.move(50, 50);
    const others = () => peer.chunks.filter(({ id }) => id !== first!.id);
    await until(() => snapshotIn(others()), 'another recording');
    await eventually(() => names().filter((name) => name === 'Recording Started').length === 2, 'it is told');
    await page.evaluate("document.body.append('back again')");
    await text('back again');
    assert.equal(new Set(others().map(({ id }) => id)).size, 1, 'one, also once the session has begun');
    const told = peer.chunks.filter(({ id }) => id === first!.id);
    assert.ok(Math.max(...told.map(({ body }) => body.end)) <= left, 'the first is as long as it was');
    assert.ok(others().at(-1)!.body.sessionStart! > first!.body.sessionStart! + 30 * 60_000);
    assert.deepEqual(peer.faults, []);
  });

  it('records two tabs of a session apart, each with what went wrong in it', async () => {
    await open('/left', '<p>Left</p><button>Nothing</button>');
    await recorded();
    const right = await context.newPage();
    site.pages['/right'] = { html: html('<p>Right</p><button>Nothing</button>') };
    await right.goto(`${site.url}/right`);
    await text('Right');
    const pageOf = (id: string) => told<{ url: string }>(of(id), 'tl-page').map(({ url }) => new URL(url).pathname);
    const of = (id: string) => peer.chunks.filter((chunk) => chunk.id === id);
    const ids = [...new Set(peer.chunks.map(({ id }) => id))];
    const [one, two] = ids.toSorted((a, b) => pageOf(a)[0]!.localeCompare(pageOf(b)[0]!)) as [string, string];
    assert.deepEqual([ids.length, pageOf(one), pageOf(two)], [2, ['/left'], ['/right']]);
    assert.equal(new Set(peer.chunks.map(({ body }) => body.sessionStart)).size, 1, 'it is one session');

    await right.click('button', { clickCount: 3 });
    await page.addScriptTag({ content: "throw new Error('left alone')" });
    const signals = (id: string) => told<{ name: string; id: string }>(of(id), 'tl-signal');
    const namesOf = (id: string) => [...new Set(signals(id).map(({ name }) => name))].filter(isMeant);
    await until(() => namesOf(one).length > 0 && namesOf(two).length > 0, 'what went wrong');
    await page.evaluate("document.body.append('goes on at the left')");
    await right.evaluate("document.body.append('goes on at the right')");
    await until(
      () => ['left', 'right'].every((side) => JSON.stringify(peer.chunks).includes(`on at the ${side}`)),
      'all',
    );
    assert.deepEqual(namesOf(one), ['Error Occurred']);
    assert.deepEqual(namesOf(two), ['Rage Clicked']);
    assert.ok(!JSON.stringify(of(one)).includes('the right') && !JSON.stringify(of(two)).includes('the left'));
    for (const { name, id } of [...signals(one), ...signals(two)])
      await eventually(() => peer.tracked.some((one) => one.messageId === id && one.event === name), name);
    assert.ok(peer.chunks.every(({ body }) => body.signals));
    assert.deepEqual(problems, ['Error: left alone']);
    assert.deepEqual(peer.faults, []);
  });

  it('says what it leaves out: giants, storms and pages that are too large', async () => {
    await open('/giants', '<p>Small</p><img id="image">');
    await recorded();
    await page.evaluate("document.querySelector('#image').src = 'data:image/png;base64,' + 'A'.repeat(70_000)");
    await until(() => dropped().includes('attribute'), 'the attribute');
    assert.ok(!JSON.stringify(peer.chunks).includes('A'.repeat(1000)));
    await page.evaluate("for (let i = 0; i < 30_000; i++) document.body.title = 'storm ' + i");
    await until(() => dropped().includes('mutations'), 'the storm');
    await page.evaluate("document.body.append('calm again')");
    await text('calm again');
    assert.equal(eventsOf(peer.chunks).filter(({ type }) => type === 2).length, 2);
    assert.equal(warnings.filter((line) => line.includes('leaves something out')).length, 1);
    const before = peer.chunks.length;
    await open('/large', '<script>document.body.innerHTML = "<i></i>".repeat(51_000)</script>');
    await until(() => dropped().includes('elements'), 'the page');
    assert.ok(!snapshotIn(peer.chunks.slice(before)));
  });

  it('works under a policy that refuses its worker, and without storage', async () => {
    const policy = `default-src 'self'; script-src ${peer.url}; connect-src ${peer.url}; worker-src 'none'`;
    await open('/strict', '<p>Strict</p>', 'data-storage="none"', { 'content-security-policy': policy });
    await text('Strict');
    await page.evaluate("document.body.append('goes on')");
    await text('goes on');
    assert.equal(await page.evaluate('Object.keys(sessionStorage).length + document.cookie.length'), 0);
    assert.deepEqual(problems, []);
  });

  it('keeps the pictures and stylesheets of a page, once, and names them', async () => {
    const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9H0z"/></svg>';
    const svg = { html: picture, headers: { 'content-type': 'image/svg+xml' } };
    site.pages['/a.svg'] = svg;
    site.pages['/b.svg'] = { ...svg, html: picture.replace('9', '8') };
    site.pages['/c.svg'] = { ...svg, html: picture.replace('9', '7') };
    site.pages['/d.svg'] = svg;
    site.pages['/look.css'] = {
      html: 'p{background:url(b.svg)} .none{background:url(d.svg)}',
      headers: { 'content-type': 'text/css' },
    };
    await open(
      '/assets',
      '<link rel="stylesheet" href="/look.css"><p>Shown</p><img src="/a.svg"><p data-tl-mask><img src="/c.svg"></p>',
    );
    await until((chunks) => told(chunks, 'tl-asset').length >= 2, 'assets');
    const named = told<{ url: string; hash: string }>(peer.chunks, 'tl-asset');
    assert.deepEqual(named.map(({ url }) => new URL(url).pathname).toSorted(), ['/a.svg', '/b.svg']);
    for (const { hash } of named) {
      assert.equal(createHash('sha256').update(peer.assets.get(hash)!.bytes).digest('hex'), hash);
    }
    await text('_cssText');
    assert.deepEqual(peer.faults, []);
  });

  it('keeps the pictures of a page that is left at once, from the next page of the tab', async () => {
    const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9H0z"/></svg>';
    const headers = { 'content-type': 'image/svg+xml', 'cache-control': 'max-age=600' };
    site.pages['/quick.svg'] = { html: picture, headers };
    // The visitor leaves while it is asked whether the picture is known already.
    let questions = 0;
    await page.route('**/assets/known*', (route) => (questions++ === 0 ? undefined : route.continue()));
    const asked = page.waitForRequest('**/assets/known*', { timeout: 30_000 });
    await open('/quick', '<p>Quick</p><img src="/quick.svg">');
    await asked;
    assert.equal(told(peer.chunks, 'tl-asset').length, 0);
    await open('/calm', '<p>Calm</p>');
    await until((chunks) => told(chunks, 'tl-asset').length > 0, 'the picture');
    const [{ url, hash }] = told<{ url: string; hash: string }>(peer.chunks, 'tl-asset') as [
      { url: string; hash: string },
    ];
    assert.equal(url, `${site.url}/quick.svg`);
    assert.equal(peer.assets.get(hash)?.bytes.toString(), picture);
    assert.equal(new Set(peer.chunks.map(({ id }) => id)).size, 1);
    await text('Quick');
    assert.deepEqual(peer.faults, []);
  });

  it('follows a single-page app, shadow trees and stylesheets that scripts adopt', async () => {
    peer.config = { pages: { only: [], never: ['/private'] } };
    await open('/app', '<style>p { color: red }</style><div id="host"></div>');
    await recorded();
    await page.evaluate(`(async () => {
      const shadow = document.querySelector('#host').attachShadow({ mode: 'open' });
      shadow.innerHTML = '<b>within</b>';
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('b { color: rgb(1, 2, 3) }');
      await new Promise((done) => setTimeout(done, 100));
      shadow.adoptedStyleSheets = [sheet];
      try { document.styleSheets[0].insertRule('}{'); } catch (error) { document.body.append(error.name); }
      const call = new XMLHttpRequest();
      call.open('put', '/stock?secret=1');
      call.send('7');
      history.pushState({}, '', '/app/cart?x=1');
      document.title = 'Cart';
    })()`);
    await text('rgb(1, 2, 3)');
    await until((chunks) => told(chunks, 'tl-page').length === 2, 'the page');
    await until((chunks) => told(chunks, 'tl-network').length > 0, 'the call');
    assert.deepEqual(told(peer.chunks, 'tl-page')[1], { url: `${site.url}/app/cart`, title: 'Cart' });
    assert.ok(eventsOf(peer.chunks).map(nameOf).includes('i15'));
    assert.match(JSON.stringify(peer.chunks), /SyntaxError/, 'what the page does wrong it still is told');
    const [call] = told<{ method: string; url: string; status: number }>(peer.chunks, 'tl-network');
    assert.deepEqual([call!.method, call!.url, call!.status], ['PUT', `${site.url}/stock`, 404]);
    await page.evaluate("history.pushState({}, '', '/private/x')");
    await pass(500);
    await page.evaluate("document.body.append('in private')");
    await pass(6000);
    assert.ok(!JSON.stringify(peer.chunks).includes('in private'));
    assert.deepEqual(problems, []);
  });
});
