import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { formatDuration } from '../../format.ts';
import { LinkButton } from '../../kit/button.tsx';
import { Time } from '../../kit/data.tsx';
import { moveBetweenRows } from '../../kit/hooks.ts';
import { Card, Stack } from '../../kit/layout.tsx';
import { useText } from '../../text.tsx';
import { recordingsOfPerson } from './of-person.ts';
import styles from './recordings.module.css';
import { SignalTags } from './signal-tags.tsx';

const SHOWN = 4;

/** The newest recordings of a person; nothing where there are none. */
export function PersonRecordings({ personId }: { personId: string }) {
  const t = useText();
  const query = useQuery(recordingsOfPerson(personId));
  const rows = query.data?.items ?? [];
  if (rows.length === 0) return null;
  return (
    <Card
      title={t('replay.recordings')}
      action={
        rows.length > SHOWN ? (
          <LinkButton small look="quiet" to={`/replay?person=${personId}&sort=newest`}>
            {t('replay.allRecordings')}
          </LinkButton>
        ) : null
      }
    >
      <ul className={styles.ofPerson} aria-label={t('replay.recordings')} onKeyDown={moveBetweenRows}>
        {rows.slice(0, SHOWN).map((row) => (
          <li key={row.id}>
            <Stack gap={2}>
              <Link to={`/replay/${row.id}`} data-row>
                <bdi>{row.title || row.path || row.url}</bdi>
              </Link>
              <span className={styles.note}>
                <Time at={row.startedAt} /> · {formatDuration(row.durationMs)}
              </span>
              <SignalTags signals={row.signals} />
            </Stack>
          </li>
        ))}
      </ul>
    </Card>
  );
}
