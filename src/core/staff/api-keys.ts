import type { Generated } from 'kysely';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { hashKey, newKey } from '../../kernel/secrets.ts';
import type { Role } from './roles.ts';

/** Characters of a key that are kept and shown, to tell keys apart. */
const PREFIX_LENGTH = 9;
/** How exactly it is known when a key was last used. */
const LAST_USED_SECONDS = 60;

interface KeyTables {
  staff_api_keys: {
    id: Generated<number>;
    name: string | null;
    role: string;
    prefix: string;
    hash: string;
    created_by: string;
    created_at: Generated<Date>;
    last_used_at: Date | null;
  };
}

/** A program's way in, with a role of its own. */
export interface ApiKey {
  id: number;
  name: string | null;
  role: string;
  /** The key's first characters. */
  prefix: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

const tables = (context: Context) => context.records.tables<KeyTables>();
const SHOWN = [
  'id',
  'name',
  'role',
  'prefix',
  'created_at as createdAt',
  'last_used_at as lastUsedAt',
] as const satisfies string[];

/** Makes a key. The key itself is in the answer and nowhere else. */
export async function createApiKey(
  context: Context,
  input: { name: string | null; role: Role; createdBy: string },
): Promise<ApiKey & { apiKey: string }> {
  const apiKey = newKey('tl');
  const row = await tables(context)
    .insertInto('staff_api_keys')
    .values({
      name: input.name,
      role: input.role,
      prefix: apiKey.slice(0, PREFIX_LENGTH),
      hash: hashKey(apiKey),
      created_by: input.createdBy,
    })
    .returning(SHOWN)
    .executeTakeFirstOrThrow();
  return { ...row, apiKey };
}

/** Keys in the order of their making, those with an id above `after`. */
export function listApiKeys(context: Context, page: { after: number; limit: number }): Promise<ApiKey[]> {
  return tables(context)
    .selectFrom('staff_api_keys')
    .select(SHOWN)
    .where('id', '>', page.after)
    .orderBy('id')
    .limit(page.limit)
    .execute();
}

/** Ends a key at once; refuses with 404 where there is none. */
export async function revokeApiKey(context: Context, id: number): Promise<void> {
  const gone = await tables(context).deleteFrom('staff_api_keys').where('id', '=', id).executeTakeFirst();
  if (gone.numDeletedRows === 0n) throw refuse.notFound(`There is no API key ${id}.`);
}

/** The key that was shown, or null; notes that it was used. */
export async function findApiKey(context: Context, apiKey: string): Promise<ApiKey | null> {
  const { rows } = await context.records.pool.query<ApiKey>({
    name: 'staff-api-key',
    text: `SELECT id, name, role, prefix, created_at AS "createdAt", last_used_at AS "lastUsedAt"
           FROM staff_api_keys WHERE hash = $1`,
    values: [hashKey(apiKey)],
  });
  const key = rows[0];
  if (!key) return null;
  if (!key.lastUsedAt || Date.now() - key.lastUsedAt.getTime() > LAST_USED_SECONDS * 1000) {
    await context.records.pool.query('UPDATE staff_api_keys SET last_used_at = now() WHERE id = $1', [key.id]);
  }
  return key;
}
