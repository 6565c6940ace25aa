import type pg from 'pg';
import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { checkMayGive, checkMayTouch, roleById } from './role-book.ts';

export const StaffMember = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: z.string(),
  roleName: z.string(),
  disabledAt: z.string().nullable(),
  createdAt: z.string(),
  lastSignedInAt: z.string().nullable(),
  lastActiveAt: z.string().nullable().describe('To the minute; null where no session is open.'),
  sessions: z.number(),
  password: z.boolean().describe('Whether there is a password to sign in with.'),
  secondFactor: z.boolean(),
  passkeys: z.number(),
  apiKeys: z.number().describe('Keys that this member answers for.'),
  managed: z.boolean().describe('Whether a directory manages this member over SCIM.'),
});
export type StaffMember = z.output<typeof StaffMember>;

export const membersQuery = pageQuery.extend({
  q: z.string().max(200).optional().describe('A part of the name or address.'),
  role: z.string().max(100).optional(),
  state: z.enum(['active', 'disabled']).optional(),
});

interface Row {
  id: string;
  name: string;
  email: string;
  role: string;
  disabled_at: Date | null;
  created_at: Date;
  last_signed_in_at: Date | null;
  last_active_at: Date | null;
  sessions: number;
  password: boolean;
  second_factor: boolean;
  passkeys: number;
  api_keys: number;
  managed: boolean;
}

const SELECT = `SELECT u.id, u.name, u.email, u.role, u.disabled_at, u.created_at, u.last_signed_in_at,
    s.last_active_at, s.sessions, u.two_factor_enabled AS second_factor, u.scim_managed AS managed,
    EXISTS (SELECT FROM staff_logins l WHERE l.user_id = u.id AND l.password IS NOT NULL) AS password,
    (SELECT count(*)::int FROM staff_passkeys p WHERE p.user_id = u.id) AS passkeys,
    (SELECT count(*)::int FROM staff_api_keys k WHERE k.created_by = 'staff:' || u.id) AS api_keys
  FROM staff_users u LEFT JOIN LATERAL (
    SELECT max(last_active_at) AS last_active_at, count(*)::int AS sessions FROM staff_sessions
    WHERE user_id = u.id AND expires_at > now()) AS s ON true`;

/** Members of staff by name. */
export async function listMembers(
  context: Context,
  query: z.output<typeof membersQuery>,
): Promise<{ items: StaffMember[]; nextCursor: string | null }> {
  const after = decodeCursor(query.cursor, z.tuple([z.string(), z.string()]));
  const like = query.q === undefined ? null : `%${query.q.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const { rows } = await context.records.pool.query<Row>(
    `${SELECT}
     WHERE ($1::text IS NULL OR (lower(u.name), u.id) > ($1, $2))
       AND ($3::text IS NULL OR u.name ILIKE $3 OR u.email ILIKE $3)
       AND ($4::text IS NULL OR u.role = $4) AND ($5::boolean IS NULL OR (u.disabled_at IS NOT NULL) = $5)
     ORDER BY lower(u.name), u.id LIMIT $6`,
    [
      after?.[0] ?? null,
      after?.[1] ?? null,
      like,
      query.role ?? null,
      query.state === undefined ? null : query.state === 'disabled',
      query.limit + 1,
    ],
  );
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: await Promise.all(page.map((row) => view(context, row))),
    nextCursor: rows.length > page.length && last ? encodeCursor([last.name.toLowerCase(), last.id]) : null,
  };
}

/** Refuses with 404 where there is none. */
export async function memberById(context: Context, id: string): Promise<StaffMember> {
  const { rows } = await context.records.pool.query<Row>(`${SELECT} WHERE u.id = $1`, [id]);
  if (!rows[0]) throw notThere();
  return view(context, rows[0]);
}

async function view(context: Context, row: Row): Promise<StaffMember> {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    roleName: (await roleById(context, row.role))?.name ?? row.role,
    disabledAt: row.disabled_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    lastSignedInAt: row.last_signed_in_at?.toISOString() ?? null,
    lastActiveAt: row.last_active_at?.toISOString() ?? null,
    sessions: row.sessions,
    password: row.password,
    secondFactor: row.second_factor,
    passkeys: row.passkeys,
    apiKeys: row.api_keys,
    managed: row.managed,
  };
}

/**
 * Gives another role, or switches a member off or on. Either ends their sessions at once: whoever comes back does so with
 * a new one. Refuses (403) what the caller may not give or touch, (409) to leave the company without an owner.
 */
export async function changeMember(
  context: Context,
  caller: Caller,
  id: string,
  change: { role?: string | undefined; disabled?: boolean | undefined },
): Promise<StaffMember> {
  if (change.role !== undefined) await checkMayGive(context, caller, change.role);
  if (change.disabled && isSelf(caller, id)) throw refuse.invalid('You cannot switch yourself off. Ask a colleague.');
  await context.records.transaction(async (client) => {
    const before = await locked(client, id);
    await checkMayTouch(context, caller, before.role);
    const role = change.role ?? before.role;
    const disabled = change.disabled ?? before.disabled;
    if (role === before.role && disabled === before.disabled) return;
    if (role !== 'owner' || disabled) await checkOwnerLeft(client, id);
    await client.query(
      `UPDATE staff_users SET role = $2, disabled_at = CASE WHEN $3 THEN coalesce(disabled_at, now()) END,
         updated_at = now() WHERE id = $1`,
      [id, role, disabled],
    );
    await client.query('DELETE FROM staff_sessions WHERE user_id = $1', [id]);
  });
  return memberById(context, id);
}

/**
 * Removes a member of staff with their sessions and ways to sign in. Keys they answer for end, or go over to who removes
 * them; answers how many there were. Refuses as changeMember does, and (400) to remove oneself.
 */
export async function removeMember(
  context: Context,
  caller: Caller,
  id: string,
  keys: 'revoke' | 'keep',
): Promise<number> {
  if (isSelf(caller, id)) throw refuse.invalid('You cannot remove yourself. Ask a colleague.');
  return context.records.transaction(async (client) => {
    const before = await locked(client, id);
    await checkMayTouch(context, caller, before.role);
    await checkOwnerLeft(client, id);
    return removeLocked(client, id, keys === 'keep' && caller.kind === 'staff' ? `staff:${caller.id}` : null);
  });
}

/** The removal itself; keys go over to `heir`, or end. */
export async function removeLocked(client: pg.ClientBase, id: string, heir: string | null): Promise<number> {
  const { rowCount } = heir
    ? await client.query('UPDATE staff_api_keys SET created_by = $2 WHERE created_by = $1', [`staff:${id}`, heir])
    : await client.query('DELETE FROM staff_api_keys WHERE created_by = $1', [`staff:${id}`]);
  await client.query('DELETE FROM staff_users WHERE id = $1', [id]);
  return rowCount ?? 0;
}

/** A member of staff, held until the transaction ends. Refuses with 404 where there is none. */
export async function locked(client: pg.ClientBase, id: string): Promise<{ role: string; disabled: boolean }> {
  // Owners first and in one order: two who take the role from one another wait, and the second is refused.
  await client.query("SELECT FROM staff_users WHERE role = 'owner' ORDER BY id FOR UPDATE");
  const { rows } = await client.query<{ role: string; disabled: boolean }>(
    'SELECT role, disabled_at IS NOT NULL AS disabled FROM staff_users WHERE id = $1 FOR UPDATE',
    [id],
  );
  if (!rows[0]) throw notThere();
  return rows[0];
}

/** Refuses with 409 where nobody but the given one is an owner who can sign in. */
export async function checkOwnerLeft(client: pg.ClientBase, withoutId: string): Promise<void> {
  const { rows } = await client.query<{ own: boolean; others: number }>(
    `SELECT coalesce(bool_or(id = $1), false) AS own, (count(*) FILTER (WHERE id <> $1))::int AS others
     FROM staff_users WHERE role = 'owner' AND disabled_at IS NULL`,
    [withoutId],
  );
  if (rows[0]?.own && rows[0].others === 0) {
    throw refuse.conflict('This is the only owner. Make somebody else an owner first.');
  }
}

/**
 * Takes away a second factor that somebody lost, passkeys too, and ends their sessions. They sign in with the password
 * alone then, and set up a new one where the company asks for it.
 */
export async function removeSecondFactor(context: Context, caller: Caller, id: string): Promise<void> {
  await context.records.transaction(async (client) => {
    await checkMayTouch(context, caller, (await locked(client, id)).role);
    await client.query('UPDATE staff_users SET two_factor_enabled = false, updated_at = now() WHERE id = $1', [id]);
    for (const table of ['staff_two_factors', 'staff_passkeys', 'staff_sessions']) {
      await client.query(`DELETE FROM ${table} WHERE user_id = $1`, [id]);
    }
  });
}

const isSelf = (caller: Caller, id: string) => caller.kind === 'staff' && caller.id === id;
const notThere = () => refuse.notFound('There is no such member of staff.');
