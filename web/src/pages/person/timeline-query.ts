import { type InfiniteData, useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { api, type TimelineFilter } from '../../api.ts';
import { useEventStream } from '../../event-stream.ts';
import type { ListOf, TimelineEvent } from '../../wire.ts';
import { startOfDay } from '../../zone.ts';

const PAGE_SIZE = 50;
const DAY_MS = 86_400_000;
/** The person's counts are asked for again when the line has been quiet for this long. */
const QUIET_MS = 1_500;

export const PERIODS = { '1d': 1, '7d': 7, '30d': 30, '365d': 365 } as const;
/** What is measured many times a visit: shown only to who asks for it by name. */
export const QUIET: readonly string[] = ['Page Interacted', 'Form Used'];
export type LineFilter = {
  name: string;
  channel: string;
  contact: string;
  q: string;
  period: string;
  from: string;
  to: string;
};

function asked(filter: LineFilter): TimelineFilter {
  const days = PERIODS[filter.period as keyof typeof PERIODS];
  const from = days ? new Date(Date.now() - days * DAY_MS) : filter.from ? startOfDay(filter.from) : null;
  const to = !days && filter.to ? startOfDay(filter.to, 1) : null;
  return {
    name: filter.name,
    without: filter.name ? '' : QUIET.join(),
    channel: filter.channel,
    contact: filter.contact,
    q: filter.q,
    ...(from ? { from: from.toISOString() } : {}),
    ...(to ? { to: to.toISOString() } : {}),
  };
}

function fits(event: TimelineEvent, filter: LineFilter): boolean {
  if (filter.q || filter.from || filter.to) return false;
  return (
    (filter.name ? event.name === filter.name : !QUIET.includes(event.name)) &&
    (!filter.channel || event.channel === filter.channel) &&
    (!filter.contact || event.contact === filter.contact)
  );
}

/** A person's line by pages, newest first, with what happens now put on top; `fresh` are the IDs that came so. */
export function useLine(personId: string, filter: LineFilter) {
  const queries = useQueryClient();
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const quiet = useRef<ReturnType<typeof setTimeout>>(undefined);
  const key = ['timeline', personId, filter];
  const line = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => api.timeline(personId, { ...asked(filter), cursor: pageParam, limit: PAGE_SIZE }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  useEffect(() => () => clearTimeout(quiet.current), []);
  // A list that was on its way when an event came may be of before it.
  const again = useRef(false);
  const { isFetching, refetch } = line;
  useEffect(() => {
    if (isFetching || !again.current) return;
    again.current = false;
    refetch();
  }, [isFetching, refetch]);

  const status = useEventStream(
    `/api/people/${encodeURIComponent(personId)}/live`,
    {
      event: (data) => {
        const event = data as TimelineEvent;
        clearTimeout(quiet.current);
        quiet.current = setTimeout(() => queries.invalidateQueries({ queryKey: ['person', personId] }), QUIET_MS);
        if (!fits(event, filter)) return;
        again.current ||= queries.getQueryState(key)?.fetchStatus === 'fetching';
        queries.setQueryData<InfiniteData<ListOf<TimelineEvent>, string | null>>(key, (before) => {
          const [top, ...rest] = before?.pages ?? [];
          if (!before || !top || before.pages.some((page) => page.items.some((item) => item.id === event.id))) {
            return before;
          }
          const items = [event, ...top.items].sort((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp));
          return { ...before, pages: [{ ...top, items }, ...rest] };
        });
        setFresh((before) => new Set([...before, event.id]));
      },
    },
    // An answer that is still on its way has what came before.
    () => line.data && queries.invalidateQueries({ queryKey: ['timeline', personId] }),
  );
  const seen = new Set<string>();
  const events = (line.data?.pages ?? [])
    .flatMap((page) => page.items)
    .filter((event) => !seen.has(event.id) && seen.add(event.id));
  return { line, events, fresh, status };
}

/** One event of the line by its ID: from what is loaded, else from around its time. */
export function useEventById(personId: string, loaded: TimelineEvent[], eventId: string, at: string) {
  const here = loaded.find((event) => event.id === eventId);
  const when = Date.parse(at);
  const far = useQuery({
    queryKey: ['event', personId, eventId, at],
    queryFn: () =>
      api.timeline(personId, {
        from: new Date(when - 1000).toISOString(),
        to: new Date(when + 1000).toISOString(),
        limit: 200,
      }),
    enabled: eventId !== '' && !here && Number.isFinite(when),
  });
  return here ?? far.data?.items.find((event) => event.id === eventId) ?? null;
}
