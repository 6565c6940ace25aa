import { statfs } from 'node:fs/promises';
import type { Context } from '../../kernel/context.ts';
import { faultText } from '../../kernel/fault-text.ts';
import { refuse } from '../../kernel/refusal.ts';
import { replaySettings } from './settings.ts';

/** What recordings leave free on the disk, so that events go on: so many bytes, or this share of a small disk. */
const RESERVE_BYTES = 512 * 1024 ** 2;
const RESERVE_SHARE = 0.05;
const DISK_LOOK_MS = 1000;
const SUM_LOOK_MS = 30_000;
/** A trouble that nobody ran into any more is forgotten. */
const TROUBLE_MS = 2 * 60_000;
const WAIT_SECONDS = 30;

interface Room {
  diskAt: number;
  disk: string | null;
  sumAt: number;
  stored: number;
  trouble: { reason: string; at: number } | null;
}

const rooms = new WeakMap<object, Room>();

function roomOf(context: Context): Room {
  let room = rooms.get(context.blobs);
  if (!room) {
    room = { diskAt: 0, disk: null, sumAt: 0, stored: 0, trouble: null };
    rooms.set(context.blobs, room);
  }
  return room;
}

/** Why no recording can be stored now, as a part of a sentence; null where it can, as far as is known without writing. */
async function fullReason(context: Context): Promise<string | null> {
  const room = roomOf(context);
  const now = Date.now();
  if (now - room.diskAt > DISK_LOOK_MS) {
    room.diskAt = now;
    room.disk = await diskReason(context);
  }
  if (room.disk) return room.disk;
  const { limitGigabytes } = await replaySettings(context);
  if (now - room.sumAt > SUM_LOOK_MS) {
    room.sumAt = now;
    room.stored = await storedBytes(context);
  }
  return room.stored >= limitGigabytes * 1e9
    ? `recordings take the ${limitGigabytes} GB that the settings of replay allow`
    : null;
}

/** Counts what was just stored, so that the limit is not passed by much between two looks. */
export function noteStored(context: Context, bytes: number): void {
  roomOf(context).stored += bytes;
}

/** Looks anew the next time: after recordings were removed, or the settings changed. */
export function lookAgain(context: Context): void {
  const room = roomOf(context);
  room.diskAt = 0;
  room.sumAt = 0;
}

/**
 * Writes to the store of files. What fails there pauses recordings with 503 and is told in the health of the server;
 * nothing else is held up by it.
 */
export async function storing<T>(context: Context, write: () => Promise<T>): Promise<T> {
  const reason = await fullReason(context);
  if (reason) throw paused(context, reason);
  try {
    const result = await write();
    roomOf(context).trouble = null;
    return result;
  } catch (error) {
    // Once: while it lasts, each chunk of each visitor would say the same.
    if (!roomOf(context).trouble) console.error('Recordings cannot be stored:', faultText(error));
    throw paused(context, wordsOf(error));
  }
}

function paused(context: Context, reason: string) {
  roomOf(context).trouble = { reason, at: Date.now() };
  return refuse.unavailable(`Recordings pause: ${reason}. Send it again later.`, WAIT_SECONDS);
}

/** Why recordings pause in this process, as a part of a sentence; null where they do not. */
export async function pausedReason(context: Context): Promise<string | null> {
  const full = await fullReason(context).catch(() => null);
  if (full) return full;
  const { trouble } = roomOf(context);
  return trouble && Date.now() - trouble.at < TROUBLE_MS ? trouble.reason : null;
}

const wordsOf = (error: unknown): string =>
  ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '')
    ? 'the disk of the files is full'
    : 'the store of files cannot be written to';

async function diskReason({ config }: Context): Promise<string | null> {
  if (config.blobsS3) return null;
  // The folder is made with the first file in it; a disk that cannot be asked shows when it is written to.
  const disk = await statfs(config.blobsDir).catch(() => statfs(config.dataDir).catch(() => null));
  if (!disk) return null;
  const reserve = Math.min(RESERVE_BYTES, disk.blocks * disk.bsize * RESERVE_SHARE);
  return disk.bavail * disk.bsize < reserve ? 'the disk is nearly full, and what is left is kept for events' : null;
}

async function storedBytes({ records }: Context): Promise<number> {
  const { rows } = await records.pool.query<{ bytes: number }>(
    `SELECT (SELECT coalesce(sum(stored_bytes), 0) FROM replay_recordings)::bigint
       + (SELECT coalesce(sum(bytes), 0) FROM replay_assets)::bigint AS bytes`,
  );
  return rows[0]?.bytes ?? 0;
}
