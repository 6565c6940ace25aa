import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../../../test/browser.ts';
import type { IncomingEvent } from './incoming.ts';
import { type IntakeServer, intakeServer } from './testing.ts';

const SDK = new URL('../../../node_modules/@segment/analytics-next/dist/umd/', import.meta.url);

/** A shop's site: the SDK's own files and pages that load it, on another origin than intake. */
async function shop(pages: Record<string, string>): Promise<{ server: Server; url: string }> {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://shop').pathname;
    try {
      const file = path.startsWith('/sdk/') ? await readFile(new URL(path.slice(5), SDK)) : pages[path];
      response.writeHead(file === undefined ? 404 : 200, {
        'content-type': path.endsWith('.js') ? 'text/javascript' : 'text/html',
      });
      response.end(file);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("Segment's SDK in a browser, unchanged", () => {
  let intake: IntakeServer;
  let site: Awaited<ReturnType<typeof shop>>;
  let browser: Browser;
  let page: Page;
  let key: string;
  before(async () => {
    intake = await intakeServer();
    key = (await intake.source('browser')).writeKey;
    // The usual snippet: a queue of calls, and the SDK loaded beside it; settings come from intake.
    const head = (settings: object) => `<!doctype html><title>The shop</title><script>
      window.analytics = [];
      for (const method of ['identify', 'track', 'page', 'group', 'alias', 'screen', 'ready', 'on', 'user', 'reset', 'register'])
        analytics[method] = (...args) => { analytics.push([method, ...args]); return analytics; };
      analytics._writeKey = ${JSON.stringify(key)};
      analytics._cdn = ${JSON.stringify(intake.url)};
      analytics._loadOptions = ${JSON.stringify(settings)};
      analytics.SNIPPET_VERSION = '5.2.1';
    </script><script src="/sdk/standalone.js" async></script>`;
    site = await shop({
      '/': head({}),
      '/batching': head({
        integrations: {
          'Segment.io': { deliveryStrategy: { strategy: 'batching', config: { size: 100, timeout: 60_000 } } },
        },
      }),
      '/keepalive': head({ integrations: { 'Segment.io': { deliveryStrategy: { config: { keepalive: true } } } } }),
      '/empty': '<!doctype html><title>Gone</title>',
    });
    browser = await launchBrowser();
    page = await browser.newPage();
  });
  after(async () => {
    await browser?.close();
    await new Promise((resolve) => {
      site?.server.close(resolve);
      site?.server.closeAllConnections();
    });
    await intake?.close();
  });

  interface Snippet {
    page(name?: string): unknown;
    identify(id: string, traits: object): unknown;
    track(name: string, properties: object): unknown;
    group(id: string, traits: object): unknown;
    alias(id: string, previousId: string): unknown;
    initialized?: boolean;
  }
  const byType = (events: IncomingEvent[]) => new Map(events.map((event) => [event.type, event]));
  const ready = (path: string) =>
    page
      .goto(site.url + path)
      .then(() =>
        page.waitForFunction(() => (globalThis as never as { analytics: Snippet }).analytics.initialized === true),
      );

  test('finds its settings and sends to the address that they name', async () => {
    const problems: string[] = [];
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(String(error)));
    await ready('/');
    await page.evaluate(() => {
      const { analytics } = globalThis as never as { analytics: Snippet };
      analytics.page('Home');
      analytics.alias('u1', 'old-1');
      analytics.identify('u1', { email: 'ż@example.com' });
      analytics.track('Product Viewed', { sku: 'S-1', price: 12.5 });
      analytics.group('g1', { plan: 'premium' });
    });
    const { events, envelopes, refused } = await intake.takenWhen(5);
    assert.deepEqual(refused, []);
    assert.deepEqual(
      problems.filter((problem) => !problem.includes('favicon')),
      [],
    );
    const got = byType(events);
    assert.deepEqual([...got.keys()].toSorted(), ['alias', 'group', 'identify', 'page', 'track']);
    const anonymousId = got.get('page')?.anonymousId;
    assert.match(String(anonymousId), /^[0-9a-f-]{36}$/);
    for (const event of events) {
      assert.equal(event.anonymousId, anonymousId);
      assert.match(event.messageId, /^ajs-next-/);
      assert.equal((event.context as { page: { url: string } }).page.url, `${site.url}/`);
      assert.ok((event.context as { userAgent: string }).userAgent.includes('Chrome'));
      assert.ok(!('writeKey' in event));
      assert.ok(event.timestamp && event.sentAt);
    }
    assert.equal(got.get('page')?.name, 'Home');
    assert.match(JSON.stringify(got.get('page')?.properties), /"title":"The shop"/);
    assert.deepEqual([got.get('identify')?.userId, got.get('identify')?.traits], ['u1', { email: 'ż@example.com' }]);
    assert.deepEqual(
      [got.get('track')?.event, got.get('track')?.properties],
      ['Product Viewed', { sku: 'S-1', price: 12.5 }],
    );
    assert.equal(got.get('group')?.groupId, 'g1');
    assert.deepEqual([got.get('alias')?.userId, got.get('alias')?.previousId], ['u1', 'old-1']);
    assert.ok(envelopes.every((envelope) => envelope.userAgent?.includes('Chrome')));
  });

  test('sends what it has gathered when the page is left', async () => {
    await ready('/batching');
    // Its queue is asynchronous; the calls are in the batch once they have been through it.
    await page.evaluate(async () => {
      const { analytics } = globalThis as never as { analytics: Snippet };
      for (const name of ['First', 'Second']) await analytics.track(name, {});
    });
    assert.equal((await intake.taken()).events.length, 0, 'nothing is sent before');
    await page.goto(`${site.url}/empty`);
    const { events } = await intake.takenWhen(2);
    assert.deepEqual(
      events.map((event) => event.event),
      ['First', 'Second'],
    );
  });

  test('sends with keepalive what is tracked just before the page is left', async () => {
    await ready('/keepalive');
    await page.evaluate((next) => {
      const page = globalThis as never as {
        analytics: Snippet;
        location: { href: string };
        fetch: typeof globalThis.fetch;
      };
      const { fetch } = page;
      // The page is left at the moment in which the event is sent.
      page.fetch = (...given) => {
        const answer = fetch(...given);
        page.location.href = next;
        return answer;
      };
      page.analytics.track('Left', {});
    }, `${site.url}/empty`);
    await page.waitForURL('**/empty');
    const { events } = await intake.takenWhen(1);
    assert.deepEqual(
      events.map((event) => event.event),
      ['Left'],
    );
  });

  test('a beacon arrives, as text and as JSON that the browser asks about first', async () => {
    await page.goto(`${site.url}/empty`);
    for (const type of ['text/plain', 'application/json']) {
      const queued = await page.evaluate(
        ([url, writeKey, contentType]) => {
          const call = { writeKey, anonymousId: 'a1', event: contentType, sentAt: new Date().toISOString() };
          return (navigator as never as { sendBeacon(url: string, data: Blob): boolean }).sendBeacon(
            `${url}/v1/t`,
            new Blob([JSON.stringify(call)], { type: contentType }),
          );
        },
        [intake.url, key, type],
      );
      assert.ok(queued);
      assert.deepEqual(
        (await intake.takenWhen(1)).events.map((event) => event.event),
        [type],
      );
    }
  });
});
