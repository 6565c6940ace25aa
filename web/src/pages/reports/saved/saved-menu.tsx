import { IconDots, IconHistory, IconPencil, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { IconButton } from '../../../kit/button.tsx';
import { Menu, type MenuAction } from '../../../kit/menu.tsx';
import { useText } from '../../../text.tsx';
import { useUrlState } from '../../../url-state.ts';

export interface MoreAction extends MenuAction {
  icon: ReactNode;
}

/** What can be done with something saved: its name and who sees it, its history, its deletion. Panels are in the address. */
export function SavedMenu({
  mayWrite,
  more = [],
  onDelete,
}: {
  mayWrite: boolean;
  more?: MoreAction[];
  onDelete: () => void;
}) {
  const t = useText();
  const url = useUrlState();
  const open = (panel: string) => () => url.set({ panel }, true);
  return (
    <Menu
      below="end"
      target={
        <IconButton label={t('saved.menu')}>
          <IconDots size={18} />
        </IconButton>
      }
      groups={[
        {
          key: 'saved',
          items: [
            ...more,
            ...(mayWrite
              ? [{ label: t('saved.details'), icon: <IconPencil size={16} />, onClick: open('details') }]
              : []),
            { label: t('saved.history'), icon: <IconHistory size={16} />, onClick: open('history') },
          ],
        },
        ...(mayWrite
          ? [
              {
                key: 'delete',
                items: [{ label: t('saved.delete'), icon: <IconTrash size={16} />, onClick: onDelete }],
              },
            ]
          : []),
      ]}
    />
  );
}
