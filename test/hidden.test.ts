import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { HIDDEN, hideIn } from '../src/core/people/hide.ts';
import { until } from '../src/kernel/testing-until.ts';
import { readable } from './readable.ts';
import { type RunningServer, startServer } from './server.ts';

/** What of a customer must not reach a role that does not see personal data; each is sent in several places. */
const SECRETS = ['zofia.secret@customer.example', 'Zofia Tajemnicza', '+48 600 700 800', '48600700800', 'Sekretna 5'];

let server: RunningServer;
let analyst = '';
let person = '';
let account = '';
let other = '';
/** A key that may do everything, and does not see personal data. */
let blind = '';
let delivery = '';
let archive = '';
/** What the person said and did, that is shown of: by the word before its id in an address. */
const theirs: Record<string, string> = {};
const KEEP = 'function transform(event) { return event; }';

before(async () => {
  server = await startServer();
  ({ apiKey: analyst } = await server.api<{ apiKey: string }>('POST', '/api/keys', {
    role: 'analyst',
    name: 'analyst',
  }));
  const key = await server.writeKey('shop');
  const send = (path: string, body: object) =>
    fetch(`${server.url}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ userId: 'u-1', ...body }),
    });
  const [email, name, phone, , address] = SECRETS;
  await send('identify', {
    messageId: 'identify-1',
    traits: {
      email,
      name,
      phone,
      plan: 'gold',
      address: { street: address, city: 'Łódź' },
      motto: `write to ${email}`,
    },
    context: { traits: { email }, ip: '203.0.113.9' },
  });
  await send('identify', { traits: { name: `${name} II`, email } });
  await send('group', { groupId: 'acme', traits: { name: 'ACME', email, plan: 'b2b' } });
  await send('track', {
    event: 'Order Completed',
    properties: { email, customer: { name, phone }, label: `for ${email}!`, total: 12.5, products: [{ name: 'Lamp' }] },
    context: { page: { url: `https://shop.example/?e=${encodeURIComponent(email!)}`, title: `Order of ${email}` } },
  });
  await send('track', { event: `Mail to ${email}`, properties: 'not an object', userId: 'u-1' });
  await send('page', {
    name: `Letters of ${email}`,
    properties: {
      url: `https://shop.example/letters/${email}?to=${email}`,
      title: `To ${email}`,
      referrer: `https://${email}/`,
    },
    context: {
      page: { path: `/letters/${email}`, url: `https://shop.example/letters/${email}`, title: `To ${email}` },
    },
  });
  for (;;) {
    const { items } = await server.api<{ items: { id: string; eventCount: number }[] }>('GET', '/api/people?q=zofia');
    if (items[0] && items[0].eventCount >= 5) {
      person = items[0].id;
      break;
    }
    await sleep(50);
  }
  account = (await server.api<{ items: { id: string }[] }>('GET', '/api/accounts')).items[0]!.id;
  const list = <T>(path: string) => server.api<{ items: T[] }>('GET', path).then(({ items }) => items);
  const permissions = (await list<{ id: string }>('/api/permissions')).map((one) => one.id);
  const { id: role } = await server.api<{ id: string }>('POST', '/api/roles', {
    name: 'all but persons',
    permissions,
    hidesPersonalData: true,
  });
  blind = (await server.api<{ apiKey: string }>('POST', '/api/keys', { role, name: 'blind' })).apiKey;
  await server.api('POST', '/api/requests', { kind: 'access', email, name, message: `I am ${name}` });
  const made = await server.api<{ id: string }>('POST', '/api/destinations', {
    name: 'crm',
    webhook: { url: 'https://receiver.invalid/secret-of-the-receiver' },
  });
  // A destination is seen by the stream after a moment; events from then on leave by it.
  delivery = await until(async () => {
    await send('track', { event: 'Looked', properties: { email, label: `for ${email}` } });
    return (await list<{ eventId: string }>(`/api/destinations/${made.id}/deliveries`))[0]?.eventId;
  });
  ({ id: archive } = await server.api<{ id: string }>('POST', `/api/people/${person}/exports`, {}));
  await until(async () => (await list<{ state: string }>(`/api/people/${person}/exports`))[0]?.state === 'done');
  await send('track', { userId: 'u-2', event: 'Looked' });
  other = await until(async () => (await list<{ id: string }>('/api/people?q=u-2'))[0]?.id);
  theirs.recordings = await record(key);
  await ask();
  await complain(key);
});
after(() => server?.remove());

/** A visit of the person, recorded with what they must not be known by, and a colleague's note on it. */
async function record(key: string): Promise<string> {
  const [email, name] = SECRETS;
  const { settings, version } = await server.api<{ settings: object; version: number }>('GET', '/api/replay/settings');
  await server.api('PUT', '/api/replay/settings', { settings: { ...settings, recording: true }, version });
  const id = randomUUID();
  const start = Date.now() - 60_000;
  const url = `https://shop.example/letters?to=${email}`;
  const text = { type: 3, id: 3, textContent: `${name}, ${email}` };
  const html = { type: 2, id: 2, tagName: 'html', attributes: { title: email }, childNodes: [text] };
  const node = { type: 0, id: 1, childNodes: [html] };
  const events = [
    { type: 4, timestamp: start, data: { href: url, width: 400, height: 300 } },
    { type: 2, timestamp: start + 1, data: { node, initialOffset: { top: 0, left: 0 } } },
    { type: 5, timestamp: start + 2, data: { tag: 'tl-page', payload: { url, title: `To ${name}` } } },
    { type: 3, timestamp: start + 9000, data: { source: 3, id: 1, x: 0, y: 0 } },
  ];
  const page = { url, title: `To ${name}`, viewport: [400, 300] };
  const times = { sessionStart: start, start, end: start + 9000, sentAt: Date.now() };
  const answer = await fetch(`${server.url}/v1/recordings/${id}/chunks/0`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-encoding': 'gzip' },
    body: gzipSync(
      JSON.stringify({ v: 1, anonymousId: 'z-1', userId: 'u-1', masked: 'inputs', ...times, page, events }),
    ),
  });
  assert.ok(answer.ok, await answer.text());
  await server.api('POST', `/api/replay/recordings/${id}/notes`, { atMs: start, text: `${name}, ${email}` });
  await server.api('POST', `/api/replay/recordings/${id}/shares`, { expiresInSeconds: 3600 });
  return id;
}

/** A survey that the person answers by a link of their own, with what they must not be known by. */
async function ask(): Promise<void> {
  const [email, name] = SECRETS;
  const titled = (id: string, kind: string) => ({ id, kind, title: { en: id } });
  const definition = {
    name: 'Letters',
    languages: ['en'],
    questions: [titled('score', 'nps'), titled('why', 'longText'), titled('mail', 'email')],
  };
  const made = await server.api<{ id: string; revision: number }>('POST', '/api/surveys', { definition });
  await server.api('POST', `/api/surveys/${made.id}/publish`, { revision: made.revision });
  const fields = { friend: `${name} ${email}` };
  const { links } = await server.api<{ links: { url: string }[] }>('POST', `/api/surveys/${made.id}/links`, {
    people: [person],
    fields,
  });
  const send = async (method: string, path: string, body: object) => {
    const answer = await fetch(`${server.url}/v1/surveys/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `${path}: ${answer.status} ${answer.ok ? '' : await answer.text()}`);
    return (answer.status === 204 ? {} : await answer.json()) as { responseId: string; secret: string };
  };
  const begin = { version: 1, language: 'en', channel: 'link', token: links[0]!.url.split('/s/')[1] };
  const { responseId, secret } = await send('POST', `${made.id}/responses`, begin);
  const answers = { score: 2, why: `Write to ${email}`, mail: email };
  await send('PUT', `responses/${responseId}/answers`, { secret, version: 1, answers, complete: true });
  theirs.surveys = made.id;
  theirs.answers = responseId;
}

/** Something the person says that opens a case. */
async function complain(key: string): Promise<void> {
  const [email, name] = SECRETS;
  const rule = { name: 'unhappy', conditions: { words: ['broken'] } };
  await server.api('POST', '/api/voices/rules', rule);
  const properties = { text: `All is broken, write to ${email}`, score: 1, scale: 5, email, author: name };
  const answer = await fetch(`${server.url}/v1/track`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ userId: 'u-1', event: 'Feedback Given', properties }),
  });
  assert.ok(answer.ok, await answer.text());
  const first = async (path: string) => (await server.api<{ items: { id: string }[] }>('GET', path)).items[0]?.id;
  theirs.cases = await until(() => first('/api/voices/cases'));
  theirs.voices = await until(() => first('/api/voices?q=broken'));
  await server.api('PATCH', `/api/voices/cases/${theirs.cases}`, { note: `${name} wants a call` });
  await server.api('PATCH', `/api/voices/${theirs.voices}`, { note: `write to ${email}` });
}

const get = (path: string, credential: string) =>
  fetch(server.url + path, { headers: { authorization: `Bearer ${credential}` }, signal: AbortSignal.timeout(60_000) });

/** Every address that can be read, with what is there in the places of ids. */
const everything = () =>
  readable(server, {
    people: person,
    accounts: account,
    deliveries: delivery,
    exports: archive,
    events: 'Order%20Completed',
    ...theirs,
  });

function assertHidden(text: string, where: string): void {
  for (const secret of SECRETS) assert.ok(!text.includes(secret), `${where} shows ${secret}: ${text.slice(0, 2000)}`);
}

describe('a role that does not see personal data', () => {
  it('finds it in no answer of any endpoint, as JSON or as a file', async () => {
    let looked = 0;
    let seen = 0;
    for (const filled of await everything()) {
      for (const address of [filled, `${filled}?format=csv`, `${filled}?limit=50`]) {
        const answer = await get(address, analyst);
        const text = await answer.text();
        assertHidden(text, address);
        looked++;
        if (answer.ok && text.includes(HIDDEN)) seen++;
      }
    }
    assert.ok(looked > 50, `${looked} answers`);
    assert.ok(seen >= 4, `${seen} answers show that something is hidden`);
  });

  it('finds it nowhere either where it may do everything else', async () => {
    const shownTo = new Map<string, number>();
    for (const address of await everything()) {
      const answer = await get(address, blind);
      assertHidden(Buffer.from(await answer.arrayBuffer()).toString(), address);
      shownTo.set(address, answer.status);
    }
    const recording = `/recordings/${theirs.recordings}`;
    const watched = [recording, `${recording}/chunks`, `${recording}/notes`, '/replay/recordings'];
    const said = [`/cases/${theirs.cases}`, '/voices/cases', `/voices/${theirs.voices}/picture`];
    for (const ending of [`${delivery}/content`, `${archive}/file`, '/recorded', '/link', ...watched, ...said]) {
      assert.deepEqual([...shownTo].find(([address]) => address.endsWith(ending))?.[1], 403, ending);
    }
    assert.equal((await get('/api/replay/page-picture?page=/letters', blind)).status, 403);
    const answers = `/api/surveys/${theirs.surveys}/answers`;
    const hiddenIn = ['/api/voices', `/api/voices/${theirs.voices}`, answers, `${answers}/${theirs.answers}`];
    for (const address of [...hiddenIn, `${answers}.csv`, `/api/surveys/${theirs.surveys}/links`]) {
      const text = await (await get(address, blind)).text();
      assert.ok(text.includes(HIDDEN), `${address} shows that something is hidden: ${text}`);
    }
    assert.equal((await get(`/api/surveys/${theirs.surveys}/results`, blind)).status, 200);
    const { id } = (await server.api<{ items: { id: string }[] }>('GET', '/api/requests')).items[0]!;
    const changes: [string, string, object][] = [
      ['PATCH', `/api/requests/${id}`, { assignee: null }],
      ['POST', `/api/requests/${id}/proof`, { how: 'seen' }],
      ['POST', `/api/requests/${id}/fulfil`, {}],
      ['POST', `/api/requests/${id}/refusal`, { because: 'no' }],
      ['POST', '/api/sources/1/transformations/try', { content: { kind: 'javascript', code: KEEP } }],
      ['POST', `/api/people/${person}/consents`, { purpose: 'analytics', granted: true }],
      ['PUT', `/api/people/${person}/restriction`, { reason: `${SECRETS[0]} asked` }],
      ['DELETE', `/api/people/${person}/restriction`, {}],
      ['POST', '/api/merges', { intoId: person, fromId: other }],
    ];
    for (const [method, path, body] of changes) {
      const answer = await fetch(server.url + path, {
        method,
        headers: { authorization: `Bearer ${blind}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      assertHidden(await answer.text(), `${method} ${path}`);
    }
    const { state } = await server.api<{ state: string }>('GET', `/api/requests/${id}`);
    assert.equal(state, 'unproven', 'what cannot be looked at cannot be done');
  });

  it('finds it in no answer to a question about behaviour, where others do', async () => {
    const post = async (path: string, body: object, credential = blind) => {
      const answer = await fetch(server.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: answer.status, text: await answer.text() };
    };
    const owner = server.authorization.slice('Bearer '.length);
    const all = { events: [{}] };
    const period = { last: 2, unit: 'day' };
    const event = (name: string) => ({ of: 'event', name });
    const note = { of: 'property', name: 'label' };
    const fields = [...['name', 'title', 'url', 'path', 'referrer'].map(event), note];
    const trend = (field: object) => ({ kind: 'trend', period, series: [{ what: all }], breakdown: [field] });
    const steps = [{ what: all }, { what: all }];
    const reports: object[] = [
      ...fields.map(trend),
      { kind: 'journey', period, stations: 'eventsAndPages' },
      { kind: 'journey', period, within: { idleMinutes: 30 } },
      { kind: 'web', period },
      { kind: 'sessions', period, breakdown: { of: 'session', name: 'entry_path' } },
      { kind: 'funnel', period, steps, breakdown: [event('title')] },
      { kind: 'retention', period, start: all, breakdown: event('title') },
      { kind: 'correlation', period, steps, atLeast: 1, among: { of: 'fields', fields } },
      { kind: 'correlation', period, steps, atLeast: 1 },
      { kind: 'friction', period, steps, atLeast: 5 },
    ];
    // The person was restricted a moment ago, and reports show them again a moment after that was taken back.
    await until(async () => (await post('/api/query', { report: reports[0] }, owner)).text.includes(SECRETS[0]!));
    let toOwner = 0;
    for (const report of reports) {
      const answer = await post('/api/query', { report });
      assert.equal(answer.status, 200, answer.text);
      assertHidden(answer.text, JSON.stringify(report));
      // The answer is remembered for all; what is hidden is hidden for each.
      if ((await post('/api/query', { report }, owner)).text.includes(SECRETS[0]!)) {
        toOwner++;
        assert.ok(answer.text.includes(HIDDEN), answer.text);
      }
      assertHidden((await post('/api/query', { report })).text, `${JSON.stringify(report)} after others asked`);
      assertHidden((await post('/api/query/statements', { report })).text, 'its statements');
    }
    assert.ok(toOwner >= 8, `${toOwner} answers show others what is hidden`);
    const behind = await post('/api/query/people', { report: trend(event('title')), part: { series: 'A' } });
    assert.equal(behind.status, 200, behind.text);
    assert.match(behind.text, new RegExp(`"id":"${person}"`));
    assertHidden(behind.text, 'people behind a report');

    for (const field of fields) {
      const values = await get(`/api/query/values?field=${encodeURIComponent(JSON.stringify(field))}`, blind);
      assertHidden(await values.text(), `values of ${JSON.stringify(field)}`);
    }
    for (const field of [
      { of: 'trait', name: 'email' },
      { of: 'trait', name: 'phone' },
      { of: 'property', name: 'email' },
    ]) {
      assert.equal((await post('/api/query', { report: trend(field) })).status, 403);
      const values = await get(`/api/query/values?field=${encodeURIComponent(JSON.stringify(field))}`, blind);
      assert.equal(values.status, 403);
    }
    for (const sql of [
      ...['events', 'sessions', 'people', 'people_traits', 'people_trait_history', 'accounts', 'accounts_traits'].map(
        (table) => `SELECT * FROM ${table}`,
      ),
      'SELECT name, path, title FROM events',
      "SELECT groupArray(concat(name, path, title, campaign_name)) FROM events WHERE title LIKE '%zofia%'",
    ]) {
      const rows = await post('/api/sql', { sql });
      assert.equal(rows.status, 200, rows.text);
      assertHidden(rows.text, sql);
    }
    // An action of somebody else's may name what the role does not see: it counts, and does not show.
    const called = { field: { of: 'trait', name: 'email' }, is: 'is', values: [SECRETS[0]] };
    const action = await server.api<{ id: string }>('POST', '/api/actions', {
      name: 'letters',
      content: { what: { events: [{}], where: called } },
    });
    const named = { kind: 'trend', period, series: [{ what: { events: [{ action: Number(action.id) }] } }] };
    assert.equal((await post('/api/query', { report: named })).status, 200);
    assert.equal((await post('/api/query/statements', { report: named })).status, 403);
    assertHidden(await (await get(`/api/actions/${action.id}`, blind)).text(), 'the action');

    const tile = { kind: 'report', id: 'a', x: 0, y: 0, w: 4, h: 4, report: trend(event('title')) };
    const board = await server.api<{ id: string }>('POST', '/api/dashboards', {
      name: 'letters',
      content: { tiles: [tile] },
      shared: true,
    });
    const answers = await post(`/api/dashboards/${board.id}/answers`, {});
    assert.match(answers.text, new RegExp(HIDDEN));
    assertHidden(answers.text, 'a dashboard');

    const who = { is: 'did', what: all, count: { of: 'times' }, compare: 'atLeast', value: 1 };
    const definition = { is: 'dynamic', who };
    const examples = await post('/api/audiences/examples', { definition });
    assert.equal(examples.status, 200, examples.text);
    assertHidden(examples.text, 'examples of an audience');
    const asked = { is: 'dynamic', who: { is: 'trait', name: 'email', op: 'is', values: [SECRETS[0]] } };
    assert.equal((await post('/api/audiences/size', { definition: asked })).status, 403);
    const secretly = await server.api<{ id: number }>('POST', '/api/audiences', { name: 'Z', definition: asked });
    for (const address of ['', '/versions', '/members', '/uses'])
      assertHidden(await (await get(`/api/audiences/${secretly.id}${address}`, blind)).text(), `an audience${address}`);
    const made = await post('/api/audiences/of-report', { name: 'behind', report: trend(note), part: { series: 'A' } });
    assert.equal(made.status, 201, made.text);
    const list = `/api/audiences/${(JSON.parse(made.text) as { id: number }).id}/list`;
    for (const content of [`email\n${SECRETS[0]}`, `user_id\n${SECRETS[0]}`, `phone\n${SECRETS[2]}`]) {
      const found = await post(list, { format: 'csv', content });
      assert.ok([400, 403].includes(found.status), `whether somebody has ${content} is told: ${found.text}`);
    }
    assert.equal((await post(list, { format: 'csv', content: 'user_id\nu-1' })).status, 200);
    assert.equal(
      (await get(`/api/memberships?kind=email&value=${encodeURIComponent(SECRETS[0]!)}`, blind)).status,
      403,
    );
  });

  it('sees of a webhook’s address the host alone: what is behind it is a secret of the receiver', async () => {
    const shown = await (await get('/api/destinations', analyst)).text();
    assert.match(shown, /https:\/\/receiver\.invalid\/…/);
    assert.doesNotMatch(shown, /secret-of-the-receiver/);
  });

  it('does not find people by it', async () => {
    for (const path of [
      '/api/people?q=zofia',
      `/api/people?q=${encodeURIComponent(SECRETS[0]!)}`,
      `/api/people?q=${encodeURIComponent('48600700800')}`,
    ]) {
      assert.deepEqual(((await (await get(path, analyst)).json()) as { items: unknown[] }).items, [], path);
    }
    const lookup = await get(`/api/people/lookup?kind=email&value=${encodeURIComponent(SECRETS[0]!)}`, analyst);
    assert.equal(lookup.status, 403);
    assert.equal((await get(`/api/people/${person}/timeline?q=zofia`, analyst)).status, 403);
  });

  it('sees that it is there, and everything else', async () => {
    const found = (await (await get('/api/people?q=u-1', analyst)).json()) as { items: { id: string }[] };
    assert.deepEqual(
      found.items.map((one) => one.id),
      [person],
    );
    const shown = (await (await get(`/api/people/${person}`, analyst)).json()) as {
      displayName: string;
      traits: Record<string, { value: unknown }>;
      identifiers: { kind: string; value: string }[];
    };
    assert.equal(shown.displayName, `#${person}`);
    assert.equal(shown.traits.plan?.value, 'gold');
    assert.equal(shown.traits.email?.value, HIDDEN);
    assert.equal(shown.traits.motto?.value, `write to ${HIDDEN}`);
    assert.deepEqual(
      shown.identifiers.map((one) => `${one.kind} ${one.value}`).toSorted(),
      ['email •••', 'phone •••', 'user_id u-1'].filter(
        (one) => shown.identifiers.length === 3 || !one.startsWith('phone'),
      ),
    );
    const { items } = (await (await get(`/api/people/${person}/timeline?name=Order%20Completed`, analyst)).json()) as {
      items: { properties: Record<string, unknown> }[];
    };
    assert.equal(items[0]?.properties.total, 12.5);
    assert.equal(items[0]?.properties.label, `for ${HIDDEN}!`);
    assert.deepEqual(items[0]?.properties.products, [{ name: 'Lamp' }]);
  });

  it('sees nothing of it in the live stream either', async () => {
    const stop = new AbortController();
    const stream = await fetch(`${server.url}/api/live`, {
      headers: { authorization: `Bearer ${analyst}` },
      signal: stop.signal,
    });
    const key = await server.writeKey('live');
    let text = '';
    const reading = (async () => {
      for await (const chunk of stream.body!) {
        text += new TextDecoder().decode(chunk as Uint8Array);
        if (text.includes('Lantern Lit')) return;
      }
    })();
    await fetch(`${server.url}/v1/track`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${key}:`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ userId: 'u-1', event: 'Lantern Lit', properties: { email: SECRETS[0], colour: 'red' } }),
    });
    await reading;
    stop.abort();
    for (const secret of SECRETS) assert.ok(!text.includes(secret));
    assert.match(text, /"colour":"red"/);
  });
});

describe('hiding', () => {
  it('leaves no address in any text of any JSON, and changes nothing without one', () => {
    const word = fc.stringMatching(/^[a-z0-9.]{1,20}$/);
    const address = fc.tuple(word, word).map(([a, b]) => `${a.replaceAll('.', 'x')}@${b.replaceAll('.', 'y')}.example`);
    fc.assert(
      fc.property(fc.jsonValue(), address, fc.string(), (value, secret, around) => {
        const text = `${around.replaceAll(/[@%]/g, '')} ${secret} `;
        const holder = { list: [value, text, { [text]: text }] };
        return !JSON.stringify(hideIn(holder, () => false)).includes(secret);
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: true } as never), (value) => {
        if (/@|%40/.test(JSON.stringify(value))) return;
        assert.deepEqual(
          hideIn(value, () => false),
          value,
        );
      }),
    );
  });
});
