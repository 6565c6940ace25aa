import { randomUUID } from 'node:crypto';
import type { Context } from '../../kernel/context.ts';
import { faultText } from '../../kernel/fault-text.ts';
import { FULL_SNAPSHOT, type RecordedEvent } from './chunk.ts';
import { currentDictionary, dictionaryBytes, keepDictionary, learn, VISITORS } from './dictionary.ts';
import { QUIET_MS } from './limits.ts';
import { type Packed, packBodies } from './pack.ts';
import { blobOfChunk, folderOf } from './recordings.ts';
import { Signals } from './signals.ts';
import { BodyReader, lost, placeOf, readBodies, type StoredChunk } from './store.ts';

/** Recordings packed in one run of the job; it is run every few minutes. */
const RECORDINGS_ONCE = 500;
/** From how many visitors' recordings is learned, and how many snapshots of each. */
const LEARN_VISITORS = 12;
const LEARN_SNAPSHOTS = 4;
/** Sites change; what was learned is renewed. */
const LEARN_DAYS = 7;
/** How many of the recordings from before the first dictionary are packed anew with it. */
const AGAIN_ONCE = 100;

/** Finishes recordings to which nothing was added for a while: packs their chunks, and counts what only the whole tells. */
export async function compactFinished(context: Context, signal: AbortSignal): Promise<void> {
  const { rows } = await context.records.pool.query<{ id: string; sourceId: number }>(
    `SELECT id, source_id AS "sourceId" FROM replay_recordings
     WHERE state = 'live' AND last_chunk_at < now() - make_interval(secs => $1) ORDER BY last_chunk_at LIMIT $2`,
    [QUIET_MS / 1000, RECORDINGS_ONCE],
  );
  for (const { id } of rows) {
    if (signal.aborted) return;
    try {
      await compact(context, id);
    } catch (error) {
      // It stays as it came, and is tried again; the others need not wait for it.
      console.error(`The recording ${id} could not be packed:`, faultText(error));
    }
  }
  for (const sourceId of new Set(rows.map((row) => row.sourceId))) {
    if (!signal.aborted && (await learnFrom(context, sourceId))) await compactAgain(context, sourceId, signal);
  }
}

/**
 * Packs what there is of a recording into one blob and marks it finished, unless chunks came meanwhile: those stay by
 * themselves until the next time. The bodies read back are the same byte for byte.
 */
export async function compact(context: Context, id: string): Promise<void> {
  const place = await placeOf(context, id);
  if (!place || place.chunks.length === 0) return;
  const { rows } = await context.records.pool.query<{ sourceId: number; lastChunkAt: string }>(
    `SELECT source_id AS "sourceId", last_chunk_at::text AS "lastChunkAt" FROM replay_recordings WHERE id = $1`,
    [id],
  );
  if (!rows[0]) return;
  const { sourceId, lastChunkAt } = rows[0];
  const dictionary = await currentDictionary(context, sourceId);
  const shared = dictionary ? await dictionaryBytes(context, dictionary.id) : null;
  const signals = new Signals();
  const packed: Packed = { frames: [], places: [] };
  const there: StoredChunk[] = [];
  const missing: number[] = [];
  const blob = `${folderOf(id)}/packed-${randomUUID()}`;

  async function* bodies() {
    const reader = new BodyReader(context, place!);
    for (const chunk of place!.chunks) {
      const body = await reader.body(chunk).catch(lost);
      if (body === null) {
        missing.push(chunk.n);
        continue;
      }
      const { events } = JSON.parse(body.toString()) as { events: RecordedEvent[] };
      signals.add(events);
      there.push(chunk);
      yield { body, snapshot: events.some((event) => event.type === FULL_SNAPSHOT) };
    }
  }
  const bytes = await context.blobs.put(blob, packBodies(bodies(), shared, packed));
  const kept = await context.records.transaction(async (client) => {
    const { rows: now } = await client.query<{ lastChunkAt: string; packed: string | null }>(
      `SELECT last_chunk_at::text AS "lastChunkAt", packed FROM replay_recordings WHERE id = $1 FOR UPDATE`,
      [id],
    );
    // Deleted, or packed by another process.
    if (!now[0] || now[0].packed !== place.packed) return false;
    await client.query(
      `UPDATE replay_chunks c SET frame = p.frame, frame_offset = p.at
       FROM unnest($2::int[], $3::int[], $4::int[]) AS p (n, frame, at) WHERE c.recording_id = $1 AND c.n = p.n`,
      [
        ...[id, there.map((chunk) => chunk.n), packed.places.map((one) => one.frame)],
        packed.places.map((one) => one.offset),
      ],
    );
    // A file that was lost is a gap like any other.
    if (missing.length > 0)
      await client.query('DELETE FROM replay_chunks WHERE recording_id = $1 AND n = ANY ($2::int[])', [id, missing]);
    await client.query(
      `UPDATE replay_recordings SET packed = $2, frames = $3, dictionary_id = $4, pages = $5, clicks = $6, rages = $7,
         deads = $8, active_ms = $9, chunks = chunks - $10,
         stored_bytes = $11 + (SELECT coalesce(sum(sent_bytes), 0) FROM replay_chunks WHERE recording_id = $1 AND frame IS NULL),
         state = CASE WHEN last_chunk_at::text <> $12 THEN 'live' WHEN snapshots > 0 THEN 'finished' ELSE 'broken' END
       WHERE id = $1`,
      [
        ...[id, blob, JSON.stringify(packed.frames), dictionary?.id ?? null, signals.pages, signals.clicks],
        ...[signals.rages, signals.deads, signals.activeMs, missing.length, bytes, lastChunkAt],
      ],
    );
    return true;
  });
  if (!kept) return context.blobs.remove(blob);
  if (place.packed) await context.blobs.remove(place.packed);
  for (const chunk of place.chunks) {
    if (chunk.frame === null) await context.blobs.remove(blobOfChunk(id, chunk.n, chunk.hash));
  }
}

/** Learns what a source's pages share, where it is time to. True where there is a new dictionary. */
export async function learnFrom(context: Context, sourceId: number): Promise<boolean> {
  const current = await currentDictionary(context, sourceId);
  if (current && Date.now() - current.createdAt.getTime() < LEARN_DAYS * 86_400_000) return false;
  // Of each visitor the newest; by person too, since one person may have several devices.
  const { rows } = await context.records.pool.query<{ id: string }>(
    `SELECT id FROM (
       SELECT DISTINCT ON (coalesce(i.person_id::text, r.user_id, r.anonymous_id)) r.id, r.started_at
       FROM replay_recordings r LEFT JOIN LATERAL (
         SELECT p.root_id AS person_id FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id
           JOIN persons p ON p.id = i.person_id
         WHERE (k.kind = 'user_id' AND i.value = r.user_id) OR (k.kind = 'anonymous_id' AND i.value = r.anonymous_id)
         ORDER BY k.priority LIMIT 1) i ON true
       WHERE r.source_id = $1 AND r.state = 'finished' AND r.started_at > now() - interval '30 days'
       ORDER BY coalesce(i.person_id::text, r.user_id, r.anonymous_id), r.started_at DESC) newest
     ORDER BY started_at DESC LIMIT $2`,
    [sourceId, LEARN_VISITORS],
  );
  if (rows.length < VISITORS) return false;
  const visitors: unknown[][] = [];
  for (const { id } of rows.toReversed()) visitors.push(await snapshotsOf(context, id));
  const bytes = learn(visitors);
  if (!bytes) return false;
  await keepDictionary(context, sourceId, bytes, visitors.length);
  return true;
}

async function snapshotsOf(context: Context, id: string): Promise<unknown[]> {
  const found: unknown[] = [];
  const place = await placeOf(context, id);
  if (!place) return found;
  for await (const { body } of readBodies(context, id)) {
    const { events } = JSON.parse(body.toString()) as { events: RecordedEvent[] };
    for (const event of events) if (event.type === FULL_SNAPSHOT) found.push(event);
    if (found.length >= LEARN_SNAPSHOTS) break;
  }
  return found.slice(0, LEARN_SNAPSHOTS);
}

/** Packs recordings from before the first dictionary anew. */
async function compactAgain(context: Context, sourceId: number, signal: AbortSignal): Promise<void> {
  const { rows } = await context.records.pool.query<{ id: string }>(
    `SELECT id FROM replay_recordings WHERE source_id = $1 AND dictionary_id IS NULL AND state = 'finished'
     ORDER BY started_at DESC LIMIT $2`,
    [sourceId, AGAIN_ONCE],
  );
  for (const { id } of rows) if (!signal.aborted) await compact(context, id);
}
