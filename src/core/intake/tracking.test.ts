import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type IntakeServer, intakeServer, post } from './testing.ts';

const FIXTURES = new URL('../../../../shared/data/tracking/segment_e2e_fixtures/', import.meta.url);

describe('the tracking protocol', () => {
  let server: IntakeServer;
  let key: string;
  let sourceId: number;
  before(async () => {
    server = await intakeServer();
    ({ writeKey: key, id: sourceId } = await server.source());
  });
  after(() => server.close());

  const calls = {
    track: { event: 'Order Completed', properties: { total: 12.5 } },
    identify: { traits: { email: 'peter@initech.com' } },
    page: { name: 'Home', properties: { url: 'https://initech.com' } },
    screen: { name: 'Cart' },
    group: { groupId: 'initech', traits: { plan: 'premium' } },
    alias: { previousId: 'anonymous-1' },
    merge: { externalIds: [{ kind: 'email', value: 'peter@initech.com' }] },
  };
  for (const [type, call] of Object.entries(calls)) {
    test(`takes a ${type} call with all its fields`, async () => {
      const event = {
        messageId: `m-${type}`,
        userId: 'peter',
        anonymousId: 'a1',
        timestamp: '2026-01-02T03:04:05.678Z',
        context: { library: { name: 'curl' }, locale: 'pl-PL' },
        integrations: { All: true },
        ...call,
      };
      const began = Date.now();
      const response = await post(`${server.url}/v1/${type}`, key, event, { 'user-agent': 'a test' });
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), { success: true });
      const { envelopes, events } = await server.taken();
      assert.deepEqual(events, [{ ...event, type }]);
      const [envelope] = envelopes;
      assert.equal(envelope?.sourceId, sourceId);
      assert.equal(envelope?.protocol, 'segment');
      assert.equal(envelope?.userAgent, 'a test');
      assert.equal(envelope?.ip, undefined);
      assert.ok(envelope && envelope.receivedAt >= began && envelope.receivedAt <= Date.now());
    });
  }

  test('takes calls by the short names that browsers use, with and without /v1', async () => {
    const names = { t: 'track', i: 'identify', p: 'page', s: 'screen', g: 'group', a: 'alias' };
    for (const [short, type] of Object.entries(names)) {
      for (const path of [`/v1/${short}`, `/${short}`]) {
        assert.equal((await post(server.url + path, key, { userId: 'u', event: 'e' })).status, 200);
        const { events } = await server.taken();
        assert.equal(events[0]?.type, type);
      }
    }
  });

  test('takes a batch, with the clock of its sender and what is told for all its events', async () => {
    for (const path of ['/v1/batch', '/v1/b', '/batch', '/b', '/v1/import']) {
      const response = await post(server.url + path, key, {
        sentAt: '2026-01-02T03:04:05.000Z',
        context: { ip: '1.2.3.4', locale: 'en' },
        integrations: { All: false },
        batch: [
          { type: 'track', messageId: '1', userId: 'u', event: 'A' },
          { type: 'identify', messageId: '2', userId: 'u', context: { locale: 'fr' }, integrations: { All: true } },
        ],
      });
      assert.deepEqual(await response.json(), { success: true });
      const { envelopes, events } = await server.taken();
      assert.equal(envelopes.length, 1);
      assert.equal(envelopes[0]?.sentAt, '2026-01-02T03:04:05.000Z');
      assert.deepEqual(events, [
        {
          type: 'track',
          messageId: '1',
          userId: 'u',
          event: 'A',
          context: { ip: '1.2.3.4', locale: 'en' },
          integrations: { All: false },
        },
        {
          type: 'identify',
          messageId: '2',
          userId: 'u',
          context: { ip: '1.2.3.4', locale: 'fr' },
          integrations: { All: true },
        },
      ]);
    }
  });

  test('gives an event without a message ID one of its own, and makes a number a text', async () => {
    await post(`${server.url}/v1/batch`, key, {
      batch: [
        { type: 'track', userId: 'u', event: 'A' },
        { type: 'track', userId: 'u', event: 'A', messageId: null },
        { type: 'track', userId: 'u', event: 'A', messageId: 17 },
      ],
    });
    const { events } = await server.taken();
    assert.match(events[0]?.messageId ?? '', /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    assert.match(events[1]?.messageId ?? '', /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
    assert.notEqual(events[0]?.messageId, events[1]?.messageId);
    assert.equal(events[2]?.messageId, '17');
  });

  test('knows the write key by Basic, Bearer, header, body, query and the first event of a batch', async () => {
    const event = { userId: 'u', event: 'A' };
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    const ways: [string, Record<string, string>, object][] = [
      ['/v1/track', basic(`${key}:`), event],
      ['/v1/track', basic(`${key}:a password`), event],
      ['/v1/track', basic(key), event],
      ['/v1/track', { authorization: `Bearer ${key}` }, event],
      ['/v1/track', { authorization: 'Bearer an-oauth-token' }, { ...event, writeKey: key }],
      ['/v1/track', { 'x-write-key': key }, event],
      ['/v1/track', { 'x-write-key': `${key}:secret` }, event],
      ['/v1/track', {}, { ...event, writeKey: key }],
      [`/v1/track?writeKey=${key}`, {}, event],
      ['/v1/batch', {}, { writeKey: key, batch: [{ type: 'track', ...event }] }],
      ['/v1/batch', {}, { batch: [{ type: 'track', ...event, writeKey: key }] }],
    ];
    for (const [path, headers, body] of ways) {
      const response = await post(server.url + path, null, body, headers);
      assert.equal(response.status, 200, `${path} ${JSON.stringify(headers)}`);
      const { events } = await server.taken();
      assert.equal(events.length, 1);
      assert.ok(!('writeKey' in (events[0] ?? {})), 'the key is not kept in the event');
    }
  });

  test('takes compressed bodies', async () => {
    const event = JSON.stringify({ userId: 'Zażółć', event: 'A' });
    const ways: [string, Uint8Array][] = [
      ['gzip', gzipSync(event)],
      ['deflate', deflateSync(event)],
      ['deflate', deflateRawSync(event)],
      ['br', brotliCompressSync(event)],
      ['zstd', zstdCompressSync(event)],
      ['identity', Buffer.from(event)],
    ];
    for (const [encoding, body] of ways) {
      assert.equal(
        (await post(`${server.url}/v1/track`, key, body, { 'content-encoding': encoding })).status,
        200,
        encoding,
      );
      assert.equal((await server.taken()).events[0]?.userId, 'Zażółć');
    }
  });

  test('takes JSON whatever the content type says, as sendBeacon sends it', async () => {
    for (const type of ['text/plain', 'text/plain;charset=UTF-8', 'application/octet-stream', '']) {
      const body = `\ufeff${JSON.stringify({ writeKey: key, userId: 'u', event: 'A' })}`;
      assert.equal((await post(`${server.url}/v1/t`, null, body, { 'content-type': type })).status, 200, type);
      assert.equal((await server.taken()).events.length, 1);
    }
  });

  test('lets pages of any site send and read the answer', async () => {
    const origin = 'https://shop.example.com';
    const asked = await fetch(`${server.url}/v1/t`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,x-retry-count',
      },
    });
    assert.equal(asked.status, 204);
    assert.equal(asked.headers.get('access-control-allow-origin'), origin);
    assert.match(asked.headers.get('access-control-allow-methods') ?? '', /POST/);
    assert.equal(asked.headers.get('access-control-allow-headers'), 'authorization,content-type,x-retry-count');
    const answered = await post(`${server.url}/v1/t`, key, { userId: 'u', event: 'A' }, { origin });
    assert.equal(answered.headers.get('access-control-allow-origin'), origin);
    const refused = await post(`${server.url}/v1/t`, 'wrong', { userId: 'u', event: 'A' }, { origin });
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get('access-control-allow-origin'), origin);
    await server.taken();
  });

  test('keeps the events of one device in one partition, in their order', async () => {
    const batch = Array.from({ length: 200 }, (_, n) => ({
      type: 'track',
      messageId: String(n),
      anonymousId: `device-${n % 10}`,
      event: 'A',
    }));
    await post(`${server.url}/v1/batch`, key, { batch });
    const { envelopes } = await server.taken();
    for (let device = 0; device < 10; device++) {
      const holding = envelopes.filter((one) => one.events.some((event) => event.anonymousId === `device-${device}`));
      assert.equal(holding.length, 1);
      const order = holding[0]?.events
        .filter((event) => event.anonymousId === `device-${device}`)
        .map((event) => Number(event.messageId));
      assert.deepEqual(
        order,
        order?.toSorted((a, b) => a - b),
      );
      assert.equal(order?.length, 20);
    }
  });

  test("takes Segment's own end-to-end calls", {
    skip: !existsSync(FIXTURES) && 'the fixtures are not here',
  }, async () => {
    const files = readdirSync(FIXTURES, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.json'));
    assert.equal(files.length, 11);
    for (const file of files) {
      const call = JSON.parse(readFileSync(new URL(file, FIXTURES), 'utf8').replaceAll('{{id}}', `id-${file}`));
      const response = await post(`${server.url}/v1/${call.type}`, key, call);
      assert.equal(response.status, 200, file);
      const { events } = await server.taken();
      const { messageId, ...rest } = events[0] ?? { messageId: undefined };
      assert.equal(typeof messageId, 'string');
      assert.deepEqual({ messageId: call.messageId, ...rest }, { messageId: undefined, ...call });
    }
  });
});

describe("RudderStack's and Jitsu's names for it", () => {
  let server: IntakeServer;
  let key: string;
  before(async () => {
    server = await intakeServer();
    key = (await server.source()).writeKey;
  });
  after(() => server.close());

  test('RudderStack is answered in its words', async () => {
    const rudder = { anonymousid: Buffer.from('a1').toString('base64') };
    const took = await post(`${server.url}/v1/track`, key, { anonymousId: 'a1', event: 'A' }, rudder);
    assert.deepEqual([took.status, await took.text()], [200, 'OK']);
    const wrong = await post(`${server.url}/v1/track`, 'wrong', { anonymousId: 'a1', event: 'A' }, rudder);
    assert.deepEqual([wrong.status, await wrong.text()], [401, 'Invalid Write Key']);
    const none = await post(`${server.url}/v1/track`, null, { anonymousId: 'a1', event: 'A' }, rudder);
    assert.deepEqual([none.status, await none.text()], [401, 'Failed to read writeKey from header']);
    const off = await server.source('server', { enabled: false });
    const disabled = await post(`${server.url}/v1/track`, off.writeKey, { anonymousId: 'a1', event: 'A' }, rudder);
    assert.deepEqual([disabled.status, await disabled.text()], [404, 'Source is disabled']);
    await server.taken();
  });

  test("RudderStack's beacon and larger batches are taken", async () => {
    const batch = Array.from({ length: 3000 }, (_, n) => ({
      type: 'track',
      anonymousId: 'a1',
      event: 'A',
      properties: { n, text: 'x'.repeat(200) },
    }));
    const body = JSON.stringify({ batch });
    assert.ok(body.length > 700_000);
    const beacon = await post(`${server.url}/beacon/v1/batch?writeKey=${key}`, null, body, {
      'content-type': 'text/plain',
    });
    assert.equal(beacon.status, 200);
    assert.equal((await server.taken()).events.length, 3000);
    assert.equal((await post(`${server.url}/v1/batch`, key, body)).status, 400, "Segment's limit");
  });

  test("RudderStack's merge names its identifiers", async () => {
    const mergeProperties = [
      { type: 'user_id', value: '1' },
      { type: 'email', value: 'a@b.c' },
    ];
    assert.equal((await post(`${server.url}/v1/merge`, key, { mergeProperties })).status, 200);
    assert.deepEqual((await server.taken()).events[0]?.externalIds, mergeProperties);
  });

  test('Jitsu is answered in its words', async () => {
    for (const path of ['/api/s/track', '/api/s/s2s/track', '/api/s/t']) {
      const response = await post(server.url + path, null, { userId: 'u', event: 'A' }, { 'x-write-key': key });
      assert.deepEqual([response.status, ((await response.json()) as { ok: boolean }).ok], [200, true]);
      assert.equal((await server.taken()).events[0]?.type, 'track');
    }
    const told = await post(`${server.url}/api/s/event`, null, { type: 'page', userId: 'u' }, { 'x-write-key': key });
    assert.equal(told.status, 200);
    assert.equal((await server.taken()).events[0]?.type, 'page');
    const batch = await post(
      `${server.url}/api/s/s2s/batch`,
      null,
      { batch: [{ type: 'track', userId: 'u', event: 'A' }] },
      { 'x-write-key': key },
    );
    assert.deepEqual(await batch.json(), { ok: true, receivedEvents: 1, okEvents: 1 });
    assert.equal((await post(`${server.url}/api/s/nonsense`, null, {}, { 'x-write-key': key })).status, 404);
    assert.equal((await post(`${server.url}/api/s/track`, null, {}, { 'x-write-key': 'wrong' })).status, 401);
    await server.taken();
  });

  test('a pixel brings an event and is answered with an image, whatever became of it', async () => {
    const data = Buffer.from(JSON.stringify({ writeKey: key, userId: 'u', event: 'Email Opened' })).toString('base64');
    const ways = [
      `/v1/pixel/track?data=${encodeURIComponent(data)}`,
      `/v1/pixel/track?writeKey=${key}&userId=u&event=Email%20Opened`,
      `/pixel/v1/track?writeKey=${key}&anonymousId=%22u%22&event=Email%20Opened&properties.subject=Hello&context.page.url=x`,
    ];
    for (const path of ways) {
      const response = await fetch(server.url + path);
      assert.equal(response.headers.get('content-type'), 'image/gif');
      assert.equal((await response.arrayBuffer()).byteLength, 43);
      const { events } = await server.taken();
      assert.equal(events[0]?.event, 'Email Opened');
      assert.equal(events[0]?.userId ?? events[0]?.anonymousId, 'u');
    }
    await fetch(server.url + ways[2]);
    const { events } = await server.taken();
    assert.deepEqual(events[0]?.properties, { subject: 'Hello' });
    assert.deepEqual(events[0]?.context, { page: { url: 'x' } });
    for (const path of [
      '/v1/pixel/track',
      '/v1/pixel/nonsense',
      '/pixel/v1/page?writeKey=wrong',
      '/v1/pixel/track?data=%00',
      `/pixel/v1/track?writeKey=${key}&__proto__.polluted=1&constructor.prototype.polluted=1`,
    ]) {
      assert.equal((await fetch(server.url + path)).status, 200);
    }
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });
});

describe('what SDKs ask before they send', () => {
  let server: IntakeServer;
  before(async () => {
    server = await intakeServer();
  });
  after(() => server.close());

  test('Segment settings name this server as the one to send to', async () => {
    const { writeKey } = await server.source('browser');
    for (const path of [`/v1/projects/${writeKey}/settings`, `/projects/${writeKey}/settings`]) {
      const response = await fetch(server.url + path, { headers: { origin: 'https://a.example' } });
      assert.equal(response.headers.get('access-control-allow-origin'), 'https://a.example');
      const { integrations } = (await response.json()) as { integrations: Record<string, Record<string, string>> };
      const sending = integrations['Segment.io'];
      assert.deepEqual(
        [sending?.apiKey, sending?.apiHost, sending?.protocol],
        [writeKey, `${new URL(server.url).host}/v1`, 'http'],
      );
    }
    assert.equal((await fetch(`${server.url}/v1/projects/wrong/settings`)).status, 401);
  });

  test("RudderStack's configuration is of the source whose key is shown", async () => {
    const { writeKey, id } = await server.source('browser');
    const response = await fetch(`${server.url}/sourceConfig/?p=cdn&v=3&writeKey=${writeKey}`);
    const { source } = (await response.json()) as { source: Record<string, unknown> };
    assert.deepEqual([source.id, source.enabled, source.destinations], [String(id), true, []]);
    // The key may be in a header, so a cache between must not keep it for the next who asks.
    assert.equal(response.headers.get('cache-control'), 'private, max-age=300');
    assert.equal((await fetch(`${server.url}/sourceConfig?writeKey=wrong`)).status, 401);
  });
});
