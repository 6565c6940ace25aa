import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { EVENT_TYPES } from '../../intake/incoming.ts';
import { CHANNELS, type Delivery, type StreamEvent } from '../event.ts';
import { contextAsSent, createEnricher } from './enrich.ts';
import type { Geo } from './geo.ts';

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 14_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.0.3 Mobile/15E148 Safari/604.1';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0';

const geo: Geo = {
  country: (ip) => (ip === '89.64.0.1' ? 'PL' : ''),
  refresh: async () => {},
  close: () => {},
};

/** An event as decode hands it on. */
function decoded(given: Partial<Record<keyof StreamEvent, unknown>>): StreamEvent {
  return {
    eventId: '3f7c0c52-6a8e-4f6e-9c8f-0a4a2f1f0001',
    messageId: '',
    sourceId: 1,
    type: 'track',
    name: '',
    timestamp: 1_700_000_000_000,
    receivedAt: 1_700_000_000_000,
    identifiers: [],
    userId: '',
    anonymousId: 'a1',
    groupId: '',
    previousId: '',
    properties: {},
    traits: {},
    context: {},
    channel: '',
    contact: '',
    url: '',
    path: '',
    title: '',
    referrer: '',
    channelGroup: '',
    campaignSource: '',
    campaignMedium: '',
    campaignName: '',
    browser: '',
    os: '',
    device: '',
    country: '',
    locale: '',
    revenueMinor: 0,
    currency: '',
    sessionStart: 0,
    originId: 0,
    personId: 0,
    accountId: 0,
    ...given,
  } as StreamEvent;
}

function enriched(
  given: Partial<Record<keyof StreamEvent, unknown>>,
  delivery: Partial<Delivery> = {},
  options: { storeIp?: boolean; geo?: Geo | null } = {},
): StreamEvent {
  const event = decoded(given);
  const enrich = createEnricher({ storeIp: options.storeIp ?? false }, options.geo === undefined ? geo : options.geo);
  enrich(event, { sourceId: 1, receivedAt: 0, ip: '', userAgent: '', country: '', ...delivery });
  return event;
}

test("a page call of Segment's browser library is told whole by its columns", () => {
  const page = {
    url: 'https://www.shop.example/shoes?utm_source=google&utm_medium=cpc&utm_campaign=spring',
    path: '/shoes',
    title: 'Shoes',
    referrer: 'https://www.google.com/',
    search: '?utm_source=google&utm_medium=cpc&utm_campaign=spring',
  };
  const library = { name: 'analytics.js', version: 'next-1.84.3' };
  const event = enriched(
    {
      type: 'page',
      name: 'Shoes',
      properties: { ...page, colour: 'red' },
      context: {
        page,
        userAgent: FIREFOX,
        locale: 'pl-pl',
        timezone: 'Europe/Warsaw',
        ip: '89.64.0.1',
        library,
        campaign: { source: 'google', medium: 'cpc', name: 'spring', term: 'red shoes' },
      },
    },
    { userAgent: FIREFOX, ip: '10.0.0.1' },
  );
  assert.deepEqual(
    [event.channel, event.contact, event.browser, event.os, event.device, event.locale, event.country],
    ['web', 'direct', 'Firefox', 'Linux', 'desktop', 'pl-PL', 'PL'],
  );
  assert.deepEqual([event.url, event.path, event.title, event.referrer], [page.url, '/shoes', 'Shoes', page.referrer]);
  assert.deepEqual(
    [event.channelGroup, event.campaignSource, event.campaignMedium, event.campaignName],
    ['Paid Search', 'google', 'cpc', 'spring'],
  );
  assert.deepEqual(event.properties, { colour: 'red' });
  assert.deepEqual(event.context, { timezone: 'Europe/Warsaw', library, campaign: { term: 'red shoes' } });
});

test("what a company's own server sends is not taken for its customer's device or country", () => {
  const event = enriched(
    { name: 'Invoice Paid', context: { library: { name: '@segment/analytics-node' } } },
    { userAgent: FIREFOX, country: 'US', ip: '89.64.0.1' },
  );
  assert.deepEqual([event.channel, event.browser, event.country], ['server', '', '']);
  const told = enriched({ context: { library: { name: 'analytics-python' }, ip: '89.64.0.1', userAgent: IPHONE } });
  assert.deepEqual([told.channel, told.device, told.country], ['server', 'mobile', 'PL']);
});

test('where it happened: the event itself, its name, its type, its context, in this order', () => {
  const channels: [Parameters<typeof enriched>[0], string, Partial<Delivery>?][] = [
    [{ channel: 'store', name: 'Email Opened' }, 'store'],
    [{ channel: 'pos' }, 'store'],
    [{ channel: 'constructor', name: 'x' }, 'other'],
    [{ name: 'Email Link Clicked', context: { library: { name: 'analytics-node' } } }, 'email'],
    [{ name: 'live_chat_message_sent' }, 'chat'],
    [{ name: 'Call Ended' }, 'phone'],
    [{ name: 'Ad Clicked' }, 'ad'],
    [{ type: 'page' }, 'web'],
    [{ type: 'screen', name: 'Home' }, 'app'],
    [{ name: 'x', context: { channel: 'mobile' } }, 'app'],
    [{ name: 'x', context: { library: { name: 'analytics-ios' } } }, 'app'],
    [{ name: 'x', context: { library: { name: 'RudderLabs JavaScript SDK' } } }, 'web'],
    [{ name: 'x', context: { page: { url: 'https://a.example/' } } }, 'web'],
    [{ name: 'x' }, 'web', { userAgent: FIREFOX }],
    [{ name: 'x' }, 'server', { userAgent: 'curl/8' }],
    [{ name: 'x' }, 'other'],
  ];
  for (const [given, channel, delivery] of channels) {
    assert.equal(enriched(given, delivery).channel, channel, JSON.stringify(given));
  }
});

test('an ad that was shown, a review and a mention are indirect contacts; what the customer does is direct', () => {
  const contacts: Record<string, string> = {
    'Ad Impression': 'indirect',
    'Product Review Submitted': 'indirect',
    'Brand Mention': 'indirect',
    'Ad Clicked': 'direct',
    'Order Completed': 'direct',
  };
  for (const [name, contact] of Object.entries(contacts)) assert.equal(enriched({ name }).contact, contact, name);
  assert.equal(enriched({ name: 'Ad Impression', contact: 'direct' }).contact, 'direct');
});

test('an address is stored only where that is switched on', () => {
  const given = { type: 'page', context: { ip: '89.64.0.1' } };
  assert.equal('ip' in enriched(given).context, false);
  assert.equal(enriched(given, {}, { storeIp: true }).context.ip, '89.64.0.1');
  const browser = { userAgent: FIREFOX, ip: '10.0.0.1' };
  assert.equal(enriched({ type: 'page' }, browser, { storeIp: true }).context.ip, '10.0.0.1');
  assert.equal('ip' in enriched({ type: 'page' }, browser).context, false);
});

test("the country is the proxy's, else the address's, else what the event says", () => {
  const location = { country: 'Germany' };
  const browser = { userAgent: FIREFOX, ip: '89.64.0.1' };
  assert.equal(enriched({ type: 'page', context: { location } }, { ...browser, country: 'fr' }).country, 'FR');
  assert.equal(enriched({ type: 'page', context: { location } }, { ...browser, country: 'XX' }).country, 'PL');
  assert.equal(enriched({ type: 'page', context: { location } }, browser, { geo: null }).country, 'DE');
});

test("an app's HTTP client is no robot", () => {
  const context = { library: { name: 'analytics-kotlin' }, userAgent: 'okhttp/4.9.0', device: { type: 'android' } };
  assert.equal(enriched({ type: 'screen', context }).device, 'mobile');
});

test('an order counts as revenue, and only as a track call', () => {
  const properties = { revenue: 19.99, currency: 'EUR' };
  const order = enriched({ name: 'Order Completed', properties });
  assert.deepEqual([order.revenueMinor, order.currency, order.properties], [1999, 'EUR', properties]);
  assert.equal(enriched({ type: 'page', name: 'Order Completed', properties }).revenueMinor, 0);
});

const hostile = fc.dictionary(
  fc.constantFrom(
    ...['page', 'campaign', 'userAgent', 'userAgentData', 'device', 'os', 'app', 'library', 'locale', 'location'],
    ...['ip', 'channel', 'url', 'path', 'title', 'referrer', 'search', 'name', '__proto__', 'constructor', 'x'],
  ),
  fc.oneof(fc.jsonValue({ depthSize: 'small' }), fc.string(), fc.webUrl()),
);

test('nothing that a sender writes makes it throw, and the columns are always of their type', () => {
  const names = fc.oneof(fc.string(), fc.constantFrom('Order Completed', 'Email Opened'));
  fc.assert(
    fc.property(hostile, hostile, names, fc.constantFrom(...EVENT_TYPES), (context, properties, name, type) => {
      const event = enriched({ context: structuredClone(context), properties, name, type });
      assert.ok(CHANNELS.includes(event.channel));
      for (const [field, value] of Object.entries(event)) {
        const expected = typeof (decoded({}) as unknown as Record<string, unknown>)[field];
        assert.equal(typeof value, expected, field);
      }
      assert.equal('ip' in event.context, false);
      assert.equal(Object.getPrototypeOf(event.context), Object.prototype);
      JSON.stringify(event);
    }),
    { numRuns: 2000 },
  );
});

test('an event that is sent again after it was enriched is enriched to the same', () => {
  fc.assert(
    fc.property(hostile, fc.constantFrom(...EVENT_TYPES), (context, type) => {
      const first = enriched({ context, type, name: 'x' });
      const again = enriched({ ...first, context: contextAsSent(first), type, name: 'x' });
      const columns = (event: StreamEvent) => [
        ...[event.channel, event.url, event.path, event.title, event.referrer, event.country, event.locale],
        ...[event.campaignSource, event.campaignMedium, event.campaignName, event.os],
      ];
      assert.deepEqual(columns(again), columns(first));
    }),
  );
});
