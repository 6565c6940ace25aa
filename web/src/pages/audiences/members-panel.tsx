import { IconUsers } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { formatNumber } from '../../format.ts';
import { Avatar } from '../../kit/data.tsx';
import { moveBetweenRows } from '../../kit/hooks.ts';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { NothingHere, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useText } from '../../text.tsx';
import styles from './audiences.module.css';
import { type Audience, audiences } from './calls.ts';

/** Who is in it. */
export function MembersPanel({ audience, onClose }: { audience: Audience; onClose: () => void }) {
  const t = useText();
  const members = useInfiniteQuery({
    queryKey: ['audiences', 'members', audience.id, audience.computedAt],
    queryFn: ({ pageParam }) => audiences.members(audience.id, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const rows = members.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <SidePanel
      icon={<IconUsers size={20} aria-hidden />}
      title={t('audiences.people')}
      sub={audience.size === null ? null : formatNumber(audience.size)}
      onClose={onClose}
    >
      <Stack gap={12}>
        <UntilLoaded query={members} failed={t('audiences.peopleFailed')}>
          <Stack gap={14}>
            {[0, 1, 2, 3, 4].map((row) => (
              <Skeleton key={row} width={150 + ((row * 37) % 70)} />
            ))}
          </Stack>
        </UntilLoaded>
        {members.isSuccess && rows.length === 0 ? (
          <NothingHere title={t('audiences.nobody')} text={t('audiences.nobodyText')} />
        ) : null}
        {rows.length > 0 ? (
          <ul className={styles.people} aria-label={t('audiences.people')} onKeyDown={moveBetweenRows}>
            {rows.map((person) => (
              <li key={person.id}>
                <Avatar name={person.displayName} size={28} />
                <span>
                  <Link to={`/people/${encodeURIComponent(person.id)}`} data-row>
                    <bdi>{person.displayName}</bdi>
                  </Link>
                  {person.email && person.email !== person.displayName ? (
                    <span className={styles.sub}>{person.email}</span>
                  ) : null}
                </span>
              </li>
            ))}
          </ul>
        ) : null}
        <MoreOf list={members} />
      </Stack>
    </SidePanel>
  );
}
