import { apiKeyById, powersOf } from '../../core/staff/api-keys.ts';
import { roleById } from '../../core/staff/role-book.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { Refusal } from '../../kernel/refusal.ts';

/**
 * Who once set something up, as a caller with what they may do now: for alerts, schedules and shares, which run without
 * them. Null where they are gone, are disabled, or their key ended.
 */
export async function callerOf(context: Context, owner: string): Promise<Caller | null> {
  const at = owner.indexOf(':');
  const [kind, id] = [owner.slice(0, at), owner.slice(at + 1)];
  if (kind === 'local') {
    const role = await roleById(context, 'owner');
    return role
      ? {
          kind: 'local',
          id,
          name: id,
          email: null,
          role: 'owner',
          permissions: role.permissions,
          hidesPersonalData: false,
        }
      : null;
  }
  return kind === 'staff' ? member(context, id) : key(context, Number(id));
}

async function member(context: Context, id: string): Promise<Caller | null> {
  const { rows } = await context.records.pool.query<{ name: string; email: string; role: string }>(
    'SELECT name, email, role FROM staff_users WHERE id = $1 AND disabled_at IS NULL',
    [id],
  );
  const [found] = rows;
  const role = found ? await roleById(context, found.role) : null;
  if (!found || !role) return null;
  const { permissions, hidesPersonalData } = role;
  return { kind: 'staff', id, ...found, permissions, hidesPersonalData };
}

async function key(context: Context, id: number): Promise<Caller | null> {
  try {
    const found = await apiKeyById(context, id);
    if (found.orphaned || (found.expiresAt && found.expiresAt.getTime() <= Date.now())) return null;
    const powers = await powersOf(context, found);
    return { kind: 'key', id: String(id), name: found.name ?? '', email: null, role: found.role, ...powers };
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
