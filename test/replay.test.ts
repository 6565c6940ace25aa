import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { until } from '../src/kernel/testing-until.ts';
import { assertAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { ATTACKS, recordingOf } from './replay-hostile.ts';
import { type Site, startSite } from './sdk-site.ts';
import { type RunningServer, startServer } from './server.ts';

const OWNER = {
  company: 'The gift shop',
  name: 'Ada Nowak',
  email: 'ada@example.com',
  password: 'a long enough password',
};
const pictures = process.env.SCREENSHOTS;
const samples = new URL('../../shared/data/rrweb/', import.meta.url);
const VIEW = { width: 800, height: 500 };
/** Of a picture, so much may differ: edges of letters where the frame is not at a whole pixel. */
const TOLERANCE = 0.004;

let server: RunningServer;
let site: Site;
let browser: Browser;
let staff: BrowserContext;
let page: Page;
let key = '';
const problems: string[] = [];
/** Everything that the console's pages asked for elsewhere than here. */
const outside: string[] = [];

interface Listed {
  items: { id: string; state: string; pages: number; clicks: number; signals: Record<string, number>; score: number }[];
  nextCursor: string | null;
}
interface Detail {
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

const list = (query = '') => server.api<Listed>('GET', `/api/replay/recordings?${query}`);
const detailOf = (id: string) => server.api<Detail>('GET', `/api/replay/recordings/${id}`);

/** Stores events as a recorder would send them. */
async function store(id: string, n: number, events: object[], change: object = {}): Promise<void> {
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
function pageWith(textContent: string, timestamp: number): object[] {
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
const wordsAt = (timestamp: number, value: string) => ({
  ...{ type: 3, timestamp },
  data: { source: 0, texts: [{ id: 4, value }], attributes: [], removes: [], adds: [] },
});

/** The share of pixels that differ by more than antialiasing does, found by the browser itself. */
async function differing(a: Buffer, b: Buffer): Promise<number> {
  const blank = await browser.newPage();
  const share = await blank.evaluate(
    `(async () => {
      const read = async (data) => {
        const picture = await createImageBitmap(await (await fetch('data:image/png;base64,' + data)).blob());
        const canvas = new OffscreenCanvas(picture.width, picture.height);
        const drawing = canvas.getContext('2d');
        drawing.drawImage(picture, 0, 0);
        return drawing.getImageData(0, 0, picture.width, picture.height);
      };
      const [a, b] = [await read('${a.toString('base64')}'), await read('${b.toString('base64')}')];
      if (a.width !== b.width || a.height !== b.height) return 1;
      let different = 0;
      for (let at = 0; at < a.data.length; at += 4)
        if (Math.max(...[0, 1, 2].map((n) => Math.abs(a.data[at + n] - b.data[at + n]))) > 40) different += 1;
      return different / (a.data.length / 4);
    })()`,
  );
  await blank.close();
  return share as number;
}

/** True once all pictures of the page that is played have come, also within its frames. */
const PICTURES_SHOWN = `() => {
  const shown = (page) => [...page.images].every(({ complete, naturalWidth }) => complete && naturalWidth > 0) &&
    [...page.querySelectorAll('iframe')].every(({ contentDocument }) => !contentDocument || shown(contentDocument));
  return shown(document.querySelector('.replayer-wrapper iframe').contentDocument);
}`;

/** What was done last is drawn. */
const drawn = (of: Page) =>
  of.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))');

/** The player at a moment, with the picture drawn and its cursor out of the way. */
async function at(id: string, seconds: number): Promise<Buffer> {
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
  const answer = await staff.request.post(`${server.url}/api/setup`, { data: OWNER, headers: { origin: server.url } });
  assert.ok(answer.ok(), await answer.text());
  const { settings, version } = await server.api<{ settings: object; version: number }>('GET', '/api/replay/settings');
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
});

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

describe('replay', { timeout: 400_000 }, () => {
  let recorded = '';

  it('plays a real page back to the same picture at every time', async () => {
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
    recorded = id;
    await visit.close();
    const { index } = await detailOf(id);
    for (const [n, { at: moment, picture }] of taken.entries()) {
      const played = await at(id, (moment - index.fromMs) / 1000);
      if (pictures) {
        mkdirSync(pictures, { recursive: true });
        writeFileSync(`${pictures}/replay-page-${n}.png`, picture);
        writeFileSync(`${pictures}/replay-played-${n}.png`, played);
      }
      const share = await differing(picture, played);
      assert.ok(share <= TOLERANCE, `step ${n}: ${(share * 100).toFixed(2)} % of the picture differ`);
    }
    assert.deepEqual(outside, []);
  });

  it('is driven by the keyboard, seeks by its timeline, and is open to everybody', async () => {
    await page.goto(`${server.url}/replay/${recorded}`);
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const bar = page.getByRole('slider', { name: 'Place in the recording' });
    const now = async () => Number(await bar.getAttribute('aria-valuenow'));
    const speed = (shown: string) =>
      until(async () => (await page.getByLabel('Speed').first().inputValue()) === shown, `${shown} the speed`);
    await page.getByRole('listitem').filter({ hasText: 'The shop' }).first().waitFor();
    await assertAccessible(page, 'replay-player');
    await page.getByLabel('Skip pauses').uncheck();
    await page.keyboard.press('l');
    await until(async () => (await now()) >= 4, 'the end is near');
    await page.getByText('Loading …').waitFor({ state: 'hidden' });
    // The dialog that the page opens there has not taken the keys.
    await page.keyboard.press('j');
    await until(async () => (await now()) === 0, 'back at the start');
    await page.locator('body').click({ position: { x: 5, y: 5 } });
    await page.keyboard.press('l');
    await until(async () => (await now()) >= 4, 'the end again');
    await page.keyboard.press('j');
    await until(async () => (await now()) === 0, 'and the start');
    await page.keyboard.press('>');
    await speed('2×');
    for (let step = 0; step < 2; step++) await page.keyboard.press('<');
    await speed('0.5×');
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    await until(async () => (await now()) >= 1, 'it plays');
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const held = await now();
    await sleep(600);
    assert.equal(await now(), held);
    await bar.focus();
    await page.keyboard.press('End');
    await until(async () => (await now()) > held, 'the end');
    // Nothing of the page that is shown takes the focus.
    for (let tab = 0; tab < 40; tab++) {
      await page.keyboard.press('Tab');
      assert.notEqual(await page.evaluate('document.activeElement.tagName'), 'IFRAME');
    }
  });

  it('plays or waits as it was told while what it needs was on its way, and says so', async () => {
    const [play, pause] = ['Play', 'Pause'].map((name) => page.getByRole('button', { name, exact: true })) as [
      Locator,
      Locator,
    ];
    const place = page.getByRole('slider', { name: 'Place in the recording' });
    const now = async () => Number(await place.getAttribute('aria-valuenow'));
    for (const plays of [true, false]) {
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      await page.route('**/chunks?*', (route) => released.then(() => route.continue()));
      await page.goto(`${server.url}/replay/${recorded}`);
      await play.click();
      await pause.waitFor();
      if (!plays) await pause.click();
      release();
      await page.getByText('Loading …').waitFor({ state: 'hidden' });
      if (plays) await until(async () => (await now()) >= 1, 'it plays');
      else {
        await play.waitFor();
        assert.equal(await now(), 0);
      }
      await page.unroute('**/chunks?*');
    }
  });

  it('grows while it is watched: who is at its end goes on with it, and who is not stays', async () => {
    const id = randomUUID();
    const from = Date.now() - 20_000;
    const words = (ms: number, value: string) => wordsAt(from + ms, value);
    await store(id, 0, [...pageWith('first words', from), words(2000, 'second words')]);
    await page.goto(`${server.url}/replay/${id}`);
    const frame = page.frameLocator('.replayer-wrapper iframe');
    const bar = page.getByRole('slider', { name: 'Place in the recording' });
    const longAs = (seconds: number) =>
      until(async () => Number(await bar.getAttribute('aria-valuemax')) === seconds, `${seconds} seconds`);
    // More is asked for every few seconds, and at once when somebody comes back to the page.
    const more = async (n: number, events: object[]) => {
      await store(id, n, events);
      await page.evaluate("dispatchEvent(new Event('visibilitychange'))");
    };
    await frame.getByText('first words').waitFor();
    await longAs(2);
    await more(1, [words(4000, 'third words')]);
    await longAs(4);
    assert.equal(await bar.getAttribute('aria-valuenow'), '0');
    await frame.getByText('first words').waitFor();

    const live = (pressed: boolean) => page.getByRole('button', { name: 'Live', exact: true, pressed });
    await live(false).click();
    await frame.getByText('third words').waitFor();
    await live(true).waitFor();
    await assertAccessible(page, 'replay-live');
    await more(2, [words(5000, 'fourth words')]);
    await frame.getByText('fourth words').waitFor();
    // What comes after what should have come before it is put in its place.
    await more(4, [words(7000, 'last words')]);
    await frame.getByText('last words').waitFor();
    await more(3, [{ ...words(6000, ''), data: { source: 4, width: 640, height: 400 } }]);
    await page.locator('.replayer-wrapper iframe[width="640"]').waitFor();
    await frame.getByText('last words').waitFor();

    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const came = page.waitForResponse((answer) => answer.url().includes(`/${id}/chunks`));
    await more(5, [words(8000, 'after the pause')]);
    await longAs(8);
    await came;
    await drawn(page);
    await live(false).waitFor();
    assert.equal(await frame.getByText('last words').count(), 1);
    // One look at it in the audit log, however long it was watched; that of the command line is another's.
    const { items } = await server.api<{ items: { action: string; actor: { name: string }; subjects: string[] }[] }>(
      'GET',
      '/api/audit?limit=200',
    );
    const looks = items.filter(
      ({ actor, subjects }) => actor.name === OWNER.name && subjects.includes(`recordings/${id}`),
    );
    assert.deepEqual(
      looks.map(({ action }) => action).filter((action) => action.includes('/{id}')),
      ['GET /api/replay/recordings/{id}'],
    );
  });

  it('shows an uncaught error once, and of what was chosen that it is masked', async () => {
    site.pages['/form'] = {
      html: `<!doctype html><script async src="${server.url}/sdk.js" data-write-key="${key}"></script><title>A form</title>
        <select id="country"><option value="pl">Poland</option><option value="it" selected>Italy</option></select>
        <select id="plan"><option value="">Choose a plan</option><option value="gold">Gold</option></select>
        <select id="many" multiple size="4"><option value="red">Red</option><option value="blue">Blue</option></select>`,
    };
    const visit = await browser.newContext({ viewport: VIEW });
    const form = await visit.newPage();
    await form.goto(`${site.url}/form`);
    await form.waitForFunction('sessionStorage.tl_recording');
    await form.waitForResponse((response) => response.url().includes('/chunks/0'), { timeout: 30_000 });
    const now = () => form.evaluate<number>('new Promise((done) => setTimeout(() => done(Date.now()), 300))');
    const before = await now();
    await form.selectOption('#plan', 'gold');
    await form.selectOption('#many', ['blue']);
    const chosen = await now();
    await form.selectOption('#plan', '');
    await form.selectOption('#many', []);
    const empty = await now();
    await form.evaluate("setTimeout(() => { throw new TypeError('the plan is not there') })");
    await form.evaluate("console.error('a price is missing')");
    const last = await now();
    const id = await until(async () => {
      for (const { id } of (await list()).items) {
        const { index } = await detailOf(id);
        // The uncaught one is told as an event too.
        const whole = index.errors.length === 2 && index.signals.length === 1;
        if (whole && index.pages.some(({ url }) => url.endsWith('/form'))) return id;
      }
      return null;
    }, 'the recording is stored');
    const { index } = await detailOf(id);
    await until(async () => {
      const { personId } = await detailOf(id);
      if (personId === null) return false;
      const path = `/api/people/${personId}/timeline?limit=50`;
      return (await server.api<{ items: { name: string }[] }>('GET', path)).items.some(
        ({ name }) => name === 'Error Occurred',
      );
    }, 'the event is on the timeline');
    await visit.close();

    const shown = `(() => {
      const of = document.querySelector('.replayer-wrapper iframe')?.contentDocument;
      return ['country', 'plan', 'many']
        .map((id) => [...(of?.querySelector('#' + id)?.selectedOptions ?? [])].map((one) => one.textContent).join())
        .join('; ');
    })()`;
    const isShown = (words: string) => until(async () => (await page.evaluate(shown)) === words, `${words} is shown`);
    // Each both by playing on from before and by a jump; what is not chosen any more is not shown as if it were.
    for (const [moment, words] of [
      [before, '•••••; Choose a plan; '],
      [chosen, '•••••; •••••; •••••'],
      [empty, '•••••; Choose a plan; '],
      [last, '•••••; Choose a plan; '],
    ] as const) {
      await at(id, (moment - 100 - index.fromMs) / 1000);
      await isShown(words);
    }
    const beside = page.getByRole('list', { name: 'Events' });
    await beside.getByText('TypeError: the plan is not there').waitFor();
    await beside.getByText('a price is missing').waitFor();
    const errors = beside.getByRole('listitem').filter({ hasText: 'An error occurred' });
    await errors.nth(1).waitFor();
    assert.equal(await errors.count(), 2);
    await page.goto(`${server.url}/replay/${id}`);
    await isShown('•••••; Choose a plan; ');
    await page.locator('body').click({ position: { x: 5, y: 5 } });
    await page.keyboard.press(' ');
    await isShown('•••••; •••••; •••••');
    await isShown('•••••; Choose a plan; ');
  });

  it('draws what came while its first picture was on its way, and belongs into that', async () => {
    const id = randomUUID();
    const from = Date.now() - 20_000;
    await store(id, 0, pageWith('first words', from));
    await store(id, 2, [wordsAt(from + 4000, 'after it'), wordsAt(from + 19_000, 'much later')]);
    let late = true;
    await page.route('**/chunks?*', async (route) => {
      const response = await route.fetch();
      if (late) {
        late = false;
        await store(id, 1, [wordsAt(from + 2000, 'came late')]);
        const grown = page.waitForResponse((answer) => answer.url().includes(`/${id}/growth`) && answer.ok());
        await page.evaluate("dispatchEvent(new Event('visibilitychange'))");
        await (await grown).finished();
        await drawn(page);
      }
      await route.fulfill({ response });
    });
    await page.goto(`${server.url}/replay/${id}?t=3`);
    await page.frameLocator('.replayer-wrapper iframe').getByText('came late').waitFor();
    await page.unroute('**/chunks?*');
  });

  it('shows of two tabs of a session what went wrong in each', async () => {
    const ids = [randomUUID(), randomUUID()] as const;
    const from = Date.now() - 20_000;
    const anonymousId = `tabs-${ids[0]}`;
    const signals = [
      { name: 'Rage Clicked', id: randomUUID() },
      { name: 'U-Turned', id: randomUUID() },
    ] as const;
    const events = [...signals, { name: 'Voucher Used', id: randomUUID() }];
    const batch = events.map(({ name, id }, n) => ({
      ...{ type: 'track', event: name, messageId: id, anonymousId, timestamp: new Date(from + 1000 + n).toISOString() },
    }));
    const sent = await fetch(`${server.url}/v1/batch`, {
      method: 'POST',
      body: JSON.stringify({ writeKey: key, sentAt: new Date().toISOString(), batch }),
    });
    assert.ok(sent.ok, await sent.text());
    const node = { type: 0, id: 1, childNodes: [{ type: 2, tagName: 'html', attributes: {}, id: 2, childNodes: [] }] };
    for (const [n, id] of ids.entries()) {
      const told = [
        { type: 4, timestamp: from, data: { href: 'https://shop.example/', ...VIEW } },
        { type: 2, timestamp: from, data: { node, initialOffset: { left: 0, top: 0 } } },
        { type: 5, timestamp: from + 1000, data: { tag: 'tl-signal', payload: signals[n] } },
        { type: 3, timestamp: from + 5000, data: { source: 1, positions: [{ x: 1, y: 1, id: 2, timeOffset: 0 }] } },
      ];
      await store(id, 0, told, { anonymousId, signals: true });
    }
    const personId = await until(async () => (await detailOf(ids[0])).personId, 'the person is known');
    const line = () => server.api<{ items: unknown[] }>('GET', `/api/people/${personId}/timeline?limit=50`);
    await until(async () => (await line()).items.length >= events.length, 'the events are stored');
    for (const [n, id] of ids.entries()) {
      await page.goto(`${server.url}/replay/${id}`);
      const beside = page.getByRole('list', { name: 'Events' });
      await beside.getByText('Voucher Used').waitFor();
      for (const [of, words] of ['Clicked in anger', 'Went straight back'].entries())
        assert.equal(await beside.getByText(words).count(), of === n ? 1 : 0, words);
    }
  });

  it('never lets a hostile recording run, lead away or ask anybody else', async () => {
    const asked: string[] = [];
    const evil = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(evil.address() as AddressInfo).port}`;
    const opened: string[] = [];
    const remember = (other: Page) => void opened.push(other.url());
    const unguarded = await browser.newContext({
      storageState: await staff.storageState(),
      bypassCSP: true,
      locale: 'en-GB',
    });
    unguarded.setDefaultTimeout(20_000);
    const bare = await unguarded.newPage();
    staff.on('page', remember);
    unguarded.on('page', remember);
    try {
      for (const attack of ATTACKS) {
        const id = randomUUID();
        const from = Date.now() - 60_000;
        await store(id, 0, recordingOf(attack, address, from), { anonymousId: `evil-${id}` });
        // Both ways in which changes are drawn, one after the other and all at once by a jump to the end; and with the
        // console's policy about contents, which is the second wall, and without.
        for (const [seconds, looking] of [
          [0, page],
          [1.9, bare],
        ] as const) {
          await looking.goto(`${server.url}/replay/${id}?t=${seconds}`);
          await looking.getByRole('button', { name: 'Play', exact: true }).waitFor();
          const frame = looking.frameLocator('.replayer-wrapper iframe');
          await looking.locator('body').click({ position: { x: 5, y: 5 } });
          if (seconds === 0) await looking.keyboard.press(' ');
          await frame.getByText('drawn', { exact: true }).waitFor({ state: 'attached' });
          await sleep(200);
          assert.equal(new URL(looking.url()).pathname, `/replay/${id}`, attack.name);
          const state = await looking.evaluate('[window.hacked, document.title.includes("ran")]');
          assert.deepEqual(state, [undefined, false], attack.name);
          const sandboxes = await looking
            .locator('.replayer-wrapper iframe')
            .evaluateAll((frames) => frames.map((one) => one.getAttribute('sandbox')));
          assert.deepEqual(sandboxes, ['allow-same-origin'], attack.name);
        }
      }
      await unguarded.close();
    } finally {
      staff.off('page', remember);
      evil.close();
      evil.closeAllConnections();
    }
    assert.deepEqual(asked, []);
    assert.deepEqual(opened, []);
    assert.deepEqual(outside, []);
  });

  it('plays recordings that others made, over their pauses', {
    skip: !existsSync(samples) && 'no recordings at ../shared/data',
  }, async () => {
    const read = (name: string) => {
      const read = JSON.parse(readFileSync(new URL(name, samples), 'utf8')) as Events | { events: Events };
      return Array.isArray(read) ? read : read.events;
    };
    type Events = { timestamp: number }[];
    for (const [name, words] of [
      ['rrweb_player_demo_2018.json', 'demoit'],
      ['jupyterlite_recording.json', 'JupyterLite'],
      ['rrweb_test_events/shadow-dom.json', ''],
      ['rrweb_test_events/iframe.json', ''],
      ['rrweb_test_events/dialog-playback.json', ''],
    ] as const) {
      const id = randomUUID();
      const events = read(name);
      await store(id, 0, events, { anonymousId: `sample-${id}` });
      const { index } = await detailOf(id);
      assert.equal(index.fromMs, Math.min(...events.map(({ timestamp }) => timestamp)), name);
      await page.goto(`${server.url}/replay/${id}`);
      await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
      await page.locator('.replayer-wrapper iframe').waitFor();
      const bar = page.getByRole('slider', { name: 'Place in the recording' });
      await page.locator('body').click({ position: { x: 5, y: 5 } });
      for (let n = 0; n < 4; n++) await page.keyboard.press('>');
      await page.keyboard.press(' ');
      // A minute and more is over in seconds: sixteen times as fast, and without the pauses.
      await until(async () => {
        const [now, end] = await Promise.all([bar.getAttribute('aria-valuenow'), bar.getAttribute('aria-valuemax')]);
        return Number(now) >= Number(end) - 1;
      }, `${name} is over`);
      // It came a moment ago, and might go on.
      await page.getByRole('button', { name: 'Live', exact: true, pressed: true }).waitFor();
      const text = await page.evaluate<string>(
        "document.querySelector('.replayer-wrapper iframe').contentDocument.documentElement.outerHTML",
      );
      assert.ok(text.includes(words) && text.length > 0, `${name}: ${text.slice(0, 200)}`);
      assert.equal(await page.getByRole('alert').count(), 0, name);
      if (pictures) await page.screenshot({ path: `${pictures}/replay-${name.replaceAll(/\W+/g, '-')}.png` });
    }
    assert.deepEqual(outside, []);
  });

  it('keeps notes at their moments, and shows a recording by a link until it ends', async () => {
    await page.goto(`${server.url}/replay/${recorded}?t=2`);
    await page.getByRole('tab', { name: 'Notes' }).click();
    await page.getByLabel('Note at 0:02').fill('The price jumps <b>here</b>');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByRole('button', { name: /0:02 The price jumps <b>here<\/b>/ }).waitFor();
    await page.getByRole('button', { name: 'Delete note' }).click();
    await page.getByText('No notes yet.').waitFor();

    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('button', { name: 'Make a link' }).click();
    const link = (await page.locator('aside code').textContent())!;
    const stranger = await browser.newContext({ viewport: { width: 1300, height: 900 }, locale: 'en-GB' });
    stranger.setDefaultTimeout(20_000);
    const looking = await stranger.newPage();
    await looking.goto(link);
    await looking.frameLocator('.replayer-wrapper iframe').getByText('The shop').waitFor();
    await assertAccessible(looking, 'replay-shared');
    const token = link.split('/').at(-1)!;
    const bytes = await (await fetch(`${server.url}/api/replay/shared/${token}`)).text();
    const { anonymousId } = (
      await server.api<{ recording: { anonymousId: string } }>('GET', `/api/replay/recordings/${recorded}`)
    ).recording;
    const chunks = await (await fetch(`${server.url}/api/replay/shared/${token}/chunks`)).text();
    assert.ok(chunks.includes('inside a shadow'));
    for (const secret of [recorded, anonymousId, 'tl-network', 'tl-console']) {
      assert.ok(!bytes.includes(secret), secret);
      assert.ok(!chunks.includes(secret), secret);
    }
    const looks = await server.api<{ items: { action: string; subjects: string[] }[] }>('GET', '/api/audit?limit=200');
    assert.ok(
      looks.items.some(
        (one) => one.action.includes('/api/replay/shared/') && one.subjects.includes(`recordings/${recorded}`),
      ),
    );

    // It ends by itself, and by a hand.
    for (const [what, end] of [
      [
        'expired',
        () =>
          server
            .api('POST', `/api/replay/recordings/${recorded}/shares`, { expiresInSeconds: 10 })
            .then(() => 'taken', String),
      ],
      [
        'revoked',
        async () => {
          const { items } = await server.api<{ items: { id: string }[] }>(
            'GET',
            `/api/replay/recordings/${recorded}/shares`,
          );
          await server.api('DELETE', `/api/replay/shares/${items[0]!.id}`);
        },
      ],
    ] as const) {
      const answer = await end();
      if (what === 'expired') assert.match(String(answer), /400/);
    }
    await looking.goto(link);
    await looking.getByRole('heading', { name: 'This link shows nothing' }).waitFor();
    for (const path of ['', '/chunks', `/assets/${'0'.repeat(64)}`])
      assert.equal((await fetch(`${server.url}/api/replay/shared/${token}${path}`)).status, 404);
    await stranger.close();
  });

  it('finds recordings by what their visitors did and are, and ranks them by what went wrong', async () => {
    const ids = async (query: Record<string, unknown>) => {
      const words = Object.entries(query).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]);
      return (await list(String(new URLSearchParams(Object.fromEntries(words))))).items.map(({ id }) => id);
    };
    const clicked = { events: [{ name: 'Element Clicked' }] };
    await until(async () => (await ids({ what: clicked })).includes(recorded), 'its click is known');
    assert.deepEqual(await ids({ what: clicked }), [recorded]);
    assert.deepEqual(await ids({ what: { events: [{ name: 'Order Completed' }] } }), []);
    const path = { field: { of: 'event', name: 'path' }, is: 'is', values: ['/shop'] };
    assert.deepEqual(await ids({ filter: path }), [recorded]);
    assert.deepEqual(await ids({ filter: { not: { ...path, is: 'isSet', values: [] } }, what: clicked }), []);
    const { personId } = await detailOf(recorded);
    assert.deepEqual(await ids({ person: personId! }), [recorded]);
    const report = {
      ...{ kind: 'trend', period: { last: 7, unit: 'day' }, interval: 'day' },
      series: [{ what: clicked, measure: { of: 'people' } }],
    };
    const behind = await server.api<{ items: { id: string }[] }>('POST', '/api/query/people', {
      report,
      part: { series: 'A' },
    });
    assert.deepEqual(
      behind.items.map(({ id }) => id),
      [personId],
    );
    assert.deepEqual(await ids({ report, part: { series: 'A' } }), [recorded]);
    assert.deepEqual(await ids({ page: 'the SHOP', minSeconds: '2' }), [recorded]);
    assert.ok(!(await ids({ minSeconds: '3600' })).includes(recorded));

    // Of all, those where errors were shown come first.
    const { items } = await list('sort=first&limit=100');
    assert.ok(items.length >= ATTACKS.length + 1);
    assert.deepEqual(
      items.map(({ score }) => score),
      items.map(({ score }) => score).toSorted((a, b) => b - a),
    );
    assert.ok(items[0]!.signals.errors! > 0 && items[0]!.score >= 5);
    const first = await list('sort=first&limit=3');
    const second = await list(`sort=first&limit=3&cursor=${first.nextCursor}`);
    assert.deepEqual(
      [...first.items, ...second.items].map(({ id }) => id),
      items.slice(0, 6).map(({ id }) => id),
    );
    await assert.rejects(() => list('what=nonsense'), /400/);
    await assert.rejects(() => list(`report=${encodeURIComponent(JSON.stringify(report))}`), /400.*part/s);
  });

  it('is closed to roles that do not see personal data, and to those who may not watch', async () => {
    const { apiKey } = await server.api<{ apiKey: string }>('POST', '/api/keys', { role: 'analyst', name: 'analyst' });
    const call = (path: string, method = 'GET') =>
      fetch(`${server.url}${path}`, { method, headers: { authorization: `Bearer ${apiKey}` } }).then(
        ({ status }) => status,
      );
    for (const path of ['', `/${recorded}`, `/${recorded}/chunks`, `/${recorded}/growth`, `/${recorded}/notes`])
      assert.equal(await call(`/api/replay/recordings${path}`), 403, path);
    assert.equal(await call(`/api/replay/recordings/${recorded}`, 'DELETE'), 403);
  });

  it('shows a person’s recordings beside their line, and leads from a moment to its picture', async () => {
    const { personId } = await detailOf(recorded);
    await page.goto(`${server.url}/people/${personId}`);
    await page.getByRole('list', { name: 'Recordings' }).getByRole('link', { name: 'The shop' }).waitFor();
    await page.getByRole('link', { name: 'Watch', exact: true }).first().click();
    await page.waitForURL(new RegExp(`/replay/${recorded}`));
    await page.frameLocator('.replayer-wrapper iframe').getByText('The shop').waitFor();
  });

  it('lists recordings, and opens one', async () => {
    await page.goto(`${server.url}/replay`);
    await page.getByRole('heading', { name: 'Replay', level: 1 }).waitFor();
    const listed = page.getByRole('table', { name: 'Replay', exact: true });
    await listed.getByRole('row').nth(1).waitFor();
    await assertAccessible(page, 'replay-list');
    await page.goto(`${server.url}/replay?settings=1`);
    const panel = page.getByRole('complementary').filter({ has: page.getByRole('heading', { name: 'Settings' }) });
    await panel.getByLabel('Share of visitors, in percent').waitFor();
    await assertAccessible(page, 'replay-settings');
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    const link = listed.getByRole('link', { name: /Visitor|Unknown/ }).first();
    await link.click();
    await page.waitForURL(/\/replay\/[0-9a-f-]{36}/);
    const gone = new URL(page.url()).pathname.split('/').at(-1)!;
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await page.waitForURL(/\/replay$/);
    await assert.rejects(() => detailOf(gone), /404/);
    assert.deepEqual(problems, []);
    assert.deepEqual(outside, []);
  });
});
