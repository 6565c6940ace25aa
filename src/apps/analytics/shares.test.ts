import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { core } from '../../core/index.ts';
import { storeEvents } from '../../core/query/events.testing.ts';
import { type Company, startCompany } from '../../core/staff/testing.ts';
import { analytics } from './app.ts';
import { SHARES_LIMIT } from './shares.ts';
import { PAGES_A_MINUTE, TRIES } from './shares-page.ts';

const apps = [...core.filter(({ name }) => name !== 'staff' && name !== 'audit'), analytics];
const period = { from: '2026-03-09', to: '2026-03-12' };
const orders = (more: object = {}) => ({
  kind: 'trend',
  zone: 'UTC',
  period,
  series: [{ what: { events: [{ name: 'Order <b>Completed</b>' }] } }],
  ...more,
});

let company: Company;
let network = 0;

before(async () => {
  company = await startCompany({ apps });
  // Only now: without a proxy the set-up needs no token.
  Object.assign(company.context.config, { proxies: 1 });
  await storeEvents(company.context, [
    { person: 1, name: 'Order <b>Completed</b>', at: '2026-03-10T10:00:00Z', country: 'PL', path: '/a' },
    {
      person: 1,
      name: 'Order <b>Completed</b>',
      at: '2026-03-10T11:00:00Z',
      country: 'PL',
      path: '/to/ann@example.com',
    },
    { person: 2, name: 'Order <b>Completed</b>', at: '2026-03-11T23:30:00Z', country: 'IT', path: '/a' },
  ]);
});
after(() => company.close());

async function saved(path: string, content: object, name = 'Orders') {
  const made = await company.owner.call('POST', path, { name, content, shared: true });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  return made.body.id as string;
}

const report = (more?: object) => saved('/api/reports', { report: orders(more) });

async function share(input: object, status = 201) {
  const made = await company.owner.call('POST', '/api/shares', { kind: 'report', ...input });
  assert.equal(made.status, status, JSON.stringify(made.body));
  return made.body;
}

/** From a network of its own, unless told. */
async function open(
  link: string,
  {
    from = `203.0.113.${++network}`,
    language = 'en',
    ...init
  }: RequestInit & { from?: string; language?: string } = {},
) {
  const response = await fetch(link, {
    redirect: 'manual',
    ...init,
    headers: { 'x-forwarded-for': from, 'accept-language': language, ...(init.headers as object) },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe('a shared link', () => {
  test('shows a report with its picture and numbers to whoever has it, without scripts', async () => {
    const { link, share: made } = await share({ savedId: await report() });
    const page = await open(link);
    assert.equal(page.status, 200, page.text);
    assert.match(page.text, /<h1>Orders<\/h1>/);
    assert.match(page.text, /<th scope="row">Mar 10<\/th><td>2<\/td>/);
    assert.match(page.text, /src="data:image\/svg\+xml;base64,/);
    assert.doesNotMatch(page.text, /<script|<b>Completed/);
    assert.match(page.headers.get('content-security-policy') ?? '', /^default-src 'none'.*frame-ancestors 'none'$/);
    assert.equal(page.headers.get('x-frame-options'), 'DENY');
    assert.match(page.headers.get('x-robots-tag') ?? '', /noindex/);
    const listed = await company.owner.call('GET', `/api/shares?savedId=${made.savedId}`);
    assert.equal(listed.body.items[0].uses, 1);
    assert.ok(listed.body.items[0].lastUsedAt);
    assert.doesNotMatch(JSON.stringify(listed.body), new RegExp(link.split('/').at(-1)));
  });

  test('keeps only a hash of what opens it', async () => {
    const { link } = await share({ savedId: await report(), password: 'eight or more' });
    const token = new URL(link).pathname.split('/').at(-1)!;
    const { rows } = await company.context.records.pool.query('SELECT * FROM analytics_shares');
    assert.doesNotMatch(JSON.stringify(rows), new RegExp(`${token}|eight or more`));
  });

  test('speaks the five languages', async () => {
    const { link } = await share({ savedId: await report() });
    const words = { en: 'Numbers', pl: 'Liczby', it: 'Numeri', ru: 'Числа', zh: '数字' };
    for (const [language, word] of Object.entries(words)) {
      const page = await open(link, { language });
      assert.match(page.text, new RegExp(`<html lang="${language}">`));
      assert.match(page.text, new RegExp(`<summary>${word}</summary>`));
    }
  });

  test('shows a dashboard, its words, and says which part it cannot show', async () => {
    const tiles = [
      { kind: 'text', id: 'a', x: 0, y: 0, w: 12, h: 1, text: 'Hello <i>there</i>' },
      { kind: 'report', id: 'b', x: 0, y: 1, w: 6, h: 4, title: 'Sales', report: orders() },
      {
        kind: 'report',
        id: 'c',
        x: 6,
        y: 1,
        w: 6,
        h: 4,
        title: 'Lost',
        report: orders({ formulas: [{ expression: 'A +' }] }),
      },
    ];
    const { link } = await share({ kind: 'dashboard', savedId: await saved('/api/dashboards', { tiles }, 'Week') });
    const page = await open(link);
    assert.equal(page.status, 200);
    assert.match(page.text, /Hello &lt;i&gt;there&lt;\/i&gt;/);
    assert.match(page.text, /<h2>Sales<\/h2>/);
    assert.match(page.text, /<h2>Lost<\/h2><p class="dim">This part could not be computed now/);
  });

  test('draws funnels, retention and numbers too', async () => {
    const what = { events: [{ name: 'Order <b>Completed</b>' }] };
    const content = [
      { report: { kind: 'funnel', zone: 'UTC', period, steps: [{ what }, { what }] } },
      { report: { kind: 'retention', zone: 'UTC', period, start: what } },
      { report: orders(), display: { view: 'number' } },
      { report: { kind: 'lifecycle', zone: 'UTC', period, what } },
      { report: { kind: 'stickiness', zone: 'UTC', period, what } },
      { report: { kind: 'engagement', zone: 'UTC', period, what } },
    ];
    for (const one of content) {
      const { link } = await share({ savedId: await saved('/api/reports', one) });
      const page = await open(link);
      assert.match(page.text, /src="data:image\/svg\+xml/, `${one.report.kind}: ${page.text}`);
    }
  });

  test('shows nobody’s address among the values of a breakdown', async () => {
    const { link } = await share({ savedId: await report({ breakdown: [{ of: 'event', name: 'path' }] }) });
    const page = await open(link);
    assert.match(page.text, /\/to\//);
    assert.doesNotMatch(page.text, /ann@example/);
    for (const [, picture] of page.text.matchAll(/base64,([^"]+)"/g))
      assert.doesNotMatch(Buffer.from(picture!, 'base64').toString(), /ann@example/);
  });

  test('cannot be made of personal data, and shows none that came in later', async () => {
    const id = await report({ breakdown: [{ of: 'trait', name: 'email' }] });
    assert.match((await share({ savedId: id }, 400)).error.message, /trait:email is personal data/);
    const later = await report();
    const { link } = await share({ savedId: later });
    const changed = await company.owner.call('PATCH', `/api/reports/${later}`, {
      version: 1,
      content: { report: orders({ breakdown: [{ of: 'event', name: 'user_id' }] }) },
    });
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    const page = await open(link);
    assert.doesNotMatch(page.text, /user-1|<picture>/);
  });

  test('opens nothing once it ended or was revoked, nor where its token is another', async () => {
    const savedId = await report();
    const { link, share: one } = await share({ savedId });
    const { link: other, share: two } = await share({ savedId });
    await company.owner.call('DELETE', `/api/shares/${one.id}`);
    await company.context.records.pool.query(
      "UPDATE analytics_shares SET expires_at = now() - interval '1 second' WHERE id = $1",
      [two.id],
    );
    for (const address of [link, other, `${company.url}/share/sh_guessed`]) {
      const page = await open(address);
      assert.equal(page.status, 404);
      assert.doesNotMatch(page.text, /Orders/);
    }
  });

  test('opens nothing when whoever made it has left, or the report is deleted', async () => {
    const savedId = await report();
    const max = await company.join('marketer', 'Max');
    const made = await max.call('POST', '/api/shares', { kind: 'report', savedId });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    assert.equal((await open(made.body.link)).status, 200);
    const own = await share({ savedId });
    await company.owner.call('PATCH', `/api/staff/${max.id}`, { disabled: true });
    assert.equal((await open(made.body.link)).status, 404);
    assert.equal((await open(own.link)).status, 200);
    await company.owner.call('DELETE', `/api/reports/${savedId}`);
    assert.equal((await open(own.link)).status, 404);
  });

  test('asks for its password, counts wrong ones by network, and lets nobody in without', async () => {
    const { link } = await share({ savedId: await report(), password: 'correct horse' });
    const form = (password: string, from: string) =>
      open(link, { method: 'POST', from, body: new URLSearchParams({ password }) });
    const asked = await open(link);
    assert.match(asked.text, /type="password"/);
    assert.doesNotMatch(asked.text, /<picture>|Orders/);
    for (let at = 0; at < TRIES.network.most; at++) assert.equal((await form('wrong', '198.51.100.1')).status, 403);
    assert.equal((await form('correct horse', '198.51.100.1')).status, 429);
    const let_in = await form('correct horse', '198.51.100.2');
    assert.equal(let_in.status, 303);
    const cookie = let_in.headers.get('set-cookie')!;
    assert.match(cookie, /HttpOnly; SameSite=Lax/);
    const page = await open(link, { headers: { cookie: cookie.split(';')[0]! } });
    assert.match(page.text, /<picture>/);
    const made_up = cookie.split(';')[0]!.replace(/=.*/, '=made-up');
    assert.match((await open(link, { headers: { cookie: made_up } })).text, /type="password"/);
  });

  test('can be shown in a frame by the named sites and by no other', async () => {
    const savedId = await report();
    const made = await share({ savedId, origins: ['https://intranet.example/', 'http://localhost:8080'] });
    assert.match(made.frame, /^<iframe src="http.*\/share\/sh_/);
    const { headers } = await open(made.link);
    assert.match(
      headers.get('content-security-policy')!,
      /frame-ancestors https:\/\/intranet\.example http:\/\/localhost:8080$/,
    );
    assert.equal(headers.get('x-frame-options'), null);
    for (const origin of [
      'https://*.example',
      'javascript:alert(1)',
      "https://a.example; script-src 'self'",
      'https://a.example/path',
    ])
      assert.match((await share({ savedId, origins: [origin] }, 400)).error.message, /not a site/);
    assert.match(
      (await share({ savedId, origins: ['https://a.example'], password: 'long enough' }, 400)).error.message,
      /two links/,
    );
  });

  test('is opened so often by one network, and others are not held up', async () => {
    const { link } = await share({ savedId: await report() });
    const answers: number[] = [];
    for (let at = 0; at <= PAGES_A_MINUTE + 5; at++)
      answers.push((await open(link.replace(/.$/, '_'), { from: '2001:db8:0:1::1' })).status);
    assert.equal(answers.at(-1), 429);
    assert.equal((await open(link, { from: '2001:db8:0:1:ffff::2' })).status, 429, 'the same network');
    assert.equal((await open(link, { from: '2001:db8:0:2::1' })).status, 200);
  });

  test('has limits: of number, and of the time that it lives', async () => {
    const savedId = await report();
    for (const expiresInSeconds of [3599, 367 * 86_400]) await share({ savedId, expiresInSeconds }, 400);
    await share({ savedId: '99999' }, 404);
    for (let at = 0; at < SHARES_LIMIT; at++) await share({ savedId });
    assert.match((await share({ savedId }, 409)).error.message, /Revoke one first/);
  });

  test('is not for colleagues who cannot see what it shows, nor for those who only read', async () => {
    const made = await company.owner.call('POST', '/api/reports', {
      name: 'Mine',
      content: { report: orders() },
      shared: false,
    });
    const nina = await company.join('marketer', 'Nina');
    const vera = await company.join('viewer', 'Vera');
    assert.equal((await nina.call('POST', '/api/shares', { kind: 'report', savedId: made.body.id })).status, 404);
    assert.equal((await vera.call('POST', '/api/shares', { kind: 'report', savedId: made.body.id })).status, 403);
    const own = await share({ savedId: made.body.id });
    assert.equal((await nina.call('DELETE', `/api/shares/${own.share.id}`)).status, 404);
  });
});
