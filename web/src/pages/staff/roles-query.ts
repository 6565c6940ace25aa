import { useQuery } from '@tanstack/react-query';
import { useMay, useMe } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { type Role, staffCalls } from './calls.ts';
import { roleName } from './role-name.ts';

/** All roles; `givable` are those that the visitor may give: nobody gives what they may not do or see themselves. */
export function useRoles() {
  const t = useText();
  const me = useMe();
  const mayRead = useMay('staff.read');
  const query = useQuery({ queryKey: ['roles'], queryFn: staffCalls.roles, staleTime: 30_000, enabled: mayRead });
  const roles = query.data?.items ?? [];
  const mayGive = (role: Role) =>
    (role.id !== 'owner' || me.role === 'owner') &&
    role.permissions.every((name) => me.permissions.includes(name)) &&
    (role.hidesPersonalData || !me.hidesPersonalData);
  const choice = (role: Role) => ({ value: role.id, label: roleName(role.id, role.name, t) });
  const nameOf = (id: string) => {
    const role = roles.find((one) => one.id === id);
    return roleName(id, role?.name ?? id, t);
  };
  return { query, roles, mayGive, givable: roles.filter(mayGive), choice, nameOf };
}

/** What a role is for, in a sentence; of a company's own role what was written about it. */
export function useRoleHint(): (role: Role | undefined) => string {
  const t = useText();
  return (role) => {
    if (!role) return '';
    return role.builtIn ? t(`roleHint.${role.id}` as 'roleHint.admin') : (role.description ?? '');
  };
}
