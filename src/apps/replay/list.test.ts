import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { append, processAll, sent } from '../../core/stream/testing.ts';
import { chunkOf, meta, newId, type ReplayServer, replayServer, snapshot } from './replay.testing.ts';

let server: ReplayServer;
before(async () => {
  server = await replayServer();
});
after(() => server?.close());

describe('the list of recordings', () => {
  it('knows all of a visit in which a customer known from another device signs in', async () => {
    const start = Date.now() - 60_000;
    const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
    const context = { sessionId: start, page: { url: 'https://shop.example/' } };
    const recording = newId();
    await append(server.context, [sent({ anonymousId: 'phone', userId: 'ada', timestamp: at(-600) })]);
    await processAll(server.context);
    const of = { anonymousId: 'laptop', context };
    await append(server.context, [
      sent({ ...of, event: 'Recording Started', properties: { recordingId: recording }, timestamp: at(0) }),
      sent({ ...of, type: 'identify', userId: 'ada', timestamp: at(10) }),
      sent({ ...of, userId: 'ada', event: 'Rage Clicked', timestamp: at(20) }),
      sent({ ...of, userId: 'ada', event: 'Checkout Failed', timestamp: at(30) }),
    ]);
    await processAll(server.context);
    const chunk = chunkOf([meta(0), snapshot(1)], { anonymousId: 'laptop', sessionStart: start });
    assert.equal((await server.send(recording, 0, chunk)).status, 200);
    const found = async (query: Record<string, string>) => {
      const response = await server.api('GET', `/api/replay/recordings?${new URLSearchParams(query)}`);
      const { items } = (await response.json()) as { items: { id: string; signals: { rages: number } }[] };
      return items.map(({ id, signals }) => [id, signals.rages]);
    };
    assert.deepEqual(await found({}), [[recording, 1]]);
    const failed = JSON.stringify({ events: [{ name: 'Checkout Failed' }] });
    assert.deepEqual(await found({ what: failed }), [[recording, 1]]);
    assert.deepEqual(await found({ what: JSON.stringify({ events: [{ name: 'Order Completed' }] }) }), []);
  });
});
