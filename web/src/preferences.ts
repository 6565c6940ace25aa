import { useSyncExternalStore } from 'react';
import type { Preferences } from '../../src/core/preferences/preferences.ts';
import { ask } from './api.ts';
import { type Language, preferredLanguage, redraw, setLanguage } from './text.tsx';
import { setZone } from './zone.ts';

export type { Preferences };

type Whole = Required<Preferences>;

const DEFAULTS: Whole = {
  scheme: 'auto',
  density: 'comfortable',
  timeZone: 'auto',
  language: 'auto',
  weekStart: 'auto',
  shortcuts: true,
};
/** Read by /scheme.js too, before the first paint. */
const STORED = 'throughline.preferences';

/** What was chosen, and by whom; nobody's while it was chosen before signing in. */
type Copy = { owner: string | null; chosen: Preferences };

function stored(): Copy {
  try {
    const copy = JSON.parse(localStorage.getItem(STORED) ?? '{}') as Partial<Copy>;
    return { owner: copy.owner ?? null, chosen: copy.chosen ?? {} };
  } catch {
    // Storage can be forbidden or hold something else; the defaults stand.
    return { owner: null, chosen: {} };
  }
}

let copy = stored();
const listeners = new Set<() => void>();

function keep(next: Copy): void {
  copy = next;
  try {
    localStorage.setItem(STORED, JSON.stringify(next));
  } catch {
    // It then lasts as long as the page.
  }
}

export function preference<N extends keyof Whole>(name: N): Whole[N] {
  return (copy.chosen[name] ?? DEFAULTS[name]) as Whole[N];
}

export function onPreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreference<N extends keyof Whole>(name: N): Whole[N] {
  return useSyncExternalStore(onPreferences, () => preference(name));
}

/** The language that is shown: the chosen one, or the browser's. */
export function chosenLanguage(): Language {
  const language = preference('language');
  return language === 'auto' ? preferredLanguage() : language;
}

/** What stands on the document itself and in how times are written. The language is changed by whoever calls this. */
export function putInPlace(): void {
  const zone = preference('timeZone');
  setZone(zone === 'auto' ? undefined : zone);
  document.documentElement.dataset.density = preference('density');
}

async function show(next: Copy): Promise<void> {
  keep(next);
  putInPlace();
  await setLanguage(chosenLanguage());
  redraw();
  for (const listener of listeners) listener();
}

/** Changes the console here and now, for as long as this browser remembers. */
export function applyPreferences(change: Preferences): Promise<void> {
  return show({ owner: copy.owner, chosen: { ...copy.chosen, ...change } });
}

let choices = 0;
/** The last choice on its way: the next waits for it, so that the server keeps what was chosen last. */
let keeping: Promise<unknown> = Promise.resolve();

/** Changes the console now, and wherever else its owner signs in. */
export async function choosePreferences(change: Preferences): Promise<void> {
  choices += 1;
  const kept = keeping.then(() => ask<Preferences>('PATCH', '/api/preferences', change));
  keeping = kept.catch(() => undefined);
  await applyPreferences(change);
  await kept;
}

/** What the server has of who is signed in: never from before something that was chosen here meanwhile. */
export async function ownPreferences(): Promise<Preferences> {
  for (;;) {
    const before = choices;
    await keeping;
    const own = await ask<Preferences>('GET', '/api/preferences');
    if (choices === before) return own;
  }
}

/** True while this browser holds nothing of this person, so that what the server has is worth waiting for. */
export function isStranger(owner: string): boolean {
  return copy.owner !== owner;
}

/** Takes over what the server has of a person; what another person had chosen in this browser goes. */
export async function takePreferences(owner: string, chosen: Preferences): Promise<void> {
  const before = copy.owner === null || copy.owner === owner ? copy.chosen : {};
  const next = { owner, chosen: { ...before, ...chosen } };
  if (JSON.stringify(next) !== JSON.stringify(copy)) await show(next);
}

/** The first day of the week, 1 is Monday and 7 Sunday: the chosen one, or that of the locale. */
export function firstDayOfWeek(locale: string, chosen = preference('weekStart')): number {
  if (chosen !== 'auto') return { monday: 1, saturday: 6, sunday: 7 }[chosen];
  const { weekInfo, getWeekInfo } = new Intl.Locale(locale) as Intl.Locale & {
    weekInfo?: { firstDay: number };
    getWeekInfo?: () => { firstDay: number };
  };
  return weekInfo?.firstDay ?? getWeekInfo?.call(new Intl.Locale(locale)).firstDay ?? 1;
}
