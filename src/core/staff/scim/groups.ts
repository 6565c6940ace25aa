import type pg from 'pg';
import type { Context } from '../../../kernel/context.ts';
import { applyRoles } from './group-roles.ts';
import { GROUP, GroupInput, type Operation, parse, parseFilter, ScimError } from './protocol.ts';
import type { ScimToken } from './tokens.ts';

interface Row {
  id: string;
  display_name: string;
  external_id: string | null;
  created_at: Date;
  updated_at: Date;
  members: { value: string; display: string }[] | null;
}

const select = (members: boolean) => `SELECT g.id, g.display_name, g.external_id, g.created_at, g.updated_at,
    ${
      members
        ? `(SELECT json_agg(json_build_object('value', u.id, 'display', u.name) ORDER BY u.id)
            FROM staff_scim_members m JOIN staff_users u ON u.id = m.user_id WHERE m.group_id = g.id)`
        : 'NULL::json'
    } AS members FROM staff_scim_groups g`;

const FILTERS = { displayname: 'lower(g.display_name)', externalid: 'g.external_id', id: 'g.id' };

function resource(context: Context, row: Row, members: boolean): object {
  return {
    schemas: [GROUP],
    id: row.id,
    ...(row.external_id ? { externalId: row.external_id } : {}),
    displayName: row.display_name,
    ...(members ? { members: row.members ?? [] } : {}),
    meta: {
      resourceType: 'Group',
      created: row.created_at.toISOString(),
      lastModified: row.updated_at.toISOString(),
      location: `${context.url()}/scim/v2/Groups/${row.id}`,
    },
  };
}

export async function listGroups(
  context: Context,
  filter: string | undefined,
  paging: { offset: number; limit: number },
  members: boolean,
): Promise<{ resources: object[]; total: number }> {
  const wanted = parseFilter(filter, FILTERS);
  const exact = wanted?.column !== FILTERS.displayname;
  const where = wanted ? `WHERE ${wanted.column} = ${exact ? '$1' : 'lower($1)'}` : 'WHERE $1::text IS NULL';
  const value = wanted?.value.replaceAll('\0', '') ?? null;
  const { pool } = context.records;
  const total = await pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM staff_scim_groups g ${where}`, [
    value,
  ]);
  const { rows } = await pool.query<Row>(`${select(members)} ${where} ORDER BY g.created_at, g.id OFFSET $2 LIMIT $3`, [
    value,
    paging.offset,
    paging.limit,
  ]);
  return { resources: rows.map((row) => resource(context, row, members)), total: total.rows[0]!.count };
}

export async function getGroup(
  context: Context,
  db: pg.ClientBase | pg.Pool,
  id: string,
  members = true,
): Promise<object> {
  const { rows } = await db.query<Row>(`${select(members)} WHERE g.id = $1`, [id]);
  if (!rows[0]) throw notThere(id);
  return resource(context, rows[0], members);
}

/** Refuses with 409 a name that another group has. */
export async function createGroup(
  context: Context,
  token: ScimToken,
  body: unknown,
): Promise<{ id: string; made: object }> {
  const input = parse(GroupInput, body);
  const id = crypto.randomUUID();
  const made = await unique(() =>
    context.records.transaction(async (client) => {
      await client.query('INSERT INTO staff_scim_groups (id, display_name, external_id) VALUES ($1, $2, $3)', [
        id,
        input.displayName,
        input.externalId ?? null,
      ]);
      await setMembers(context, client, token, id, idsOf(input.members));
      return getGroup(context, client, id);
    }),
  );
  return { id, made };
}

export function replaceGroup(context: Context, token: ScimToken, id: string, body: unknown): Promise<object> {
  const input = parse(GroupInput, body);
  return change(context, id, async (client) => {
    await client.query('UPDATE staff_scim_groups SET display_name = $2, external_id = $3 WHERE id = $1', [
      id,
      input.displayName,
      input.externalId ?? null,
    ]);
    await setMembers(context, client, token, id, idsOf(input.members));
  });
}

/** Changes a group's name or members, as Okta (with values) and Entra (with paths) do it. */
export function patchGroup(
  context: Context,
  token: ScimToken,
  id: string,
  operations: readonly Operation[],
): Promise<object> {
  return change(context, id, async (client) => {
    for (const { op, path, value } of operations) {
      const one = /^members\[value eq "([^"]+)"\]$/.exec(path)?.[1];
      if (path === 'displayname' || path === 'externalid') {
        const column = path === 'displayname' ? 'display_name' : 'external_id';
        const given = parse(GroupInput.shape.displayName, value);
        await client.query(`UPDATE staff_scim_groups SET ${column} = $2 WHERE id = $1`, [id, given]);
      } else if (one && op === 'remove') await removeMembers(context, client, token, id, [one]);
      else if (path === 'members') {
        const ids = idsOf(value === undefined ? null : parse(GroupInput.shape.members, value));
        if (op === 'add') await addMembers(context, client, token, id, ids);
        else if (op === 'replace') await setMembers(context, client, token, id, ids);
        else if (value === undefined || value === null) await setMembers(context, client, token, id, []);
        else await removeMembers(context, client, token, id, ids);
      }
    }
  });
}

export async function deleteGroup(context: Context, token: ScimToken, id: string): Promise<void> {
  await context.records.transaction(async (client) => {
    const members = await memberIds(client, id);
    const { rowCount } = await client.query('DELETE FROM staff_scim_groups WHERE id = $1', [id]);
    if (!rowCount) throw notThere(id);
    await applyRoles(context, client, members, token.defaultRole);
  });
}

async function change(context: Context, id: string, work: (client: pg.PoolClient) => Promise<void>): Promise<object> {
  return unique(() =>
    context.records.transaction(async (client) => {
      const { rowCount } = await client.query('UPDATE staff_scim_groups SET updated_at = now() WHERE id = $1', [id]);
      if (!rowCount) throw notThere(id);
      await work(client);
      return getGroup(context, client, id);
    }),
  );
}

type Ids = readonly string[];
const idsOf = (members: GroupInput['members']): Ids => (members ?? []).map((one) => one.value);

export async function memberIds(client: pg.ClientBase, id: string): Promise<string[]> {
  const { rows } = await client.query<{ user_id: string }>(
    'SELECT user_id FROM staff_scim_members WHERE group_id = $1',
    [id],
  );
  return rows.map((row) => row.user_id);
}

async function addMembers(
  context: Context,
  client: pg.ClientBase,
  token: ScimToken,
  id: string,
  ids: Ids,
): Promise<void> {
  const { rows } = await client.query<{ user_id: string }>(
    `INSERT INTO staff_scim_members (group_id, user_id) SELECT $1, id FROM staff_users WHERE id = ANY ($2)
     ON CONFLICT DO NOTHING RETURNING user_id`,
    [id, ids],
  );
  const { rows: known } = await client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM staff_users WHERE id = ANY ($1)',
    [ids],
  );
  if (known[0]!.count < new Set(ids).size) throw new ScimError(400, 'A member is not a user here.', 'invalidValue');
  await applyRoles(
    context,
    client,
    rows.map((row) => row.user_id),
    token.defaultRole,
  );
}

async function removeMembers(
  context: Context,
  client: pg.ClientBase,
  token: ScimToken,
  id: string,
  ids: Ids,
): Promise<void> {
  await client.query('DELETE FROM staff_scim_members WHERE group_id = $1 AND user_id = ANY ($2)', [id, ids]);
  await applyRoles(context, client, ids, token.defaultRole);
}

async function setMembers(
  context: Context,
  client: pg.ClientBase,
  token: ScimToken,
  id: string,
  ids: Ids,
): Promise<void> {
  const gone = (await memberIds(client, id)).filter((one) => !ids.includes(one));
  await removeMembers(context, client, token, id, gone);
  await addMembers(context, client, token, id, ids);
}

const notThere = (id: string) => new ScimError(404, `There is no group ${id}.`);

async function unique<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: string }).code !== '23505') throw error;
    throw new ScimError(409, 'Another group has this name.', 'uniqueness');
  }
}
