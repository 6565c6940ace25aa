import type { App } from '../../kernel/app.ts';

export const ROLES = ['owner', 'admin', 'analyst', 'agent', 'marketer', 'seller', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What each role may do, as permissions or patterns of them: `*` is all, `*.read` all that ends so, `people.*` all that
 * begins so; a `-` in front takes away again.
 */
const RULES: Record<Role, readonly string[]> = {
  owner: ['*'],
  admin: ['*', '-access.write'],
  analyst: [
    '*.read',
    'reports.write',
    'audiences.write',
    'analytics.sql',
    'surveys.write',
    '-keys.read',
    '-audit.read',
    '-access.read',
    '-requests.read',
  ],
  agent: [
    'people.*',
    'events.read',
    'sources.read',
    'connections.read',
    'requests.*',
    'privacy.read',
    'privacy.act',
    'privacy.export',
    'replay.read',
    'surveys.read',
    'voices.*',
  ],
  marketer: [
    'people.read',
    'events.read',
    'sources.read',
    'connections.read',
    'catalogue.read',
    'privacy.read',
    'imports.*',
    'audiences.*',
    'reports.*',
    'replay.*',
    'surveys.*',
    'voices.*',
  ],
  seller: ['people.*', 'events.read', 'surveys.read', 'voices.read'],
  viewer: ['*.read', '-keys.read', '-quarantine.read', '-audit.read', '-access.read', '-requests.read'],
};

/** Built-in roles that see that there is personal data, and not what it is. */
export const HIDING: ReadonlySet<string> = new Set<Role>(['analyst', 'viewer']);

/** Every permission that the apps define. */
export function permissionsOf(apps: readonly App[]): string[] {
  return apps.flatMap((app) => Object.keys(app.permissions ?? {}));
}

/** The permissions of a role out of all there are; none for a name that is not a role. */
export function permissionsOfRole(role: string, all: readonly string[]): ReadonlySet<string> {
  const rules = (RULES as Record<string, readonly string[] | undefined>)[role] ?? [];
  const given = rules.filter((rule) => !rule.startsWith('-'));
  const taken = rules.filter((rule) => rule.startsWith('-')).map((rule) => rule.slice(1));
  return new Set(all.filter((name) => given.some((rule) => fits(rule, name)) && !taken.includes(name)));
}

function fits(rule: string, permission: string): boolean {
  if (rule === '*') return true;
  if (rule.startsWith('*')) return permission.endsWith(rule.slice(1));
  if (rule.endsWith('*')) return permission.startsWith(rule.slice(0, -1));
  return rule === permission;
}
