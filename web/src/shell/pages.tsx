import {
  IconActivity,
  IconHeartbeat,
  IconKey,
  IconPlug,
  IconShieldExclamation,
  IconUsers,
  type TablerIcon,
} from '@tabler/icons-react';
import type { MessageKey } from '../text.tsx';

export type PageEntry = { to: string; label: MessageKey; icon: TablerIcon; permission: string };

/** The navigation, grouped by what people do. A page stands here only when it exists. */
export const PAGE_GROUPS: { name: MessageKey; pages: PageEntry[] }[] = [
  {
    name: 'nav.know',
    pages: [
      { to: '/live', label: 'nav.live', icon: IconActivity, permission: 'events.read' },
      { to: '/people', label: 'nav.people', icon: IconUsers, permission: 'people.read' },
    ],
  },
  {
    name: 'nav.settings',
    pages: [
      { to: '/sources', label: 'nav.sources', icon: IconPlug, permission: 'sources.read' },
      { to: '/quarantine', label: 'nav.quarantine', icon: IconShieldExclamation, permission: 'quarantine.read' },
      { to: '/keys', label: 'nav.keys', icon: IconKey, permission: 'keys.read' },
      { to: '/system', label: 'nav.system', icon: IconHeartbeat, permission: 'system.read' },
    ],
  },
];
