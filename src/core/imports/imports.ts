import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { createSource, listSources, sourceById } from '../sources/sources.ts';
import type { Compression } from './decode.ts';
import { type Format, parseFileMapping } from './mapping-file.ts';
import type { ImportState, ImportTables } from './tables.ts';

/** A file on its way into the log. */
export interface Import {
  id: number;
  name: string;
  state: ImportState;
  uploadedBytes: number;
  size: number;
  fingerprint: string;
  linesRead: number;
  /** Known once the whole file was read. */
  linesTotal: number | null;
  eventsAccepted: number;
  /** Lines or groups that went into quarantine. */
  refused: number;
  /** From 0 to 1, of the work after the upload. */
  progress: number;
  ratePerSecond: number;
  /** Why it failed, and what to do. */
  error: string | null;
  /** How often the whole file has been gone through. */
  runs: number;
  announcedAt: Date;
  startedAt: Date;
  endedAt: Date | null;
  sourceId: number;
}

export interface Announcement {
  name: string;
  /** In bytes, as the file will be sent. */
  size: number;
  /** sha256:<hex> of the content, checked when it has arrived; or another word that is the same for the same content. */
  fingerprint: string;
  format?: Format;
  compression?: Compression;
  /** Id of the source that the events shall be of; else a source of kind `file` with the name of the file. */
  sourceId?: number;
  /** Name of that source of kind `file`, where it shall be another than the file's. */
  sourceName?: string;
  /** The mapping file, as JSON or as its text. */
  mapping: unknown;
  /** Goes through a file again that was imported already. What it adds is only what is not there yet. */
  again?: boolean;
}

/** Largest file, in bytes. */
export const SIZE_LIMIT = 1024 ** 4;

const uploads = new WeakMap<Context, Set<number>>();
const listeners = new WeakMap<Context, Set<() => void>>();

/**
 * Announces a file. The same content with the same mapping for the same source is the same import, whatever its state:
 * one whose upload was broken off goes on, one that is done is not done again, unless `again` says so; one that failed
 * begins anew. `repeated` is true where there was one already.
 * Refuses with 400 a mapping that is not as docs/import.md says, with 404 a source that is not there.
 */
export async function announceImport(
  context: Context,
  announcement: Announcement,
): Promise<{ import: Import; repeated: boolean }> {
  parseFileMapping(announcement.mapping);
  const mapping = typeof announcement.mapping === 'string' ? JSON.parse(announcement.mapping) : announcement.mapping;
  const sourceId = await sourceOf(context, announcement);
  const mappingHash = createHash('sha256').update(canonical(mapping)).digest('hex');
  const known = () =>
    tables(context)
      .selectFrom('imports')
      .selectAll()
      .where('fingerprint', '=', announcement.fingerprint)
      .where('mapping_hash', '=', mappingHash)
      .where('source_id', '=', sourceId)
      .executeTakeFirst();
  const made = await tables(context)
    .insertInto('imports')
    .values({
      source_id: sourceId,
      name: announcement.name,
      size: announcement.size,
      fingerprint: announcement.fingerprint,
      mapping: JSON.stringify(mapping),
      mapping_hash: mappingHash,
      format: announcement.format ?? null,
      compression: announcement.compression ?? null,
    })
    .onConflict((conflict) => conflict.columns(['fingerprint', 'mapping_hash', 'source_id']).doNothing())
    .returningAll()
    .executeTakeFirst();
  const row = made ?? (await known());
  if (!row) throw new Error('An import was removed while it was announced again.');
  const announced = importOf(row);
  if (announced.size !== announcement.size) {
    throw refuse.conflict(
      `The import ${announced.id} has the same fingerprint and mapping, but ${announced.size} bytes instead of ${announcement.size}. A fingerprint must say which content a file has; use its SHA-256.`,
    );
  }
  if (announced.state === 'failed' || (announced.state === 'done' && announcement.again)) {
    return { import: await restart(context, announced), repeated: true };
  }
  return { import: announced, repeated: !made };
}

/** Begins an import anew, with the upload: the file is not kept after an import. */
async function restart(context: Context, before: Import): Promise<Import> {
  const stored = (await context.blobs.size(blobName(before.id))) ?? 0;
  const row = await tables(context)
    .updateTable('imports')
    .set({
      state: stored === before.size ? 'running' : 'uploading',
      uploaded_bytes: stored,
      checkpoint: '{}' as never,
      lines_read: 0,
      lines_total: null,
      events_accepted: 0,
      refused: 0,
      progress: 0,
      rate_per_second: 0,
      error: null,
      runs: before.state === 'done' ? before.runs + 1 : before.runs,
      started_at: new Date(),
      ended_at: null,
    })
    .where('id', '=', before.id)
    .where('state', '=', before.state)
    .returningAll()
    .executeTakeFirst();
  if (!row) return importById(context, before.id);
  if (row.state === 'running') wakeRunner(context);
  return importOf(row);
}

/**
 * Stores a part of the file, from `offset` on; resolves with how much is stored then. The last part sets the work going.
 * Refuses with 409 an offset that is not where the stored part ends, naming the right one, and two uploads at once; with
 * 400 more bytes than were announced.
 */
export async function uploadContent(
  context: Context,
  id: number,
  offset: number,
  content: AsyncIterable<Uint8Array>,
): Promise<Import> {
  const before = await importById(context, id);
  if (before.state !== 'uploading') {
    throw refuse.conflict(`The file of this import has arrived already; the import is ${before.state}.`, {
      uploadedBytes: before.uploadedBytes,
    });
  }
  const busy = uploads.get(context) ?? new Set();
  uploads.set(context, busy);
  if (busy.has(id)) throw refuse.conflict('This file is being uploaded by another request now. Wait for it to end.');
  busy.add(id);
  try {
    const stored = (await context.blobs.size(blobName(id))) ?? 0;
    if (offset !== stored) {
      throw refuse.conflict(`The upload goes on at offset ${stored}, not at ${offset}.`, { offset: stored });
    }
    try {
      await context.blobs.append(blobName(id), offset, upTo(content, before.size - offset));
    } finally {
      await recordUpload(context, before);
    }
  } finally {
    busy.delete(id);
  }
  return importById(context, id);
}

/** Where the file of an import lies among the blobs. */
export const blobName = (id: number) => `imports/${id}/content`;

async function recordUpload(context: Context, { id, size }: Import): Promise<void> {
  const stored = Math.min(size, (await context.blobs.size(blobName(id))) ?? 0);
  await tables(context)
    .updateTable('imports')
    .set({
      uploaded_bytes: stored,
      ...(stored === size && { state: 'running' as const, started_at: new Date() }),
    })
    .where('id', '=', id)
    .where('state', '=', 'uploading')
    .execute();
  if (stored === size) wakeRunner(context);
}

async function* upTo(content: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<Uint8Array> {
  let left = limit;
  for await (const chunk of content) {
    if (chunk.byteLength > left) {
      throw refuse.invalid('More bytes came than the size that was announced. Announce the file again.');
    }
    left -= chunk.byteLength;
    yield chunk;
  }
}

/** The import with this id; refuses with 404 where there is none. */
export async function importById(context: Context, id: number): Promise<Import> {
  const row = await tables(context).selectFrom('imports').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw refuse.notFound(`There is no import ${id}.`);
  return importOf(row);
}

/** Imports, the newest first, those with an id below `before`. */
export async function listImports(context: Context, page: { before?: number; limit: number }): Promise<Import[]> {
  let query = tables(context).selectFrom('imports').selectAll().orderBy('id', 'desc').limit(page.limit);
  if (page.before !== undefined) query = query.where('id', '<', page.before);
  return (await query.execute()).map(importOf);
}

/** Calls back when there is a new import to work on, as far as this process knows. Returns how to stop it. */
export function onImportReady(context: Context, listener: () => void): () => void {
  const known = listeners.get(context) ?? new Set();
  listeners.set(context, known);
  known.add(listener);
  return () => known.delete(listener);
}

function wakeRunner(context: Context): void {
  for (const listener of listeners.get(context) ?? []) listener();
}

async function sourceOf(context: Context, { sourceId, sourceName, name }: Announcement): Promise<number> {
  if (sourceId !== undefined) return (await sourceById(context, sourceId)).id;
  const wanted = sourceName ?? name;
  for (let after = 0; ; ) {
    const page = await listSources(context, { after, limit: 200 });
    const found = page.find((source) => source.kind === 'file' && source.name === wanted);
    if (found) return found.id;
    const last = page.at(-1);
    if (!last || page.length < 200) break;
    after = last.id;
  }
  return (await createSource(context, { name: wanted, kind: 'file' })).id;
}

/** JSON with the keys of objects in order, since PostgreSQL gives a mapping back with its keys in another. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

const tables = (context: Context) => context.records.tables<ImportTables>();

function importOf(row: Selectable<ImportTables['imports']>): Import {
  return {
    id: row.id,
    name: row.name,
    state: row.state,
    uploadedBytes: row.uploaded_bytes,
    size: row.size,
    fingerprint: row.fingerprint,
    linesRead: row.lines_read,
    linesTotal: row.lines_total,
    eventsAccepted: row.events_accepted,
    refused: row.refused,
    progress: row.progress,
    ratePerSecond: row.rate_per_second,
    error: row.error,
    runs: row.runs,
    announcedAt: row.announced_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    sourceId: row.source_id,
  };
}
