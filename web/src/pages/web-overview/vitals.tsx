import type { Vital } from '../../../../src/core/query/visits/web.ts';
import { formatDuration, formatNumber } from '../../format.ts';
import { Tag, type Tone } from '../../kit/data.tsx';
import { Card } from '../../kit/layout.tsx';
import { NothingHere } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import styles from './web.module.css';

const TONES = { good: 'good', middling: 'warn', poor: 'bad' } as const satisfies Record<string, Tone>;

/** As web.dev rates them: good where three quarters of the views are, poor where more than a quarter is. */
function ratingOf({ goodShare, poorShare }: Vital): keyof typeof TONES {
  if ((goodShare ?? 0) >= 0.75) return 'good';
  return (poorShare ?? 0) > 0.25 ? 'poor' : 'middling';
}

/** How quickly pages came, as visitors' browsers measured it. */
export function Vitals({ of }: { of: readonly Vital[] }) {
  const t = useText();
  const measured = of.filter((vital) => vital.p75 !== null);
  const percent = (share: number | null) => formatNumber(share ?? 0, { style: 'percent', maximumFractionDigits: 0 });
  return (
    <Card title={t('web.vitals')} hint={t('web.vitalsHint')}>
      {measured.length === 0 ? <NothingHere title={t('web.noVitals')} text={t('web.noVitalsText')} /> : null}
      <ul className={styles.vitals}>
        {measured.map((vital) => {
          const rating = ratingOf(vital);
          const middle = Math.max(0, 1 - (vital.goodShare ?? 0) - (vital.poorShare ?? 0));
          return (
            <li key={vital.name} className={styles.vital}>
              <span className={styles.vitalName}>{t(`web.vital.${vital.name}`)}</span>
              <span className={styles.vitalValue}>
                {vital.name === 'cls'
                  ? formatNumber(vital.p75!, { maximumFractionDigits: 3 })
                  : formatDuration(vital.p75!)}{' '}
                <Tag tone={TONES[rating]}>{t(`web.rating.${rating}`)}</Tag>
              </span>
              <span className={styles.shares} aria-hidden>
                <span data-rating="good" style={{ flexGrow: vital.goodShare ?? 0 }} />
                <span data-rating="middling" style={{ flexGrow: middle }} />
                <span data-rating="poor" style={{ flexGrow: vital.poorShare ?? 0 }} />
              </span>
              <span className={styles.vitalNote}>
                {t('web.shares', {
                  good: percent(vital.goodShare),
                  middling: percent(middle),
                  poor: percent(vital.poorShare),
                })}
              </span>
              <span className={styles.vitalNote}>{t(`web.vitalHint.${vital.name}`)}</span>
              <span className={styles.vitalNote}>
                {t('web.measured', { count: vital.measured, number: formatNumber(vital.measured) })}
              </span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
