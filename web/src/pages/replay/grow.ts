import { type QueryKey, useQuery, useQueryClient } from '@tanstack/react-query';
import type { GrowthView, IndexView } from './calls.ts';
import type { Span } from './player/engine.ts';

/** Recorders send what happened every five seconds. */
const LIVE_EVERY_MS = 5_000;
/** A visitor who left may come back to the same recording within this time, as long as a session waits. */
const MAY_COME_BACK_MS = 30 * 60_000;
const QUIET_EVERY_MS = 30_000;
/** Chunks may come in another order than their own, but not by more than these. */
const LATE_CHUNKS = 20;

/** What is watched, as far as it grows. */
interface Growing {
  index: IndexView;
  state: GrowthView['state'];
  endedAt: string;
}

/** The index with what came since; what is known already changes nothing. */
export function grownIndex(index: IndexView, { fromMs, toMs, chunks }: Pick<GrowthView, 'fromMs' | 'toMs' | 'chunks'>) {
  const known = new Set(index.chunks.map(({ n }) => n));
  const fresh = chunks.filter(({ n }) => !known.has(n));
  if (fresh.length === 0) return index.fromMs === fromMs && index.toMs === toMs ? index : { ...index, fromMs, toMs };
  const all = [...index.chunks, ...fresh.map(({ n, fromMs, toMs, events }) => ({ n, fromMs, toMs, events }))];
  const grown: IndexView = {
    ...{ fromMs, toMs, chunks: all.sort((a, b) => a.n - b.n) },
    gaps: gapsOf(index, new Set(all.map(({ n }) => n))),
    snapshots: [...index.snapshots, ...fresh.flatMap((chunk) => chunk.snapshots)].sort((a, b) => a - b),
    pages: [...index.pages, ...fresh.flatMap((chunk) => chunk.pages)],
    clicks: [...index.clicks, ...fresh.flatMap((chunk) => chunk.clicks)],
    errors: [...index.errors, ...fresh.flatMap((chunk) => chunk.errors)],
    dropped: [...index.dropped, ...fresh.flatMap((chunk) => chunk.dropped)],
    signals: [...index.signals, ...fresh.flatMap((chunk) => chunk.signals)],
  };
  // A page without a title is told again with each of its pictures.
  grown.pages = grown.pages.filter(({ url, title }, at) => title !== '' || grown.pages[at - 1]?.url !== url);
  return grown;
}

/** Gaps that were known and not filled, and those among the new chunks. */
function gapsOf(index: IndexView, there: ReadonlySet<number>): number[] {
  const gaps = index.gaps.filter((n) => !there.has(n));
  const last = Math.max(...there);
  for (let n = (index.chunks.at(-1)?.n ?? -1) + 1; n < last; n++) if (!there.has(n)) gaps.push(n);
  return gaps;
}

/** The chunk after which to ask for more: before a gap that may still be filled. */
export function askAfter({ chunks, gaps }: IndexView): number {
  const last = chunks.at(-1)?.n ?? -1;
  const gap = gaps.find((n) => n > last - LATE_CHUNKS);
  return gap === undefined ? last : gap - 1;
}

/** How long until it is worth asking for more; false where nothing can come any more. */
export function askEvery({ state, endedAt }: Pick<Growing, 'state' | 'endedAt'>, now = Date.now()): number | false {
  if (state === 'live') return LIVE_EVERY_MS;
  return now - Date.parse(endedAt) < MAY_COME_BACK_MS ? QUIET_EVERY_MS : false;
}

/** What the player plays. */
export const spanOf = ({ fromMs, toMs, snapshots, chunks }: IndexView, live: boolean): Span => ({
  ...{ from: fromMs, to: toMs, snapshots, chunks, live },
});

/** Takes what comes into the answer under this key, while it may come and somebody looks at the page. */
export function useGrowth<T>(
  key: QueryKey,
  shown: T | undefined,
  growing: (of: T) => Growing,
  ask: (after: number, signal: AbortSignal) => Promise<GrowthView>,
  grown: (of: T, growth: GrowthView) => T,
): void {
  const queries = useQueryClient();
  const every = shown === undefined ? false : askEvery(growing(shown));
  useQuery({
    queryKey: [...key, 'growth'],
    queryFn: async ({ signal }) => {
      const known = queries.getQueryData<T>(key) ?? shown!;
      const growth = await ask(askAfter(growing(known).index), signal);
      queries.setQueryData<T>(key, (now) => grown(now ?? known, growth));
      return growth.toMs;
    },
    enabled: every !== false,
    refetchInterval: every,
    // Whoever comes back to the page sees at once what came.
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
}
