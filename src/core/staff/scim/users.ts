import type pg from 'pg';
import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { checkOwnerLeft, locked, removeLocked } from '../members.ts';
import { applyRole } from './group-roles.ts';
import { type Operation, parse, parseFilter, ScimError, USER, UserInput } from './protocol.ts';
import type { ScimToken } from './tokens.ts';

const NAME_LIMIT = 200;
const Email = z.email().max(320);

interface Row {
  id: string;
  name: string;
  email: string;
  role: string;
  disabled_at: Date | null;
  created_at: Date;
  updated_at: Date;
  scim_user_name: string | null;
  scim_external_id: string | null;
  scim_name: { givenName?: string; familyName?: string } | null;
  groups: { value: string; display: string }[] | null;
}

const SELECT = `SELECT u.id, u.name, u.email, u.role, u.disabled_at, u.created_at, u.updated_at, u.scim_user_name,
    u.scim_external_id, u.scim_name,
    (SELECT json_agg(json_build_object('value', g.id, 'display', g.display_name) ORDER BY g.display_name)
     FROM staff_scim_members m JOIN staff_scim_groups g ON g.id = m.group_id WHERE m.user_id = u.id) AS groups
  FROM staff_users u`;

/** Somebody who was here before the directory goes by their address, so that it finds them and takes them over. */
const USER_NAME = 'lower(coalesce(u.scim_user_name, u.email))';
const FILTERS = {
  username: USER_NAME,
  externalid: 'u.scim_external_id',
  id: 'u.id',
  'emails.value': 'u.email',
  'emails[type eq "work"].value': 'u.email',
  emails: 'u.email',
};

function resource(context: Context, row: Row): object {
  const userName = row.scim_user_name ?? row.email;
  return {
    schemas: [USER],
    id: row.id,
    ...(row.scim_external_id ? { externalId: row.scim_external_id } : {}),
    userName,
    displayName: row.name,
    name: { formatted: row.name, ...row.scim_name },
    emails: [{ value: row.email, type: 'work', primary: true }],
    active: row.disabled_at === null,
    groups: row.groups ?? [],
    meta: {
      resourceType: 'User',
      created: row.created_at.toISOString(),
      lastModified: row.updated_at.toISOString(),
      location: `${context.url()}/scim/v2/Users/${row.id}`,
    },
  };
}

export async function listUsers(
  context: Context,
  filter: string | undefined,
  paging: { offset: number; limit: number },
): Promise<{ resources: object[]; total: number }> {
  const wanted = parseFilter(filter, FILTERS);
  const exact = wanted?.column === FILTERS.externalid || wanted?.column === FILTERS.id;
  const where = wanted ? `WHERE ${wanted.column} = ${exact ? '$1' : 'lower($1)'}` : 'WHERE $1::text IS NULL';
  const value = wanted?.value.replaceAll('\0', '') ?? null;
  const { pool } = context.records;
  const total = await pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM staff_users u ${where}`, [
    value,
  ]);
  const { rows } = await pool.query<Row>(`${SELECT} ${where} ORDER BY u.created_at, u.id OFFSET $2 LIMIT $3`, [
    value,
    paging.offset,
    paging.limit,
  ]);
  return { resources: rows.map((row) => resource(context, row)), total: total.rows[0]!.count };
}

export async function getUser(context: Context, db: pg.ClientBase | pg.Pool, id: string): Promise<object> {
  return resource(context, await rowById(db, id));
}

async function rowById(db: pg.ClientBase | pg.Pool, id: string): Promise<Row> {
  const { rows } = await db.query<Row>(`${SELECT} WHERE u.id = $1`, [id]);
  if (!rows[0]) throw new ScimError(404, `There is no user ${id}.`);
  return rows[0];
}

/** Makes a member of staff. Refuses with 409 a name or an address that somebody has. */
export async function createUser(
  context: Context,
  token: ScimToken,
  body: unknown,
): Promise<{ id: string; made: object }> {
  const input = parse(UserInput, body);
  const id = crypto.randomUUID();
  const made = await unique(() =>
    context.records.transaction(async (client) => {
      await client.query(
        `INSERT INTO staff_users (id, name, email, email_verified, role, disabled_at, scim_managed, scim_user_name,
           scim_external_id, scim_name)
         VALUES ($1, $2, $3, true, $4, CASE WHEN $5 THEN NULL ELSE now() END, true, $6, $7, $8)`,
        [
          id,
          nameOf(input),
          emailOf(input),
          token.defaultRole,
          input.active,
          input.userName,
          input.externalId ?? null,
          JSON.stringify(partsOf(input)),
        ],
      );
      // What they were invited as, they no longer need: the directory lets them in.
      await client.query('DELETE FROM staff_invitations WHERE email = $1 AND accepted_at IS NULL', [emailOf(input)]);
      return getUser(context, client, id);
    }),
  );
  return { id, made };
}

/** Puts a whole user in the place of one. What the protocol knows and we do not keep is left out. */
export function replaceUser(context: Context, token: ScimToken, id: string, body: unknown): Promise<object> {
  const input = parse(UserInput, body);
  return change(context, token, id, () => input);
}

/** Changes parts of a user; parts that we do not keep are passed over. */
export function patchUser(
  context: Context,
  token: ScimToken,
  id: string,
  operations: readonly Operation[],
): Promise<object> {
  return change(context, token, id, (row) => {
    const draft: Record<string, unknown> & { name: Record<string, unknown> } = {
      userName: row.scim_user_name ?? row.email,
      externalId: row.scim_external_id,
      displayName: row.name,
      name: { ...row.scim_name },
      emails: [{ value: row.email, primary: true }],
      active: row.disabled_at === null,
    };
    for (const operation of operations) apply(draft, operation);
    return parse(UserInput, draft);
  });
}

function apply(
  draft: Record<string, unknown> & { name: Record<string, unknown> },
  { op, path, value }: Operation,
): void {
  const given = op === 'remove' ? null : value;
  if (path === 'active') draft.active = op === 'remove' ? false : value;
  else if (path === 'username') draft.userName = given;
  else if (path === 'externalid') draft.externalId = given;
  else if (path === 'displayname') draft.displayName = given;
  else if (path === 'name.formatted') draft.displayName = given;
  else if (path === 'name.givenname' || path === 'name.familyname') {
    draft.name[path === 'name.givenname' ? 'givenName' : 'familyName'] = given;
    draft.displayName = null;
  } else if (path === 'name' && typeof given === 'object' && given !== null) {
    draft.name = { ...draft.name, ...given };
    draft.displayName = null;
  } else if (path === 'emails' && op !== 'remove') draft.emails = value;
  else if (/^emails\[type eq "work"\]\.value$/.test(path) || path === 'emails[primary eq true].value') {
    if (op !== 'remove') draft.emails = [{ value, primary: true }];
  }
}

async function change(context: Context, token: ScimToken, id: string, next: (row: Row) => UserInput): Promise<object> {
  return unique(() =>
    context.records.transaction(async (client) => {
      await locked(client, id).catch(() => null);
      const before = await rowById(client, id);
      const input = next(before);
      const email = emailOf(input);
      const wasActive = before.disabled_at === null;
      if (before.role === 'owner' && email !== before.email) {
        throw new ScimError(403, 'The address of an owner is changed here, not by a directory.', 'mutability');
      }
      if (wasActive && !input.active) await refusing(checkOwnerLeft(client, id));
      await client.query(
        `UPDATE staff_users SET name = $2, email = $3, scim_user_name = $4, scim_external_id = $5, scim_name = $6,
           disabled_at = CASE WHEN $7 THEN NULL ELSE coalesce(disabled_at, now()) END, scim_managed = true,
           updated_at = now() WHERE id = $1`,
        [
          id,
          nameOf(input),
          email,
          input.userName,
          input.externalId ?? null,
          JSON.stringify(partsOf(input)),
          input.active,
        ],
      );
      if (wasActive !== input.active || email !== before.email) {
        await client.query('DELETE FROM staff_sessions WHERE user_id = $1', [id]);
      }
      await applyRole(context, client, id, token.defaultRole);
      return getUser(context, client, id);
    }),
  );
}

/** Removes a member of staff. Refuses with 409 the only owner. */
export async function deleteUser(context: Context, id: string): Promise<void> {
  await context.records.transaction(async (client) => {
    await rowById(client, id);
    await locked(client, id);
    await refusing(checkOwnerLeft(client, id));
    await removeLocked(client, id, null);
  });
}

function emailOf(input: UserInput): string {
  const chosen = input.emails?.find((one) => one.primary) ?? input.emails?.[0];
  const email = (chosen?.value ?? input.userName).trim().toLowerCase();
  if (Email.safeParse(email).success) return email;
  throw new ScimError(400, 'A user needs an e-mail address: in emails, or as userName.', 'invalidValue');
}

function nameOf(input: UserInput): string {
  const { givenName, familyName, formatted } = input.name ?? {};
  const parts = [givenName, familyName].filter(Boolean).join(' ');
  return (input.displayName || formatted || parts || input.userName).trim().slice(0, NAME_LIMIT) || input.userName;
}

const partsOf = ({ name }: UserInput) => ({
  ...(name?.givenName ? { givenName: name.givenName } : {}),
  ...(name?.familyName ? { familyName: name.familyName } : {}),
});

async function unique<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: string }).code !== '23505') throw error;
    throw new ScimError(409, 'Somebody has this userName or this e-mail address already.', 'uniqueness');
  }
}

const refusing = (work: Promise<void>): Promise<void> =>
  work.catch((error: Error) => {
    throw new ScimError(409, error.message);
  });
