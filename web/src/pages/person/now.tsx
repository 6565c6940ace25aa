import { formatDate, formatMoney, formatNumber, formatRelative } from '../../format.ts';
import { Stat, Time } from '../../kit/data.tsx';
import { useNow } from '../../kit/hooks.ts';
import { Card } from '../../kit/layout.tsx';
import { useText } from '../../text.tsx';
import type { Person } from '../../wire.ts';
import styles from './person.module.css';

/** What now: what the person is worth and how present they are. */
export function Now({ person }: { person: Person }) {
  const t = useText();
  const now = useNow();
  return (
    <Card title={t('person.now')}>
      <div className={styles.nowList}>
        {person.revenue.length === 0 ? <Stat label={t('person.revenue')} value={t('kit.none')} /> : null}
        {person.revenue.map((money) => (
          <Stat
            key={money.currency}
            label={
              person.revenue.length > 1 ? t('person.revenueIn', { currency: money.currency }) : t('person.revenue')
            }
            value={formatMoney(money)}
            note={t('person.lifetime')}
          />
        ))}
        <Stat label={t('person.events')} value={formatNumber(person.eventCount)} />
        <Stat label={t('person.sessions')} value={formatNumber(person.sessionCount)} />
        <Stat
          label={t('person.lastSeen')}
          value={
            <Time at={person.lastSeenAt}>
              {person.lastSeenAt ? formatRelative(person.lastSeenAt, now) : t('kit.never')}
            </Time>
          }
          note={person.lastSeenAt ? formatDate(person.lastSeenAt, { dateStyle: 'medium' }) : null}
        />
        <Stat
          label={t('person.firstSeen')}
          value={
            <Time at={person.firstSeenAt}>
              {person.firstSeenAt ? formatRelative(person.firstSeenAt, now) : t('kit.never')}
            </Time>
          }
          note={person.firstSeenAt ? formatDate(person.firstSeenAt, { dateStyle: 'medium' }) : null}
        />
      </div>
    </Card>
  );
}
