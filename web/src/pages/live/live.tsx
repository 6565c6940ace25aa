import { IconBroadcast, IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { Link } from 'react-router';
import { eventLink } from '../../events/event-link.ts';
import { EventPanel } from '../../events/event-panel.tsx';
import { SampleTimeline } from '../../events/sample-timeline.tsx';
import { formatNumber } from '../../format.ts';
import { Button, LinkButton } from '../../kit/button.tsx';
import { SearchField, Segments, SelectField } from '../../kit/field.tsx';
import { moveBetweenRows } from '../../kit/hooks.ts';
import { Page, Row } from '../../kit/layout.tsx';
import { Loading, Nothing, NothingHere, Refusal } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useSources } from '../../sources.ts';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { SampleButton } from '../people/sample-button.tsx';
import { DropPanel } from './drop-panel.tsx';
import { type FeedItem, useFeed } from './feed.ts';
import styles from './live.module.css';
import { LiveRow, LiveSkeleton } from './live-row.tsx';
import { LiveStats } from './live-stats.tsx';

const sourceIdOf = (item: FeedItem) => (item.kind === 'event' ? item.event : item.drop).sourceId;

function matches(item: FeedItem, filter: { source: string; name: string; kind: string }): boolean {
  if (filter.kind && filter.kind !== item.kind) return false;
  const { name } = item.kind === 'event' ? item.event : item.drop;
  if (filter.source && sourceIdOf(item) !== filter.source) return false;
  return !filter.name || (name ?? '').toLocaleLowerCase().includes(filter.name.toLocaleLowerCase());
}

/** Events as they arrive, with what was dropped and why. */
export function LivePage() {
  const t = useText();
  const url = useUrlState();
  const [paused, setPaused] = useState(false);
  const feed = useFeed(paused);
  const mentioned = useMemo(() => feed.items.map(sourceIdOf), [feed.items]);
  const { sources, nameOf } = useSources(mentioned);
  const mayWrite = useMay('sources.write');
  const filter = { source: url.get('source'), name: url.get('name'), kind: url.get('kind') };
  const filtered = Object.values(filter).some(Boolean);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the filter's parts are what matters, not its object.
  const shown = useMemo(
    () => (filtered ? feed.items.filter((item) => matches(item, filter)) : feed.items),
    [feed.items, filter.source, filter.name, filter.kind],
  );
  const openKey = url.get('event');
  const open = feed.items.find((item) => item.key === openKey);
  const close = () => url.set({ event: null });
  const empty = feed.loaded && feed.items.length === 0 && !feed.error;

  return (
    <Page
      title={t('live.title')}
      purpose={t('live.purpose')}
      action={
        <Button
          icon={paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
          onClick={() => setPaused((now) => !now)}
        >
          {paused
            ? feed.waiting > 0
              ? t('live.resumeWaiting', { count: feed.waiting })
              : t('live.resume')
            : t('live.pause')}
        </Button>
      }
    >
      <LiveStats rates={feed.rates} status={feed.status} paused={paused} />
      {empty ? null : (
        <div className={styles.filters}>
          <SelectField
            hideLabel
            label={t('live.source')}
            value={filter.source}
            choices={[
              { value: '', label: t('live.allSources') },
              ...sources.map((source) => ({ value: source.id, label: source.name })),
            ]}
            onChange={(source) => url.set({ source })}
            width={168}
          />
          <Segments
            label={t('live.kind')}
            value={filter.kind || 'all'}
            choices={[
              { value: 'all', label: t('live.all') },
              { value: 'event', label: t('live.events') },
              { value: 'drop', label: t('live.drops') },
            ]}
            onChange={(kind) => url.set({ kind: kind === 'all' ? null : kind })}
          />
          <SearchField label={t('live.name')} value={filter.name} onChange={(name) => url.set({ name })} width={320} />
        </div>
      )}

      {feed.error ? <Refusal title={t('live.failed')} error={feed.error} onRetry={feed.retry} /> : null}
      {!feed.loaded ? (
        <Loading>
          <LiveSkeleton />
        </Loading>
      ) : null}
      {empty ? (
        <Nothing
          title={t('live.emptyTitle')}
          text={t('live.emptyText')}
          actions={
            <Row>
              {mayWrite ? (
                <LinkButton look="main" to="/sources?new=1">
                  {t('sources.connect')}
                </LinkButton>
              ) : null}
              <SampleButton />
            </Row>
          }
          preview={<SampleTimeline />}
        />
      ) : null}
      {shown.length > 0 ? (
        <ol className={styles.list} aria-label={t('live.list')} onKeyDown={moveBetweenRows}>
          {shown.map((item) => (
            <LiveRow
              key={item.key}
              item={item}
              sourceName={nameOf(sourceIdOf(item))}
              open={item.key === openKey}
              onOpen={() => url.set({ event: item.key }, true)}
            />
          ))}
        </ol>
      ) : null}
      {shown.length === 0 && feed.items.length > 0 ? (
        <NothingHere
          icon={<IconBroadcast size={28} aria-hidden />}
          title={t('live.noneTitle')}
          text={t('live.noneText')}
          action={
            <Button onClick={() => url.set({ source: null, name: null, kind: null })}>{t('kit.clearFilters')}</Button>
          }
        />
      ) : null}
      {shown.length > 0 ? (
        <p className={styles.end}>{t('live.shown', { count: shown.length, total: formatNumber(feed.items.length) })}</p>
      ) : null}

      {open?.kind === 'event' ? (
        <EventPanel
          key={open.key}
          event={open.event}
          sourceName={nameOf(open.event.sourceId)}
          onClose={close}
          extra={
            <Row>
              <Link to={eventLink(open.event.personId, open.event)}>
                {t('live.onLine', { name: open.event.personName ?? t('people.unknown') })}
              </Link>
            </Row>
          }
        />
      ) : null}
      {open?.kind === 'drop' ? (
        <DropPanel drop={open.drop} sourceName={nameOf(open.drop.sourceId)} onClose={close} />
      ) : null}
    </Page>
  );
}
