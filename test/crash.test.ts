import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEmbeddedEvents } from '../src/kernel/events-embedded.ts';
import { startServer } from './server.ts';

const KILLS = 20;
const PEOPLE = 200;

it('loses no acknowledged event and counts none twice when it is killed twenty times under load', async () => {
  let server = await startServer({ quiet: true });
  const { dataDir } = server;
  const key = await server.writeKey('shop');
  const acknowledged = new Set<string>();
  let stopping = false;
  let sent = 0;

  /** Sends as an SDK does: what was not acknowledged is sent again, with the same message IDs. */
  const sender = async () => {
    while (!stopping) {
      const batch = Array.from({ length: 20 }, () => {
        const person = sent++ % PEOPLE;
        return {
          type: 'track',
          event: 'Survived',
          messageId: crypto.randomUUID(),
          userId: `user-${person}`,
          anonymousId: `device-${person}`,
        };
      });
      for (;;) {
        const response = await fetch(`${server.url}/v1/batch`, {
          method: 'POST',
          headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
          body: JSON.stringify({ batch }),
        }).catch(() => null);
        if (response?.status === 200) break;
        await response?.body?.cancel();
        await sleep(20);
      }
      for (const event of batch) acknowledged.add(event.messageId);
    }
  };
  const senders = Array.from({ length: 4 }, sender);
  for (let kill = 0; kill < KILLS; kill++) {
    const before = acknowledged.size;
    while (acknowledged.size === before) await sleep(20);
    await sleep(50 + Math.random() * 500);
    await server.kill();
    server = await startServer({ dataDir, quiet: true });
  }
  await sleep(200);
  stopping = true;
  await Promise.all(senders);
  const lag = async () => {
    const { partitions } = await server.api<{ partitions: { lagEvents: number }[] }>('GET', '/api/stream');
    return partitions.reduce((sum, partition) => sum + partition.lagEvents, 0);
  };
  while ((await lag()) > 0) await sleep(50);
  const people = await server.api<{ items: { id: string }[]; nextCursor: string | null }>(
    'GET',
    '/api/people?limit=200',
  );
  await server.stop();

  const events = openEmbeddedEvents(join(dataDir, 'events'));
  const rows = await events.query<{ id: string; copies: string }>(
    "SELECT toString(event_id) AS id, count() AS copies FROM events WHERE name = 'Survived' GROUP BY id",
  );
  await events.close();
  rmSync(dataDir, { recursive: true, force: true });
  assert.deepEqual(
    rows.filter((row) => row.copies !== '1'),
    [],
    'an event is stored twice',
  );
  const stored = new Set(rows.map((row) => row.id));
  assert.deepEqual(
    [...acknowledged].filter((id) => !stored.has(id)),
    [],
    'an acknowledged event is lost',
  );
  assert.equal(people.items.length, PEOPLE, 'each customer is one person');
  assert.equal(people.nextCursor, null);
});
