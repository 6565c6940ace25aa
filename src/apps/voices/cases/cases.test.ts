import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startMailServer } from '../../../../test/mail-server.ts';
import { core } from '../../../core/index.ts';
import { relayOutbox } from '../../../core/stream/outbox.ts';
import { append, processAll, sent } from '../../../core/stream/testing.ts';
import type { Caller } from '../../../kernel/caller.ts';
import type { Context } from '../../../kernel/context.ts';
import { buildHttp } from '../../../kernel/http.ts';
import { runJobs, testContext } from '../../../kernel/testing.ts';
import { serveForTest } from '../../../kernel/testing-http.ts';
import { apps } from '../../index.ts';
import { followVoices } from '../follow.ts';
import { understandVoices } from '../understand.ts';
import type { CaseDetail, CaseSummary } from './cases.ts';
import { hasOpenCase } from './cases.ts';
import { fits } from './fitting.ts';
import { CALLS_A_MINUTE } from './page.ts';
import { Conditions } from './rules.ts';
import type { CasesSummary } from './summary.ts';

const all = [...core, ...apps];
let context: Context & { close(): Promise<void> };
let server: Awaited<ReturnType<typeof serveForTest>>;
let mails: Awaited<ReturnType<typeof startMailServer>>;
const caller: Caller = {
  ...{ kind: 'staff', id: 'agent-1', name: 'Ann', email: 'ann@shop.example', role: 'owner' },
  permissions: new Set(['voices.read', 'voices.write']),
};

before(async () => {
  mails = await startMailServer();
  context = await testContext({ apps: all, environment: { THROUGHLINE_MAIL_URL: mails.url } });
  server = await serveForTest(buildHttp(context, all, async () => caller));
  for (const id of ['agent-1', 'agent-2'])
    await context.records.pool.query(
      `INSERT INTO staff_users (id, name, email, role) VALUES ($1, $1, $1 || '@shop.example', 'owner')`,
      [id],
    );
});
after(async () => {
  await server.close();
  await mails.close();
  await context.close();
});

const api = async <T>(method: string, path: string, body?: unknown, status?: number): Promise<T> => {
  const answer = await fetch(server.url + path, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert.ok(status === undefined ? answer.ok : answer.status === status, `${method} ${path}: ${answer.status} ${text}`);
  return (text ? JSON.parse(text) : null) as T;
};

let responses = 0;
const said = (userId: string, properties: object, more: object = {}) =>
  sent({
    ...{ event: 'Question Answered', userId, anonymousId: `device-${userId}`, channel: 'web' },
    properties: { responseId: `r${++responses}`, questionId: 'q1', survey: 'After delivery', ...properties },
    timestamp: new Date().toISOString(),
    ...more,
  });
const understood = async () => {
  await processAll(context);
  await followVoices(context);
  await understandVoices(context);
};
const cases = (query = '') => api<{ items: CaseSummary[] }>('GET', `/api/voices/cases?${query}`);

describe('cases', () => {
  it('a low score opens one, with an owner and a due time, and the owner is told', async () => {
    // What is followed begins here.
    await followVoices(context);
    await api('POST', '/api/voices/rules', {
      ...{ name: 'Unhappy after delivery', owners: ['agent-1', 'agent-2'], dueHours: 8 },
      conditions: { scoreAtMost: 6, scoreKinds: ['nps'] },
    });
    await append(context, [
      sent({
        type: 'identify',
        userId: 'ada',
        traits: { email: 'ada@customer.example', name: 'Ada' },
        anonymousId: 'device-ada',
      }),
      said('ada', { kind: 'nps', score: 3, scale: 10, responseId: 'first', language: 'pl' }),
      said('bob', { kind: 'nps', score: 9, scale: 10 }),
      said('eve', { kind: 'csat', score: 1, scale: 5 }),
    ]);
    await understood();
    const { items } = await cases();
    assert.equal(items.length, 1);
    const [one] = items;
    assert.deepEqual(
      [one!.person.name, one!.score, one!.state, one!.rule],
      ['Ada', 3, 'open', 'Unhappy after delivery'],
    );
    assert.ok(one!.owner);
    const hours = (Date.parse(one!.dueAt) - Date.parse(one!.openedAt)) / 3_600_000;
    assert.ok(Math.abs(hours - 8) < 0.01);
    assert.equal(await hasOpenCase(context, Number(one!.person.id)), true);
    await runJobs(context, all);
    const [mail] = mails.messages;
    assert.match(mail!.text, /within 8 hours/);
  });

  it('words that come later join it, and what the customer says besides is noted there', async () => {
    await append(context, [
      said('ada', {
        kind: 'longText',
        text: 'Paczka przyszła bardzo późno i była uszkodzona.',
        responseId: 'first',
        questionId: 'q2',
      }),
      said('ada', { kind: 'nps', score: 0, scale: 10, responseId: 'second' }),
    ]);
    await understood();
    const { items } = await cases('state=waiting');
    assert.equal(items.length, 1);
    assert.match(items[0]!.text, /uszkodzona/);
    const detail = await api<CaseDetail>('GET', `/api/voices/cases/${items[0]!.id}`);
    assert.deepEqual(
      detail.steps.map(({ kind }) => kind),
      ['opened', 'said'],
    );
    assert.equal(detail.mailTo, 'ada@customer.example');
  });

  it('is answered by mail in the language of the customer, who says on a page whether it was solved', async () => {
    const [one] = (await cases('state=waiting')).items;
    const path = `/api/voices/cases/${one!.id}`;
    const answered = await api<CaseDetail>('POST', `${path}/answers`, {
      text: 'Przepraszamy. Wysłaliśmy nową paczkę.',
    });
    assert.equal(answered.state, 'answered');
    await runJobs(context, all);
    const mail = mails.messages.find(({ to }) => to.includes('ada@customer.example'))!;
    assert.match(mail.text, /Wysłaliśmy nową paczkę/);
    assert.match(mail.text, /Czy sprawa została rozwiązana/);
    const link = /https?:\/\/\S+\/case\/(\S+)/.exec(mail.text)![1]!;
    const page = await fetch(`${server.url}/case/${link}`);
    assert.match(await page.text(), /Czy rozwiązaliśmy/);
    const say = (solved: string, text = '') =>
      fetch(`${server.url}/case/${link}`, { method: 'POST', body: new URLSearchParams({ solved, text }) });
    assert.equal((await say('maybe')).status, 400);
    await say('no', 'Nadal uszkodzona <script>');
    assert.equal((await api<CaseDetail>('GET', path)).state, 'open');
    await say('yes');
    const closed = await api<CaseDetail>('GET', path);
    assert.deepEqual([closed.state, closed.outcome], ['closed', 'recovered']);
    assert.equal(await hasOpenCase(context, Number(closed.person.id)), false);
    await api('POST', `${path}/answers`, { text: 'Once more' }, 409);
    await relayOutbox(context);
    await processAll(context);
    const told = await context.events.query<{ name: string }>(
      "SELECT name FROM events WHERE name LIKE 'Case %' ORDER BY name",
    );
    assert.deepEqual(
      told.map(({ name }) => name),
      ['Case Answered', 'Case Closed', 'Case Opened'],
    );
  });

  it('is looked at by topic, word, mood and the value of the customer', async () => {
    await api('POST', '/api/voices/rules', {
      ...{ name: 'Valuable and angry', dueHours: 2 },
      conditions: { words: ['refund'], moods: ['negative'], trait: { name: 'lifetimeValue', atLeast: 1000 } },
    });
    await append(context, [
      sent({ type: 'identify', userId: 'rich', traits: { lifetimeValue: 5000 } }),
      sent({ type: 'identify', userId: 'poor', traits: { lifetimeValue: 5 } }),
      ...['rich', 'poor'].map((userId) =>
        sent({
          ...{ event: 'Feedback Given', userId, timestamp: new Date().toISOString() },
          properties: {
            text: 'This is terrible and awful. I hate it. I want a refund now!',
            feedbackId: crypto.randomUUID(),
          },
        }),
      ),
    ]);
    await understood();
    const found = (await cases()).items.filter(({ rule }) => rule === 'Valuable and angry');
    assert.equal(found.length, 1);
    assert.equal(found[0]!.mood, 'negative');
  });

  it('tells how soon customers are answered and how many are won back', async () => {
    const summary = await api<CasesSummary>('GET', '/api/voices/cases/summary');
    assert.deepEqual(
      [summary.opened, summary.answered, summary.waiting, summary.outcomes],
      [2, 1, 1, { recovered: 1 }],
    );
    assert.equal(summary.recovered!.value, 1);
    assert.equal(summary.inTime!.value, 1);
    assert.ok(summary.hoursToAnswer! < 1);
    await api('GET', '/api/voices/cases/summary?from=2026-02-01&to=2026-01-01', undefined, 400);
  });

  it('compares what customers did later: those who were answered with those who were not', async () => {
    await append(context, [
      sent({
        userId: 'ada',
        event: 'Order Completed',
        channel: 'web',
        properties: { total: 10, currency: 'EUR' },
        timestamp: new Date(Date.now() - 30 * 86_400_000).toISOString(),
      }),
    ]);
    await processAll(context);
    await context.records.pool.query(
      `UPDATE voices_cases SET opened_at = now() - interval '40 days', answered_at = CASE WHEN answered_at IS NULL THEN NULL ELSE now() - interval '39 days' END`,
    );
    const { after: later } = await api<CasesSummary>('GET', '/api/voices/cases/summary');
    assert.deepEqual([later.answered.customers, later.answered.bought!.value], [1, 1]);
    assert.deepEqual([later.not.customers, later.not.bought!.value], [1, 0]);
  });

  it('refuses owners who are none, links that are forged, rules without a condition', async () => {
    const rule = { name: 'x', conditions: { scoreAtMost: 3 } };
    await api('POST', '/api/voices/rules', { ...rule, owners: ['nobody'] }, 400);
    await api('POST', '/api/voices/rules', { ...rule, conditions: { of: ['Review Posted'] } }, 400);
    await api('POST', '/api/voices/rules', { ...rule, name: 'x'.repeat(10_000) }, 400);
    for (const token of ['1', `1.${'a'.repeat(32)}`, `999999.${'b'.repeat(32)}`, '%00'])
      assert.equal((await fetch(`${server.url}/case/${token}`)).status, 404, token);
    const [one] = (await cases()).items;
    await api('PATCH', `/api/voices/cases/${one!.id}`, { owner: 'nobody' }, 400);
    await api('GET', '/api/voices/cases/999999999', undefined, 404);
    await api('GET', '/api/voices/cases?cursor=x', undefined, 400);
  });

  it('takes so many calls of one network a minute', async (test) => {
    // On a slow machine the minute would pass meanwhile.
    test.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const call = async () => (await fetch(`${server.url}/case/1.${'a'.repeat(32)}`)).status;
    const statuses = await Promise.all(Array.from({ length: CALLS_A_MINUTE + 20 }, call));
    assert.ok(statuses.includes(429) && statuses.every((status) => status === 404 || status === 429));
  });

  it('goes with its customer when they are erased', async () => {
    const data = all.flatMap((app) => app.personalData ?? []).find(({ name }) => name === 'voices.cases')!;
    const { rows } = await context.records.pool.query('SELECT origin_id FROM voices_cases');
    const subject = { origins: rows.map((row) => row.origin_id), identifiers: [] };
    const exported = await Array.fromAsync(data.export(context, subject));
    assert.match(JSON.stringify(exported), /Nadal uszkodzona/);
    await data.erase(context, subject);
    assert.equal((await cases()).items.length, 0);
  });
});

it('a word of a rule is the beginning of a word, in any writing', () => {
  const is = (word: string, text: string) =>
    fits(Conditions.parse({ words: [word] }), {
      ...{ of: '', text, language: '', score: null, scoreKind: null, surveyId: null, mood: null },
      ...{ topics: new Set(), traits: new Map() },
    });
  assert.ok(is('late', 'It came LATE') && is('late', 'lately') && !is('late', 'a plate'));
  assert.ok(is('退款', '我要退款！') && is('возврат', 'Хочу возврата') && !is('врат', 'возврат'));
});
