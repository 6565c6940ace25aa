import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { core } from '../../core/index.ts';
import { mergeByHand } from '../../core/people/merges.ts';
import { insertEvents, insertPerson, type TestEvent } from '../../core/people/test-data.ts';
import { mergingBeforeReads } from '../../core/query/events.testing.ts';
import { relayOutbox } from '../../core/stream/outbox.ts';
import { processAll } from '../../core/stream/testing.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { runJobs, testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { seen } from '../../kernel/testing-until.ts';
import { voices } from './app.ts';
import { FEEDBACK_A_MINUTE, FEEDBACK_LIMIT } from './feedback.ts';
import { followVoices } from './follow.ts';
import { voicesOfSubject } from './personal-data.ts';
import { PICTURES_A_DAY, pictureName } from './pictures.ts';
import { startVoices } from './start.ts';
import { understandVoices } from './understand.ts';

const apps = [...core, voices];
const staff = (id: string, hidesPersonalData: boolean, ...permissions: string[]): Caller => ({
  ...{ kind: 'staff', id, name: id, email: null, role: id, permissions: new Set(permissions), hidesPersonalData },
});
const callers: Record<string, Caller> = {
  ada: staff('ada', false, 'voices.read', 'voices.write', 'voiceSettings.write'),
  ben: staff('ben', false, 'voices.read'),
  cleo: staff('cleo', true, 'voices.read', 'voices.write'),
};

let context: Context & { close(): Promise<void> };
let server: { url: string; close(): Promise<void> };
let anna = 0;
let otto = 0;
before(async () => {
  context = await testContext({ apps });
  const authenticate = async (http: { req: { header(name: string): string | undefined } }) =>
    callers[http.req.header('x-person') ?? ''] ?? null;
  server = await serveForTest(buildHttp(context, apps, authenticate));
  await context.records.pool.query("INSERT INTO sources (name, kind, write_key) VALUES ('web', 'web', 'wk')");
  await context.records.pool.query(
    "INSERT INTO staff_users (id, name, email, role) VALUES ('ben', 'Ben', 'b@x.de', 'owner')",
  );
  anna = await insertPerson(context, { identifiers: { email: 'anna@example.com' }, traits: { name: 'Anna Nowak' } });
  otto = await insertPerson(context, { identifiers: { user_id: 'otto' } });
});
after(async () => {
  await server.close();
  await context.close();
});
beforeEach(async () => {
  await context.records.pool.query(
    `TRUNCATE voices_voices, voices_voice_topics, voices_pictures, voices_suggestions, voices_topics, outbox, audiences_members CASCADE`,
  );
  await context.records.pool.query('DELETE FROM voices_state');
  await context.records.pool.query('INSERT INTO voices_state DEFAULT VALUES');
  await context.events.command('TRUNCATE TABLE events');
});

// biome-ignore lint/suspicious/noExplicitAny: a test reads many shapes
type Body = any;
async function call(
  method: string,
  path: string,
  body?: unknown,
  who = 'ada',
): Promise<{ status: number; body: Body }> {
  const response = await fetch(`${server.url}/api/voices${path}`, {
    method,
    headers: { 'x-person': who, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}
async function got(path: string, who = 'ada'): Promise<Body> {
  const { status, body } = await call('GET', path, undefined, who);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}
const review = (text: string, more: Partial<TestEvent> = {}, properties: Record<string, unknown> = {}): TestEvent => ({
  origin: anna,
  name: 'Review Posted',
  at: Date.now() - 60_000,
  ...more,
  properties: { text, ...properties },
});
/** Stores what was said, and has it followed and understood. */
async function hear(...events: TestEvent[]): Promise<void> {
  await insertEvents(context, events);
  await followVoices(context);
  await understandVoices(context);
}
const send = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${server.url}/v1/feedback`, {
    method: 'POST',
    headers: { authorization: 'Bearer wk', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
async function switchOn(change: Record<string, unknown> = {}): Promise<void> {
  const { serviceKeyKept: _, state: __, ...settings } = await got('/settings');
  const { status, body } = await call('PUT', '/settings', {
    ...settings,
    feedback: { ...settings.feedback, on: true },
    ...change,
  });
  assert.equal(status, 200, JSON.stringify(body));
}

describe('following', () => {
  test('what customers say in five languages is understood and sorted', async () => {
    await got('/topics');
    await hear(
      review('The parcel came two weeks late and nobody answered my mails.'),
      review('Bardzo szybka dostawa, polecam!'),
      review("L'app si blocca continuamente, non la consiglio."),
      review('Отличный магазин, вежливые сотрудники.'),
      review('包裹晚了两个星期，没有人回复我。'),
    );
    const { items } = await got('');
    const said = Object.fromEntries(items.map((one: Body) => [one.language, one]));
    assert.deepEqual(Object.keys(said).sort(), ['en', 'it', 'pl', 'ru', 'zh']);
    assert.deepEqual(
      ['en', 'pl', 'it', 'ru', 'zh'].map((language) => said[language].mood),
      ['negative', 'positive', 'negative', 'positive', 'negative'],
    );
    const paths = (language: string) => said[language].topics.map((one: Body) => one.path.join(' / '));
    assert.ok(paths('pl').includes('Delivery') && paths('zh').includes('Delivery / Late'));
    assert.ok(paths('it').includes('App and website / Errors and crashes'));
    assert.ok(paths('ru').includes('Service / Friendliness'));
    assert.equal(said.en.basis, 'text');
    assert.equal(said.en.person.name, 'Anna Nowak');
  });

  test('a rating beside the words counts, and both are said', async () => {
    await hear(review('ok', {}, { score: 1, scale: 5 }), review('I love it', {}, { score: 5, scale: 5 }));
    const { items } = await got('');
    const [bad] = items.filter((one: Body) => one.score === 1);
    assert.equal(bad.ratingSentiment, -1);
    assert.ok(bad.sentiment < 0);
    const [good] = items.filter((one: Body) => one.score === 5);
    assert.equal(good.basis, 'both');
    assert.equal(good.mood, 'positive');
  });

  test('words of a survey get the score of the same response, whichever arrives first; a changed answer counts once', async () => {
    const start = Date.now() - 60_000;
    const answer = (questionId: string, properties: object, at: number): TestEvent => ({
      origin: otto,
      name: 'Question Answered',
      at: start + at,
      properties: { responseId: 'r1', surveyId: 's1', survey: 'After purchase', questionId, ...properties },
    });
    await hear(answer('q2', { kind: 'text', text: 'Delivery was late' }, 2));
    await hear(answer('q1', { kind: 'nps', score: 2, scale: 10 }, 1));
    let { items } = await got('?survey=s1');
    assert.deepEqual(
      items.map((one: Body) => [one.score, one.scale, one.scoreKind, one.basis, one.place]),
      [[2, 10, 'nps', 'both', 'After purchase']],
    );
    await hear(answer('q2', { kind: 'text', text: 'Delivery was late, but they paid it back' }, 9));
    // The earlier words arrive once more, late.
    await hear(answer('q2', { kind: 'text', text: 'Delivery' }, 1));
    ({ items } = await got('?survey=s1'));
    assert.deepEqual(
      items.map((one: Body) => [one.text, one.score]),
      [['Delivery was late, but they paid it back', 2]],
    );
  });

  test('each is told of once on the timeline, at the time it was said', async () => {
    const at = Date.now() - 3_600_000;
    await hear(review('Zbyt drogo i słaba jakość', { at }, { score: 2, scale: 5 }));
    await context.records.pool.query('UPDATE voices_voices SET stale = true');
    await understandVoices(context);
    await relayOutbox(context);
    await processAll(context);
    const told = await context.events.query<{ at: string; origin_id: string; properties: string }>(
      `SELECT toString(toUnixTimestamp64Milli(timestamp)) AS at, origin_id, toJSONString(properties) AS properties
       FROM events WHERE name = 'Voice Understood'`,
    );
    assert.equal(told.length, 1);
    assert.equal(Number(told[0]!.origin_id), anna);
    assert.equal(Math.round(Number(told[0]!.at) / 1000), Math.round(at / 1000));
    const { mood, of, language } = JSON.parse(told[0]!.properties);
    assert.deepEqual({ mood, of, language }, { mood: 'negative', of: 'Review Posted', language: 'pl' });
    assert.equal(await followVoices(context), 0, 'what was made of a voice is no voice');
  });

  test('each event becomes one voice, whatever the order, the batches and the restarts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ batch: fc.nat(3), days: fc.nat(60), twice: fc.boolean(), of: fc.nat(1) }), {
          minLength: 1,
          maxLength: 25,
        }),
        fc.integer({ min: 1, max: 7 }),
        fc.boolean(),
        async (plan, eventsAtOnce, startedBefore) => {
          await context.records.pool.query('TRUNCATE voices_voices CASCADE');
          await context.records.pool.query('DELETE FROM voices_state');
          await context.records.pool.query('INSERT INTO voices_state DEFAULT VALUES');
          await context.events.command('TRUNCATE TABLE events');
          const events = plan.map((one, n) =>
            review(`Said ${n}`, {
              id: crypto.randomUUID(),
              origin: one.of ? otto : anna,
              at: Date.now() - one.days * 86_400_000 - n,
            }),
          );
          const written = (signal?: AbortSignal) => followVoices(context, { eventsAtOnce, signal });
          if (startedBefore) await written();
          for (let batch = 0; batch <= 3; batch++) {
            const now = events.filter((_, n) => plan[n]!.batch === batch);
            if (now.length > 0) await insertEvents(context, now);
            // A restart in the middle: the place is looked up anew by each call.
            await written();
            const again = events.filter((_, n) => plan[n]!.batch === batch && plan[n]!.twice);
            if (again.length > 0) await insertEvents(context, again);
            if (batch === 1) await context.events.command('OPTIMIZE TABLE events FINAL');
          }
          await written();
          const { rows } = await context.records.pool.query<{ text: string }>(
            'SELECT text FROM voices_voices ORDER BY text',
          );
          assert.deepEqual(
            rows.map((row) => row.text),
            plan.map((_, n) => `Said ${n}`).sort(),
          );
        },
      ),
      { numRuns: 10 },
    );
  });

  test('files that are put together while they are looked at lose no voice', async () => {
    await followVoices(context);
    for (const text of ['The courier was rude', 'The shop is awful']) await insertEvents(context, [review(text)]);
    assert.equal(await followVoices(mergingBeforeReads(context)), 2);
  });

  test('the running program hears what is said by itself, and stops when it is asked to', async () => {
    let stop = await startVoices(context);
    try {
      await insertEvents(context, [review('The courier was rude')]);
      const heard = (count: number) =>
        seen(
          async () => (await got('?mood=negative')).items.length as number,
          (found) => found === count,
        );
      await heard(1);
      await stop();
      await insertEvents(context, [review('The shop is awful')]);
      stop = await startVoices(context);
      await heard(2);
    } finally {
      await stop();
    }
  });

  test('rules say which events are voices; a new rule looks at what was there before', async () => {
    await insertEvents(context, [
      {
        origin: anna,
        name: 'Call Ended',
        at: Date.now() - 86_400_000,
        properties: { call: { summary: 'She was angry about the invoice.' }, stars: '2' },
      },
    ]);
    await followVoices(context);
    assert.equal((await got('')).items.length, 0);
    const { following } = await got('/settings');
    await switchOn({
      following: [...following, { event: 'Call Ended', text: 'call.summary', score: 'stars', scale: '' }],
    });
    await followVoices(context);
    const { items } = await got('');
    assert.deepEqual(
      items.map((one: Body) => [one.text, one.score, one.scale]),
      [['She was angry about the invoice.', 2, 5]],
    );
    assert.equal(
      (await call('PUT', '/settings', {}, 'cleo')).status,
      403,
      'whoever sorts voices does not decide where they go',
    );
    const refused = await call('PUT', '/settings', { following: [{ event: 'Voice Understood', text: 'of' }] });
    assert.equal(refused.status, 400);
    assert.equal((await call('PUT', '/settings', { following: Array(31).fill(following[0]) })).status, 400);
  });

  test('hostile words end in a voice like all others', async () => {
    const texts = [
      'x'.repeat(25_000),
      '😡'.repeat(9000),
      '<script>alert(1)</script><img src=x onerror=alert(1)>',
      'Привет hello 你好 مرحبا שלום \u202E reversed',
      "Robert'); DROP TABLE voices_voices;--",
      '\u0000nul',
      'a'.repeat(5000) + '@'.repeat(5000),
      '不'.repeat(9000),
      'not '.repeat(3000),
      '{{7*7}} %s %n',
    ];
    await hear(
      ...texts.map((text) => review(text)),
      review('', {}, { score: 3 }),
      review('   \n\t '),
      { ...review('x'), properties: { text: { nested: 'no text' } } },
      { ...review('x'), properties: { text: ['a', 'b'] } },
      review('Bad score', {}, { score: 'NaN', scale: -1 }),
      review('A bad address', {}, { url: 'javascript:alert(1)', site: 'x'.repeat(9000) }),
    );
    const { items } = await got('?limit=100');
    assert.equal(items.length, texts.length + 2);
    assert.ok(items.every((one: Body) => one.text.length <= 10_000 && one.mood !== null));
    const [bad] = items.filter((one: Body) => one.text === 'A bad address');
    assert.ok(!bad.url.startsWith('javascript'));
    assert.equal(bad.place.length, 500);
    assert.ok((await got('/counts')).voices === items.length);
  });
});

describe('the inbox', () => {
  test('is filtered, counted and paged', async () => {
    await got('/topics');
    await context.records.pool.query(`INSERT INTO audiences_members (person_id, "of") VALUES ($1, '{"7": 1}')`, [otto]);
    const day = 86_400_000;
    await hear(
      review('Delivery was late', { at: Date.now() - 3 * day }, { score: 1, scale: 5 }),
      review('Great app, thank you', { at: Date.now() - 2 * day }, { score: 5, scale: 5 }),
      review('Bez sensu, drogo', { at: Date.now() - day, origin: otto, name: 'Mention Published' }),
      review('Zamówiłem w poniedziałek kolejną', { origin: otto }),
    );
    const texts = async (query: string) => (await got(`?${query}`)).items.map((one: Body) => one.text);
    const { items: topics } = await got('/topics');
    const topic = (name: string) => topics.find((one: Body) => one.name === name).id;
    assert.deepEqual(await texts('q=LATE'), ['Delivery was late']);
    assert.deepEqual(await texts('q=%25'), []);
    assert.deepEqual(await texts('language=en'), ['Great app, thank you', 'Delivery was late']);
    assert.deepEqual(await texts('mood=positive'), ['Great app, thank you']);
    assert.deepEqual(await texts(`topic=${topic('Delivery')}`), ['Delivery was late']);
    assert.deepEqual(await texts(`topic=${topic('Late')}`), ['Delivery was late']);
    assert.deepEqual(await texts('topic=none'), ['Zamówiłem w poniedziałek kolejną']);
    assert.deepEqual(await texts('of=Mention+Published'), ['Bez sensu, drogo']);
    assert.deepEqual(await texts('maxScore=2'), ['Delivery was late']);
    assert.deepEqual(
      await texts(
        `from=${new Date(Date.now() - 2.5 * day).toISOString()}&to=${new Date(Date.now() - 1.5 * day).toISOString()}`,
      ),
      ['Great app, thank you'],
    );
    assert.equal((await texts(`person=${otto}`)).length, 2);
    assert.equal((await texts('audience=7')).length, 2);
    const first = await got('?limit=3');
    const rest = await got(`?limit=3&cursor=${first.nextCursor}`);
    assert.equal(new Set([...first.items, ...rest.items].map((one: Body) => one.id)).size, 4);
    assert.equal(rest.nextCursor, null);
    const counts = await got('/counts');
    assert.equal(counts.voices, 4);
    assert.equal(counts.unread, 4);
    assert.equal(counts.withoutTopic, 1);
    assert.deepEqual(
      counts.topics.find((one: Body) => one.id === topic('Delivery')),
      { id: topic('Delivery'), voices: 1, negative: 1 },
    );
    assert.deepEqual(
      counts.languages.map((one: Body) => one.voices),
      [2, 2],
    );
    assert.equal((await call('GET', '?cursor=nonsense')).status, 400);
    assert.equal((await call('GET', '?limit=1000')).status, 400);
    const odd = [
      'from=0000-01-01',
      'to=9999-12-31T23:59:59Z',
      'source=999999999999999',
      'person=999999999999999',
      'minScore=1e300',
      'topic=999999999',
    ];
    for (const query of odd) assert.equal((await call('GET', `?${query}`)).status, 200, query);
    for (const query of [
      'q=%00',
      'of=a%00b',
      'survey=%00',
      'assigned=%00',
      'source=-1',
      'minScore=Infinity',
      'from=yesterday',
    ])
      assert.equal((await call('GET', `?${query}`)).status, 400, query);
  });

  test('what a person corrects stays, whatever is understood or sorted later', async () => {
    await got('/topics');
    await hear(review('The delivery was late'));
    const { items } = await got('');
    const { id } = items[0];
    const { items: topics } = await got('/topics');
    const price = topics.find((one: Body) => one.name === 'Price').id;
    const changed = await call('PATCH', `/${id}`, {
      mood: 'positive',
      topics: [price],
      read: true,
      assignedTo: 'ben',
      note: 'Irony',
    });
    assert.equal(changed.status, 200);
    await context.records.pool.query('UPDATE voices_voices SET stale = true');
    await understandVoices(context);
    await call('POST', '/topics', { name: 'Lateness', words: { en: ['late'] } });
    await runJobs(context, apps);
    const now = await got(`/${id}`);
    assert.deepEqual([now.mood, now.basis, now.topics.map((one: Body) => one.id)], ['positive', 'person', [price]]);
    assert.deepEqual([now.read, now.assignedTo, now.note], [true, { id: 'ben', name: 'Ben' }, 'Irony']);
    const back = await call('PATCH', `/${id}`, { mood: null, topics: null });
    assert.equal(back.body.mood, 'negative');
    assert.ok(back.body.topics.some((one: Body) => one.path[0] === 'Lateness'));
    assert.equal((await call('PATCH', `/${id}`, { topics: [99_999] })).status, 400);
    assert.equal((await call('PATCH', `/${id}`, { assignedTo: 'nobody-here' })).status, 400);
    assert.equal((await call('PATCH', `/${id}`, {})).status, 400);
    assert.equal((await call('PATCH', `/${id}`, { read: true }, 'ben')).status, 403);
    assert.equal((await call('PATCH', '/999999', { read: true })).status, 404);
    assert.equal((await call('POST', '/mark', { ids: [id], read: false })).body.changed, 1);
  });

  test('roles that do not see personal data see neither names nor addresses, and cannot search', async () => {
    await hear(review('Write to me: anna@example.com', {}, { author: 'Anna N.', email: 'anna@example.com' }));
    const [voice] = (await got('', 'cleo')).items;
    assert.ok(!JSON.stringify(voice).includes('anna@example.com') && !JSON.stringify(voice).includes('Anna'));
    assert.equal((await call('GET', '?q=anna', undefined, 'cleo')).status, 403);
    assert.equal((await call('GET', '/counts?q=anna', undefined, 'cleo')).status, 403);
    assert.ok(JSON.stringify((await got('')).items).includes('anna@example.com'));
  });

  test('voices follow whoever people are merged into, leave with the restricted, and go with the erased', async () => {
    const guest = await insertPerson(context, { identifiers: { anonymous_id: 'guest-1' } });
    const kept = await insertPerson(context, { identifiers: { email: 'kept@example.com' } });
    await hear(review('I like it a lot', { origin: guest }));
    await mergeByHand(context, { intoId: kept, fromId: guest, by: 'ada' });
    assert.equal((await got(`?person=${kept}`)).items[0].person.id, String(kept));
    await context.records.pool.query(
      "INSERT INTO privacy_restrictions (person_id, purpose, reason, by_name) VALUES ($1, '', '', 'x')",
      [kept],
    );
    assert.equal((await got('')).items.length, 0);
    await context.records.pool.query('DELETE FROM privacy_restrictions');
    const subject = { origins: [kept, guest], identifiers: [] };
    const files: string[] = [];
    for await (const { file, rows } of voicesOfSubject.export(context, subject)) files.push(file, JSON.stringify(rows));
    assert.match(files.join(' '), /^voices .*I like it a lot/);
    await context.records.pool.query(
      `INSERT INTO privacy_erasures (id, person_id, origins, by_name) VALUES (gen_random_uuid(), $1, $2, 'x')`,
      [kept, [kept, guest]],
    );
    await voicesOfSubject.erase(context, subject);
    // What is on its way still is not written any more.
    await hear(review('I said more', { origin: guest }));
    await context.records.pool.query('DELETE FROM privacy_erasures');
    assert.equal((await got('')).items.length, 0);
  });
});

describe('feedback', () => {
  const picture = (events: unknown[]) => gzipSync(JSON.stringify({ events })).toString('base64');
  const page = [
    { type: 4, timestamp: 1, data: { href: 'https://shop.example/', width: 800, height: 600 } },
    {
      type: 2,
      timestamp: 2,
      data: {
        initialOffset: { top: 0, left: 0 },
        node: {
          type: 0,
          id: 1,
          childNodes: [
            {
              type: 2,
              id: 2,
              tagName: 'html',
              attributes: {},
              childNodes: [
                {
                  type: 2,
                  id: 3,
                  tagName: 'body',
                  attributes: { onload: 'alert(1)' },
                  childNodes: [
                    {
                      type: 2,
                      id: 4,
                      tagName: 'img',
                      attributes: { src: 'https://tracker.example/x.png', onerror: 'alert(2)' },
                      childNodes: [],
                    },
                    {
                      type: 2,
                      id: 5,
                      tagName: 'script',
                      attributes: {},
                      childNodes: [{ type: 3, id: 6, textContent: 'alert(3)' }],
                    },
                    { type: 3, id: 7, textContent: 'Cart' },
                  ],
                },
              ],
            },
          ],
        },
      },
    },
  ];

  test('is refused until it is switched on; then it is a voice, with a picture that does nothing', async () => {
    assert.equal((await send({ anonymousId: 'a-1', text: 'Hi' })).status, 403);
    await switchOn();
    const feedbackId = crypto.randomUUID();
    const body = {
      feedbackId,
      anonymousId: 'a-1',
      text: 'The cart is empty again!',
      score: 1,
      scale: 5,
      url: 'https://shop.example/cart?token=1',
      element: 'button "Pay"',
      email: 'eve@example.com',
      language: 'en',
      picture: picture(page),
    };
    const answer = await send(body, { origin: 'https://shop.example' });
    assert.deepEqual(await answer.json(), { feedbackId, picture: true });
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://shop.example');
    assert.equal((await send(body)).status, 200, 'sent again');
    await processAll(context);
    await followVoices(context);
    await understandVoices(context);
    const { items } = await got('');
    assert.equal(items.length, 1);
    const [voice] = items;
    assert.deepEqual(
      [voice.of, voice.text, voice.score, voice.path, voice.element, voice.contact, voice.hasPicture, voice.mood],
      ['Feedback Given', 'The cart is empty again!', 1, '/cart', 'button "Pay"', 'eve@example.com', true, 'negative'],
    );
    const shown = JSON.stringify(await got(`/${voice.id}/picture`));
    assert.match(shown, /Cart/);
    assert.doesNotMatch(shown, /alert|tracker\.example/);
    assert.equal((await call('GET', `/${voice.id}/picture`, undefined, 'cleo')).status, 403);
    assert.equal((await send({ ...body, anonymousId: 'thief' })).status, 409);
    const { rows } = await context.records.pool.query('SELECT origin_id FROM voices_voices');
    await voicesOfSubject.erase(context, { origins: [rows[0].origin_id], identifiers: [] });
    assert.equal(await context.blobs.size(pictureName(feedbackId)), null);
    assert.equal((await got('')).items.length, 0);
  });

  test('refuses what is not feedback, and goes on without a picture too many', async () => {
    await switchOn();
    const status = async (body: unknown, headers = {}) => (await send(body, headers)).status;
    assert.equal(await status({ anonymousId: 'a', text: 'x'.repeat(FEEDBACK_LIMIT + 1) }), 400);
    assert.equal(await status({ anonymousId: 'a', text: '' }), 400);
    assert.equal(await status({ text: 'Hi' }), 400);
    assert.equal(await status({ anonymousId: 'a', score: 9, scale: 5 }), 400);
    assert.equal(await status({ anonymousId: 'a', text: 'Hi', url: 'javascript:alert(1)' }), 400);
    assert.equal(await status({ anonymousId: 'a', text: 'Hi' }, { authorization: 'Bearer nothing' }), 401);
    assert.equal(await status([1]), 400);
    assert.equal(
      await status({ anonymousId: 'a', text: 'Hi', picture: Buffer.from('no gzip').toString('base64') }),
      400,
    );
    assert.equal(await status({ anonymousId: 'a', text: 'Hi', picture: picture(Array(30).fill(page[0])) }), 400);
    const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024, ' ')).toString('base64');
    assert.equal(await status({ anonymousId: 'a', text: 'Hi', picture: bomb }), 413);
    for (let at = 0; at < PICTURES_A_DAY.visitor; at++)
      await send({ anonymousId: 'many', text: `${at}`, picture: picture(page) });
    const more = await send({ anonymousId: 'many', text: 'one more', picture: picture(page) });
    assert.equal(more.status, 200);
    assert.equal(((await more.json()) as Body).picture, false);
  });

  test('of one network so much is taken a minute, whatever is sent', async (test) => {
    // On a slow machine the minute would pass meanwhile.
    test.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const statuses = await Promise.all(
      Array.from({ length: FEEDBACK_A_MINUTE + 20 }, async () => (await send([])).status),
    );
    assert.ok(statuses.includes(429));
  });

  test('the widget is told of by the settings, for the pages that they name', async () => {
    const config = async (url: string) =>
      (await (
        await fetch(
          `${server.url}/v1/sdk/config?writeKey=wk&anonymousId=a&language=pl-PL&url=${encodeURIComponent(url)}`,
        )
      ).json()) as Body;
    assert.equal((await config('https://shop.example/')).feedback, undefined);
    const { feedback } = await got('/settings');
    const texts = { en: { button: 'Feedback' }, pl: { button: 'Opinia' } };
    await switchOn({ feedback: { ...feedback, on: true, pages: ['/shop/*', '/help'], texts } });
    assert.equal((await config('https://shop.example/')).feedback, undefined);
    assert.deepEqual((await config('https://shop.example/shop/1')).feedback.texts, { button: 'Opinia' });
    assert.ok((await config('https://shop.example/help')).feedback);
  });
});
