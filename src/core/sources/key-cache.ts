import type { Context } from '../../kernel/context.ts';
import type { Source } from './sources.ts';

/** How long an answer holds; a change made by another process shows after this. */
const REMEMBER_MS = 5000;
/** Keys remembered at most, so that somebody who tries keys cannot fill the memory. */
const KEYS_LIMIT = 10_000;

interface Known {
  source: Source | null;
  until: number;
}

/** Answers by write key, and the look-ups under way, so that a burst of requests asks the store once. */
interface Cache {
  known: Map<string, Known>;
  asking: Map<string, Promise<Source | null>>;
}

const caches = new WeakMap<object, Cache>();

function cacheOf(context: Context): Cache {
  let cache = caches.get(context.records);
  if (!cache) {
    cache = { known: new Map(), asking: new Map() };
    caches.set(context.records, cache);
  }
  return cache;
}

/** The answer held for a key: a source, null for "belongs to none", undefined where nothing fresh is held. */
export function remembered(context: Context, writeKey: string): Source | null | undefined {
  const known = cacheOf(context).known.get(writeKey);
  return known && known.until > Date.now() ? known.source : undefined;
}

/** Asks, once for all who ask at the same time, and holds the answer unless sources changed meanwhile. */
export function remember(
  context: Context,
  writeKey: string,
  ask: () => Promise<Source | null>,
): Promise<Source | null> {
  const cache = cacheOf(context);
  const under = cache.asking.get(writeKey);
  if (under) return under;
  const { known, asking } = cache;
  const answer = ask()
    .then((source) => {
      if (cache.asking === asking) keep(known, writeKey, source);
      return source;
    })
    .finally(() => asking.delete(writeKey));
  asking.set(writeKey, answer);
  return answer;
}

/** Called after a change: all answers are asked anew, and those under way are not held. */
export function forgetSources(context: Context): void {
  const cache = cacheOf(context);
  cache.known = new Map();
  cache.asking = new Map();
}

function keep(known: Map<string, Known>, writeKey: string, source: Source | null): void {
  known.delete(writeKey);
  known.set(writeKey, { source, until: Date.now() + REMEMBER_MS });
  if (known.size <= KEYS_LIMIT) return;
  // The oldest go first; a source's own key comes back to the end each time it is asked for anew.
  for (const key of known.keys()) {
    known.delete(key);
    if (known.size <= KEYS_LIMIT / 2) break;
  }
}
