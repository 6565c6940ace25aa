type Rows = readonly (readonly [string, string])[];

/** The tables of the SDK's page. */
export const CALLS: Rows = [
  ['track(event, properties)', 'Something happened: "Order Completed".'],
  [
    'page(category, name, properties)',
    'A page was shown. Page views are captured by themselves; call it to give a page a name.',
  ],
  ['identify(userId, traits)', 'Who the visitor is. What was done before joins that person’s timeline.'],
  ['group(groupId, traits)', 'Which account the person belongs to; later events carry it.'],
  ['alias(userId, previousId)', 'Two IDs are the same person.'],
  ['reset()', 'Signed out: a new visitor, a new session.'],
  [
    'consent({ analytics: true }, { textVersion, language })',
    'What the visitor agreed to, for each purpose. Sends "Consent Updated" and stands on every event after it. analytics: false stops the SDK and removes what it stored.',
  ],
  ['flush()', 'Sends now; resolves when it was answered.'],
  [
    'on("message" | "sent" | "drop", listener)',
    'Each event as it is made; the message IDs that the server took; those that were given up, and why.',
  ],
  ['user().id(), anonymousId(), setAnonymousId(id)', 'Who the visitor is for the SDK.'],
  ['load(part)', 'Fetches a later part from the same server, checked by its hash: debug.'],
  [
    'load("surveys").then((surveys) => surveys.show(id, element))',
    'Shows a survey that this visitor may be asked now, whatever its targeting; within the element, where one is given. Rejects where there is none. surveys.close() closes it.',
  ],
  ['init(writeKey, settings)', 'Begins, where the script tag has no data-write-key, or the package is bundled.'],
];

export const CAPTURED: Rows = [
  ['pages', 'Page views, in single-page apps too (pushState, replaceState, back and forward).'],
  ['clicks', 'Element Clicked: tag, id, classes, name, text (100 characters), path.'],
  ['forms', 'Form Submitted: the names of its fields, never a value.'],
  ['downloads', 'File Downloaded: links to documents, archives and media, and links with download.'],
  ['outbound', 'Outbound Link Clicked: links to other hosts.'],
  ['errors', 'Error Occurred: uncaught errors and rejections, each once, at most ten a page.'],
  ['rage', 'Rage Clicked: three clicks within 30 pixels, less than a second apart.'],
  ['dead', 'Dead Clicked: nothing changed, scrolled or was selected for 2.5 seconds after a click.'],
  ['vitals', 'Web Vitals: LCP, INP, TTFB and load time in milliseconds, and CLS; once, as the page is left.'],
];

export const OPTIONS: Rows = [
  ['data-write-key', 'The key of a source of the kind "browser".'],
  ['data-autocapture', 'Kinds from the table above with commas between them, or off. All by default.'],
  ['data-consent="required"', 'Nothing is stored or sent before consent; up to 100 events wait in memory.'],
  [
    'data-storage',
    'cookie (the default: one visitor across subdomains), localStorage, or none: no storage at all, and an ID for the life of the page.',
  ],
  [
    'data-respect',
    'globalPrivacyControl, doNotTrack, or both with a space: capture nothing where the browser asks so.',
  ],
  ['data-hash', 'A change of the address after # is a page view too.'],
  ['data-host', 'Address of the server, if it is not where the script comes from.'],
];
