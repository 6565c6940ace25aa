import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { Time } from '../../kit/data.tsx';
import { Card } from '../../kit/layout.tsx';
import { Refusal, Skeleton } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import styles from './audiences.module.css';
import { audiences } from './calls.ts';

/** On a person's page: the audiences that the person is in. Needs the message area `audiences`. */
export function PersonAudiences({ personId }: { personId: string }) {
  const t = useText();
  const mayRead = useMay('audiences.read');
  const query = useQuery({
    queryKey: ['person', personId, 'audiences'],
    queryFn: () => audiences.ofPerson(personId),
    enabled: mayRead,
  });
  if (!mayRead) return null;
  return (
    <Card title={t('audiences.title')}>
      {query.isPending ? <Skeleton height={18} /> : null}
      {query.error ? <Refusal title={t('audiences.failed')} error={query.error} /> : null}
      {query.data?.items.length === 0 ? <p className={styles.hint}>{t('audiences.inNone')}</p> : null}
      {query.data && query.data.items.length > 0 ? (
        <ul className={styles.people} aria-label={t('audiences.title')}>
          {query.data.items.map((one) => (
            <li key={one.audienceId}>
              <span>
                <Link to={`/audiences/${one.audienceId}`}>
                  <bdi>{one.name}</bdi>
                </Link>
                <span className={styles.sub}>
                  <Time at={one.since} />
                </span>
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </Card>
  );
}
