import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { hashKey, newKey } from '../../kernel/secrets.ts';
import { checkMayTouch, roleById } from './role-book.ts';

/** Characters of a key that are kept and shown, to tell keys apart. */
const PREFIX_LENGTH = 9;
/** How exactly it is known when a key was last used. */
const LAST_USED_SECONDS = 60;

/** A program's way in. It may do what its role may, of that what it was made for, and never more than who made it. */
export interface ApiKey {
  id: number;
  name: string | null;
  role: string;
  /** What of its role it may do; null is all. */
  permissions: string[] | null;
  /** The key's first characters. */
  prefix: string;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  /** Who answers for it: `staff:<id>`, `local:local`; of early keys also `key:<id>`. */
  createdBy: string;
  /** Name of the member of staff who answers for it. */
  createdByName: string | null;
  creatorRole: string | null;
  /** Whether who answers for it is gone or switched off: then it does not work. */
  orphaned: boolean;
}

const SELECT = `SELECT k.id, k.name, k.role, k.permissions, k.prefix, k.created_at AS "createdAt",
    k.expires_at AS "expiresAt", k.last_used_at AS "lastUsedAt", k.created_by AS "createdBy",
    u.name AS "createdByName", u.role AS "creatorRole",
    k.created_by LIKE 'staff:%' AND (u.id IS NULL OR u.disabled_at IS NOT NULL) AS orphaned
  FROM staff_api_keys k LEFT JOIN staff_users u ON k.created_by = 'staff:' || u.id`;

/** Makes a key. The key itself is in the answer and nowhere else. */
export async function createApiKey(
  context: Context,
  input: {
    name: string | null;
    role: string;
    permissions: readonly string[] | null;
    expiresAt: Date | null;
    createdBy: string;
  },
): Promise<ApiKey & { apiKey: string }> {
  const apiKey = newKey('tl');
  const { rows } = await context.records.pool.query<{ id: number }>(
    `INSERT INTO staff_api_keys (name, role, permissions, expires_at, prefix, hash, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id`,
    [
      input.name,
      input.role,
      input.permissions,
      input.expiresAt,
      apiKey.slice(0, PREFIX_LENGTH),
      hashKey(apiKey),
      input.createdBy,
    ],
  );
  return { ...(await apiKeyById(context, rows[0]!.id)), apiKey };
}

/** Refuses with 404 where there is none. */
export async function apiKeyById(context: Context, id: number): Promise<ApiKey> {
  const { rows } = await context.records.pool.query<ApiKey>(`${SELECT} WHERE k.id = $1`, [id]);
  if (!rows[0]) throw refuse.notFound(`There is no API key ${id}.`);
  return rows[0];
}

/** Keys in the order of their making, those with an id above `after`. */
export async function listApiKeys(context: Context, page: { after: number; limit: number }): Promise<ApiKey[]> {
  const { rows } = await context.records.pool.query<ApiKey>(`${SELECT} WHERE k.id > $1 ORDER BY k.id LIMIT $2`, [
    page.after,
    page.limit,
  ]);
  return rows;
}

/** Ends a key at once. Refuses with 404 where there is none, with 403 one that may do more than who ends it. */
export async function revokeApiKey(context: Context, caller: Caller, id: number): Promise<void> {
  const key = await apiKeyById(context, id);
  await checkMayTouch(context, caller, key.creatorRole === 'owner' ? 'owner' : key.role);
  await context.records.pool.query('DELETE FROM staff_api_keys WHERE id = $1', [id]);
}

/** The key that was shown, or null where it is none, has ended, or nobody answers for it; notes that it was used. */
export async function findApiKey(context: Context, apiKey: string): Promise<ApiKey | null> {
  const { rows } = await context.records.pool.query<ApiKey>({
    name: 'staff-api-key',
    text: `${SELECT} WHERE k.hash = $1`,
    values: [hashKey(apiKey)],
  });
  const key = rows[0];
  if (!key || key.orphaned || (key.expiresAt && key.expiresAt.getTime() <= Date.now())) return null;
  if (!key.lastUsedAt || Date.now() - key.lastUsedAt.getTime() > LAST_USED_SECONDS * 1000) {
    await context.records.pool.query('UPDATE staff_api_keys SET last_used_at = now() WHERE id = $1', [key.id]);
  }
  return key;
}

/** What a key may do and see now, as its role and the role of who answers for it stand. */
export async function powersOf(
  context: Context,
  key: ApiKey,
): Promise<{ permissions: ReadonlySet<string>; hidesPersonalData: boolean }> {
  const role = await roleById(context, key.role);
  const creator = key.creatorRole === null ? null : await roleById(context, key.creatorRole);
  if (!role || (key.creatorRole !== null && !creator)) return { permissions: new Set(), hidesPersonalData: true };
  const scopes = key.permissions && new Set(key.permissions);
  const permissions = new Set(
    [...role.permissions].filter((name) => (scopes?.has(name) ?? true) && (creator?.permissions.has(name) ?? true)),
  );
  return { permissions, hidesPersonalData: role.hidesPersonalData || (creator?.hidesPersonalData ?? false) };
}

/** Whom a new key is written down to: who makes it, or who answers for the key that makes it. */
export async function answerableFor(context: Context, caller: Caller): Promise<string> {
  if (caller.kind !== 'key') return `${caller.kind}:${caller.id}`;
  return (await apiKeyById(context, Number(caller.id))).createdBy;
}
