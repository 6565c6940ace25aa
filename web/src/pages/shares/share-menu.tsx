import { IconBell, IconLink, IconMail } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { AlertPanel, canBeWatched } from './alert-panel.tsx';
import type { SavedThing } from './calls.ts';
import { SchedulePanel } from './schedule-panel.tsx';
import { SharePanel } from './share-panel.tsx';

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
