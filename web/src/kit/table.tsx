import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { moveBetweenRows } from './hooks.ts';
import { Skeleton } from './states.tsx';
import styles from './table.module.css';

export type Column<T> = {
  name: string;
  /** Its name in the address: a column that has one can be left out by who looks. Not the first. */
  id?: string;
  /** Not shown unless it is asked for. */
  extra?: boolean;
  /** What stands in the cell. */
  cell: (row: T) => ReactNode;
  number?: boolean;
  /** Whole sentences: on a telephone it gets the larger part of the width. */
  long?: boolean;
  /** The least room that it needs: left out below 1000 (`wide`) or 700 (`medium`) pixels. */
  room?: 'wide' | 'medium';
};

function classes(column: { number?: boolean; long?: boolean; room?: 'wide' | 'medium' }): string {
  return [column.number ? styles.number : '', column.long ? styles.long : '', column.room ? styles[column.room] : '']
    .filter(Boolean)
    .join(' ');
}

/** A table of rows that may be opened: put a `RowLink` into the first column for that. Arrow keys move between rows. */
export function Table<T>({
  label,
  columns,
  rows,
  keyOf,
  isOpen,
  clickable,
}: {
  label: string;
  columns: Column<T>[];
  rows: T[];
  keyOf: (row: T) => string;
  isOpen?: (row: T) => boolean;
  clickable?: boolean;
}) {
  return (
    <div className={styles.wrap}>
      <table className={styles.table} aria-label={label} onKeyDown={moveBetweenRows}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={classes(column)}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={keyOf(row)}
              className={[styles.row, clickable ? styles.clickable : '', isOpen?.(row) ? styles.open : ''].join(' ')}
            >
              {columns.map((column) => (
                <td key={column.name} className={classes(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function RowLink({ to, children, keepScroll }: { to: string; children: ReactNode; keepScroll?: boolean }) {
  return (
    <Link className={styles.rowLink} to={to} data-row preventScrollReset={keepScroll ?? false}>
      {children}
    </Link>
  );
}

export function TableSkeleton({ columns, rows = 8 }: { columns: number; rows?: number }) {
  return (
    <div className={styles.wrap} aria-hidden>
      <table className={styles.table}>
        <tbody>
          {Array.from({ length: rows }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity.
            <tr key={row}>
              {Array.from({ length: columns }, (_, column) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity.
                <td key={column}>
                  <Skeleton width={column === 0 ? 180 : 60 + ((row * 7 + column * 13) % 40)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
