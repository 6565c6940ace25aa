import { z } from 'zod';
import { refuse } from '../../../kernel/refusal.ts';
import { route } from '../../../kernel/route.ts';
import { Name, NumberId, RoleId, TextId } from '../fields.ts';
import { checkMayGive } from '../role-book.ts';
import { applyRoles } from './group-roles.ts';
import { memberIds } from './groups.ts';
import { createScimToken, listScimTokens, revokeScimToken, type ScimToken } from './tokens.ts';

const GROUPS_SHOWN = 1000;

export const ScimTokenView = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe('The first characters of the token.'),
  defaultRole: z.string().describe('Of people who are in no group with a role.'),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable().describe('To the minute.'),
});
export type ScimTokenView = z.output<typeof ScimTokenView>;

export const ScimGroupView = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string().nullable().describe('What its members may do; null until somebody says so here.'),
  members: z.number(),
});
export type ScimGroupView = z.output<typeof ScimGroupView>;

const view = (token: ScimToken): ScimTokenView => ({
  id: String(token.id),
  name: token.name,
  prefix: token.prefix,
  defaultRole: token.defaultRole,
  createdAt: token.createdAt.toISOString(),
  lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
});

export const scimRoutes = [
  route({
    method: 'GET',
    path: '/api/scim/tokens',
    summary: 'The directories that manage staff here over SCIM, and the address they call',
    permission: 'access.read',
    reply: z.object({ baseUrl: z.string(), items: z.array(ScimTokenView), nextCursor: z.null() }),
    run: async ({ context }) => ({
      baseUrl: `${context.url()}/scim/v2`,
      items: (await listScimTokens(context)).map(view),
      nextCursor: null,
    }),
  }),
  route({
    method: 'POST',
    path: '/api/scim/tokens',
    summary: 'Let a directory manage staff here; its token is shown only in this answer',
    permission: 'access.write',
    body: z.object({ name: Name, defaultRole: RoleId.default('viewer') }),
    reply: ScimTokenView.extend({ token: z.string(), baseUrl: z.string() }),
    status: 201,
    run: async ({ context, caller, body }) => {
      const made = await createScimToken(context, caller, body);
      return { ...view(made), token: made.token, baseUrl: `${context.url()}/scim/v2` };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/scim/tokens/{id}',
    summary: 'Revoke the token of a directory; the people it made stay',
    permission: 'access.write',
    params: z.object({ id: NumberId }),
    reply: z.object({ id: z.string() }),
    run: async ({ context, params }) => {
      await revokeScimToken(context, Number(params.id));
      return { id: params.id };
    },
  }),
  route({
    method: 'GET',
    path: '/api/scim/groups',
    summary: 'The groups that directories have told, with the roles that they give',
    permission: 'access.read',
    reply: z.object({ items: z.array(ScimGroupView), nextCursor: z.null() }),
    run: async ({ context }) => {
      const { rows } = await context.records.pool.query<ScimGroupView>(
        `SELECT id, display_name AS name, role,
           (SELECT count(*)::int FROM staff_scim_members WHERE group_id = g.id) AS members
         FROM staff_scim_groups g ORDER BY lower(display_name) LIMIT $1`,
        [GROUPS_SHOWN],
      );
      return { items: rows, nextCursor: null };
    },
  }),
  route({
    method: 'PATCH',
    path: '/api/scim/groups/{id}',
    summary: 'Say which role a group gives; its members have it at once',
    permission: 'access.write',
    params: z.object({ id: TextId }),
    body: z.object({ role: RoleId.nullable() }),
    reply: ScimGroupView,
    run: async ({ context, caller, params, body }) => {
      if (body.role === 'owner') throw refuse.invalid('A directory makes no owners. Take another role.');
      if (body.role !== null) await checkMayGive(context, caller, body.role);
      const defaultRole = (await listScimTokens(context))[0]?.defaultRole ?? 'viewer';
      return context.records.transaction(async (client) => {
        const { rows } = await client.query<{ id: string; name: string; role: string | null }>(
          `UPDATE staff_scim_groups SET role = $2, updated_at = now() WHERE id = $1
           RETURNING id, display_name AS name, role`,
          [params.id, body.role],
        );
        if (!rows[0]) throw refuse.notFound('There is no such group.');
        const members = await memberIds(client, params.id);
        await applyRoles(context, client, members, defaultRole);
        return { ...rows[0], members: members.length };
      });
    },
  }),
];
