import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type MailServer, startMailServer } from '../../../test/mail-server.ts';
import { core } from '../../core/index.ts';
import { storeEvents } from '../../core/query/events.testing.ts';
import { type Company, startCompany } from '../../core/staff/testing.ts';
import { runJobs } from '../../kernel/testing.ts';
import { analytics } from './app.ts';
import { nextTime, Timing } from './schedule-times.ts';
import { sendScheduled } from './schedules.ts';

const apps = [...core.filter(({ name }) => name !== 'staff' && name !== 'audit'), analytics];
const local = (zone: string, at: number) =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDateTime().toString();
const timing = (more: object) => Timing.parse({ every: 'day', time: '08:30', zone: 'Europe/Warsaw', ...more });

/** The next so many times after a moment, as clocks of the zone show them. */
function times(of: Timing, from: string, count: number): string[] {
  let at = Date.parse(from);
  return Array.from({ length: count }, () => {
    at = nextTime(of, at);
    return local(of.zone, at);
  });
}

describe('the time of a scheduled mail', () => {
  test('is the same on the clock before and after clocks change', () => {
    assert.deepEqual(times(timing({}), '2026-03-27T12:00:00Z', 3), [
      '2026-03-28T08:30:00',
      '2026-03-29T08:30:00',
      '2026-03-30T08:30:00',
    ]);
    assert.equal(nextTime(timing({}), Date.parse('2026-03-28T12:00:00Z')), Date.parse('2026-03-29T06:30:00Z'));
    assert.equal(nextTime(timing({}), Date.parse('2026-10-25T12:00:00Z')), Date.parse('2026-10-26T07:30:00Z'));
  });

  test('comes once on days on which it is missing or there twice', () => {
    assert.deepEqual(times(timing({ time: '02:30' }), '2026-03-28T12:00:00Z', 2), [
      '2026-03-29T03:30:00',
      '2026-03-30T02:30:00',
    ]);
    const twice = nextTime(timing({ time: '02:30' }), Date.parse('2026-10-24T12:00:00Z'));
    assert.equal(new Date(twice).toISOString(), '2026-10-25T00:30:00.000Z');
    assert.equal(new Date(nextTime(timing({ time: '02:30' }), twice)).toISOString(), '2026-10-26T01:30:00.000Z');
  });

  test('is on the weekday, and on the last day of months that are too short', () => {
    assert.deepEqual(times(timing({ every: 'week', weekday: 5 }), '2026-03-27T07:30:00Z', 1), ['2026-04-03T08:30:00']);
    assert.deepEqual(times(timing({ every: 'month', day: 31 }), '2026-01-31T07:30:00Z', 3), [
      '2026-02-28T08:30:00',
      '2026-03-31T08:30:00',
      '2026-04-30T08:30:00',
    ]);
  });
});

describe('a scheduled mail', () => {
  let company: Company;
  let mails: MailServer;
  const now = Date.UTC(2030, 2, 12, 9);

  before(async () => {
    mails = await startMailServer();
    company = await startCompany({ apps, environment: { THROUGHLINE_MAIL_URL: mails.url } });
    await storeEvents(company.context, [
      { person: 1, name: 'Zamówienie', at: '2030-03-10T10:00:00Z' },
      { person: 2, name: 'Zamówienie', at: '2030-03-10T11:00:00Z' },
    ]);
  });
  after(async () => {
    await company.close();
    await mails.close();
  });
  beforeEach(async () => {
    await company.context.records.pool.query('TRUNCATE analytics_schedules');
    mails.messages.length = 0;
  });

  const report = {
    kind: 'trend',
    zone: 'UTC',
    period: { last: 7, unit: 'day' },
    series: [{ what: { events: [{ name: 'Zamówienie' }] } }],
  };
  async function dashboard(of: object = report) {
    const tiles = [
      { kind: 'report', id: 'a', x: 0, y: 0, w: 6, h: 4, title: 'Продажи', report: of },
      { kind: 'report', id: 'b', x: 6, y: 0, w: 6, h: 4, title: 'Total', report: of, display: { view: 'number' } },
    ];
    const made = await company.owner.call('POST', '/api/dashboards', {
      name: 'Week',
      content: { tiles },
      shared: true,
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body.id as string;
  }
  async function schedule(input: object, status = 201) {
    const made = await company.owner.call('POST', '/api/schedules', {
      kind: 'dashboard',
      timing: { every: 'day', time: '08:30', zone: 'Europe/Warsaw' },
      recipients: [{ email: 'boss@example.com', language: 'ru' }],
      ...input,
    });
    assert.equal(made.status, status, JSON.stringify(made.body));
    return made.body;
  }
  async function run(at = now) {
    await sendScheduled(company.context, new AbortController().signal, at);
    await runJobs(company.context, apps);
  }

  test('brings a picture of each tile, the numbers as text and a link, and goes once', async () => {
    const { id, savedId } = await schedule({ savedId: await dashboard() });
    await run();
    await run();
    assert.equal(mails.messages.length, 1);
    const [mail] = mails.messages;
    assert.equal(mail!.subject, 'Week: 12 марта 2030 г.');
    assert.match(mail!.text, /ПРОДАЖИ/);
    assert.match(mail!.text, /10 мар. +2/);
    assert.match(mail!.text, new RegExp(`/dashboards/${savedId}\\b`));
    assert.equal(mail!.attachments.length, 2);
    for (const { cid, type, bytes } of mail!.attachments) {
      assert.equal(type, 'image/png');
      assert.ok(bytes.length > 2000, String(bytes.length));
      assert.match(mail!.html, new RegExp(`src="cid:${cid}"`));
    }
    const listed = await company.owner.call('GET', '/api/schedules');
    assert.equal(listed.body.items[0].id, id);
    assert.equal(listed.body.items[0].nextAt, '2030-03-13T07:30:00.000Z');
  });

  test('goes as who set it up may now: it pauses with the reason where they left', async () => {
    await schedule({ savedId: await dashboard() });
    const { pool } = company.context.records;
    await pool.query("UPDATE analytics_schedules SET owner = 'staff:gone', owner_name = 'Max'");
    await run();
    const [one] = (await company.owner.call('GET', '/api/schedules')).body.items;
    assert.match(one.paused, /Max, who set it up, is no longer here/);
    assert.equal(one.nextAt, null);
    assert.equal(mails.messages.length, 0);
    const again = await company.owner.call('PUT', `/api/schedules/${one.id}`, {
      timing: one.timing,
      recipients: one.recipients,
    });
    assert.equal(again.body.paused, null);
    await run();
    assert.equal(mails.messages.length, 1);
  });

  test('takes no personal data, and none that came into it later', async () => {
    const personal = { ...report, breakdown: [{ of: 'event', name: 'user_id' }] };
    assert.match(
      (await schedule({ savedId: await dashboard(personal) }, 400)).error.message,
      /event:user_id is personal data/,
    );
    const savedId = await dashboard();
    await schedule({ savedId });
    const tiles = [{ kind: 'report', id: 'c', x: 0, y: 0, w: 6, h: 4, title: 'Who', report: personal }];
    const changed = await company.owner.call('PATCH', `/api/dashboards/${savedId}`, { version: 1, content: { tiles } });
    assert.equal(changed.status, 200, JSON.stringify(changed.body));
    await run();
    assert.equal(mails.messages[0]!.attachments.length, 0);
    assert.doesNotMatch(mails.messages[0]!.text, /user-1/);
  });

  test('is refused to members who may see no reports', async () => {
    await company.context.records.pool.query(
      "INSERT INTO staff_users (id, name, email, role) VALUES ('sel', 'Sel', 'sel@example.com', 'seller')",
    );
    const refused = await schedule({ savedId: await dashboard(), recipients: [{ member: 'sel' }] }, 400);
    assert.match(refused.error.message, /Sel cannot see reports/);
  });
});
