import { IconBell, IconLink, IconMail } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { late } from '../../kit/late.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import type { SavedThing } from './calls.ts';

const AlertPanel = late(() => import('./alert-panel.tsx').then((part) => part.AlertPanel));
const SchedulePanel = late(() => import('./schedule-panel.tsx').then((part) => part.SchedulePanel));
const SharePanel = late(() => import('./share-panel.tsx').then((part) => part.SharePanel));

/** Kinds of report of which a number can be watched. */
const canBeWatched = (kind: string) => kind === 'trend' || kind === 'funnel' || kind === 'retention';

interface Sharing {
  /** For the menu of what is saved. */
  items: { label: string; icon: ReactNode; onClick: () => void }[];
  /** What is open of it. */
  panel: ReactNode;
}

/** Sharing by link, sending by mail and alerts of a saved report or dashboard. `reportKind`: of a report, its kind. */
export function useSharing(of: SavedThing, reportKind?: string): Sharing {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('reports.write');
  if (!mayWrite) return { items: [], panel: null };
  const open = (panel: string) => () => url.set({ panel }, true);
  const close = () => url.set({ panel: null });
  const watched = reportKind !== undefined && canBeWatched(reportKind);
  const panel = url.get('panel');
  return {
    items: [
      { label: t('shares.share'), icon: <IconLink size={16} />, onClick: open('share') },
      { label: t('shares.schedule'), icon: <IconMail size={16} />, onClick: open('schedule') },
      ...(watched ? [{ label: t('shares.alert'), icon: <IconBell size={16} />, onClick: open('alert') }] : []),
    ],
    panel:
      panel === 'share' ? (
        <SharePanel of={of} onClose={close} />
      ) : panel === 'schedule' ? (
        <SchedulePanel of={of} onClose={close} />
      ) : panel === 'alert' && watched ? (
        <AlertPanel of={of} kind={reportKind} onClose={close} />
      ) : null,
  };
}
