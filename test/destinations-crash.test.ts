import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startReceiver } from '../src/core/destinations/receiver.testing.ts';
import { seen } from '../src/kernel/testing-until.ts';
import { drained, Load } from './load.ts';
import { startServer } from './server.ts';

const KILLS = 6;

it('delivers every acknowledged event at least once, each under one message ID, when it is killed again and again under load', async () => {
  const receiver = await startReceiver();
  const environment = { THROUGHLINE_OUTGOING_ALLOW: '127.0.0.1/32' };
  let server = await startServer({ quiet: true, environment });
  const { dataDir } = server;
  try {
    const load = new Load(await server.writeKey('shop'));
    const destination = await server.api<{ id: string }>('POST', '/api/destinations', {
      name: 'CRM',
      webhook: { url: receiver.url, concurrency: 20 },
    });
    // The stream looks for new destinations every few seconds.
    await seen(
      async () => {
        await load.send(server);
        return receiver.received.length;
      },
      (count) => count > 0,
    );
    load.acknowledged.clear();
    let stopping = false;
    const senders = Array.from({ length: 2 }, async () => {
      while (!stopping) if (!(await load.send(server))) await sleep(20);
    });
    for (let kill = 0; kill < KILLS; kill++) {
      const before = load.acknowledged.size;
      await seen(
        async () => load.acknowledged.size,
        (size) => size > before,
      );
      await sleep(300 + Math.random() * 900);
      await server.kill();
      server = await startServer({ dataDir, quiet: true, environment });
    }
    await sleep(300);
    stopping = true;
    await Promise.all(senders);
    await drained(server);
    await seen(
      () => server.api<{ health: { waiting: number } }>('GET', `/api/destinations/${destination.id}`),
      (one) => one.health.waiting === 0,
    );
    const got = new Map<string, Set<string>>();
    for (const { message, headers } of receiver.received) {
      const id = String(message.data.id);
      got.set(id, (got.get(id) ?? new Set()).add(String(headers['webhook-id'])));
    }
    assert.deepEqual(
      [...load.acknowledged].filter((id) => !got.has(id)),
      [],
      'an acknowledged event never arrived',
    );
    assert.deepEqual(
      [...got.values()].filter((ids) => ids.size !== 1),
      [],
      'an event arrived under two message IDs',
    );
  } finally {
    await server.remove();
    await receiver.close();
  }
});
