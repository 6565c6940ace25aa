import { IconUsersPlus, IconVideo } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { Button, CopyButton, LinkButton } from '../../../kit/button.tsx';
import { Avatar, Time } from '../../../kit/data.tsx';
import { moveBetweenRows } from '../../../kit/hooks.ts';
import { Stack } from '../../../kit/layout.tsx';
import { SidePanel } from '../../../kit/panel.tsx';
import { NothingHere, Skeleton, UntilLoaded } from '../../../kit/states.tsx';
import { MoreOf } from '../../../lists/more.tsx';
import { useMay } from '../../../session.tsx';
import { useText } from '../../../text.tsx';
import { SaveAsAudience } from '../../audiences/save-as-audience.tsx';
import { Shown } from '../../person/hidden.tsx';
import { reports } from '../calls.ts';
import { asked } from '../report.ts';
import { toText } from '../report-url.ts';
import styles from './parts.module.css';
import type { PeoplePanelProps } from './people-panel.tsx';

export function PeoplePanelLate({ report, part, title, sub, onClose, link }: PeoplePanelProps) {
  const t = useText();
  const mayKeep = useMay('audiences.write');
  const mayWatch = useMay('replay.read');
  const [keeping, setKeeping] = useState(false);
  const people = useInfiniteQuery({
    queryKey: ['report', 'people', asked(report), part],
    queryFn: ({ pageParam, signal }) => reports.people(asked(report), part, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    retry: false,
  });
  const rows = people.data?.pages.flatMap((page) => page.items) ?? [];
  if (keeping) return <SaveAsAudience report={asked(report)} part={part} onClose={() => setKeeping(false)} />;
  return (
    <SidePanel
      title={title}
      sub={sub}
      onClose={onClose}
      foot={
        <>
          {mayKeep ? (
            <Button small icon={<IconUsersPlus size={16} />} onClick={() => setKeeping(true)}>
              {t('reports.saveAudience')}
            </Button>
          ) : null}
          {mayWatch && rows.length > 0 ? (
            <LinkButton small icon={<IconVideo size={16} />} to={`/replay?${recordingsOf(asked(report), part)}`}>
              {t('reports.theirRecordings')}
            </LinkButton>
          ) : null}
          <CopyButton small value={link ?? location.href} text={t('reports.copyLink')} label={t('reports.copyLink')} />
        </>
      }
    >
      <Stack gap={12}>
        <UntilLoaded query={people} failed={t('reports.peopleFailed')}>
          {[0, 1, 2, 3, 4, 5].map((row) => (
            <div key={row} className={styles.person}>
              <Skeleton width={30} height={30} round />
              <Skeleton width={160 + ((row * 37) % 70)} />
            </div>
          ))}
        </UntilLoaded>
        {people.isSuccess && rows.length === 0 ? (
          <NothingHere title={t('reports.nobody')} text={t('reports.nobodyText')} />
        ) : null}
        {rows.length > 0 ? (
          <ul aria-label={t('reports.people')} onKeyDown={moveBetweenRows}>
            {rows.map((person) => (
              <li key={person.id} className={styles.person}>
                <Avatar name={person.displayName} size={30} />
                <span className={styles.personName}>
                  <Link to={`/people/${encodeURIComponent(person.id)}`} data-row>
                    <bdi>{person.displayName}</bdi>
                  </Link>
                  {person.email && person.email !== person.displayName ? (
                    <small>
                      <Shown value={person.email}>{person.email}</Shown>
                    </small>
                  ) : null}
                </span>
                <span className={styles.personNote}>
                  <Time at={person.lastSeenAt} />
                </span>
              </li>
            ))}
          </ul>
        ) : null}
        <MoreOf list={people} />
      </Stack>
    </SidePanel>
  );
}

/** The list of recordings of those people, over the report's own period. */
const recordingsOf = (report: ReturnType<typeof asked>, part: unknown) =>
  new URLSearchParams({
    ...{ report: toText(report), part: toText(part) },
    ...('period' in report ? { period: toText(report.period) } : {}),
  });
