import { roleById } from '../../core/staff/role-book.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { hashKey, newKey } from '../../kernel/secrets.ts';
import { ownerOf } from './notes.ts';
import { noRecording } from './recordings.ts';

/** Links to one recording that can be open at a time. */
export const SHARES_LIMIT = 20;
/** How long a link lives, in seconds: an hour to ninety days. */
export const LIFETIME = { min: 3600, max: 90 * 86_400 };

export interface Share {
  id: number;
  atMs: number | null;
  ownerName: string;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
  looks: number;
  lastLookAt: Date | null;
}

const SHOWN = `id, at_ms AS "atMs", owner_name AS "ownerName", created_at AS "createdAt", expires_at AS "expiresAt",
  revoked_at AS "revokedAt", looks, last_look_at AS "lastLookAt"`;

export async function sharesOf({ records }: Context, recordingId: string): Promise<Share[]> {
  const { rows } = await records.pool.query<Share>(
    `SELECT ${SHOWN} FROM replay_shares WHERE recording_id = $1 AND expires_at > now() - interval '30 days'
     ORDER BY id DESC LIMIT 200`,
    [recordingId],
  );
  return rows;
}

/** Makes a link; the token is never shown again. Refuses with 404 and, past the limit, with 409. */
export async function createShare(
  { records }: Context,
  caller: Caller,
  recordingId: string,
  { seconds, atMs }: { seconds: number; atMs: number | null },
): Promise<{ share: Share; token: string }> {
  const token = newKey('rs');
  return records.transaction(async (client) => {
    const { rowCount } = await client.query('SELECT FROM replay_recordings WHERE id = $1 FOR UPDATE', [recordingId]);
    if (!rowCount) throw noRecording();
    const { rows } = await client.query<Share>(
      `INSERT INTO replay_shares (recording_id, hash, at_ms, owner, owner_name, expires_at)
       SELECT $1, $2, $3, $4, $5, now() + make_interval(secs => $6)
       WHERE (SELECT count(*) FROM replay_shares
         WHERE recording_id = $1 AND revoked_at IS NULL AND expires_at > now()) < $7 RETURNING ${SHOWN}`,
      [recordingId, hashKey(token), atMs, ownerOf(caller), caller.name, seconds, SHARES_LIMIT],
    );
    if (!rows[0]) throw refuse.conflict(`There are ${SHARES_LIMIT} links to it, which is the limit. Revoke one first.`);
    return { share: rows[0], token };
  });
}

/** Ends a link at once. Refuses with 404 where there is none. */
export async function revokeShare({ records }: Context, id: number): Promise<Share> {
  const { rows } = await records.pool.query<Share>(
    `UPDATE replay_shares SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING ${SHOWN}`,
    [id],
  );
  if (!rows[0]) throw refuse.notFound(`There is no link ${id}.`);
  return rows[0];
}

export interface OpenShare {
  id: number;
  recordingId: string;
  atMs: number | null;
  owner: string;
  expiresAt: Date;
}

/**
 * What a token opens now. Refuses with 404, whatever the reason, one that ended, was revoked or is none, and one by
 * somebody who may not watch recordings any more.
 */
export async function openShare(context: Context, token: string): Promise<OpenShare> {
  const { rows } = await context.records.pool.query<OpenShare>(
    `SELECT id, recording_id AS "recordingId", at_ms AS "atMs", owner, expires_at AS "expiresAt" FROM replay_shares
     WHERE hash = $1 AND revoked_at IS NULL AND expires_at > now()`,
    [hashKey(token)],
  );
  const share = rows[0];
  if (!share || !(await stillMay(context, share.owner)))
    throw refuse.notFound('This link shows nothing any more. It has ended, was revoked, or is not complete.');
  return share;
}

/** Links of colleagues who left, or whose role changed, end with that. Keys and the command line are of the owner. */
async function stillMay(context: Context, owner: string): Promise<boolean> {
  const [kind, id] = [owner.slice(0, owner.indexOf(':')), owner.slice(owner.indexOf(':') + 1)];
  if (kind !== 'staff') return true;
  const { rows } = await context.records.pool.query<{ role: string }>(
    'SELECT role FROM staff_users WHERE id = $1 AND disabled_at IS NULL',
    [id],
  );
  const role = rows[0] ? await roleById(context, rows[0].role) : null;
  return (role?.permissions.has('replay.write') ?? false) && !role?.hidesPersonalData;
}

export async function countLook({ records }: Context, id: number): Promise<void> {
  await records.pool.query('UPDATE replay_shares SET looks = looks + 1, last_look_at = now() WHERE id = $1', [id]);
}
