import type { Properties } from './types.ts';

interface Entry extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
  interactionId: number;
}

/** A session of layout shifts: gaps below a second, five seconds in all. */
const SHIFT_GAP_MS = 1000;
/** The shortest interactions that browsers tell of. */
const SHORTEST_MS = 16;
const SHIFT_SESSION_MS = 5000;
/** Of every so many interactions the slowest is left out as an outlier. */
const OUTLIER_OF = 50;

const whole = (value: number) => (value + 0.5) | 0 || undefined;

/** Measures how the page loads and answers; gives a function that tells the figures so far, in milliseconds, and CLS. */
export function measureVitals(): () => Properties {
  let lcp = 0;
  let session = 0;
  let first = 0;
  let last = 0;
  const slow: Record<number, number> = {};

  /** 0 where the browser measures it. */
  const observe = (type: string, take: (entry: Entry) => void): number | undefined => {
    try {
      if (!PerformanceObserver.supportedEntryTypes.includes(type)) return;
      const observer = new PerformanceObserver((list) => list.getEntries().forEach(take as never));
      observer.observe({ type, buffered: true, durationThreshold: SHORTEST_MS } as PerformanceObserverInit);
      return 0;
    } catch {}
  };
  observe('largest-contentful-paint', ({ startTime }) => {
    lcp = startTime;
  });
  let cls = observe('layout-shift', ({ startTime, value, hadRecentInput }) => {
    if (hadRecentInput) return;
    if (startTime - last > SHIFT_GAP_MS || startTime - first > SHIFT_SESSION_MS) {
      session = 0;
      first = startTime;
    }
    last = startTime;
    session += value;
    cls = Math.max(cls!, session);
  });
  observe('event', ({ interactionId, duration }) => {
    if (interactionId) slow[interactionId] = Math.max(slow[interactionId] || 0, duration);
  });

  return () => {
    const { responseStart, loadEventEnd } = (performance.getEntriesByType('navigation')[0] ||
      {}) as PerformanceNavigationTiming;
    const slowest = Object.values(slow).sort((a, b) => b - a);
    return {
      lcp: whole(lcp),
      inp: whole(slowest[(((performance as { interactionCount?: number }).interactionCount || 0) / OUTLIER_OF) | 0]!),
      cls: cls && +cls.toFixed(4),
      ttfb: whole(responseStart),
      load: whole(loadEventEnd),
    };
  };
}
