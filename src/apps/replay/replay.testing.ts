import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { core } from '../../core/index.ts';
import { createSource, type Source } from '../../core/sources/sources.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { replay } from './app.ts';
import { changeSettings, keptSettings, type ReplaySettings } from './settings.ts';

/** Replay behind a real listener, with one source that is recorded. Close it in `after`. */
export interface ReplayServer {
  context: Context;
  url: string;
  source: Source;
  send(recordingId: string, n: number, body: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Asks the API as a member of staff who may everything. */
  api(method: string, path: string, body?: unknown): Promise<Response>;
  /** From now on that member's role sees no personal data, or does again. */
  hide(hides: boolean): void;
  set(change: Partial<ReplaySettings>): Promise<void>;
  close(): Promise<void>;
}

export const replayApps = [...core, replay];

export async function replayServer(environment: Record<string, string> = {}): Promise<ReplayServer> {
  const context = await testContext({ apps: replayApps, environment });
  const permissions = new Set(replayApps.flatMap((app) => Object.keys(app.permissions ?? {})));
  const caller: Caller = { kind: 'local', id: 'test', name: 'Ada', email: null, role: 'owner', permissions };
  const server = await serveForTest(buildHttp(context, replayApps, async () => caller));
  const source = await createSource(context, { name: 'site', kind: 'browser' });
  const set = async (change: Partial<ReplaySettings>) => {
    const { settings, version } = await keptSettings(context);
    await changeSettings(context, { ...settings, ...change }, version, 'Ada');
  };
  await set({ recording: true });
  return {
    context,
    url: server.url,
    source,
    set,
    send: (recordingId, n, body, headers = {}) =>
      fetch(`${server.url}/v1/recordings/${recordingId}/chunks/${n}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${source.writeKey}`, 'content-encoding': 'gzip', ...headers },
        body: body instanceof Uint8Array ? (body as unknown as string) : gzipSync(JSON.stringify(body)),
      }),
    api: (method, path, body) =>
      fetch(server.url + path, {
        method,
        ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      }),
    hide: (hides) => {
      caller.hidesPersonalData = hides;
    },
    async close() {
      await server.close();
      await context.close();
    },
  };
}

export const newId = () => randomUUID();
export const BEGIN = Date.UTC(2026, 10, 22, 6);

/** A chunk as a recorder sends it. */
export function chunkOf(events: unknown[], change: Record<string, unknown> = {}) {
  return {
    v: 1,
    sessionStart: BEGIN,
    anonymousId: 'visitor-1',
    page: { url: 'https://shop.example/basket?x=1', title: 'Basket', viewport: [1200, 800] },
    start: BEGIN,
    end: BEGIN,
    sentAt: Date.now(),
    masked: 'inputs',
    events,
    ...change,
  };
}

/** What rrweb records of a small page. */
export const meta = (ms: number, href = 'https://shop.example/basket') => ({
  type: 4,
  data: { href, width: 1200, height: 800 },
  timestamp: BEGIN + ms,
});
export const snapshot = (ms: number, text = 'Hello') => ({
  type: 2,
  data: {
    node: {
      type: 0,
      childNodes: [
        {
          type: 2,
          tagName: 'html',
          attributes: { lang: 'en' },
          childNodes: [
            { type: 2, tagName: 'head', attributes: {}, childNodes: [], id: 3 },
            {
              type: 2,
              tagName: 'body',
              attributes: { class: 'shop' },
              childNodes: [{ type: 3, textContent: text, id: 5 }],
              id: 4,
            },
          ],
          id: 2,
        },
      ],
      id: 1,
    },
    initialOffset: { left: 0, top: 0 },
  },
  timestamp: BEGIN + ms,
});
export const click = (ms: number, x = 10, y = 20) => ({
  type: 3,
  data: { source: 2, type: 2, id: 4, x, y },
  timestamp: BEGIN + ms,
});
export const mutation = (ms: number, text = 'changed') => ({
  type: 3,
  data: { source: 0, texts: [{ id: 5, value: text }], attributes: [], removes: [], adds: [] },
  timestamp: BEGIN + ms,
});
export const custom = (ms: number, tag: string, payload: object) => ({
  type: 5,
  data: { tag, payload },
  timestamp: BEGIN + ms,
});
