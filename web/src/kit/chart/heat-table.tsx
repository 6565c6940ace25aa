import { useMemo } from 'react';
import { oneLine } from '../../../../src/kernel/chart/base.ts';
import { heatGrid, heatStep } from '../../../../src/kernel/chart/grid.ts';
import type { GridSpec, RetentionSpec, Selection } from '../../../../src/kernel/chart/spec.ts';
import { inkOn } from '../../../../src/kernel/chart/theme.ts';
import { useText } from '../../text.tsx';
import styles from './heat-table.module.css';
import { useChartTheme, useChartWords } from './theme.ts';

/** More columns than this leave no room for the numbers: the tint tells, the number comes with the pointer. */
const COLUMNS_WITH_NUMBERS = 16;

/** A table whose cells are tinted by value: retention, days by hours. A real table, for the eyes and for screen readers. */
export function HeatTable({
  of,
  label,
  onSelect,
}: {
  of: GridSpec | RetentionSpec;
  label: string;
  onSelect?: ((selection: Selection) => void) | undefined;
}) {
  const t = useText();
  const words = useChartWords();
  const theme = useChartTheme();
  const grid = useMemo(() => heatGrid(of), [of]);
  const sized = grid.rows.some((row) => row.size !== null);
  const dense = grid.columns.length > COLUMNS_WITH_NUMBERS;
  const names: { row: string; size?: string } = of.names;
  const whole = (value: number) => words.format(value, { kind: 'number' });
  const cell = (row: (typeof grid.rows)[number], index: number) => {
    const value = row.values[index] ?? null;
    const step = heatStep(grid, value, theme.scale.length);
    if (value === null || step === null) return <td key={index} className={styles.gap} />;
    const tint = theme.scale[step]!;
    const exact = words.format(value, of.unit);
    const partial = index === row.partialAt;
    const tip = `${oneLine(row.label)}, ${oneLine(grid.columns[index] ?? '')}: ${exact}${partial ? ` (${words.partial})` : ''}`;
    const text = <span className={dense ? 'hidden-visually' : ''}>{exact}</span>;
    const style = { background: tint, color: inkOn(theme, tint) };
    const pick: Selection =
      of.kind === 'grid' ? { kind: 'grid', item: row.id, index } : { kind: 'retention', series: row.id, index };
    return (
      <td
        key={index}
        className={partial ? styles.heatPartial : styles.heat}
        style={style}
        data-tip={onSelect ? undefined : tip}
      >
        {onSelect ? (
          <button
            type="button"
            className={styles.heatButton}
            aria-label={tip}
            data-tip={tip}
            onClick={() => onSelect(pick)}
          >
            {text}
          </button>
        ) : (
          text
        )}
      </td>
    );
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a room that scrolls is no fieldset.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes the focus to be scrolled by keys.
    <div className={styles.heatRoom} role="group" aria-label={label} tabIndex={0}>
      <table className={styles.heatTable} data-dense={dense} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{names.row}</th>
            {sized ? (
              <th scope="col" className={styles.number}>
                {names.size}
              </th>
            ) : null}
            {grid.columns.map((name, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns keep their places.
              <th key={index} scope="col" className={styles.heatHead}>
                <bdi>{oneLine(name, 24)}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {grid.rows.map((row) => (
            <tr key={row.id}>
              <th scope="row">
                <bdi>{oneLine(row.label)}</bdi>
              </th>
              {sized ? <td className={styles.number}>{row.size === null ? '' : whole(row.size)}</td> : null}
              {grid.columns.map((_, index) => cell(row, index))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={styles.scale}>
        <bdi>{words.format(grid.low, of.unit, true)}</bdi>
        <span className={styles.scaleSteps} aria-hidden>
          {theme.scale.map((colour) => (
            <i key={colour} style={{ background: colour }} />
          ))}
        </span>
        <span className="hidden-visually">
          {t('chart.scale', { low: words.format(grid.low, of.unit), high: words.format(grid.high, of.unit) })}
        </span>
        <bdi>{words.format(grid.high, of.unit, true)}</bdi>
      </p>
    </div>
  );
}
