import {
  IconChartBar,
  IconCopy,
  IconDots,
  IconFileSpreadsheet,
  IconPhoto,
  IconTable,
  IconTexture,
} from '@tabler/icons-react';
import { type ReactNode, useContext, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { heightOf } from '../../../../src/kernel/chart/height.ts';
import type { ChartSpec, Selection } from '../../../../src/kernel/chart/spec.ts';
import { chartCsv, isEmpty, tableOf } from '../../../../src/kernel/chart/table.ts';
import { useText } from '../../text.tsx';
import { copyText, IconButton } from '../button.tsx';
import { late } from '../late.tsx';
import { Menu } from '../menu.tsx';
import { NothingHere, Skeleton } from '../states.tsx';
import { toast } from '../toast.tsx';
import styles from './chart.module.css';
import { ChartFramed } from './frame.ts';
import { HeatTable } from './heat-table.tsx';
import { Legend, type LegendEntry, legendEntries } from './legend.tsx';
import { BigNumber } from './number.tsx';
import { ChartTableView } from './table-view.tsx';
import { useChartTheme, useChartWords } from './theme.ts';

export type { ChartSpec } from '../../../../src/kernel/chart/spec.ts';

/** The engine is large: it comes when the first picture that needs it is shown. */
const ChartLate = late(
  () => import('./chart-late.tsx').then((part) => part.ChartLate),
  ({ height }) => <Skeleton height={height} />,
);

export interface ChartProps {
  /** What it shows: see `src/kernel/chart/spec.ts`. Keep the same object while nothing changes. */
  of: ChartSpec;
  /** Its name for screen readers, and of its files. The page has its own title. */
  label: string;
  /** Pixels; by default as high as its kind likes. */
  height?: number;
  /** A click on a point, bar, cell, link: who is behind it. In the table each value is a button then. */
  onSelect?: (selection: Selection) => void;
  /** Patterns beside colours from the beginning; the reader can change it. */
  patterns?: boolean;
  /** Begins as a table. */
  table?: boolean;
  /** No menu, for small pictures in lists. */
  bare?: boolean;
  /** Beside the menu, at its start: a choice of the page. */
  tools?: ReactNode;
  /** What is said where there is nothing to draw, instead of the usual words. */
  empty?: ReactNode;
}

/** What the legend takes of a frame: one line of it. */
const TOP_HEIGHT = 34;

/** Rows that stand behind the picture for screen readers at once; of more, the table is one press away. */
const READ_ROWS = 300;

/** One chart of any kind: picture, legend, the table behind it, and its files. Needs the message area `chart`. */
export function Chart(props: ChartProps) {
  const { of, label, onSelect, bare, tools } = props;
  const t = useText();
  const words = useChartWords();
  const scheme = useChartTheme();
  const [asTable, setAsTable] = useState(props.table ?? false);
  const [patterns, setPatterns] = useState(props.patterns ?? false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const figure = useRef<HTMLElement>(null);
  const frame = useContext(ChartFramed);
  const theme = useMemo(() => ({ ...scheme, patterns: patterns || scheme.patterns }), [scheme, patterns]);
  const table = useMemo(() => tableOf(of, words), [of, words]);
  const entries = useMemo(() => legendEntries(of, theme, words), [of, theme, words]);
  const hasTop = tools !== undefined || entries.length > 0 || !(bare || frame);
  const height = frame ? frame.height - (hasTop ? TOP_HEIGHT : 0) : (props.height ?? heightOf(of));

  if (isEmpty(of)) {
    return (
      <figure className={styles.figure} aria-label={label}>
        {props.empty ?? <NothingHere title={t('chart.empty')} text={t('chart.emptyHint')} />}
      </figure>
    );
  }

  const save = async (kind: 'png' | 'svg') => {
    try {
      const { savePicture } = await import('./save-late.ts');
      const width = Math.max(480, figure.current?.clientWidth ?? 0);
      await savePicture(of, { theme, words, hidden, width, height }, label, kind);
    } catch (error) {
      toast(`${t('chart.failed')}: ${error instanceof Error ? error.message : String(error)}`, { bad: true });
    }
  };
  const saveCsv = async () => {
    const { saveFile } = await import('./save-file.ts');
    saveFile(new Blob([chartCsv(table)], { type: 'text/csv;charset=utf-8' }), label, 'csv');
  };
  const copy = async () => {
    const { tableText } = await import('./save-file.ts');
    await copyText(tableText(table, words));
    toast(t('chart.copied'));
  };
  const toggle = (entry: LegendEntry) => {
    const next = new Set(hidden);
    if (!next.delete(entry.id)) next.add(entry.id);
    // Never nothing at all: putting the last aside brings all back.
    setHidden(next.size >= entries.length ? new Set() : next);
  };
  const drawn = of.kind !== 'number' && of.kind !== 'grid' && !(of.kind === 'retention' && of.shape === 'table');
  const menu = (
    <Menu
      below="end"
      target={
        <IconButton small label={frame?.label ?? t('chart.menu')}>
          <IconDots size={17} />
        </IconButton>
      }
      groups={[
        ...(frame?.groups ?? []),
        {
          key: 'view',
          items: [
            asTable
              ? { label: t('chart.asChart'), icon: <IconChartBar size={16} />, onClick: () => setAsTable(false) }
              : { label: t('chart.asTable'), icon: <IconTable size={16} />, onClick: () => setAsTable(true) },
            ...(drawn && !asTable
              ? [
                  {
                    label: t('chart.patterns'),
                    icon: <IconTexture size={16} />,
                    checked: patterns,
                    onClick: () => setPatterns(!patterns),
                  },
                ]
              : []),
          ],
        },
        {
          key: 'files',
          items: [
            { label: t('chart.copy'), icon: <IconCopy size={16} />, onClick: copy },
            { label: t('chart.png'), icon: <IconPhoto size={16} />, onClick: () => save('png') },
            { label: t('chart.svg'), icon: <IconPhoto size={16} />, onClick: () => save('svg') },
            { label: t('chart.csv'), icon: <IconFileSpreadsheet size={16} />, onClick: saveCsv },
          ],
        },
      ]}
    />
  );

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the picture is reached by keyboard, so that its name is read.
    <figure ref={figure} className={styles.figure} aria-label={label} tabIndex={0}>
      {frame?.into && !bare ? createPortal(menu, frame.into) : null}
      {hasTop ? (
        <div className={of.kind === 'number' && !asTable && !tools ? styles.corner : styles.top}>
          <div className={styles.legendRoom}>
            {asTable ? null : <Legend entries={entries} hidden={hidden} onToggle={drawn ? toggle : undefined} />}
          </div>
          {tools}
          {bare || frame ? null : menu}
        </div>
      ) : null}
      {asTable ? (
        <ChartTableView table={table} label={label} onSelect={onSelect} />
      ) : of.kind === 'number' ? (
        <BigNumber of={of} onSelect={onSelect} />
      ) : of.kind === 'grid' || (of.kind === 'retention' && of.shape === 'table') ? (
        <HeatTable of={of} label={label} onSelect={onSelect} />
      ) : (
        <>
          <ChartLate of={of} theme={theme} hidden={hidden} height={height} onSelect={onSelect} />
          {table.rows.length <= READ_ROWS ? (
            <div className="hidden-visually">
              <ChartTableView table={table} label={label} unseen />
            </div>
          ) : null}
        </>
      )}
    </figure>
  );
}
