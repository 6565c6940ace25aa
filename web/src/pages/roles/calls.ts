import type { PermissionView } from '../../../../src/core/staff/role-routes.ts';
import { ask } from '../../api.ts';
import type { Role } from '../staff/calls.ts';

export type Permission = PermissionView;
export type RoleInput = { name: string; description: string; permissions: string[]; hidesPersonalData: boolean };

const one = (id: string) => `/api/roles/${encodeURIComponent(id)}`;

export const roleCalls = {
  permissions: () => ask<{ items: Permission[] }>('GET', '/api/permissions'),
  create: (input: RoleInput) => ask<Role>('POST', '/api/roles', input),
  change: (id: string, input: RoleInput) => ask<Role>('PATCH', one(id), input),
  remove: (id: string) => ask<unknown>('DELETE', one(id)),
};
