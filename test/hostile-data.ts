import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { RunningServer } from './server.ts';

/** Sets a mark that no page of ours sets, and is seen by a test whatever else it does. */
const RUN = 'window.hacked=1';

/**
 * What attackers write where a name is asked for. Whatever is taken for HTML by a screen leaves an element with
 * `data-hostile`, whatever runs leaves `window.hacked`, and whatever loads asks for a host of the domain `.invalid`.
 */
export const PAYLOADS: readonly string[] = [
  // HTML and scripts
  `<script data-hostile>${RUN}</script>`,
  `"><script data-hostile src=https://evil.invalid/x.js></script>`,
  `<img data-hostile src=https://evil.invalid/x onerror="${RUN}">`,
  `'"><img data-hostile src=x onerror=${RUN}>`,
  `<svg data-hostile/onload=${RUN}>`,
  `<svg data-hostile><animate onbegin=${RUN} attributeName=x dur=1s>`,
  `<math data-hostile><mi xlink:href="javascript:${RUN}">x`,
  `<iframe data-hostile srcdoc="<script>parent.hacked=1</script>"></iframe>`,
  `<iframe data-hostile src="https://evil.invalid/"></iframe>`,
  `<object data-hostile data="https://evil.invalid/x.swf"></object>`,
  `<link data-hostile rel=stylesheet href=https://evil.invalid/x.css>`,
  `<style data-hostile>@import "https://evil.invalid/x.css";*{background:url(https://evil.invalid/x)}</style>`,
  `<base data-hostile href="https://evil.invalid/">`,
  `<meta data-hostile http-equiv=refresh content="0;url=https://evil.invalid/">`,
  `<form data-hostile action=https://evil.invalid/><button formaction=javascript:${RUN}>x`,
  `</title></textarea></style></script><img data-hostile src=x onerror=${RUN}>`,
  `<details data-hostile open ontoggle=${RUN}>`,
  `<a data-hostile href="java\tscript:${RUN}">x</a>`,
  `<!--><img data-hostile src=x onerror=${RUN}>-->`,
  `<scr<script>ipt data-hostile>${RUN}</scr</script>ipt>`,
  `&lt;img data-hostile src=x onerror=${RUN}&gt;`,
  `\\u003cimg data-hostile src=x onerror=${RUN}\\u003e`,
  `%3Cimg%20data-hostile%20src=x%20onerror=${RUN}%3E`,
  // Addresses
  `javascript:${RUN}`,
  `JaVaScRiPt:${RUN}//https://shop.example/`,
  `\u0001javascript:${RUN}`,
  `data:text/html,<script data-hostile>${RUN}</script>`,
  `vbscript:msgbox(1)`,
  `https://shop.example/"onmouseover="${RUN}`,
  `https://shop.example/<script data-hostile>${RUN}</script>`,
  `//evil.invalid/x`,
  `\\\\evil.invalid\\x`,
  `![x](https://evil.invalid/x.png) [y](javascript:${RUN})`,
  // Templates and catalogues of messages
  '{{constructor.constructor("window.hacked=1")()}}',
  '{{count}} {{name}} $t(nav.people) <b data-hostile>{{x}}</b> <0>x</0>',
  '\u0024{window.hacked=1} #{7*7} <%= 7*7 %> {%raw%} %s %d',
  // Names of the language
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  'NaN',
  // Writings
  '\u202Egnp.exe\u202C \u2066\u2067x',
  '\u200B\u200E\uFEFF',
  'a\u0000b',
  'broken \ud800 surrogate',
  `z${'\u0301'.repeat(400)}`,
  '👩‍👩‍👧‍👦🏳️‍🌈'.repeat(20),
  'שלום عالم',
  'x\r\ny\u2028z\u0085',
  // Spreadsheets
  '=HYPERLINK("https://evil.invalid/","x")',
  "+1+cmd|' /C calc'!A0",
  '-2+3',
  '@SUM(1+1)',
  '\t=1+1',
  '\r=1+1',
  // Other languages of ours
  `'; DROP TABLE persons; --`,
  `' OR '1'='1`,
  '{sql:String}',
  '%_\\',
  '../../../../etc/passwd',
  // Endless
  'W'.repeat(500),
  'ﷺ'.repeat(300),
  `<img data-hostile src=x onerror=${RUN}>`.repeat(10),
];

/** Each as text that staff may type: PostgreSQL can hold it, and it is short enough for a name. */
const typed = (limit: number): string[] => [
  ...new Set(
    PAYLOADS.filter((text) => !text.includes('\0') && text.isWellFormed())
      .map((text) => text.trim().slice(0, limit).trim())
      .filter((text) => text !== '' && text.isWellFormed()),
  ),
];

/** What a spreadsheet would run. */
const FORMULA = /^[=+@-]/;

/** How many names are typed at once: a server with one to do waits for its stores most of the time. */
const HANDS = 6;

/** Does the work for each name, some at a time, begun in their order. */
async function forEach(names: readonly string[], work: (name: string, i: number) => Promise<void>): Promise<void> {
  const left = names.entries();
  const hand = async () => {
    for (const [i, name] of left) await work(name, i);
  };
  await Promise.all(Array.from({ length: HANDS }, hand));
}

/** Every payload as a name of everything that staff name; `receiver` is where webhooks go. */
export async function typeHostileNames(server: RunningServer, receiver: string): Promise<void> {
  const post = (path: string, body: object) => server.api<{ id: string }>('POST', path, body);
  const destination = { url: receiver, concurrency: 1 };
  const names = typed(90);
  await post('/api/privacy/purposes', {
    key: 'hostile',
    name: names[0]!,
    description: PAYLOADS[2]!,
    legalBasis: 'consent',
  });
  await forEach(names, async (name, i) => {
    const { id } = await post('/api/sources', { name, kind: i % 2 ? 'server' : 'browser' });
    await post(`/api/sources/${id}/transformations`, {
      name,
      content: { kind: 'javascript', code: `function transform(event) { throw new Error(${JSON.stringify(name)}) }` },
    });
    await post('/api/keys', { name, role: 'viewer' });
    await post('/api/views', { list: 'people', name, query: `q=${encodeURIComponent(name)}`, shared: true });
    await post('/api/catalogue/events', { type: 'track', name, description: name });
    if (i < 10) await post('/api/scim/tokens', { name });
    if (i < 90) await post('/api/roles', { name, description: name, permissions: ['people.read'] });
    if (i < 8 || FORMULA.test(name)) {
      await post('/api/sso', {
        kind: 'oidc',
        name,
        domains: ['example.org'],
        issuer: 'https://login.example.org',
        clientId: name,
        clientSecret: 'secret',
      }).catch((error: Error) => assert.match(error.message, /limit|more than/));
      const made = await post('/api/destinations', {
        name,
        webhook: destination,
        condition: null,
        filter: { names: [name] },
      });
      await post(`/api/destinations/${made.id}/test-messages`, {});
    }
    await post('/api/privacy/texts', {
      purpose: 'hostile',
      version: `${i} ${name}`.slice(0, 50),
      language: 'en',
      body: name,
    });
    await server.api('PUT', '/api/privacy/retention', { eventName: name, sourceId: null, days: 36_000 });
    await post('/api/requests', { kind: 'access', email: `r${i}@example.com`, name, message: name });
  });
  const few = names.filter((name, i) => i < 15 || FORMULA.test(name));
  await typeHostileReports(server, few);
  await typeHostileSurveys(server, few);
  await typeHostileTopics(server, few);
}

/** What members of staff make of reports, named so. Texts that cannot be a name are left out by their refusal. */
async function typeHostileReports(server: RunningServer, names: readonly string[]): Promise<void> {
  const post = (path: string, body: object) => server.api<{ id: string }>('POST', path, body);
  await forEach(names, async (name) => {
    const what = { events: [{ name }] };
    const report = { kind: 'trend', series: [{ what, label: name.slice(0, 200) }] };
    const shared = { name: name.slice(0, 100), description: name, shared: true };
    const saved = await post('/api/reports', { ...shared, content: { report } });
    await post('/api/dashboards', { ...shared, content: {} });
    await post('/api/actions', { ...shared, content: { what } });
    await post('/api/notebooks', { name: name.slice(0, 100), shared: true, cells: [] });
    await post('/api/audiences', { name: name.slice(0, 100), description: name, definition: { is: 'static' } });
    await post('/api/annotations', { at: new Date().toISOString(), text: name.slice(0, 200) });
    await post('/api/alerts', {
      name: name.slice(0, 100),
      savedId: saved.id,
      watched: { of: 'trend', series: 'A' },
      rule: { is: 'above', limit: 1 },
      recipients: [{ email: 'ada@example.com', language: 'en' }],
    });
  });
}

/** Surveys in which every word is hostile, each answered by its link with the same words. */
async function typeHostileSurveys(server: RunningServer, names: readonly string[]): Promise<void> {
  await forEach(names, async (name) => {
    const words = { en: name.slice(0, 300), it: name.slice(0, 300) };
    const option = (id: string) => ({ id, label: words });
    const definition = {
      name: `${name.slice(0, 100)} `,
      languages: ['en', 'it'],
      welcome: { title: words, description: words },
      questions: [
        { id: 'a', kind: 'nps', title: words, description: words, lowLabel: words, highLabel: words },
        { id: 'b', kind: 'multiple', title: words, options: [option('x'), option('y')], other: { label: words } },
        { id: 'c', kind: 'matrix', title: words, rows: [option('x')], columns: [option('y'), option('z')] },
        { id: 'd', kind: 'longText', title: words, placeholder: words },
      ],
      endings: [{ id: 'e', title: words, link: { url: 'https://shop.example/', label: words } }],
      quotas: [{ id: 'q', name: name.slice(0, 100), when: { all: [] }, limit: 1000 }],
      words: { next: words, submit: words },
      touchpoint: name.slice(0, 100),
      popover: {
        event: { name: name.slice(0, 100) },
        pages: [{ match: 'contains', value: name.slice(0, 100) }],
      },
    };
    const made = await server.api<{ id: string; revision: number; openLink: string }>('POST', '/api/surveys', {
      definition,
    });
    await server.api('POST', `/api/surveys/${made.id}/publish`, { revision: made.revision });
    const send = async (method: string, path: string, body: object) => {
      const answer = await fetch(server.url + path, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      assert.ok(answer.ok, `${path}: ${answer.status} ${answer.ok ? '' : await answer.text()}`);
      return (answer.status === 204 ? {} : await answer.json()) as { responseId: string; secret: string };
    };
    const begin = { version: 1, language: 'en', channel: 'link', token: made.openLink.split('/s/')[1] };
    const { responseId, secret } = await send('POST', `/v1/surveys/${made.id}/responses`, begin);
    const answers = {
      a: 3,
      b: { options: ['x'], other: name.slice(0, 300) },
      c: { x: 'y' },
      d: name.slice(0, 1000),
    };
    await send('PUT', `/v1/surveys/responses/${responseId}/answers`, { secret, version: 1, answers, complete: true });
  });
}

/** Topics of what customers say, and rules that open cases, named so; a slash parts the names of topics. */
async function typeHostileTopics(server: RunningServer, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await server.api('POST', '/api/voices/topics', {
      name: name.replaceAll('/', '∕'),
      names: { it: name.replaceAll('/', '∕') },
      words: { any: ['data-hostile', 'hostile'], ...(/\p{L}/u.test(name) ? { en: [name] } : {}) },
    });
    await server.api('POST', '/api/voices/rules', {
      name,
      conditions: { words: [name], of: [name], moods: ['negative'] },
    });
  }
  // The first that fits opens the case.
  await server.api('POST', '/api/voices/rules', { name: names[0], conditions: { scoreAtMost: 1 } });
  const settings = await server.api<{ following: object[]; feedback: object }>('GET', '/api/voices/settings');
  const name = names[0]!;
  const following = [...settings.following, { event: name, text: name, score: name, scale: name }];
  const texts = { en: { button: name.slice(0, 40), question: name, thanks: name } };
  const feedback = { ...settings.feedback, on: true, pages: [name], texts };
  await server.api('PUT', '/api/voices/settings', { ...settings, following, feedback });
}

/** Sends every payload in every field of an event, on one person and on one person each. Resolves when all is stored. */
export async function sendHostileEvents(server: RunningServer, key: string): Promise<void> {
  const batch = PAYLOADS.flatMap((text, i) => eventsWith(text, i));
  for (let from = 0; from < batch.length; from += 50) {
    const answer = await fetch(`${server.url}/v1/batch`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${key}:`)}`,
        'content-type': 'application/json',
        'user-agent': '<img data-hostile src=x onerror=window.hacked=1>',
      },
      body: JSON.stringify({ batch: batch.slice(from, from + 50) }),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  }
  await sendHostileRecordings(server, key);
  for (;;) {
    const stream = await server.api<{ partitions: { lagEvents: number }[] }>('GET', '/api/stream');
    if (stream.partitions.every((one) => one.lagEvents === 0)) break;
    await sleep(100);
  }
  await writeHostileNotes(server);
}

/** What members of staff write about what came in, once it is understood. */
async function writeHostileNotes(server: RunningServer): Promise<void> {
  type Items = { items: { id: string; text: string; mood: string | null }[] };
  for (;;) {
    const { items: cases } = await server.api<Items>('GET', '/api/voices/cases?limit=200');
    const { items: voices } = await server.api<Items>('GET', '/api/voices?q=data-hostile');
    if (!cases.some(({ text }) => FORMULA.test(text)) || !voices[0]?.mood) {
      await sleep(100);
      continue;
    }
    for (const note of typed(1000).filter((text, i) => i < 15 || FORMULA.test(text))) {
      await server.api('PATCH', `/api/voices/cases/${cases[0]!.id}`, { note });
      await server.api('POST', `/api/voices/cases/${cases[0]!.id}/answers`, { text: note, how: 'phone' });
      await server.api('PATCH', `/api/voices/${voices[0].id}`, { note });
    }
    return;
  }
}

/** Recordings whose page, title, console and requests are hostile texts; test/replay-hostile.ts has hostile pages. */
async function sendHostileRecordings(server: RunningServer, key: string): Promise<void> {
  const { settings, version } = await server.api<{ settings: object; version: number }>('GET', '/api/replay/settings');
  await server.api('PUT', '/api/replay/settings', { settings: { ...settings, recording: true }, version });
  for (const [n, text] of PAYLOADS.entries()) {
    const from = Date.now() - 60_000 + n;
    const told = (tag: string, payload: object) => ({ type: 5, timestamp: from + 500, data: { tag, payload } });
    const html = { type: 2, id: 2, tagName: 'html', attributes: { title: text }, childNodes: [] as object[] };
    html.childNodes.push({
      type: 2,
      id: 3,
      tagName: 'body',
      attributes: {},
      childNodes: [{ type: 3, id: 4, textContent: text }],
    });
    const events = [
      { type: 4, timestamp: from, data: { href: text, width: 400, height: 300 } },
      {
        type: 2,
        timestamp: from + 1,
        data: { node: { type: 0, id: 1, childNodes: [html] }, initialOffset: { top: 0, left: 0 } },
      },
      told('tl-page', { url: text, title: text }),
      told('tl-console', { level: 'error', text }),
      told('tl-network', { method: text, url: text, status: 500, ms: 1 }),
      told('tl-dropped', { reason: text, count: 1 }),
      { type: 3, timestamp: from + 1000, data: { source: 3, id: 1, x: 0, y: 0 } },
    ];
    const page = { url: text, title: text, viewport: [400, 300] };
    const about = {
      v: 1,
      userId: 'victim',
      sessionStart: from,
      start: from,
      end: from,
      sentAt: Date.now(),
      masked: 'inputs',
    };
    const answer = await fetch(`${server.url}/v1/recordings/${randomUUID()}/chunks/0`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-encoding': 'gzip' },
      body: gzipSync(JSON.stringify({ ...about, anonymousId: `hostile-${n}`, page, events })),
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  }
  const { items } = await server.api<{ items: { id: string }[] }>('GET', '/api/replay/recordings');
  for (const text of typed(1000).filter((text, i) => i < 15 || FORMULA.test(text))) {
    await server.api('POST', `/api/replay/recordings/${items[0]!.id}/notes`, { atMs: Date.now() - 60_000, text });
  }
}

function eventsWith(text: string, i: number): object[] {
  const pairs = { [text]: text, list: [text, { [text]: text }], deep: { [text]: { [text]: [text] } } };
  const traits = { name: text, firstName: text, phone: text, avatar: text, company: { name: text }, ...pairs };
  const context = {
    page: { title: text, url: text, path: text, referrer: text, search: text },
    campaign: { source: text, medium: text, name: text, term: text, content: text },
    userAgent: text,
    locale: text,
    timezone: text,
    app: { name: text, version: text },
    device: { type: text, model: text },
    os: { name: text, version: text },
    network: { carrier: text },
    location: { city: text, country: text, latitude: text, longitude: text },
    consent: { categoryPreferences: { [text]: true, analytics: i % 2 === 0 } },
    [text]: text,
  };
  const product = {
    product_id: text,
    sku: text,
    name: text,
    brand: text,
    price: 1,
    quantity: 1,
    url: text,
    image_url: text,
  };
  return [
    { type: 'identify', userId: 'victim', traits: { [text]: text, [`t${i}`]: text }, context },
    { type: 'identify', userId: `of ${i}`, traits, context },
    { type: 'identify', userId: text.slice(0, 200), anonymousId: text.slice(0, 200), traits: { name: text } },
    { type: 'track', userId: 'victim', event: text, properties: { ...pairs, url: text, href: text, text }, context },
    {
      type: 'track',
      userId: 'victim',
      event: 'Order Completed',
      properties: { order_id: text, currency: text, coupon: text, products: [product] },
    },
    {
      type: 'track',
      userId: 'victim',
      event: 'Element Clicked',
      properties: { selector: text, text, href: text, tag: text },
    },
    // Two clicks on one element, as the SDK's part for heatmaps tells them.
    {
      type: 'track',
      userId: 'victim',
      event: 'Page Interacted',
      properties: {
        elements: `${text}\t${text}`,
        points: 'c0W002001WW'.repeat(2),
        viewportWidth: 800,
        pageHeight: 900,
      },
      context: { page: { path: i < 3 ? text : '/hostile' } },
    },
    {
      type: 'track',
      userId: 'victim',
      event: 'Form Used',
      properties: { form: text, fields: [text], lastField: text },
    },
    {
      type: 'track',
      // Customers have one open case each.
      userId: FORMULA.test(text) ? `of ${i}` : 'victim',
      event: 'Feedback Given',
      properties: {
        text: `${text} `,
        score: FORMULA.test(text) ? 1 : i % 5,
        scale: 5,
        path: text,
        element: text,
        author: text,
        email: text,
      },
      context,
    },
    { type: 'track', userId: 'victim', event: 'Error Shown', properties: { message: text, stack: text, source: text } },
    {
      type: 'track',
      userId: 'victim',
      event: 'Email Received',
      channel: 'email',
      properties: { subject: text, text, from: text },
    },
    {
      type: 'track',
      userId: 'victim',
      event: 'Consent Updated',
      properties: { purposes: { [text]: true }, textVersion: text, language: text, place: text },
    },
    {
      type: 'page',
      userId: 'victim',
      name: text,
      category: text,
      properties: { title: text, url: text, referrer: text },
      context,
    },
    { type: 'screen', userId: 'victim', name: text, channel: 'app', context },
    { type: 'group', userId: 'victim', groupId: text.slice(0, 200), traits: { name: text, industry: text, ...pairs } },
    { type: 'track', userId: 'victim', event: 'Tagged', externalIds: [{ kind: 'card', value: text.slice(0, 200) }] },
    // Into quarantine, each for a reason that names what was sent.
    { type: 'track', userId: `of ${i}`, event: text, properties: text, messageId: `broken ${i} ${text}`.slice(0, 100) },
    { type: text, userId: 'victim' },
    { type: 'track', event: text, properties: { nobody: text } },
    {
      type: 'track',
      userId: 'victim',
      event: text,
      timestamp: text,
      channel: text,
      externalIds: [{ kind: text, value: text }],
    },
  ];
}

/** Mails with hostile subjects, names and texts, to a source of their own; as a provider hands them over. */
export async function sendHostileMails(server: RunningServer): Promise<void> {
  const connection = { kind: 'mail', settings: { aliases: [] } };
  const { sourceId } = await server.api<{ sourceId: string }>('POST', '/api/connections', { name: 'mail', connection });
  const { writeKey } = await server.api<{ writeKey: string }>('GET', `/api/sources/${sourceId}`);
  const word = (text: string) => `=?utf-8?B?${Buffer.from(text.toWellFormed().slice(0, 100)).toString('base64')}?=`;
  await Promise.all(
    [PAYLOADS[0]!, PAYLOADS[2]!, PAYLOADS[5]!, PAYLOADS[23]!, 'W'.repeat(400)].map(async (text, i) => {
      const mail = [
        `From: ${word(text)} <m${i}@example.com>`,
        'To: support@shop.example',
        `Subject: ${word(text)}`,
        `Message-ID: <${i}.hostile@example.com>`,
        'MIME-Version: 1.0',
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        'Content-Type: text/html; charset=utf-8',
        '',
        `<p>${text}</p>`,
        '--b',
        `Content-Type: image/svg+xml; name="${word(text)}"`,
        `Content-Disposition: attachment; filename="${word(text)}"`,
        '',
        text,
        '--b--',
        '',
      ].join('\r\n');
      const headers = { 'content-type': 'message/rfc822' };
      const answer = await fetch(`${server.url}/hooks/mail/${writeKey}`, { method: 'POST', headers, body: mail });
      assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);
    }),
  );
}
