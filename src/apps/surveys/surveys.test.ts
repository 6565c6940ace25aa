import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { core } from '../../core/index.ts';
import { createSource } from '../../core/sources/sources.ts';
import { relayOutbox } from '../../core/stream/outbox.ts';
import { append, processAll, sent } from '../../core/stream/testing.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { surveys } from './app.ts';
import type { DefinitionInput } from './definition.ts';
import { registerQuiet } from './quiet.ts';
import type { AnswerRow, SurveyDetail, SurveyResults } from './shapes.ts';

const apps = [...core, surveys];
const everything = new Set(apps.flatMap((app) => Object.keys(app.permissions ?? {})));
const owner: Caller = {
  ...{ kind: 'staff', id: 'u1', name: 'Olga', email: 'olga@shop.example', role: 'owner' },
  permissions: everything,
};
let caller: Caller = owner;
let context: Context & { close(): Promise<void> };
let server: Awaited<ReturnType<typeof serveForTest>>;
let writeKey: string;
let network = 1;

before(async () => {
  context = await testContext({ apps, environment: { THROUGHLINE_PROXIES: '1' } });
  server = await serveForTest(buildHttp(context, apps, async () => caller));
  writeKey = (await createSource(context, { name: 'Shop', kind: 'browser' })).writeKey;
  await api('PUT', '/api/surveys/settings', { quietDays: 0 });
});
after(async () => {
  await server.close();
  await context.close();
});

/** All that any of the replies holds that is looked at here. */
interface Body {
  id: string & number;
  name: string;
  type: string;
  state: string;
  ending: string | null;
  closed: boolean;
  version: number;
  responseId: string;
  secret: string;
  answers: Record<string, unknown>;
  fields: Record<string, string>;
  problems: { code: string }[];
  items: { name: string; version: number; responses: number; fields: object; answers: Record<string, unknown> }[];
  surveys?: { surveys: { id: string; language: string }[] };
  error: { code: string; details: { question: string; reason: string; code: string }[] & { revision: number } };
}
type Begun = { body: Pick<Body, 'responseId' | 'secret' | 'version'> };

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const raw = body instanceof Uint8Array || typeof body === 'string';
  const response = await fetch(server.url + path, {
    method,
    headers: { 'x-forwarded-for': `203.0.113.${network}`, ...headers },
    ...(body === undefined ? {} : { body: (raw ? body : JSON.stringify(body)) as string }),
  });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {}
  return { status: response.status, body: json as Body, text, headers: response.headers };
}
const api = <T = Body>(method: string, path: string, body?: unknown) =>
  call(method, path, body) as unknown as Promise<{ status: number; body: T; text: string; headers: Headers }>;

const nps = (id: string, more: object = {}) => ({
  id,
  kind: 'nps' as const,
  title: { en: `How likely (${id})?` },
  ...more,
});

/** A published survey. */
async function published(input: Partial<DefinitionInput>): Promise<SurveyDetail> {
  const definition = {
    name: 'Test',
    questions: [nps('q1'), { id: 'q2', kind: 'longText', title: { en: 'Why?' } }],
    ...input,
  };
  const made = await api<SurveyDetail>('POST', '/api/surveys', { definition });
  assert.equal(made.status, 201, made.text);
  const live = await api<SurveyDetail>('POST', `/api/surveys/${made.body.id}/publish`, { revision: 1 });
  assert.equal(live.status, 200, live.text);
  return live.body;
}

const begin = (survey: SurveyDetail, more: object = {}) =>
  call('POST', `/v1/surveys/${survey.id}/responses`, {
    ...{ version: survey.version, language: 'en', channel: 'api', writeKey, anonymousId: crypto.randomUUID() },
    ...more,
  });
const put = (begun: Begun, answers: object, more: object = {}) =>
  call('PUT', `/v1/surveys/responses/${begun.body.responseId}/answers`, {
    ...{ secret: begun.body.secret, version: begun.body.version, answers },
    ...more,
  });
const outbox = async () =>
  (await context.records.pool.query('SELECT event FROM outbox ORDER BY id')).rows.map(({ event }) => event);
const token = (survey: SurveyDetail) => survey.openLink.split('/').pop()!;

describe('whoever makes surveys', () => {
  it('saves half-done ones, is told what is wrong, and publishes what is right', async () => {
    const { body: draft } = await api<SurveyDetail>('POST', '/api/surveys', { definition: { name: 'Draft' } });
    assert.deepEqual(
      draft.problems.map(({ code }) => code),
      ['noQuestions'],
    );
    const early = await api('POST', `/api/surveys/${draft.id}/publish`, { revision: 1 });
    assert.equal(early.status, 400);
    assert.equal(early.body.error.details[0]!.code, 'noQuestions');
    const definition = { ...draft.definition, questions: [nps('q1')] };
    const saved = await api<SurveyDetail>('PUT', `/api/surveys/${draft.id}`, { revision: 1, definition });
    assert.equal(saved.body.revision, 2);
    const late = await api('PUT', `/api/surveys/${draft.id}`, { revision: 1, definition });
    assert.equal(late.status, 409);
    assert.equal(late.body.error.details.revision, 2);
    const live = await api<SurveyDetail>('POST', `/api/surveys/${draft.id}/publish`, { revision: 2 });
    assert.equal(live.body.state, 'running');
    assert.equal(live.body.changed, false);
    assert.equal((await api('POST', `/api/surveys/${draft.id}/pause`)).body.state, 'paused');
    assert.equal((await api('POST', `/api/surveys/${draft.id}/resume`)).body.state, 'running');
    assert.equal((await api('POST', `/api/surveys/${draft.id}/copy`, { name: 'Copy' })).body.state, 'draft');
    const list = await api('GET', '/api/surveys?q=draft&limit=1');
    assert.equal(list.body.items[0]!.name, 'Draft');
    assert.equal((await api('DELETE', `/api/surveys/${draft.id}`)).status, 200);
    assert.equal((await api('GET', `/api/surveys/${draft.id}`)).status, 404);
  });

  it('cannot make one that is larger than the limit', async () => {
    const questions = Array.from({ length: 201 }, (_, n) => nps(`q${n}`));
    assert.equal((await api('POST', '/api/surveys', { definition: { name: 'Big', questions } })).status, 400);
    const fits = await api('POST', '/api/surveys/check', {
      definition: { name: 'Big', questions: questions.slice(1) },
    });
    assert.deepEqual(fits.body.problems, []);
    assert.equal((await api('POST', '/api/surveys', { definition: { name: 'x'.repeat(10_000) } })).status, 400);
  });
});

describe('somebody who answers', () => {
  it('has each answer kept as it comes, on the timeline, a changed one again, and is then done', async () => {
    await context.records.pool.query('DELETE FROM outbox');
    const survey = await published({ touchpoint: 'Delivery' });
    const anonymousId = crypto.randomUUID();
    const begun = await begin(survey, { anonymousId, page: 'https://shop.example/cart?email=x' });
    assert.equal(begun.status, 201, begun.text);
    assert.equal((await put(begun, { q1: 3 })).body.state, 'answered');
    assert.equal((await put(begun, { q1: 3 })).status, 200);
    assert.equal((await put(begun, { q1: 4, q2: 'Late\u0000 again' })).status, 200);
    const done = await put(begun, { q1: 4 }, { complete: true });
    assert.deepEqual(done.body, {
      state: 'complete',
      answers: { q1: 4, q2: 'Late again' },
      ending: null,
      closed: true,
    });
    assert.equal((await put(begun, { q1: 4 }, { complete: true })).status, 200);
    const changed = await put(begun, { q1: 9 });
    assert.equal(changed.status, 410);
    const events = await outbox();
    assert.deepEqual(
      events.map(({ event, properties }) => [event, properties.questionId, properties.score ?? properties.text]),
      [
        ['Survey Shown', undefined, undefined],
        ['Question Answered', 'q1', 3],
        ['Question Answered', 'q1', 4],
        ['Question Answered', 'q2', 'Late again'],
        ['Survey Completed', undefined, undefined],
      ],
    );
    assert.ok(events.every((event) => event.anonymousId === anonymousId && event.channel === 'web'));
    assert.equal(events[1].properties.touchpoint, 'Delivery');
    assert.equal(events[1].properties.scale, 10);
    assert.equal(events[0].context.page.url, 'https://shop.example/cart');
    const { body } = await api<{ items: AnswerRow[] }>('GET', `/api/surveys/${survey.id}/answers`);
    assert.equal(body.items[0]!.said.q2, 'Late again');
    const { body: results } = await api<SurveyResults>('GET', `/api/surveys/${survey.id}/results`);
    assert.equal(results.questions[0]!.score!.nps, -100);
    assert.equal(results.questions[1]!.texts![0]!.text, 'Late again');
    const csv = await api('GET', `/api/surveys/${survey.id}/answers.csv`);
    const [head, row] = csv.text.split('\r\n');
    assert.match(head!, /How likely \(q1\)\?,Why\?$/);
    assert.match(row!, /,4,Late again$/);
  });

  it('joins the person who the device is, once the events are through', async () => {
    const survey = await published({});
    await append(context, [sent({ anonymousId: 'device-7', userId: 'ada' })]);
    await processAll(context);
    const begun = await begin(survey, { anonymousId: 'device-7', answers: { q1: 10 }, complete: true });
    assert.equal(begun.body.state, 'complete', begun.text);
    while ((await relayOutbox(context)) > 0);
    await processAll(context);
    const rows = await context.events.query<{ name: string; n: string }>(
      "SELECT name, count() AS n FROM events WHERE name IN ('Question Answered', 'Survey Completed') AND user_id != '' OR anonymous_id = 'device-7' GROUP BY name",
    );
    assert.ok(rows.some(({ name }) => name === 'Question Answered'));
    const { body } = await api<{ items: AnswerRow[] }>('GET', `/api/surveys/${survey.id}/answers`);
    assert.ok(body.items[0]!.personId);
  });

  it('keeps what they saw when the survey changes meanwhile, and withdraws what is not shown any more', async () => {
    const skip = { jumps: [{ when: { of: { answer: 'q1' }, test: 'atLeast', value: 9 }, to: 'end' }] };
    const survey = await published({
      questions: [nps('q1', skip), { id: 'q2', kind: 'longText', title: { en: 'Why?' } }] as never,
    });
    const begun = await begin(survey);
    await put(begun, { q1: 2, q2: 'Slow' });
    const definition = { ...survey.definition, questions: [nps('other')] };
    await api('PUT', `/api/surveys/${survey.id}`, { revision: survey.revision, definition });
    const second = await api<SurveyDetail>('POST', `/api/surveys/${survey.id}/publish`, {
      revision: survey.revision + 1,
    });
    assert.equal(second.body.version, 2);
    assert.equal((await put(begun, { other: 5 })).body.error.details[0]!.reason, 'unknownQuestion');
    assert.equal((await put(begun, {}, { version: 2 })).status, 409);
    await context.records.pool.query('DELETE FROM outbox');
    const done = await put(begun, { q1: 9 }, { complete: true });
    assert.deepEqual(done.body.answers, { q1: 9 });
    const told = (await outbox()).map(({ properties }) => [
      properties.questionId,
      properties.withdrawn ?? properties.score,
    ]);
    assert.deepEqual(told, [
      ['q1', 9],
      ['q2', true],
      [undefined, undefined],
    ]);
    assert.equal((await begin(second.body, { answers: { other: 1 } })).body.state, 'answered');
    const { body } = await api('GET', `/api/surveys/${survey.id}/versions`);
    assert.deepEqual(
      body.items.map((one) => [one.version, one.responses]),
      [
        [2, 1],
        [1, 1],
      ],
    );
  });

  it('is refused what is forged, wrong, too much or not asked', async () => {
    const survey = await published({
      questions: [nps('q1', { required: true }), { id: 'q2', kind: 'shortText', title: { en: 'Name' } }] as never,
    });
    const begun = await begin(survey);
    const forged = { body: { ...begun.body, secret: 'x'.repeat(32) } };
    assert.equal((await put(forged, { q1: 1 })).status, 403);
    assert.equal((await put({ body: { ...begun.body, responseId: crypto.randomUUID() } }, {})).status, 404);
    const wrong = await put(begun, { q1: 11, q2: 'x'.repeat(10_000), nope: 1 });
    assert.equal(wrong.status, 422);
    assert.deepEqual(wrong.body.error.details, [
      { question: 'q1', reason: 'range' },
      { question: 'q2', reason: 'tooLong' },
      { question: 'nope', reason: 'unknownQuestion' },
    ]);
    assert.deepEqual((await put(begun, {}, { complete: true })).body.error.details, [
      { question: 'q1', reason: 'required' },
    ]);
    assert.equal((await begin(survey, { fields: { order: 'x'.repeat(10_000) } })).status, 400);
    assert.equal((await begin(survey, { traits: { name: 'x'.repeat(10_000) } })).status, 400);
    assert.equal((await begin(survey, { version: 99 })).status, 404);
    assert.equal((await begin(survey, { language: 'xx' })).status, 400);
    assert.equal((await begin(survey, { writeKey: 'wk_wrong' })).status, 401);
    assert.equal((await put(begun, { q2: 'x'.repeat(300_000) })).status, 413);
    assert.equal(
      (await call('PUT', `/v1/surveys/responses/${begun.body.responseId}/answers`, '{"secret"')).status,
      400,
    );
    const deep = `{"secret":"s","version":1,"answers":{"q1":${'['.repeat(5000)}${']'.repeat(5000)}}}`;
    assert.equal((await call('PUT', `/v1/surveys/responses/${begun.body.responseId}/answers`, deep)).status, 400);
    const proto = `{"secret":"${begun.body.secret}","version":1,"answers":{"__proto__":{"q1":1},"constructor":5}}`;
    const path = `/v1/surveys/responses/${begun.body.responseId}/answers`;
    assert.equal((await call('PUT', path, proto)).status, 422);
    assert.equal((await put(begun, { q1: null })).body.state, 'started');
  });

  it('may close it, which counts once', async () => {
    const survey = await published({});
    const begun = await begin(survey);
    await context.records.pool.query('DELETE FROM outbox');
    for (const _ of [1, 2])
      assert.equal(
        (await call('POST', `/v1/surveys/responses/${begun.body.responseId}/dismissed`, { secret: begun.body.secret }))
          .status,
        204,
      );
    assert.deepEqual(
      (await outbox()).map(({ event }) => event),
      ['Survey Dismissed'],
    );
    assert.equal((await api<SurveyResults>('GET', `/api/surveys/${survey.id}/results`)).body.counts.dismissed, 1);
  });

  it('is told to wait when a network calls too often', async (test) => {
    // On a slow machine the minute would pass meanwhile.
    test.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    network = 250;
    const begun = { body: { responseId: crypto.randomUUID(), secret: 's', version: 1 } };
    const answers = await Promise.all(
      Array.from({ length: 40 }, () =>
        call('POST', `/v1/surveys/responses/${begun.body.responseId}/files?secret=s`, 'x'),
      ),
    );
    network = 1;
    const late = answers.filter(({ status }) => status === 429);
    assert.ok(late.length > 0);
    assert.ok(Number(late[0]!.headers.get('retry-after')) > 0);
  });

  it('finds a survey closed that is paused, over, or has all it wants', async () => {
    const survey = await published({});
    const begun = await begin(survey);
    await api('POST', `/api/surveys/${survey.id}/pause`);
    assert.equal((await begin(survey)).body.error.code, 'survey_closed');
    assert.equal((await put(begun, { q1: 1 })).status, 410);
    assert.equal((await call('GET', `/s/${token(survey)}`)).status, 410);
    const over = await published({ to: '2020-01-01T00:00:00Z' });
    assert.equal((await begin(over)).status, 410);
    const one = await published({ maxResponses: 1, endings: [{ id: 'bye', title: { en: 'Bye' } }] });
    const [first, second] = [await begin(one), await begin(one)];
    assert.equal((await put(first, { q1: 1 }, { complete: true })).body.state, 'complete');
    const late = await put(second, { q1: 1 }, { complete: true });
    assert.deepEqual([late.body.state, late.body.ending], ['quota', 'bye']);
    assert.equal((await begin(one)).body.error.code, 'quota_full');
  });

  it('is led out by a full quota, and the last place is given once', async () => {
    const when = { of: { answer: 'q1' }, test: 'atLeast' as const, value: 9 };
    const survey = await published({
      questions: [nps('q1'), nps('q2')],
      quotas: [{ id: 'fans', name: 'Fans', when, limit: 2, ending: 'enough' }],
      endings: [
        { id: 'thanks', title: { en: 'Thanks' } },
        { id: 'enough', when: { any: [] }, title: { en: 'Enough' } },
      ],
    });
    const all = await Promise.all(Array.from({ length: 8 }, () => begin(survey)));
    const done = await Promise.all(all.map((one) => put(one, { q1: 10 }, { complete: true })));
    assert.deepEqual(done.map(({ body }) => body.state).sort(), ['complete', 'complete', ...Array(6).fill('quota')]);
    const next = await put(await begin(survey), { q1: 9 });
    assert.deepEqual([next.body.state, next.body.ending, next.body.closed], ['quota', 'enough', true]);
    const other = await put(await begin(survey), { q1: 3 }, { complete: true });
    assert.deepEqual([other.body.state, other.body.ending], ['complete', 'thanks']);
  });
});

describe('a file', () => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  it('is not left behind where the response is deleted while it is being stored', async () => {
    const survey = await published({ questions: [{ id: 'f', kind: 'file', title: { en: 'Show us' } }] as never });
    const { body } = await begin(survey);
    const { put: store } = context.blobs;
    context.blobs.put = async (...given) => {
      await api('DELETE', `/api/surveys/${survey.id}/answers/${body.responseId}`);
      return store.apply(context.blobs, given);
    };
    const path = `/v1/surveys/responses/${body.responseId}/files?secret=${body.secret}&question=f&name=x.png`;
    try {
      assert.equal((await call('POST', path, png)).status, 404);
    } finally {
      context.blobs.put = store;
    }
    const left = await Array.fromAsync(context.blobs.list(`surveys/files/${body.responseId}`));
    assert.deepEqual(left, []);
  });

  it('is kept with an answer, known by its bytes, and only ever downloaded', async () => {
    const survey = await published({ questions: [{ id: 'f', kind: 'file', title: { en: 'Show us' } }] as never });
    const begun = await begin(survey);
    const path = (question: string, name: string) =>
      `/v1/surveys/responses/${begun.body.responseId}/files?secret=${begun.body.secret}&question=${question}&name=${encodeURIComponent(name)}`;
    const stored = await call('POST', path('f', '../../etc/"pass\r\nwd.png'), png);
    assert.equal(stored.status, 201, stored.text);
    assert.deepEqual([stored.body.name, stored.body.type], ['passwd.png', 'image/png']);
    assert.equal((await call('POST', path('f', 'x.png'), Buffer.from('<svg onload=alert(1)>'))).status, 415);
    assert.equal((await call('POST', path('f', 'x.html'), Buffer.from('<script>1</script>'))).status, 415);
    assert.equal((await call('POST', path('nope', 'x.png'), png)).status, 404);
    assert.equal((await call('POST', path('f', 'x.png'), Buffer.alloc(10_000_001))).status, 413);
    const foreign = await put(begun, { f: [{ id: crypto.randomUUID(), name: 'x' }] });
    assert.equal(foreign.body.error.details[0]!.reason, 'unknownFile');
    const { id, name } = stored.body;
    assert.equal((await put(begun, { f: [{ id, name }] }, { complete: true })).body.state, 'complete');
    const file = await fetch(`${server.url}/api/surveys/${survey.id}/files/${id}`);
    assert.match(file.headers.get('content-disposition')!, /^attachment/);
    assert.equal(file.headers.get('content-type'), 'application/octet-stream');
    assert.deepEqual(Buffer.from(await file.arrayBuffer()), png);
    await api('DELETE', `/api/surveys/${survey.id}/answers/${begun.body.responseId}`);
    assert.equal((await call('GET', `/api/surveys/${survey.id}/files/${id}`)).status, 404);
  });
});

describe('a popover', () => {
  const config = async (anonymousId: string, more: Record<string, string> = {}) => {
    const answer = await call('GET', `/v1/sdk/config?${new URLSearchParams({ writeKey, anonymousId, ...more })}`);
    return answer.body.surveys?.surveys ?? [];
  };
  const quiet = (quietDays: number) => api('PUT', '/api/surveys/settings', { quietDays });
  const show = (survey: SurveyDetail, anonymousId: string) => begin(survey, { channel: 'popover', anonymousId });
  const live: SurveyDetail[] = [];
  const popover = async (more: Partial<DefinitionInput> = {}) => {
    const survey = await published({ popover: {}, ...more });
    live.push(survey);
    return survey;
  };
  const endAll = async () => {
    for (const { id } of live.splice(0)) await api('POST', `/api/surveys/${id}/end`);
  };

  it('is handed out only for the share, period and language it is for, and says nothing of whom it is for', async () => {
    const survey = await popover({
      name: 'Secret plan',
      languages: ['en', 'pl'],
      popover: { share: 50, languages: ['pl'] },
      touchpoint: 'Secret',
    });
    const visitors = Array.from({ length: 30 }, () => crypto.randomUUID());
    const shown: string[] = [];
    for (const one of visitors) if ((await config(one, { language: 'pl-PL' })).length > 0) shown.push(one);
    assert.ok(shown.length > 2 && shown.length < 28, `${shown.length}`);
    assert.deepEqual(await config(shown[0]!, { language: 'de' }), []);
    const [given] = await config(shown[0]!, { language: 'pl' });
    assert.equal(given!.language, 'pl');
    assert.ok(!JSON.stringify(given).includes('Secret'));
    const left = visitors.find((one) => !shown.includes(one))!;
    assert.equal((await show(survey, left)).body.error.code, 'too_soon');
    assert.equal((await show(survey, shown[0]!)).status, 201);
    assert.deepEqual(await config(''), []);
    await endAll();
    assert.deepEqual(await config(shown[1]!, { language: 'pl' }), []);
  });

  it('is shown once, also to two tabs at once, and not within the quiet days after another', async () => {
    const [first, second] = [await popover(), await popover()];
    const visitor = crypto.randomUUID();
    const tabs = await Promise.all([show(first, visitor), show(first, visitor), show(first, visitor)]);
    assert.deepEqual(tabs.map(({ status }) => status).sort(), [201, 409, 409]);
    assert.deepEqual(
      (await config(visitor)).map(({ id }) => id),
      [second.id],
    );
    await quiet(14);
    assert.deepEqual(await config(visitor), []);
    assert.equal((await show(second, visitor)).status, 409);
    const other = crypto.randomUUID();
    const both = await Promise.all([show(first, other), show(second, other)]);
    assert.deepEqual(both.map(({ status }) => status).sort(), [201, 409]);
    await quiet(0);
    await endAll();
  });

  it('is for members of an audience, not for who is restricted, and not while something keeps it quiet', async () => {
    await append(context, [sent({ anonymousId: 'device-8', userId: 'bob' })]);
    await processAll(context);
    const { rows } = await context.records.pool.query("SELECT person_id AS id FROM identifiers WHERE value = 'bob'");
    const person = rows[0].id;
    const audience = await api('POST', '/api/audiences', { name: 'Listed', definition: { is: 'static' } });
    assert.equal(audience.status, 201, audience.text);
    await popover({ popover: { audiences: [audience.body.id] } });
    assert.deepEqual(await config('device-8'), []);
    await context.records.pool.query(
      `INSERT INTO audiences_members (person_id, "of") VALUES ($1, jsonb_build_object($2::text, 1))`,
      [person, String(audience.body.id)],
    );
    assert.equal((await config('device-8')).length, 1);
    assert.deepEqual(await config(crypto.randomUUID()), []);
    let complaint = true;
    registerQuiet('test', async (_, id) => complaint && id === person);
    assert.deepEqual(await config('device-8'), []);
    complaint = false;
    await context.records.pool.query("INSERT INTO privacy_restrictions (person_id, by_name) VALUES ($1, 'test')", [
      person,
    ]);
    assert.deepEqual(await config('device-8'), []);
    await endAll();
  });
});

describe('an anonymous survey', () => {
  it('keeps nobody, tells no timeline, and shows nothing below its group', async () => {
    const survey = await published({ anonymous: true, groupSize: 3, fields: ['team'] });
    await context.records.pool.query('DELETE FROM outbox');
    const answer = () =>
      begin(survey, {
        answers: { q1: 8 },
        complete: true,
        anonymousId: 'device-9',
        userId: 'wanda-user',
        page: 'https://shop.example/',
        fields: { team: 'A' },
      });
    for (let n = 0; n < 2; n += 1) assert.equal((await answer()).body.state, 'complete');
    assert.deepEqual(await outbox(), []);
    const { rows } = await context.records.pool.query('SELECT * FROM surveys_responses WHERE survey_id = $1', [
      survey.id,
    ]);
    assert.ok(!/device-9|wanda-user|shop\.example/.test(JSON.stringify(rows)));
    assert.ok(
      rows.every(
        (row) => row.started_at.getUTCMilliseconds() === 0 && row.completed_at.getTime() === row.started_at.getTime(),
      ),
    );
    const results = () => api<SurveyResults>('GET', `/api/surveys/${survey.id}/results`);
    assert.deepEqual([(await results()).body.hidden, (await results()).body.questions], [true, []]);
    assert.equal((await api('GET', `/api/surveys/${survey.id}/answers`)).body.error.code, 'group_too_small');
    await answer();
    assert.equal((await results()).body.hidden, false);
    const some = await api<SurveyResults>('GET', `/api/surveys/${survey.id}/results?channel=popover`);
    assert.equal(some.body.hidden, true);
    const list = await api<{ items: AnswerRow[] }>('GET', `/api/surveys/${survey.id}/answers`);
    assert.equal(list.body.items.length, 3);
    assert.deepEqual(list.body.items[0]!.fields, {});
    assert.equal((await api('GET', `/api/surveys/${survey.id}/answers?language=en`)).status, 400);
  });
});

describe('the page of a link', () => {
  it('is in the language asked for, runs nothing from elsewhere, and only named sites may frame it', async () => {
    const survey = await published({
      ...{ languages: ['en', 'ar'], fields: ['order'], embed: ['https://shop.example'], name: 'Inside name' },
      questions: [nps('q1', { title: { en: 'Hi </script><script>alert(1)</script>', ar: 'مرحبا' } })],
    });
    const page = await call('GET', `/s/${token(survey)}?lang=ar`);
    assert.equal(page.status, 200, page.text);
    assert.match(page.text, /<html lang="ar" dir="rtl">/);
    assert.ok(!page.text.includes('<script>alert') && !page.text.includes('Inside name'));
    assert.match(
      page.headers.get('content-security-policy')!,
      /script-src 'self';.*frame-ancestors https:\/\/shop\.example$/,
    );
    assert.equal(page.headers.get('x-frame-options'), null);
    const begun = await call('POST', `/v1/surveys/${survey.id}/responses`, {
      ...{ token: token(survey), version: 1, language: 'ar', channel: 'link', fields: { order: '12', other: 'x' } },
    });
    assert.equal(begun.status, 201, begun.text);
    assert.deepEqual(begun.body.fields, { order: '12' });
    assert.equal((await call('GET', '/s/nothingnothing1234')).status, 404);
    const preview = await call('GET', '/s/preview');
    assert.match(preview.headers.get('content-security-policy')!, /frame-ancestors 'self'/);
  });
});

describe('a role that does not see personal data', () => {
  it('sees scores and choices, and neither names nor what was typed', async () => {
    const survey = await published({
      questions: [
        nps('q1'),
        { id: 'q2', kind: 'longText', title: { en: 'Why?' } },
        { id: 'q3', kind: 'email', title: { en: 'E-mail' } },
      ] as never,
    });
    await begin(survey, { answers: { q1: 7, q2: 'I am Kim', q3: 'kim@customer.example' } });
    caller = { ...owner, hidesPersonalData: true };
    const list = await api('GET', `/api/surveys/${survey.id}/answers`);
    const results = await api('GET', `/api/surveys/${survey.id}/results`);
    caller = owner;
    assert.ok(!/Kim|kim@/.test(list.text + results.text));
    assert.equal(list.body.items[0]!.answers.q1, 7);
  });
});
