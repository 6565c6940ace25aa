import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import type { IncomingEvent } from './incoming.ts';
import { type IntakeServer, intakeServer } from './testing.ts';

const contextOf = (event: IncomingEvent | undefined) => (event?.context ?? {}) as Record<string, unknown>;
const byType = (events: IncomingEvent[]) => new Map(events.map((event) => [event.type, event]));

describe('SDKs for Node, unchanged', () => {
  let server: IntakeServer;
  let key: string;
  before(async () => {
    server = await intakeServer();
    key = (await server.source()).writeKey;
  });
  after(() => server.close());

  test("Segment's delivers every call with all its fields", async () => {
    const analytics = new Analytics({ writeKey: key, host: server.url, flushAt: 20 });
    const failures: unknown[] = [];
    analytics.on('error', (error) => failures.push(error));
    const timestamp = new Date('2026-01-02T03:04:05.678Z');
    const user = {
      userId: '019mr8mf4r',
      anonymousId: 'a1',
      timestamp,
      context: { locale: 'pl-PL' },
      integrations: { All: true },
    };
    analytics.identify({ ...user, messageId: 'm1', traits: { email: 'ż@example.com', age: 41 } });
    analytics.track({
      ...user,
      messageId: 'm2',
      event: 'Order Completed',
      properties: { total: 12.5, products: [{ id: 1 }] },
    });
    analytics.page({
      ...user,
      messageId: 'm3',
      name: 'Home',
      category: 'Docs',
      properties: { url: 'https://a.example/' },
    });
    analytics.screen({ ...user, messageId: 'm4', name: 'Cart' });
    analytics.group({ ...user, messageId: 'm5', groupId: 'g1', traits: { plan: 'premium' } });
    analytics.alias({ userId: '019mr8mf4r', previousId: 'old', messageId: 'm6', timestamp });
    await analytics.closeAndFlush();
    assert.deepEqual(failures, []);

    const { envelopes, events, refused } = await server.takenWhen(6);
    assert.deepEqual(refused, []);
    assert.deepEqual(events.map((event) => event.messageId).toSorted(), ['m1', 'm2', 'm3', 'm4', 'm5', 'm6']);
    const got = byType(events);
    for (const event of events) {
      assert.equal(event.userId, '019mr8mf4r');
      assert.equal(event.timestamp, timestamp.toISOString());
      assert.equal((event.context as { library: { name: string } }).library.name, '@segment/analytics-node');
    }
    assert.deepEqual(got.get('identify')?.traits, { email: 'ż@example.com', age: 41 });
    assert.equal(got.get('track')?.event, 'Order Completed');
    assert.deepEqual(got.get('track')?.properties, { total: 12.5, products: [{ id: 1 }] });
    assert.equal(contextOf(got.get('track')).locale, 'pl-PL');
    assert.deepEqual([got.get('page')?.name, got.get('page')?.category], ['Home', 'Docs']);
    assert.deepEqual(got.get('page')?.properties, { url: 'https://a.example/', category: 'Docs' });
    assert.equal(got.get('screen')?.name, 'Cart');
    assert.deepEqual([got.get('group')?.groupId, got.get('group')?.traits], ['g1', { plan: 'premium' }]);
    assert.equal(got.get('alias')?.previousId, 'old');
    for (const envelope of envelopes) {
      assert.ok(Math.abs(Date.parse(envelope.sentAt ?? '') - envelope.receivedAt) < 5000);
      assert.equal(envelope.userAgent, 'analytics-node-next/latest');
    }
  });

  test("Segment's tells its program that a key is wrong, once", async () => {
    const analytics = new Analytics({ writeKey: 'wrong', host: server.url, flushAt: 1, maxRetries: 0 });
    const failed = new Promise<{ reason?: Error }>((resolve) =>
      analytics.on('error', (error) => resolve(error as never)),
    );
    analytics.track({ userId: 'u', event: 'A' });
    assert.match(String((await failed).reason), /401/);
    await analytics.closeAndFlush();
    assert.equal((await server.taken()).events.length, 0);
  });

  for (const gzip of [true, false]) {
    test(`RudderStack's delivers every call with all its fields, ${gzip ? 'compressed' : 'not compressed'}`, async () => {
      const analytics = new RudderAnalytics(key, {
        dataPlaneUrl: server.url,
        flushAt: 20,
        gzip,
        logLevel: 'silly',
      } as never);
      const originalTimestamp = new Date('2026-01-02T03:04:05.678Z');
      const user = { userId: 'u1', anonymousId: 'a1', originalTimestamp, context: { locale: 'pl-PL' } };
      analytics.identify({ ...user, traits: { email: 'ż@example.com' } });
      analytics.track({ ...user, event: 'Order Completed', properties: { total: 12.5 } });
      analytics.page({ ...user, name: 'Home', properties: { url: 'https://a.example/' } });
      analytics.screen({ ...user, name: 'Cart' });
      analytics.group({ ...user, groupId: 'g1', traits: { plan: 'premium' } });
      analytics.alias({ ...user, previousId: 'old' });
      // It sends its first call at once and the rest after; each flush answers when it was taken.
      await analytics.flush();
      await analytics.flush();

      const { events, envelopes, refused } = await server.takenWhen(6);
      assert.deepEqual(refused, []);
      assert.equal(events.length, 6);
      const got = byType(events);
      for (const event of events) {
        assert.deepEqual([event.userId, event.anonymousId, event.channel], ['u1', 'a1', 'server']);
        assert.equal(event.originalTimestamp, originalTimestamp.toISOString());
        assert.match(event.messageId, /^[0-9a-f-]{36}$/);
      }
      assert.deepEqual(contextOf(got.get('identify')).traits, { email: 'ż@example.com' });
      assert.deepEqual([got.get('track')?.event, got.get('track')?.properties], ['Order Completed', { total: 12.5 }]);
      assert.equal(got.get('page')?.name, 'Home');
      assert.equal(got.get('screen')?.name, 'Cart');
      assert.equal(got.get('group')?.groupId, 'g1');
      assert.equal(got.get('alias')?.previousId, 'old');
      assert.ok(envelopes.every((envelope) => envelope.sentAt !== undefined));
    });
  }
});
