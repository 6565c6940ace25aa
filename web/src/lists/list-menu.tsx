import { IconDots, IconFileSpreadsheet } from '@tabler/icons-react';
import { useMemo } from 'react';
import { useActions } from '../actions.ts';
import { IconButton } from '../kit/button.tsx';
import { Menu, type MenuGroup } from '../kit/menu.tsx';
import { useText } from '../text.tsx';

function download(address: string): void {
  const link = document.createElement('a');
  link.href = `${address}${address.includes('?') ? '&' : '?'}format=csv`;
  link.download = '';
  link.click();
}

/** What can be done with a list as a whole: which columns it has, and the export as CSV, which the palette offers too. */
export function ListMenu({
  csv,
  columns,
}: {
  csv: string | undefined;
  columns: { name: string; shown: boolean; toggle: () => void }[];
}) {
  const t = useText();
  const actions = useMemo(
    () =>
      csv
        ? [
            {
              key: 'csv',
              label: t('views.csv'),
              icon: <IconFileSpreadsheet size={18} stroke={1.7} aria-hidden />,
              run: () => download(csv),
            },
          ]
        : [],
    [csv, t],
  );
  useActions(actions);
  const groups: MenuGroup[] = [
    {
      key: 'columns',
      label: t('views.columns'),
      items: columns.map((column) => ({
        label: column.name,
        checked: column.shown,
        keepOpen: true,
        onClick: column.toggle,
      })),
    },
    {
      key: 'file',
      items: csv
        ? [{ label: t('views.csv'), icon: <IconFileSpreadsheet size={16} />, onClick: () => download(csv) }]
        : [],
    },
  ].filter((group) => group.items.length > 0);
  if (groups.length === 0) return null;
  return (
    <Menu
      below="end"
      groups={groups}
      target={
        <IconButton label={t('views.menu')}>
          <IconDots size={18} />
        </IconButton>
      }
    />
  );
}
