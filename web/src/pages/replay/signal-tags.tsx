import { formatNumber } from '../../format.ts';
import { Tag, type Tone } from '../../kit/data.tsx';
import { useText } from '../../text.tsx';
import type { ListedRecording } from './calls.ts';
import styles from './recordings.module.css';

type Signals = ListedRecording['signals'];
export type Signal = keyof Signals;
export const SIGNALS = ['errors', 'rages', 'abandoned', 'deads', 'uturns', 'slow'] as const satisfies readonly Signal[];

const TONES: Record<Signal, Tone> = {
  errors: 'bad',
  rages: 'bad',
  abandoned: 'warn',
  deads: 'warn',
  uturns: 'warn',
  slow: 'plain',
};

/** What went wrong for the visitor, the worst first. */
export function SignalTags({ signals }: { signals: Signals }) {
  const t = useText();
  return (
    <span className={styles.tags}>
      {SIGNALS.filter((one) => signals[one] > 0).map((one) => (
        <Tag key={one} tone={TONES[one]} title={t(`replay.signalWhy.${one}`)}>
          {t(`replay.signalName.${one}`)} {formatNumber(signals[one])}
        </Tag>
      ))}
    </span>
  );
}
