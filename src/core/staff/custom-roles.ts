import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { allPermissions, allRoles, checkCovers, checkMayTouch, rereadRoles } from './role-book.ts';
import { ROLES } from './roles.ts';

/** Roles that a company can have of its own. */
const CUSTOM_ROLES_LIMIT = 100;

interface RoleInput {
  name: string;
  description: string;
  permissions: readonly string[];
  hidesPersonalData: boolean;
}

interface RoleShown extends Omit<RoleInput, 'permissions'> {
  id: string;
  builtIn: boolean;
  permissions: string[];
  people: number;
}

/**
 * Refuses (400) permissions that there are not and a company's hundred-and-first role, (403) permissions that the caller
 * does not have, (409) a name that is taken.
 */
export async function createRole(context: Context, caller: Caller, input: RoleInput): Promise<RoleShown> {
  await checkInput(context, caller, input);
  const custom = (await allRoles(context)).filter((role) => !role.builtIn);
  if (custom.length >= CUSTOM_ROLES_LIMIT) {
    throw refuse.invalid(`A company can have ${CUSTOM_ROLES_LIMIT} roles of its own. Remove one that is not used.`);
  }
  const id = `role_${crypto.randomUUID()}`;
  await named(input.name, () =>
    context.records.pool.query(
      'INSERT INTO staff_roles (id, name, description, permissions, hides_personal_data) VALUES ($1, $2, $3, $4, $5)',
      [id, input.name, input.description, unique(input.permissions), input.hidesPersonalData],
    ),
  );
  rereadRoles(context);
  return shown(context, id);
}

/** As createRole; also refuses (403) a role that may do more than who changes it, and (404) what is no role of ours. */
export async function changeRole(
  context: Context,
  caller: Caller,
  id: string,
  change: Partial<RoleInput>,
): Promise<RoleShown> {
  const role = await customRole(context, id);
  await checkMayTouch(context, caller, id);
  const next = {
    name: change.name ?? role.name,
    description: change.description ?? role.description,
    permissions: change.permissions ?? role.permissions,
    hidesPersonalData: change.hidesPersonalData ?? role.hidesPersonalData,
  };
  await checkInput(context, caller, next);
  await named(next.name, () =>
    context.records.pool.query(
      `UPDATE staff_roles SET name = $2, description = $3, permissions = $4, hides_personal_data = $5, updated_at = now()
       WHERE id = $1`,
      [id, next.name, next.description, unique(next.permissions), next.hidesPersonalData],
    ),
  );
  rereadRoles(context);
  return shown(context, id);
}

/**
 * Refuses with 409 a role that somebody or something still has, and says what. Who is given it in this very moment has a
 * role that is none, and may do nothing.
 */
export async function removeRole(context: Context, caller: Caller, id: string): Promise<void> {
  await customRole(context, id);
  await checkMayTouch(context, caller, id);
  await context.records.transaction(async (client) => {
    const { rows } = await client.query<{ what: string; count: number }>(
      `SELECT * FROM (
         SELECT 'members of staff' AS what, count(*)::int AS count FROM staff_users WHERE role = $1
         UNION ALL SELECT 'open invitations', count(*)::int FROM staff_invitations WHERE role = $1 AND accepted_at IS NULL
         UNION ALL SELECT 'API keys', count(*)::int FROM staff_api_keys WHERE role = $1
         UNION ALL SELECT 'single sign-ons', count(*)::int FROM staff_sso_providers WHERE default_role = $1
         UNION ALL SELECT 'directories', count(*)::int FROM staff_scim_tokens WHERE default_role = $1
         UNION ALL SELECT 'groups of a directory', count(*)::int FROM staff_scim_groups WHERE role = $1
       ) AS uses WHERE count > 0`,
      [id],
    );
    if (rows.length > 0) {
      const uses = rows.map((row) => `${row.what}: ${row.count}`).join(', ');
      throw refuse.conflict(`The role is still in use (${uses}). Give them another one first.`, rows);
    }
    await client.query('DELETE FROM staff_roles WHERE id = $1', [id]);
  });
  rereadRoles(context);
}

/** How many members of staff have each role. */
export async function usesOfRoles(context: Context): Promise<Map<string, number>> {
  const { rows } = await context.records.pool.query<{ role: string; count: number }>(
    'SELECT role, count(*)::int AS count FROM staff_users GROUP BY role',
  );
  return new Map(rows.map((row) => [row.role, row.count]));
}

async function customRole(context: Context, id: string): Promise<RoleInput> {
  if ((ROLES as readonly string[]).includes(id)) {
    throw refuse.invalid('The built-in roles stay as they are. Create a role of your own.');
  }
  const { rows } = await context.records.pool.query<RoleInput>(
    `SELECT name, description, permissions, hides_personal_data AS "hidesPersonalData" FROM staff_roles WHERE id = $1`,
    [id],
  );
  if (!rows[0]) throw refuse.notFound('There is no such role.');
  return rows[0];
}

async function checkInput(context: Context, caller: Caller, input: RoleInput): Promise<void> {
  if ((ROLES as readonly string[]).includes(input.name.toLowerCase())) {
    throw refuse.conflict(`"${input.name}" is a built-in role. Take another name.`);
  }
  const known = new Set((await allPermissions(context)).map((one) => one.id));
  const strange = input.permissions.filter((name) => !known.has(name));
  if (strange.length > 0) throw refuse.invalid(`There is no permission ${strange.slice(0, 5).join(', ')}.`);
  checkCovers(caller, input.permissions, 'give');
  if (caller.hidesPersonalData && !input.hidesPersonalData) {
    throw refuse.forbidden('A role that shows personal data can be made only by those who see it.');
  }
}

async function shown(context: Context, id: string): Promise<RoleShown> {
  const role = await customRole(context, id);
  return {
    ...role,
    id,
    builtIn: false,
    permissions: [...role.permissions],
    people: (await usesOfRoles(context)).get(id) ?? 0,
  };
}

const unique = (permissions: readonly string[]) => [...new Set(permissions)].sort();

async function named(name: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if ((error as { code?: string }).code !== '23505') throw error;
    throw refuse.conflict(`There is a role "${name}" already.`);
  }
}
