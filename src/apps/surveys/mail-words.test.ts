import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { MailServer } from '../../../test/mail-server.ts';
import { append, processAll, sent } from '../../core/stream/testing.ts';
import type { Context } from '../../kernel/context.ts';
import { runJobs } from '../../kernel/testing.ts';
import type { DefinitionInput } from './definition.ts';
import { factsOfMail, SUBJECT_LIMIT, subjectLine, VALUE_LIMIT } from './mail-words.ts';
import { sendDue } from './sendings.ts';
import type { SendingRow, SurveyDetail } from './shapes.ts';
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

type Body = SurveyDetail & SendingRow & { items: SendingRow[]; fields: object; error: { message: string } };
const api = (method: string, path: string, body?: unknown) => server.api(method, path, body);

async function person(userId: string, traits: object = {}): Promise<string> {
  await append(context, [
    sent({ type: 'identify', userId, traits: { email: `${userId}@customer.example`, ...traits } }),
  ]);
  await processAll(context);
  const { rows } = await context.records.pool.query<{ id: number }>(
    'SELECT p.root_id AS id FROM identifiers i JOIN persons p ON p.id = i.person_id WHERE i.value = $1',
    [userId],
  );
  return String(rows[0]!.id);
}

async function published(input: Partial<DefinitionInput> = {}): Promise<SurveyDetail> {
  const definition = {
    ...{ name: 'Mailed', openLink: false, repeat: { kind: 'every', days: 1 }, fields: ['order'] },
    questions: [
      {
        id: 'q1',
        kind: 'nps',
        title: { en: 'Order {{field:order|of yours}}, {{trait:first_name|friend}}?' },
        lowLabel: { en: 'No, {{trait:first_name|never}}' },
      },
    ],
    ...input,
  };
  const { body } = await api('POST', '/api/surveys', { definition });
  const live = await api('POST', `/api/surveys/${body.id}/publish`, { revision: 1 });
  assert.equal(live.status, 200, live.text);
  return live.body;
}

const mail = {
  subject: { en: 'Hello {{trait:first_name|there}}, about order {{ field:order | of yours }}' },
  intro: { en: 'Dear {{trait:first_name|customer}},\nyour plan is {{trait:plan|a good one}}.' },
};
const send = (survey: SurveyDetail, to: object, more: object = {}) =>
  api('POST', `/api/surveys/${survey.id}/sendings`, { to, mail: { ...mail, ...more } });
/** Does what is due, as each minute does; the mails that leave by it. */
async function minute() {
  const before = mails.messages.length;
  await sendDue(context, new AbortController().signal);
  await runJobs(context, surveyApps);
  return mails.messages.slice(before);
}

describe('the words of a mail about a survey', () => {
  it('say what is known of whom they are for, and else what to say instead', async () => {
    const survey = await published();
    const ids = [await person('pola', { first_name: 'Pola & <b>', plan: ['gold', 'plus'] }), await person('nemo')];
    const made = await send(survey, { people: ids }, { fields: { order: '7-A' } });
    assert.equal(made.status, 201, made.text);
    assert.deepEqual(made.body.mail.fields, { order: '7-A' });
    const left = await minute();
    const [pola, nemo] = ['pola', 'nemo'].map((name) => left.find(({ to }) => to.startsWith(name))!);
    assert.equal(pola!.subject, 'Hello Pola & <b>, about order 7-A');
    assert.match(pola!.text, /Dear Pola & <b>,\nyour plan is gold, plus\./);
    assert.match(pola!.html, /Dear Pola &amp; &lt;b&gt;,\s+your plan is gold, plus\./);
    assert.doesNotMatch(pola!.html, /<b>/);
    assert.match(pola!.html, /Order 7-A, Pola &amp; &lt;b&gt;\?/);
    assert.match(pola!.html, /No, Pola &amp; &lt;b&gt;</, 'also at the ends of a scale');
    assert.equal(nemo!.subject, 'Hello there, about order 7-A');
    assert.match(nemo!.text, /Dear customer,\nyour plan is a good one\./);
    const token = /\/s\/([\w-]{20,})/.exec(pola!.text)![1]!;
    const asked = { token, version: 1, language: 'en', channel: 'mail' };
    const begun = await api('POST', `/v1/surveys/${survey.id}/responses`, asked);
    assert.deepEqual(begun.body.fields, { order: '7-A' }, 'the page behind the link knows the same');
  });

  it('let no trait begin a header, a line or a link of its own', async () => {
    const survey = await published();
    const hostile = 'Eve\r\nBcc: all@shop.example\u2028X-Evil: 1\u202e\u0000\u0085';
    const ids = [
      await person('eve', { first_name: hostile, plan: 'gold\n\nPay here' }),
      await person('mallory', { first_name: 'Win at https://evil.example/x', plan: 'see evil.example now' }),
    ];
    await send(survey, { people: ids });
    const left = await minute();
    assert.deepEqual(left.map(({ to }) => to).sort(), ['eve@customer.example', 'mallory@customer.example']);
    const [eve, mallory] = ['eve', 'mallory'].map((name) => left.find(({ to }) => to.startsWith(name))!);
    const seen = (text: string) => text.replaceAll('\u2060', '');
    assert.equal(seen(eve!.subject), 'Hello Eve Bcc: all@shop.example X-Evil: 1, about order of yours');
    assert.match(eve!.text, /your plan is gold Pay here\./);
    assert.equal(mallory!.subject, 'Hello there, about order of yours');
    assert.doesNotMatch(mallory!.text + mallory!.html, /evil\.example/, 'a mail program would make a link of it');
    assert.match(seen(mallory!.text), /see evil\.example now/);
  });

  it('take hidden fields from the event that they follow, but not where nobody is to be known', async () => {
    const [open, anonymous] = [await published(), await published({ anonymous: true, groupSize: 3 })];
    const id = await person('follower');
    const event = { name: 'Order Delivered', where: [] };
    for (const survey of [open, anonymous])
      assert.equal((await send(survey, { event, hours: 0 }, { fields: { order: 'any' } })).status, 201);
    await append(context, [
      sent({
        ...{ userId: 'follower', event: 'Order Delivered', timestamp: new Date().toISOString() },
        properties: { order: 4711, first_name: 'not a field' },
      }),
    ]);
    await processAll(context);
    await minute();
    await context.records.pool.query("UPDATE surveys_invitations SET send_at = now() WHERE state = 'waiting'");
    await minute();
    const { rows } = await context.records.pool.query<{ survey: string; fields: object }>(
      'SELECT survey_id AS survey, fields FROM surveys_invitations WHERE person_id = $1',
      [id],
    );
    const fields = Object.fromEntries(rows.map((row) => [row.survey, row.fields]));
    assert.deepEqual(fields, { [open.id]: { order: '4711' }, [anonymous.id]: { order: 'any' } });
    const subjects = mails.messages.filter(({ to }) => to.startsWith('follower')).map(({ subject }) => subject);
    assert.deepEqual(subjects.sort(), ['Hello there, about order 4711', 'Hello there, about order any']);
  });

  it('may not ask for what no mail knows', async () => {
    const survey = await published();
    const refused = async (more: object, says: RegExp) => {
      const made = await send(survey, { people: ['1'] }, more);
      assert.equal(made.status, 400, made.text);
      assert.match(made.body.error.message, says);
    };
    await refused({ subject: { en: 'You said {{answer:q1}}' } }, /subject in "en" asks for "answer:q1"/);
    await refused({ intro: { pl: '{{ field:shop | x }}' } }, /intro in "pl" asks for "field:shop".* fields order\./);
    await refused({ fields: { shop: '1' } }, /no hidden field "shop"/);
    await refused({ fields: { order: 'x'.repeat(501) } }, /500/);
    const test = { mail: { ...mail, intro: { en: '{{answer:q1}}' } }, language: 'en' };
    assert.equal((await api('POST', `/api/surveys/${survey.id}/test-mail`, test)).status, 400);
    const mine = await api('POST', `/api/surveys/${survey.id}/test-mail`, {
      mail: { ...mail, fields: { order: '9' } },
      language: 'en',
    });
    assert.equal(mine.status, 200, mine.text);
    const [to] = await minute();
    assert.deepEqual([to!.to, to!.subject], ['olga@shop.example', 'Hello there, about order 9']);
  });

  it('stay one line of bounded length, whatever the values are', () => {
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.string({ unit: 'binary' })),
      fc.constantFrom('a\nb', '\u202eb', 'www.evil.example', 'x.pl/y', '\ud800', '𝒳'.repeat(150)),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(any, fc.string({ unit: 'binary' }), (value, text) => {
        const facts = factsOfMail({ answers: {}, traits: { value }, fields: {}, language: 'en' });
        const said = facts.traits.value as string;
        for (const [one, most] of [
          [said.replaceAll('\u2060', ''), VALUE_LIMIT],
          [subjectLine(text + said), SUBJECT_LIMIT],
        ] as const) {
          assert.doesNotMatch(one, /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
          assert.ok([...one].length <= most && one.isWellFormed());
        }
        assert.doesNotMatch(said, /:\/\/|www\.\p{L}/iu);
      }),
    );
  });

  it('of a mail that was begun before there were fields are sent as they were', async () => {
    const survey = await published();
    const id = await person('early');
    const { id: sending } = (await send(survey, { people: [id] })).body;
    await context.records.pool.query("UPDATE surveys_sendings SET mail = mail - 'fields' WHERE id = $1", [sending]);
    const [early] = await minute();
    assert.equal(early!.subject, 'Hello there, about order of yours');
    const shown = await api('GET', `/api/surveys/${survey.id}/sendings`);
    assert.deepEqual(shown.body.items[0]!.mail.fields, {});
  });
});
