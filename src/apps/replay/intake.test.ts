import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { createSource, updateSource } from '../../core/sources/sources.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { mountReplayIntake } from './intake.ts';
import {
  CHUNK_BYTES,
  CHUNK_DEPTH,
  CHUNK_PACKED_BYTES,
  INDEX_CHARACTERS,
  IntakeLimits,
  RECORDING_ASSETS,
  RECORDING_BYTES,
  RECORDING_CHUNKS,
} from './limits.ts';
import {
  BEGIN,
  chunkOf,
  click,
  custom,
  meta,
  mutation,
  newId,
  type ReplayServer,
  replayServer,
  snapshot,
} from './replay.testing.ts';
import { indexOf, recordingById } from './store.ts';

let server: ReplayServer;
before(async () => {
  server = await replayServer();
});
after(() => server.close());

interface Told {
  next?: number;
  error?: { code: string; message: string };
}

async function sent(id: string, n: number, body: unknown, headers?: Record<string, string>) {
  const response = await server.send(id, n, body, headers);
  return { status: response.status, headers: response.headers, ...((await response.json()) as Told) };
}

async function refused(status: number, says: RegExp, id: string, n: number, body: unknown, headers = {}) {
  const answer = await sent(id, n, body, headers);
  assert.equal(answer.status, status, JSON.stringify(answer));
  assert.match(`${answer.error?.code}: ${answer.error?.message}`, says);
}

const blobsOf = async (id: string) => {
  const names: string[] = [];
  for await (const { name } of server.context.blobs.list(`recordings/${id}`)) names.push(name);
  return names;
};
const first = (change = {}) => chunkOf([meta(0), snapshot(10), click(500)], change);

describe('a chunk', () => {
  test('is stored before it is answered, and read back as it was sent', async () => {
    const id = newId();
    const events = [
      meta(0),
      snapshot(10, 'Zażółć 漢字 😀'),
      click(2000),
      custom(2100, 'tl-page', { url: '/a', title: 'A' }),
    ];
    const answer = await sent(id, 0, chunkOf(events), { origin: 'https://shop.example' });
    assert.deepEqual([answer.status, answer.next], [200, 1]);
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://shop.example');
    assert.equal((await blobsOf(id)).length, 1);
    const recording = await recordingById(server.context, id);
    assert.deepEqual(
      [recording.path, recording.title, recording.width, recording.clicks, recording.pages, recording.state],
      ['/basket', 'Basket', 1200, 1, 1, 'live'],
    );
    assert.equal(recording.toMs - recording.fromMs, 2100);
    const detail = await server.api('GET', `/api/replay/recordings/${id}`);
    const { recording: shown, index } = (await detail.json()) as {
      recording: { playable: boolean; durationMs: number };
      index: { snapshots: number[]; pages: { url: string }[] };
    };
    assert.deepEqual([shown.playable, shown.durationMs], [true, 2100]);
    assert.deepEqual([index.snapshots, index.pages.map((page) => page.url)], [[BEGIN + 10], ['/a']]);
    const read = await server.api('GET', `/api/replay/recordings/${id}/chunks`);
    const { chunks, until } = (await read.json()) as { chunks: { events: { type: number }[] }[]; until: unknown };
    assert.deepEqual([chunks[0]!.events.map((event) => event.type), until], [[4, 2, 3, 5], null]);
  });

  test('sent twice is one; with other content it is refused with 409', async () => {
    const id = newId();
    const body = gzipSync(JSON.stringify(first()));
    for (let time = 0; time < 3; time++) assert.equal((await sent(id, 0, body)).status, 200);
    await Promise.all(Array.from({ length: 5 }, () => sent(id, 1, body)));
    const recording = await recordingById(server.context, id);
    assert.deepEqual([recording.chunks, recording.clicks], [2, 2]);
    await refused(409, /other_content/, id, 0, first({ title: 'x', events: [] }));
    assert.equal((await blobsOf(id)).length, 2, 'what was refused leaves no file');
  });

  test('of another visitor, or of another source, does not come into a recording', async () => {
    const id = newId();
    await sent(id, 0, first());
    await refused(409, /other_visitor/, id, 1, first({ anonymousId: 'visitor-2' }));
    await refused(409, /other_visitor/, id, 0, first({ anonymousId: 'visitor-2' }));
    assert.equal(
      (await sent(id, 1, first({ userId: 'anna' }))).status,
      200,
      'who signs in meanwhile is the same visitor',
    );
    await refused(409, /other_visitor/, id, 2, first({ userId: 'ben' }));
    const other = await createSource(server.context, { name: 'other', kind: 'browser' });
    await refused(409, /other_visitor/, id, 3, first(), { authorization: `Bearer ${other.writeKey}` });
    assert.equal((await recordingById(server.context, id)).chunks, 2);
    assert.equal((await blobsOf(id)).length, 2);
  });

  test('out of order and with gaps makes a recording all the same, which knows what is missing', async () => {
    const id = newId();
    await sent(id, 4, chunkOf([mutation(9000)]));
    await sent(id, 0, first());
    await sent(id, 2, chunkOf([click(5000)]));
    const index = await indexOf(server.context, id);
    assert.deepEqual(
      index.chunks.map((chunk) => chunk.n),
      [0, 2, 4],
    );
    assert.deepEqual(index.gaps, [1, 3]);
    assert.deepEqual([index.fromMs, index.toMs], [BEGIN, BEGIN + 9000]);
  });

  test('without any snapshot is kept, and cannot be played until one comes', async () => {
    const id = newId();
    const playable = async () =>
      ((await (await server.api('GET', `/api/replay/recordings/${id}`)).json()) as { recording: { playable: boolean } })
        .recording.playable;
    await sent(id, 1, chunkOf([click(100)]));
    assert.equal(await playable(), false);
    await sent(id, 0, first());
    assert.equal(await playable(), true);
  });

  test('need not say that it is gzip, and may be plain JSON or another encoding', async () => {
    const id = newId();
    const text = JSON.stringify(first());
    assert.equal((await sent(id, 0, gzipSync(text), { 'content-encoding': 'identity' })).status, 200);
    assert.equal((await sent(id, 0, Buffer.from(text), { 'content-encoding': 'identity' })).status, 200);
    const url = `${server.url}/v1/recordings/${id}/chunks/1?writeKey=${server.source.writeKey}`;
    const beacon = await fetch(url, { method: 'POST', body: new Blob([gzipSync(text)]) });
    assert.equal(beacon.status, 200);
    assert.equal((await recordingById(server.context, id)).chunks, 2);
  });
});

describe('what is no chunk', () => {
  test('is refused, and says what is wrong', async () => {
    const id = newId();
    const whole = gzipSync(JSON.stringify(first()));
    await refused(400, /not gzip/, id, 0, whole.subarray(0, whole.length - 20));
    await refused(400, /not gzip/, id, 0, Buffer.from('{}'));
    await refused(400, /not JSON/, id, 0, gzipSync('{"v":1'));
    await refused(400, /UTF-8/, id, 0, gzipSync(Buffer.from([0x22, 0xff, 0x22])));
    await refused(400, /JSON object/, id, 0, []);
    await refused(400, /"v"/, id, 0, { ...first(), v: 2 });
    await refused(400, /list in "events"/, id, 0, { ...first(), events: {} });
    await refused(400, /anonymousId/, id, 0, first({ anonymousId: '' }));
    await refused(400, /anonymousId/, id, 0, first({ anonymousId: 'a\u0000b' }));
    await refused(400, /userId/, id, 0, first({ userId: 'x'.repeat(513) }));
    await refused(400, /Event 1/, id, 0, chunkOf([meta(0), { type: 'x', timestamp: 1 }]));
    await refused(400, /Event 0/, id, 0, chunkOf([{ type: 2, timestamp: 1e300 }]));
    await refused(400, /a day apart/, id, 0, chunkOf([meta(0), meta(90_000_000)]));
    await refused(400, /50000/, id, 0, chunkOf(Array.from({ length: 50_001 }, () => ({ type: 0, timestamp: 1 }))));
    const deep = `${'['.repeat(CHUNK_DEPTH + 1)}${']'.repeat(CHUNK_DEPTH + 1)}`;
    await refused(400, /nested deeper/, id, 0, gzipSync(`{"v":1,"events":[],"x":${deep}}`));
    await refused(415, /rot13/, id, 0, whole, { 'content-encoding': 'rot13' });
    await refused(401, /write key/, id, 0, whole, { authorization: '' });
    await refused(400, /UUID/, 'not-a-uuid', 0, whole);
    await refused(400, /whole numbers/, id, -1, whole);
    assert.deepEqual(await blobsOf(id), []);
  });

  test('is refused before it is unpacked where it is too large', async () => {
    const id = newId();
    await refused(413, /1,024 kB/, id, 0, Buffer.alloc(CHUNK_PACKED_BYTES + 1));
    await refused(413, /8,192 kB/, id, 0, gzipSync(Buffer.alloc(CHUNK_BYTES + 1, ' ')));
    await refused(410, /recording_full/, id, RECORDING_CHUNKS, first());
  });
});

describe('a recording', () => {
  test('of a source that is not recorded, or that is switched off, is not taken', async () => {
    const other = await createSource(server.context, { name: 'third', kind: 'browser' });
    await server.set({ sources: [server.source.id] });
    await refused(410, /replay_off/, newId(), 0, first(), { authorization: `Bearer ${other.writeKey}` });
    await server.set({ sources: [], recording: false });
    await refused(410, /replay_off/, newId(), 0, first());
    await server.set({ recording: true });
    await updateSource(server.context, other.id, { enabled: false });
    await refused(403, /source_disabled/, newId(), 0, first(), { authorization: `Bearer ${other.writeKey}` });
  });

  test('that grows past its limits is kept as far as it came, and says why it ended', async () => {
    const id = newId();
    const begin = first();
    await sent(id, 0, begin);
    await refused(410, /24 hours/, id, 1, chunkOf([click(25 * 3_600_000)]));
    assert.equal((await recordingById(server.context, id)).stopped, 'hours');
    await refused(410, /24 hours/, id, 1, chunkOf([click(1000)]));
    assert.equal((await sent(id, 0, begin)).status, 200, 'what is there already is there');
    const large = newId();
    await sent(large, 0, first());
    await server.context.records.pool.query('UPDATE replay_recordings SET raw_bytes = $2 WHERE id = $1', [
      large,
      RECORDING_BYTES - 100,
    ]);
    await refused(410, /500 MB/, large, 1, first());
    assert.equal((await recordingById(server.context, large)).stopped, 'bytes');
  });

  test('that was deleted is gone with its files, and what still comes of it is refused', async () => {
    const id = newId();
    await sent(id, 0, first());
    assert.equal((await server.api('DELETE', `/api/replay/recordings/${id}`)).status, 204);
    assert.deepEqual(await blobsOf(id), []);
    await refused(410, /recording_gone/, id, 1, first());
    assert.equal((await server.api('GET', `/api/replay/recordings/${id}`)).status, 404);
    assert.equal((await server.api('GET', `/api/replay/recordings/${id}/chunks`)).status, 404);
    assert.equal((await server.api('DELETE', `/api/replay/recordings/${id}`)).status, 404);
  });

  test('that is sent too fast is told to wait, and others are not held up', async () => {
    const tight = async (limits: ConstructorParameters<typeof IntakeLimits>[0]) => {
      const hono = new Hono();
      mountReplayIntake(hono, server.context, new IntakeLimits(limits));
      const { url, close } = await serveForTest(hono);
      const other = await createSource(server.context, { name: 'busy', kind: 'browser' });
      const call = async (n: number, id: string, key = server.source.writeKey) => {
        const response = await fetch(`${url}/v1/recordings/${id}/chunks/${n}?writeKey=${key}`, {
          method: 'POST',
          body: gzipSync(JSON.stringify(first())) as unknown as string,
        });
        return [response.status, Number(response.headers.get('retry-after')) > 0];
      };
      return { call, other, close };
    };
    const one = newId();
    const bySource = await tight({ ofSource: 2 });
    for (const n of [0, 1]) assert.deepEqual(await bySource.call(n, one), [200, false]);
    assert.deepEqual(await bySource.call(2, one), [429, true]);
    assert.deepEqual(await bySource.call(0, newId(), bySource.other.writeKey), [200, false]);
    await bySource.close();
    const byNetwork = await tight({ ofNetwork: 1 });
    assert.deepEqual(await byNetwork.call(2, one), [200, false]);
    assert.deepEqual(await byNetwork.call(0, newId(), byNetwork.other.writeKey), [429, true]);
    await byNetwork.close();
    const byBegun = await tight({ begun: 1 });
    assert.deepEqual(await byBegun.call(0, newId()), [200, false]);
    assert.deepEqual(await byBegun.call(0, newId()), [429, true]);
    assert.deepEqual(await byBegun.call(3, one), [200, false], 'a recording that goes on does not begin');
    await byBegun.close();
  });

  test('is not shown to a role that does not see personal data', async () => {
    const id = newId();
    await sent(id, 0, first());
    server.hide(true);
    const hash = '0'.repeat(64);
    for (const path of [`recordings/${id}`, `recordings/${id}/chunks`, `assets/${hash}`])
      assert.equal((await server.api('GET', `/api/replay/${path}`)).status, 403, path);
    server.hide(false);
    assert.equal((await server.api('GET', `/api/replay/recordings/${id}`)).status, 200);
  });
});

describe('a file of a recorded page', () => {
  const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(40, 7)]);
  const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  const put = async (hash: string, bytes: Buffer, type: string) => {
    const response = await fetch(`${server.url}/v1/recordings/assets/${hash}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${server.source.writeKey}`, 'content-type': type },
      body: bytes as unknown as string,
    });
    return { status: response.status, told: (await response.json()) as Told };
  };
  const missing = async (hashes: string[]) => {
    const response = await fetch(`${server.url}/v1/recordings/assets/known`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.source.writeKey}` },
      body: JSON.stringify({ hashes }),
    });
    return ((await response.json()) as { missing: string[] }).missing;
  };

  test('is asked for once, stored by its hash, and given out without any right to act', async () => {
    const hash = hashOf(png);
    assert.deepEqual(await missing([hash]), [hash]);
    assert.equal((await put(hash, png, 'text/html')).status, 200, 'it is what its bytes say');
    assert.deepEqual(await missing([hash]), []);
    const shown = await server.api('GET', `/api/replay/assets/${hash}`);
    assert.equal(shown.headers.get('content-type'), 'image/png');
    assert.equal(shown.headers.get('x-content-type-options'), 'nosniff');
    assert.match(shown.headers.get('content-security-policy') ?? '', /sandbox/);
    assert.match(shown.headers.get('cache-control') ?? '', /private/);
    assert.ok(Buffer.from(await shown.arrayBuffer()).equals(png));
    assert.equal((await server.api('GET', `/api/replay/assets/${'0'.repeat(64)}`)).status, 404);
  });

  test('that is not what it says it is, or too large, is refused', async () => {
    assert.equal((await put('0'.repeat(64), png, 'image/png')).status, 400);
    for (const [content, type] of [
      ['<html><script>alert(1)</script>', 'image/png'],
      ['<html><script>alert(1)</script>', 'text/css'],
      ['<!doctype html><svg>', 'image/svg+xml'],
      ['alert(1)', 'application/javascript'],
      ['a { }\u0000', 'text/css'],
    ] as const) {
      const bytes = Buffer.from(content);
      assert.equal((await put(hashOf(bytes), bytes, type)).status, 415, content);
    }
    const large = Buffer.concat([png, Buffer.alloc(1024 * 1024)]);
    assert.equal((await put(hashOf(large), large, 'image/png')).status, 413);
    assert.equal((await put('xyz', png, 'image/png')).status, 400);
  });

  test('and a moment of the timeline are kept and told of in bounds, however many a recording names', async () => {
    const id = newId();
    const hash = hashOf(Buffer.from('x'));
    const address = (n: number, at: number) => `https://shop.example/${n}/${at}/${'y'.repeat(1900)}`;
    for (let n = 0; n < 9; n++) {
      const files = Array.from({ length: 1000 }, (_, at) => custom(5, 'tl-asset', { url: address(n, at), hash }));
      const pages = Array.from({ length: 300 }, (_, at) => custom(6, 'tl-page', { url: address(n, at), title: '' }));
      const metas = Array.from({ length: 300 }, (_, at) => meta(7, address(n, at)));
      assert.equal((await sent(id, n, chunkOf([...files, ...pages, ...metas]))).status, 200);
    }
    const { rows } = await server.context.records.pool.query(
      'SELECT count(*)::int AS n FROM replay_asset_uses WHERE recording_id = $1',
      [id],
    );
    assert.equal(rows[0].n, RECORDING_ASSETS);
    const told = await (await server.api('GET', `/api/replay/recordings/${id}`)).text();
    assert.ok(told.length < INDEX_CHARACTERS && told.length > 1_000_000, String(told.length));
    assert.equal((JSON.parse(told) as { index: { chunks: unknown[] } }).index.chunks.length, 9);
  });

  test('goes with the last recording that shows it', async () => {
    const css = Buffer.from('a { color: red }');
    const hash = hashOf(css);
    assert.equal((await put(hash, css, 'text/css')).status, 200);
    const [one, two] = [newId(), newId()];
    const named = chunkOf([custom(5, 'tl-asset', { url: 'https://shop.example/a.css', hash })]);
    for (const id of [one, two]) assert.equal((await sent(id, 0, named)).status, 200);
    const there = async () => (await server.api('GET', `/api/replay/assets/${hash}`)).status;
    await server.api('DELETE', `/api/replay/recordings/${one}`);
    assert.equal(await there(), 200);
    await server.api('DELETE', `/api/replay/recordings/${two}`);
    assert.equal(await there(), 404);
    assert.equal(await server.context.blobs.size(`recordings/assets/${hash}`), null);
  });
});
