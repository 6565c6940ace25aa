import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { RunningServer } from '../test/server.ts';
import { Connection, percentile } from './client.ts';

export interface RecordersResult {
  calls: number;
  bytes: number;
  refused: number;
  p50: number;
  p99: number;
  longest: number;
  /** Chunks that were accepted and are not there. */
  lost: number;
}

/** How often a recorder sends. */
const EVERY_MS = 5000;
const BEGIN = Date.now();

/** A page of some hundred elements with styles, as rrweb writes it: 200 kB, packed to 30 kB. */
function snapshotOf(visitor: number): unknown {
  const rules = Array.from(
    { length: 1500 },
    (_, n) => `.c${(n * 7919) % 10_007}{margin:${n % 40}px;color:#${((n * 40_503) % 0xffffff).toString(16)}}`,
  );
  let id = 10;
  const nodes = Array.from({ length: 600 }, (_, n) => ({
    type: 2,
    tagName: 'div',
    attributes: { class: `c${n} card`, 'data-n': String((n * visitor) % 997) },
    childNodes: [{ type: 3, textContent: `Item ${n} of ${visitor} ${((n + 1) * 2_654_435_761) % 1e9}`, id: ++id }],
    id: ++id,
  }));
  const style = { type: 2, tagName: 'style', attributes: { _cssText: rules.join('') }, childNodes: [], id: 3 };
  const node = {
    type: 0,
    id: 1,
    childNodes: [{ type: 2, tagName: 'html', attributes: {}, childNodes: [style, ...nodes], id: 2 }],
  };
  return { type: 2, data: { node, initialOffset: { left: 0, top: 0 } }, timestamp: BEGIN };
}

/** Five seconds of somebody moving about while the page changes: 30 kB, packed to 4 kB. */
function eventsOf(visitor: number, n: number): unknown[] {
  const at = BEGIN + n * EVERY_MS;
  const move = (i: number) => ({
    type: 3,
    data: {
      source: 1,
      positions: Array.from({ length: 10 }, (_, p) => ({
        x: (i * 31 + p * visitor) % 1200,
        y: (i * 17 + p * n) % 800,
        id: i,
        timeOffset: -p * 50,
      })),
    },
    timestamp: at + i * 500,
  });
  const change = (i: number) => ({
    type: 3,
    data: {
      source: 0,
      texts: [{ id: 11 + (i % 600), value: String((visitor * i * 48_271) % 1e9) }],
      attributes: [],
      removes: [],
      adds: [],
    },
    timestamp: at + i * 40,
  });
  return [...Array.from({ length: 10 }, (_, i) => move(i)), ...Array.from({ length: 120 }, (_, i) => change(i))];
}

const bodyOf = (visitor: number, n: number): Buffer =>
  gzipSync(
    JSON.stringify({
      v: 1,
      anonymousId: `visitor-${visitor}`,
      page: { url: 'https://shop.example/', title: 'Shop', viewport: [1280, 800] },
      sentAt: Date.now(),
      masked: 'inputs',
      events: n === 0 ? [snapshotOf(visitor)] : eventsOf(visitor, n),
    }),
  );

/** As many visitors recorded at the same time, each sending a chunk every five seconds, beginning with its whole page. */
export async function measureRecorders(
  server: RunningServer,
  options: { recorders: number; seconds: number },
): Promise<RecordersResult> {
  const { writeKey } = await server.api<{ writeKey: string }>('POST', '/api/sources', {
    name: 'site',
    kind: 'browser',
  });
  const { settings, version } = await server.api<{ settings: object; version: number }>('GET', '/api/replay/settings');
  await server.api('PUT', '/api/replay/settings', { settings: { ...settings, recording: true }, version });
  const rounds = Math.max(2, Math.round((options.seconds * 1000) / EVERY_MS));
  const latencies: number[] = [];
  const accepted = new Map<string, number>();
  let refused = 0;
  let bytes = 0;
  const record = async (visitor: number, bodies: readonly Buffer[], counted: boolean) => {
    const id = randomUUID();
    const connection = new Connection(server.port);
    await sleep((visitor / options.recorders) * EVERY_MS);
    const began = performance.now();
    for (const [n, body] of bodies.entries()) {
      await sleep(Math.max(0, began + n * EVERY_MS - performance.now()));
      const head = `POST /v1/recordings/${id}/chunks/${n} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${writeKey}\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`;
      const sent = performance.now();
      const status = await connection.send(head, body);
      if (!counted) continue;
      latencies.push(performance.now() - sent);
      bytes += body.length;
      if (status === 200) accepted.set(id, (accepted.get(id) ?? 0) + 1);
      else refused++;
    }
    connection.close();
  };
  const all = async (count: number, sent: number, counted: boolean) => {
    // Made before, so that what is measured is the server and not the making of what is sent.
    const bodies = Array.from({ length: count }, (_, visitor) =>
      Array.from({ length: sent }, (_, n) => bodyOf(visitor, n)),
    );
    await Promise.all(bodies.map((own, visitor) => record(visitor, own, counted)));
  };
  // A server that has just started is not what visitors meet.
  await all(Math.ceil(options.recorders / 2), 2, false);
  await all(options.recorders, rounds, true);
  let lost = 0;
  for (const [id, count] of accepted) {
    const { recording, index } = await server.api<{ recording: { chunks: number }; index: { chunks: unknown[] } }>(
      'GET',
      `/api/replay/recordings/${id}`,
    );
    lost += count - Math.min(recording.chunks, index.chunks.length);
  }
  latencies.sort((a, b) => a - b);
  return {
    calls: latencies.length,
    bytes,
    refused,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    longest: latencies.at(-1)!,
    lost,
  };
}
