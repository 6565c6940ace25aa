import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { type RunningServer, startServer } from './server.ts';

const SDK = new URL('../node_modules/@segment/analytics-next/dist/umd/', import.meta.url);

let server: RunningServer;
let browser: Browser;
let shop: Server;
let shopUrl: string;
let key: string;

before(async () => {
  server = await startServer();
  key = await server.writeKey('shop');
  const page = `<!doctype html><title>The shop</title><script>
    window.analytics = [];
    for (const method of ['identify', 'track', 'page', 'ready', 'on', 'user'])
      analytics[method] = (...args) => { analytics.push([method, ...args]); return analytics; };
    analytics._writeKey = ${JSON.stringify(key)};
    analytics._cdn = ${JSON.stringify(server.url)};
    analytics.page('Home');
    analytics.track('Product Viewed', { product_id: 'mug', price: 4.5, currency: 'GBP' });
  </script><script src="/sdk/standalone.js" async></script>`;
  shop = createServer(async (request, response) => {
    const path = new URL(request.url ?? '/', 'http://shop').pathname;
    const file = path.startsWith('/sdk/') ? await readFile(new URL(path.slice(5), SDK)).catch(() => null) : page;
    response.writeHead(file === null ? 404 : 200, {
      'content-type': path.endsWith('.js') ? 'text/javascript' : 'text/html',
    });
    response.end(file);
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  shopUrl = `http://127.0.0.1:${(shop.address() as AddressInfo).port}`;
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  shop?.closeAllConnections();
  shop?.close();
  await server?.remove();
});

interface Person {
  id: string;
  identifiers: { kind: string; value: string }[];
  traits: Record<string, { value: unknown }>;
  revenue: { currency: string; amountMinor: number }[];
  accounts: { key: string }[];
}
interface Event {
  type: string;
  name: string;
  channel: string;
  device: { browser: string } | null;
}

it("puts what a customer does, by three unchanged SDKs, on one person's timeline", async () => {
  // The headless browser names itself as one, which would make it a bot.
  const version = browser.version().split('.')[0];
  const userAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`;
  const page = await browser.newPage({ userAgent });
  await page.goto(`${shopUrl}/?utm_source=news&utm_medium=email&utm_campaign=autumn`);
  await page.waitForFunction(
    () => (globalThis as never as { analytics: { initialized?: boolean } }).analytics.initialized === true,
  );
  await page.evaluate(() => {
    const { analytics } = globalThis as never as { analytics: { identify(id: string, traits: object): void } };
    analytics.identify('ada', { email: 'Ada@Example.com', name: 'Ada Nowak' });
  });
  const segment = new Analytics({ writeKey: key, host: server.url });
  segment.track({
    userId: 'ada',
    event: 'Order Completed',
    properties: { order_id: 'o-1', total: 19.99, currency: 'GBP' },
  });
  segment.group({ userId: 'ada', groupId: 'acme', traits: { name: 'Acme' } });
  await segment.closeAndFlush();
  const rudder = new RudderAnalytics(key, { dataPlaneUrl: server.url, flushAt: 1 } as never);
  rudder.track({ userId: 'ada', event: 'Ticket Created', properties: { subject: 'Where is my mug?' } });
  await rudder.flush();

  const names = ['Home', 'Product Viewed', 'identify', 'Order Completed', 'group', 'Ticket Created'];
  let person: Person | undefined;
  let events: Event[] = [];
  for (let attempt = 0; attempt < 200 && events.length < names.length; attempt++) {
    await sleep(100);
    person = await server.api<Person>('GET', '/api/people/lookup?kind=user_id&value=ada').catch(() => undefined);
    if (person) events = (await server.api<{ items: Event[] }>('GET', `/api/people/${person.id}/timeline`)).items;
  }
  person = await server.api<Person>('GET', '/api/people/lookup?kind=user_id&value=ada');
  assert.deepEqual(events.map((event) => event.name || event.type).sort(), [...names].sort());
  assert.ok(person);
  const kinds = person.identifiers.map(({ kind }) => kind).sort();
  assert.deepEqual(kinds, ['anonymous_id', 'email', 'user_id'], 'the visit before the sign-in belongs to the customer');
  assert.equal(person.traits.name?.value, 'Ada Nowak');
  assert.deepEqual(person.revenue, [{ currency: 'GBP', amountMinor: 1999 }]);
  assert.deepEqual(
    person.accounts.map((account) => account.key),
    ['acme'],
  );
  const viewed = events.find((event) => event.name === 'Product Viewed');
  assert.equal(viewed?.channel, 'web');
  assert.match(viewed?.device?.browser ?? '', /Chrom/);
});
