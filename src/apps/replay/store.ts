import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Context } from '../../kernel/context.ts';
import { bytesOf } from './bytes.ts';
import type { Marks, RecordedEvent } from './chunk.ts';
import { dictionaryBytes } from './dictionary.ts';
import { CHUNK_BYTES, INDEX_CHARACTERS, LIVE_MS } from './limits.ts';
import { type Frame, FrameReader } from './pack.ts';
import { blobOfChunk, noRecording } from './recordings.ts';
import type { Signal, Signals } from './watch-first.ts';

const unpack = promisify(gunzip);

/** A recording as it is kept; times in milliseconds `fromMs` and `toMs` are those in its chunks, of the browser's clock. */
export interface Recording {
  id: string;
  sourceId: number;
  anonymousId: string;
  userId: string | null;
  sessionStart: Date | null;
  startedAt: Date;
  endedAt: Date;
  fromMs: number;
  toMs: number;
  url: string;
  path: string;
  title: string;
  width: number;
  height: number;
  browser: string;
  os: string;
  device: string;
  country: string;
  masked: 'inputs' | 'text';
  chunks: number;
  events: number;
  snapshots: number;
  pages: number;
  clicks: number;
  inputs: number;
  errors: number;
  rages: number;
  deads: number;
  dropped: number;
  activeMs: number;
  rawBytes: number;
  sentBytes: number;
  storedBytes: number;
  /** Live while something came within the last minutes (LIVE_MS); broken where the picture of no page came. */
  state: 'live' | 'finished' | 'broken';
  stopped: 'bytes' | 'hours' | 'chunks' | null;
  expiresAt: Date;
  /** What went wrong in this tab; null where its recorder does not tell. */
  signals: Signals | null;
}

/** The columns of a Recording, of a table named r. */
export const RECORDING_COLUMNS = `r.id, r.source_id AS "sourceId", r.anonymous_id AS "anonymousId", r.user_id AS "userId",
  r.session_start AS "sessionStart", r.started_at AS "startedAt", r.ended_at AS "endedAt", r.from_ms AS "fromMs",
  r.to_ms AS "toMs", r.url, r.path, r.title, r.width, r.height, r.browser, r.os, r.device, r.country, r.masked, r.chunks,
  r.events, r.snapshots, r.pages, r.clicks, r.inputs, r.errors, r.rages, r.deads, r.dropped, r.active_ms AS "activeMs",
  r.raw_bytes AS "rawBytes", r.sent_bytes AS "sentBytes", r.stored_bytes AS "storedBytes", r.stopped, r.signals,
  CASE WHEN r.state <> 'live' OR (r.stopped IS NULL AND r.last_chunk_at >= now() - interval '${LIVE_MS} milliseconds')
    THEN r.state WHEN r.snapshots > 0 THEN 'finished' ELSE 'broken' END AS state, r.expires_at AS "expiresAt"`;

/** Refuses with 404 where there is no such recording. */
export async function recordingById({ records }: Pick<Context, 'records'>, id: string): Promise<Recording> {
  const { rows } = await records.pool.query<Recording>(
    `SELECT ${RECORDING_COLUMNS} FROM replay_recordings r WHERE r.id = $1`,
    [id],
  );
  if (!rows[0]) throw noRecording();
  return rows[0];
}

/** What was marked in a recording, or in a chunk of it. */
export interface Marked {
  /** Times of full snapshots: a player can begin at each. */
  snapshots: number[];
  pages: { ms: number; url: string; title: string }[];
  clicks: { ms: number; x: number; y: number }[];
  errors: { ms: number; text: string }[];
  dropped: { ms: number; reason: string; count: number }[];
  signals: { ms: number; signal: Signal; id: string }[];
}

/** What is where in a recording. */
export interface RecordingIndex extends Marked {
  fromMs: number;
  toMs: number;
  chunks: { n: number; fromMs: number; toMs: number; events: number }[];
  /** Numbers of chunks that never came, up to the last that did. */
  gaps: number[];
}

/** More gaps are not told of one by one. */
const GAPS_SHOWN = 1000;

/** Refuses with 404 where there is no such recording. */
export async function indexOf(context: Pick<Context, 'records'>, id: string): Promise<RecordingIndex> {
  const { fromMs, toMs } = await recordingById(context, id);
  const { rows } = await context.records.pool.query<{
    n: number;
    fromMs: number;
    toMs: number;
    events: number;
    marks: Marks | null;
  }>(
    `SELECT n, from_ms AS "fromMs", to_ms AS "toMs", events,
       CASE WHEN sum(length(marks::text)) OVER (ORDER BY n) <= $2 THEN marks END AS marks
     FROM replay_chunks WHERE recording_id = $1 ORDER BY n`,
    [id, INDEX_CHARACTERS],
  );
  const gaps: number[] = [];
  let next = 0;
  for (const { n } of rows) {
    for (; next < n && gaps.length < GAPS_SHOWN; next++) gaps.push(next);
    next = n + 1;
  }
  const all = rows.map(({ marks }) => marks);
  const tellsPages = all.some((marks) => (marks?.pages.length ?? 0) > 0);
  return { fromMs, toMs, chunks: rows.map(({ marks: _, ...chunk }) => chunk), gaps, ...marked(all, tellsPages) };
}

/** Marks as they are told; where the recorder names no pages, those that rrweb does. */
export function marked(of: readonly (Marks | null)[], tellsPages: boolean): Marked {
  // What was kept by an earlier version lacks the newer kinds.
  const all = <K extends keyof Marks>(kind: K): Marks[K] =>
    of.flatMap((marks) => (marks?.[kind] ?? []) as unknown[]) as Marks[K];
  return {
    snapshots: all('snapshots'),
    pages: tellsPages ? all('pages').map(([ms, url, title]) => ({ ms, url, title })) : pagesOf(all('metas')),
    clicks: all('clicks').map(([ms, x, y]) => ({ ms, x, y })),
    errors: all('errors').map(([ms, text]) => ({ ms, text })),
    dropped: all('dropped').map(([ms, reason, count]) => ({ ms, reason, count })),
    signals: all('signals').map(([ms, signal, id]) => ({ ms, signal, id })),
  };
}

/** rrweb repeats the page with each full snapshot. */
const pagesOf = (metas: Marks['metas']) =>
  metas.flatMap(([ms, url], at) => (metas[at - 1]?.[1] === url ? [] : [{ ms, url, title: '' }]));

/** A chunk as it lies in the store. */
export interface StoredChunk {
  n: number;
  hash: Buffer;
  fromMs: number;
  toMs: number;
  events: number;
  rawBytes: number;
  sentBytes: number;
  frame: number | null;
  offset: number | null;
}

export interface Place {
  id: string;
  packed: string | null;
  frames: Frame[] | null;
  dictionaryId: number | null;
  chunks: StoredChunk[];
}

/** Where the chunks of a recording lie that overlap a time; null where there is no such recording. */
export async function placeOf(
  { records }: Pick<Context, 'records'>,
  id: string,
  fromMs: number | null = null,
  toMs: number | null = null,
): Promise<Place | null> {
  // In one statement, so that both are of one moment: packing changes them together.
  const { rows } = await records.pool.query<
    Omit<Place, 'chunks'> & { chunks: (Omit<StoredChunk, 'hash'> & { hash: string })[] }
  >(
    `SELECT r.id, r.packed, r.frames, r.dictionary_id AS "dictionaryId", coalesce((
       SELECT jsonb_agg(jsonb_build_object('n', n, 'hash', encode(hash, 'hex'), 'fromMs', from_ms, 'toMs', to_ms,
         'events', events, 'rawBytes', raw_bytes, 'sentBytes', sent_bytes, 'frame', frame, 'offset', frame_offset) ORDER BY n)
       FROM replay_chunks c WHERE c.recording_id = r.id AND ($2::bigint IS NULL OR to_ms >= $2)
         AND ($3::bigint IS NULL OR from_ms <= $3)), '[]') AS chunks
     FROM replay_recordings r WHERE r.id = $1`,
    [id, fromMs, toMs],
  );
  const row = rows[0];
  return row
    ? { ...row, chunks: row.chunks.map((chunk) => ({ ...chunk, hash: Buffer.from(chunk.hash, 'hex') })) }
    : null;
}

/** Reads the bodies of chunks, byte for byte as they were sent. */
export class BodyReader {
  readonly #context: Context;
  readonly #place: Place;
  #frames: FrameReader | null = null;

  constructor(context: Context, place: Place) {
    this.#context = context;
    this.#place = place;
  }

  async body({ n, hash, frame, offset, rawBytes }: StoredChunk): Promise<Buffer> {
    if (frame === null || offset === null) {
      const packed = await bytesOf(this.#context, blobOfChunk(this.#place.id, n, hash));
      return unpack(packed, { maxOutputLength: CHUNK_BYTES });
    }
    this.#frames ??= await this.#open();
    return (await this.#frames.frame(frame)).subarray(offset, offset + rawBytes);
  }

  async #open(): Promise<FrameReader> {
    const { packed, frames, dictionaryId } = this.#place;
    const shared = dictionaryId === null ? null : await dictionaryBytes(this.#context, dictionaryId);
    return new FrameReader(frames ?? [], shared, (at, bytes) =>
      bytesOf(this.#context, packed ?? '', { start: at, end: at + bytes - 1 }),
    );
  }
}

/** What a chunk brought, with rrweb's events as they were recorded: they are of strangers, and go to no browser as they are. */
export interface ReadChunk {
  n: number;
  fromMs: number;
  toMs: number;
  events: RecordedEvent[];
}

/**
 * The chunks that overlap a time (milliseconds of the browser's clock, both included), in their order; all where it is not
 * given. Refuses with 404 where there is no such recording. A chunk whose file was lost is left out.
 */
export async function* readChunks(
  context: Context,
  id: string,
  fromMs: number | null = null,
  toMs: number | null = null,
): AsyncGenerator<ReadChunk> {
  for await (const { chunk, body } of readBodies(context, id, fromMs, toMs)) {
    const { events } = JSON.parse(body.toString()) as { events: RecordedEvent[] };
    yield { n: chunk.n, fromMs: chunk.fromMs, toMs: chunk.toMs, events };
  }
}

/** As `readChunks`, with the bytes of the bodies. */
export async function* readBodies(
  context: Context,
  id: string,
  fromMs: number | null = null,
  toMs: number | null = null,
): AsyncGenerator<{ chunk: StoredChunk; body: Buffer }> {
  let place = await placeOf(context, id, fromMs, toMs);
  if (!place) throw noRecording();
  let reader = new BodyReader(context, place);
  for (const [at, { n }] of [...place.chunks.entries()]) {
    let chunk: StoredChunk | undefined = place.chunks[at];
    let body = chunk?.n === n ? await reader.body(chunk).catch(lost) : null;
    if (body === null) {
      // It was packed meanwhile, or the recording was deleted.
      place = await placeOf(context, id, fromMs, toMs);
      if (!place) return;
      reader = new BodyReader(context, place);
      chunk = place.chunks.find((one) => one.n === n);
      body = chunk ? await reader.body(chunk).catch(lost) : null;
    }
    if (chunk && body) yield { chunk, body };
  }
}

/** Null for a file that is not there. */
export function lost(error: unknown): null {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
  throw error;
}
