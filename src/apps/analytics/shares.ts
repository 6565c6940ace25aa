import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { hashKey, newKey } from '../../kernel/secrets.ts';
import { ownerOf } from './saved.ts';

/** Links to one report or dashboard that can be open at a time. */
export const SHARES_LIMIT = 50;
export const ORIGINS_LIMIT = 20;
export const PASSWORD_LENGTH = { min: 8, max: 200 };
/** How long a link lives, in seconds: an hour to a year. */
export const LIFETIME = { min: 3600, max: 366 * 86_400 };
/** How long after its end a link is still listed. */
const LISTED_DAYS = 90;

const SALT_BYTES = 16;
const KEY_BYTES = 32;
const derive = promisify(scrypt) as (password: string, salt: Buffer, length: number) => Promise<Buffer>;

/** A link as it is listed: what opens it was shown once, when it was made. */
export interface Share {
  id: number;
  savedId: number;
  kind: 'report' | 'dashboard';
  /** Of the report or dashboard. */
  savedName: string;
  name: string;
  hasPassword: boolean;
  origins: string[];
  ownerName: string;
  mine: boolean;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
  uses: number;
  lastUsedAt: Date | null;
}

export interface OpenShare {
  id: number;
  savedId: number;
  kind: 'report' | 'dashboard';
  owner: string;
  password: string | null;
  origins: string[];
}

export interface NewShare {
  savedId: number;
  name: string;
  seconds: number;
  password: string | null;
  origins: string[];
}

/** $1 is who asks. */
const SHOWN = `h.id, h.saved_id AS "savedId", s.kind, s.name AS "savedName", h.name, h.password IS NOT NULL AS "hasPassword",
  h.origins, h.owner_name AS "ownerName", h.owner = $1 AS mine, h.created_at AS "createdAt", h.expires_at AS "expiresAt",
  h.revoked_at AS "revokedAt", h.uses, h.last_used_at AS "lastUsedAt"`;

/** Makes a link; the token is never shown again. Refuses with 409 one more than the limit. */
export async function createShare(
  context: Context,
  caller: Caller,
  input: NewShare,
): Promise<{ share: Share; token: string }> {
  const token = newKey('sh');
  const password = input.password === null ? null : await hashPassword(input.password);
  const { rows } = await context.records.pool.query<Share>(
    `WITH h AS (INSERT INTO analytics_shares (hash, saved_id, name, password, origins, owner, owner_name, expires_at)
       SELECT $2, $3, $4, $5, $6, $1, $7, now() + make_interval(secs => $8)
       WHERE (SELECT count(*) FROM analytics_shares
         WHERE saved_id = $3 AND revoked_at IS NULL AND expires_at > now()) < $9
       RETURNING *)
     SELECT ${SHOWN} FROM h JOIN analytics_saved s ON s.id = h.saved_id`,
    [
      ...[ownerOf(caller), hashKey(token), input.savedId, input.name, password, input.origins, caller.name],
      ...[input.seconds, SHARES_LIMIT],
    ],
  );
  if (!rows[0]) throw refuse.conflict(`There are ${SHARES_LIMIT} links to it, which is the limit. Revoke one first.`);
  return { share: rows[0], token };
}

/** Links to what the caller can see, the newest first; of one report or dashboard, where it is named. */
export async function listShares(
  context: Context,
  caller: Caller,
  page: { savedId: number | undefined; before: number | undefined; limit: number },
): Promise<Share[]> {
  const { rows } = await context.records.pool.query<Share>(
    `SELECT ${SHOWN} FROM analytics_shares h JOIN analytics_saved s ON s.id = h.saved_id
     WHERE s.deleted_at IS NULL AND (s.shared OR s.owner = $1 OR h.owner = $1) AND ($2::bigint IS NULL OR h.saved_id = $2)
       AND ($3::bigint IS NULL OR h.id < $3) AND h.expires_at > now() - make_interval(days => $5)
     ORDER BY h.id DESC LIMIT $4`,
    [ownerOf(caller), page.savedId ?? null, page.before ?? null, page.limit, LISTED_DAYS],
  );
  return rows;
}

/** Ends a link at once. Whoever sees the report or dashboard may do it. Refuses with 404 what they cannot see. */
export async function revokeShare(context: Context, caller: Caller, id: number): Promise<Share> {
  const { rows } = await context.records.pool.query<Share>(
    `UPDATE analytics_shares h SET revoked_at = coalesce(h.revoked_at, now()) FROM analytics_saved s
     WHERE h.id = $2 AND s.id = h.saved_id AND (s.shared OR s.owner = $1 OR h.owner = $1) RETURNING ${SHOWN}`,
    [ownerOf(caller), id],
  );
  if (!rows[0]) throw refuse.notFound(`There is no link ${id}.`);
  return rows[0];
}

/** What a token opens now; null where it ended, was revoked, or is none. */
export async function shareOf(context: Context, token: string): Promise<OpenShare | null> {
  const { rows } = await context.records.pool.query<OpenShare>(
    `SELECT h.id, h.saved_id AS "savedId", s.kind, h.owner, h.password, h.origins
     FROM analytics_shares h JOIN analytics_saved s ON s.id = h.saved_id
     WHERE h.hash = $1 AND h.revoked_at IS NULL AND h.expires_at > now() AND s.deleted_at IS NULL`,
    [hashKey(token)],
  );
  return rows[0] ?? null;
}

export async function countUse(context: Context, id: number): Promise<void> {
  await context.records.pool.query('UPDATE analytics_shares SET uses = uses + 1, last_used_at = now() WHERE id = $1', [
    id,
  ]);
}

/** Removes links for good that ended long ago. */
export async function forgetShares({ records }: Context): Promise<void> {
  await records.pool.query('DELETE FROM analytics_shares WHERE expires_at < now() - make_interval(days => $1)', [
    LISTED_DAYS,
  ]);
}

async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(password.normalize('NFC'), salt, KEY_BYTES);
  return `${salt.toString('base64url')}.${key.toString('base64url')}`;
}

export async function isPassword(kept: string, password: string): Promise<boolean> {
  const [salt = '', key = ''] = kept.split('.');
  const tried = await derive(password.normalize('NFC'), Buffer.from(salt, 'base64url'), KEY_BYTES);
  return timingSafeEqual(tried, Buffer.from(key, 'base64url'));
}
