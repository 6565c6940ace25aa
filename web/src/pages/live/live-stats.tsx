import type { StreamStatus } from '../../event-stream.ts';
import { formatNumber } from '../../format.ts';
import { Dot, Spark, Stat, type Tone } from '../../kit/data.tsx';
import { useText } from '../../text.tsx';
import type { LiveRate } from '../../wire.ts';
import { RATE_SECONDS } from './feed.ts';
import styles from './live.module.css';

const TONES: Record<StreamStatus, Tone> = { open: 'good', connecting: 'plain', waiting: 'bad', off: 'plain' };

/** How much arrives, how much is dropped, how far behind the stream is. */
export function LiveStats({ rates, status, paused }: { rates: LiveRate[]; status: StreamStatus; paused: boolean }) {
  const t = useText();
  const last = rates.at(-1);
  const number = (value: number | undefined) =>
    value === undefined ? '–' : formatNumber(value, { maximumFractionDigits: value < 10 ? 1 : 0 });
  return (
    <div className={styles.stats}>
      <div className={styles.stat}>
        <Stat label={t('live.rate')} value={number(last?.eventsPerSecond)} note={t('live.perSecond')} />
        <div className={styles.spark}>
          <Spark values={rates.map((rate) => rate.eventsPerSecond)} slots={RATE_SECONDS} />
        </div>
      </div>
      <div className={styles.stat}>
        <Stat label={t('live.dropRate')} value={number(last?.dropsPerSecond)} note={t('live.perSecond')} />
      </div>
      <div className={styles.stat}>
        <Stat label={t('live.lag')} value={number(last?.lagEvents)} note={t('live.lagNote')} />
      </div>
      <div className={styles.stat}>
        <Stat
          label={t('live.connection')}
          value={
            <span className={styles.status} role="status">
              <Dot tone={paused ? 'warn' : TONES[status]} />
              {paused ? t('live.status.paused') : t(`live.status.${status}`)}
            </span>
          }
          note={t('live.connectionNote')}
        />
      </div>
    </div>
  );
}
