import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { apps } from '../src/apps/index.ts';
import { compactFinished } from '../src/apps/replay/compact.ts';
import { chunkOf, custom, meta, mutation, snapshot } from '../src/apps/replay/replay.testing.ts';
import { changeSettings, keptSettings } from '../src/apps/replay/settings.ts';
import { readBodies } from '../src/apps/replay/store.ts';
import { followVoices } from '../src/apps/voices/follow.ts';
import { findSuggestions } from '../src/apps/voices/topics/suggestions.ts';
import { understandVoices } from '../src/apps/voices/understand.ts';
import { core } from '../src/core/index.ts';
import { searchFiles } from '../src/core/privacy/bytes.testing.ts';
import { requestErasure } from '../src/core/privacy/erasure.ts';
import { createSource } from '../src/core/sources/sources.ts';
import { relayOutbox } from '../src/core/stream/outbox.ts';
import { append, processAll, sent } from '../src/core/stream/testing.ts';
import type { Caller } from '../src/kernel/caller.ts';
import type { Context } from '../src/kernel/context.ts';
import { buildHttp } from '../src/kernel/http.ts';
import { runJobs, testContext } from '../src/kernel/testing.ts';
import { serveForTest } from '../src/kernel/testing-http.ts';
import { startMailServer } from './mail-server.ts';

const all = [...core, ...apps];
const USER = 'user-vera-sentinel-31';
const DEVICE = 'device-vera-sentinel-32';
const EMAIL = 'vera.sentinel@example.com';
const WORD = 'Krzyworzeczka';
/** What only Vera said or had on her screen, by the edge through which it came. */
const SECRETS = {
  page: 'recorded-sentinel-01',
  change: 'recorded-sentinel-02',
  title: 'recorded-sentinel-03',
  console: 'recorded-sentinel-04',
  asset: 'picture-sentinel-05',
  note: 'note-sentinel-06',
  answer: 'answer-sentinel-07',
  padded: 'answer-sentinel-08',
  field: 'field-sentinel-09',
  linked: 'answer-sentinel-10',
  file: 'file-sentinel-11',
  fileName: 'name-sentinel-12',
  feedback: 'feedback-sentinel-13',
  element: 'element-sentinel-14',
  drawing: 'drawing-sentinel-15',
  contact: 'contact.sentinel16@example.com',
  reply: 'reply-sentinel-17',
  outcome: 'outcome-sentinel-18',
  form: 'form-sentinel-19',
};
const NEEDLES = [USER, DEVICE, EMAIL, WORD, ...Object.values(SECRETS)];

let context: Context & { close(): Promise<void> };
let server: Awaited<ReturnType<typeof serveForTest>>;
let mails: Awaited<ReturnType<typeof startMailServer>>;
let writeKey: string;
const caller: Caller = {
  ...{ kind: 'staff', id: 'ada', name: 'Ada', email: 'ada@shop.example', role: 'owner' },
  permissions: new Set(all.flatMap((app) => Object.keys(app.permissions ?? {}))),
};

before(async () => {
  mails = await startMailServer();
  context = await testContext({ apps: all, environment: { THROUGHLINE_MAIL_URL: mails.url } });
  server = await serveForTest(buildHttp(context, all, async () => caller));
  writeKey = (await createSource(context, { name: 'shop', kind: 'browser' })).writeKey;
  const { settings, version } = await keptSettings(context);
  await changeSettings(context, { ...settings, recording: true }, version, 'Ada');
  const voices = await call('GET', '/api/voices/settings');
  const { serviceKeyKept: _, state: __, ...before } = voices;
  await call('PUT', '/api/voices/settings', { ...before, feedback: { ...before.feedback, on: true } });
});
after(async () => {
  await server.close();
  await mails.close();
  await context.close();
});

// biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
type Body = any;
async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Body> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(server.url + path, {
    method,
    headers: {
      authorization: `Bearer ${writeKey}`,
      ...(raw ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: (raw ? body : JSON.stringify(body)) as string }),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return /^[{[]/.test(text) ? JSON.parse(text) : text;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const putAsset = async (svg: string) => {
  await call('PUT', `/v1/recordings/assets/${sha256(svg)}`, svg, { 'content-type': 'image/svg+xml' });
  return sha256(svg);
};

/** What is in files of the blobs that are packed by gzip, beside what stands in all files as it is. */
function search(needles: readonly string[]): Map<string, string[]> {
  const found = searchFiles(context.config.dataDir, needles);
  for (const name of readdirSync(context.config.dataDir, { recursive: true, encoding: 'utf8' })) {
    try {
      const content = readFileSync(join(context.config.dataDir, name));
      if (content[0] !== 0x1f || content[1] !== 0x8b) continue;
      const text = gunzipSync(content).toString();
      for (const needle of needles) if (text.includes(needle)) found.get(needle)!.push(name);
    } catch {}
  }
  return found;
}

/** A visit of somebody: recorded, and asked for feedback. */
async function recorded(
  who: Record<string, unknown>,
  words: [string, string],
  assets: [string, string][],
): Promise<string> {
  const id = randomUUID();
  const named = assets.map(([url, hash], at) => custom(at, 'tl-asset', { url, hash }));
  const first = chunkOf([meta(0), snapshot(1, words[0]), ...named], who);
  const second = chunkOf(
    [mutation(2000, words[1]), custom(2100, 'tl-console', { level: 'error', text: words[1] })],
    who,
  );
  for (const [n, chunk] of [first, second].entries())
    await call('POST', `/v1/recordings/${id}/chunks/${n}`, gzipSync(JSON.stringify(chunk)));
  return id;
}
async function feedback(who: object, text: string, more: object = {}): Promise<void> {
  await call('POST', '/v1/feedback', { writeKey, ...who, text, score: 1, scale: 5, language: 'en', ...more });
}
async function settled(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await relayOutbox(context);
    await processAll(context);
    await followVoices(context);
    await understandVoices(context);
  }
}
const published = async (): Promise<Body> => {
  const definition = {
    name: 'After the visit',
    fields: ['order'],
    questions: [
      { id: 'q1', kind: 'nps', title: { en: 'How likely?' } },
      { id: 'q2', kind: 'longText', title: { en: 'Why?' } },
      { id: 'q3', kind: 'file', title: { en: 'Show us' }, accept: ['text'] },
    ],
  };
  const made = await call('POST', '/api/surveys', { definition });
  return call('POST', `/api/surveys/${made.id}/publish`, { revision: 1 });
};
const begin = (survey: Body, who: object) =>
  call('POST', `/v1/surveys/${survey.id}/responses`, {
    version: survey.version,
    language: 'en',
    channel: 'api',
    ...who,
  });
const put = ({ responseId, secret, version }: Body, answers: object) =>
  call('PUT', `/v1/surveys/responses/${responseId}/answers`, { secret, version, answers });

test('what a visitor left through each public edge is gone from every store once the person is erased', async () => {
  const vera = { anonymousId: DEVICE, userId: USER };
  const ben = { anonymousId: 'device-ben', userId: 'user-ben' };
  await append(context, [
    sent({ type: 'identify', ...vera, traits: { name: 'Vera', email: EMAIL } }),
    sent({ type: 'identify', ...ben, traits: { name: 'Ben', email: 'ben@example.com' } }),
    sent({ type: 'track', event: 'Form Used', ...vera, properties: { form: SECRETS.form, fields: [] } }),
  ]);
  await processAll(context);
  await settled();
  await call('POST', '/api/voices/rules', {
    name: 'Unhappy',
    owners: [],
    dueHours: 8,
    conditions: { moods: ['negative'] },
  });

  // Recordings, of which one is packed and one is not; a picture that only she saw, and one that Ben saw as well.
  const own = await putAsset(`<svg xmlns="http://www.w3.org/2000/svg"><text>${SECRETS.asset}</text></svg>`);
  const shared = await putAsset('<svg xmlns="http://www.w3.org/2000/svg"><text>logo</text></svg>');
  const packed = await recorded(vera, [SECRETS.page, SECRETS.change], [['https://shop.example/own.svg', own]]);
  await context.records.pool.query("UPDATE replay_recordings SET last_chunk_at = now() - interval '2 hours'");
  await compactFinished(context, new AbortController().signal);
  const bens = await recorded(ben, ['Hello Ben', 'Ben reads'], [['https://shop.example/logo.svg', shared]]);
  const padded = { anonymousId: ` ${DEVICE} `, userId: ` ${USER} ` };
  const live = await recorded(
    { ...padded, page: { url: `https://shop.example/${SECRETS.title}`, title: SECRETS.title, viewport: [800, 600] } },
    [SECRETS.page, SECRETS.console],
    [['https://shop.example/logo.svg', shared]],
  );
  await call('POST', `/api/replay/recordings/${live}/notes`, { atMs: 1, text: SECRETS.note });
  await call('POST', `/api/replay/recordings/${live}/shares`, { expiresInSeconds: 3600 });

  // Answers: as a signed-in visitor, with IDs written otherwise, and by a personal link; with a file.
  const survey = await published();
  const begun = await begin(survey, { writeKey, ...vera, fields: { order: SECRETS.field } });
  await put(begun, { q1: 2, q2: SECRETS.answer });
  const { responseId, secret } = begun;
  const file = await call(
    'POST',
    `/v1/surveys/responses/${responseId}/files?secret=${secret}&question=q3&name=${SECRETS.fileName}.txt`,
    SECRETS.file,
  );
  await put(begun, { q3: [{ id: file.id, name: file.name }] });
  await put(await begin(survey, { writeKey, ...padded }), { q1: 1, q2: SECRETS.padded });
  const bensAnswer = await begin(survey, { writeKey, ...ben });
  await put(bensAnswer, { q1: 9, q2: 'Fine, thank you' });
  const { rows } = await context.records.pool.query<{ id: number }>(
    'SELECT p.root_id AS id FROM persons p JOIN identifiers i ON i.person_id = p.id WHERE i.value = $1',
    [USER],
  );
  const person = rows[0]!.id;
  const { links } = await call('POST', `/api/surveys/${survey.id}/links`, {
    people: [String(person)],
    fields: { order: SECRETS.field },
  });
  const linked = await begin(survey, { token: links[0].url.split('/').pop(), channel: 'link' });
  await put(linked, { q1: 0, q2: SECRETS.linked });

  // Feedback with a picture, so often that its words look like a topic; the case that came of it.
  const picture = gzipSync(JSON.stringify({ events: [meta(0), snapshot(1, SECRETS.drawing)] })).toString('base64');
  await feedback(padded, `${SECRETS.feedback}: terrible, awful, I hate it.`, {
    ...{ picture, element: SECRETS.element, email: SECRETS.contact },
  });
  for (let n = 0; n < 6; n++) await feedback(vera, `Horrible and broken, the worst: ${WORD} was rude to me again.`);
  for (let n = 0; n < 6; n++) await feedback(ben, 'Wonderful, I love it, thank you.', { score: 5 });
  await settled();
  await findSuggestions(context);
  const { items: cases } = await call('GET', '/api/voices/cases');
  const mine = cases.find((one: Body) => one.person?.id === String(person));
  assert.ok(mine, 'a case was opened');
  await call('POST', `/api/voices/cases/${mine.id}/answers`, { text: SECRETS.reply, how: 'mail' });
  await runJobs(context, all);
  const link = /\/case\/([\w.-]+)/.exec((await mails.next()).text)![1];
  await call('POST', `/case/${link}`, `solved=no&text=${SECRETS.outcome}`);
  await settled();

  await context.records.pool.query('CHECKPOINT');
  const packedNeedles = new Set<string>([SECRETS.change]);
  for (const [needle, files] of search(NEEDLES))
    if (!packedNeedles.has(needle)) assert.ok(files.length > 0, `${needle} is not found before the erasure`);
  let text = '';
  for await (const { body } of readBodies(context, packed)) text += body.toString();
  assert.ok(text.includes(SECRETS.change), 'the recording that was packed holds it');

  const erasure = await requestErasure(context, person, 'Ada');
  await settled();
  await runJobs(context, all);
  const { rows: done } = await context.records.pool.query('SELECT state, error FROM privacy_erasures WHERE id = $1', [
    erasure.id,
  ]);
  assert.deepEqual(done[0], { state: 'done', error: null });
  await context.records.pool.query('CHECKPOINT');
  const left = [...search([...NEEDLES, WORD.toLowerCase()])].filter(([, files]) => files.length > 0);
  assert.deepEqual(left, []);
  const names = readdirSync(context.config.dataDir, { recursive: true, encoding: 'utf8' });
  for (const gone of [packed, live, own, responseId])
    assert.deepEqual(
      names.filter((name) => name.includes(gone)),
      [],
      'no file is left of it',
    );

  // Everything of Ben is there.
  assert.equal((await call('GET', `/api/replay/recordings/${bens}`)).recording.chunks, 2);
  assert.match(await call('GET', `/api/replay/assets/${shared}`), /logo/);
  const { items: answers } = await call('GET', `/api/surveys/${survey.id}/answers`);
  assert.deepEqual(
    answers.map((row: Body) => row.id),
    [bensAnswer.responseId],
  );
  const { items: voices } = await call('GET', '/api/voices');
  assert.equal(voices.length, 7);
});
