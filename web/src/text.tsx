import i18next from 'i18next';
import { Fragment, type ReactNode, useSyncExternalStore } from 'react';
import { type Area, type Messages, SHELL_AREAS } from './messages/areas.ts';

/** Each language by its own name, in the order of the picker. */
export const LANGUAGES = { en: 'English', pl: 'Polski', it: 'Italiano', ru: 'Русский', zh: '简体中文' } as const;
export type Language = keyof typeof LANGUAGES;

type Plural = '_zero' | '_one' | '_two' | '_few' | '_many' | '_other';
type Stem<K extends string> = K extends `${infer S}${Plural}` ? S : K;
type Paths<T> = { [K in keyof T & string]: T[K] extends string ? Stem<K> : `${K}.${Paths<T[K]>}` }[keyof T & string];
/** A key of the message catalogue, without the plural's ending. */
export type MessageKey = { [A in Area]: `${A}.${Paths<Omit<Messages[A], 'default'>>}` }[Area];

type Values = Record<string, string | number>;
export type Translate = (key: MessageKey, values?: Values) => string;

/** Each language's own list of its areas comes with its shell's messages, so that a page load fetches one language. */
const languages: Record<Language, () => Promise<{ areas: Record<string, () => Promise<object>> }>> = {
  en: () => import('./messages/en.ts'),
  pl: () => import('./messages/pl.ts'),
  it: () => import('./messages/it.ts'),
  ru: () => import('./messages/ru.ts'),
  zh: () => import('./messages/zh.ts'),
};

/** The areas that something on the screen has asked for; a change of language loads them again. */
const wanted = new Set<Area>(SHELL_AREAS);
const loaded = new Map<string, Promise<void>>();

function isLanguage(value: string | undefined): value is Language {
  return value !== undefined && value in LANGUAGES;
}

/** The first of the browser's languages that the console speaks. */
export function preferredLanguage(): Language {
  for (const tag of navigator.languages) {
    const language = tag.split('-')[0];
    if (isLanguage(language)) return language;
  }
  return 'en';
}

async function load(language: Language, area: Area): Promise<void> {
  const { areas } = await languages[language]();
  const read = areas[`./${language}/${area}.json`];
  if (!read) throw new Error(`The messages have no area "${area}" in ${language}.`);
  i18next.addResourceBundle(language, 'translation', { [area]: await read() }, true, true);
}

function loadOnce(language: Language, area: Area): Promise<void> {
  const key = `${language} ${area}`;
  const known = loaded.get(key);
  if (known) return known;
  const coming = load(language, area);
  loaded.set(key, coming);
  // What failed (the network was away) may be asked for again.
  coming.catch(() => loaded.delete(key));
  return coming;
}

/** Makes areas of the catalogue available in the current language, and in each that is chosen later. */
export async function loadAreas(areas: readonly Area[]): Promise<void> {
  for (const area of areas) wanted.add(area);
  const language = currentLanguage();
  await Promise.all(areas.map((area) => loadOnce(language, area)));
}

/** Changes the console's language, loading its messages first. */
export async function setLanguage(language: Language): Promise<void> {
  await Promise.all([...wanted].map((area) => loadOnce(language, area)));
  if (i18next.language !== language) await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  document.documentElement.dir = i18next.dir(language);
}

export async function startText(language: Language): Promise<void> {
  await i18next.init({ lng: language, fallbackLng: false, resources: {}, interpolation: { escapeValue: false } });
  await setLanguage(language);
}

export function currentLanguage(): Language {
  return isLanguage(i18next.language) ? i18next.language : 'en';
}

const drawn = new Set<() => void>();
i18next.on('languageChanged', redraw);

function onRedraw(listener: () => void): () => void {
  drawn.add(listener);
  return () => drawn.delete(listener);
}

/** One function a language, so that what is drawn with it is drawn again when the language changes. */
const translators = new Map<Language, Translate>();

function translator(): Translate {
  const language = currentLanguage();
  const known = translators.get(language);
  if (known) return known;
  const made = i18next.getFixedT(language) as Translate;
  translators.set(language, made);
  return made;
}

/** Draws all that shows text again, for example because times are written otherwise now. */
export function redraw(): void {
  translators.clear();
  for (const listener of drawn) listener();
}

/** The messages in the current language; the component is drawn again when the language changes. */
export function useText(): Translate {
  return useSyncExternalStore(onRedraw, translator);
}

/** True where the catalogue has the key: for keys that are put together from data. */
export function hasMessage(key: string): key is MessageKey {
  return i18next.exists(key);
}

const SLOT = /(<b>|<\/b>|\uE000\d+\uE001)/;

/**
 * A message in which `<b>…</b>` is emphasis and whose values may be elements. Values never become markup, whatever
 * they contain. `count` chooses the plural.
 */
export function Rich({ k, values = {}, count }: { k: MessageKey; values?: Record<string, ReactNode>; count?: number }) {
  const t = useText();
  const names = Object.keys(values);
  const slots: Values = Object.fromEntries(names.map((name, index) => [name, `\uE000${index}\uE001`]));
  const text = t(k, count === undefined ? slots : { ...slots, count });
  let bold = false;
  return text.split(SLOT).map((part, index) => {
    if (part === '<b>' || part === '</b>') {
      bold = part === '<b>';
      return null;
    }
    const slot = /^\uE000(\d+)\uE001$/.exec(part);
    const content = slot ? values[names[Number(slot[1])] ?? ''] : part;
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a sentence have no other identity.
    return bold ? <strong key={index}>{content}</strong> : <Fragment key={index}>{content}</Fragment>;
  });
}
