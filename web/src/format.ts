import { currentLanguage } from './text.tsx';
import type { Money } from './wire.ts';
import { currentZone } from './zone.ts';

/**
 * The browser's own region of the chosen language (en-GB, not just en), so that dates look as people expect. Some
 * browsers name languages that are none (`en-US@posix`): those are passed over.
 */
export function locale(): string {
  const language = currentLanguage();
  return (
    navigator.languages.find((tag) => /^[a-z]{2}(-[A-Za-z0-9]{2,8})*$/.test(tag) && tag.split('-')[0] === language) ??
    language
  );
}

const made = new Map<string, unknown>();

function cached<T>(kind: string, options: object, make: (locale: string) => T): T {
  const key = `${kind} ${locale()} ${JSON.stringify(options)}`;
  const known = made.get(key) as T | undefined;
  if (known !== undefined) return known;
  const fresh = make(locale());
  made.set(key, fresh);
  return fresh;
}

export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  return cached('number', options, (l) => new Intl.NumberFormat(l, options)).format(value);
}

export function formatDate(value: string | Date, options: Intl.DateTimeFormatOptions): string {
  const date = typeof value === 'string' ? new Date(value) : value;
  if (Number.isNaN(date.getTime())) return String(value);
  const timeZone = currentZone();
  const zoned = timeZone ? { timeZone, ...options } : options;
  return cached('date', zoned, (l) => new Intl.DateTimeFormat(l, zoned)).format(date);
}

/** Date and time to the second with the zone's name. */
export function formatExact(value: string): string {
  return formatDate(value, { dateStyle: 'full', timeStyle: 'long' });
}

export function formatClock(value: string): string {
  return formatDate(value, { hour: '2-digit', minute: '2-digit' });
}

export function formatClockSeconds(value: string): string {
  return formatDate(value, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** “3 minutes ago”; under a minute it is “now”. */
export function formatRelative(value: string, now: number, style: 'long' | 'narrow' = 'long'): string {
  const seconds = (new Date(value).getTime() - now) / 1000;
  if (Number.isNaN(seconds)) return value;
  const options = { numeric: 'auto', style } as const;
  const relative = cached('relative', options, (l) => new Intl.RelativeTimeFormat(l, options));
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(0, 'second');
}

function unit(value: number, name: string, digits = 0): string {
  return formatNumber(value, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits });
}

/** The two largest units of a length of time: “1 hr 5 min”, “42 sec”, “180 ms”. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return unit(milliseconds, 'millisecond', milliseconds < 10 ? 1 : 0);
  const seconds = milliseconds / 1000;
  if (seconds < 10) return unit(seconds, 'second', 1);
  if (seconds < 60) return unit(Math.round(seconds), 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return unit(minutes, 'minute');
  const hours = Math.floor(minutes / 60);
  const restMinutes = minutes % 60;
  if (hours < 24) return restMinutes ? `${unit(hours, 'hour')} ${unit(restMinutes, 'minute')}` : unit(hours, 'hour');
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${unit(days, 'day')} ${unit(hours % 24, 'hour')}` : unit(days, 'day');
}

export function formatBytes(bytes: number): string {
  const names = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), names.length - 1);
  if (power === 0) return formatNumber(bytes, { style: 'unit', unit: 'byte', unitDisplay: 'long' });
  return unit(bytes / 1000 ** power, names[power] ?? 'byte', 1);
}

/** An amount in the currency's own digits; an unknown currency keeps its code. */
export function formatMoney({ currency, amountMinor }: Money): string {
  try {
    const options = { style: 'currency', currency } as const;
    const formatter = cached('money', options, (l) => new Intl.NumberFormat(l, options));
    return formatter.format(amountMinor / 10 ** (formatter.resolvedOptions().maximumFractionDigits ?? 2));
  } catch {
    return `${formatNumber(amountMinor / 100, { minimumFractionDigits: 2 })} ${currency}`;
  }
}

export function formatList(parts: string[], type: 'conjunction' | 'disjunction' = 'conjunction'): string {
  const options = { style: 'long', type } as const;
  return cached('list', options, (l) => new Intl.ListFormat(l, options)).format(parts);
}

/** A country's name by its two letters, or the letters where there is no such country. */
export function formatCountry(code: string): string {
  try {
    const options = { type: 'region' } as const;
    return cached('region', options, (l) => new Intl.DisplayNames(l, options)).of(code.toUpperCase()) ?? code;
  } catch {
    return code;
  }
}

export function formatLocaleName(code: string): string {
  try {
    const options = { type: 'language' } as const;
    return cached('language', options, (l) => new Intl.DisplayNames(l, options)).of(code) ?? code;
  } catch {
    return code;
  }
}

/** What others wrote, without what would turn the text around it: marks that override the direction of writing. */
export function withoutOverrides(text: string): string {
  return text.replace(/[\u202A-\u202E\u2066-\u2069]/g, '');
}

/** `firstName`, `first_name` and `FIRST-NAME` as people write it: “First name”. */
export function humanise(name: string): string {
  const words = withoutOverrides(name)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_\-.]+/g, ' ')
    .trim();
  const shout = words === words.toUpperCase() && words.length > 4;
  const lower = words
    .split(/\s+/)
    .map((word) => (!shout && /^[A-Z]{2,}$/.test(word) ? word : word.toLowerCase()))
    .join(' ');
  return lower.charAt(0).toUpperCase() + lower.slice(1);
}
