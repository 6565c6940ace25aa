import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type IntakeServer, intakeServer, post } from './testing.ts';

describe('CloudEvents', () => {
  let server: IntakeServer;
  let key: string;
  before(async () => {
    server = await intakeServer();
    key = (await server.source('cloudevents')).writeKey;
  });
  after(() => server.close());

  const order = {
    specversion: '1.0',
    id: 'A234-1234-1234',
    source: '/shop/orders',
    type: 'com.example.order.paid',
    subject: 'customer-7',
    time: '2026-04-05T17:31:00Z',
    datacontenttype: 'application/json',
    traceparent: '00-1-2-01',
    data: { total: 12.5 },
  };
  const expected = {
    type: 'track',
    messageId: '/shop/orders A234-1234-1234',
    event: 'com.example.order.paid',
    userId: 'customer-7',
    timestamp: '2026-04-05T17:31:00Z',
    properties: { total: 12.5 },
    context: {
      cloudevent: {
        id: 'A234-1234-1234',
        source: '/shop/orders',
        subject: 'customer-7',
        datacontenttype: 'application/json',
        traceparent: '00-1-2-01',
      },
    },
  };
  const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };

  test('one, structured', async () => {
    const response = await post(`${server.url}/cloudevents`, key, order, structured);
    assert.deepEqual([response.status, await response.json()], [200, { accepted: 1 }]);
    const { events, envelopes } = await server.taken();
    assert.deepEqual(events, [expected]);
    assert.equal(envelopes[0]?.protocol, 'cloudevents');
  });

  test('one, binary, with its key in the query', async () => {
    const response = await post(`${server.url}/cloudevents?writeKey=${key}`, null, order.data, {
      'ce-specversion': '1.0',
      'ce-id': order.id,
      'ce-source': order.source,
      'ce-type': order.type,
      'ce-subject': 'customer%2D7',
      'ce-time': order.time,
      'ce-traceparent': order.traceparent,
    });
    assert.equal(response.status, 200);
    assert.deepEqual((await server.taken()).events, [expected]);
  });

  test('a batch keeps its good events and sets the others aside', async () => {
    const batch = [order, { ...order, id: '' }, { ...order, specversion: '0.3', id: '2' }, 7, { ...order, id: '3' }];
    const response = await post(`${server.url}/cloudevents`, key, batch, {
      'content-type': 'application/cloudevents-batch+json',
    });
    assert.deepEqual(await response.json(), { accepted: 2 });
    const { events, refused } = await server.taken();
    assert.equal(events.length, 2);
    assert.deepEqual(refused.map((one) => one.reason).toSorted(), [
      'not a CloudEvent: id must be a text that is not empty',
      'not a CloudEvent: it is not a JSON object',
      'not a CloudEvent: specversion must be "1.0"',
    ]);
  });

  test('the person is told by userid and anonymousid where they are given', async () => {
    await post(
      `${server.url}/cloudevents`,
      key,
      { ...order, subject: 'an-order', userid: 'u1', anonymousid: 'a1' },
      structured,
    );
    const [event] = (await server.taken()).events;
    assert.deepEqual([event?.userId, event?.anonymousId], ['u1', 'a1']);
    await post(`${server.url}/cloudevents`, key, { ...order, subject: 'an-order', anonymousid: 'a1' }, structured);
    const [anonymous] = (await server.taken()).events;
    assert.deepEqual([anonymous?.userId, anonymous?.anonymousId], [undefined, 'a1']);
  });

  test('data of any kind becomes properties', async () => {
    const cases: [object, unknown][] = [
      [{ data: 'text' }, { data: 'text' }],
      [{ data: [1, 2] }, { data: [1, 2] }],
      [{ data: null }, null],
      [{ data: undefined, data_base64: Buffer.from('{"a":1}').toString('base64') }, { a: 1 }],
      [{ data: undefined, data_base64: 'AAEC', datacontenttype: 'image/png' }, { data_base64: 'AAEC' }],
      [{ data: undefined, data_base64: 'AAEC' }, { data_base64: 'AAEC' }],
    ];
    for (const [change, properties] of cases) {
      await post(`${server.url}/cloudevents`, key, { ...order, ...change }, structured);
      assert.deepEqual((await server.taken()).events[0]?.properties, properties);
    }
    await post(`${server.url}/cloudevents`, key, '<order/>', {
      'content-type': 'application/xml',
      'ce-specversion': '1.0',
      'ce-id': '1',
      'ce-source': '/x',
      'ce-type': 'y',
    });
    assert.deepEqual((await server.taken()).events[0]?.properties, { data: '<order/>' });
  });

  test('what is no CloudEvent is refused, with a reason', async () => {
    const refused = async (status: number, says: RegExp, body: unknown, headers: Record<string, string>) => {
      const response = await post(`${server.url}/cloudevents`, key, body, headers);
      assert.equal(response.status, status);
      assert.match(((await response.json()) as { error: { message: string } }).error.message, says);
    };
    await refused(400, /source must be/, { ...order, source: 7 }, structured);
    await refused(400, /JSON object/, '[]', structured);
    await refused(400, /not JSON/, '{', structured);
    await refused(400, /headers that begin with ce-/, {}, { 'content-type': 'application/json' });
    await refused(400, /JSON list/, {}, { 'content-type': 'application/cloudevents-batch+json' });
    await refused(400, /64 kB/, { ...order, data: 'x'.repeat(70_000) }, structured);
    assert.equal((await post(`${server.url}/cloudevents`, 'wrong', order, structured)).status, 401);
    assert.equal((await server.taken()).envelopes.length, 0);
  });

  test('a sender that asks whether it may send is told so', async () => {
    const response = await fetch(`${server.url}/cloudevents`, {
      method: 'OPTIONS',
      headers: { 'webhook-request-origin': 'eventgrid.example' },
    });
    assert.equal(response.headers.get('webhook-allowed-origin'), '*');
  });
});
