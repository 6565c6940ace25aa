import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { startMailServer } from '../../../test/mail-server.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { runJobs, testContext } from '../../kernel/testing.ts';
import { LANGUAGES } from '../../kernel/text.ts';
import { core } from '../index.ts';
import {
  AN_HOUR_LIMIT,
  closeUnproven,
  DUE_DAYS,
  MESSAGE_LIMIT,
  PROOF_DAYS,
  type RequestDetail,
  type RequestSummary,
  tokenOf,
  WAITING_LIMIT,
} from './requests.ts';

type Answer = RequestDetail & { items: RequestSummary[]; nextCursor: string | null; error: { message: string } };

let context: Context & { close(): Promise<void> };
let mailServer: Awaited<ReturnType<typeof startMailServer>>;
let http: ReturnType<typeof buildHttp>;
let caller: Caller;
let sender = 1;

const INFO = { attempt: 1, last: false, signal: new AbortController().signal, apps: core };
const everything = new Set(core.flatMap((app) => Object.keys(app.permissions ?? {})));
const officer: Caller = {
  kind: 'staff',
  id: 'u1',
  name: 'Olga',
  email: 'olga@shop.example',
  role: 'owner',
  permissions: everything,
  hidesPersonalData: false,
};

before(async () => {
  mailServer = await startMailServer();
  context = await testContext({
    apps: core,
    environment: {
      THROUGHLINE_MAIL_URL: mailServer.url,
      THROUGHLINE_MAIL_FROM: 'Shop <privacy@shop.example>',
      THROUGHLINE_PROXIES: '1',
    },
  });
  http = buildHttp(context, core, async () => caller);
  caller = officer;
});
after(async () => {
  await context?.close();
  await mailServer?.close();
});

/** Each from an address of its own, unless told. */
const headers = (from = sender++) => ({
  'content-type': 'application/x-www-form-urlencoded',
  'x-forwarded-for': `203.0.113.${from % 250}`,
});
const ask = (fields: Record<string, string>, language = 'en', from?: number) =>
  http.request(`/your-data?lang=${language}`, {
    method: 'POST',
    headers: headers(from),
    body: new URLSearchParams({ kind: 'access', email: 'kim@customer.example', ...fields }).toString(),
  });
const api = async (method: string, path: string, body?: object) => {
  const answer = await http.request(path, {
    method,
    headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.251' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, body: (await answer.json()) as Answer };
};
/** The last mail that went out, once all have. */
const nextMail = async () => {
  await runJobs(context, core);
  return mailServer.messages.at(-1)!;
};
const linkIn = (text: string) => new URL(/http\S+token=\S+/.exec(text)![0]);
const onPage = (url: URL, init?: RequestInit) => http.request(`${url.pathname}${url.search}`, init);
const act = (url: URL, action: string) => onPage(url, { method: 'POST', headers: headers(), body: `action=${action}` });

/** A customer with an address, as the stream would make one. */
async function customer(email: string): Promise<number> {
  const { rows } = await context.records.pool.query<{ id: number }>(
    `WITH made AS (INSERT INTO persons (id, root_id, source_id, traits)
       SELECT n, n, 1, '{"plan": ["gold", 1700000000000, 1]}' FROM (SELECT coalesce(max(id), 0) + 1 AS n FROM persons) AS next RETURNING id)
     INSERT INTO identifiers (kind_id, value, person_id, first_seen_at, source_id)
     SELECT (SELECT id FROM identifier_kinds WHERE kind = 'email'), $1, id, now(), 1 FROM made RETURNING person_id AS id`,
    [email],
  );
  return rows[0]!.id;
}

describe('somebody who asks for their data', () => {
  it('does so on a page in each language, with no script and nothing from elsewhere', async () => {
    for (const language of Object.keys(LANGUAGES)) {
      const page = await http.request('/your-data', { headers: { 'accept-language': `xx, ${language};q=0.8` } });
      const text = await page.text();
      assert.equal(page.status, 200);
      assert.match(text, new RegExp(`<html lang="${language}">`));
      assert.doesNotMatch(text, /<script|\{\{|https?:\/\//);
      assert.match(page.headers.get('content-security-policy') ?? '', /default-src 'self'/);
    }
  });

  it('proves the address by a link from a mail, which changes nothing by being opened', async () => {
    const person = await customer('ada@customer.example');
    const sent = await ask(
      { kind: 'access', email: ' Ada@Customer.example ', name: 'Ada', message: 'All of it' },
      'it',
    );
    assert.equal(sent.status, 200);
    const mail = await nextMail();
    assert.equal(mail.to, 'ada@customer.example');
    assert.match(mail.subject, /Conferma la tua richiesta/);
    const link = linkIn(mail.text);
    assert.match(await (await onPage(link)).text(), /È la tua richiesta\?/);
    const { body } = await api('GET', '/api/requests?q=ada@');
    assert.equal(body.items[0]!.state, 'unproven');
    assert.equal(body.items[0]!.personId, null);
    assert.equal((await act(link, 'confirm')).status, 303);
    const { body: proven } = await api('GET', `/api/requests/${body.items[0]!.id}`);
    assert.equal(proven.state, 'open');
    assert.equal(proven.provenBy, 'mail');
    assert.equal(proven.personId, String(person));
    const days = (Date.parse(proven.dueAt) - Date.parse(proven.receivedAt)) / 86_400_000;
    assert.equal(Math.round(days), DUE_DAYS);
  });

  it('gets an archive to download from the same link when the desk makes it', async () => {
    const { body: list } = await api('GET', '/api/requests?q=ada@');
    const id = list.items[0]!.id;
    const before = await api('POST', `/api/requests/${id}/fulfil`, { answer: 'Here it is.' });
    assert.equal(before.status, 200, JSON.stringify(before.body));
    await runJobs(context, core);
    await core
      .flatMap((app) => Object.entries(app.jobs ?? {}))
      .find(([name]) => name === 'requests.finish')![1]
      .run(context, {}, INFO);
    const mail = await nextMail();
    assert.match(mail.subject, /conclusa/);
    const link = linkIn(mail.text);
    const page = await (await onPage(link)).text();
    const download = /href="(\/your-data\/archive[^"]+)"/.exec(page);
    assert.ok(download, page);
    const archive = await http.request(download[1]!.replaceAll('&amp;', '&'));
    assert.equal(archive.status, 200);
    const bytes = Buffer.from(await archive.arrayBuffer());
    assert.equal(bytes.subarray(0, 2).toString(), 'PK');
  });

  it('proves nothing and gets nothing by the link of whoever filled in the form', async () => {
    await customer('eve@customer.example');
    await ask({ email: 'eve@customer.example', message: 'typed by somebody else' });
    const { body: list } = await api('GET', '/api/requests?q=eve@');
    const id = Number(list.items[0]!.id);
    const link = new URL(`http://x/your-data/request?token=${tokenOf(context, id, 'status')}`);
    const page = await (await onPage(link)).text();
    assert.doesNotMatch(page, /value="confirm"|eve@/);
    await act(link, 'confirm');
    assert.equal((await api('GET', `/api/requests/${id}`)).body.state, 'unproven');
    await api('POST', `/api/requests/${id}/proof`, { how: 'on the telephone' });
    await api('POST', `/api/requests/${id}/fulfil`, { answer: 'For Eve alone.' });
    await runJobs(context, core);
    await finish();
    assert.equal((await api('GET', `/api/requests/${id}`)).body.state, 'done');
    const done = await (await onPage(link)).text();
    assert.match(done, /Done/);
    assert.doesNotMatch(done, /archive|For Eve alone/);
    const archive = new URL(link.href.replace('/request?', '/archive?'));
    assert.match((await onPage(archive)).headers.get('content-type') ?? '', /html/);
  });

  it('is erased on request: told before, gone after, and the request keeps no address', async () => {
    const person = await customer('gone@customer.example');
    await ask({ kind: 'erasure', email: 'gone@customer.example', name: 'Gone Person', message: 'Please' });
    const link = linkIn((await nextMail()).text);
    await act(link, 'confirm');
    const { body: list } = await api('GET', '/api/requests?q=gone@');
    const id = list.items[0]!.id;
    assert.equal(list.items[0]!.personId, String(person));
    assert.equal((await api('POST', `/api/requests/${id}/fulfil`, {})).status, 200);
    const mail = mailServer.messages.at(-1)!;
    assert.match(mail.subject, /erases your data/);
    await runJobs(context, core);
    await finish();
    const { body: after } = await api('GET', `/api/requests/${id}`);
    assert.equal(after.state, 'done', JSON.stringify(after));
    assert.equal(after.email + after.name + after.message, '');
    assert.equal((await api('GET', `/api/people/${person}`)).status, 404);
    assert.match(await (await onPage(link)).text(), /Done/);
  });

  it('can withdraw the request', async () => {
    await ask({ email: 'back@customer.example' });
    const link = linkIn((await nextMail()).text);
    await act(link, 'confirm');
    await act(link, 'withdraw');
    const { body } = await api('GET', '/api/requests?q=back@');
    assert.equal(body.items[0]!.state, 'withdrawn');
  });
});

const finish = () =>
  core
    .flatMap((app) => Object.entries(app.jobs ?? {}))
    .find(([name]) => name === 'requests.finish')![1]
    .run(context, {}, INFO);

describe('the request page', () => {
  it('says what is wrong, keeps what was typed, and takes it as text', async () => {
    const hostile = '"><script>alert(1)</script>';
    const answer = await ask({ email: 'nonsense', name: hostile, message: hostile });
    const text = await answer.text();
    assert.equal(answer.status, 400);
    assert.match(text, /Please check: the e-mail address/);
    assert.doesNotMatch(text, /<script>alert/);
    assert.match(text, /&#60;script|&lt;script/);
    assert.equal((await ask({ kind: 'everything' })).status, 400);
    assert.equal((await ask({ message: 'x'.repeat(MESSAGE_LIMIT + 1) })).status, 400);
    assert.equal((await ask({ message: 'x'.repeat(70_000) })).status, 413);
  });

  it('takes only so many from one client, and only so many for one address', async () => {
    for (let i = 0; i < AN_HOUR_LIMIT; i++)
      assert.equal((await ask({ email: `n${i}@customer.example` }, 'en', 240)).status, 200);
    assert.equal((await ask({ email: 'more@customer.example' }, 'en', 240)).status, 429);
    const from = (address: string, email: string) =>
      http.request('/your-data', {
        method: 'POST',
        headers: { ...headers(), 'x-forwarded-for': address },
        body: new URLSearchParams({ kind: 'access', email }).toString(),
      });
    for (let i = 0; i < AN_HOUR_LIMIT; i++)
      assert.equal((await from(`2001:db8:1:2::${i + 1}`, `v${i}@customer.example`)).status, 200);
    assert.equal((await from('2001:db8:1:2:ffff::1', 'v@customer.example')).status, 429, 'one subscriber of IPv6');
    assert.equal((await from('2001:db8:1:3::1', 'v@customer.example')).status, 200);
    for (let i = 0; i < WAITING_LIMIT; i++) assert.equal((await ask({ email: 'victim@customer.example' })).status, 200);
    assert.equal((await ask({ email: 'victim@customer.example' })).status, 429);
  });

  it('takes nothing from a program that fills in what people do not see', async () => {
    assert.equal((await ask({ email: 'bot@customer.example', website: 'https://spam.example' })).status, 200);
    assert.equal((await api('GET', '/api/requests?q=bot@')).body.items.length, 0);
  });

  it('opens for no token but a true one', async () => {
    const { body } = await api('GET', '/api/requests?limit=1');
    const token = tokenOf(context, Number(body.items[0]!.id));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc
            .nat(token.length - 1)
            .map((at) => `${token.slice(0, at)}${token[at] === 'x' ? 'y' : 'x'}${token.slice(at + 1)}`),
        ),
        async (wrong) => {
          const answer = await http.request(`/your-data/request?token=${encodeURIComponent(wrong)}`);
          return answer.status === 404;
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the request desk', () => {
  before(() => runJobs(context, core));

  it('takes what came by letter, and notes how it was proved', async () => {
    const made = await api('POST', '/api/requests', {
      kind: 'correction',
      email: 'letter@customer.example',
      name: 'Lea',
      message: 'My name is Lea',
      language: 'pl',
    });
    assert.equal(made.status, 201);
    assert.match((await nextMail()).subject, /Potwierdź/);
    assert.equal((await api('POST', `/api/requests/${made.body.id}/fulfil`, {})).status, 409);
    await api('POST', `/api/requests/${made.body.id}/proof`, { how: 'identity card in the shop' });
    const done = await api('POST', `/api/requests/${made.body.id}/fulfil`, { answer: 'Poprawione.' });
    assert.equal(done.body.state, 'done');
    assert.deepEqual(
      done.body.steps.map((step) => step.action),
      ['received', 'proven', 'done'],
    );
    assert.match((await nextMail()).text, /Poprawione\./);
  });

  it('extends a request once, with the reason, and tells the customer', async () => {
    const made = await api('POST', '/api/requests', { kind: 'correction', email: 'later@customer.example' });
    await nextMail();
    await api('POST', `/api/requests/${made.body.id}/proof`, { how: 'called back' });
    const extended = await api('PATCH', `/api/requests/${made.body.id}`, { extendBecause: 'Many systems' });
    assert.equal(Math.round((Date.parse(extended.body.dueAt) - Date.parse(made.body.dueAt)) / 86_400_000), 60);
    assert.match((await nextMail()).text, /Many systems/);
    assert.equal((await api('PATCH', `/api/requests/${made.body.id}`, { extendBecause: 'Again' })).status, 409);
  });

  it('refuses with a reason, and a request that is closed stays so', async () => {
    const made = await api('POST', '/api/requests', {
      kind: 'objection',
      email: 'no@customer.example',
      purpose: 'marketing',
    });
    await nextMail();
    await api('POST', `/api/requests/${made.body.id}/proof`, { how: 'called back' });
    const refused = await api('POST', `/api/requests/${made.body.id}/refusal`, { because: 'We do not know you.' });
    assert.equal(refused.body.state, 'refused');
    assert.match((await nextMail()).text, /We do not know you\.[\s\S]*authority/);
    for (const [method, path, body] of [
      ['POST', 'fulfil', {}],
      ['POST', 'refusal', { because: 'x' }],
    ] as const) {
      assert.equal((await api(method, `/api/requests/${made.body.id}/${path}`, body)).status, 409);
    }
  });

  it('needs the permission for the deed, not only the one to answer', async () => {
    const made = await api('POST', '/api/requests', { kind: 'erasure', email: 'deed@customer.example' });
    await nextMail();
    await api('POST', `/api/requests/${made.body.id}/proof`, { how: 'called back' });
    caller = { ...officer, permissions: new Set(['requests.read', 'requests.write']) };
    const answer = await api('POST', `/api/requests/${made.body.id}/fulfil`, {});
    caller = officer;
    assert.equal(answer.status, 403);
    assert.match(answer.body.error.message, /privacy\.erase/);
  });

  it('lists what is due first, page by page, and misses none', async () => {
    const seen: string[] = [];
    for (let cursor = ''; ; ) {
      const { body } = await api('GET', `/api/requests?limit=4&cursor=${cursor}`.replace(/&cursor=$/, ''));
      seen.push(...body.items.map((one) => one.id));
      if (!body.nextCursor) break;
      cursor = body.nextCursor;
    }
    const { body } = await api('GET', '/api/requests?limit=200');
    assert.deepEqual(
      seen,
      body.items.map((one) => one.id),
    );
    assert.equal(new Set(seen).size, seen.length);
    const open = body.items.filter((one) => one.closedAt === null).map((one) => one.dueAt);
    assert.deepEqual(open, open.toSorted());
  });

  it('reminds who answers of what is due within a week, and closes what nobody proved', async () => {
    await context.records.pool.query(
      `INSERT INTO staff_users (id, name, email, role) VALUES ('u1', 'Olga', 'olga@shop.example', 'owner')`,
    );
    const { body: made } = await api('POST', '/api/requests', { kind: 'correction', email: 'soon@customer.example' });
    await nextMail();
    await api('POST', `/api/requests/${made.id}/proof`, { how: 'called back' });
    await context.records.pool.query(`UPDATE requests SET due_at = now() + interval '3 days' WHERE id = $1`, [made.id]);
    await core
      .flatMap((app) => Object.entries(app.jobs ?? {}))
      .find(([name]) => name === 'requests.remind')![1]
      .run(context, {}, INFO);
    const mail = await nextMail();
    assert.equal(mail.to, 'olga@shop.example');
    assert.match(mail.subject, /^1 request about personal data is due soon/);
    assert.match(mail.text, new RegExp(`correction {2}#${made.id}`));
    await context.records.pool.query(
      `UPDATE requests SET received_at = now() - make_interval(days => ${PROOF_DAYS + 1}) WHERE email = 'victim@customer.example'`,
    );
    assert.equal(await closeUnproven(context), WAITING_LIMIT);
  });
});
