import { remembered } from './remembered.ts';

const REMEMBERED_LOCALES = 5000;
const LONGEST_LOCALE = 60;

/** A locale in BCP 47's canonical form: pl-PL for pl_pl, en-US for en_US.UTF-8; '' for what is none. */
export const localeOf = remembered<string>(REMEMBERED_LOCALES, (text) => {
  const tag = (text.split(/[.@;,]/, 1)[0] ?? '').trim().replaceAll('_', '-');
  if (tag === '' || text.length > LONGEST_LOCALE || tag === 'C' || tag === 'POSIX') return '';
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? '';
  } catch {
    return '';
  }
});

/** Codes that look like countries but are groups, tests or "unknown". */
const NO_COUNTRIES = new Set(['EU', 'EZ', 'UN', 'QO', 'XA', 'XB', 'ZZ']);
const codeByName = new Map<string, string>();
const codes = new Set<string>();
const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
for (const first of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
  for (const second of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') {
    const code = first + second;
    const name = names.of(code);
    // Codes that were withdrawn have a successor: DD is DE, and so no country of its own.
    if (!name || NO_COUNTRIES.has(code) || new Intl.Locale(`und-${code}`).region !== code) continue;
    if (Intl.getCanonicalLocales(`und-${code}`)[0] !== `und-${code}`) continue;
    codes.add(code);
    codeByName.set(name.toLowerCase(), code);
  }
}
for (const [name, code] of [
  ['united states of america', 'US'],
  ['usa', 'US'],
  ['uk', 'GB'],
  ['great britain', 'GB'],
  ['czech republic', 'CZ'],
  ['turkey', 'TR'],
  ['south korea', 'KR'],
] as const) {
  codeByName.set(name, code);
}

/** ISO 3166-1 alpha-2 of what a sender wrote: a code in any case, or the country's English name; '' for anything else. */
export const countryOf = remembered<string>(REMEMBERED_LOCALES, (text) => {
  if (text.length > LONGEST_LOCALE) return '';
  const code = text.trim().toUpperCase();
  return codes.has(code) ? code : (codeByName.get(text.trim().toLowerCase()) ?? '');
});
