import i18next from 'i18next';
import { Fragment, type ReactNode, useCallback } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';
import en from './messages/en.json';

/** Each language by its own name, in the order of the picker. */
export const LANGUAGES = { en: 'English', pl: 'Polski', it: 'Italiano', ru: 'Русский', zh: '简体中文' } as const;
export type Language = keyof typeof LANGUAGES;

type Plural = '_zero' | '_one' | '_two' | '_few' | '_many' | '_other';
type Stem<K extends string> = K extends `${infer S}${Plural}` ? S : K;
type Paths<T> = { [K in keyof T & string]: T[K] extends string ? Stem<K> : `${K}.${Paths<T[K]>}` }[keyof T & string];
/** A key of the message catalogue, without the plural's ending. */
export type MessageKey = Paths<typeof en>;

type Values = Record<string, string | number>;
export type Translate = (key: MessageKey, values?: Values) => string;

const STORED = 'throughline.language';

const loaders: Record<Exclude<Language, 'en'>, () => Promise<{ default: object }>> = {
  pl: () => import('./messages/pl.json'),
  it: () => import('./messages/it.json'),
  ru: () => import('./messages/ru.json'),
  zh: () => import('./messages/zh.json'),
};

function isLanguage(value: string | null | undefined): value is Language {
  return value != null && value in LANGUAGES;
}

function wantedLanguage(): Language {
  try {
    const stored = localStorage.getItem(STORED);
    if (isLanguage(stored)) return stored;
  } catch {
    // Storage can be forbidden; the browser's languages decide.
  }
  for (const tag of navigator.languages) {
    const language = tag.split('-')[0];
    if (isLanguage(language)) return language;
  }
  return 'en';
}

/** Changes the console's language, loading its messages first. */
export async function setLanguage(language: Language): Promise<void> {
  if (language !== 'en' && !i18next.hasResourceBundle(language, 'translation')) {
    const messages = await loaders[language]();
    i18next.addResourceBundle(language, 'translation', messages.default);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  document.documentElement.dir = i18next.dir(language);
}

export async function chooseLanguage(language: Language): Promise<void> {
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // It then lasts as long as the page.
  }
  await setLanguage(language);
}

export async function startText(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
  });
  await setLanguage(wantedLanguage());
}

export function currentLanguage(): Language {
  return isLanguage(i18next.language) ? i18next.language : 'en';
}

/** The messages in the current language; the component is drawn again when the language changes. */
export function useText(): Translate {
  const { t } = useTranslation();
  return useCallback(((key, values) => t(key, values ?? {})) as Translate, [t]);
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
