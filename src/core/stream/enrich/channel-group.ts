import { addressOf, queryParameters } from './address.ts';
import { kindOfHost, kindOfSource, type PlaceKind, registeredName } from './referrers.ts';
import { objectOf, remembered, textOf } from './remembered.ts';

/** How a visit came about, as far as its link and its referrer tell. Empty strings mean "not told". */
export interface Acquisition {
  channelGroup: string;
  source: string;
  medium: string;
  name: string;
}

const NONE: Acquisition = { channelGroup: '', source: '', medium: '', name: '' };
const DIRECT: Acquisition = { ...NONE, channelGroup: 'Direct' };
const REMEMBERED_VISITS = 20_000;
const LONGEST_CAMPAIGN = 200;

/** Marks that advertising networks add to the links of their ads, with the group that one of them means by itself. */
const CLICK_IDS: Record<string, string> = {
  gclid: 'Paid Search',
  gbraid: 'Paid Search',
  wbraid: 'Paid Search',
  msclkid: 'Paid Search',
  yclid: 'Paid Search',
  dclid: 'Display',
  ttclid: 'Paid Social',
  twclid: 'Paid Social',
  li_fat_id: 'Paid Social',
  rdt_cid: 'Paid Social',
  sccid: 'Paid Social',
  // Facebook adds it to each link out of it, paid or not.
  fbclid: 'Organic Social',
};
const WANTED = new Set(['utm_source', 'utm_medium', 'utm_campaign', 'utm_id', 'gad_source', ...Object.keys(CLICK_IDS)]);
const HAS_WANTED = new RegExp([...WANTED].join('|'), 'i');

// The rules of Google Analytics 4's default channel group, in its order (support.google.com/analytics/answer/9756891),
// with two groups more: AI Assistant and Chat.
const PAID_MEDIUM = /^(?:.*cp.*|ppc|retargeting|paid.*)$/;
const SHOPPING_CAMPAIGN = /^(?:.*(?:(?:[^a-df-z]|^)shop|shopping).*)$/;
const DISPLAY_MEDIA = new Set(['display', 'banner', 'expandable', 'interstitial', 'cpm']);
const SOCIAL_MEDIA = new Set(['social', 'social-network', 'social-media', 'sm', 'social network', 'social media']);
const REFERRAL_MEDIA = new Set(['referral', 'app', 'link']);
const EMAIL_WORD = /^e[-_ ]?mail$/;

const PAID_GROUPS: Partial<Record<PlaceKind, string>> = {
  shopping: 'Paid Shopping',
  search: 'Paid Search',
  social: 'Paid Social',
  video: 'Paid Video',
};
const GROUPS: Partial<Record<PlaceKind, string>> = {
  shopping: 'Organic Shopping',
  social: 'Organic Social',
  video: 'Organic Video',
  search: 'Organic Search',
  email: 'Email',
  assistant: 'AI Assistant',
  chat: 'Chat',
};

/** The channel group of a tagged link, or 'Unassigned' where no rule fits. All in lower case. */
function groupOfTags(source: string, medium: string, name: string): string {
  const kind = kindOfSource(source);
  if (
    (source === '(direct)' || source === 'direct') &&
    (medium === '' || medium === '(none)' || medium === '(not set)')
  )
    return 'Direct';
  if (name.includes('cross-network')) return 'Cross-network';
  const shopping = kind === 'shopping' || SHOPPING_CAMPAIGN.test(name);
  const paid = PAID_MEDIUM.test(medium);
  if (paid && shopping) return 'Paid Shopping';
  if (paid && PAID_GROUPS[kind]) return PAID_GROUPS[kind];
  if (DISPLAY_MEDIA.has(medium)) return 'Display';
  if (paid) return 'Paid Other';
  if (shopping) return 'Organic Shopping';
  if (kind === 'social' || SOCIAL_MEDIA.has(medium)) return 'Organic Social';
  if (kind === 'video' || medium.includes('video')) return 'Organic Video';
  if (kind === 'search' || medium === 'organic') return 'Organic Search';
  if (kind === 'assistant') return 'AI Assistant';
  if (medium.startsWith('affiliate')) return 'Affiliates';
  if (EMAIL_WORD.test(medium) || EMAIL_WORD.test(source) || kind === 'email' || medium === 'newsletter') return 'Email';
  if (medium === 'audio') return 'Audio';
  if (medium === 'sms' || source === 'sms') return 'SMS';
  if (medium.endsWith('push') || medium.includes('mobile') || medium.includes('notification') || source === 'firebase')
    return 'Mobile Push';
  if (kind === 'chat' || medium === 'chat') return 'Chat';
  if (REFERRAL_MEDIA.has(medium) || (kind === 'referral' && medium === '')) return 'Referral';
  return 'Unassigned';
}

/** What a referrer says by itself; `site` is the registered name of its host. */
const byReferrer = remembered<{ site: string; acquisition: Acquisition }>(REMEMBERED_VISITS, (referrer) => {
  const { host } = addressOf(referrer);
  const group = host === '' ? 'Direct' : (GROUPS[kindOfHost(host)] ?? 'Referral');
  return { site: host === '' ? '' : registeredName(host), acquisition: { ...NONE, channelGroup: group } };
});

/** A visit without tags: by where it came from; its channel group is '' where it came from the same site. */
function untagged(referrer: string, ownHost: string): Acquisition {
  if (referrer === '') return DIRECT;
  const { site, acquisition } = byReferrer(referrer);
  return site !== '' && ownHost !== '' && site === registeredName(ownHost) ? NONE : acquisition;
}

const byTags = remembered<Acquisition>(REMEMBERED_VISITS, (key) => {
  const [source = '', medium = '', name = ''] = key.split('\0');
  const lower = (text: string) => text.trim().toLowerCase();
  return { channelGroup: groupOfTags(lower(source), lower(medium), lower(name)), source, medium, name };
});

/**
 * How a visit came about: by `context.campaign`, else by the utm_ parameters of the page's URL, else by an ad network's
 * mark in it, else by the referrer. `page` null: there is no page, so only a campaign tells anything.
 */
export function acquisitionOf(
  campaign: unknown,
  page: { host: string; query: string; referrer: string } | null,
): Acquisition {
  const told = objectOf(campaign);
  if (told) {
    const source = textOf(told.source, LONGEST_CAMPAIGN);
    const medium = textOf(told.medium, LONGEST_CAMPAIGN);
    const name = textOf(told.name, LONGEST_CAMPAIGN);
    if (source !== '' || medium !== '' || name !== '') return byTags(`${source}\0${medium}\0${name}`);
  }
  if (!page) return NONE;
  if (page.query !== '' && HAS_WANTED.test(page.query)) {
    const tags = queryParameters(page.query, WANTED);
    const tag = (name: string) => textOf(tags.get(name), LONGEST_CAMPAIGN);
    const source = tag('utm_source');
    const medium = tag('utm_medium');
    const name = tag('utm_campaign');
    if (source !== '' || medium !== '' || name !== '') return byTags(`${source}\0${medium}\0${name}`);
    for (const id in CLICK_IDS) if (tags.has(id)) return { ...NONE, channelGroup: CLICK_IDS[id]! };
    if (tags.has('gad_source')) return { ...NONE, channelGroup: 'Paid Search' };
  }
  return untagged(page.referrer, page.host);
}
