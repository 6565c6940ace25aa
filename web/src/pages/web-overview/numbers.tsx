import { IconArrowDownRight, IconArrowRight, IconArrowUpRight } from '@tabler/icons-react';
import type { WebResult } from '../../../../src/core/query/visits/web.ts';
import { type MessageKey, useText } from '../../text.tsx';
import { changeOf, MEASURES, type MeasureKey, written } from './measures.ts';
import styles from './web.module.css';

const ARROWS = { up: IconArrowUpRight, down: IconArrowDownRight, same: IconArrowRight };
const WORDS = { up: 'web.up', down: 'web.down', same: 'web.same' } as const satisfies Record<string, MessageKey>;

/** The numbers of the period with what became of them since; each is a button that draws it over time. */
export function Numbers({
  result,
  measure,
  before,
  onMeasure,
}: {
  result: WebResult;
  measure: MeasureKey;
  /** What the numbers are compared with, in words. */
  before: string | null;
  onMeasure: (measure: MeasureKey) => void;
}) {
  const t = useText();
  const shown = MEASURES.filter((one) => one.key !== 'conversionRate' || result.total.conversionRate !== null);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of buttons of which one is pressed, without a frame of its own.
    <div className={styles.numbers} role="group" aria-label={t('web.numbers')}>
      {shown.map((one) => {
        const change = result.before ? changeOf(one, result.total[one.key], result.before[one.key]) : null;
        const Arrow = change ? ARROWS[change.direction] : null;
        const points = one.unit.kind === 'percent';
        return (
          <button
            key={one.key}
            type="button"
            className={styles.number}
            aria-pressed={measure === one.key}
            onClick={() => onMeasure(one.key)}
          >
            <span className={styles.numberName}>{t(`web.measure.${one.key}`)}</span>
            <span className={styles.numberValue}>{written(one, result.total[one.key])}</span>
            {result.before ? (
              change && Arrow ? (
                <span className={styles.numberChange} data-good={change.good ?? undefined}>
                  <Arrow size={14} aria-hidden />
                  <span className="hidden-visually">{t(WORDS[change.direction])} </span>
                  <bdi>{points ? t('web.points', { amount: change.text }) : change.text}</bdi>
                  <span className="hidden-visually"> {before}</span>
                </span>
              ) : (
                <span className={styles.numberChange}>{t('web.noBefore')}</span>
              )
            ) : null}
          </button>
        );
      })}
    </div>
  );
}
