import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { MailServer } from '../../../test/mail-server.ts';
import { requestErasure, runErasure } from '../../core/privacy/erasure.ts';
import { restrict } from '../../core/privacy/restrictions.ts';
import { subjectOf } from '../../core/privacy/subject.ts';
import { createSource } from '../../core/sources/sources.ts';
import { relayOutbox } from '../../core/stream/outbox.ts';
import { append, processAll, sent } from '../../core/stream/testing.ts';
import type { Context } from '../../kernel/context.ts';
import { runJobs } from '../../kernel/testing.ts';
import { surveys } from './app.ts';
import type { DefinitionInput } from './definition.ts';
import { createLinks } from './links.ts';
import { sendDue } from './sendings.ts';
import type { LinkRow, SendingRow, SurveyDetail } from './shapes.ts';
import { type SurveysServer, surveyApps, surveysServer } from './surveys.testing.ts';

let context: Context;
let server: SurveysServer<Body>;
let mails: MailServer;

before(async () => {
  server = await surveysServer();
  ({ context, mails } = server);
  await api('PUT', '/api/surveys/settings', { quietDays: 0 });
});
after(() => server.close());

type Body = SurveyDetail & {
  items: LinkRow[];
  links: { url: string; personId: string | null }[];
  responseId: string;
  secret: string;
  answers: Record<string, unknown>;
  traits: Record<string, unknown>;
  fields: Record<string, string>;
  error: { code: string };
};

const api = (method: string, path: string, body?: unknown) => server.api(method, path, body);

/** People as their own shop tells of them; their numbers. */
async function people(...list: { userId: string; traits?: object; consent?: object }[]): Promise<string[]> {
  await append(
    context,
    list.map(({ userId, traits, consent }) =>
      sent({
        type: 'identify',
        userId,
        traits: { email: `${userId}@customer.example`, ...traits },
        ...(consent && { context: { consent: { categoryPreferences: consent } } }),
      }),
    ),
  );
  await processAll(context);
  const { rows } = await context.records.pool.query<{ value: string; id: number }>(
    'SELECT i.value, p.root_id AS id FROM identifiers i JOIN persons p ON p.id = i.person_id WHERE i.value = ANY ($1)',
    [list.map(({ userId }) => userId)],
  );
  return list.map(({ userId }) => String(rows.find(({ value }) => value === userId)!.id));
}

async function published(input: Partial<DefinitionInput> = {}): Promise<SurveyDetail> {
  const title = { en: 'How likely, {{trait:first_name|friend}}?', pl: 'Jak bardzo, {{trait:first_name|osobo}}?' };
  const definition = {
    ...{ name: 'Mailed', languages: ['en', 'pl'], openLink: false, repeat: { kind: 'every', days: 1 } },
    questions: [
      { id: 'q1', kind: 'nps', title },
      { id: 'q2', kind: 'shortText', title: { en: 'Why?', pl: 'Czemu?' } },
    ],
    ...input,
  };
  const { body } = await api('POST', '/api/surveys', { definition });
  const live = await api('POST', `/api/surveys/${body.id}/publish`, { revision: 1 });
  assert.equal(live.status, 200, live.text);
  return live.body;
}

const mail = { subject: { en: 'A question', pl: 'Pytanie' }, intro: { en: 'Hello' } };
const send = (survey: SurveyDetail, to: object, more: object = {}) =>
  api('POST', `/api/surveys/${survey.id}/sendings`, { to, mail: { ...mail, ...more } });
const sending = async (survey: SurveyDetail) =>
  (await api('GET', `/api/surveys/${survey.id}/sendings`)).body.items[0] as unknown as SendingRow;
/** Does what is due, as each minute does. */
async function minute(): Promise<void> {
  await sendDue(context, new AbortController().signal);
  await runJobs(context, surveyApps);
}
const begin = (survey: SurveyDetail, token: string, more: object = {}) =>
  api('POST', `/v1/surveys/${survey.id}/responses`, { token, version: 1, language: 'en', channel: 'mail', ...more });
const put = (begun: { body: Body }, answers: object, more: object = {}) =>
  api('PUT', `/v1/surveys/responses/${begun.body.responseId}/answers`, {
    secret: begun.body.secret,
    version: 1,
    answers,
    ...more,
  });
const tokenIn = (text: string) => /\/s\/([\w-]{20,})/.exec(text)![1]!;

describe('a mail with a survey', () => {
  it('asks in the person’s language, with each answer a link that answers nothing by being opened', async () => {
    const [pola, john] = await people(
      { userId: 'pola', traits: { first_name: 'Pola <b>', language: 'pl-PL' } },
      { userId: 'john', traits: { first_name: 'John' } },
    );
    const survey = await published();
    const made = await send(survey, { people: [pola, john] });
    assert.equal(made.status, 201, made.text);
    await minute();
    const [first, second] = [...mails.messages].sort((a, b) => (a.to < b.to ? 1 : -1));
    assert.deepEqual([first!.to, first!.subject, second!.subject], ['pola@customer.example', 'Pytanie', 'A question']);
    assert.match(first!.html, /Jak bardzo, Pola &lt;b&gt;\?/);
    assert.match(second!.text, /How likely, John\?/);
    // What the ends of the scale mean stands in the mail as it does on the page.
    for (const words of [/Zdecydowanie nie/, /Zdecydowanie tak/])
      for (const body of [first!.html, first!.text]) assert.match(body, words);
    assert.match(second!.text, /^0 \(Not at all likely\): /m);
    const links = [...second!.html.matchAll(/question=q1&amp;answer=(\d+)/g)].map(([, value]) => value);
    assert.deepEqual(links, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
    const token = tokenIn(second!.text);
    const opened = await api('GET', `/s/${token}?lang=en&question=q1&answer=9`);
    assert.equal(opened.status, 200);
    assert.equal((await context.records.pool.query('SELECT FROM surveys_responses')).rowCount, 0);
    const begun = await begin(survey, token);
    assert.deepEqual(begun.body.traits, { first_name: 'John' });
    assert.equal((await put(begun, { q1: 9 }, { complete: true })).status, 200);
    assert.equal((await begin(survey, token)).body.error.code, 'link_used');
    assert.equal((await api('GET', `/s/${token}`)).status, 410);
    assert.deepEqual(
      (({ state, sent: left, answered, opened: seen }) => [state, left, answered, seen])(await sending(survey)),
      ['done', 2, 1, 1],
    );
    while ((await relayOutbox(context)) > 0);
    await processAll(context);
    const rows = await context.events.query<{ person: string; channel: string }>(
      "SELECT origin_id AS person, channel FROM events WHERE name = 'Survey Completed'",
    );
    assert.deepEqual(
      rows.map(({ person, channel }) => [String(person), channel]),
      [[john, 'email']],
    );
  });

  it('reaches nobody who may not be asked, and says how many and why', async () => {
    const ids = await people(
      { userId: 'plain' },
      { userId: 'nowhere', traits: { email: '' } },
      { userId: 'restricted' },
      { userId: 'objecting' },
      { userId: 'refusing', consent: { marketing: false } },
      { userId: 'granting', consent: { marketing: true } },
      { userId: 'leaving', consent: { marketing: true } },
    );
    const [, , restricted, objecting, , granting, leaving] = ids as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    await restrict(context, Number(restricted), { purpose: '', reason: 'test', by: 'test' });
    await restrict(context, Number(objecting), { purpose: 'marketing', reason: 'test', by: 'test' });
    await context.records.pool.query('INSERT INTO surveys_unsubscribed (person_id) VALUES ($1)', [leaving]);
    const survey = await published({ purpose: 'marketing' });
    const before = mails.messages.length;
    await send(survey, { people: [...ids, '999999'] });
    await minute();
    assert.deepEqual(
      mails.messages.slice(before).map(({ to }) => to),
      ['granting@customer.example'],
    );
    assert.deepEqual((await sending(survey)).skipped, {
      ...{ unknown: 1, noAddress: 1, restricted: 1, objected: 1, noConsent: 2, unsubscribed: 1 },
    });
    await api('PUT', '/api/surveys/settings', { quietDays: 7 });
    const other = await published();
    await send(other, { people: [granting] });
    await minute();
    assert.deepEqual((await sending(other)).skipped, { askedRecently: 1 });
    await api('PUT', '/api/surveys/settings', { quietDays: 0 });
  });

  it('can be ended by whoever gets it, by a button only', async () => {
    const [kim] = await people({ userId: 'kim' });
    await send(await published(), { people: [kim] });
    await minute();
    const token = tokenIn(mails.messages.at(-1)!.text);
    const off = async () =>
      (await context.records.pool.query('SELECT FROM surveys_unsubscribed WHERE person_id = $1', [kim])).rowCount;
    assert.match((await api('GET', `/s/off/${token}?lang=it`)).text, /Non inviarmene più/);
    assert.equal(await off(), 0);
    await fetch(`${server.url}/s/off/${token}`, { method: 'POST', body: 'List-Unsubscribe=One-Click' });
    assert.equal(await off(), 1);
    await fetch(`${server.url}/s/off/${token}`, { method: 'POST', body: 'again=1' });
    assert.equal(await off(), 0);
    assert.equal((await api('GET', '/s/off/nothing')).status, 404);
  });

  it('leaves in waves, stops when told, and follows an event once', async () => {
    const ids = await people(...['w1', 'w2', 'w3'].map((userId) => ({ userId })));
    const survey = await published();
    const before = mails.messages.length;
    const { body } = await send(survey, { people: ids }, { perHour: 2 });
    await minute();
    assert.equal(mails.messages.length - before, 2);
    assert.equal((await sending(survey)).waiting, 1);
    assert.equal((await api('POST', `/api/surveys/${survey.id}/sendings/${body.id}/stop`)).body.state, 'stopped');
    await context.records.pool.query("UPDATE surveys_invitations SET send_at = now() WHERE state = 'waiting'");
    await minute();
    assert.equal(mails.messages.length - before, 2);

    const after = await published({ touchpoint: 'Delivery' });
    const event = { name: 'Order Delivered', where: [{ property: 'country', oneOf: ['PL'] }] };
    await send(after, { event, hours: 2 });
    const at = (n: number) => new Date(Date.now() + n).toISOString();
    await append(context, [
      sent({ userId: 'w1', event: 'Order Delivered', properties: { country: 'PL' }, timestamp: at(1000) }),
      sent({ userId: 'w2', event: 'Order Delivered', properties: { country: 'DE' }, timestamp: at(1000) }),
      sent({
        userId: 'w3',
        event: 'Order Delivered',
        properties: { country: 'PL' },
        timestamp: '2020-01-01T00:00:00Z',
      }),
    ]);
    await processAll(context);
    for (const _ of [1, 2]) await minute();
    assert.deepEqual((({ waiting, sent: left }) => [waiting, left])(await sending(after)), [1, 0]);
    await context.records.pool.query("UPDATE surveys_invitations SET send_at = now() WHERE state = 'waiting'");
    await minute();
    assert.equal(mails.messages.at(-1)!.to, 'w1@customer.example');
    assert.equal((await sending(after)).state, 'running');
  });

  it('is not begun for a draft, without a subject, or for an audience that is not there', async () => {
    const { body } = await api('POST', '/api/surveys', { definition: { name: 'Draft' } });
    assert.equal((await send(body, { people: ['1'] })).status, 409);
    const survey = await published();
    assert.equal((await send(survey, { people: ['1'] }, { subject: { pl: 'Tylko' } })).status, 400);
    assert.equal((await send(survey, { audience: 999 })).status, 404);
  });

  it('goes to the members of an audience', async () => {
    await people({ userId: 'member' });
    const audience = await api('POST', '/api/audiences', { name: 'List', definition: { is: 'static' } });
    await api('POST', `/api/audiences/${audience.body.id}/list`, {
      format: 'json',
      content: '["member"]',
      kind: 'user_id',
    });
    await runJobs(context, surveyApps);
    const survey = await published();
    await send(survey, { audience: Number(audience.body.id) });
    await minute();
    assert.equal(mails.messages.at(-1)!.to, 'member@customer.example');
  });
});

describe('a link of one’s own', () => {
  it('goes on where it was left, and expires, is used up or taken back', async () => {
    const [ada] = await people({ userId: 'ada' });
    const survey = await published({ fields: ['order'] });
    const links = async (more: object = {}) =>
      (await api('POST', `/api/surveys/${survey.id}/links`, { people: [ada], fields: { order: '7' }, ...more })).body
        .links;
    const [link] = await links();
    const token = tokenIn(link!.url);
    const begun = await begin(survey, token, { channel: 'link', fields: { order: 'forged' } });
    assert.deepEqual(begun.body.fields, { order: '7' });
    await put(begun, { q1: 5 });
    const again = await begin(survey, token, { channel: 'link' });
    assert.equal(again.body.responseId, begun.body.responseId);
    assert.deepEqual(again.body.answers, { q1: 5 });
    assert.equal((await put(begun, { q1: 6 })).status, 403);
    assert.equal((await put(again, {}, { complete: true })).status, 200);
    const list = await api('GET', `/api/surveys/${survey.id}/links`);
    assert.deepEqual([list.body.items[0]!.state, list.body.items[0]!.personId], ['answered', ada]);
    const [late] = await links();
    await context.records.pool.query(
      "UPDATE surveys_invitations SET expires_at = now() - interval '1 day' WHERE answered_at IS NULL",
    );
    assert.equal((await begin(survey, tokenIn(late!.url))).body.error.code, 'link_expired');
    const [back] = await links();
    const { items } = (await api('GET', `/api/surveys/${survey.id}/links?limit=1`)).body;
    await api('DELETE', `/api/surveys/${survey.id}/links/${items[0]!.id}`);
    assert.equal((await begin(survey, tokenIn(back!.url))).body.error.code, 'link_revoked');
    assert.equal((await links({ people: [], count: 3 })).length, 3);
    assert.equal((await api('POST', `/api/surveys/${survey.id}/links`, { count: 1001 })).status, 400);
    const one = { personId: null, singleUse: true, expiresAt: new Date(Date.now() + 1000), fields: {} };
    await assert.rejects(createLinks(context.records.pool, String(survey.id), [one], 5), /may have 5 personal links/);
    const [other] = await links();
    assert.equal((await begin(await published(), tokenIn(other!.url))).status, 404);
  });

  it('of an anonymous survey is used up without the response knowing whose it was', async () => {
    const [eve] = await people({ userId: 'eve' });
    const survey = await published({ anonymous: true, groupSize: 3 });
    const { links } = (await api('POST', `/api/surveys/${survey.id}/links`, { people: [eve] })).body;
    const token = tokenIn(links[0]!.url);
    const begun = await begin(survey, token, { channel: 'link' });
    assert.equal((await put(begun, { q1: 2 }, { complete: true })).status, 403);
    assert.equal((await put(begun, { q1: 2 }, { complete: true, token })).status, 200);
    assert.equal((await begin(survey, token)).body.error.code, 'link_used');
    const { rows } = await context.records.pool.query(
      'SELECT person_id, invitation_id FROM surveys_responses WHERE survey_id = $1',
      [survey.id],
    );
    assert.deepEqual(rows, [{ person_id: null, invitation_id: null }]);
  });
});

describe('a person who is erased', () => {
  it('is exported before with all they answered, and leaves nothing behind', async () => {
    const [gone] = await people({ userId: 'gone-person' });
    const survey = await published({
      questions: [
        { id: 'q1', kind: 'shortText', title: { en: 'Who?', pl: 'Kto?' } },
        { id: 'f', kind: 'file', title: { en: 'Show', pl: 'Pokaż' } },
      ],
    });
    await send(survey, { people: [gone, '999999'] });
    await minute();
    const begun = await begin(survey, tokenIn(mails.messages.at(-1)!.text));
    const path = `/v1/surveys/responses/${begun.body.responseId}/files?secret=${begun.body.secret}&question=f&name=a.pdf`;
    const file = await fetch(server.url + path, { method: 'POST', body: '%PDF-1.7 gone' });
    const { id, name } = (await file.json()) as { id: string; name: string };
    await put(begun, { q1: 'I am leaving', f: [{ id, name }] }, { complete: true });
    const subject = (await subjectOf(context.records.pool, Number(gone)))!;
    const exported: Record<string, object[]> = {};
    for (const place of surveys.personalData!)
      for await (const { file: to, rows } of place.export(context, subject))
        exported[to] = [...(exported[to] ?? []), ...rows];
    assert.deepEqual(Object.keys(exported).sort(), [
      'survey-asked',
      'survey-files',
      'survey-invitations',
      'survey-responses',
    ]);
    assert.match(JSON.stringify(exported['survey-responses']), /I am leaving/);
    while ((await relayOutbox(context)) > 0);
    await processAll(context);
    const erasure = await requestErasure(context, Number(gone), 'Dora');
    await runErasure(context, surveyApps, erasure.id, { last: false });
    const left = async (sql: string) => (await context.records.pool.query(sql, [survey.id])).rowCount;
    assert.equal(await left('SELECT FROM surveys_responses WHERE survey_id = $1'), 0);
    assert.equal(await left("SELECT FROM surveys_invitations WHERE survey_id = $1 AND state = 'sent'"), 0);
    assert.equal(await left('SELECT FROM surveys_seen WHERE survey_id = $1'), 0);
    assert.equal(await context.blobs.size(`surveys/files/${begun.body.responseId}/${id}`), null);
    assert.deepEqual((await sending(survey)).to, { people: ['999999'] });
    const open = await published();
    const { writeKey } = await createSource(context, { name: 'Shop', kind: 'browser' });
    const own = { ...open.definition, openLink: true };
    const saved = await api('PUT', `/api/surveys/${open.id}`, { revision: open.revision, definition: own });
    await api('POST', `/api/surveys/${open.id}/publish`, { revision: saved.body.revision });
    const back = { version: 2, language: 'en', channel: 'api', writeKey, userId: 'gone-person', answers: { q1: 1 } };
    assert.equal((await api('POST', `/v1/surveys/${open.id}/responses`, back)).status, 201);
    assert.equal(await left("SELECT FROM surveys_responses WHERE user_id = 'gone-person' OR survey_id = $1"), 0);
  });
});
