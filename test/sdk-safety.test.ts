import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  anonymousId,
  context,
  flush,
  type InPage,
  key,
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
  timelineNow,
  timelineOf,
  visitEachTime,
} from './sdk-visit.ts';

visitEachTime();

/** Microseconds of the processor, where the browser counts them apart from the time of the clock. */
const cpu = (slice: { dur?: number; tdur?: number }) => slice.tdur ?? slice.dur;

describe('the SDK on a page that asks for more', { timeout: 300_000 }, () => {
  it('works under a strict Content Security Policy, and loads a part under it', async () => {
    const policy = `default-src 'none'; script-src 'self' ${server.url}; connect-src ${server.url}`;
    const refused: string[] = [];
    page.on('console', (message) => message.text().includes('Content Security Policy') && refused.push(message.text()));
    await open('/strict?throughline_debug', '<button id="b">Go</button>', tag(), { 'content-security-policy': policy });
    const visitor = await anonymousId();
    await page.click('#b');
    await page.getByLabel('Throughline events').getByText('Element Clicked').waitFor();
    await flush();
    await timelineOf(visitor, 'page', 'Element Clicked');
    await page.getByLabel('Throughline events').getByText('sent').first().waitFor();
    assert.deepEqual(refused, []);
    assert.match((await page.locator('script[integrity]').getAttribute('integrity')) ?? '', /^sha256-/);
  });

  it('refuses a part whose bytes are not those that were built', async () => {
    await context.route('**/sdk/debug.*', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: `${await answer.text()};window.evil=1` });
    });
    await open('/evil', '');
    const outcome = await page.evaluate(() =>
      (globalThis as never as InPage).throughline.load('debug').then(
        () => 'loaded',
        (error: Error) => error.message,
      ),
    );
    assert.match(outcome, /could not be loaded/);
    assert.equal(await page.evaluate('window.evil'), undefined);
  });

  it('works in an older browser', async () => {
    await context.addInitScript(() => {
      const page = globalThis as never as Record<string, Record<string, unknown>> & { Request: { prototype: object } };
      for (const name of [
        'structuredClone',
        'IntersectionObserver',
        'requestIdleCallback',
        'scheduler',
        'PerformanceObserver',
      ])
        delete page[name];
      delete (page.crypto as { randomUUID?: unknown }).randomUUID;
      delete (Object.getPrototypeOf(page.crypto) as { randomUUID?: unknown }).randomUUID;
      delete (Object.getPrototypeOf(page.navigator) as { locks?: unknown }).locks;
      delete (page.AbortSignal as { timeout?: unknown }).timeout;
      delete (page.Request.prototype as { keepalive?: unknown }).keepalive;
      for (const name of ['replaceAll', 'at', 'matchAll'])
        delete (String.prototype as never as Record<string, unknown>)[name];
      for (const name of ['flat', 'flatMap', 'at', 'findLast', 'toSorted'])
        delete (Array.prototype as never as Record<string, unknown>)[name];
      for (const name of ['fromEntries', 'hasOwn', 'groupBy'])
        delete (Object as never as Record<string, unknown>)[name];
    });
    site.pages['/after'] = { html: '<title>After</title>' };
    await open('/old', '<button id="b">Go</button>');
    const visitor = await anonymousId();
    await page.click('#b');
    await page.evaluate(() => (globalThis as never as InPage).throughline.track('Just before leaving'));
    await page.goto(`${site.url}/after`);
    const events = await timelineOf(visitor, 'page', 'Element Clicked', 'Just before leaving', 'Web Vitals');
    assert.ok(Number(named(events, 'Web Vitals')[0]!.properties.ttfb) > 0);
    assert.deepEqual(problems, []);
  });

  it('leaves no storage behind when it is cookieless', async () => {
    await open('/cookieless', '<button id="b">Go</button>', tag('data-storage="none"'));
    const visitor = await anonymousId();
    await page.click('#b');
    await page.evaluate(() => (globalThis as never as InPage).throughline.identify('u-none'));
    await flush();
    await timelineOf(visitor, 'Element Clicked', 'identify');
    assert.deepEqual(await context.cookies(), []);
    assert.equal(await page.evaluate('localStorage.length + sessionStorage.length'), 0);
    await page.reload();
    await started();
    assert.notEqual(await anonymousId(), visitor);
  });

  it('stores and sends nothing before consent where it is required, and tells of it after', async () => {
    await open('/consent', '<button id="b">Go</button>', tag('data-consent="required"'));
    const visitor = await anonymousId();
    await page.click('#b');
    await sleep(1500);
    assert.deepEqual(sent, []);
    assert.deepEqual(await context.cookies(), []);
    assert.equal(await page.evaluate('localStorage.length'), 0);
    await page.evaluate(() =>
      (globalThis as never as InPage).throughline.consent(
        { analytics: true, marketing: false },
        { textVersion: '3', language: 'pl' },
      ),
    );
    await flush();
    const events = await timelineOf(visitor, 'page', 'Element Clicked', 'Consent Updated');
    const [told] = named(events, 'Consent Updated');
    assert.deepEqual(told!.properties, {
      purposes: { analytics: true, marketing: false },
      textVersion: '3',
      language: 'pl',
    });
    for (const message of messages()) {
      assert.deepEqual(message.context.consent, { categoryPreferences: { analytics: true, marketing: false } });
    }
    // The next page knows of it; a withdrawal is told, ends it and removes what was stored.
    await page.reload();
    await started();
    assert.equal(await anonymousId(), visitor);
    await page.evaluate(() => (globalThis as never as InPage).throughline.consent({ analytics: false }));
    await flush();
    assert.deepEqual(await context.cookies(), []);
    const consents = async () => named(await timelineNow(visitor), 'Consent Updated').map((event) => event.properties);
    while ((await consents()).length < 2) await sleep(50);
    assert.deepEqual((await consents())[1], { purposes: { analytics: false, marketing: false } });
    const before = sent.length;
    await page.click('#b');
    await sleep(1300);
    assert.equal(sent.length, before, 'nothing more is sent');
    assert.equal(await page.evaluate("Object.keys(localStorage).filter((name) => name !== 'tl_id').length"), 0);
  });

  it('forgets nothing of a refusal where consent is not required: the next page captures nothing', async () => {
    await open('/refused', '<button id="b">Go</button>');
    await page.evaluate(() => (globalThis as never as InPage).throughline.consent({ analytics: false }));
    await flush();
    await page.reload();
    await started();
    sent.length = 0;
    await page.click('#b');
    await sleep(1300);
    assert.deepEqual(sent, []);
    const [cookie] = await context.cookies();
    assert.deepEqual(JSON.parse(decodeURIComponent(cookie!.value)), { c: { analytics: false } });
  });

  it('captures nothing for a browser that shows Global Privacy Control, where the site respects it', async () => {
    await context.addInitScript(() =>
      Object.defineProperty(Object.getPrototypeOf(navigator), 'globalPrivacyControl', { value: true }),
    );
    await open('/gpc', '<button id="b">Go</button>', tag('data-respect="globalPrivacyControl doNotTrack"'));
    await page.click('#b');
    await sleep(1300);
    assert.deepEqual(sent, []);
    assert.deepEqual(await context.cookies(), []);
  });

  it('never lets a password, a card number or what opted out leave the page', async () => {
    const secrets = [
      'hunter2-secret',
      '4111 1111 1111 1111',
      '4242424242424242',
      'opted-out-text',
      'typed-note',
      'ewa@example.com',
    ];
    await open(
      '/secrets',
      `<form id="f" name="pay"><input type="password" name="pw" id="pw"><input name="card" autocomplete="billing cc-number" id="cc">
       <textarea name="note" id="note">typed-note</textarea><button id="go">Pay with 4111 1111 1111 1111</button></form>
       <div data-tl-ignore><button id="hidden">opted-out-text</button></div>
       <div data-tl-mask><button id="masked">opted-out-text</button></div>
       <button id="mixed">Hello <span class="tl-ignore">opted-out-text</span> <b class="tl-mask">opted-out-text</b> ewa@example.com</button>
       <div contenteditable id="edit">typed-note</div>
       <script>document.querySelector('form').onsubmit = (e) => e.preventDefault();</script>`,
    );
    const visitor = await anonymousId();
    await page.fill('#pw', 'hunter2-secret');
    await page.fill('#cc', '4242424242424242');
    await page.fill('#note', 'typed-note');
    for (const id of ['#pw', '#cc', '#note', '#hidden', '#masked', '#mixed', '#edit', '#go']) await page.click(id);
    await page.evaluate(() => {
      Promise.reject(new Error('card 4111 1111 1111 1111 of ewa@example.com refused'));
    });
    await flush();
    const events = await timelineOf(visitor, 'Form Submitted', 'Element Clicked', 'Error Occurred');
    assert.deepEqual(named(events, 'Form Submitted')[0]!.properties.fields, ['note']);
    const raw = sent.join('\n');
    for (const secret of secrets) assert.ok(!raw.includes(secret), secret);
    assert.ok(raw.includes('Hello ••• ') || raw.includes('Hello •••'), 'the rest of a text is told');
  });

  it('holds up no page of 5,000 elements for 20 ms at a time', async () => {
    const rows = Array.from({ length: 1250 }, (_, i) => `<li><a href="#${i}"><b>Row</b> <i>${i}</i></a></li>`).join('');
    const client = await context.newCDPSession(page);
    const slices: {
      name: string;
      dur?: number;
      tdur?: number;
      args?: { data?: { url?: string; scriptName?: string } };
    }[] = [];
    client.on('Tracing.dataCollected', ({ value }) => slices.push(...(value as never[])));
    await client.send('Tracing.start', { categories: 'devtools.timeline,v8', transferMode: 'ReportEvents' });
    await open('/many', `<ul>${rows}</ul><button id="b">Go</button>`);
    for (const id of ['#b', 'li:nth-child(700) a', '#b']) await page.click(id);
    await page.evaluate(() => {
      (globalThis as never as { history: { pushState(...to: unknown[]): void } }).history.pushState({}, '', '/many/2');
      for (let i = 0; i < 50; i++) (globalThis as never as InPage).throughline.track('Busy', { i });
    });
    await flush();
    const ended = new Promise((resolve) => client.once('Tracing.tracingComplete', resolve));
    await client.send('Tracing.end');
    await ended;
    const ours = slices.filter((slice) => {
      const { url, scriptName } = slice.args?.data ?? {};
      return cpu(slice) !== undefined && [url, scriptName].some((name) => name?.includes('/sdk.js'));
    });
    assert.ok(ours.length > 0, 'the trace shows the SDK at work');
    const longest = Math.max(...ours.map((slice) => cpu(slice)!));
    assert.ok(longest < 20_000, `something took ${longest / 1000} ms`);
  });

  it('explains itself on a page that is instrumented, and sends from there only with a key and consent', async () => {
    const { origin } = new URL(server.url);
    await page.goto(`${origin}/docs/sdk`);
    await page.getByRole('heading', { name: 'Browser SDK' }).waitFor();
    await page.getByRole('button', { name: 'track', exact: true }).click();
    await page.locator('[data-throughline-log]').getByText('Product Viewed').waitFor();
    await page.getByRole('button', { name: 'Agree to analytics' }).click();
    await sleep(1300);
    assert.deepEqual(sent, [], 'without a key nothing is sent');
    await page.goto(`${origin}/docs/sdk?key=${key}`);
    await page.getByRole('button', { name: 'track', exact: true }).click();
    await page.getByRole('button', { name: 'Agree to analytics' }).click();
    const visitor = await anonymousId();
    await timelineOf(visitor, 'page', 'Product Viewed', 'Consent Updated');
    const hostile = await fetch(`${origin}/docs/sdk?key=wk_%22%3E%3Cscript%3Ealert(1)%3C/script%3E`);
    assert.ok(!(await hostile.text()).includes('alert(1)'));
    const pictures = process.env.SCREENSHOTS;
    if (pictures) {
      await page.setViewportSize({ width: 1200, height: 900 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.getByRole('button', { name: 'track', exact: true }).click();
        await page.screenshot({ path: `${pictures}/sdk-docs-${colorScheme}.png` });
      }
    }
    assert.deepEqual(problems, []);
  });
});
