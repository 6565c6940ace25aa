import type { Config } from '../../../kernel/config.ts';
import type { Channel, Delivery, StreamEvent } from '../event.ts';
import { addressOf } from './address.ts';
import { describeAgent } from './agent.ts';
import { channelOf, contactOf, isBrowserAgent, libraryPlace } from './channel.ts';
import { acquisitionOf } from './channel-group.ts';
import type { Geo } from './geo.ts';
import { locate } from './location.ts';
import { revenueOf } from './money.ts';
import { countryOf, localeOf } from './place.ts';
import { objectOf, textOf } from './remembered.ts';

/** Characters kept of what ends up in the columns. */
const LONGEST_URL = 2048;
const LONGEST_TITLE = 500;
const LONGEST_AGENT = 1024;
const LONGEST_IP = 64;

/**
 * Makes the step that fills in what an event and its delivery tell besides the event itself: where it happened, on which
 * page, by which campaign, with what device, in which country and language, and what was paid. What has a column of its
 * own then is taken out of `context` (and of the properties of a page call), so that nothing is stored twice; the
 * address is taken out unless the installation stores addresses. Never throws, whatever a sender wrote.
 *
 * Fills in all of StreamEvent's enrich fields except `sessionStart`, which is sessions.ts's.
 */
export function createEnricher(
  config: Pick<Config, 'storeIp'>,
  geo: Geo | null,
): (event: StreamEvent, delivery: Delivery) => void {
  return (event, delivery) => {
    const { context } = event;
    const library = libraryPlace(context);
    event.channel = channelOf(event, library, delivery.userAgent);
    event.contact = contactOf(event);
    // Of a request that a company's own server made, neither address nor user agent nor country is the customer's.
    const fromCustomer = library === '' ? isCustomers(event.channel, delivery) : library !== 'server';

    const page = fillPage(event);
    const campaign = acquisitionOf(context.campaign, page);
    event.channelGroup = campaign.channelGroup;
    event.campaignSource = campaign.source;
    event.campaignMedium = campaign.medium;
    event.campaignName = campaign.name;

    const userAgent = textOf(context.userAgent, LONGEST_AGENT) || (fromCustomer ? browserAgent(delivery) : '');
    const agent = describeAgent(userAgent, context);
    event.browser = agent.browser;
    event.os = agent.os;
    // The HTTP clients of apps stand on the lists of robots; an app's events are its user's.
    event.device = agent.device === 'bot' && event.channel === 'app' ? '' : agent.device;

    const ip = textOf(context.ip, LONGEST_IP) || (fromCustomer ? delivery.ip : '');
    event.country = findCountry(context, fromCustomer ? delivery.country : '', ip, geo);
    event.locale = typeof context.locale === 'string' ? localeOf(context.locale) : '';

    if (event.type === 'track') {
      const amount = revenueOf(event.name, event.properties);
      event.revenueMinor = amount.minor;
      event.currency = amount.currency;
    }
    event.context = whatIsLeft(event, config.storeIp ? ip : '', userAgent);
    locate(event);
  };
}

function isCustomers(channel: Channel, delivery: Delivery): boolean {
  return channel === 'web' || channel === 'app' ? isBrowserAgent(delivery.userAgent) || channel === 'app' : false;
}

const browserAgent = (delivery: Delivery) => (isBrowserAgent(delivery.userAgent) ? delivery.userAgent : '');

/** URL, path, title and referrer: a page call's own properties before `context.page`. Null where there is no page. */
function fillPage(event: StreamEvent): { host: string; query: string; referrer: string } | null {
  const page = objectOf(event.context.page);
  const own = event.type === 'page' ? event.properties : null;
  if (!page && !own) return null;
  event.url = textOf(own?.url, LONGEST_URL) || textOf(page?.url, LONGEST_URL);
  event.title = textOf(own?.title, LONGEST_TITLE) || textOf(page?.title, LONGEST_TITLE);
  event.referrer = textOf(own?.referrer, LONGEST_URL) || textOf(page?.referrer, LONGEST_URL);
  const address = addressOf(event.url);
  event.path = textOf(own?.path, LONGEST_URL) || textOf(page?.path, LONGEST_URL) || address.path;
  if (event.url === '' && event.path === '' && event.referrer === '') return null;
  const query = address.query || textOf(own?.search ?? page?.search, LONGEST_URL).replace(/^\?/, '');
  return { host: address.host, query, referrer: event.referrer };
}

function findCountry(context: Record<string, unknown>, header: string, ip: string, geo: Geo | null): string {
  if (header !== '') {
    const country = countryOf(header);
    if (country !== '') return country;
  }
  if (geo && ip !== '') {
    const country = geo.country(ip);
    if (country !== '') return country;
  }
  const location = objectOf(context.location);
  return location && typeof location.country === 'string' ? countryOf(location.country) : '';
}

const PAGE_COLUMNS = new Set(['url', 'path', 'title', 'referrer', 'search', '__proto__']);
const CAMPAIGN_COLUMNS = new Set(['source', 'medium', 'name', '__proto__']);

/** The context without what has a column. A value is left where it is unless the column holds just that. */
function whatIsLeft(event: StreamEvent, ip: string, userAgent: string): Record<string, unknown> {
  const left: Record<string, unknown> = {};
  const { context } = event;
  for (const name in context) {
    const value = context[name];
    switch (name) {
      case '__proto__':
      case 'ip':
        continue;
      case 'page': {
        const rest = without(value, PAGE_COLUMNS, event);
        if (rest !== undefined) left.page = rest;
        continue;
      }
      case 'campaign': {
        const rest = without(value, CAMPAIGN_COLUMNS, event);
        if (rest !== undefined) left.campaign = rest;
        continue;
      }
      case 'userAgent':
        if (value === userAgent && (event.browser !== '' || event.device === 'bot')) continue;
        break;
      case 'userAgentData':
        if (event.browser !== '' && event.os !== '') continue;
        break;
      case 'locale':
        if (event.locale !== '') continue;
        break;
      case 'channel':
        if (value === event.channel || value === 'mobile' || value === 'sources') continue;
        break;
    }
    left[name] = value;
  }
  if (ip !== '') left.ip = ip;
  if (event.type === 'page') event.properties = without(event.properties, PAGE_COLUMNS, event) ?? {};
  return left;
}

/** The members of an object that no column holds; undefined where none is left. What is no object stays as it is. */
function without(
  value: unknown,
  columns: ReadonlySet<string>,
  event: StreamEvent,
): Record<string, unknown> | undefined {
  const whole = objectOf(value);
  if (!whole) return value as undefined;
  let left: Record<string, unknown> | undefined;
  for (const name in whole) {
    if (columns.has(name) && inColumn(name, whole[name], event)) continue;
    left ??= {};
    left[name] = whole[name];
  }
  return left;
}

function inColumn(name: string, value: unknown, event: StreamEvent): boolean {
  switch (name) {
    case 'url':
      return value === event.url;
    case 'path':
      return value === event.path;
    case 'title':
      return value === event.title;
    case 'referrer':
      return value === event.referrer;
    case 'search':
      return typeof value === 'string' && (value === '' || event.url.includes(value));
    case 'source':
      return value === event.campaignSource;
    case 'medium':
      return value === event.campaignMedium;
    case 'name':
      return value === event.campaignName;
    default:
      return true;
  }
}

/**
 * The context of an event as it was before it was enriched, as far as the columns tell, so that an event that went to
 * quarantine after this step means the same when it is sent again.
 */
export function contextAsSent(event: StreamEvent): Record<string, unknown> {
  const page = defined({ url: event.url, path: event.path, title: event.title, referrer: event.referrer });
  const campaign = defined({
    source: event.campaignSource,
    medium: event.campaignMedium,
    name: event.campaignName,
  });
  const { context } = event;
  return {
    ...context,
    ...(page ? { page: { ...page, ...objectOf(context.page) } } : {}),
    ...(campaign ? { campaign: { ...campaign, ...objectOf(context.campaign) } } : {}),
    ...(event.locale ? { locale: event.locale } : {}),
    ...(event.country ? { location: { country: event.country, ...objectOf(context.location) } } : {}),
    ...(event.os ? { os: { name: event.os, ...objectOf(context.os) } } : {}),
    ...(event.device ? { device: { type: event.device, ...objectOf(context.device) } } : {}),
  };
}

function defined(values: Record<string, string>): Record<string, string> | null {
  const given = Object.entries(values).filter(([, value]) => value !== '');
  return given.length > 0 ? Object.fromEntries(given) : null;
}
