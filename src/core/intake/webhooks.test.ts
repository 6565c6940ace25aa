import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type IntakeServer, intakeServer, post } from './testing.ts';

describe('a webhook', () => {
  let server: IntakeServer;
  before(async () => {
    server = await intakeServer();
  });
  after(() => server.close());
  const hook = async (mapping?: string) =>
    `${server.url}/hooks/${(await server.source('webhook', mapping === undefined ? {} : { mapping })).writeKey}`;
  const told = async (response: Response) =>
    (await response.json()) as { accepted?: number; error?: { message: string } };

  test('becomes the event that its mapping makes of it', async () => {
    const url = await hook(`{
      "type": "track", "userId": customer.id, "event": "Invoice " & $substringAfter(topic, "invoice."),
      "timestamp": $fromMillis(created * 1000), "properties": { "total": $sum(lines.amount) / 100, "topic": $headers."x-topic" }
    }`);
    const payload = {
      topic: 'invoice.paid',
      created: 1767323045,
      customer: { id: 'c7' },
      lines: [{ amount: 500 }, { amount: 750 }],
    };
    const response = await post(url, null, payload, { 'x-topic': 'billing', 'x-github-delivery': 'd1' });
    assert.deepEqual([response.status, await told(response)], [200, { accepted: 1 }]);
    const { events, envelopes } = await server.taken();
    assert.equal(envelopes[0]?.protocol, 'webhook');
    const { messageId, ...event } = events[0] ?? {};
    assert.match(messageId ?? '', /^\d+ d1 0$/);
    assert.deepEqual(event, {
      type: 'track',
      userId: 'c7',
      event: 'Invoice paid',
      timestamp: '2026-01-02T03:04:05.000Z',
      properties: { total: 12.5, topic: 'billing' },
    });
  });

  test('becomes several events where its mapping makes several, and none where it makes none', async () => {
    const url = await hook('items[wanted].{ "event": name, "userId": user }');
    const items = [
      { name: 'A', user: 'u', wanted: true },
      { name: 'B', user: 'u' },
      { name: 'C', user: 'v', wanted: true },
    ];
    assert.deepEqual(await told(await post(url, null, { items })), { accepted: 2 });
    assert.deepEqual((await server.taken()).events.map((event) => [event.type, event.event]).toSorted(), [
      ['track', 'A'],
      ['track', 'C'],
    ]);
    assert.deepEqual(await told(await post(url, null, { items: [] })), { accepted: 0 });
    assert.equal((await server.taken()).envelopes.length, 0);
  });

  test('without a mapping is one event with all of it as properties', async () => {
    const url = await hook();
    for (const body of [
      { event: 'Ticket Closed', id: 4 },
      { type: 'Ticket Closed', id: 4 },
    ]) {
      assert.equal((await post(url, null, { ...body, userId: 'u' })).status, 200);
      const [event] = (await server.taken()).events;
      assert.deepEqual([event?.type, event?.event, event?.userId], ['track', 'Ticket Closed', 'u']);
      assert.deepEqual(event?.properties, { ...body, userId: 'u' });
    }
  });

  test('may be a form', async () => {
    const url = await hook('{ "event": "Form " & form, "userId": email, "properties": { "tags": tag } }');
    const response = await post(url, null, 'form=contact&email=a%40b.c&tag=x&tag=y&__proto__=z', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    assert.equal(response.status, 200);
    const [event] = (await server.taken()).events;
    assert.deepEqual([event?.event, event?.userId, event?.properties], ['Form contact', 'a@b.c', { tags: ['x', 'y'] }]);
  });

  const failing: [string, string, RegExp][] = [
    ['does not compile', '{ "event": ', /cannot be read: line 1/],
    ['fails', '{ "event": $sum("x") }', /mapping failed: line 1, column/],
    ['never ends', '($f := function() { $f() }; $f())', /longer than 250 ms/],
    ['has a regular expression that never ends', '$match(text, /^(a+)+$/)', /longer than 250 ms/],
    ['gives no event', '"text"', /no event: it is not a JSON object/],
    ['gives an unknown type', '{ "type": "click" }', /type "click" is not one/],
    ['gives too many', '[1..2000].{ "event": "A" }', /2000 events; the limit is 1000/],
  ];
  for (const [what, mapping, says] of failing) {
    test(`whose mapping ${what} is refused with the reason, and kept aside`, async () => {
      const url = await hook(mapping);
      const payload = { text: `${'a'.repeat(60)}b` };
      const response = await post(url, null, payload);
      assert.equal(response.status, 400);
      assert.match((await told(response)).error?.message ?? '', says);
      const { events, refused } = await server.taken();
      assert.deepEqual([events.length, refused.length], [0, 1]);
      assert.equal(refused[0]?.event, JSON.stringify(payload));
      assert.match(refused[0]?.reason ?? '', says);
    });
  }

  test('of which one event is bad keeps the others', async () => {
    const url = await hook('items');
    assert.deepEqual(
      await told(await post(url, null, { items: [{ event: 'A', userId: 'u' }, { type: 'click' }, 7] })),
      { accepted: 1 },
    );
    const { events, refused } = await server.taken();
    assert.deepEqual([events.length, refused.length], [1, 2]);
  });

  test('of a form may have one field tens of thousands of times', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await post(
      await hook(),
      null,
      new TextEncoder().encode('userId=u&a=1'.padEnd(100_000, '&a=1')),
      form,
    );
    assert.deepEqual(await told(response), { accepted: 1 });
    const { events } = await server.taken();
    const { a } = events[0]!.properties as { a: string[] };
    assert.equal(a.length, 24_998);
  });

  test('other webhooks and events are taken while a mapping does not end', async () => {
    const endless = await hook('$match(text, /^(a+)+$/)');
    const good = await hook();
    const order: string[] = [];
    const slow = post(endless, null, { text: `${'a'.repeat(60)}b` }).finally(() => order.push('slow'));
    const { writeKey } = await server.source();
    const others = Array.from({ length: 10 }, () =>
      post(`${server.url}/v1/track`, writeKey, { userId: 'u', event: 'A' }),
    );
    const fast = await Promise.all([...others, post(good, null, { event: 'A' })]);
    order.push('fast');
    assert.ok(fast.every((response) => response.status === 200));
    assert.equal((await slow).status, 400);
    assert.deepEqual(order, ['fast', 'slow']);
    await server.taken();
  });

  test('with a wrong key, broken JSON or too long a body is refused', async () => {
    assert.equal((await post(`${server.url}/hooks/wrong`, null, {})).status, 401);
    const url = await hook();
    assert.equal((await post(url, null, '{')).status, 400);
    assert.equal((await post(url, null, { text: 'x'.repeat(1_100_000) })).status, 413);
    assert.equal((await server.taken()).envelopes.length, 0);
    const off = await server.source('webhook', { enabled: false });
    assert.equal((await post(`${server.url}/hooks/${off.writeKey}`, null, {})).status, 403);
  });
});
