import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { compact, learnFrom } from '../src/apps/replay/compact.ts';
import { chunkOf, newId, type ReplayServer, replayServer } from '../src/apps/replay/replay.testing.ts';
import { readChunks, recordingById } from '../src/apps/replay/store.ts';
import { recordVisits, SITES } from './replay-pages.ts';

/** What a session takes, in bytes for each minute of it. */
export interface Stored {
  session: string;
  minutes: number;
  /** Once the site is known, and as the first of its site. */
  ours: number;
  first: number;
  gzip: number;
  zstd: number;
  /** Of the site, shared by all its recordings; bytes in all. */
  dictionary: number;
}

/** Events between two chunks: recorders send one every few seconds. */
const CHUNK_MS = 5000;
const SHARED: readonly [session: string, file: string][] = [
  ['JupyterLite, 20 s', 'jupyterlite_recording.json'],
  ['rrweb’s demo of 2018, 81 s', 'rrweb_player_demo_2018.json'],
];

/**
 * Stores sessions through the real endpoint and packs them. Of our own sites three visitors come first, and the one that is
 * measured is a fourth, who sees other words. Of the shared sessions there is one visit each: it is learned from three
 * copies of itself, of which the dictionary keeps structure and styles.
 */
export async function measureStorage(data: string): Promise<Stored[]> {
  const server = await replayServer();
  const results: Stored[] = [];
  try {
    for (const [session, file] of SHARED) {
      if (!existsSync(join(data, file))) {
        console.log(`replay storage: ${session} skipped, it is not at ../shared/data`);
        continue;
      }
      const read = JSON.parse(readFileSync(join(data, file), 'utf8')) as unknown[] | { events: unknown[] };
      const events = Array.isArray(read) ? read : read.events;
      results.push(await measure(server, session, [events, events, events], events));
    }
    for (const site of SITES) {
      const visits = await recordVisits(site, ['anna', 'ben', 'cleo', 'daria']);
      results.push(await measure(server, site.name, visits.slice(0, 3), visits[3]!));
    }
  } finally {
    await server.close();
  }
  return results;
}

async function measure(server: ReplayServer, session: string, before: unknown[][], events: unknown[]): Promise<Stored> {
  const { context } = server;
  await context.records.pool.query('DELETE FROM replay_recordings');
  await context.records.pool.query('DELETE FROM replay_dictionaries');
  const first = await store(server, 'first', events);
  for (const [n, visit] of before.entries()) await store(server, `earlier-${n}`, visit);
  await context.records.pool.query('DELETE FROM replay_recordings WHERE id = $1', [first.id]);
  if (!(await learnFrom(context, server.source.id))) throw new Error('Nothing was learned.');
  const { rows } = await context.records.pool.query<{ bytes: number }>('SELECT bytes FROM replay_dictionaries');
  const stored = await store(server, 'measured', events);
  const raw = Buffer.from(JSON.stringify(events));
  const perMinute = (bytes: number) => Math.round(bytes / stored.minutes);
  return {
    session,
    minutes: stored.minutes,
    ours: perMinute(stored.bytes),
    first: perMinute(first.bytes),
    gzip: perMinute(gzipSync(raw).length),
    zstd: perMinute(zstdCompressSync(raw, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }).length),
    dictionary: rows[0]!.bytes,
  };
}

/** Sends a session in chunks, packs it, and reads it back to see that nothing is lost. */
async function store(server: ReplayServer, visitor: string, events: unknown[]) {
  const { context } = server;
  const id = newId();
  const timeOf = (event: unknown) => (event as { timestamp: number }).timestamp;
  let part: unknown[] = [];
  let n = 0;
  const send = async () => {
    const response = await server.send(id, n++, chunkOf(part, { anonymousId: visitor }));
    if (!response.ok) throw new Error(`A chunk was answered with ${response.status}: ${await response.text()}`);
    part = [];
  };
  for (const event of events) {
    if (part.length > 0 && timeOf(event) - timeOf(part[0]) > CHUNK_MS) await send();
    part.push(event);
  }
  await send();
  await context.records.pool.query('UPDATE replay_recordings SET started_at = now() WHERE id = $1', [id]);
  await compact(context, id);
  const read: unknown[] = [];
  for await (const chunk of readChunks(context, id)) read.push(...chunk.events);
  if (JSON.stringify(read) !== JSON.stringify(events)) throw new Error('The recording did not come back as it was.');
  const { storedBytes, fromMs, toMs } = await recordingById(context, id);
  return { id, bytes: storedBytes, minutes: (toMs - fromMs) / 60_000 };
}
