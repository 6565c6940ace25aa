import { formatDate, formatNumber } from '../../format.ts';
import { useText } from '../../text.tsx';
import styles from './catalogue.module.css';

/** How much there was on each day; the last day is not over yet, and drawn paler. */
export function Bars({ days, label, bad }: { days: { day: string; count: number }[]; label: string; bad?: boolean }) {
  const t = useText();
  const top = Math.max(1, ...days.map((day) => day.count));
  const shown = (day: string) => formatDate(`${day}T12:00:00Z`, { day: 'numeric', month: 'short' });
  const total = days.reduce((sum, day) => sum + day.count, 0);
  return (
    <figure style={{ margin: 0 }}>
      <div
        className={`${styles.bars} ${bad ? styles.bad : ''}`}
        role="img"
        aria-label={`${label}: ${t('catalogue.inDays', { total: formatNumber(total), count: days.length })}`}
      >
        {days.map(({ day, count }, index) => (
          <span
            key={day}
            className={index === days.length - 1 ? styles.today : ''}
            style={{ blockSize: `${count === 0 ? 0 : Math.max(2, (count / top) * 100)}%` }}
            title={`${shown(day)}: ${formatNumber(count)}`}
          />
        ))}
      </div>
      <div className={styles.scale} aria-hidden>
        <span>{shown(days[0]?.day ?? '')}</span>
        <span>{t('catalogue.todaySoFar')}</span>
      </div>
    </figure>
  );
}

/** The last `count` days (UTC), with what `of` has for them. */
export function byDay(count: number, of: readonly { day: string; count: number }[]): { day: string; count: number }[] {
  const sums = new Map<string, number>();
  for (const { day, count: more } of of) sums.set(day, (sums.get(day) ?? 0) + more);
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(Date.now() - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10);
    return { day, count: sums.get(day) ?? 0 };
  });
}
