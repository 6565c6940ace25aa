import { useQuery } from '@tanstack/react-query';
import { humanise } from '../../format.ts';
import { hasMessage, type Translate } from '../../text.tsx';
import { type Permission, roleCalls } from './calls.ts';

export type PermissionGroup = { app: string; permissions: Permission[] };

/** Every permission that there is, by app. */
export function usePermissions() {
  const query = useQuery({ queryKey: ['permissions'], queryFn: roleCalls.permissions, staleTime: 60_000 });
  const groups: PermissionGroup[] = [...Map.groupBy(query.data?.items ?? [], (one) => one.app)].map(
    ([app, permissions]) => ({ app, permissions }),
  );
  return { query, groups };
}

/** What a permission allows, in the language of the page; in the server's words where an app brought its own. */
export function allows(permission: Permission, t: Translate): string {
  const key = `permission.${permission.id}`;
  return hasMessage(key) ? t(key) : permission.allows;
}

export function appName(app: string, t: Translate): string {
  const key = `permissionGroup.${app}`;
  return hasMessage(key) ? t(key) : humanise(app);
}
