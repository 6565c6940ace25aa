import { createHash } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { bytesOf } from './bytes.ts';
import { blobOfAsset } from './recordings.ts';
import { noteStored, storing } from './room.ts';

/** Bytes by which a file is known for what it is; `at` is where they stand. */
const MAGIC: readonly { type: string; at: number; bytes: string }[] = [
  { type: 'image/png', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { type: 'image/jpeg', at: 0, bytes: '\xff\xd8\xff' },
  { type: 'image/gif', at: 0, bytes: 'GIF8' },
  { type: 'image/webp', at: 8, bytes: 'WEBP' },
  { type: 'image/avif', at: 4, bytes: 'ftypavif' },
  { type: 'image/avif', at: 4, bytes: 'ftypavis' },
  { type: 'image/bmp', at: 0, bytes: 'BM' },
  { type: 'image/x-icon', at: 0, bytes: '\x00\x00\x01\x00' },
  { type: 'font/woff2', at: 0, bytes: 'wOF2' },
  { type: 'font/woff', at: 0, bytes: 'wOFF' },
  { type: 'font/otf', at: 0, bytes: 'OTTO' },
  { type: 'font/ttf', at: 0, bytes: '\x00\x01\x00\x00' },
  { type: 'font/ttf', at: 0, bytes: 'true' },
  { type: 'font/collection', at: 0, bytes: 'ttcf' },
];

/** What a file is by its own bytes. Text is taken for what it is said to be: a stylesheet or an SVG picture. */
function sniff(bytes: Buffer, told: string): string | null {
  const found = MAGIC.find(
    ({ at, bytes: magic }) => bytes.subarray(at, at + magic.length).toString('latin1') === magic,
  );
  if (found) return found.type;
  const said = told.split(';', 1)[0]!.trim().toLowerCase();
  if (said !== 'text/css' && said !== 'image/svg+xml') return null;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
  if (text.includes('\0')) return null;
  const isMarkup = /^\s*</.test(text);
  if (said === 'text/css') return isMarkup ? null : said;
  return isMarkup && /<svg[\s>]/i.test(text) && !/^\s*<(?:!doctype html|html)/i.test(text) ? said : null;
}

/** Of these hashes, those that are not stored. The others are kept a while, for the recording that is going to name them. */
export async function missingAssets({ records }: Context, hashes: readonly string[]): Promise<string[]> {
  const { rows } = await records.pool.query<{ sha256: string }>(
    'UPDATE replay_assets SET asked_at = now() WHERE sha256 = ANY ($1::text[]) RETURNING sha256',
    [hashes],
  );
  const known = new Set(rows.map((row) => row.sha256));
  return hashes.filter((hash) => !known.has(hash));
}

/** Stores a file of a recorded page. Refuses with 400 other content than its hash says, with 415 what no page is made of. */
export async function keepAsset(context: Context, sha256: string, told: string, bytes: Buffer): Promise<void> {
  if (createHash('sha256').update(bytes).digest('hex') !== sha256)
    throw refuse.invalid('The content has another SHA-256 than the address says.');
  const type = sniff(bytes, told);
  if (type === null)
    throw new Refusal(415, 'unsupported', 'This is no picture, font or stylesheet that is understood here.');
  await storing(context, () => context.blobs.put(blobOfAsset(sha256), bytes));
  const { rowCount } = await context.records.pool.query(
    `INSERT INTO replay_assets AS a (sha256, type, bytes) VALUES ($1, $2, $3)
     ON CONFLICT (sha256) DO UPDATE SET asked_at = now() WHERE a.sha256 = excluded.sha256`,
    [sha256, type, bytes.byteLength],
  );
  if (rowCount) noteStored(context, bytes.byteLength);
}

/**
 * The file as browsers get it: what it is by its own bytes and nothing else, and without any right to act. Refuses with 404
 * what is not there.
 */
export async function assetResponse(context: Context, sha256: string): Promise<Response> {
  const { rows } = await context.records.pool.query<{ type: string }>(
    'SELECT type FROM replay_assets WHERE sha256 = $1',
    [sha256],
  );
  const asset = rows[0];
  if (!asset) throw refuse.notFound('There is no such file. Recordings whose files are gone are shown without them.');
  return new Response(new Uint8Array(await bytesOf(context, blobOfAsset(sha256))), {
    headers: {
      'content-type': asset.type,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, max-age=86400, immutable',
    },
  });
}
