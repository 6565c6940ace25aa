import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { eventWithTime } from '@rrweb/types';
import type { ReplayConfig } from '../sdk/src/replay/config.ts';

export interface Body {
  v: number;
  /** Left out where the session begins with the SDK's next event. */
  sessionStart?: number;
  anonymousId: string;
  userId?: string;
  page: { url: string; title: string; viewport: [number, number] };
  start: number;
  end: number;
  sentAt: number;
  masked: string;
  signals?: true;
  events: eventWithTime[];
}
export interface Arrived {
  id: string;
  n: number;
  body: Body;
}

/**
 * The server's side of the recorder's wire, strict and in memory, so that each of its answers can be had at will: it takes
 * what the format allows, throws what it does not into `faults`, and keeps every byte that came.
 */
export interface RecorderPeer {
  url: string;
  config: Partial<ReplayConfig> | null;
  chunks: Arrived[];
  tracked: { messageId: string; event?: string; properties?: Record<string, unknown> }[];
  assets: Map<string, { type: string; bytes: Buffer }>;
  faults: string[];
  /** All that was sent, unpacked, as text. */
  bytes: string[];
  /** Of chunks, as they came. */
  packedBytes: number;
  /** Answers instead, where it gives something. */
  answer: (n: number, id: string) => { status: number; headers?: Record<string, string> } | undefined;
  /** Waits for chunks until this is true of them. */
  until(is: (chunks: Arrived[]) => unknown, what: string): Promise<void>;
  reset(): void;
  close(): Promise<void>;
}

const CONFIG: ReplayConfig = {
  always: true,
  triggers: { events: [], errors: false, pages: [] },
  pages: { only: [], never: [] },
  minimumSeconds: 0,
  maskText: false,
  maskSelector: '',
  blockSelector: '',
  console: true,
  network: true,
};
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const served = new URL('../sdk/dist/served/', import.meta.url);

export async function startPeer(): Promise<RecorderPeer> {
  const contents = new Map<string, string>();
  const wakers = new Set<() => void>();

  const read = async (request: IncomingMessage) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const raw = Buffer.concat(parts);
    if (request.url?.includes('/chunks/')) peer.packedBytes += raw.length;
    return raw[0] === 0x1f && raw[1] === 0x8b ? gunzipSync(raw) : raw;
  };

  const chunk = (id: string, n: number, raw: Buffer, key: string | null) => {
    assert.match(id, UUID);
    assert.equal(key, 'key');
    assert.ok(raw.length <= 8 * 1024 * 1024, `${raw.length} bytes`);
    const body = JSON.parse(raw.toString()) as Body;
    assert.equal(body.v, 1);
    assert.ok(body.anonymousId && (body.sessionStart ?? 1) > 0 && body.events.length > 0);
    assert.ok(body.start <= body.end && body.end <= body.sentAt + 1000 && /^(inputs|text)$/.test(body.masked));
    for (const [at, event] of body.events.entries()) {
      assert.ok(Number.isInteger(event.type) && event.timestamp >= body.start - 1000);
      assert.ok(at === 0 || event.timestamp >= body.events[at - 1]!.timestamp - 1000, 'in their order');
    }
    const before = contents.get(`${id}/${n}`);
    if (before !== undefined && before !== raw.toString()) return 409;
    if (before === undefined) {
      contents.set(`${id}/${n}`, raw.toString());
      peer.chunks.push({ id, n, body });
    }
    return 200;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://peer');
    const headers: Record<string, string> = {
      'access-control-allow-origin': '*',
      'access-control-allow-headers': '*',
      'access-control-allow-methods': 'GET, POST, PUT',
      'access-control-expose-headers': 'retry-after',
    };
    const end = (status: number, body: unknown, more = {}) => {
      response.writeHead(status, { ...headers, 'content-type': 'application/json', ...more });
      response.end(typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body));
    };
    if (request.method === 'OPTIONS') return end(204, '');
    const [, file] = /^\/(?:sdk\/)?([\w.-]+\.js)$/.exec(pathname) ?? [];
    if (file && existsSync(new URL(file, served))) {
      return end(200, readFileSync(new URL(file, served)), { 'content-type': 'text/javascript' });
    }
    const raw = await read(request);
    peer.bytes.push(`${request.url} ${raw.toString()}`);
    if (pathname === '/v1/sdk/config') return end(200, peer.config ? { replay: { ...CONFIG, ...peer.config } } : {});
    if (pathname === '/v1/batch') {
      // What a page sent as it was left, the next one sends again.
      const known = new Set(peer.tracked.map(({ messageId }) => messageId));
      const { batch } = JSON.parse(raw.toString()) as { batch: RecorderPeer['tracked'] };
      peer.tracked.push(...batch.filter(({ messageId }) => !known.has(messageId)));
      return end(200, {});
    }
    if (pathname === '/v1/recordings/assets/known') {
      const { hashes } = JSON.parse(raw.toString()) as { hashes: string[] };
      return end(200, { missing: hashes.filter((hash) => !peer.assets.has(hash)) });
    }
    const [, hash] = /^\/v1\/recordings\/assets\/([0-9a-f]{64})$/.exec(pathname) ?? [];
    if (hash) {
      assert.equal(request.method, 'PUT');
      assert.equal(createHash('sha256').update(raw).digest('hex'), hash);
      peer.assets.set(hash, { type: request.headers['content-type']!, bytes: raw });
      return end(200, {});
    }
    const [, id, n] = /^\/v1\/recordings\/([^/]+)\/chunks\/(\d+)$/.exec(pathname) ?? [];
    assert.ok(id, `nothing is asked of ${request.method} ${pathname}`);
    const instead = peer.answer(Number(n), id);
    if (instead) return end(instead.status, {}, instead.headers);
    const status = chunk(id, Number(n), raw, searchParams.get('writeKey'));
    end(status, { next: Number(n) + 1 });
    for (const wake of wakers) wake();
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => {
      // A page that goes takes with it what it was sending; the next one sends it again.
      if (request.destroyed && error.code === 'ECONNRESET') return;
      peer.faults.push(String(error));
      response.writeHead(400, { 'access-control-allow-origin': '*' });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));

  const peer: RecorderPeer = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    config: {},
    chunks: [],
    tracked: [],
    assets: new Map(),
    faults: [],
    bytes: [],
    packedBytes: 0,
    answer: () => undefined,
    async until(is, what) {
      const ends = Date.now() + 20_000;
      while (!is(peer.chunks)) {
        const left = ends - Date.now();
        if (left <= 0) {
          const told = peer.chunks.map(({ id, n, body }) => `${id.slice(0, 4)}/${n}: ${body.events.map(nameOf)}`);
          assert.fail(`${what}; there are\n${told.join('\n')}\n${peer.faults.join('\n')}`);
        }
        await new Promise<void>((resolve) => {
          const wake = () => {
            wakers.delete(wake);
            resolve();
          };
          wakers.add(wake);
          setTimeout(wake, Math.min(left, 200));
        });
      }
    },
    reset() {
      Object.assign(peer, {
        config: {},
        chunks: [],
        tracked: [],
        faults: [],
        bytes: [],
        packedBytes: 0,
        answer: () => undefined,
      });
      peer.assets.clear();
      contents.clear();
      // What an earlier visitor still sends is nobody's.
      server.closeAllConnections();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return peer;
}

/** An event in a word. */
export const nameOf = (event: eventWithTime): string =>
  event.type === 5 ? event.data.tag : event.type === 3 ? `i${event.data.source}` : String(event.type);

export const eventsOf = (chunks: readonly Arrived[]): eventWithTime[] =>
  chunks.toSorted((a, b) => a.n - b.n).flatMap(({ body }) => body.events);

/** The payloads of one of our own events. */
export const told = <T>(chunks: readonly Arrived[], tag: string): T[] =>
  eventsOf(chunks).flatMap((event) => (event.type === 5 && event.data.tag === tag ? [event.data.payload as T] : []));
