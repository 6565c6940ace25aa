import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { core } from '../../core/index.ts';
import { insertEvents, insertPerson } from '../../core/people/test-data.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { voices } from './app.ts';
import { followVoices } from './follow.ts';
import { understandVoices } from './understand.ts';

const apps = [...core, voices];
const ada: Caller = {
  ...{ kind: 'staff', id: 'ada', name: 'ada', email: null, role: 'owner' },
  permissions: new Set(['voices.read', 'voiceSettings.write']),
};
// biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
type Body = any;

let context: Context & { close(): Promise<void> };
let server: { url: string; close(): Promise<void> };
let anna = 0;

/** A service that speaks the protocol of OpenAI's chat completions: what it was asked, and how it is to answer. */
let service: Server;
let asked: { headers: IncomingMessage['headers']; path: string; body: Body; texts: { n: number; text: string }[] }[] =
  [];
type Answer = { status: number; body: unknown; headers?: Record<string, string> } | 'silence';
let answers: ((texts: { n: number; text: string }[], topics: { id: number; path: string }[]) => Answer)[] = [];
const said = (voicesSaid: object[], tokens = 100): Answer => ({
  status: 200,
  body: {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [
      {
        index: 0,
        finish_reason: 'stop',
        message: { role: 'assistant', content: JSON.stringify({ voices: voicesSaid }) },
      },
    ],
    usage: { prompt_tokens: tokens - 10, completion_tokens: 10, total_tokens: tokens },
  },
});
const glad = (texts: { n: number }[], topics: { id: number }[]) =>
  said(
    texts.map(({ n }) => ({ n, language: 'de', sentiment: 0.9, effort: 0.2, topics: [topics[0]?.id ?? 0, 999_999] })),
  );

before(async () => {
  service = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text);
    const { texts, topics } = JSON.parse(body.messages[1].content);
    asked.push({ headers: request.headers, path: request.url ?? '', body, texts });
    const answer = (answers.length > 1 ? answers.shift()! : answers[0]!)(texts, topics);
    if (answer === 'silence') return;
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
  context = await testContext({ apps, environment: { THROUGHLINE_OUTGOING_ALLOW: '127.0.0.0/8' } });
  server = await serveForTest(buildHttp(context, apps, async () => ada));
  anna = await insertPerson(context, {
    identifiers: { email: 'anna@example.com' },
    traits: { first_name: 'Anna', last_name: 'Nowak' },
  });
});
after(async () => {
  service.closeAllConnections();
  await new Promise((resolve) => service.close(resolve));
  await server.close();
  await context.close();
});
beforeEach(async () => {
  asked = [];
  answers = [glad];
  await context.records.pool.query('TRUNCATE voices_voices, voices_voice_topics CASCADE');
  await context.records.pool.query(
    'UPDATE voices_state SET service_tokens = 0, service_trouble = NULL, service_rest_until = NULL',
  );
  await context.events.command('TRUNCATE TABLE events');
});

async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Body }> {
  const response = await fetch(`${server.url}/api/voices${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}
async function configure(change: object = {}, serviceKey?: string): Promise<{ status: number; body: Body }> {
  const { serviceKeyKept: _, state: __, ...settings } = (await call('GET', '/settings')).body;
  const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/v1`;
  const all = {
    ...settings.service,
    on: true,
    url,
    model: 'small',
    mask: true,
    tokensADay: 1_000_000,
    timeoutSeconds: 30,
    ...change,
  };
  return call('PUT', '/settings', { ...settings, service: all, ...(serviceKey === undefined ? {} : { serviceKey }) });
}
async function say(...texts: string[]): Promise<Body[]> {
  const at = Date.now() - 1000;
  await insertEvents(
    context,
    texts.map((text, n) => ({ origin: anna, name: 'Review Posted', at: at - n, properties: { text } })),
  );
  await followVoices(context);
  await understandVoices(context, { waitMs: 5 });
  return (await call('GET', '?limit=100')).body.items;
}

test('what a service says of texts counts, with its key kept sealed and topics only from the tree', async () => {
  await call('GET', '/topics');
  assert.equal((await configure({}, 'sk-secret-1')).status, 200);
  const items = await say('This is terrible', 'So is this');
  assert.deepEqual(
    items.map((one) => [one.mood, one.language, one.basis, one.effort?.toFixed(1)]),
    Array(2).fill(['positive', 'de', 'service', '0.2']),
  );
  assert.deepEqual(
    items[0].topics.map((one: Body) => one.path),
    [['Delivery']],
  );
  assert.equal(asked.length, 1, 'several texts in one call');
  assert.equal(asked[0]!.path, '/v1/chat/completions');
  assert.equal(asked[0]!.headers.authorization, 'Bearer sk-secret-1');
  assert.equal(asked[0]!.body.model, 'small');
  assert.equal(asked[0]!.body.response_format.type, 'json_schema');
  const { rows } = await context.records.pool.query('SELECT service_key, settings::text FROM voices_state');
  assert.ok(!JSON.stringify(rows).includes('sk-secret'));
  const settings = (await call('GET', '/settings')).body;
  assert.ok(settings.serviceKeyKept && !JSON.stringify(settings).includes('sk-secret'));
  assert.equal(settings.state.tokensToday, 100);
  assert.equal((await call('POST', '/settings/try', { text: 'Hello' })).body.said.sentiment, 0.9);
});

test('names, addresses and numbers stay here where that is set', async () => {
  await configure();
  await say('I am Anna Nowak, call +48 600 100 200 or write to anna@example.com');
  assert.doesNotMatch(asked[0]!.texts[0]!.text, /Anna|Nowak|600|example/);
  await configure({ mask: false });
  await say('Anna here');
  assert.match(asked[1]!.texts[0]!.text, /Anna/);
});

test('a service that is busy is asked again; one that fails is left alone, and texts are understood here', async () => {
  await configure();
  const busy: Answer = { status: 429, body: {}, headers: { 'retry-after': '0' } };
  answers = [() => busy, () => ({ status: 500, body: 'oops' }), glad];
  assert.equal((await say('This is terrible'))[0].basis, 'service');
  assert.equal(asked.length, 3);
  await configure({ timeoutSeconds: 1 });
  for (const bad of [
    (): Answer => ({ status: 401, body: { error: 'bad key' } }),
    (): Answer => ({ status: 200, body: '<html>' }),
    (): Answer => ({ status: 200, body: { choices: [{ message: { content: 'Sure! I think they are happy.' } }] } }),
    (): Answer => said([{ n: 0, language: 'en', sentiment: 17, effort: null, topics: [] }]),
    (): Answer => 'silence',
  ]) {
    await context.records.pool.query('TRUNCATE voices_voices CASCADE');
    await context.events.command('TRUNCATE TABLE events');
    await context.records.pool.query('UPDATE voices_state SET service_rest_until = NULL, service_trouble = NULL');
    asked = [];
    answers = [bad];
    const [voice] = await say('This is terrible');
    assert.deepEqual([voice.mood, voice.basis, voice.language], ['negative', 'text', 'en']);
    const { state } = (await call('GET', '/settings')).body;
    assert.ok(state.trouble && state.restsUntil, JSON.stringify(state));
    const before = asked.length;
    await say('And this is bad too');
    assert.equal(asked.length, before, 'it rests');
  }
});

test('no more tokens than a day allows, and a text that the answer leaves out is understood here', async () => {
  await configure({ tokensADay: 10 });
  assert.equal((await say('This is terrible'))[0].basis, 'text');
  assert.equal(asked.length, 0);
  await configure();
  answers = [(texts) => said([{ n: texts[0]!.n, language: 'en', sentiment: 0.5, effort: null, topics: [] }])];
  const items = await say('One of these', 'is bad, the other terrible');
  assert.deepEqual(
    items
      .slice(0, 2)
      .map((one) => one.basis)
      .sort(),
    ['service', 'text'],
  );
});

test('addresses of private networks, and a service without address or model, are refused', async () => {
  assert.equal((await configure({ url: 'http://10.0.0.1/v1' })).status, 400);
  assert.equal((await configure({ url: 'file:///etc/passwd' })).status, 400);
  assert.equal((await configure({ url: '' })).status, 400);
  assert.equal((await configure({ model: '' })).status, 400);
  assert.equal((await configure({ tokensADay: -1 })).status, 400);
});
