import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startReceiver } from '../src/core/destinations/receiver.testing.ts';
import { Load } from '../test/load.ts';
import { startServer } from '../test/server.ts';
import { seed } from './seed.ts';

export interface DestinationsResult {
  webhooks: number;
  webhooksPerSecond: number;
  rows: number;
  rowsPerSecond: number;
  bytes: number;
}

const DAY_MS = 86_400_000;

/** Webhooks delivered to a receiver on this machine, and a day after day of events written as Parquet. */
export async function measureDestinations(options: { webhooks: number; events: number }): Promise<DestinationsResult> {
  const root = mkdtempSync(join(tmpdir(), 'throughline-bench-exports-'));
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  await seed(dataDir, { people: Math.ceil(options.events / 20), events: options.events });
  const receiver = await startReceiver();
  const server = await startServer({
    dataDir,
    environment: { THROUGHLINE_EXPORTS_DIR: root, THROUGHLINE_OUTGOING_ALLOW: '127.0.0.1/32' },
  });
  try {
    return { ...(await deliver(server, receiver, options.webhooks)), ...(await write(server)) };
  } finally {
    await server.remove();
    await receiver.close();
    rmSync(root, { recursive: true, force: true });
  }
}

type Server = Awaited<ReturnType<typeof startServer>>;
type Receiver = Awaited<ReturnType<typeof startReceiver>>;

async function deliver(server: Server, receiver: Receiver, count: number) {
  const load = new Load(await server.writeKey('bench'), 1000);
  const { id } = await server.api<{ id: string }>('POST', '/api/destinations', {
    name: 'bench',
    webhook: { url: receiver.url, concurrency: 50 },
  });
  // Until the stream has seen it.
  while (receiver.received.length === 0) {
    await load.send(server, 1);
    await sleep(500);
  }
  await server.api('PATCH', `/api/destinations/${id}`, { webhook: { url: 'http://127.0.0.1:9/', concurrency: 50 } });
  for (let sent = 0; sent < count; sent += 500) await load.send(server, 500);
  await sleep(3000);
  const already = receiver.received.length;
  await server.api('PATCH', `/api/destinations/${id}`, { webhook: { url: receiver.url, concurrency: 50 } });
  await server.api('POST', `/api/destinations/${id}/resend-failed`, { since: new Date(0).toISOString() });
  const first = performance.now();
  while (receiver.received.length < already + count) await sleep(20);
  const seconds = (performance.now() - first) / 1000;
  await server.api('DELETE', `/api/destinations/${id}`);
  return { webhooks: count, webhooksPerSecond: count / seconds };
}

async function write(server: Server) {
  const { id } = await server.api<{ id: string }>('POST', '/api/destinations', {
    name: 'files',
    files: { format: 'parquet', every: 'day', place: { kind: 'folder', path: 'bench' } },
  });
  const body = { from: new Date(Date.now() - 100 * DAY_MS).toISOString(), to: new Date().toISOString() };
  const began = performance.now();
  await server.api('POST', `/api/destinations/${id}/runs`, body);
  for (;;) {
    const { items } = await server.api<{ items: { state: string; rows: number; bytes: number }[] }>(
      'GET',
      `/api/destinations/${id}/runs?limit=200`,
    );
    if (items.every((run) => run.state === 'done' || run.state === 'failed')) {
      const rows = items.reduce((sum, run) => sum + run.rows, 0);
      const bytes = items.reduce((sum, run) => sum + run.bytes, 0);
      return { rows, rowsPerSecond: rows / ((performance.now() - began) / 1000), bytes };
    }
    await sleep(100);
  }
}
