import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useParams } from 'react-router';
import { formatExact } from '../../format.ts';
import { late } from '../../kit/late.tsx';
import { Page } from '../../kit/layout.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { calls, type SharedRecording } from './calls.ts';
import { grownIndex, spanOf, useGrowth } from './grow.ts';
import { MarkLines } from './player/beside.tsx';
import type { Mark } from './player/marks.ts';
import type { PlayerProps } from './player/player.tsx';

const Player = late<PlayerProps>(() => import('./player/player.tsx').then((part) => part.Player));

/** A recording for whoever has the link: what the visitor saw, and nothing of who they are. */
export function SharedPage() {
  const t = useText();
  const { token = '' } = useParams();
  const key = ['shared', token];
  // Each look is counted: it grows by itself.
  const query = useQuery({
    ...{ queryKey: key, queryFn: () => calls.shared(token), retry: false },
    ...{ staleTime: Number.POSITIVE_INFINITY },
  });
  useGrowth(
    key,
    query.data,
    (shared) => shared,
    (...asked) => calls.sharedGrowth(token, ...asked),
    (shared, { state, endedAt, ...growth }) => ({
      ...{ ...shared, state, endedAt, index: grownIndex(shared.index, growth) },
    }),
  );
  const shared = query.data;
  return (
    <main style={{ padding: 24 }}>
      <Page
        title={t('replay.recording')}
        purpose={
          shared
            ? t('replay.sharedUntil', { company: shared.company ?? 'Throughline', at: formatExact(shared.expiresAt) })
            : null
        }
      >
        {query.error ? (
          <Refusal title={t('replay.linkEnded')} error={query.error} />
        ) : !shared ? (
          <Loading>
            <Skeleton height={560} />
          </Loading>
        ) : shared.index.snapshots.length === 0 ? (
          <NothingHere title={t('replay.notPlayable')} text={t('replay.notPlayableText')} />
        ) : (
          <Shared shared={shared} token={token} />
        )}
      </Page>
    </main>
  );
}

function Shared({ shared, token }: { shared: SharedRecording; token: string }) {
  const t = useText();
  const { index, state } = shared;
  const feed = useMemo(() => calls.sharedFeed(token), [token]);
  const span = useMemo(() => spanOf(index, state === 'live'), [index, state]);
  const marks = useMemo(
    (): Mark[] => [
      ...index.pages.map(({ ms, title, url }, n) => ({
        ...{ id: `page ${n}`, at: ms, kind: 'page' as const },
        ...{ words: title || url, detail: title ? url : '' },
      })),
      ...index.clicks.map(({ ms }, n) => ({
        ...{ id: `click ${n}`, at: ms, kind: 'click' as const },
        words: t('replay.mark.click'),
      })),
    ],
    [index, t],
  );
  const told = marks.filter(({ kind }) => kind !== 'click');
  return (
    <Player
      id={token}
      span={span}
      feed={feed}
      marks={marks}
      start={shared.atMs ?? span.from}
      beside={(playback) => <MarkLines playback={playback} marks={told} />}
    />
  );
}
