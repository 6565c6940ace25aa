import { useDebouncedValue, useHotkeys, useMediaQuery } from '@mantine/hooks';
import { type KeyboardEvent, useEffect, useSyncExternalStore } from 'react';

export { useDebouncedValue, useHotkeys };

export function useNarrow(pixels: number): boolean {
  return useMediaQuery(`(max-width: ${pixels}px)`, undefined, { getInitialValueInEffect: false }) ?? false;
}

/** Calls `close` on Escape, unless something above (a menu, a list of choices) has used the key already. */
export function useEscape(close: () => void): void {
  useEffect(() => {
    const listen = (event: globalThis.KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('[data-kit-modal]')) close();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [close]);
}

/** Arrow keys, Home and End move between the rows (`[data-row]`) of a list; put it on the list's `onKeyDown`. */
export function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  if (!['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key)) return;
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row]')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key] ?? at;
  rows[next]?.focus();
  event.preventDefault();
}

const TICK_MS = 20_000;
let now = Date.now();
const listeners = new Set<() => void>();
setInterval(() => {
  now = Date.now();
  for (const listener of listeners) listener();
}, TICK_MS);

/** The time, to the nearest twenty seconds: one clock for all that is shown as relative. */
export function useNow(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => now,
  );
}
