import { IconDownload } from '@tabler/icons-react';
import { useMemo } from 'react';
import { formatDuration, formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { late } from '../../kit/late.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import type { Cell, Result } from './calls.ts';
import { cellText, csvOf, isNumberType } from './cells.ts';
import { chartOf } from './chart-of.ts';
import styles from './notebooks.module.css';

const Chart = late(
  () => import('../../kit/chart/chart.tsx').then((part) => part.Chart),
  () => <Skeleton height={280} />,
);

/** Rows that are put on the page; the file has all. */
const SHOWN_ROWS = 200;

/** What a query answered: as a chart where one was chosen and can be drawn, and as a table. */
export function ResultView({ result, chart, label }: { result: Result; chart: Cell['chart']; label: string }) {
  const t = useText();
  const spec = useMemo(() => (chart === 'table' ? null : chartOf(result, chart)), [result, chart]);
  const count = formatNumber(result.rows.length);
  return (
    <Stack gap={10}>
      {chart !== 'table' && !spec ? <p className={styles.note}>{t('notebooks.noChart')}</p> : null}
      {spec ? <Chart of={spec} label={label} /> : <ResultTable result={result} label={label} />}
      <Row>
        <span className={styles.note}>
          {result.cut ? t('notebooks.cut', { n: count }) : t('notebooks.rows', { count: result.rows.length, n: count })}
          {' · '}
          {formatDuration(result.milliseconds)}
          {!spec && result.rows.length > SHOWN_ROWS
            ? ` · ${t('notebooks.shown', { n: formatNumber(SHOWN_ROWS) })}`
            : null}
        </span>
        <Button small look="quiet" icon={<IconDownload size={16} />} onClick={() => download(result)}>
          {t('notebooks.csv')}
        </Button>
      </Row>
    </Stack>
  );
}

function ResultTable({ result, label }: { result: Result; label: string }) {
  const t = useText();
  if (result.rows.length === 0) return <p className={styles.note}>{t('notebooks.noRows')}</p>;
  const numbers = result.columns.map(({ type }) => isNumberType(type));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className={styles.scroll} aria-label={label} tabIndex={0}>
      <table className={styles.result}>
        <thead>
          <tr>
            {result.columns.map(({ name, type }, i) => (
              <th key={name} scope="col" title={type} className={numbers[i] ? styles.number : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {result.rows.slice(0, SHOWN_ROWS).map((row, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a result have no identity
            <tr key={at}>
              {row.map((value, i) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells of a result have no identity
                <td key={i} className={numbers[i] ? styles.number : undefined} dir="auto">
                  {value === null ? <span className={styles.none}>{t('notebooks.null')}</span> : cellText(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function download(result: Result): void {
  const url = URL.createObjectURL(new Blob(['\ufeff', csvOf(result)], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'result.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
