import { createHash } from 'node:crypto';
import type pg from 'pg';
import { parseAgent } from '../../core/stream/enrich/agent.ts';
import type { Context } from '../../kernel/context.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import type { Chunk } from './chunk.ts';
import { RECORDING_ASSETS, RECORDING_BYTES, RECORDING_CHUNKS, RECORDING_MS } from './limits.ts';
import { lookAgain, noteStored, storing } from './room.ts';
import { replaySettings } from './settings.ts';
import { isErased, normalVisitor, type Visitor } from './visitor.ts';
import { type Signals, sumOf } from './watch-first.ts';

export const gone = (code: string, message: string) => new Refusal(410, code, message);
const goneForGood = () => gone('recording_gone', 'This recording was deleted. Stop recording.');

/** A chunk on its way in. */
export interface Arrived {
  sourceId: number;
  recordingId: string;
  n: number;
  /** As it is stored: gzip. */
  packed: Buffer;
  /** Unpacked. */
  body: Buffer;
  chunk: Chunk;
  userAgent: string;
  country: string;
}

interface Known {
  source_id: number;
  anonymous_id: string;
  user_id: string | null;
  from_ms: number;
  to_ms: number;
  first_n: number;
  raw_bytes: number;
  stopped: string | null;
  signals: Signals | null;
}
const KNOWN = 'source_id, anonymous_id, user_id, from_ms, to_ms, first_n, raw_bytes, stopped, signals';

/** A clock that is wrong by less is taken for right: the rest is the way of the request. */
const SKEW_MS = 60_000;

export const blobOfChunk = (recordingId: string, n: number, hash: Buffer) =>
  `${folderOf(recordingId)}/${n}-${hash.toString('hex').slice(0, 16)}`;
export const folderOf = (recordingId: string) => `recordings/${recordingId}`;

/**
 * Stores a chunk; it is durable when this resolves. The same one again changes nothing. Refuses with 409 other content of
 * the same number and another visitor's chunk, with 410 what is no longer taken, and with 503 while files cannot be stored.
 * `begins` is called before a recording that is not known yet is begun, and may refuse it.
 */
export async function takeChunk(context: Context, arrived: Arrived, begins: () => void): Promise<void> {
  const { recordingId, n, body, packed } = arrived;
  const hash = createHash('sha256').update(body).digest();
  const visitor = await normalVisitor(context, arrived.chunk);
  const { pool } = context.records;
  const { rows } = await pool.query<{ known: Known | null; hash: string | null; gone: boolean }>({
    name: 'replay-known',
    text: `SELECT (SELECT to_jsonb(r) FROM (SELECT ${KNOWN} FROM replay_recordings WHERE id = $1) r) AS known,
      (SELECT encode(hash, 'hex') FROM replay_chunks WHERE recording_id = $1 AND n = $2) AS hash,
      EXISTS (SELECT FROM replay_gone WHERE id = $1) AS gone`,
    values: [recordingId, n],
  });
  const { known, hash: there, gone: isGone } = rows[0]!;
  if (isGone) throw goneForGood();
  if (known) checkVisitor(known, arrived.sourceId, visitor);
  if (there !== null) return checkSame(there, hash);
  if (known) await checkRoom(context, known, arrived);
  else begins();
  if (n >= RECORDING_CHUNKS) throw full('chunks');
  // Before anything is written, as what is taken back stays in the database's log and pages for a while; `keep` looks again.
  if (known?.user_id !== visitor.userId && (await isErased(context, pool, visitor))) throw goneForGood();
  const blob = blobOfChunk(recordingId, n, hash);
  await storing(context, () => context.blobs.put(blob, packed));
  try {
    const added = await context.records.transaction((client) =>
      keep(context, client, arrived, visitor, hash, known === null),
    );
    if (added) noteStored(context, packed.byteLength);
  } catch (error) {
    // After any other error the chunk may be kept all the same; whoever sends it again finds the file in place.
    if (error instanceof Refusal) await context.blobs.remove(blob).catch(() => {});
    throw error;
  }
}

/** In one transaction: the recording as it is with this chunk. False where another request was quicker with the same one. */
async function keep(
  context: Context,
  client: pg.PoolClient,
  arrived: Arrived,
  visitor: Visitor,
  hash: Buffer,
  isNew: boolean,
): Promise<boolean> {
  const { recordingId, n, chunk } = arrived;
  const begun = isNew && (await begin(context, client, arrived, visitor));
  const { rows } = await client.query<Known & { gone: boolean }>({
    name: 'replay-lock',
    text: `SELECT ${KNOWN}, EXISTS (SELECT FROM replay_gone WHERE id = $1) AS gone FROM replay_recordings
      WHERE id = $1 FOR UPDATE`,
    values: [recordingId],
  });
  const known = rows[0];
  if (!known || known.gone) throw goneForGood();
  checkVisitor(known, arrived.sourceId, visitor);
  if ((begun || known.user_id !== visitor.userId) && (await isErased(context, client, visitor))) throw goneForGood();
  const { rowCount } = await client.query({
    name: 'replay-chunk',
    text: `INSERT INTO replay_chunks (recording_id, n, hash, from_ms, to_ms, events, raw_bytes, sent_bytes, marks)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
    values: [
      ...[recordingId, n, hash, chunk.fromMs, chunk.toMs, chunk.events, arrived.body.byteLength],
      ...[arrived.packed.byteLength, JSON.stringify(chunk.marks)],
    ],
  });
  if (!rowCount) {
    const { rows: same } = await client.query<{ hash: string }>(
      "SELECT encode(hash, 'hex') AS hash FROM replay_chunks WHERE recording_id = $1 AND n = $2",
      [recordingId, n],
    );
    checkSame(same[0]!.hash, hash);
    return false;
  }
  await client.query({ name: 'replay-add', text: ADD, values: added(arrived, visitor, known) });
  if (n <= known.first_n)
    await client.query({ name: 'replay-first', text: FIRST, values: [recordingId, n, ...first(arrived)] });
  if (chunk.assets.length > 0) {
    await client.query(
      `INSERT INTO replay_asset_uses (recording_id, url, sha256) SELECT $1, * FROM unnest($2::text[], $3::text[])
       LIMIT greatest(0, $4 - (SELECT count(*) FROM replay_asset_uses WHERE recording_id = $1))
       ON CONFLICT (recording_id, url) DO UPDATE SET sha256 = excluded.sha256, borrowed = false`,
      [
        ...[recordingId, chunk.assets.map((asset) => asset.url), chunk.assets.map((asset) => asset.hash)],
        RECORDING_ASSETS,
      ],
    );
  }
  return true;
}

const ADD = `UPDATE replay_recordings SET chunks = chunks + 1, user_id = coalesce(user_id, $2),
    started_at = least(started_at, $3), ended_at = greatest(ended_at, $4),
    from_ms = least(from_ms, $5), to_ms = greatest(to_ms, $6),
    events = events + $7, snapshots = snapshots + $8, pages = pages + $9, clicks = clicks + $10, inputs = inputs + $11,
    errors = errors + $12, dropped = dropped + $13, active_ms = active_ms + $14,
    raw_bytes = raw_bytes + $15, sent_bytes = sent_bytes + $16, stored_bytes = stored_bytes + $16,
    session_start = coalesce(least(session_start, $17), session_start, $17), signals = $18, state = 'live',
    last_chunk_at = now()
  WHERE id = $1`;

function added({ recordingId, chunk, body, packed }: Arrived, visitor: Visitor, known: Known): unknown[] {
  const { from, to } = corrected(chunk);
  return [
    ...[recordingId, visitor.userId, from, to, chunk.fromMs, chunk.toMs, chunk.events, chunk.snapshots, chunk.pages],
    ...[chunk.clicks, chunk.inputs, chunk.errors, chunk.dropped, chunk.activeMs, body.byteLength, packed.byteLength],
    chunk.sessionStart === null ? null : new Date(chunk.sessionStart),
    chunk.signals ? JSON.stringify(sumOf(known.signals, chunk.signals)) : known.signals,
  ];
}

/** What the lowest chunk says of page and device. */
const FIRST = `UPDATE replay_recordings SET first_n = $2, url = $3, path = $4, title = $5, width = $6, height = $7,
  browser = $8, os = $9, device = $10, country = $11, masked = $12 WHERE id = $1`;

function first({ chunk, userAgent, country }: Arrived): unknown[] {
  const agent = parseAgent(userAgent);
  const url = chunk.url || chunk.marks.pages[0]?.[1] || chunk.marks.metas[0]?.[1] || '';
  const path = URL.canParse(url) ? new URL(url).pathname : url.split(/[?#]/, 1)[0]!;
  return [
    ...[url, path, chunk.title, ...chunk.viewport],
    ...[agent.browser, agent.os, agent.device, country, chunk.masked],
  ];
}

/** Puts an empty recording there where none is; true where it did. */
async function begin(context: Context, client: pg.PoolClient, arrived: Arrived, visitor: Visitor): Promise<boolean> {
  const { chunk } = arrived;
  const { from, to } = corrected(chunk);
  const { retentionDays } = await replaySettings(context);
  const { rowCount } = await client.query({
    name: 'replay-begin',
    text: `INSERT INTO replay_recordings (id, source_id, anonymous_id, user_id, started_at, ended_at, from_ms, to_ms, first_n,
        url, path, title, width, height, browser, os, device, country, masked, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
        $5::timestamptz + make_interval(days => $10)) ON CONFLICT (id) DO NOTHING`,
    values: [
      ...[
        arrived.recordingId,
        arrived.sourceId,
        visitor.anonymousId,
        visitor.userId,
        from,
        to,
        chunk.fromMs,
        chunk.toMs,
      ],
      ...[arrived.n, retentionDays, ...first(arrived)],
    ],
  });
  return rowCount === 1;
}

/** A chunk's times by this server's clock, as far as the browser told what its own showed. */
function corrected({ sentAt, fromMs, toMs }: Chunk): { from: Date; to: Date } {
  const now = Date.now();
  const skew = sentAt === null || Math.abs(now - sentAt) < SKEW_MS ? 0 : now - sentAt;
  const to = Math.min(toMs + skew, now);
  return { from: new Date(Math.max(0, Math.min(fromMs + skew, to))), to: new Date(Math.max(0, to)) };
}

function checkVisitor(known: Known, sourceId: number, visitor: Visitor): void {
  const other = known.user_id !== null && visitor.userId !== null && known.user_id !== visitor.userId;
  if (known.source_id === sourceId && known.anonymous_id === visitor.anonymousId && !other) return;
  throw new Refusal(409, 'other_visitor', 'This recording is of another visitor. Begin a new one.');
}

function checkSame(there: string, hash: Buffer): void {
  if (there === hash.toString('hex')) return;
  throw new Refusal(409, 'other_content', 'A chunk of this number with other content is stored already.');
}

async function checkRoom({ records }: Context, known: Known, { recordingId, n, body, chunk }: Arrived): Promise<void> {
  let reason = known.stopped;
  if (!reason && known.raw_bytes + body.byteLength > RECORDING_BYTES) reason = 'bytes';
  else if (!reason && Math.max(known.to_ms, chunk.toMs) - Math.min(known.from_ms, chunk.fromMs) > RECORDING_MS)
    reason = 'hours';
  else if (!reason && n >= RECORDING_CHUNKS) reason = 'chunks';
  if (!reason) return;
  if (!known.stopped)
    await records.pool.query('UPDATE replay_recordings SET stopped = $2 WHERE id = $1', [recordingId, reason]);
  throw full(reason);
}

const LIMIT_WORDS: Record<string, string> = {
  bytes: `${RECORDING_BYTES / 1024 ** 2} MB`,
  hours: `${RECORDING_MS / 3_600_000} hours`,
  chunks: `${RECORDING_CHUNKS.toLocaleString('en')} chunks`,
};
const full = (reason: string) =>
  gone('recording_full', `The recording has reached its limit of ${LIMIT_WORDS[reason]}. What came before is kept.`);

/** Forgets recordings and everything that belongs to them; what still comes of them is refused. */
export async function removeRecordings(context: Context, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  // Files first: as long as the rows are there, whoever was cut off begins anew.
  await context.records.pool.query('INSERT INTO replay_gone (id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING', [
    ids,
  ]);
  for (const id of ids) await context.blobs.removeAll(folderOf(id));
  const { rows } = await context.records.transaction(async (client) => {
    const used = await client.query<{ sha256: string }>(
      'DELETE FROM replay_asset_uses WHERE recording_id = ANY ($1::uuid[]) RETURNING sha256',
      [ids],
    );
    await client.query('DELETE FROM replay_recordings WHERE id = ANY ($1::uuid[])', [ids]);
    return used;
  });
  lookAgain(context);
  await removeUnusedAssets(context, [...new Set(rows.map((row) => row.sha256))]);
}

/** Of these assets, removes those that no recording uses. */
export async function removeUnusedAssets({ records, blobs }: Context, hashes: readonly string[]): Promise<void> {
  if (hashes.length === 0) return;
  const { rows } = await records.pool.query<{ sha256: string }>(
    `DELETE FROM replay_assets a WHERE sha256 = ANY ($1::text[])
       AND NOT EXISTS (SELECT FROM replay_asset_uses u WHERE u.sha256 = a.sha256) RETURNING sha256`,
    [hashes],
  );
  for (const { sha256 } of rows) await blobs.remove(blobOfAsset(sha256));
}

export const blobOfAsset = (sha256: string) => `recordings/assets/${sha256}`;

/** Refuses with 404 where there is no such recording. */
export function noRecording() {
  return refuse.notFound('There is no such recording. It may have been deleted, or its time may be over.');
}

/** Watching a recording is one look: it grows, brings chunks and notes, and the audit log keeps one entry of all that. */
export const watching = ({ id }: { id: string }) => `recordings/${id.toLowerCase()}`;
