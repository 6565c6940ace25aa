import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { HIDDEN } from '../src/core/people/hide.ts';
import { readable } from './readable.ts';
import { type RunningServer, startServer } from './server.ts';

/** By what the person is known here. */
const KNOWN = { name: 'Zofia Tajemnicza', street: 'Sekretna 5', email: 'zofia.secret@customer.example' };
/** What only the text tells. */
const TOLD = ['+48 600 700 800', '4111 1111 1111 1111', 'PL61 1090 1014 0000 0712 1981 2874'];
const STRANGER = 'Bogdan Nieznany';
/** What a customer says through every door. */
const SAID = `Xylofon broken! I am ${KNOWN.name}, ${KNOWN.street}, ${KNOWN.email}, ${TOLD.join(', ')}. Ask ${STRANGER}.`;
const IDENTIFYING = [...Object.values(KNOWN), ...TOLD];
const PIECES = [...IDENTIFYING, ...KNOWN.name.split(' '), STRANGER, 'Xylofon'];
const OWN_EVENT = 'Call Ended';

let server: RunningServer;
let key = '';
/** Roles that do not see personal data: the built-in one, and one that may do everything else. */
const roles: Record<string, string> = {};
const ids: Record<string, string> = {};
let share = '';

const until = async <T>(look: () => Promise<T | undefined | false>): Promise<T> => {
  for (;;) {
    const found = await look();
    if (found) return found;
    await sleep(50);
  }
};
const list = <T = { id: string }>(path: string) => server.api<{ items: T[] }>('GET', path).then(({ items }) => items);

async function call(method: string, path: string, credential: string, body?: object) {
  const answer = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(60_000),
  });
  return { status: answer.status, text: Buffer.from(await answer.arrayBuffer()).toString() };
}

/** A call by a customer, or by what a company's systems send about them. */
async function door(path: string, body: object | Buffer, headers: Record<string, string> = {}, method = 'POST') {
  const answer = await fetch(`${server.url}/v1/${path}`, {
    method,
    headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json', ...headers },
    body: Buffer.isBuffer(body) ? new Uint8Array(body) : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
  return (text.startsWith('{') ? JSON.parse(text) : {}) as { responseId: string; secret: string };
}
const track = (event: string, properties: unknown) => door('track', { userId: 'u-1', event, properties });

before(async () => {
  server = await startServer();
  roles.analyst = (await server.api<{ apiKey: string }>('POST', '/api/keys', { role: 'analyst', name: 'a' })).apiKey;
  const permissions = (await list('/api/permissions')).map(({ id }) => id);
  const all = { name: 'all but persons', permissions, hidesPersonalData: true };
  const { id: role } = await server.api<{ id: string }>('POST', '/api/roles', all);
  roles.blind = (await server.api<{ apiKey: string }>('POST', '/api/keys', { role, name: 'blind' })).apiKey;
  key = await server.writeKey('shop');
  const { name, email, street } = KNOWN;
  await door('identify', { userId: 'u-1', traits: { name, email, address: { street }, note: SAID } });
  await door('group', { userId: 'u-1', groupId: 'acme', traits: { name: 'ACME', remarks: SAID } });
  ids.people = await until(async () => (await list('/api/people?q=zofia'))[0]?.id);
  ids.accounts = await until(async () => (await list('/api/accounts'))[0]?.id);
  await shareOf(OWN_EVENT, 'transcript.words');
  await feedback();
  await survey();
  await track('Review Posted', { text: SAID, score: 1, scale: 5 });
  await track(OWN_EVENT, { transcript: { words: SAID } });
  await track('Support Contacted', { message: SAID, topic: { comment: SAID }, kind: 'chat' });
  // What cannot be used is kept too.
  await track('Support Contacted', SAID);
  await door('track', { userId: 'u-1', event: 'Review Posted', properties: { text: SAID }, timestamp: 'not a time' });
  await until(async () => (await list('/api/quarantine')).length > 0);
  await server.api('POST', '/api/requests', { kind: 'access', email, name, message: SAID });
  await cases();
  await recording();
  ids.events = encodeURIComponent('Review Posted');
});
after(() => server?.remove());

async function feedback(): Promise<void> {
  type Settings = { feedback: object; following: object[] };
  const { feedback, following, ...rest } = await server.api<Settings>('GET', '/api/voices/settings');
  const { serviceKeyKept: _, state: __, ...settings } = rest as Record<string, unknown>;
  await server.api('POST', '/api/voices/rules', { name: 'unhappy', conditions: { words: ['xylofon'] } });
  await server.api('PUT', '/api/voices/settings', {
    ...settings,
    feedback: { ...feedback, on: true },
    following: [...following, { event: OWN_EVENT, text: 'transcript.words', score: '', scale: '' }],
  });
  await door('feedback', { writeKey: key, userId: 'u-1', text: SAID, score: 1, scale: 5, email: KNOWN.email });
}

async function survey(): Promise<void> {
  const titled = (id: string, kind: string) => ({ id, kind, title: { en: id } });
  const questions = [
    titled('score', 'nps'),
    titled('why', 'longText'),
    { ...titled('which', 'single'), options: [{ id: 'a', label: { en: 'A' } }], other: {} },
    titled('mail', 'email'),
  ];
  const definition = { name: 'Letters', languages: ['en'], questions };
  const made = await server.api<{ id: string; revision: number }>('POST', '/api/surveys', { definition });
  await server.api('POST', `/api/surveys/${made.id}/publish`, { revision: made.revision });
  const asked = { people: [ids.people], fields: { order: SAID } };
  const { links } = await server.api<{ links: { url: string }[] }>('POST', `/api/surveys/${made.id}/links`, asked);
  const begin = { version: 1, language: 'en', channel: 'link', token: links[0]!.url.split('/s/')[1] };
  const { responseId, secret } = await door(`surveys/${made.id}/responses`, begin);
  const answers = { score: 1, why: SAID, which: { options: [], other: SAID }, mail: KNOWN.email };
  const body = { secret, version: 1, answers, complete: true };
  await door(`surveys/responses/${responseId}/answers`, body, {}, 'PUT');
  ids.surveys = made.id;
  ids.answers = responseId;
}

/** The case that what was said opens, with a note, an answer, and all voices there. */
async function cases(): Promise<void> {
  ids.cases = await until(async () => (await list('/api/voices/cases'))[0]?.id);
  // Feedback, two answers, a review and a call.
  const voices = await until(async () => {
    const found = await list('/api/voices?q=xylofon&limit=50');
    return found.length >= 5 && found;
  });
  ids.voices = voices[0]!.id;
  await server.api('PATCH', `/api/voices/${ids.voices}`, { note: SAID });
  await server.api('PATCH', `/api/voices/cases/${ids.cases}`, { note: SAID });
  await server.api('POST', `/api/voices/cases/${ids.cases}/answers`, { text: SAID, how: 'phone' });
}

async function recording(): Promise<void> {
  const found = await server.api<{ settings: object; version: number }>('GET', '/api/replay/settings');
  const settings = { ...found.settings, recording: true };
  await server.api('PUT', '/api/replay/settings', { settings, version: found.version });
  const id = randomUUID();
  const start = Date.now() - 60_000;
  const html = { type: 2, id: 2, tagName: 'html', attributes: {}, childNodes: [{ type: 3, id: 3, textContent: SAID }] };
  const url = 'https://shop.example/letters';
  const events = [
    { type: 4, timestamp: start, data: { href: url, width: 400, height: 300 } },
    {
      type: 2,
      timestamp: start + 1,
      data: { node: { type: 0, id: 1, childNodes: [html] }, initialOffset: { top: 0, left: 0 } },
    },
    { type: 3, timestamp: start + 9000, data: { source: 3, id: 1, x: 0, y: 0 } },
  ];
  const about = { v: 1, anonymousId: 'z-1', userId: 'u-1', masked: 'inputs', sessionStart: start, start };
  const page = { url, title: 'Letters', viewport: [400, 300] };
  const chunk = { ...about, end: start + 9000, sentAt: Date.now(), page, events };
  const headers = { authorization: `Bearer ${key}`, 'content-encoding': 'gzip' };
  await door(`recordings/${id}/chunks/0`, gzipSync(JSON.stringify(chunk)), headers);
  await server.api('POST', `/api/replay/recordings/${id}/notes`, { atMs: start, text: SAID });
  ids.recordings = id;
}

const trend = (event: string | null, name: string) => ({
  kind: 'trend',
  period: { last: 2, unit: 'day' },
  series: [{ what: { events: [event === null ? {} : { name: event }] } }],
  breakdown: [{ of: 'property', name }],
});

/** A link to a report by what nobody knew then to be said by customers. */
async function shareOf(event: string, property: string): Promise<void> {
  const content = { report: trend(event, property) };
  const { id } = await server.api<{ id: string }>('POST', '/api/reports', { name: 'calls', content });
  share = (await server.api<{ link: string }>('POST', '/api/shares', { kind: 'report', savedId: id })).link;
}

function assertUnsaid(text: string, where: string, pieces: readonly string[] = PIECES): void {
  for (const piece of pieces)
    for (const written of [piece, encodeURIComponent(piece)])
      assert.ok(!text.includes(written), `${where} shows ${piece}: ${text.slice(0, 3000)}`);
}

describe('what a customer says in words of their own', () => {
  it('is read by who sees personal data, wherever it came in', async () => {
    const owner = server.authorization.slice('Bearer '.length);
    const shown: string[] = [];
    for (const address of await readable(server, ids))
      if ((await call('GET', address, owner)).text.includes(STRANGER))
        shown.push(address.replaceAll(/[0-9a-f-]{36}|\d+/g, '…'));
    for (const place of ['/voices', '/voices/…', '/voices/cases/…', '/surveys/…/results', '/surveys/…/answers'])
      assert.ok(shown.includes(`/api${place}`), `${place} is among ${shown.join(' ')}`);
    for (const place of [
      '/people/…',
      '/people/…/timeline',
      '/accounts/…',
      '/live/recent',
      '/quarantine',
      '/requests/…',
    ])
      assert.ok(shown.includes(`/api${place}`), `${place} is among ${shown.join(' ')}`);
  });

  it('is in no answer that a role gets that does not see personal data, as JSON or as a file', async () => {
    for (const [role, credential] of Object.entries(roles)) {
      let hidden = 0;
      for (const address of await readable(server, ids))
        for (const asked of [address, `${address}?format=csv`]) {
          const { status, text } = await call('GET', asked, credential);
          assertUnsaid(text, `${asked} to the ${role}`);
          if (status === 200 && text.includes(HIDDEN)) hidden++;
        }
      assert.ok(hidden >= 10, `${hidden} answers show the ${role} that something is hidden`);
    }
  });

  it('cannot be searched by such a role, nor counted or shown as values of a report', async () => {
    const { blind } = roles as { blind: string };
    const property = (name: string) => ({ of: 'property', name });
    for (const path of ['/voices', `/surveys/${ids.surveys}/answers`, `/people/${ids.people}/timeline`])
      assert.equal((await call('GET', `/api${path}?q=zofia`, blind)).status, 403, path);
    assert.equal((await call('GET', `/api/surveys/${ids.surveys}/answers.csv?q=zofia`, blind)).status, 403);

    const period = { last: 2, unit: 'day' };
    const step = { what: { events: [{}] } };
    for (const [name, event] of [
      ['text', 'Review Posted'],
      ['message', 'Support Contacted'],
      ['topic.comment', 'Support Contacted'],
      ['transcript.words', OWN_EVENT],
    ] as const) {
      const field = property(name);
      const filter = { field, is: 'contains', values: ['Zofia'] };
      for (const report of [
        trend(null, name),
        trend(event, name),
        { ...trend(event, 'kind'), filter },
        { kind: 'funnel', period, steps: [step, step], breakdown: [field] },
      ]) {
        const answer = await call('POST', '/api/query', blind, { report });
        assert.equal(answer.status, 403, `${JSON.stringify(report)}: ${answer.text}`);
      }
      const values = `/api/query/values?field=${encodeURIComponent(JSON.stringify(field))}`;
      assert.equal((await call('GET', values, blind)).status, 403, values);
    }
    // The label of a button is called `text` too, and is nobody's words.
    const clicks = await call('POST', '/api/query', blind, { report: trend('Button Clicked', 'text') });
    assert.equal(clicks.status, 200, clicks.text);

    const steps = [{ what: { events: [{ name: 'Review Posted' }] } }, step];
    const correlation = { kind: 'correlation', period, steps, atLeast: 1 };
    for (const [path, body] of [
      ['/api/query', { report: correlation }],
      ['/api/query', { report: { kind: 'journey', period, stations: 'eventsAndPages' } }],
      ['/api/query/people', { report: trend(null, 'kind'), part: { series: 'A' } }],
      ['/api/sql', { sql: 'SELECT * FROM events' }],
      ['/api/sql', { sql: 'SELECT * FROM people_traits' }],
      ['/api/sql', { sql: 'SELECT * FROM accounts_traits' }],
    ] as const) {
      const answer = await call('POST', path, blind, body);
      assert.equal(answer.status, 200, answer.text);
      assertUnsaid(answer.text, JSON.stringify(body));
    }
  });

  it('leaves by no link and no alert', async () => {
    const page = await fetch(share);
    assertUnsaid(await page.text(), 'a link made before it was known to be said');
    const content = { report: trend(null, 'message') };
    const { id } = await server.api<{ id: string }>('POST', '/api/reports', { name: 'messages', content });
    const owner = server.authorization.slice('Bearer '.length);
    const shared = await call('POST', '/api/shares', owner, { kind: 'report', savedId: id });
    assert.equal(shared.status, 400, shared.text);
    const filter = { field: { of: 'property', name: 'message' }, is: 'contains', values: ['Zofia'] };
    const alert = {
      ...{ name: 'messages', report: { ...trend(null, 'kind'), breakdown: [], filter }, watched: { of: 'trend' } },
      ...{ rule: { is: 'above', limit: 1 }, recipients: [{ email: 'ops@example.com', language: 'en' }] },
    };
    const watched = await call('POST', '/api/alerts', owner, alert);
    assert.equal(watched.status, 400, watched.text);
    assert.match(watched.text, /message\W* is personal data/);
  });

  it('can be let read where somebody says so, one event at a time, without what tells who said it', async () => {
    const { analyst } = roles as { analyst: string };
    await server.api(
      'PATCH',
      `/api/catalogue/events/${encodeURIComponent('Feedback Given')}/properties/text?type=track`,
      {
        personal: false,
      },
    );
    const voices = JSON.parse((await call('GET', '/api/voices?limit=50', analyst)).text) as {
      items: { of: string; text: string }[];
    };
    const released = voices.items.filter(({ of }) => of === 'Feedback Given');
    assert.equal(released.length, 1);
    assert.match(
      released[0]!.text,
      new RegExp(`^Xylofon broken! I am ${HIDDEN}, ${HIDDEN}, ${HIDDEN}.*Ask ${STRANGER}\\.$`),
    );
    for (const { of, text } of voices.items) if (of !== 'Feedback Given') assert.equal(text, HIDDEN, of);

    const timeline = await call('GET', `/api/people/${ids.people}/timeline?name=Feedback%20Given`, analyst);
    assert.ok(timeline.text.includes(STRANGER), timeline.text);
    for (const address of await readable(server, { ...ids, events: encodeURIComponent('Feedback Given') }))
      assertUnsaid((await call('GET', address, analyst)).text, address, IDENTIFYING);
    // A report does not know whose its values are.
    const report = trend('Feedback Given', 'text');
    assert.equal((await call('POST', '/api/query', analyst, { report })).status, 403);
  });

  it('is not in the live stream, also where it may be read elsewhere', async () => {
    const stop = new AbortController();
    const stream = await fetch(`${server.url}/api/live`, {
      headers: { authorization: `Bearer ${roles.analyst}` },
      signal: stop.signal,
    });
    let text = '';
    const reading = (async () => {
      for await (const chunk of stream.body!) {
        text += new TextDecoder().decode(chunk as Uint8Array);
        if (text.includes('Lantern Lit')) return;
      }
    })();
    await track('Feedback Given', { text: SAID, colour: 'red' });
    await track('Lantern Lit', { message: SAID });
    await reading;
    stop.abort();
    assert.match(text, /"colour":"red"/);
    assertUnsaid(text, 'the live stream');
  });
});
