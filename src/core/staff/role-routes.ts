import { z } from 'zod';
import { pageOf } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import { Storable } from '../../kernel/storable.ts';
import { changeRole, createRole, removeRole, usesOfRoles } from './custom-roles.ts';
import { Name, TextId } from './fields.ts';
import { allPermissions, allRoles } from './role-book.ts';

const DESCRIPTION_LIMIT = 1000;
const PERMISSIONS_LIMIT = 500;

export const RoleView = z.object({
  id: z.string(),
  name: z.string().describe('Of built-in roles the ID, for the screen to translate.'),
  description: z.string().nullable(),
  builtIn: z.boolean(),
  permissions: z.array(z.string()),
  hidesPersonalData: z.boolean(),
  people: z.number().describe('How many members of staff have it.'),
});
export type RoleView = z.output<typeof RoleView>;

export const PermissionView = z.object({
  id: z.string(),
  app: z.string(),
  allows: z.string().describe('A sentence.'),
  yours: z.boolean().describe('Whether you have it, and so can give it.'),
});
export type PermissionView = z.output<typeof PermissionView>;

const RoleInput = z.object({
  name: Name,
  description: Storable.trim().max(DESCRIPTION_LIMIT).default(''),
  permissions: z.array(z.string().max(100)).max(PERMISSIONS_LIMIT),
  hidesPersonalData: z.boolean().default(false),
});

const params = z.object({ id: TextId });

export const roleRoutes = [
  route({
    method: 'GET',
    path: '/api/permissions',
    summary: 'Every permission there is, by app, with what it allows',
    permission: 'signed-in',
    reply: z.object({ items: z.array(PermissionView) }),
    run: async ({ context, caller }) => ({
      items: (await allPermissions(context)).map((one) => ({ ...one, yours: caller.permissions.has(one.id) })),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/roles',
    summary: 'All roles, the built-in ones first',
    permission: 'staff.read',
    reply: pageOf(RoleView),
    run: async ({ context }) => {
      const uses = await usesOfRoles(context);
      const items = (await allRoles(context)).map((role) => ({
        ...role,
        permissions: [...role.permissions].sort(),
        people: uses.get(role.id) ?? 0,
      }));
      return { items, nextCursor: null };
    },
  }),
  route({
    method: 'POST',
    path: '/api/roles',
    summary: 'Create a role of your own out of permissions that you have',
    permission: 'staff.write',
    body: RoleInput,
    reply: RoleView,
    status: 201,
    run: ({ context, caller, body }) => createRole(context, caller, body),
  }),
  route({
    method: 'PATCH',
    path: '/api/roles/{id}',
    summary: 'Change a role; it holds at once for everybody who has it',
    permission: 'staff.write',
    params,
    body: z.object({
      name: RoleInput.shape.name.optional(),
      description: Storable.trim().max(DESCRIPTION_LIMIT).optional(),
      permissions: RoleInput.shape.permissions.optional(),
      hidesPersonalData: z.boolean().optional(),
    }),
    reply: RoleView,
    run: ({ context, caller, params, body }) => changeRole(context, caller, params.id, body),
  }),
  route({
    method: 'DELETE',
    path: '/api/roles/{id}',
    summary: 'Remove a role that nobody and nothing has any more',
    permission: 'staff.write',
    params,
    reply: z.object({ id: z.string() }),
    run: async ({ context, caller, params }) => {
      await removeRole(context, caller, params.id);
      return { id: params.id };
    },
  }),
];
