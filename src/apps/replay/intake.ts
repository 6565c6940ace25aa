import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Hono, Context as HonoContext } from 'hono';
import { answerPreflight, answerRefused, plain, withOrigin } from '../../core/intake/answers.ts';
import { type Call, callOf, deliveryOf, readBytes } from '../../core/intake/call.ts';
import { decompress } from '../../core/intake/decompress.ts';
import { authenticate } from '../../core/intake/write-key.ts';
import { clientAddress, networkOf } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { keepAsset, missingAssets } from './assets.ts';
import { readChunk } from './chunk.ts';
import {
  ASSET_BYTES,
  ASSETS_ASKED,
  CHUNK_BYTES,
  CHUNK_PACKED_BYTES,
  IntakeLimits,
  RECORDING_CHUNKS,
} from './limits.ts';
import { gone, takeChunk } from './recordings.ts';
import { recordsSource, replaySettings } from './settings.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const SHA256 = /^[0-9a-f]{64}$/;
/** The question which of some hashes are known. */
const ASK_BYTES = 64 * 1024;
const pack = promisify(gzip);

/** Where recorders send what they record: chunks in any order, and the files that the recorded pages are made of. */
export function mountReplayIntake(hono: Hono, context: Context, limits = new IntakeLimits()): void {
  const serve = (method: 'POST' | 'PUT', path: string, take: (call: Call, from: From) => Promise<object>) => {
    hono.on(method, path, async (http: HonoContext) => {
      const call = callOf(http);
      try {
        const source = await authenticate(context, call);
        const network = networkOf(clientAddress(http, context.config.proxies) ?? '');
        hold(limits.source.take(String(source.id)) || limits.network.take(network));
        if (!recordsSource(await replaySettings(context), source.id))
          throw gone('replay_off', 'Nothing is recorded of this source. Stop recording.');
        const begins = () => hold(limits.begun.take(network));
        const reply = await take(call, { sourceId: source.id, begins });
        return Response.json(reply, { headers: withOrigin(call, { 'cache-control': 'no-store' }) });
      } catch (error) {
        return answerRefused(call, plain, error);
      }
    });
    hono.options(path, (http) => answerPreflight(callOf(http)));
  };
  serve('POST', '/v1/recordings/assets/known', async (call) => ({
    missing: await missingAssets(context, hashesOf(await readBytes(call, ASK_BYTES, () => tooLarge(ASK_BYTES)))),
  }));
  serve('PUT', '/v1/recordings/assets/:sha256', async (call) => {
    const sha256 = call.http.req.param('sha256') ?? '';
    if (!SHA256.test(sha256)) throw refuse.invalid('An asset is named after its SHA-256, as 64 hex digits.');
    const bytes = await readBytes(call, ASSET_BYTES, () => tooLarge(ASSET_BYTES));
    await keepAsset(context, sha256, call.header('content-type') ?? '', bytes);
    return { kept: true };
  });
  serve('POST', '/v1/recordings/:id/chunks/:n', async (call, from) => {
    const { recordingId, n } = placeOf(call);
    const { packed, body } = await readPacked(call);
    const chunk = readChunk(body);
    const { userAgent = '', country = '' } = deliveryOf(call, context.config);
    await takeChunk(context, { ...from, recordingId, n, packed, body, chunk, userAgent, country }, from.begins);
    return { next: n + 1 };
  });
}

interface From {
  sourceId: number;
  /** Counts a recording that begins; throws where there are too many. */
  begins: () => void;
}

function hold(seconds: number): void {
  if (seconds > 0) throw refuse.tooMany('Too much is sent at once. Wait, and send it again.', seconds);
}

function placeOf(call: Call): { recordingId: string; n: number } {
  const recordingId = (call.http.req.param('id') ?? '').toLowerCase();
  if (!UUID.test(recordingId)) throw refuse.invalid('A recording is named by a UUID.');
  const text = call.http.req.param('n') ?? '';
  const n = Number(text);
  if (!/^\d{1,9}$/.test(text)) throw refuse.invalid('Chunks are counted by whole numbers from 0.');
  if (n >= RECORDING_CHUNKS)
    throw gone('recording_full', `A recording has at most ${RECORDING_CHUNKS.toLocaleString('en')} chunks.`);
  return { recordingId, n };
}

const tooLarge = (bytes: number) =>
  refuse.tooLarge(`The body is larger than ${Math.round(bytes / 1024).toLocaleString('en')} kB, the limit here.`);

/** The chunk unpacked, and as gzip, in which it is stored. What a page sends as it closes can name no encoding. */
async function readPacked(call: Call): Promise<{ packed: Buffer; body: Buffer }> {
  const raw = await readBytes(call, CHUNK_PACKED_BYTES, () => tooLarge(CHUNK_PACKED_BYTES));
  if (raw.byteLength === 0) throw refuse.invalid('The chunk is empty.');
  const told = call.header('content-encoding')?.trim().toLowerCase();
  const looksPacked = raw[0] === 0x1f && raw[1] === 0x8b;
  const encoding = told && told !== 'identity' ? told : looksPacked ? 'gzip' : 'identity';
  if (encoding === 'identity') return { packed: await pack(raw), body: raw };
  const body = await decompress(raw, encoding, CHUNK_BYTES, () => tooLarge(CHUNK_BYTES));
  return { packed: encoding === 'gzip' ? raw : await pack(body), body };
}

function hashesOf(body: Buffer): string[] {
  let asked: unknown;
  try {
    asked = (JSON.parse(body.toString()) as { hashes?: unknown } | null)?.hashes;
  } catch {
    throw refuse.invalid('The body is not JSON.');
  }
  if (!Array.isArray(asked) || !asked.every((hash) => typeof hash === 'string' && SHA256.test(hash)))
    throw refuse.invalid('Send {"hashes": […]}, each a SHA-256 as 64 hex digits.');
  if (asked.length > ASSETS_ASKED) throw refuse.invalid(`Ask for at most ${ASSETS_ASKED} hashes at a time.`);
  return [...new Set(asked as string[])];
}
