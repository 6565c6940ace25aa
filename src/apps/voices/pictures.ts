import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type pg from 'pg';
import { z } from 'zod';
import { sweepBlobs } from '../../kernel/blob-sweep.ts';
import type { Context } from '../../kernel/context.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { safeEvents } from '../replay/public.ts';

/** A picture packed, and unpacked. */
export const PICTURE_BYTES = 1024 * 1024;
const UNPACKED_BYTES = 16 * 1024 * 1024;
/** Recorded events of one: the size of the window, the page, and a few changes. */
const EVENTS_LIMIT = 20;
/** Pictures within 24 hours: of one visitor, of one source, and, with their bytes, of the whole company. */
export const PICTURES_A_DAY = { visitor: 20, source: 5000, company: 20_000, companyBytes: 5_000_000_000 };
const WAIT_SECONDS = 3600;
/** Whoever counts the pictures of a day holds it, so that the last place is given once. */
const COUNT_LOCK = 7_405_004;
/** How long a picture waits for its voice. */
const ORPHAN_DAYS = 7;

export const pictureName = (id: string) => `voices/pictures/${id}.json.gz`;
const NAME = /^voices\/pictures\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.json\.gz$/;
const unpack = promisify(gunzip);

/** rrweb's events: `{ events: [meta, full snapshot] }`. */
const Picture = z.object({ events: z.array(z.unknown()).min(1).max(EVENTS_LIMIT) });

export interface Visitor {
  sourceId: number;
  anonymousId: string;
  userId: string;
}

/**
 * Keeps a picture under the feedback's id. Refuses (400, 413, 429) what is not one, is too large or one too many. The same
 * id of the same visitor again changes nothing; of another it is refused with 409.
 */
export async function keepPicture(context: Context, id: string, packed: Buffer, visitor: Visitor): Promise<void> {
  if (packed.length > PICTURE_BYTES) throw refuse.tooLarge(`A picture may have ${PICTURE_BYTES / 1024} kB, packed.`);
  await readPacked(packed);
  const rowCount = await context.records.transaction(async (client) => {
    await refuseFullDay(client, id, packed.length, visitor);
    const inserted = await client.query(
      `INSERT INTO voices_pictures (id, source_id, anonymous_id, user_id, bytes) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (id) DO UPDATE SET bytes = voices_pictures.bytes
       WHERE (voices_pictures.source_id, voices_pictures.anonymous_id, voices_pictures.user_id) = ($2, $3, $4)`,
      [id, visitor.sourceId, visitor.anonymousId, visitor.userId, packed.length],
    );
    return inserted.rowCount;
  });
  if (rowCount === 0) throw refuse.conflict('This feedbackId was used by somebody else. Make a new one.');
  if ((await context.blobs.size(pictureName(id))) !== null) return;
  try {
    await context.blobs.put(pictureName(id), packed);
  } catch (error) {
    await context.records.pool.query('DELETE FROM voices_pictures WHERE id = $1', [id]);
    throw error;
  }
}

async function refuseFullDay(client: pg.PoolClient, id: string, bytes: number, visitor: Visitor): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [COUNT_LOCK]);
  const { rows } = await client.query<Record<'own' | 'source' | 'company' | 'bytes', number>>(
    `SELECT count(*) FILTER (WHERE source_id = $1 AND anonymous_id = $2 AND user_id = $3) AS own,
       count(*) FILTER (WHERE source_id = $1) AS source, count(*) AS company, coalesce(sum(bytes), 0)::bigint AS bytes
     FROM voices_pictures WHERE at > now() - interval '1 day' AND id <> $4`,
    [visitor.sourceId, visitor.anonymousId, visitor.userId, id],
  );
  const day = rows[0]!;
  const most = PICTURES_A_DAY;
  const full = (whose: string, limit: string) =>
    refuse.tooMany(
      `${whose} may send ${limit} within 24 hours, and did. Feedback goes on without pictures.`,
      WAIT_SECONDS,
    );
  const pictures = (count: number) => `${count.toLocaleString('en')} pictures`;
  if (day.own >= most.visitor) throw full('One visitor', pictures(most.visitor));
  if (day.source >= most.source) throw full('Visitors of one source', pictures(most.source));
  if (day.company >= most.company || day.bytes + bytes > most.companyBytes)
    throw full('All visitors together', `${pictures(most.company)} and ${most.companyBytes / 1e6} MB`);
}

async function readPacked(packed: Buffer): Promise<z.output<typeof Picture>> {
  try {
    const text = (await unpack(packed, { maxOutputLength: UNPACKED_BYTES })).toString('utf8');
    return Picture.parse(JSON.parse(text));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw refuse.tooLarge(`A picture may have ${UNPACKED_BYTES / 1024 / 1024} MB, unpacked.`);
    throw new Refusal(400, 'invalid', 'The picture is not JSON packed by gzip with recorded events in "events".');
  }
}

/** The picture of a voice, written anew so that nothing in it runs, leads away or asks another server. 404 where there is none. */
export async function pictureOf(context: Context, voiceId: number): Promise<{ events: unknown[] }> {
  const { rows } = await context.records.pool.query<{ id: string }>(
    'SELECT i.id FROM voices_voices v JOIN voices_pictures i ON i.id = v.picture_id WHERE v.id = $1',
    [voiceId],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw refuse.notFound(`Voice ${voiceId} has no picture.`);
  const events = await readPicture(context, id);
  if (!events) throw refuse.notFound(`The picture of voice ${voiceId} is gone.`);
  return { events };
}

/** What a kept picture shows, made safe; null where its file is gone. */
export async function readPicture({ blobs }: Pick<Context, 'blobs'>, id: string): Promise<unknown[] | null> {
  if ((await blobs.size(pictureName(id))) === null) return null;
  const chunks: Buffer[] = [];
  for await (const chunk of blobs.read(pictureName(id))) chunks.push(chunk as Buffer);
  const { events } = await readPacked(Buffer.concat(chunks));
  return safeEvents(events, { asset: () => null });
}

/** Removes pictures whose voice never came, or went, and what a crash left of others. */
export async function forgetPictures(context: Context, signal: AbortSignal): Promise<void> {
  const { pool } = context.records;
  const { rows } = await pool.query<{ id: string }>(
    `SELECT id FROM voices_pictures i WHERE at < now() - make_interval(days => $1)
       AND NOT EXISTS (SELECT FROM voices_voices v WHERE v.picture_id = i.id) LIMIT 10000`,
    [ORPHAN_DAYS],
  );
  await removePictures(
    context,
    rows.map((row) => row.id),
  );
  await sweepBlobs(context.blobs, {
    folder: 'voices/pictures',
    idOf: (name) => NAME.exec(name)?.[1] ?? null,
    known: async (ids) => {
      const known = await pool.query<{ id: string }>('SELECT id FROM voices_pictures WHERE id = ANY ($1::uuid[])', [
        ids,
      ]);
      return known.rows.map((row) => row.id);
    },
    remove: (id) => context.blobs.remove(pictureName(id)),
    signal,
  });
}

/** Blobs first: what a crash leaves is found by its row and removed again. */
export async function removePictures(context: Context, ids: readonly string[]): Promise<void> {
  for (const id of ids) await context.blobs.remove(pictureName(id));
  await context.records.pool.query('DELETE FROM voices_pictures WHERE id = ANY ($1::uuid[])', [ids]);
}
