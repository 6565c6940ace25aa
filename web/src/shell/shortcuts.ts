import { useEffect, useRef } from 'react';
import { preference } from '../preferences.ts';

/** A second key counts as the second of two for this long. */
const SECOND_KEY_MS = 1_500;
const FIELDS = 'input, textarea, select, [contenteditable]:not([contenteditable="false"]), [role="textbox"]';

/** The key as a Latin letter or sign also where the keyboard is set to another alphabet. */
function keyOf(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (/^[\x21-\x7e]$/.test(key) || event.key.length > 1) return key;
  if (event.code === 'BracketLeft') return '[';
  return /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase() ?? key;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(FIELDS) !== null;
}

/**
 * Single keys as shortcuts: `run` gets the keys pressed, as `?` or `g p`, and says whether it used them. Not while
 * somebody types, not with a modifier, not under a dialog, and not for who has switched them off.
 */
export function useShortcuts(run: (keys: string) => boolean): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    let first = '';
    let until = 0;
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.isComposing) return;
      if (isTyping(event.target) || !preference('shortcuts')) return;
      if (document.querySelector('[data-kit-modal], [role="menu"]')) return;
      const key = keyOf(event);
      if (key.length !== 1) return;
      const keys = first && event.timeStamp < until ? `${first} ${key}` : key;
      first = '';
      if (key === 'g' && keys === 'g') {
        first = 'g';
        until = event.timeStamp + SECOND_KEY_MS;
        return;
      }
      if (latest.current(keys)) event.preventDefault();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}

/** Moves the focus to the next or the previous row of the list on the page; to the first where none has it. */
export function moveRow(step: 1 | -1): boolean {
  const rows = [...document.querySelectorAll<HTMLElement>('main [data-row]')].filter(
    (row) => row.offsetParent !== null,
  );
  if (rows.length === 0) return false;
  const at = rows.indexOf(document.activeElement as HTMLElement);
  rows[at < 0 ? 0 : Math.min(Math.max(at + step, 0), rows.length - 1)]?.focus();
  return true;
}

/** Puts the focus into the search of the page. */
export function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('main input[type="search"]');
  field?.focus();
  field?.select();
  return field !== null;
}
