import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { forgetSources } from '../sources/key-cache.ts';
import { type IntakeServer, intakeServer, post } from './testing.ts';

interface Told {
  success: boolean;
  error: { code: string; message: string };
}

describe('bad input', () => {
  let server: IntakeServer;
  let key: string;
  before(async () => {
    server = await intakeServer();
    key = (await server.source()).writeKey;
  });
  after(() => server.close());

  /** Posts, and expects a refusal that says what it should and leaves nothing behind. */
  async function refused(
    status: number,
    says: RegExp,
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ) {
    const response = await post(server.url + path, 'authorization' in headers ? null : key, body, headers);
    const told = (await response.json()) as Told;
    assert.equal(response.status, status, JSON.stringify(told));
    assert.equal(told.success, false);
    assert.match(told.error.message, says);
    const { events, refused } = await server.taken();
    assert.deepEqual([events.length, refused.length], [0, 0]);
  }
  const event = { type: 'track', userId: 'u', event: 'A' };

  test('a missing or wrong key is refused with 401', async () => {
    await refused(401, /write key/, '/v1/track', event, { authorization: '' });
    await refused(401, /not one of a source/, '/v1/track', event, { authorization: 'Basic d3Jvbmc6' });
    await refused(401, /not one of a source/, '/v1/batch', { batch: [event] }, { authorization: 'Bearer wrong' });
    await refused(401, /write key/, '/v1/track', event, { authorization: 'Basic' });
    await refused(401, /write key/, '/v1/track', { ...event, writeKey: { a: 1 } }, { authorization: 'Digest x' });
    await refused(401, /not one/, '/v1/track', { ...event, writeKey: '\u0000\ud800' }, { authorization: '' });
  });

  test('a source that is switched off is refused with 403', async () => {
    const off = await server.source('server', { enabled: false });
    await refused(403, /switched off/, '/v1/track', event, { authorization: `Bearer ${off.writeKey}` });
  });

  test('an event, a batch and a body over their limits are refused, with the limit named', async () => {
    const long = (bytes: number) => ({ ...event, properties: { text: 'x'.repeat(bytes) } });
    await refused(400, /32 kB/, '/v1/track', long(33 * 1024));
    await refused(400, /32 kB/, '/v1/track', { ...event, properties: { text: 'ż'.repeat(17 * 1024) } });
    await refused(400, /500 kB/, '/v1/batch', { batch: Array.from({ length: 20 }, () => long(30 * 1024)) });
    await refused(400, /2500/, '/v1/batch', { batch: Array.from({ length: 2501 }, () => event) });
    await refused(413, /4000 kB/, '/v1/batch', { batch: [long(4_100_000)] });
    assert.equal((await post(`${server.url}/v1/track`, key, long(31 * 1024))).status, 200);
    await server.taken();
  });

  test('a small body that would unpack to a huge one is refused without unpacking it', async () => {
    const huge = Buffer.alloc(100 * 1024 * 1024, ' ');
    const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
    const bodies = [
      ['gzip', gzipSync(huge, { level: 1 })],
      ['br', brotliCompressSync(huge, quick)],
    ] as const;
    for (const [encoding, body] of bodies) {
      const before = process.memoryUsage().rss;
      await refused(413, /4000 kB/, '/v1/batch', body, { 'content-encoding': encoding });
      assert.ok(process.memoryUsage().rss - before < 60 * 1024 * 1024);
    }
    await refused(400, /not gzip/, '/v1/batch', JSON.stringify(event), { 'content-encoding': 'gzip' });
    await refused(415, /rot13/, '/v1/batch', JSON.stringify(event), { 'content-encoding': 'rot13' });
  });

  test('broken JSON and wrong shapes are refused with 400', async () => {
    await refused(400, /not JSON/, '/v1/track', '{"userId": "u", "event"');
    await refused(400, /not JSON/, '/v1/track', '');
    await refused(400, /JSON object/, '/v1/track', '[]');
    await refused(400, /JSON object/, '/v1/track', 'null');
    await refused(400, /JSON object/, '/v1/batch', '"text"');
    await refused(400, /"batch"/, '/v1/batch', {});
    await refused(400, /"batch"/, '/v1/batch', { batch: { type: 'track' } });
  });

  test('a batch keeps its good events; the bad ones are kept aside with their reasons', async () => {
    const response = await post(`${server.url}/v1/batch`, key, {
      batch: [
        { ...event, messageId: 'good-1' },
        'not an object',
        null,
        [event],
        { ...event, type: 'tracks', messageId: 'bad-type' },
        { ...event, type: undefined },
        { ...event, messageId: 'too-long', properties: { text: 'x'.repeat(40_000) } },
        { ...event, messageId: 'good-2' },
      ],
    });
    assert.equal(response.status, 200);
    const { events, refused } = await server.taken();
    assert.deepEqual(events.map((one) => one.messageId).toSorted(), ['good-1', 'good-2']);
    assert.deepEqual(
      refused.map(({ reason, messageId }) => `${messageId}: ${reason}`).toSorted(),
      [
        'bad-type: type "tracks" is not one of track, identify, page, screen, group, alias, merge',
        'null: it has no type',
        'null: it is not a JSON object',
        'null: it is not a JSON object',
        'null: it is not a JSON object',
        'too-long: it is larger than 32 kB',
      ].toSorted(),
    );
    assert.ok(refused.find((one) => one.messageId === 'too-long')?.event.includes('xxxx'), 'its text is kept');
    assert.equal(
      refused.find((one) => one.messageId === 'bad-type')?.event,
      JSON.stringify({ ...event, type: 'tracks', messageId: 'bad-type' }),
    );
  });

  test('what is strange but JSON is taken as it is', async () => {
    const nested = (depth: number) => JSON.parse('{"a":'.repeat(depth) + 1 + '}'.repeat(depth)) as object;
    const strange = [
      { ...event, timestamp: '9999-12-31T23:59:59.999Z' },
      { ...event, timestamp: -1 },
      { ...event, properties: nested(100) },
      { ...event, event: 'a\u0000b', userId: '\ud800' },
      { ...event, properties: [], traits: 7, context: 'x' },
      { ...event, userId: { toString: 1 }, anonymousId: [], externalIds: [{ value: { toString: null } }] },
    ];
    for (const body of strange) {
      const response = await post(`${server.url}/v1/track`, key, body);
      assert.equal(response.status, 200);
      const { messageId: _, ...stored } = (await server.taken()).events[0] ?? {};
      assert.deepEqual(stored, JSON.parse(JSON.stringify(body)));
    }
  });

  test('an event that nests too deeply is kept aside, and none of its batch with it', async () => {
    const deep = (levels: number) => `${'{"a":['.repeat(levels)}1${']}'.repeat(levels)}`;
    const batch = [
      `{"type":"track","userId":"u","messageId":"deep","event":"A\\u0000","properties":${deep(2000)}}`,
      `{"type":"track","userId":"u","messageId":"deepest","event":"A","properties":${deep(100_000)}}`,
      `{"type":"track","userId":"u","messageId":"slow","event":"A","toJSON":1,"properties":${deep(100_000)}}`,
      `{"type":{"toJSON":1,"a":${deep(100_000)}}}`,
      `{"type":"track","userId":"u","messageId":"deep enough","event":"A","properties":${deep(200)}}`,
      JSON.stringify({ ...event, messageId: 'brackets', properties: { text: '\\"['.repeat(1000) } }),
      `${'['.repeat(300_000)}${']'.repeat(300_000)}`,
    ];
    assert.equal((await post(`${server.url}/v1/import`, key, `{"batch":[${batch}]}`)).status, 200);
    const { events, refused } = await server.taken();
    assert.deepEqual(events.map((one) => one.messageId).toSorted(), ['brackets', 'deep enough']);
    assert.deepEqual(refused.map((one) => `${one.messageId}: ${one.reason}`).toSorted(), [
      'deep: it is nested deeper than 500 levels',
      'deepest: it is larger than 32 kB',
      'null: it is not a JSON object',
      'null: type (nested too deeply to be written) is not one of track, identify, page, screen, group, alias, merge',
      'slow: it is nested deeper than 500 levels',
    ]);
  });

  test('__proto__ in a body reaches no prototype', async () => {
    const bodies = [
      '{"userId":"u","event":"A","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      '{"batch":[{"type":"track","userId":"u","event":"A","context":{"__proto__":{"polluted":1}}}],"context":{"__proto__":{"polluted":1}}}',
    ];
    for (const [index, body] of bodies.entries()) {
      assert.equal((await post(`${server.url}/v1/${index === 0 ? 'track' : 'batch'}`, key, body)).status, 200);
    }
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    await server.taken();
  });

  test('as many keys as a body holds are taken in their time', async (t) => {
    const keys = Array.from({ length: 300_000 }, (_, n) => `"k${n}":1`).join(',');
    const began = performance.now();
    const response = await post(
      `${server.url}/v1/import`,
      key,
      `{"batch":[{"type":"track","userId":"u","event":"A","properties":{${keys}}}]}`,
    );
    assert.equal(response.status, 200);
    t.diagnostic(`answered after ${Math.round(performance.now() - began)} ms`);
    assert.match((await server.taken()).refused[0]?.reason ?? '', /32 kB/);
  });

  test('a connection that breaks in the middle of a body leaves nothing and breaks nothing', async () => {
    const { connect } = await import('node:net');
    const { port } = new URL(server.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          `POST /v1/track HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Length: 1000\r\n\r\n{"userId":`,
        );
        setTimeout(() => socket.destroy(), 50);
      });
      socket.on('close', () => resolve());
    });
    assert.equal((await post(`${server.url}/v1/track`, key, event)).status, 200);
    assert.equal((await server.taken()).events.length, 1);
  });
});

describe('who sent it', () => {
  test('the address is taken from the proxies that are trusted, and only where it is of use', async () => {
    const server = await intakeServer({
      THROUGHLINE_PROXIES: '2',
      THROUGHLINE_STORE_IP: 'on',
      THROUGHLINE_COUNTRY_HEADER: 'CF-IPCountry',
    });
    try {
      const { writeKey } = await server.source();
      const sent = async (headers: Record<string, string>) => {
        await post(`${server.url}/v1/track`, writeKey, { userId: 'u', event: 'A' }, headers);
        const [envelope] = (await server.taken()).envelopes;
        return [envelope?.ip, envelope?.country];
      };
      assert.deepEqual(await sent({ 'x-forwarded-for': '6.6.6.6, 1.2.3.4, 10.0.0.1', 'cf-ipcountry': 'pl' }), [
        '1.2.3.4',
        'PL',
      ]);
      assert.deepEqual(await sent({ 'x-forwarded-for': '1.2.3.4', 'cf-ipcountry': 'XX' }), ['1.2.3.4', undefined]);
      assert.deepEqual(await sent({ 'cf-ipcountry': 'nonsense' }), ['127.0.0.1', undefined]);
    } finally {
      await server.close();
    }
  });
});

describe('faults', () => {
  test('a log that is full answers 503 with Retry-After, and takes events again once there is room', async () => {
    const server = await intakeServer({ THROUGHLINE_LOG_MEGABYTES: '16' });
    try {
      const { writeKey } = await server.source();
      const batch = Array.from({ length: 15 }, () => ({
        type: 'track',
        userId: 'u',
        event: 'A',
        properties: { text: 'x'.repeat(30_000) },
      }));
      let taken = 0;
      let answer = await post(`${server.url}/v1/batch`, writeKey, { batch });
      for (; answer.status === 200; answer = await post(`${server.url}/v1/batch`, writeKey, { batch })) {
        assert.ok(taken < 100, 'the log fills');
        taken++;
      }
      assert.equal(answer.status, 503);
      assert.ok(Number(answer.headers.get('retry-after')) > 0);
      assert.match(((await answer.json()) as Told).error.message, /16 MB|MB of events/);
      assert.equal((await server.taken()).events.length, taken * batch.length);
      let status = 503;
      for (let waited = 0; status === 503 && waited < 60_000; waited += 100) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        status = (await post(`${server.url}/v1/batch`, writeKey, { batch })).status;
      }
      assert.equal(status, 200);
    } finally {
      await server.close();
    }
  });

  test('while the database of records is away, sources that were seen before go on', async () => {
    const server = await intakeServer();
    try {
      const { writeKey } = await server.source();
      const event = { userId: 'u', event: 'A' };
      assert.equal((await post(`${server.url}/v1/track`, writeKey, event)).status, 200);
      const { pool } = server.context.records;
      const { query } = pool;
      pool.query = (() =>
        Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))) as never;
      const { connect } = pool;
      pool.connect = (() =>
        Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }))) as never;
      forgetSources(server.context);
      assert.equal((await post(`${server.url}/v1/track`, writeKey, event)).status, 200);
      const unseen = await post(`${server.url}/v1/track`, 'another', event);
      assert.equal(unseen.status, 503);
      assert.ok(unseen.headers.get('retry-after'));
      pool.query = query;
      pool.connect = connect;
      assert.equal((await server.taken()).events.length, 2);
    } finally {
      await server.close();
    }
  });
});
