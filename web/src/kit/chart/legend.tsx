import type { CSSProperties } from 'react';
import { looksOf, nameOf, oneLine } from '../../../../src/kernel/chart/base.ts';
import { mapClasses } from '../../../../src/kernel/chart/map-classes.ts';
import type { ChartSpec } from '../../../../src/kernel/chart/spec.ts';
import type { ChartTheme, ChartWords } from '../../../../src/kernel/chart/theme.ts';
import styles from './chart.module.css';

export interface LegendEntry {
  id: string;
  name: string;
  colour: string;
  shape: 'line' | 'dashed' | 'faded' | 'box';
  /** Can be put aside. */
  series: boolean;
}

/** What the colours mean; nothing where there is only one. */
export function legendEntries(of: ChartSpec, theme: ChartTheme, words: ChartWords): LegendEntry[] {
  if (of.kind === 'map') {
    return mapClasses(of, theme, words).map(({ colour, label }) => ({
      id: label,
      name: label,
      colour,
      shape: 'box',
      series: false,
    }));
  }
  const curves = of.kind === 'retention' && of.shape === 'curves';
  const series =
    of.kind === 'retention'
      ? curves
        ? of.rows.map((row) => ({ id: row.id, name: row.label, ...(row.slot === undefined ? {} : { slot: row.slot }) }))
        : []
      : of.kind === 'time' || of.kind === 'bars' || of.kind === 'funnel' || of.kind === 'scatter'
        ? of.series
        : [];
  if (series.length < 2) return [];
  const looks = looksOf(series, theme);
  const lines = curves || (of.kind === 'time' && of.shape === 'line');
  return series.map((one) => {
    const look = looks.get(one.id)!;
    const dashed = look.stroke !== 'solid';
    return {
      id: one.id,
      name: nameOf(one, series, words),
      colour: look.colour,
      shape: lines ? (dashed ? 'dashed' : 'line') : look.faded ? 'faded' : 'box',
      series: true,
    };
  });
}

/** Names and colours; a press puts a series aside and takes it back. */
export function Legend({
  entries,
  hidden,
  onToggle,
}: {
  entries: LegendEntry[];
  hidden: ReadonlySet<string>;
  onToggle: ((entry: LegendEntry) => void) | undefined;
}) {
  if (entries.length === 0) return null;
  return (
    <ul className={styles.legend}>
      {entries.map((entry) => {
        const mark = (
          <>
            <i
              className={styles.mark}
              data-shape={entry.shape}
              style={{ '--colour': entry.colour } as CSSProperties}
              aria-hidden
            />
            <bdi>{oneLine(entry.name, 36)}</bdi>
          </>
        );
        return (
          <li key={entry.id}>
            {entry.series && onToggle ? (
              <button
                type="button"
                className={styles.entry}
                aria-pressed={!hidden.has(entry.id)}
                onClick={() => onToggle(entry)}
              >
                {mark}
              </button>
            ) : (
              <span className={styles.entry}>{mark}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
