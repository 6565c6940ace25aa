import { oneLine } from '../../../../src/kernel/chart/base.ts';
import type { Selection } from '../../../../src/kernel/chart/spec.ts';
import type { ChartCell, ChartTable } from '../../../../src/kernel/chart/table.ts';
import { useText } from '../../text.tsx';
import styles from './chart.module.css';
import { useChartWords } from './theme.ts';

/** Rows that are shown; the file has all. */
const ROWS_SHOWN = 1_000;

/** The table behind a chart. With `onSelect` each value that somebody stands behind is a button. */
export function ChartTableView({
  table,
  label,
  unseen,
  onSelect,
}: {
  table: ChartTable;
  label: string;
  /** Only for screen readers: nothing in it takes the focus. */
  unseen?: boolean;
  onSelect?: ((selection: Selection) => void) | undefined;
}) {
  const t = useText();
  const words = useChartWords();
  const rows = table.rows.slice(0, ROWS_SHOWN);
  const left = table.rows.length - rows.length;
  const written = (cell: ChartCell, at: number) => {
    const unit = table.columns[at]?.unit;
    if (cell.value === null) return '';
    return typeof cell.value === 'number'
      ? words.format(cell.value, unit ?? { kind: 'number' })
      : oneLine(cell.value, 80);
  };
  const shown = (cell: ChartCell, at: number) => {
    const text = written(cell, at);
    const { pick } = cell;
    if (!onSelect || !pick || text === '') return <bdi>{text}</bdi>;
    return (
      <button type="button" className={styles.behind} onClick={() => onSelect(pick)}>
        {text}
      </button>
    );
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a room that scrolls is no fieldset; it takes the focus to be scrolled by keys.
    <div className={unseen ? '' : styles.tableRoom} role="group" aria-label={label} tabIndex={unseen ? undefined : 0}>
      <table className={styles.table} aria-label={label}>
        <thead>
          <tr>
            {table.columns.map((column, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns of one chart may have the same name.
              <th key={at} scope="col" className={column.unit ? styles.number : ''}>
                <bdi>{oneLine(column.name, 60)}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows keep their places.
            <tr key={index}>
              {row.map((cell, at) =>
                at === 0 ? (
                  // biome-ignore lint/suspicious/noArrayIndexKey: cells keep their places.
                  <th key={at} scope="row">
                    {shown(cell, at)}
                  </th>
                ) : (
                  // biome-ignore lint/suspicious/noArrayIndexKey: cells keep their places.
                  <td key={at} className={table.columns[at]?.unit ? styles.number : ''}>
                    {shown(cell, at)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {left > 0 ? <p className={styles.note}>{t('chart.more', { count: left })}</p> : null}
    </div>
  );
}
