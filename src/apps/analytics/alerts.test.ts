import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type MailServer, startMailServer } from '../../../test/mail-server.ts';
import { core } from '../../core/index.ts';
import { removeEvents, storeEvents, type TestEvent } from '../../core/query/events.testing.ts';
import { type Company, startCompany } from '../../core/staff/testing.ts';
import { runJobs } from '../../kernel/testing.ts';
import { evaluateAlerts } from './alerts-job.ts';
import { analytics } from './app.ts';

const apps = [...core.filter(({ name }) => name !== 'staff' && name !== 'audit'), analytics];
const DAY = 86_400_000;
const trend = (more: object = {}) => ({
  kind: 'trend',
  zone: 'UTC',
  interval: 'day',
  series: [{ what: { events: [{ name: 'Order' }] } }],
  ...more,
});

let company: Company;
let mails: MailServer;
/** Noon of a day, in UTC. */
const noon = Date.UTC(2026, 4, 20, 12);

before(async () => {
  mails = await startMailServer();
  company = await startCompany({ apps, environment: { THROUGHLINE_MAIL_URL: mails.url } });
});
after(async () => {
  await company.close();
  await mails.close();
});
beforeEach(async () => {
  await removeEvents(company.context);
  await company.context.records.pool.query('TRUNCATE analytics_alerts CASCADE');
  mails.messages.length = 0;
});

const events = (day: number, count: number): TestEvent[] =>
  Array.from({ length: count }, (_, at) => ({ person: at + 1, name: 'Order', at: noon - day * DAY - at * 1000 }));

async function alert(input: object, status = 201) {
  const body = {
    name: 'Orders',
    report: trend(),
    watched: { of: 'trend' },
    rule: { is: 'below', limit: 5 },
    recipients: [{ email: 'ops@example.com', language: 'pl' }],
    ...input,
  };
  const made = await company.owner.call('POST', '/api/alerts', body);
  assert.equal(made.status, status, JSON.stringify(made.body));
  return made.body;
}

async function evaluate(now = noon) {
  await company.context.records.pool.query("UPDATE analytics_alerts SET next_at = '2020-01-01'");
  await evaluateAlerts(company.context, { signal: new AbortController().signal }, now);
  await runJobs(company.context, apps);
}

const state = async (id: string) => (await company.owner.call('GET', `/api/alerts/${id}`)).body;

describe('an alert', () => {
  test('is mailed when it begins and when it ends, once each, with a picture and the numbers', async () => {
    await storeEvents(company.context, [...events(2, 9), ...events(1, 3), ...events(0, 1)]);
    const { id } = await alert({});
    await evaluate();
    await evaluate();
    assert.equal((await state(id)).state, 'firing');
    assert.equal(mails.messages.length, 1);
    const [mail] = mails.messages;
    assert.equal(mail!.to, 'ops@example.com');
    assert.equal(mail!.subject, 'Alert: Orders');
    assert.match(mail!.text, /Order: 3 \(19 maj\), poniżej 5/);
    assert.match(mail!.text, /19 maj +3/);
    const [picture] = mail!.attachments;
    assert.equal(picture!.type, 'image/png');
    assert.deepEqual([...picture!.bytes.slice(1, 4)], [...Buffer.from('PNG')]);
    assert.match(mail!.html, new RegExp(`src="cid:${picture!.cid}"`));
    await storeEvents(company.context, events(1, 4));
    await evaluate();
    await evaluate();
    assert.deepEqual(
      mails.messages.map(({ subject }) => subject),
      ['Alert: Orders', 'Znów w normie: Orders'],
    );
    const found = await company.owner.call('GET', `/api/alerts/${id}/evaluations`);
    assert.deepEqual(
      found.body.items.map((one: { state: string }) => one.state),
      ['ok', 'resolved', 'firing'],
    );
    assert.deepEqual(
      found.body.items.map((one: { value: number }) => one.value),
      [7, 7, 3],
    );
  });

  test('never judges a point that is under way, nor one that ended a moment ago', async () => {
    await storeEvents(company.context, [...events(2, 9), ...events(1, 1), ...events(0, 1)]);
    const { id } = await alert({});
    const midnight = Date.UTC(2026, 4, 20);
    await evaluate(midnight - 60_000);
    assert.equal((await state(id)).state, 'ok');
    await evaluate(midnight + 60_000);
    assert.equal((await state(id)).state, 'ok');
    await evaluate(midnight + 6 * 60_000);
    assert.equal((await state(id)).state, 'firing');
  });

  test('knows changes against the point before', async () => {
    await storeEvents(company.context, [...events(2, 10), ...events(1, 7)]);
    const less = await alert({ rule: { is: 'change', direction: 'less', share: 0.3 } });
    const more = await alert({ rule: { is: 'change', direction: 'more', share: 0.3 } });
    const much = await alert({ rule: { is: 'change', direction: 'either', share: 0.31 } });
    await evaluate();
    assert.deepEqual(await Promise.all([less, more, much].map(async ({ id }) => (await state(id)).state)), [
      'firing',
      'ok',
      'ok',
    ]);
    assert.match(mails.messages[0]!.text, /-30%/);
  });

  test('finds what is not as expected, and says where there is too little history for that', async () => {
    const days = (from: number) => Array.from({ length: from }, (_, at) => events(at + 2, 18 + ((at * 7) % 5))).flat();
    const { id } = await alert({ rule: { is: 'anomaly', falseAlarms: 0.05 } });
    await storeEvents(company.context, [...days(20), ...events(1, 6)]);
    await evaluate();
    const young = await state(id);
    assert.equal(young.state, 'nodata');
    assert.match(young.said, /Not enough history yet: 48 whole points/);
    await removeEvents(company.context);
    await storeEvents(company.context, [...days(70), ...events(1, 6)]);
    await evaluate();
    assert.equal((await state(id)).state, 'firing');
    assert.match(mails.messages.at(-1)!.text, /oczekiwano od/);
  });

  test('watches the conversion of a funnel and a share of retention', async () => {
    await storeEvents(company.context, [...events(3, 4), ...events(2, 1)]);
    const what = { events: [{ name: 'Order' }] };
    const period = { from: '2026-05-01', to: '2026-05-20' };
    const funnel = { kind: 'funnel', zone: 'UTC', period, steps: [{ what }, { what }] };
    const retention = { kind: 'retention', zone: 'UTC', period, start: what };
    const low = await alert({ report: funnel, watched: { of: 'funnel' }, rule: { is: 'below', limit: 0.5 } });
    const high = await alert({
      report: retention,
      watched: { of: 'retention', period: 1 },
      rule: { is: 'above', limit: 0.2 },
    });
    await evaluate();
    assert.equal((await state(low.id)).state, 'firing');
    assert.equal((await state(high.id)).state, 'firing');
    await alert({ report: funnel, watched: { of: 'funnel' }, rule: { is: 'anomaly' } }, 400);
    await alert({ report: funnel }, 400);
  });

  test('that cannot be asked says why, is told, and holds up no other', async () => {
    await storeEvents(company.context, [...events(2, 9), ...events(1, 3)]);
    const bad = await alert({});
    await company.context.records.pool.query(`UPDATE analytics_alerts SET report = '{"kind":"nonsense"}'`);
    const good = await alert({ name: 'Good' });
    await evaluate();
    assert.equal((await state(good.id)).state, 'firing');
    const broken = await state(bad.id);
    assert.equal(broken.state, 'broken');
    assert.match(broken.said, /cannot be read as a report any more/);
    assert.ok(mails.messages.some(({ subject }) => subject === 'Nie można obserwować: Orders'));
  });

  test('asks as who set it up may now', async () => {
    await storeEvents(company.context, [...events(2, 9), ...events(1, 3)]);
    const { pool } = company.context.records;
    await pool.query(
      "INSERT INTO staff_users (id, name, email, role) VALUES ('max', 'Max', 'max@example.com', 'marketer')",
    );
    const { id } = await alert({ recipients: [{ member: 'max' }] });
    await pool.query("UPDATE analytics_alerts SET owner = 'staff:max', owner_name = 'Max'");
    await evaluate();
    assert.equal(mails.messages[0]!.to, 'max@example.com');
    await pool.query("UPDATE staff_users SET disabled_at = now() WHERE id = 'max'");
    await evaluate();
    const broken = await state(id);
    assert.equal(broken.state, 'broken');
    assert.match(broken.said, /Max, who set the alert up, is no longer here/);
    assert.equal(mails.messages.length, 1, 'nor are they mailed any more');
  });

  test('is quiet while it is muted, and is looked at all the same', async () => {
    await storeEvents(company.context, [...events(2, 9), ...events(1, 3)]);
    const { id } = await alert({});
    await company.owner.call('PUT', `/api/alerts/${id}/mute`, { until: new Date(noon + DAY).toISOString() });
    await evaluate();
    assert.equal((await state(id)).state, 'firing');
    assert.equal(mails.messages.length, 0);
  });

  test('takes no personal data, since its answer leaves by mail', async () => {
    const personal = trend({ breakdown: [{ of: 'trait', name: 'email' }] });
    const refused = await alert({ report: personal }, 400);
    assert.match(refused.error.message, /trait:email/);
  });

  test('shows before it is saved what it would have told of', async () => {
    const days = (Date.now() - (Date.now() % DAY)) / DAY;
    const counts = [9, 9, 2, 2, 9, 1, 9];
    await storeEvents(
      company.context,
      counts.flatMap((count, at) =>
        Array.from({ length: count }, (_, n) => ({
          person: n,
          name: 'Order',
          at: (days - counts.length + at) * DAY + n * 1000,
        })),
      ),
    );
    const found = await company.owner.call('POST', '/api/alerts/preview', {
      report: trend(),
      watched: { of: 'trend' },
      rule: { is: 'change', direction: 'less', share: 0.5 },
    });
    assert.equal(found.status, 200, JSON.stringify(found.body));
    assert.equal(found.body.fired, 2);
    assert.equal(found.body.points.filter((one: { firing: boolean }) => one.firing).length, 2);
  });
});
