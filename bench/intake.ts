import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEmbeddedEvents } from '../src/kernel/events-embedded.ts';
import type { RunningServer } from '../test/server.ts';
import { Connection, percentile, postHead } from './client.ts';
import { diskBytes, residentBytes } from './sizes.ts';
import { makeTraffic, type Traffic } from './traffic.ts';

export interface LoadResult {
  events: number;
  seconds: number;
  eventsPerSecond: number;
  requestsPerSecond: number;
  /** Milliseconds from sending to the answer. */
  p50: number;
  p99: number;
  refused: number;
}

/** Sends the traffic over kept-alive connections: as fast as answers come, or at a steady rate of events a second. */
export async function load(
  server: { port: number },
  path: string,
  authorization: string,
  traffic: Traffic,
  options: { connections: number; eventsPerSecond?: number; seconds: number },
): Promise<LoadResult> {
  const latencies: number[] = [];
  let sent = 0;
  let refused = 0;
  const started = performance.now();
  const end = started + options.seconds * 1000;
  const connections = Array.from({ length: options.connections }, () => new Connection(server.port));
  await Promise.all(
    connections.map(async (connection) => {
      for (;;) {
        const due = options.eventsPerSecond
          ? started + ((sent * traffic.eventsInRequest) / options.eventsPerSecond) * 1000
          : performance.now();
        if (due >= end || performance.now() >= end) return;
        const body = traffic.next();
        if (!body) return;
        sent++;
        const wait = due - performance.now();
        if (wait > 1) await sleep(wait);
        const begun = performance.now();
        const status = await connection.send(postHead(path, authorization, body.length), body);
        latencies.push(performance.now() - begun);
        if (status !== 200) refused++;
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  for (const connection of connections) connection.close();
  latencies.sort((a, b) => a - b);
  const requests = latencies.length - refused;
  return {
    events: requests * traffic.eventsInRequest,
    seconds,
    eventsPerSecond: Math.round((requests * traffic.eventsInRequest) / seconds),
    requestsPerSecond: Math.round(requests / seconds),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    refused,
  };
}

export const basic = (writeKey: string) => `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}`;

interface StreamState {
  steps: { name: string; events: number; drops: number; milliseconds: number }[];
  partitions: { lagEvents: number }[];
}

/** Waits until the log is empty, so that everything accepted is stored; seconds it took. */
export async function drained(server: RunningServer, patienceSeconds = 600): Promise<number> {
  const started = performance.now();
  for (;;) {
    const { partitions } = await server.api<StreamState>('GET', '/api/stream');
    const lag = partitions.reduce((sum, partition) => sum + partition.lagEvents, 0);
    const seconds = (performance.now() - started) / 1000;
    if (lag === 0 || seconds > patienceSeconds) return seconds;
    await sleep(50);
  }
}

/** Batches of 100 events at a steady rate for a minute, then how long until all are stored and resolved. */
export async function intake(server: RunningServer, options: { rate: number; seconds: number; people: number }) {
  const events = options.rate * options.seconds;
  const traffic = makeTraffic({ seed: 1, people: options.people, events, size: 100 });
  const key = await server.writeKey('bench batches');
  const restBytes = residentBytes(server.child.pid!);
  const result = await load(server, '/v1/batch', basic(key), traffic, {
    connections: 8,
    eventsPerSecond: options.rate,
    seconds: options.seconds + 30,
  });
  const drainSeconds = await drained(server);
  const atEnd = residentBytes(server.child.pid!);
  traffic.remove();
  const { steps } = await server.api<StreamState>('GET', '/api/stream');
  return {
    ...result,
    averageEventBytes: traffic.averageEventBytes,
    drainSeconds,
    restBytes,
    residentBytes: atEnd,
    steps,
  };
}

/**
 * Bytes on the disk for each stored event, by store, of a server that was stopped: the events once all parts are merged,
 * the records with their write-ahead log (which has a fixed size) apart, and the log file.
 */
export async function diskPerEvent(dataDir: string, events: number): Promise<Record<string, number>> {
  const store = openEmbeddedEvents(join(dataDir, 'events'));
  await store.command('OPTIMIZE TABLE events FINAL');
  const [parts] = await store.query<{ bytes: string }>(
    'SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active',
  );
  await store.close();
  const wal = diskBytes(join(dataDir, 'records/pg_wal'));
  const bytes = {
    events: Number(parts?.bytes),
    records: diskBytes(join(dataDir, 'records')) - wal,
    log: diskBytes(join(dataDir, 'log')),
    'write-ahead log': wal,
  };
  return Object.fromEntries(Object.entries(bytes).map(([name, size]) => [name, Math.round((size / events) * 10) / 10]));
}
