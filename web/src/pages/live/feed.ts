import { useCallback, useEffect, useRef, useState } from 'react';
import { api } from '../../api.ts';
import { type StreamStatus, useEventStream } from '../../event-stream.ts';
import type { LiveDrop, LiveEvent, LiveRate } from '../../wire.ts';

/** The most that the list holds; older ones leave it. */
const MOST_SHOWN = 500;
/** How often what has arrived is drawn: a stream of thousands a second must not draw thousands of times. */
const DRAW_MS = 250;
export const RATE_SECONDS = 60;

export type FeedItem =
  | { kind: 'event'; key: string; at: string; event: LiveEvent }
  | { kind: 'drop'; key: string; at: string; drop: LiveDrop };

function asItem(data: LiveEvent | LiveDrop): FeedItem {
  if ('step' in data && 'reason' in data) {
    const drop = { ...data, sourceId: data.sourceId === null ? null : String(data.sourceId), name: data.name || null };
    return { kind: 'drop', key: `${data.at} ${data.step} ${data.messageId}`, at: data.at, drop };
  }
  return { kind: 'event', key: data.id, at: data.receivedAt, event: data };
}

export type Feed = {
  items: FeedItem[];
  loaded: boolean;
  error: unknown;
  status: StreamStatus;
  rates: LiveRate[];
  /** How many have arrived since the pause. */
  waiting: number;
  retry: () => void;
};

/** The last events and drops, newest first, and what arrives while the page is open and not paused. */
export function useFeed(paused: boolean): Feed {
  const [items, setItems] = useState<FeedItem[]>([]);
  const [loaded, setLoaded] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [rates, setRates] = useState<LiveRate[]>([]);
  const [waiting, setWaiting] = useState(0);
  const arrived = useRef<FeedItem[]>([]);

  const add = useCallback((fresh: FeedItem[]) => {
    setItems((before) => {
      const all = new Map([...fresh, ...before].map((item) => [item.key, item]));
      if (all.size === before.length) return before;
      return [...all.values()].sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, MOST_SHOWN);
    });
  }, []);
  const take = (data: unknown) => {
    arrived.current.unshift(asItem(data as LiveEvent | LiveDrop));
    arrived.current.length = Math.min(arrived.current.length, MOST_SHOWN);
  };
  const load = useCallback(() => {
    setError(null);
    api
      .liveRecent(100)
      .then(({ items: recent }) => add(recent.map(asItem)))
      .catch(setError)
      .finally(() => setLoaded(true));
  }, [add]);
  const status = useEventStream(
    '/api/live',
    {
      event: take,
      drop: take,
      rate: (data) => setRates((before) => [...before.slice(1 - RATE_SECONDS), data as LiveRate]),
    },
    load,
  );
  useEffect(load, [load]);

  useEffect(() => {
    const timer = setInterval(() => {
      if (arrived.current.length === 0) return;
      if (paused) {
        setWaiting(arrived.current.length);
        return;
      }
      add(arrived.current);
      arrived.current = [];
      setWaiting(0);
    }, DRAW_MS);
    return () => clearInterval(timer);
  }, [paused, add]);

  return { items, loaded, error, status, rates, waiting: paused ? waiting : 0, retry: load };
}
