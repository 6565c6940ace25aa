import { IconBroadcast, IconTimeline } from '@tabler/icons-react';
import { useEffect, useMemo, useRef } from 'react';
import { EventLine } from '../../events/event-line.tsx';
import { EventPanel } from '../../events/event-panel.tsx';
import { SampleTimeline } from '../../events/sample-timeline.tsx';
import { formatDate } from '../../format.ts';
import { Button, CopyButton } from '../../kit/button.tsx';
import { Tag } from '../../kit/data.tsx';
import { moveBetweenRows } from '../../kit/hooks.ts';
import { Loading, Nothing, NothingHere, Refusal, Skeleton } from '../../kit/states.tsx';
import { useSources } from '../../sources.ts';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import type { Person } from '../../wire.ts';
import { dayOf } from '../../zone.ts';
import { WatchLink } from '../replay/person-recordings.tsx';
import { groupByDay } from './grouping.ts';
import styles from './line.module.css';
import { LineFilters, LineSearch } from './line-filters.tsx';
import { SessionHeader } from './session-header.tsx';
import { type LineFilter, useEventById, useLine } from './timeline-query.ts';

const DAY_MS = 86_400_000;

function LineSkeleton() {
  return (
    <Loading>
      <div className={styles.skeleton}>
        <Skeleton width={160} height={14} />
        {Array.from({ length: 8 }, (_, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity.
          <div key={index} className={styles.skeletonRow}>
            <Skeleton width={28} height={28} round />
            <Skeleton width={180 + ((index * 53) % 170)} />
          </div>
        ))}
      </div>
    </Loading>
  );
}

function useDayName(): (at: string) => string {
  const t = useText();
  return (at) => {
    const day = dayOf(at);
    if (day === dayOf(new Date().toISOString())) return t('line.today');
    if (day === dayOf(new Date(Date.now() - DAY_MS).toISOString())) return t('line.yesterday');
    return formatDate(at, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
  };
}

/** The line itself: every event of a person, newest first, by day and session, with what happens now on top. */
export function Line({ person }: { person: Person }) {
  const t = useText();
  const url = useUrlState();
  const { nameOf } = useSources();
  const filter: LineFilter = {
    name: url.get('name'),
    channel: url.get('channel'),
    contact: url.get('contact'),
    q: url.get('q'),
    period: url.get('period'),
    from: url.get('from'),
    to: url.get('to'),
  };
  const filtered = Object.values(filter).some(Boolean);
  const { line, events, fresh, status } = useLine(person.id, filter);
  const days = useMemo(() => groupByDay(events), [events]);
  const dayName = useDayName();
  const openId = url.get('event');
  const open = useEventById(person.id, events, openId, url.get('at'));

  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = line;
  useEffect(() => {
    if (!end.current || !hasNextPage || isFetchingNextPage || isFetchNextPageError) return;
    const observer = new IntersectionObserver((seen) => seen[0]?.isIntersecting && fetchNextPage(), {
      rootMargin: '600px',
    });
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  return (
    <section className={styles.section} aria-label={t('line.title')}>
      <div className={styles.head}>
        <h2>{t('line.title')}</h2>
        <Tag tone={status === 'open' ? 'good' : 'plain'} icon={<IconBroadcast size={13} aria-hidden />}>
          {status === 'open' ? t('line.live') : t('line.notLive')}
        </Tag>
        <LineSearch q={filter.q} onChange={(q) => url.set({ q })} />
      </div>
      <LineFilters filter={filter} events={events} onChange={(change) => url.set(change)} />

      {line.isPending ? <LineSkeleton /> : null}
      {line.error && !line.data ? (
        <Refusal title={t('line.failed')} error={line.error} onRetry={() => line.refetch()} />
      ) : null}
      {line.isSuccess && events.length === 0 && filtered ? (
        <NothingHere
          icon={<IconTimeline size={28} aria-hidden />}
          title={t('line.noneTitle')}
          text={t('line.noneText')}
          action={
            <Button
              onClick={() =>
                url.set({ name: null, channel: null, contact: null, q: null, period: null, from: null, to: null })
              }
            >
              {t('kit.clearFilters')}
            </Button>
          }
        />
      ) : null}
      {line.isSuccess && events.length === 0 && !filtered ? (
        <Nothing title={t('line.emptyTitle')} text={t('line.emptyText')} preview={<SampleTimeline most={4} />} />
      ) : null}

      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys move between the events' own buttons. */}
      <div className={styles.line} onKeyDown={moveBetweenRows}>
        {days.map((day) => (
          <section key={day.key} aria-label={dayName(day.at)}>
            <h3 className={styles.day}>
              <span>{dayName(day.at)}</span>
            </h3>
            {day.stretches.map((stretch) => (
              <div key={stretch.key} className={stretch.start ? styles.session : styles.loose}>
                {stretch.start ? <SessionHeader stretch={stretch} personId={person.id} /> : null}
                <ol className={styles.events}>
                  {stretch.events.map((event) => (
                    <li key={event.id} className={styles.event}>
                      <EventLine
                        event={event}
                        open={event.id === openId}
                        fresh={fresh.has(event.id)}
                        showChannel={event.sessionStart === null}
                        onOpen={() => url.set({ event: event.id, at: event.timestamp, trait: null }, true)}
                      />
                    </li>
                  ))}
                </ol>
              </div>
            ))}
          </section>
        ))}
      </div>

      <div ref={end} className={styles.end}>
        {line.isFetchNextPageError ? (
          <Refusal title={t('line.failed')} error={line.error} onRetry={() => line.fetchNextPage()} />
        ) : null}
        {hasNextPage && !line.isFetchNextPageError ? (
          <Button busy={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {t('line.earlier')}
          </Button>
        ) : null}
        {line.isSuccess && !hasNextPage && events.length > 0 ? <span>{t('line.start')}</span> : null}
      </div>

      {open ? (
        <EventPanel
          key={open.id}
          event={open}
          sourceName={nameOf(open.sourceId)}
          foot={
            <>
              <CopyButton small value={location.href} label={t('line.copyLink')} text={t('line.copyLink')} />
              {open.sessionStart ? <WatchLink personId={person.id} at={open.timestamp} /> : null}
            </>
          }
          onClose={() => url.set({ event: null, at: null })}
        />
      ) : null}
    </section>
  );
}
