import { useDebouncedValue, useHotkeys, useMediaQuery } from '@mantine/hooks';
import { type KeyboardEvent, type RefObject, useEffect, useState, useSyncExternalStore } from 'react';

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

/**
 * The text of a field whose `value` comes back a moment after it was told: what is kept in the address does, and who
 * types quickly is ahead of it. What is typed stands at once and stays; a value that was not typed here replaces it.
 */
export function useTyped(value: string, onChange: (value: string) => void): [string, (text: string) => void] {
  const [ahead, setAhead] = useState<{ text: string; told: readonly string[] } | null>(null);
  useEffect(() => setAhead((now) => (now && now.text !== value && now.told.includes(value) ? now : null)), [value]);
  const type = (text: string) => {
    setAhead((now) => ({ text, told: [...(now?.told ?? []), text] }));
    onChange(text);
  };
  return [ahead?.text ?? value, type];
}

/**
 * For what stands in the place of a part until that is there: notes whether it has the focus, so that the part can take
 * it. Nothing is drawn again for it: between the two halves of a click that would put the part under the pointer.
 */
export function holding(held: RefObject<boolean>): { onFocus: () => void; onBlur: () => void } {
  const note = (has: boolean) => () => {
    held.current = has;
  };
  return { onFocus: note(true), onBlur: note(false) };
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
