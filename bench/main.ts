import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { startServer } from '../test/server.ts';
import { type AccessResult, measureAccess } from './access.ts';
import { catalogue } from './catalogue.ts';
import { firstPage } from './console.ts';
import { measureDestinations } from './destinations.ts';
import { timeErasure } from './erasure.ts';
import { measureHeatmap } from './heatmap.ts';
import { basic, diskPerEvent, drained, intake, load } from './intake.ts';
import { startPeer } from './peer.ts';
import { measurePlayer } from './player.ts';
import { type ReadResult, searchPaths, timelinePaths, timeReads, visibleAfter } from './reads.ts';
import { recorderBytes, timeRecorder } from './recorder.ts';
import { measureRecorders } from './replay-intake.ts';
import { measureStorage } from './replay-storage.ts';
import { sdkBytes, timeSdk } from './sdk.ts';
import { seed } from './seed.ts';
import { residentBytes } from './sizes.ts';
import { measureSurveyScore } from './survey-score.ts';
import { makeTraffic } from './traffic.ts';
import { measureTransformations } from './transform.ts';

const { values: options } = parseArgs({
  options: {
    /** A tenth of everything, to see that it runs. */
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    rate: { type: 'string', default: '32000' },
    seconds: { type: 'string' },
  },
});
const scale = options.quick ? 0.1 : 1;
const root = fileURLToPath(new URL('..', import.meta.url));
const retail = join(root, '../shared/data/online_retail/online_retail.csv.gz');

interface Line {
  what: string;
  measured: string;
  reach: string;
  beside?: string;
}
const lines: Line[] = [];
const details: Record<string, unknown> = {};
const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
const perSecond = (value: number) => `${Math.round(value).toLocaleString('en')}/s`;
const wanted = (name: string) => !options.only || options.only.split(',').includes(name);
const say = (line: Line) => {
  lines.push(line);
  console.log(`${line.what}: ${line.measured} (reach ${line.reach})${line.beside ? `; ${line.beside}` : ''}`);
};

async function start(): Promise<void> {
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

async function batches(): Promise<void> {
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
async function disk(): Promise<void> {
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

async function requests(): Promise<void> {
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

async function timeline(): Promise<void> {
  const people = 500_000 * scale;
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  await seed(dataDir, { people, events: 10_000_000 * scale });
  const server = await startServer({ dataDir });
  const result = await timeReads(server, server.authorization, timelinePaths(people, 2000));
  details.timeline = result;
  say({
    what: `a person's timeline (50 events) with ${10 * scale} M events and ${people.toLocaleString('en')} people`,
    measured: `p50 ${ms(result.p50)}, p99 ${ms(result.p99)}`,
    reach: 'p99 ≤ 40 ms',
  });
  await server.remove();
}

async function search(): Promise<void> {
  const people = 1_000_000 * scale;
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  await seed(dataDir, { people, events: 0 });
  const server = await startServer({ dataDir });
  const result = await timeReads(server, server.authorization, searchPaths(people, 3200));
  details.search = result;
  say({
    what: `people search with ${people.toLocaleString('en')} people`,
    measured: `p50 ${ms(result.p50)}, p99 ${ms(result.p99)}`,
    reach: 'p99 ≤ 100 ms',
  });
  await server.remove();
}

/** One person of many is erased, while others' pages are being looked at. */
async function erasure(): Promise<void> {
  const people = 500_000 * scale;
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  await seed(dataDir, { people, events: 10_000_000 * scale });
  const result = await timeErasure(dataDir, people);
  rmSync(dataDir, { recursive: true, force: true });
  details.erasure = result;
  if (result.left > 0 || !result.others) throw new Error('The erasure was not exact.');
  say({
    what: `erasure of a person with 10,000 events among ${10 * scale} M events and ${people.toLocaleString('en')} people, to the last byte`,
    measured: `${result.erasureSeconds.toFixed(1)} s; other people's pages at most ${ms(result.slowestPageMs)}`,
    reach: '≤ 60 s and exact',
    beside: `SQL deletes by hand, which leave the bytes on the disk: ${result.byHandSeconds.toFixed(1)} s`,
  });
}

async function destinations(): Promise<void> {
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

async function fileImport(): Promise<void> {
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

async function consolePage(): Promise<void> {
  const server = await startServer();
  const result = await firstPage(server, options.quick ? 3 : 7).finally(() => server.stop());
  details.console = result;
  say({
    what: 'console: list of people, empty cache, processor slowed four times',
    measured: `shown after ${ms(result.shown)}, interactive after ${ms(result.interactive)}, longest task ${ms(result.longestTask)}, ${result.kilobytes} kB in ${result.requests} requests`,
    reach: '≤ 1.5 s',
  });
  await server.remove();
}

async function transform(): Promise<void> {
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

async function sdk(): Promise<void> {
  const bytes = sdkBytes();
  const server = await startServer();
  const { writeKey } = await server.api<{ writeKey: string }>('POST', '/api/sources', {
    name: 'site',
    kind: 'browser',
  });
  const time = await timeSdk(server, writeKey, options.quick ? 3 : 11);
  await server.remove();
  details.sdk = { bytes, ...time };
  say({
    what: 'browser SDK with automatic capture and vitals, gzip -9',
    measured: `${bytes} bytes`,
    reach: '≤ 5 kB (5,120 bytes)',
    beside: 'OpenPanel 1.7, Plausible 2.7, Segment 31.3, PostHog 122 kB',
  });
  say({
    what: 'its main-thread time on a page of 5,000 elements: load, 3 clicks, 100 events (median)',
    measured: `${ms(time.total)}, longest piece ${ms(time.longest)}`,
    reach: 'no piece over 20 ms',
  });
}

async function catalogueList(): Promise<void> {
  const names = 2000;
  const result = await catalogue(names);
  details.catalogue = result;
  say({
    what: `catalogue of ${names.toLocaleString('en')} event names, a page of 200 by volume (slowest of ${result.pages.length})`,
    measured: `${ms(result.pages.at(-1)!)}, one event ${ms(result.detail)}`,
    reach: '≤ 300 ms',
  });
  say({
    what: 'catalogue page in a browser: first names drawn, all names drawn by scrolling',
    measured: `${ms(result.drawn)}, ${ms(result.allDrawn)}`,
    reach: 'first ≤ 1.5 s',
  });
}

async function access(): Promise<void> {
  const result = await measureAccess(Math.round(10_000 * scale));
  details.access = result;
  const added = (kind: keyof AccessResult) =>
    (['p50', 'p99'] as const).map((p) => `${p} ${(result[kind][p] - result.open[p]).toFixed(2)} ms`).join(', ');
  say({
    what: 'what the check of who calls and what they may adds to a request',
    measured: `session: ${added('session')}; API key: ${added('key')}`,
    reach: '≤ 1 ms',
    beside: `the same endpoint for anybody: p50 ${result.open.p50.toFixed(2)} ms, p99 ${result.open.p99.toFixed(2)} ms`,
  });
}

async function heatmap(): Promise<void> {
  const times = await measureHeatmap(1_000_000 * scale);
  details.heatmap = times;
  const interactions = times.interactions.toLocaleString('en');
  say({
    what: `heatmap over ${interactions} interactions among ${times.events.toLocaleString('en')} events, with elements, scroll and attention`,
    measured: `clicks ${ms(times.clicks)}, moves ${ms(times.moves)}, scroll ${ms(times.scroll)}`,
    reach: '≤ 500 ms',
    beside: `PostHog’s table, a row an interaction, coordinates alone: clicks ${ms(times.rowsClicks)}, moves ${ms(times.rowsMoves)}`,
  });
}

async function replayStorage(): Promise<void> {
  const kb = (bytes: number) => `${(bytes / 1000).toFixed(1)} kB`;
  const result = await measureStorage(join(root, '../shared/data/rrweb'));
  details.replayStorage = result;
  for (const { session, minutes, ours, first, gzip, zstd, dictionary } of result) {
    say({
      what: `a minute of replay stored: ${session} (${(minutes * 60).toFixed(0)} s)`,
      measured: `${kb(ours)}, ${Math.round((100 * ours) / gzip)}% of gzip; as the first of its site ${kb(first)}`,
      reach: '≤ 40% of gzip',
      beside: `gzip ${kb(gzip)}, zstd -19 ${kb(zstd)}; shared by the site ${kb(dictionary)} in all`,
    });
  }
}

async function replayIntake(): Promise<void> {
  const server = await startServer();
  const recorders = 200;
  const result = await measureRecorders(server, { recorders, seconds: Math.max(20, 60 * scale) });
  await server.remove();
  details.replayIntake = result;
  if (result.refused > 0 || result.lost > 0) throw new Error(`${result.refused} refused, ${result.lost} lost.`);
  say({
    what: `${recorders} recorders at once, ${result.calls.toLocaleString('en')} chunks (${mb(result.bytes)} packed)`,
    measured: `all accepted, none lost; p50 ${ms(result.p50)}, p99 ${ms(result.p99)}`,
    reach: 'p99 ≤ 100 ms',
  });
}

async function surveyScore(): Promise<void> {
  const server = await startServer();
  const result = await measureSurveyScore(server, options.quick ? 20 : 100);
  await server.remove();
  details.surveyScore = result;
  say({
    what: `survey answer to score, ${result.answers} answers`,
    measured: `p50 ${ms(result.p50)}, p95 ${ms(result.p95)}, most ${ms(result.longest)}`,
    reach: '≤ 2 s',
  });
}

async function player(): Promise<void> {
  const server = await startServer();
  const result = await measurePlayer(server, { seeks: options.quick ? 10 : 40, minutes: 60 });
  await server.remove();
  details.player = result;
  say({ what: 'first frame in the player, 20-minute recording', measured: ms(result.firstFrame), reach: '≤ 1 s' });
  say({
    what: `seek anywhere in an hour's recording (${result.events.toLocaleString('en')} events)`,
    measured: `median ${ms(result.seek.median)}, p95 ${ms(result.seek.p95)}, most ${ms(result.seek.most)}`,
    reach: '≤ 500 ms',
  });
}

async function recorder(): Promise<void> {
  const bytes = recorderBytes();
  const result = await timeRecorder(options.quick ? 5 : 15, options.quick ? 1 : 3);
  details.recorder = { bytes, ...result };
  const { without, ours, rrweb } = result;
  const share = (recorded: typeof ours) => `${((recorded.msPerSecond - without.msPerSecond) / 10).toFixed(1)}%`;
  say({
    what: 'session recorder, gzip -9',
    measured: `${bytes} bytes`,
    reach: '≤ 30 kB',
    beside: 'rrweb’s recorder alone 23.6, Sentry’s 36, PostHog’s 72.4 kB',
  });
  say({
    what: 'its main-thread time on a page of 5,000 nodes that changes 200 nodes a second',
    measured: `${share(ours)} of a second; longest task ${ms(ours.longestTask)}, of the page alone ${ms(without.longestTask)}`,
    reach: '≤ 5%, no task over 50 ms after the first snapshot',
    beside: `rrweb as it comes, not masked nor sent: ${share(rrweb)}, longest task ${ms(rrweb.longestTask)}`,
  });
  say({
    what: 'task of the first snapshot of that page; what a minute of it sends, packed',
    measured: `${ms(result.snapshot)}; ${Math.round(result.bytesPerMinute / 1000)} kB`,
    reach: 'printed',
    beside: `rrweb as it comes: ${ms(result.rrwebSnapshot)}`,
  });
}

const parts = {
  start,
  transform,
  'replay-storage': replayStorage,
  'replay-intake': replayIntake,
  player,
  'survey-score': surveyScore,
  batches,
  requests,
  timeline,
  search,
  erasure,
  destinations,
  import: fileImport,
  disk,
  console: consolePage,
  catalogue: catalogueList,
  sdk,
  recorder,
  access,
  heatmap,
};
for (const [name, run] of Object.entries(parts)) if (wanted(name)) await run();

const machine = `${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
const date = new Date().toISOString().slice(0, 10);
const width = (column: keyof Line) => Math.max(column.length, ...lines.map((line) => (line[column] ?? '').length));
console.log(`\n${date}, ${machine}, load generator beside the server${options.quick ? ', a tenth of the size' : ''}\n`);
for (const line of [{ what: 'what', measured: 'measured', reach: 'reach', beside: 'beside' }, ...lines]) {
  console.log(
    (['what', 'measured', 'reach', 'beside'] as const)
      .map((column) => (line[column] ?? '').padEnd(width(column)))
      .join('  '),
  );
}
const out = join(root, 'bench/out');
mkdirSync(out, { recursive: true });
const file = join(out, `${date}.json`);
writeFileSync(file, `${JSON.stringify({ date, machine, lines, details }, null, 2)}\n`);
console.log(`\n${pathToFileURL(file)}`);
rmSync(join(tmpdir(), 'throughline-bench-'), { recursive: true, force: true });
