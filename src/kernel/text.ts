import { readdirSync, readFileSync } from 'node:fs';
import i18next, { type i18n } from 'i18next';

/** The languages in which customers and colleagues are spoken to, each by its own name. */
export const LANGUAGES = { en: 'English', pl: 'Polski', it: 'Italiano', ru: 'Русский', zh: '简体中文' } as const;
export type Language = keyof typeof LANGUAGES;

export type Translate = (key: string, values?: Record<string, string | number>) => string;

export const isLanguage = (value: unknown): value is Language => typeof value === 'string' && value in LANGUAGES;

/**
 * The messages of a module: `<language>.json` in the given folder, one for each language, with plural forms as in the
 * console's catalogue. A key that is missing there is a fault, and throws.
 */
export function openText(folder: URL): (language: Language) => Translate {
  let catalogue: i18n | null = null;
  return (language) => {
    catalogue ??= read(folder);
    const translate = catalogue.getFixedT(language);
    return (key, values) => {
      if (!catalogue!.exists(key, { lng: language, ...values })) throw new Error(`No message "${key}" in ${folder}`);
      return translate(key, values ?? {});
    };
  };
}

function read(folder: URL): i18n {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const resources = Object.fromEntries(
    files.map((name) => [
      name.slice(0, -'.json'.length),
      { translation: JSON.parse(readFileSync(new URL(name, folder), 'utf8')) },
    ]),
  );
  const catalogue = i18next.createInstance();
  // What is put in is escaped where it goes into HTML, by `html` or `escapeHtml`.
  catalogue.init({ resources, fallbackLng: false, interpolation: { escapeValue: false }, initAsync: false });
  return catalogue;
}

/** The language somebody reads best of ours: the chosen one, else by an Accept-Language header, else English. */
export function languageOf(chosen: string | undefined, accepted: string | undefined): Language {
  if (isLanguage(chosen)) return chosen;
  const wanted = (accepted ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const weight = parameters.map((one) => /^\s*q=([\d.]+)$/.exec(one)?.[1]).find((one) => one !== undefined);
      return { language: tag.toLowerCase().split('-')[0], weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter((one) => one.weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return wanted.map((one) => one.language).find(isLanguage) ?? 'en';
}
