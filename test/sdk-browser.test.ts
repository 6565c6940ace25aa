import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  anonymousId,
  context,
  flush,
  html,
  type InPage,
  messages,
  named,
  open,
  page,
  problems,
  sent,
  server,
  site,
  started,
  tag,
  timelineOf,
  visitEachTime,
} from './sdk-visit.ts';

visitEachTime();

describe('the SDK on a page of a company', { timeout: 300_000 }, () => {
  it('is served to any site, compressed, for an hour, and its parts for ever', async () => {
    const answer = await fetch(`${server.url}/sdk.js`, { headers: { 'accept-encoding': 'br' } });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-encoding'), 'br');
    assert.match(answer.headers.get('cache-control')!, /max-age=3600, stale-while-revalidate/);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.equal(answer.headers.get('cross-origin-resource-policy'), 'cross-origin');
    const again = await fetch(`${server.url}/sdk.js`, { headers: { 'if-none-match': answer.headers.get('etag')! } });
    assert.equal(again.status, 304);
    const loader = await fetch(`${server.url}/sdk/parts.js`);
    assert.equal(loader.headers.get('cache-control'), 'no-cache');
    const part = /debug\.[0-9a-f]{12}\.js/.exec(await loader.text())![0];
    assert.match((await fetch(`${server.url}/sdk/${part}`)).headers.get('cache-control')!, /immutable/);
    for (const path of ['nothing.js', '..%2f..%2fpackage.json', 'parts.js/x']) {
      assert.equal((await fetch(`${server.url}/sdk/${path}`)).status, 404, path);
    }
  });

  it('puts every kind of capture on the visitor’s timeline', async () => {
    site.pages['/gone'] = { html: '<title>Gone</title>' };
    await open(
      '/all?utm_source=paper&utm_campaign=autumn',
      `<button id="buy" class="big red" data-x="1">Buy <b>now</b></button>
       <a id="file" href="/list.pdf?secret=1">Price list</a>
       <a id="out" href="https://elsewhere.example/x?token=9">Elsewhere</a>
       <form name="newsletter" action="/join"><input name="email" value="ida@example.com"><button id="join">Join</button></form>
       <p id="still" style="padding:20px">Nothing happens here</p>
       <script>document.getElementById('buy').onclick = (e) => { e.currentTarget.dataset.bought = 1; };
       for (const id of ['file', 'out']) document.getElementById(id).onclick = (e) => e.preventDefault();
       document.querySelector('form').onsubmit = (e) => e.preventDefault();</script>`,
    );
    const visitor = await anonymousId();
    const tracked = async (event: string) => {
      for (let tries = 0; !messages().some((one) => one.event === event); tries++) {
        if (tries > 150) assert.fail(`${event} was not told`);
        await sleep(100);
      }
    };
    for (const id of ['#buy', '#file', '#out', '#join']) await page.click(id);
    await page.evaluate(() => {
      Promise.reject(new Error('the price is away'));
      setTimeout(() => {
        throw new TypeError('the cart is broken');
      });
    });
    await page.click('#still');
    await tracked('Dead Clicked');
    await page.click('#still', { clickCount: 3 });
    await tracked('Rage Clicked');
    // Browsers drop at times what a page sends as it goes while another call is on its way; it stays for the next page.
    await page.waitForFunction(() => {
      const { localStorage } = globalThis as never as { localStorage: object };
      return !Object.keys(localStorage).some((key) => key.startsWith('tl_q_'));
    });
    await page.goto(`${site.url}/gone`);
    const events = await timelineOf(
      visitor,
      'page',
      'Element Clicked',
      'File Downloaded',
      'Outbound Link Clicked',
      'Form Submitted',
      'Error Occurred',
      'Dead Clicked',
      'Rage Clicked',
      'Web Vitals',
    );
    const [first] = events;
    assert.equal(first!.type, 'page');
    assert.equal(first!.page!.title, 'The shop');
    assert.equal(first!.campaign!.source, 'paper');
    assert.equal(first!.campaign!.name, 'autumn');
    const [click] = named(events, 'Element Clicked');
    assert.deepEqual(
      { ...click!.properties },
      { tag: 'button', id: 'buy', classes: 'big red', text: 'Buy now', path: 'html > body > button#buy' },
    );
    assert.equal(named(events, 'File Downloaded')[0]!.properties.href, `${site.url}/list.pdf`);
    assert.equal(named(events, 'Outbound Link Clicked')[0]!.properties.href, 'https://elsewhere.example/x');
    assert.deepEqual(named(events, 'Form Submitted')[0]!.properties.fields, ['email']);
    const faults = named(events, 'Error Occurred').map((event) => String(event.properties.message));
    assert.ok(faults.some((text) => text.includes('the cart is broken')) && faults.includes('the price is away'));
    assert.equal(named(events, 'Dead Clicked').length, 1, 'clicks that were answered are not dead');
    assert.equal(named(events, 'Dead Clicked')[0]!.properties.id, 'still');
    assert.equal(named(events, 'Rage Clicked')[0]!.properties.id, 'still');
    const [vitals] = named(events, 'Web Vitals');
    for (const figure of ['lcp', 'ttfb', 'load']) assert.ok(Number(vitals!.properties[figure]) > 0, figure);
    assert.equal(vitals!.properties.cls, 0);
    assert.equal(new Set(events.map((event) => event.sessionStart)).size, 1, 'one session');
    assert.ok(!JSON.stringify(sent).includes('ida@example.com'));
    assert.ok(!sent.join().includes('secret') && !sent.join().includes('token=9'));
  });

  it('follows a single-page app, with each page as the next one’s referrer', async () => {
    await open('/spa', '<h1>App</h1>');
    const visitor = await anonymousId();
    await page.evaluate(async () => {
      const wait = () => new Promise((next) => setTimeout(next, 30));
      const { history, document, addEventListener } = globalThis as never as {
        addEventListener(name: string, act: (event: unknown) => void): void;
        history: { pushState(...args: unknown[]): void; replaceState(...args: unknown[]): void; back(): void };
        document: { title: string };
      };
      await wait();
      history.pushState({}, '', '/spa/cart');
      document.title = 'Cart';
      await wait();
      history.replaceState({}, '', '/spa/cart?filter=red');
      await wait();
      history.replaceState({}, '', '/spa/paid');
      await wait();
      const back = new Promise((done) => addEventListener('popstate', done));
      history.back();
      await back;
      await wait();
    });
    await page.evaluate(() => (globalThis as never as InPage).throughline.track('Looked around'));
    await flush();
    const events = (await timelineOf(visitor, 'Looked around')).filter((event) => event.type === 'page');
    const paths = events.map((event) => new URL(event.page!.url).pathname);
    assert.deepEqual(paths, ['/spa', '/spa/cart', '/spa/paid', '/spa']);
    assert.equal(events[1]!.page!.title, 'Cart');
    assert.equal(events[1]!.page!.referrer, `${site.url}/spa`);
  });

  it('keeps the calls that came before it, in their order, and takes Segment’s shapes', async () => {
    const { QUEUE_LINE } = await import('../src/core/sdk/docs-page.ts');
    const calls = `<script>throughline.page('Shop', 'Home'); throughline.identify('u-7', {email: 'u7@example.com'});
      throughline.track('Ordered', {revenue: 5, currency: 'EUR'}, function () { window.done = 1 }); throughline.group('g-7', {plan: 'pro'});</script>`;
    await open('/early', '', `${QUEUE_LINE}${calls}${tag()}`);
    const visitor = await anonymousId();
    await page.waitForFunction('window.done === 1');
    await flush();
    const events = await timelineOf(visitor, 'page', 'identify', 'Ordered', 'group');
    assert.deepEqual(
      events.map((event) => event.type),
      ['page', 'identify', 'track', 'group'],
    );
    assert.equal(events[0]!.name, 'Home');
    assert.equal(await page.evaluate(() => (globalThis as never as InPage).throughline.user().id()), 'u-7');
    assert.deepEqual(problems, []);
  });

  it('shares one visitor and one session between tabs, and begins another after 30 minutes', async () => {
    await open('/tabs', '');
    const visitor = await anonymousId();
    const other = await context.newPage();
    await other.goto(`${site.url}/tabs`);
    await other.waitForFunction(() => !!(globalThis as never as InPage).throughline?.anonymousId);
    assert.equal(await other.evaluate(() => (globalThis as never as InPage).throughline.anonymousId()), visitor);
    await other.evaluate(() => (globalThis as never as InPage).throughline.track('From the second tab'));
    await page.evaluate(() => (globalThis as never as InPage).throughline.track('From the first tab'));
    await flush();
    let events = await timelineOf(visitor, 'From the first tab', 'From the second tab');
    assert.equal(new Set(events.map((event) => event.sessionStart)).size, 1);
    const [cookie] = (await context.cookies()).filter((one) => one.name === 'tl_id');
    assert.equal(cookie!.sameSite, 'Lax');
    const state = JSON.parse(decodeURIComponent(cookie!.value)) as { s: number; l: number };
    // As if the last event were 31 minutes ago.
    const older = { ...state, s: state.s - 31 * 60_000, l: state.l - 31 * 60_000 };
    await context.addCookies([{ ...cookie!, value: encodeURIComponent(JSON.stringify(older)) }]);
    await page.evaluate(() => (globalThis as never as InPage).throughline.track('Came back'));
    await flush();
    events = await timelineOf(visitor, 'Came back');
    const last = named(events, 'Came back')[0]!;
    assert.notEqual(last.sessionStart, events[0]!.sessionStart);
    assert.equal(last.sessionStart, new Date(Number(last.context.sessionId)).toISOString());
  });

  it('keeps what happens offline and sends each event once when the connection is back', async () => {
    await open('/offline', '');
    const visitor = await anonymousId();
    await flush();
    await context.setOffline(true);
    await page.evaluate(() => {
      for (let i = 0; i < 20; i++) (globalThis as never as InPage).throughline.track(`Offline ${i}`);
    });
    await sleep(1500);
    await context.setOffline(false);
    const events = await timelineOf(visitor, 'Offline 19');
    const offline = events.filter((event) => event.name.startsWith('Offline'));
    assert.deepEqual(
      offline.map((event) => event.name),
      Array.from({ length: 20 }, (_, i) => `Offline ${i}`),
    );
    await page.waitForFunction("Object.keys(localStorage).every((name) => !name.startsWith('tl_q'))");
  });

  it('waits as long as it is told, and sends again what was refused for now', async () => {
    let refusals = 0;
    await context.route('**/v1/batch', (route) =>
      refusals++ < 1
        ? route.fulfill({
            status: 429,
            headers: {
              'retry-after': '5',
              'access-control-allow-origin': '*',
              'access-control-expose-headers': 'retry-after',
            },
          })
        : route.continue(),
    );
    await open('/busy', '');
    const visitor = await anonymousId();
    await flush();
    await page.evaluate(() => (globalThis as never as InPage).throughline.track('Patient'));
    await flush();
    assert.equal(refusals, 1, 'nothing is sent before its time');
    await timelineOf(visitor, 'Patient', 'page');
    assert.equal(refusals, 2);
  });

  it('loses nothing when the page is left at once, and counts nothing twice', async () => {
    site.pages['/next'] = { html: html('', tag()) };
    await open('/quick', '<a id="next" href="/next">Next</a>');
    const visitor = await anonymousId();
    for (let round = 0; round < 5; round++) {
      await page.evaluate((number) => {
        const { throughline, location } = globalThis as never as InPage & { location: { href: string } };
        for (let i = 0; i < 10; i++) throughline.track(`Quick ${number}-${i}`);
        location.href = `/next?${number}`;
      }, round);
      await page.waitForURL(`**/next?${round}`);
      await started();
    }
    await flush();
    const all = Array.from({ length: 50 }, (_, at) => `Quick ${Math.floor(at / 10)}-${at % 10}`);
    const events = await timelineOf(visitor, ...all);
    const quick = events.filter((event) => event.name.startsWith('Quick'));
    assert.equal(quick.length, 50);
  });

  it('drops an event of more than 32 kB with a warning, and keeps at most a thousand', async () => {
    await context.route('**/v1/batch', (route) => route.abort());
    const warnings: string[] = [];
    page.on('console', (message) => message.type() === 'warning' && warnings.push(message.text()));
    await open('/large', '');
    const kept = await page.evaluate(() => {
      const { throughline, localStorage } = globalThis as never as InPage & { localStorage: object };
      throughline.track('Large', { text: 'x'.repeat(33_000) });
      for (let i = 0; i < 1010; i++) throughline.track(`Many ${i}`);
      return Object.keys(localStorage).filter((name) => name.startsWith('tl_q')).length;
    });
    assert.equal(kept, 1000);
    for (const why of ['size', 'full'])
      for (let tries = 0; !warnings.some((text) => text.includes(why)); tries++) {
        if (tries > 50) assert.fail(`no warning of ${why}: ${warnings}`);
        await sleep(100);
      }
  });
});
