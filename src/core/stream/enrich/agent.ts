import Bowser from 'bowser';
import crawlers from 'crawler-user-agents';
import { objectOf, remembered, textOf } from './remembered.ts';

/** What a user agent tells. Empty strings mean "not known". */
export interface Agent {
  browser: string;
  os: string;
  /** desktop, mobile, tablet, tv, console, watch, bot or ''. */
  device: string;
}

const NOTHING: Agent = { browser: '', os: '', device: '' };
const REMEMBERED_AGENTS = 20_000;
const LONGEST_AGENT = 1024;

const BOT = new RegExp(crawlers.map((crawler) => `(?:${crawler.pattern})`).join('|'));
/** Robots that are on no list by name call themselves so. */
const CALLS_ITSELF_BOT = /\b(?:bot|crawler|spider|scraper)\b|[a-z]bot[/;) ]|\+https?:\/\//i;
const CONSOLE = /PlayStation|\bPLAYSTATION\b|Xbox|Nintendo/;
const TELEVISION =
  /SMART-?TV|SmartTV|Smart TV|HbbTV|GoogleTV|Android TV|AppleTV|Apple TV|tvOS|Web0S|webOS\.TV|NetCast|BRAVIA|CrKey|Roku|AFT[A-Z]|Viera|Tizen.*TV/;
const WATCH = /watchOS|Apple Watch|Wear OS|Galaxy Watch/i;
const TABLET = /iPad|Tablet|Nexus (?:7|9|10)|Kindle|Silk\/(?!.*Mobile)|SM-[TXP]\d/i;

/** Names of systems as the field writes them, by what user agents, SDKs and client hints call them. */
const SYSTEMS: Record<string, string> = {
  windows: 'Windows',
  win32: 'Windows',
  'windows nt': 'Windows',
  'windows phone': 'Windows Phone',
  macos: 'macOS',
  'mac os': 'macOS',
  'mac os x': 'macOS',
  macintosh: 'macOS',
  darwin: 'macOS',
  ios: 'iOS',
  'iphone os': 'iOS',
  ipados: 'iPadOS',
  tvos: 'tvOS',
  watchos: 'watchOS',
  visionos: 'visionOS',
  android: 'Android',
  linux: 'Linux',
  'chrome os': 'ChromeOS',
  chromeos: 'ChromeOS',
  'chromium os': 'ChromeOS',
  harmonyos: 'HarmonyOS',
  tizen: 'Tizen',
  webos: 'webOS',
  kaios: 'KaiOS',
  'playstation 4': 'PlayStation',
  'playstation 5': 'PlayStation',
  'roku os': 'Roku',
};

const DEVICE_TYPES: Record<string, string> = {
  desktop: 'desktop',
  pc: 'desktop',
  laptop: 'desktop',
  mobile: 'mobile',
  phone: 'mobile',
  smartphone: 'mobile',
  handset: 'mobile',
  tablet: 'tablet',
  tv: 'tv',
  smarttv: 'tv',
  television: 'tv',
  console: 'console',
  watch: 'watch',
  wearable: 'watch',
  bot: 'bot',
  iphone: 'mobile',
  ipad: 'tablet',
  // Segment's mobile SDKs write the system where others write the form; the model then decides.
  ios: 'mobile',
  android: 'mobile',
};

const parse = remembered<Agent>(REMEMBERED_AGENTS, (text) => {
  if (BOT.test(text) || CALLS_ITSELF_BOT.test(text)) return { ...NOTHING, device: 'bot' };
  let browser = '';
  let os = '';
  let device = '';
  try {
    const parsed = Bowser.parse(text);
    browser = parsed.browser.name ?? '';
    os = systemName(parsed.os.name ?? '');
    device = parsed.platform.type ?? (os === 'ChromeOS' ? 'desktop' : '');
  } catch {
    // Not a user agent that the parser can make anything of.
  }
  if (WATCH.test(text)) device = 'watch';
  else if (CONSOLE.test(text)) device = 'console';
  else if (TELEVISION.test(text)) device = 'tv';
  else if (device !== 'bot' && TABLET.test(text)) device = 'tablet';
  return { browser, os, device };
});

/** Browser, system and form of device of a user agent string; what it does not tell is ''. */
export function parseAgent(userAgent: string): Agent {
  if (userAgent === '') return NOTHING;
  return parse(userAgent.length > LONGEST_AGENT ? userAgent.slice(0, LONGEST_AGENT) : userAgent);
}

/**
 * What is known of the device: the mobile SDKs' own words (`context.device`, `context.os`) before the browser's client
 * hints (`context.userAgentData`) before the user agent.
 */
export function describeAgent(userAgent: string, context: Record<string, unknown>): Agent {
  const agent = parseAgent(userAgent);
  const hints = objectOf(context.userAgentData);
  const told = objectOf(context.device);
  const system = objectOf(context.os);
  if (!hints && !told && !system) return agent;
  const described: Agent = { browser: agent.browser, os: agent.os, device: agent.device };
  if (hints && agent.device !== 'bot') applyHints(described, hints);
  if (system) described.os = systemName(textOf(system.name, 40)) || described.os;
  if (told) described.device = deviceOf(told) || described.device;
  return described;
}

function applyHints(described: Agent, hints: Record<string, unknown>): void {
  described.os = systemName(textOf(hints.platform, 40)) || described.os;
  if (hints.mobile === true && described.device !== 'tablet') described.device = 'mobile';
  else if (described.device === '' && hints.mobile === false) described.device = 'desktop';
  // The user agent does not name all of Chromium's relatives: Brave calls itself Chrome there.
  if (!Array.isArray(hints.brands)) return;
  for (let i = 0; i < hints.brands.length && i < 8; i++) {
    const brand = (hints.brands[i] as { brand?: unknown } | null)?.brand;
    const browser = typeof brand === 'string' ? browserOfBrand(brand) : '';
    if (browser === '') continue;
    described.browser = browser;
    return;
  }
}

/** The browser that a brand of the client hints names; '' for Chromium, which all have, and for the made-up "Not A;Brand". */
const browserOfBrand = remembered<string>(1000, (brand) => {
  if (brand === 'Chromium' || brand.length > 40 || /^\W*not\W*a\W*brand/i.test(brand)) return '';
  return Object.hasOwn(BRANDS, brand) ? BRANDS[brand]! : brand;
});

const BRANDS: Record<string, string> = { 'Google Chrome': 'Chrome', 'Android WebView': 'Chrome' };

function deviceOf(told: Record<string, unknown>): string {
  const model = textOf(told.model, 80);
  if (model !== '' && TABLET.test(model)) return 'tablet';
  const type = textOf(told.type, 40).toLowerCase();
  return Object.hasOwn(DEVICE_TYPES, type) ? DEVICE_TYPES[type]! : '';
}

const systemName = remembered<string>(1000, (name) => {
  const word = name.toLowerCase();
  return Object.hasOwn(SYSTEMS, word) ? SYSTEMS[word]! : name;
});
