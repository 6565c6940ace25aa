import {
  IconActivity,
  IconAdjustments,
  IconBook2,
  IconHeartbeat,
  IconHistory,
  IconId,
  IconInbox,
  IconKey,
  IconLockAccess,
  IconPlug,
  IconPlugConnected,
  IconShieldExclamation,
  IconShieldLock,
  IconUserCircle,
  IconUsers,
  IconUsersGroup,
  type TablerIcon,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Area } from './messages/areas.ts';
import type { MessageKey } from './text.tsx';

/** What people do here; the navigation's headings, in this order. A group without a page is not shown. */
export const GROUPS = ['know', 'understand', 'serve', 'grow', 'sell', 'settings'] as const;
export type Group = (typeof GROUPS)[number];

export interface PageEntry {
  /** Below the console's root, in React Router's form: `people/:personId`. */
  path: string;
  label: MessageKey;
  /** A page with an icon stands in the palette, one with a group in the navigation too. */
  icon?: TablerIcon;
  group?: Group;
  /** What its visitor must be allowed; `signed-in` for everyone. */
  permission: string;
  /** The areas of messages that it uses and the shell does not; `web/messages.test.ts` names those that are missing. */
  areas: readonly Area[];
  load: () => Promise<ComponentType>;
  /** The letter that opens it after `g`. */
  key?: string;
  /** What the palette offers from anywhere: an address that begins it. The labels are in the area `action`. */
  actions?: readonly { label: MessageKey; to: string; permission: string }[];
}

/** Every page of the console: its routes, its navigation and its palette are made from this list. */
export const PAGES: readonly PageEntry[] = [
  {
    path: 'live',
    label: 'nav.live',
    icon: IconActivity,
    group: 'know',
    permission: 'events.read',
    areas: ['channel', 'contact', 'details', 'event', 'live', 'people', 'sample', 'sources', 'trait'],
    load: () => import('./pages/live/live.tsx').then((page) => page.LivePage),
    key: 'l',
  },
  {
    path: 'people',
    label: 'nav.people',
    icon: IconUsers,
    group: 'know',
    permission: 'people.read',
    areas: ['hidden', 'identifier', 'people', 'sample', 'sources', 'views'],
    load: () => import('./pages/people/people.tsx').then((page) => page.PeoplePage),
    key: 'p',
  },
  {
    path: 'people/:personId',
    label: 'nav.people',
    permission: 'people.read',
    areas: [
      'channel',
      'contact',
      'details',
      'event',
      'hidden',
      'identifier',
      'line',
      'person',
      'privacy',
      'sample',
      'trait',
    ],
    load: () => import('./pages/person/person.tsx').then((page) => page.PersonPage),
  },
  {
    path: 'sources',
    label: 'nav.sources',
    icon: IconPlug,
    group: 'settings',
    permission: 'sources.read',
    areas: ['connection', 'sample', 'sourceKind', 'sourceKindHint', 'sources', 'views'],
    load: () => import('./pages/sources/sources.tsx').then((page) => page.SourcesPage),
    key: 's',
    actions: [{ label: 'action.newSource', to: '/sources?new=1', permission: 'sources.write' }],
  },
  {
    path: 'sources/:sourceId',
    label: 'nav.sources',
    permission: 'sources.read',
    areas: [
      'connection',
      'source',
      'sourceKind',
      'sourceKindHint',
      'sourcePaste',
      'sources',
      'step',
      'test',
      'transformations',
    ],
    load: () => import('./pages/sources/source.tsx').then((page) => page.SourcePage),
  },
  {
    path: 'sources/:sourceId/transformations',
    label: 'nav.sources',
    permission: 'transformations.read',
    areas: ['transformations'],
    load: () => import('./pages/transformations/transformations.tsx').then((page) => page.TransformationsPage),
  },
  {
    path: 'sources/:sourceId/transformations/:transformationId',
    label: 'nav.sources',
    permission: 'transformations.read',
    areas: ['transformations'],
    load: () => import('./pages/transformations/transformation.tsx').then((page) => page.TransformationPage),
  },
  {
    path: 'destinations',
    label: 'nav.destinations',
    icon: IconPlugConnected,
    group: 'settings',
    permission: 'destinations.read',
    areas: ['destinations', 'views'],
    load: () => import('./pages/destinations/destinations.tsx').then((page) => page.DestinationsPage),
  },
  {
    path: 'destinations/:destinationId',
    label: 'nav.destinations',
    permission: 'destinations.read',
    areas: ['destinations'],
    load: () => import('./pages/destinations/destination.tsx').then((page) => page.DestinationPage),
  },
  {
    path: 'catalogue',
    label: 'nav.catalogue',
    icon: IconBook2,
    group: 'settings',
    permission: 'catalogue.read',
    areas: ['catalogue', 'views'],
    load: () => import('./pages/catalogue/catalogue.tsx').then((page) => page.CataloguePage),
    key: 'c',
  },
  {
    path: 'catalogue/:type/:name',
    label: 'nav.catalogue',
    permission: 'catalogue.read',
    areas: ['catalogue'],
    load: () => import('./pages/catalogue/event.tsx').then((page) => page.CatalogueEventPage),
  },
  {
    path: 'quarantine',
    label: 'nav.quarantine',
    icon: IconShieldExclamation,
    group: 'settings',
    permission: 'quarantine.read',
    areas: ['channel', 'details', 'event', 'live', 'people', 'quarantine', 'step', 'trait', 'views'],
    load: () => import('./pages/quarantine/quarantine.tsx').then((page) => page.QuarantinePage),
    key: 'q',
  },
  {
    path: 'requests',
    label: 'nav.requests',
    icon: IconInbox,
    group: 'serve',
    permission: 'requests.read',
    areas: ['requests', 'views'],
    load: () => import('./pages/requests/requests.tsx').then((page) => page.RequestsPage),
  },
  {
    path: 'privacy',
    label: 'nav.privacy',
    icon: IconShieldLock,
    group: 'settings',
    permission: 'privacy.read',
    areas: ['identifier', 'privacy', 'views'],
    load: () => import('./pages/privacy/privacy.tsx').then((page) => page.PrivacyPage),
  },
  {
    path: 'staff',
    label: 'nav.staff',
    icon: IconUsersGroup,
    group: 'settings',
    permission: 'staff.read',
    areas: ['role', 'roleHint', 'sessions', 'staff', 'views'],
    load: () => import('./pages/staff/staff.tsx').then((page) => page.StaffPage),
    actions: [{ label: 'action.invite', to: '/staff?invite=1', permission: 'staff.write' }],
  },
  {
    path: 'roles',
    label: 'nav.roles',
    icon: IconId,
    group: 'settings',
    permission: 'staff.read',
    areas: ['permission', 'permissionGroup', 'role', 'roleHint', 'roles', 'views'],
    load: () => import('./pages/roles/roles.tsx').then((page) => page.RolesPage),
  },
  {
    path: 'access',
    label: 'nav.access',
    icon: IconLockAccess,
    group: 'settings',
    permission: 'access.read',
    areas: ['access', 'role', 'roleHint'],
    load: () => import('./pages/access/access.tsx').then((page) => page.AccessPage),
  },
  {
    path: 'keys',
    label: 'nav.keys',
    icon: IconKey,
    group: 'settings',
    permission: 'keys.read',
    areas: ['keys', 'permission', 'permissionGroup', 'role', 'roleHint', 'roles', 'views'],
    load: () => import('./pages/keys/keys.tsx').then((page) => page.KeysPage),
    key: 'k',
    actions: [{ label: 'action.newKey', to: '/keys?new=1', permission: 'keys.write' }],
  },
  {
    path: 'audit',
    label: 'nav.audit',
    icon: IconHistory,
    group: 'settings',
    permission: 'audit.read',
    areas: ['audit', 'role', 'roleHint', 'views'],
    load: () => import('./pages/audit/audit.tsx').then((page) => page.AuditPage),
  },
  {
    path: 'system',
    label: 'nav.system',
    icon: IconHeartbeat,
    group: 'settings',
    permission: 'system.read',
    areas: ['channel', 'details', 'event', 'health', 'live', 'people', 'step', 'trait'],
    load: () => import('./pages/health/health.tsx').then((page) => page.HealthPage),
    key: 'h',
  },
  {
    path: 'account',
    label: 'nav.account',
    icon: IconUserCircle,
    permission: 'signed-in',
    areas: ['account', 'refused', 'role', 'sessions', 'setup'],
    load: () => import('./pages/account/account.tsx').then((page) => page.AccountPage),
  },
  {
    path: 'preferences',
    label: 'nav.preferences',
    icon: IconAdjustments,
    permission: 'signed-in',
    areas: ['preferences'],
    load: () => import('./pages/preferences/preferences.tsx').then((page) => page.PreferencesPage),
  },
];

/** Pages for who is not signed in: outside the shell. */
export const OUTSIDE_PAGES: readonly Pick<PageEntry, 'path' | 'areas' | 'load'>[] = [
  {
    path: 'setup',
    areas: ['channel', 'contact', 'entry', 'event', 'sample', 'setup', 'trait'],
    load: () => import('./pages/entry/setup.tsx').then((page) => page.SetupPage),
  },
  {
    path: 'sign-in',
    areas: ['channel', 'contact', 'entry', 'event', 'refused', 'sample', 'setup', 'signIn', 'trait'],
    load: () => import('./pages/entry/sign-in.tsx').then((page) => page.SignInPage),
  },
  {
    path: 'forgotten-password',
    areas: ['channel', 'contact', 'entry', 'event', 'refused', 'sample', 'setup', 'signIn', 'trait'],
    load: () => import('./pages/entry/forgotten.tsx').then((page) => page.ForgottenPage),
  },
  {
    path: 'reset-password',
    areas: ['channel', 'contact', 'entry', 'event', 'refused', 'sample', 'setup', 'signIn', 'trait'],
    load: () => import('./pages/entry/reset-password.tsx').then((page) => page.ResetPasswordPage),
  },
  {
    path: 'join',
    areas: ['channel', 'contact', 'entry', 'event', 'join', 'role', 'sample', 'setup', 'signIn', 'trait'],
    load: () => import('./pages/entry/join.tsx').then((page) => page.JoinPage),
  },
];
