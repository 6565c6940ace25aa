import { IconArrowDownRight, IconArrowRight, IconArrowUpRight } from '@tabler/icons-react';
import { changeOf, sparkPaths } from '../../../../src/kernel/chart/number.ts';
import type { NumberSpec, Selection } from '../../../../src/kernel/chart/spec.ts';
import { useText } from '../../text.tsx';
import styles from './chart.module.css';
import { useChartWords } from './theme.ts';

const ARROWS = { up: IconArrowUpRight, down: IconArrowDownRight, same: IconArrowRight };
const DIRECTION = { up: 'chart.up', down: 'chart.down', same: 'chart.same' } as const;
const SPARK = { width: 240, height: 44 };

/** One number, large: its change with sign, arrow and words, its interval where it is an estimate, its way until now. */
export function BigNumber({
  of,
  onSelect,
}: {
  of: NumberSpec;
  onSelect?: ((selection: Selection) => void) | undefined;
}) {
  const t = useText();
  const words = useChartWords();
  const change = changeOf(of, words);
  const Arrow = change ? ARROWS[change.direction] : null;
  const value = of.value === null ? '–' : words.format(of.value, of.unit);
  const spark = of.spark ? sparkPaths(of.spark.values, SPARK.width, SPARK.height, of.spark.partial ?? false) : null;
  return (
    <div className={styles.numberRoom}>
      {onSelect ? (
        <button
          type="button"
          className={`${styles.big} ${styles.bigButton}`}
          aria-label={t('chart.behind', { value })}
          onClick={() => onSelect({ kind: 'number' })}
        >
          <bdi>{value}</bdi>
        </button>
      ) : (
        <div className={styles.big}>
          <bdi>{value}</bdi>
        </div>
      )}
      {change && Arrow ? (
        <p className={styles.change}>
          <span className={styles.changeAmount} data-good={change.good ?? undefined}>
            <Arrow size={15} aria-hidden />
            <span className="hidden-visually">{t(DIRECTION[change.direction])} </span>
            <bdi>{change.text}</bdi>
          </span>{' '}
          <bdi>{change.label}</bdi>
        </p>
      ) : null}
      {of.interval ? (
        <p className={styles.change}>
          {words.interval(of.interval.level)}: <bdi>{words.format(of.interval.low, of.unit)}</bdi> –{' '}
          <bdi>{words.format(of.interval.high, of.unit)}</bdi>
        </p>
      ) : null}
      {spark ? (
        <svg
          className={styles.spark}
          viewBox={`0 -3 ${SPARK.width} ${SPARK.height + 6}`}
          preserveAspectRatio="none"
          aria-hidden
        >
          <path d={spark.line} />
          <path d={spark.dashed} strokeDasharray="3 3" />
        </svg>
      ) : null}
    </div>
  );
}
