import { IconChevronLeft, IconChevronRight, IconShare2, IconTrash, IconVideoOff } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { api } from '../../api.ts';
import { formatCountry, formatDuration, formatExact } from '../../format.ts';
import { Button, ConfirmButton, LinkButton } from '../../kit/button.tsx';
import { Tag } from '../../kit/data.tsx';
import { late } from '../../kit/late.tsx';
import { Page, Row, Stack } from '../../kit/layout.tsx';
import { Parts } from '../../kit/parts.tsx';
import { Loading, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { calls, type GrowthView, type RecordingDetail } from './calls.ts';
import { grownIndex, useGrowth } from './grow.ts';
import { recordingsOfPerson } from './of-person.ts';
import styles from './recordings.module.css';
import type { WatchProps } from './watch-late.tsx';

const Watch = late<WatchProps>(() => import('./watch-late.tsx').then((part) => part.Watch));
const SharePanel = late<{ recordingId: string; at: number | null; onClose: () => void }>(() =>
  import('./share-panel-late.tsx').then((part) => part.SharePanel),
);

const growing = ({ index, recording: { state, endedAt } }: RecordingDetail) => ({ index, state, endedAt });

function grownDetail(detail: RecordingDetail, growth: GrowthView): RecordingDetail {
  const index = grownIndex(detail.index, growth);
  const { state, endedAt, fromMs, toMs } = growth;
  const playable = index.snapshots.length > 0;
  return { ...detail, index, recording: { ...detail.recording, state, endedAt, playable, durationMs: toMs - fromMs } };
}

/** One recording, played. */
export function RecordingPage() {
  const t = useText();
  const url = useUrlState();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const mayWrite = useMay('replay.write');
  const { recordingId = '' } = useParams();
  const key = ['recording', recordingId];
  const query = useQuery({ queryKey: key, queryFn: () => calls.recording(recordingId) });
  const remove = useMutation({
    mutationFn: () => calls.remove(recordingId),
    onSuccess: () => {
      // No list shows it any more, not even until it has come anew.
      queries.removeQueries({ queryKey: ['recordings'], type: 'inactive' });
      queries.invalidateQueries({ queryKey: ['recordings'] });
      navigate('/replay');
    },
  });
  useGrowth(key, query.data, growing, (...asked) => calls.growth(recordingId, ...asked), grownDetail);
  const back = { to: '/replay', label: t('nav.replay') };
  const detail = query.data;
  if (!detail) {
    return (
      <Page title={t('replay.recording')} back={back}>
        {query.error ? (
          <Refusal title={t('replay.loadFailed')} error={query.error} onRetry={() => query.refetch()} />
        ) : (
          <Loading>
            <Skeleton height={560} />
          </Loading>
        )}
      </Page>
    );
  }
  const { recording } = detail;
  return (
    <Page
      title={t('replay.recording')}
      back={back}
      heading={<Heading detail={detail} />}
      purpose={
        <Parts
          of={[
            formatExact(recording.startedAt),
            formatDuration(recording.durationMs),
            [recording.browser, recording.os].filter(Boolean).join(', '),
            recording.country ? formatCountry(recording.country) : null,
            recording.state === 'live' ? (
              <Tag key="live" tone="accent">
                {t('replay.live')}
              </Tag>
            ) : null,
            recording.masked === 'text' ? <Tag key="masked">{t('replay.maskedText')}</Tag> : null,
          ]}
        />
      }
      action={
        <Row>
          <Neighbours detail={detail} />
          {mayWrite ? (
            <>
              <Button icon={<IconShare2 size={16} />} onClick={() => url.set({ share: '1' }, true)}>
                {t('replay.share')}
              </Button>
              <ConfirmButton
                small={false}
                icon={<IconTrash size={16} />}
                question={t('replay.deleteQuestion')}
                confirm={t('replay.deleteForGood')}
                busy={remove.isPending}
                onConfirm={() => remove.mutate()}
              >
                {t('replay.delete')}
              </ConfirmButton>
            </>
          ) : null}
        </Row>
      }
    >
      <Stack gap={12}>
        {remove.error ? <Refusal title={t('replay.deleteFailed')} error={remove.error} /> : null}
        {detail.index.gaps.length > 0 ? (
          <p role="status" className={styles.note}>
            {t('replay.gaps')}
          </p>
        ) : null}
        {recording.playable ? (
          <Watch key={recording.id} detail={detail} />
        ) : (
          <NothingHere
            icon={<IconVideoOff size={22} aria-hidden />}
            title={t('replay.notPlayable')}
            text={t('replay.notPlayableText')}
          />
        )}
      </Stack>
      {url.get('share') ? (
        <SharePanel
          recordingId={recording.id}
          at={url.get('t') ? detail.index.fromMs + Number(url.get('t')) * 1000 : null}
          onClose={() => url.set({ share: null })}
        />
      ) : null}
    </Page>
  );
}

function Heading({ detail: { personId } }: { detail: RecordingDetail }) {
  const t = useText();
  const mayRead = useMay('people.read');
  const person = useQuery({
    queryKey: ['person', personId],
    queryFn: () => api.person(personId!),
    enabled: mayRead && personId !== null,
  });
  if (!personId || !mayRead) return <h1>{t('replay.recording')}</h1>;
  return (
    <h1>
      <Link to={`/people/${personId}`}>
        <bdi>{person.data?.displayName ?? t('replay.recording')}</bdi>
      </Link>
    </h1>
  );
}

/** The recordings of the same person before and after this one. */
function Neighbours({ detail: { personId, recording } }: { detail: RecordingDetail }) {
  const t = useText();
  const query = useQuery({ ...recordingsOfPerson(personId ?? ''), enabled: personId !== null });
  const { before, after } = useMemo(() => {
    const items = query.data?.items ?? [];
    const at = items.findIndex(({ id }) => id === recording.id);
    return at < 0 ? {} : { after: items[at - 1], before: items[at + 1] };
  }, [query.data, recording.id]);
  if (!before && !after) return null;
  return (
    <Row gap={4}>
      {before ? (
        <LinkButton look="quiet" to={`/replay/${before.id}`} icon={<IconChevronLeft size={16} />}>
          {t('replay.before')}
        </LinkButton>
      ) : null}
      {after ? (
        <LinkButton look="quiet" to={`/replay/${after.id}`} icon={<IconChevronRight size={16} />}>
          {t('replay.after')}
        </LinkButton>
      ) : null}
    </Row>
  );
}
