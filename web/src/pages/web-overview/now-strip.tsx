import { useQuery } from '@tanstack/react-query';
import { formatClock, formatCountry, formatNumber, withoutOverrides } from '../../format.ts';
import { useText } from '../../text.tsx';
import { type WebNow, webNow } from './calls.ts';
import styles from './web.module.css';

/** A tab in the background does not ask. */
const EVERY_MS = 5000;
const SHOWN = 3;

/** Who is on the site at this moment; nothing while that is not known. */
export function NowStrip() {
  const t = useText();
  const now = useQuery({
    queryKey: ['web', 'now'],
    queryFn: ({ signal }) => webNow(signal),
    refetchInterval: EVERY_MS,
    refetchIntervalInBackground: false,
    retry: false,
  });
  const { data } = now;
  if (!data) return <div className={styles.now} data-empty />;
  return (
    <section className={styles.now} aria-label={t('web.now')}>
      <div className={styles.nowNumber}>
        <span className={styles.pulse} data-still={data.active === 0 || undefined} aria-hidden />
        <strong>{formatNumber(data.active)}</strong>
        <span>{t('web.nowPeople', { count: data.active })}</span>
      </div>
      <Minutes of={data} />
      <span className={styles.nowNote}>
        {t('web.nowRecent', { count: data.recent, number: formatNumber(data.recent) })}
      </span>
      {data.pages.length > 0 ? (
        <ul className={styles.nowList} aria-label={t('web.nowPages')}>
          {data.pages.slice(0, SHOWN).map(({ value, people }) => (
            <li key={value}>
              <bdi>{withoutOverrides(value)}</bdi> <span>{formatNumber(people)}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {data.countries.length > 0 ? (
        <ul className={styles.nowList} aria-label={t('web.nowCountries')}>
          {data.countries.slice(0, SHOWN).map(({ value, people }) => (
            <li key={value}>
              <bdi>{formatCountry(value)}</bdi> <span>{formatNumber(people)}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

const BAR = 5;
const HEIGHT = 26;

function Minutes({ of }: { of: WebNow }) {
  const t = useText();
  const most = Math.max(1, ...of.minutes.map((minute) => minute.people));
  const width = of.minutes.length * BAR;
  return (
    <svg
      className={styles.minutes}
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={t('web.nowMinutes', { most: formatNumber(Math.max(0, ...of.minutes.map((one) => one.people))) })}
    >
      {of.minutes.map(({ from, people }, at) => {
        const height = people === 0 ? 1.5 : Math.max(3, (people / most) * HEIGHT);
        return (
          <rect
            key={from}
            x={at * BAR}
            y={HEIGHT - height}
            width={BAR - 1.5}
            height={height}
            rx={1}
            data-none={people === 0 || undefined}
          >
            <title>{`${formatClock(from)}: ${formatNumber(people)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
