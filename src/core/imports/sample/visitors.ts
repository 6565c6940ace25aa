import { messageIdOf } from '../events.ts';
import { Chance } from './chance.ts';
import { FRICTION } from './shop.ts';

/** A browser on a device: what the sessions and the anonymous ID belong to. */
export interface Device {
  anonymousId: string;
  form: 'desktop' | 'phone' | 'tablet';
  browser: 'Chrome' | 'Safari' | 'Firefox' | 'Edge' | 'Samsung Internet';
  locale: string;
  timezone: string;
  /** ISO 3166-1 alpha-2, '' where nothing is known. */
  country: string;
  agent: string;
}

type Kind = Pick<Device, 'form' | 'browser' | 'agent'>;

const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0';
const KINDS = {
  chrome: { form: 'desktop', browser: 'Chrome', agent: `${WINDOWS} ${CHROME} Safari/537.36` },
  edge: { form: 'desktop', browser: 'Edge', agent: `${WINDOWS} ${CHROME} Safari/537.36 Edg/141.0.0.0` },
  firefox: { form: 'desktop', browser: 'Firefox', agent: '' },
  mac: {
    form: 'desktop',
    browser: 'Safari',
    agent:
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15',
  },
  iphone: {
    form: 'phone',
    browser: 'Safari',
    agent:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  },
  android: {
    form: 'phone',
    browser: 'Chrome',
    agent: `Mozilla/5.0 (Linux; Android 15; Pixel 9) ${CHROME} Mobile Safari/537.36`,
  },
  samsung: {
    form: 'phone',
    browser: 'Samsung Internet',
    agent:
      'Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36',
  },
  ipad: {
    form: 'tablet',
    browser: 'Safari',
    agent:
      'Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  },
  tab: { form: 'tablet', browser: 'Chrome', agent: `Mozilla/5.0 (Linux; Android 14; SM-X710) ${CHROME} Safari/537.36` },
} as const satisfies Record<string, Kind>;
type DeviceKind = keyof typeof KINDS;

type Weights = Partial<Record<DeviceKind, number>>;
/** Whoever looks around has a telephone; whoever orders for a shop of their own sits at a desk. */
export const LOOKING: Weights = {
  ...{ chrome: 24, edge: 7, firefox: 6, mac: 9 },
  ...{ iphone: 25, android: 15, samsung: 6, ipad: 6, tab: 2 },
};
export const ORDERING: Weights = {
  ...{ chrome: 31, edge: 13, firefox: 9, mac: 13 },
  ...{ iphone: 15, android: 8, samsung: 3, ipad: 6, tab: 2 },
};
export const PHONES: Weights = { iphone: 55, android: 32, samsung: 13 };
export const FIREFOX: Weights = { firefox: 1 };

/** Versions of Firefox by the day that they came; with one of them the payment page fails. */
export const BROKEN_FIREFOX = 143;
const firefoxAt = (at: number) =>
  at < FRICTION.paymentError[0]
    ? BROKEN_FIREFOX - 1
    : at < FRICTION.paymentError[1]
      ? BROKEN_FIREFOX
      : BROKEN_FIREFOX + 1;

/** The user agent of a device on a day: Firefox is brought up to date. */
export function agentOf({ browser, agent }: Device, at: number): string {
  if (browser !== 'Firefox') return agent;
  const version = firefoxAt(at);
  return `${WINDOWS.slice(0, -1)}; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`;
}

const PLACES: Record<string, readonly [locale: string, timezone: string]> = {
  GB: ['en-GB', 'Europe/London'],
  IE: ['en-IE', 'Europe/Dublin'],
  DE: ['de-DE', 'Europe/Berlin'],
  FR: ['fr-FR', 'Europe/Paris'],
  NL: ['nl-NL', 'Europe/Amsterdam'],
  BE: ['nl-BE', 'Europe/Brussels'],
  ES: ['es-ES', 'Europe/Madrid'],
  PT: ['pt-PT', 'Europe/Lisbon'],
  IT: ['it-IT', 'Europe/Rome'],
  PL: ['pl-PL', 'Europe/Warsaw'],
  CH: ['de-CH', 'Europe/Zurich'],
  AT: ['de-AT', 'Europe/Vienna'],
  SE: ['sv-SE', 'Europe/Stockholm'],
  NO: ['nb-NO', 'Europe/Oslo'],
  FI: ['fi-FI', 'Europe/Helsinki'],
  DK: ['da-DK', 'Europe/Copenhagen'],
  AU: ['en-AU', 'Australia/Sydney'],
  JP: ['ja-JP', 'Asia/Tokyo'],
};
const STRANGERS_COUNTRIES = { GB: 78, IE: 4, DE: 4, FR: 4, NL: 2, BE: 1, ES: 2, IT: 1, PL: 1, CH: 1, SE: 1, AU: 1 };
/** The countries of the customers, as the orders name them. */
const CODES: Record<string, string> = {
  'United Kingdom': 'GB',
  'Channel Islands': 'JE',
  EIRE: 'IE',
  Germany: 'DE',
  France: 'FR',
  Netherlands: 'NL',
  Belgium: 'BE',
  Spain: 'ES',
  Portugal: 'PT',
  Italy: 'IT',
  Poland: 'PL',
  Switzerland: 'CH',
  Austria: 'AT',
  Sweden: 'SE',
  Norway: 'NO',
  Finland: 'FI',
  Denmark: 'DK',
  Australia: 'AU',
  Japan: 'JP',
  Iceland: 'IS',
  Cyprus: 'CY',
  Malta: 'MT',
  Bahrain: 'BH',
  'Saudi Arabia': 'SA',
};
export const countryCode = (name: string | undefined) => CODES[name ?? ''] ?? '';

/** A device that is always the same for the same name; its country is drawn where none is given. */
export function deviceOf(name: string, kinds: Weights, country?: string, anonymousId?: string): Device {
  const chance = new Chance(`device ${name}`);
  const kind = KINDS[chance.of<DeviceKind>(kinds)];
  const code = country ?? chance.of(STRANGERS_COUNTRIES);
  const [locale, timezone] = PLACES[code] ?? PLACES.GB!;
  return {
    anonymousId: anonymousId ?? messageIdOf(`sample device ${name}`, 0),
    ...kind,
    locale,
    timezone,
    country: code,
  };
}

/** How a visit came about. */
export interface Arrival {
  name: 'search' | 'direct' | 'newsletter' | 'social' | 'paid search' | 'paid social' | 'referral' | 'assistant';
  referrer: string;
  campaign?: { source: string; medium: string; name: string };
}

type Ways = Partial<Record<Arrival['name'], number>>;
export const STRANGERS_COME: Ways = {
  ...{ search: 41, direct: 17, newsletter: 5, social: 14 },
  ...{ 'paid search': 12, 'paid social': 4, referral: 6, assistant: 1 },
};
export const CUSTOMERS_COME: Ways = {
  ...{ search: 20, direct: 40, newsletter: 29, social: 2 },
  ...{ 'paid search': 7, referral: 2 },
};
const SEARCH = { 'https://www.google.com/': 80, 'https://www.bing.com/': 13, 'https://duckduckgo.com/': 7 };
const SOCIAL = { 'https://www.pinterest.com/': 45, 'https://l.facebook.com/': 30, 'https://l.instagram.com/': 25 };

const WEEK = 7 * 24 * 60 * 60_000;
const NEWSLETTERS = ['midweek-finds', 'new-in', 'trade-offers'];

export function arrivalOf(chance: Chance, ways: Ways, at: number): Arrival {
  const name = chance.of<Arrival['name']>(ways);
  switch (name) {
    case 'search':
      return { name, referrer: chance.of(SEARCH) };
    case 'newsletter': {
      const gifts = new Date(at).getUTCMonth() >= 9 && chance.yes(0.5);
      const topic = gifts ? 'christmas-gifts' : NEWSLETTERS[Math.floor(at / WEEK) % NEWSLETTERS.length]!;
      return { name, referrer: '', campaign: { source: 'newsletter', medium: 'email', name: topic } };
    }
    case 'social':
      return { name, referrer: chance.of(SOCIAL) };
    case 'paid search': {
      const campaign = { source: 'google', medium: 'cpc', name: chance.pick(['gifts-brand', 'gifts-generic']) };
      return { name, referrer: 'https://www.google.com/', campaign };
    }
    case 'paid social': {
      const campaign = { source: 'instagram', medium: 'paid_social', name: 'home-looks' };
      return { name, referrer: 'https://l.instagram.com/', campaign };
    }
    case 'referral':
      return { name, referrer: chance.pick(['https://party-planning.example/', 'https://gift-ideas.example/']) };
    case 'assistant':
      return { name, referrer: 'https://chatgpt.com/' };
    default:
      return { name, referrer: '' };
  }
}
