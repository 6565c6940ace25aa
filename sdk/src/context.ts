import type { Properties } from './types.ts';

declare const SDK_VERSION: string;
let before: string | undefined;
let current = '';

/** The page as it is now; its referrer is the page shown before, also in a single-page app. */
export function pageNow(): Properties {
  const { href, pathname, search } = location;
  if (href !== current) {
    before = current || document.referrer;
    current = href;
  }
  return {
    path: pathname,
    referrer: before,
    search,
    title: document.title,
    url: href,
  };
}

/** Segment's names for utm_ parameters. */
function campaignNow(): Properties | undefined {
  let campaign: Properties | undefined;
  new URLSearchParams(location.search).forEach((value, name) => {
    const [, part] = /^utm_(\w+)/.exec(name) || [];
    if (part) campaign = { ...campaign, [part === 'campaign' ? 'name' : part]: value };
  });
  return campaign;
}

export function contextNow(): Properties {
  const { width, height } = screen;
  return {
    page: pageNow(),
    campaign: campaignNow(),
    locale: navigator.language,
    userAgent: navigator.userAgent,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    screen: { width, height },
    library: { name: '@throughline/browser', version: SDK_VERSION },
  };
}
