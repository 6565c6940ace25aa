import type { ReactNode } from 'react';
import type { Column } from '../kit/table.tsx';
import { useUrlState } from '../url-state.ts';
import { ListMenu } from './list-menu.tsx';
import { ViewChooser } from './view-chooser.tsx';

/** Columns in the address, by their ids. */
const COLUMNS = 'columns';

export type ListOptions<T> = {
  /** The list's name among saved views, as its page's path: `people`. */
  list: string;
  columns: Column<T>[];
  /** Names of the filters and the order in the address: what a view keeps besides the columns. */
  params?: readonly string[];
  /** Address of the list's endpoint with the filters as they are, for the export. */
  csv?: string;
};

/**
 * What every list offers: saved views, a choice of columns, an export. Give `tools` to the page and `columns` to the
 * table; the page's areas need `views`.
 */
export function useListView<T>({ list, columns, params = [], csv }: ListOptions<T>): {
  tools: { chooser: ReactNode; menu: ReactNode };
  columns: Column<T>[];
} {
  const { get, set } = useUrlState();
  const asked = get(COLUMNS);
  const wanted = asked
    ? asked.split(',')
    : columns.flatMap((column) => (column.id && !column.extra ? [column.id] : []));
  const isShown = (column: Column<T>) => !column.id || wanted.includes(column.id);
  const toggle = (column: Column<T>) => {
    const shown = columns.filter((one) => one.id && (one === column ? !isShown(one) : isShown(one)));
    const usual = columns.every((one) => !one.id || shown.includes(one) !== (one.extra ?? false));
    // Not one of them: said by a name that no column has.
    set({ [COLUMNS]: usual ? null : shown.map((one) => one.id).join(',') || 'none' });
  };
  return {
    tools: {
      chooser: <ViewChooser list={list} names={[...params, COLUMNS]} />,
      menu: (
        <ListMenu
          csv={csv}
          columns={columns
            .filter((column) => column.id)
            .map((column) => ({ name: column.name, shown: isShown(column), toggle: () => toggle(column) }))}
        />
      ),
    },
    columns: columns.filter(isShown),
  };
}
