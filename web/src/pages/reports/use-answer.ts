import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { type Answer, type AnyReport, reports } from './calls.ts';
import { asked, isReady, type Report } from './report.ts';

/** While somebody writes, the report waits so long for the next letter. */
const WAIT_MS = 350;
/** A page that is live asks again so often, but spends at most a twentieth of the time on computing. */
const LIVE_MS = 1_500;
const LIVE_REST = 20;

export interface Asking<R = Report> {
  answer: Answer | undefined;
  /** The report that the answer is to: while another is on its way, that before. */
  answered: R | undefined;
  /** The answer is that of the report before, or none is there yet and one is on its way. */
  running: boolean;
  /** The answer shown is to an earlier question. */
  outdated: boolean;
  error: Error | null;
  /** Somebody stopped it. */
  stopped: boolean;
  refresh: () => void;
  /** Ends the wait; the server stops the query. */
  cancel: () => void;
}

/** The answer to a report: asked for when it is complete and nobody is changing it any more. */
export function useAnswer(report: Report): Asking {
  return useAnswerTo(report, isReady);
}

/** The same for a report of any kind: `ready` says whether everything is chosen; `live` follows what comes in. */
export function useAnswerTo<R extends AnyReport>(report: R, ready: (report: R) => boolean, live = false): Asking<R> {
  const queries = useQueryClient();
  const [settled] = useDebouncedValue(JSON.stringify(asked(report)), WAIT_MS);
  const [stopped, setStopped] = useState<string | null>(null);
  const fresh = useRef(false);
  const wanted = JSON.parse(settled) as R;
  const key = ['report', settled];
  const query = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      // What is asked again because something became of the data is not to be what is remembered of before.
      const wantsFresh = fresh.current || live || queries.getQueryState(key)?.isInvalidated === true;
      fresh.current = false;
      return { report: wanted, answer: await reports.answer(wanted, wantsFresh, signal) };
    },
    enabled: ready(wanted) && stopped !== settled,
    placeholderData: (before, previous) =>
      // A funnel is no picture of a trend.
      before && previous && before.report.kind === wanted.kind ? keepPreviousData(before) : undefined,
    retry: false,
    staleTime: live ? 0 : 60_000,
    refetchInterval: ({ state }) =>
      live && state.data ? Math.max(LIVE_MS, state.data.answer.meta.tookMs * LIVE_REST) : false,
  });
  return {
    answer: ready(report) ? query.data?.answer : undefined,
    answered: ready(report) ? query.data?.report : undefined,
    running: query.isFetching,
    outdated: query.isPlaceholderData,
    error: query.error,
    stopped: stopped === settled && !query.isFetching,
    refresh: () => {
      setStopped(null);
      fresh.current = true;
      query.refetch();
    },
    cancel: () => {
      setStopped(settled);
      queries.cancelQueries({ queryKey: key });
    },
  };
}
