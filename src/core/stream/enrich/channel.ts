import { CHANNELS, type Channel, type StreamEvent } from '../event.ts';
import { objectOf, remembered, textOf } from './remembered.ts';

const REMEMBERED_NAMES = 10_000;
const known = new Set<string>(CHANNELS);

/** Words for a channel as senders write them: RudderStack's, and those that people use. */
const WORDS: Record<string, Channel> = {
  browser: 'web',
  site: 'web',
  website: 'web',
  mobile: 'app',
  sources: 'server',
  api: 'server',
  mail: 'email',
  'e-mail': 'email',
  call: 'phone',
  voice: 'phone',
  pos: 'store',
  retail: 'store',
  'in-store': 'store',
  ads: 'ad',
  advertising: 'ad',
  iot: 'device',
  text: 'sms',
};

/** What an event's name says of where it happened and whether the customer acted; '' where it says nothing. */
interface Named {
  channel: Channel | '';
  contact: 'direct' | 'indirect' | '';
}

/** Names as in Segment's specifications (e-mail, live chat, mobile, ads) and their like, in lower case, words apart. */
const NAMES: readonly [RegExp, Channel | '', 'indirect' | ''][] = [
  [
    /^e ?mail (sent|delivered|opened|clicked|link clicked|bounced|marked as spam|deferred|dropped|replied|received|unsubscribed|complained)\b/,
    'email',
    '',
  ],
  [/^(sms|text message) (sent|delivered|received|clicked|link clicked|replied|failed|bounced)\b/, 'sms', ''],
  [/^push notification /, 'app', ''],
  [/^(application|app) (installed|opened|updated|backgrounded|foregrounded|crashed|uninstalled)\b/, 'app', ''],
  [/^(live )?chat (message|conversation|started|ended|rated|opened|closed)\b/, 'chat', ''],
  [/^((phone )?call (started|ended|received|missed|answered|completed|placed|transferred)|voicemail )/, 'phone', ''],
  [/^(in store |store (visit|entered|left)|pos )/, 'store', ''],
  [
    /^((display |banner |video |search )?ad(vert(isement)?)?) (impression|viewed|shown|served|seen|displayed)\b/,
    'ad',
    'indirect',
  ],
  [/^(ad impression|impression)\b/, 'ad', 'indirect'],
  [/^(display |banner |video |search )?ad(vert(isement)?)? (clicked|click)\b/, 'ad', ''],
  [/^((social|brand) mention|mention(ed)?\b|social post )/, 'social', 'indirect'],
  [
    /^((product )?review|rating|recommendation|word of mouth)\b.*\b(posted|published|written|submitted|received|added|read|made)$/,
    '',
    'indirect',
  ],
  [/^(press|news) (article|mention)\b/, '', 'indirect'],
];

const byName = remembered<Named>(REMEMBERED_NAMES, (name) => {
  const words = name
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();
  for (const [pattern, channel, contact] of NAMES) if (pattern.test(words)) return { channel, contact };
  return { channel: '', contact: '' };
});

const APP_LIBRARY =
  /ios|android|swift|kotlin|react-?native|flutter|unity|mobile|cordova|capacitor|xamarin|maui|analytics-objc/i;
const WEB_LIBRARY =
  /javascript|analytics\.js|analytics-next|browser|\bweb\b|jitsu-js|snippet|rudder-?labs javascript|throughline\.js/i;

/** Whether a library runs on the customer's device, by its name: 'web', 'app', or 'server' for all others. */
const byLibrary = remembered<Channel>(1000, (library) =>
  APP_LIBRARY.test(library) ? 'app' : WEB_LIBRARY.test(library) ? 'web' : 'server',
);

/** User agents of browsers begin so, and those of the HTTP clients that servers use do not. */
export function isBrowserAgent(userAgent: string): boolean {
  return userAgent.startsWith('Mozilla/') || userAgent.startsWith('Opera/');
}

/** Where the sender's library runs: 'web' or 'app' on the customer's device, 'server' elsewhere, '' where none is named. */
export function libraryPlace(context: Record<string, unknown>): Channel | '' {
  const library = objectOf(context.library);
  const name = library ? textOf(library.name, 100) : '';
  return name === '' ? '' : byLibrary(name);
}

/**
 * Where it happened, the first that says so: the event's own `channel`; its name; its type (page, screen);
 * `context.channel`; the library; a page or a mobile device in the context; the user agent of the request.
 */
export function channelOf(event: StreamEvent, library: Channel | '', userAgent: string): Channel {
  if (known.has(event.channel)) return event.channel;
  const told = wordOf(event.channel) || (event.type === 'track' ? byName(event.name).channel : '');
  if (told !== '') return told;
  if (event.type === 'page') return 'web';
  if (event.type === 'screen') return 'app';
  const { context } = event;
  const word = wordOf(context.channel);
  if (word !== '') return word;
  if (library !== '') return library;
  if (objectOf(context.page)) return 'web';
  if (objectOf(context.app) && objectOf(context.device)) return 'app';
  if (isBrowserAgent(userAgent)) return 'web';
  return userAgent === '' ? 'other' : 'server';
}

/** Whether the customer acted: as the event says itself, else by its name, else for an ad that it was only shown. */
export function contactOf(event: StreamEvent): 'direct' | 'indirect' {
  if (event.contact === 'direct' || event.contact === 'indirect') return event.contact;
  return event.type === 'track' && byName(event.name).contact === 'indirect' ? 'indirect' : 'direct';
}

function wordOf(value: unknown): Channel | '' {
  if (typeof value !== 'string' || value === '') return '';
  if (known.has(value)) return value as Channel;
  const word = value.slice(0, 40).toLowerCase();
  return known.has(word) ? (word as Channel) : Object.hasOwn(WORDS, word) ? WORDS[word]! : '';
}
