import type { Caller } from '../../../kernel/caller.ts';
import type { Context } from '../../../kernel/context.ts';
import { refuse } from '../../../kernel/refusal.ts';
import { hashKey, newKey } from '../../../kernel/secrets.ts';
import { checkMayGive } from '../role-book.ts';

const TOKENS_LIMIT = 10;
const PREFIX_LENGTH = 11;
const LAST_USED_SECONDS = 60;

/** What a directory shows to manage the staff here. */
export interface ScimToken {
  id: number;
  name: string;
  prefix: string;
  defaultRole: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

const COLUMNS = `id, name, prefix, default_role AS "defaultRole", created_at AS "createdAt", last_used_at AS "lastUsedAt"`;

export async function listScimTokens(context: Context): Promise<ScimToken[]> {
  const { rows } = await context.records.pool.query<ScimToken>(`SELECT ${COLUMNS} FROM staff_scim_tokens ORDER BY id`);
  return rows;
}

/** Makes a token; it is in the answer and nowhere else. Refuses the owner as a default role, and a token too many. */
export async function createScimToken(
  context: Context,
  caller: Caller,
  input: { name: string; defaultRole: string },
): Promise<ScimToken & { token: string }> {
  if (input.defaultRole === 'owner') throw refuse.invalid('A directory makes no owners. Take another default role.');
  await checkMayGive(context, caller, input.defaultRole);
  const token = newKey('scim');
  const { rows } = await context.records.pool.query<ScimToken>(
    `INSERT INTO staff_scim_tokens (name, prefix, hash, default_role, created_by)
     SELECT $1, $2, $3, $4, $5 WHERE (SELECT count(*) FROM staff_scim_tokens) < $6 RETURNING ${COLUMNS}`,
    [
      input.name,
      token.slice(0, PREFIX_LENGTH),
      hashKey(token),
      input.defaultRole,
      `${caller.kind}:${caller.id}`,
      TOKENS_LIMIT,
    ],
  );
  if (!rows[0]) throw refuse.conflict(`There can be ${TOKENS_LIMIT} tokens for directories. Revoke one first.`);
  return { ...rows[0], token };
}

export async function revokeScimToken(context: Context, id: number): Promise<void> {
  const { rowCount } = await context.records.pool.query('DELETE FROM staff_scim_tokens WHERE id = $1', [id]);
  if (!rowCount) throw refuse.notFound('There is no such token.');
}

/** The token that was shown, or null; notes that it was used. */
export async function findScimToken(context: Context, token: string): Promise<ScimToken | null> {
  const { rows } = await context.records.pool.query<ScimToken>(
    `SELECT ${COLUMNS} FROM staff_scim_tokens WHERE hash = $1`,
    [hashKey(token)],
  );
  const found = rows[0] ?? null;
  if (found && Date.now() - (found.lastUsedAt?.getTime() ?? 0) > LAST_USED_SECONDS * 1000) {
    await context.records.pool.query('UPDATE staff_scim_tokens SET last_used_at = now() WHERE id = $1', [found.id]);
  }
  return found;
}
