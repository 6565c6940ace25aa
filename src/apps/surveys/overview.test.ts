import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { core } from '../../core/index.ts';
import { netShare } from '../../core/query/scores/interval.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { serveForTest } from '../../kernel/testing-http.ts';
import { surveys } from './app.ts';
import { check } from './checks.ts';
import { Definition } from './definition.ts';
import { walk } from './logic.ts';
import { overviewOf } from './overview-routes.ts';
import { resultsOf } from './results.ts';
import { createSurvey, publish, surveyById } from './surveys.ts';
import { fromTemplate, TEMPLATE_KEYS, TEMPLATE_LANGUAGES } from './templates.ts';

const apps = [...core, surveys];
let context: Context & { close(): Promise<void> };
let server: Awaited<ReturnType<typeof serveForTest>>;
const caller: Caller = {
  ...{ kind: 'staff', id: 'u1', name: 'Olga', email: 'olga@shop.example', role: 'owner' },
  permissions: new Set(['surveys.read', 'surveys.write']),
};

before(async () => {
  context = await testContext({ apps });
  server = await serveForTest(buildHttp(context, apps, async () => caller));
});
after(async () => {
  await server.close();
  await context.close();
});

async function api(method: string, path: string, body?: object) {
  const response = await fetch(server.url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: (await response.json()) as { id: string; error: { message: string } } };
}

/** A published survey with these answers to it, each as a complete response. */
async function answered(definition: Definition, answers: readonly object[]): Promise<string> {
  const id = await createSurvey(context, definition, 'Ada');
  await publish(context, id, 1, 'Ada');
  for (const answer of answers)
    await context.records.pool.query(
      `INSERT INTO surveys_responses (id, survey_id, version, secret_hash, channel, language, answers, state)
       VALUES ($1, $2, 1, 'x', 'link', 'en', $3, 'complete')`,
      [crypto.randomUUID(), id, JSON.stringify(answer)],
    );
  return id;
}

describe('templates of surveys', () => {
  for (const key of TEMPLATE_KEYS) {
    test(`"${key}" can be published as it is, in each of its languages, without anything to look at`, () => {
      for (const language of TEMPLATE_LANGUAGES) {
        const definition = fromTemplate(key, 'A survey', language);
        const unwanted = check(definition).filter((problem) => problem.code !== 'noChannel');
        assert.deepEqual(unwanted, [], language);
        assert.equal(definition.defaultLanguage, language);
        const facts = { answers: {}, traits: {}, fields: {}, language };
        assert.equal(walk(definition, facts).ending?.id, 'thanks');
      }
    });
  }

  test('ask who would not recommend what went wrong, and who would what they liked', () => {
    const definition = fromTemplate('nps', 'NPS');
    const shown = (score: number) =>
      walk(definition, { answers: { score }, traits: {}, fields: {}, language: 'en' }).questions.map(({ id }) => id);
    assert.deepEqual(shown(3), ['score', 'low', 'mayWrite']);
    assert.deepEqual(shown(8), ['score', 'middle']);
    assert.deepEqual(shown(10), ['score', 'high']);
  });

  test('fall back to English where their language is none of the five', () => {
    assert.equal(fromTemplate('fit', 'Fit', 'de').defaultLanguage, 'en');
  });
});

describe('the list of surveys', () => {
  test('shows each main score, and when it was last answered', async () => {
    const nps = await answered(fromTemplate('nps', 'NPS'), [
      { score: 10 },
      { score: 9 },
      { score: 7 },
      { score: 2 },
      {},
    ]);
    const csat = await answered(fromTemplate('csat', 'CSAT'), [
      { score: 5 },
      { score: 4 },
      { solved: { options: ['yes'] } },
    ]);
    const churn = await answered(fromTemplate('churn', 'Churn'), [{ why: { options: ['price'] } }]);
    const silent = await answered(fromTemplate('ces', 'CES'), []);
    const found = await overviewOf(context, [nps, csat, churn, silent]);
    const of = (id: string) => found.find((one) => one.id === id)!;
    assert.deepEqual(of(nps).score, { kind: 'nps', value: 25, scale: 10, answers: 4 });
    assert.deepEqual(of(csat).score, { kind: 'csat', value: 4.5, scale: 5, answers: 2 });
    assert.equal(of(churn).score, null);
    assert.ok(of(churn).lastAnswerAt);
    assert.equal(of(silent).score, null);
    assert.equal(of(silent).lastAnswerAt, null);
  });

  test('keeps the score of an anonymous survey to itself below its group size', async () => {
    const four = Array.from({ length: 4 }, () => ({ score: 10 }));
    const few = await answered(fromTemplate('enps', 'eNPS'), four);
    const enough = await answered(fromTemplate('enps', 'eNPS'), [...four, { score: 0 }]);
    const found = await overviewOf(context, [few, enough]);
    assert.equal(found.find((one) => one.id === few)!.score, null);
    assert.equal(found.find((one) => one.id === enough)!.score!.value, 60);
  });

  test('knows nothing of surveys that are not there', async () => {
    assert.deepEqual(await overviewOf(context, [crypto.randomUUID()]), []);
    assert.deepEqual(await overviewOf(context, []), []);
  });
});

describe('over HTTP', () => {
  test('a survey is made of a template; what is none is refused', async () => {
    const input = { template: 'csat', name: 'After the call', language: 'pl' };
    const made = await api('POST', '/api/surveys/from-template', input);
    assert.equal(made.status, 201);
    const { body } = await api('GET', `/api/surveys/${made.body.id}`);
    const { definition } = body as unknown as { definition: Definition };
    assert.equal(definition.name, 'After the call');
    assert.equal(definition.defaultLanguage, 'pl');
    for (const wrong of [{ template: 'none' }, { name: ' ' }, { name: 'x'.repeat(201) }, { language: '<b>' }])
      assert.equal((await api('POST', '/api/surveys/from-template', { ...input, ...wrong })).status, 400);
  });

  test('the overview takes a hundred surveys at once, and nothing else', async () => {
    const ids = (count: number) => Array.from({ length: count }, () => crypto.randomUUID()).join(',');
    assert.equal((await api('GET', `/api/surveys/overview?ids=${ids(100)}`)).status, 200);
    assert.equal((await api('GET', `/api/surveys/overview?ids=${ids(101)}`)).status, 400);
    assert.equal((await api('GET', '/api/surveys/overview?ids=1')).status, 400);
  });

  test('a test mail is refused where there is no mail server', async () => {
    const id = await answered(fromTemplate('nps', 'NPS'), []);
    const answer = await api('POST', `/api/surveys/${id}/test-mail`, {
      mail: { subject: { en: 'Hi' } },
      language: 'en',
    });
    assert.equal(answer.status, 409);
    assert.match(answer.body.error.message, /THROUGHLINE_MAIL_URL/);
  });
});

describe('results by question', () => {
  test('tell an NPS and a mean with the interval they lie in, and how many agreed', async () => {
    const scores = [10, 10, 9, 8, 7, 3];
    const id = await answered(
      Definition.parse({
        name: 'Three',
        questions: [
          { id: 'nps', kind: 'nps', title: { en: 'Recommend?' } },
          { id: 'ces', kind: 'ces', title: { en: 'Easy?' } },
          { id: 'may', kind: 'consent', title: { en: 'May we?' }, label: { en: 'Yes' } },
        ],
      }),
      scores.map((nps, n) => ({ nps, ces: 1 + n, ...(n < 2 ? { may: true } : {}) })),
    );
    const { questions } = await resultsOf(context, await surveyById(context, id), {});
    const [nps, ces, may] = questions;
    const net = netShare(3, 1, scores.length)!;
    const { nps: points, interval, good } = nps!.score!;
    assert.deepEqual([points, interval], [100 * net.value, { low: 100 * net.low, high: 100 * net.high }]);
    assert.ok(Math.abs(points! - 100 / 3) < 1e-9 && interval!.low < points! && interval!.high > points!);
    assert.deepEqual(good?.value, 3 / 6);
    assert.deepEqual([ces!.score!.mean, ces!.score!.nps], [3.5, null]);
    // Student's for five degrees of freedom.
    assert.ok(Math.abs(ces!.score!.interval!.low - (3.5 - 2.5706 * Math.sqrt(3.5 / 6))) < 1e-9);
    assert.deepEqual([may!.agreed, may!.answered], [{ count: 2, of: 6 }, 2]);
  });
});
