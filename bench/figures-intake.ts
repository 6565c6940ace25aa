import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer } from '../test/server.ts';
import { measureDestinations } from './destinations.ts';
import { details, mb, ms, options, perSecond, root, say, scale } from './figures.ts';
import { basic, diskPerEvent, drained, intake, load } from './intake.ts';
import { startPeer } from './peer.ts';
import { type ReadResult, visibleAfter } from './reads.ts';
import { residentBytes } from './sizes.ts';
import { makeTraffic } from './traffic.ts';
import { measureTransformations } from './transform.ts';

const retail = join(root, '../shared/data/online_retail/online_retail.csv.gz');

export async function start(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  const started = performance.now();
  const server = await startServer({ dataDir });
  const key = await server.writeKey('first');
  const answer = await fetch(`${server.url}/v1/track`, {
    method: 'POST',
    headers: { authorization: basic(key), 'content-type': 'application/json' },
    body: JSON.stringify({ userId: 'first', event: 'First' }),
  });
  if (!answer.ok) throw new Error(`The first event was answered with ${answer.status}`);
  const seconds = (performance.now() - started) / 1000;
  say({ what: 'empty folder to first accepted event', measured: `${seconds.toFixed(1)} s`, reach: '≤ 5 s' });
  await sleep(10_000);
  say({ what: 'whole process tree at rest', measured: mb(residentBytes(server.child.pid!)), reach: '≤ 700 MB' });
  await server.remove();
}

export async function batches(): Promise<void> {
  const rate = Number(options.rate);
  const seconds = Number(options.seconds ?? 60 * scale);
  const server = await startServer();
  const result = await intake(server, { rate, seconds, people: 100_000 });
  const [stored] = (await server.api<{ items: { eventCount: number }[] }>('GET', '/api/sources')).items;
  details.intake = { ...result, stored };
  await server.remove();
  // What a small service on PostgreSQL takes when it is sent as much.
  const peer = await startPeer();
  const traffic = makeTraffic({ seed: 1, people: 100_000, events: rate * Math.min(seconds, 20), size: 100 });
  const beside = await load(peer, '/', 'none', traffic, {
    connections: 8,
    eventsPerSecond: rate,
    seconds: Math.min(seconds, 20),
  });
  traffic.remove();
  await peer.remove();
  details.intakePeer = beside;
  say({
    what: `intake, batches of 100 events of ${result.averageEventBytes} bytes, ${seconds} s`,
    measured: `${perSecond(result.eventsPerSecond)}, all stored and resolved ${result.drainSeconds.toFixed(1)} s after the end, p99 ${ms(result.p99)}`,
    reach: '≥ 30,000/s, ≤ 5 s',
    beside: `service on PostgreSQL: ${perSecond(beside.eventsPerSecond)}`,
  });
  say({
    what: 'whole process tree at the end of the intake run',
    measured: mb(result.residentBytes),
    reach: '≤ 1.6 GB',
  });
}

/** Ten million events of half a million people, through intake, then what they take on the disk. */
export async function disk(): Promise<void> {
  const rate = Number(options.rate);
  const server = await startServer();
  const seconds = Math.ceil((10_000_000 * scale) / rate);
  const result = await intake(server, { rate, seconds, people: 500_000 * scale });
  // Stopped and started once, so that the log gives back what it grew to.
  await server.stop();
  const again = await startServer({ dataDir: server.dataDir });
  await sleep(20_000);
  await again.stop();
  const bytes = await diskPerEvent(server.dataDir, result.events);
  details.disk = {
    ...bytes,
    of: result.events,
    eventsPerSecond: result.eventsPerSecond,
    drainSeconds: result.drainSeconds,
  };
  await again.remove();
  const total = Object.values(bytes).reduce((sum, size) => sum + size, 0);
  const parts = Object.entries(bytes).map(([store, size]) => `${store} ${size}`);
  say({
    what: `disk per stored event, ${result.events.toLocaleString('en')} events of ${(500_000 * scale).toLocaleString('en')} people, after merges`,
    measured: `${total.toFixed(0)} bytes (${parts.join(', ')})`,
    reach: '≤ 120 bytes',
  });
}

/** Half a minute at 5,000 events a second, of which the first third warms up; then single events as fast as they go. */
async function requestsTo(
  target: { port: number },
  path: string,
  authorization: string,
  alongside: () => Promise<ReadResult | null>,
) {
  const seconds = 20 * Math.max(scale, 0.25);
  const at5000 = { connections: 16, eventsPerSecond: 5000 };
  const steady = makeTraffic({ seed: 3, people: 20_000, events: 5000 * seconds * 2, size: 10 });
  await load(target, path, authorization, steady, { ...at5000, seconds: seconds / 2 });
  const beside = alongside();
  const paced = await load(target, path, authorization, steady, { ...at5000, seconds });
  const visible = await beside;
  steady.remove();
  const single = makeTraffic({ seed: 2, people: 100_000, events: 20_000 * seconds, size: 1 });
  const fast = await load(target, path === '/' ? path : '/v1/track', authorization, single, {
    connections: 32,
    seconds,
  });
  single.remove();
  return { paced, visible, fast };
}

export async function requests(): Promise<void> {
  const server = await startServer();
  const key = await server.writeKey('bench');
  const probes = Math.floor(80 * Math.max(scale, 0.25));
  const ours = await requestsTo(server, '/v1/batch', basic(key), () => visibleAfter(server, key, probes, 200));
  await server.remove();
  const peer = await startPeer();
  const theirs = await requestsTo(peer, '/', 'none', async () => null);
  await peer.remove();
  details.requests = { ours, theirs };
  const { paced, fast } = ours;
  const visible = ours.visible!;
  const { paced: peerPaced, fast: peerFast } = theirs;
  say({
    what: 'intake, one event a request, 32 kept-alive connections',
    measured: `${perSecond(fast.requestsPerSecond)}, p99 ${ms(fast.p99)}`,
    reach: '≥ 5,000/s',
    beside: `service on PostgreSQL: ${perSecond(peerFast.requestsPerSecond)}`,
  });
  say({
    what: 'acknowledgement at 5,000 events/s (batches of 10)',
    measured: `p50 ${ms(paced.p50)}, p99 ${ms(paced.p99)}`,
    reach: 'p99 ≤ 25 ms',
    beside: `service on PostgreSQL: p99 ${ms(peerPaced.p99)}`,
  });
  say({
    what: 'accepted to visible on the timeline at 5,000 events/s',
    measured: `p50 ${ms(visible.p50)}, p99 ${ms(visible.p99)}`,
    reach: 'p99 ≤ 1.5 s',
  });
}

export async function fileImport(): Promise<void> {
  if (!existsSync(retail)) return console.log('file import: skipped, the Online Retail file is not at ../shared/data');
  const server = await startServer();
  const started = performance.now();
  execFileSync(
    join(root, 'bin/throughline'),
    ['import', retail, '--map', join(root, 'samples/online-retail.map.json')],
    {
      env: { ...process.env, THROUGHLINE_DATA: server.dataDir },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  await drained(server);
  const seconds = (performance.now() - started) / 1000;
  say({
    what: 'file import (Online Retail, 541,909 lines to 25,900 orders), until stored',
    measured: `${seconds.toFixed(1)} s`,
    reach: '≤ 40 s',
  });
  await server.remove();
}

export async function transform(): Promise<void> {
  const result = await measureTransformations(Math.round(200_000 * scale));
  details.transform = result;
  say({
    what: `a transformation in JavaScript, ${result.eventBytes} bytes an event, through its thread and back`,
    measured: perSecond(result.engine),
    reach: '≥ 10,000/s',
    beside: `the same function in node:vm, not bounded: ${perSecond(result.vm)}`,
  });
  say({
    what: 'the stream’s step transform, a source with that transformation, and one without any',
    measured: `${result.withMicros.toFixed(1)} µs, ${result.withoutMicros.toFixed(3)} µs an event`,
    reach: '≤ 100 µs, ≤ 0.5 µs',
  });
}

export async function destinations(): Promise<void> {
  const result = await measureDestinations({ webhooks: 20_000 * scale, events: 3_000_000 * scale });
  details.destinations = result;
  say({
    what: `webhooks to a receiver on this machine, ${result.webhooks.toLocaleString('en')} of them`,
    measured: perSecond(result.webhooksPerSecond),
    reach: 'printed',
  });
  say({
    what: `events written as Parquet, ${result.rows.toLocaleString('en')} rows in days`,
    measured: `${perSecond(result.rowsPerSecond)}, ${mb(result.bytes)}`,
    reach: 'printed',
  });
}
