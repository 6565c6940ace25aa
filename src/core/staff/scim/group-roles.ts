import type pg from 'pg';
import type { Context } from '../../../kernel/context.ts';
import { roleById } from '../role-book.ts';

/**
 * Gives somebody whom the directory manages the role that their groups say: of several the one that may do most, without
 * any the default. Owners stay what they are. A new role ends their sessions.
 */
export async function applyRole(
  context: Context,
  client: pg.ClientBase,
  userId: string,
  defaultRole: string,
): Promise<void> {
  const { rows } = await client.query<{ role: string }>(
    `SELECT DISTINCT g.role FROM staff_scim_members m JOIN staff_scim_groups g ON g.id = m.group_id
     WHERE m.user_id = $1 AND g.role IS NOT NULL ORDER BY g.role`,
    [userId],
  );
  let best: { id: string; size: number } | null = null;
  for (const { role } of rows) {
    const known = await roleById(context, role);
    if (known && known.permissions.size > (best?.size ?? -1)) best = { id: known.id, size: known.permissions.size };
  }
  // Who got a role here by hand, before groups had any, keeps it.
  const { rowCount: mapped } = await client.query('SELECT FROM staff_scim_groups WHERE role IS NOT NULL LIMIT 1');
  if (!best && !mapped) return;
  const { rowCount } = await client.query(
    `UPDATE staff_users SET role = $2, updated_at = now()
     WHERE id = $1 AND scim_managed AND role <> 'owner' AND role <> $2`,
    [userId, best?.id ?? defaultRole],
  );
  if (rowCount) await client.query('DELETE FROM staff_sessions WHERE user_id = $1', [userId]);
}

/** As applyRole, for all that are in a group. */
export async function applyRoles(
  context: Context,
  client: pg.ClientBase,
  userIds: Iterable<string>,
  defaultRole: string,
): Promise<void> {
  for (const id of new Set(userIds)) await applyRole(context, client, id, defaultRole);
}
