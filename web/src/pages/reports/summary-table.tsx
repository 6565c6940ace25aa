import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Table } from '../../kit/table.tsx';
import { useText } from '../../text.tsx';
import styles from './reports.module.css';
import type { Summary, SummaryCell, SummaryRow } from './results/shape.ts';
import { seriesColour } from './series-colour.ts';

/** Rows shown at first. */
const ROWS_SHOWN = 25;

/** The numbers of an answer, each that is of people leading to them. */
export function SummaryTable({ label, of, onPart }: { label: string; of: Summary; onPart?: (part: object) => void }) {
  const t = useText();
  const [shown, setShown] = useState(ROWS_SHOWN);
  return (
    <div className={styles.table}>
      <Table
        label={label}
        keyOf={(row: SummaryRow) => row.key}
        rows={of.rows.slice(0, shown)}
        columns={[
          {
            name: of.first,
            cell: (row) => (
              <span className={styles.rowName}>
                {row.slot === null ? null : (
                  <span className={styles.dot} style={{ background: seriesColour(row.slot) }} aria-hidden />
                )}
                <bdi>{row.name}</bdi>
              </span>
            ),
          },
          ...of.columns.map((name, at) => ({
            name,
            number: true,
            cell: (row: SummaryRow) => (
              <Cell of={row.cells[at]} {...(onPart ? { onPart } : {})} row={row.name} name={name} />
            ),
          })),
        ]}
      />
      {of.rows.length > shown ? (
        <div className={styles.moreRows}>
          <Button small onClick={() => setShown(of.rows.length)}>
            {t('kit.more')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function Cell({
  of,
  row,
  name,
  onPart,
}: {
  of: SummaryCell | undefined;
  row: string;
  name: string;
  onPart?: (part: object) => void;
}) {
  const t = useText();
  if (!of) return null;
  const { part, change, text } = of;
  if (part && onPart) {
    return (
      <button
        type="button"
        className={styles.behind}
        data-tip={t('reports.showPeople')}
        aria-label={t('reports.peopleBehind', { number: text, what: `${row}, ${name}` })}
        onClick={() => onPart(part)}
      >
        {text}
      </button>
    );
  }
  if (!change || change === 'same') return <span>{text}</span>;
  return (
    <span className={styles.change}>
      {change === 'more' ? <IconArrowUp size={14} aria-hidden /> : <IconArrowDown size={14} aria-hidden />}
      {text}
    </span>
  );
}
