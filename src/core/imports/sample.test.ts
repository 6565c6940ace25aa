import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { seen } from '../../kernel/testing-until.ts';
import { core } from '../index.ts';
import { publishOverrides } from '../people/overrides.ts';
import { openStream } from '../stream/testing.ts';
import { startRunner } from './runner.ts';
import { readOrders } from './sample/orders.ts';
import { type SampleLine, sampleLines } from './sample/traffic.ts';
import type { SampleEvent } from './sample/visit.ts';
import { importSample } from './sample.ts';
import { importsHttp } from './testing.ts';

const ORDERS = fileURLToPath(new URL('../../../samples/company/orders.csv.gz', import.meta.url));
const MAPPING = readFileSync(new URL('../../../samples/online-retail.map.json', import.meta.url), 'utf8');
const orders = await readOrders(ORDERS, MAPPING);
const made = (weeks: number) => [...sampleLines(orders, weeks, (key) => key)];
const eventsOf = (lines: readonly SampleLine[]) => lines.flatMap((line) => ('events' in line ? line.events : []));
const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex');
const inLondon = ({ timestamp }: SampleEvent) =>
  Temporal.Instant.from(timestamp).toZonedDateTimeISO('Europe/London').toPlainDateTime();

test('the traffic is the same whenever it is made, and is moved by whole weeks with the orders', () => {
  const first = made(780);
  const again = made(780);
  assert.equal(digest(first), digest(again));
  const before = eventsOf(first);
  const later = eventsOf(made(799));
  assert.equal(later.length, before.length);
  assert.equal(new Set(before.map(({ messageId }) => messageId)).size, before.length);
  for (const [index, event] of before.entries()) {
    const moved = later[index]!;
    const { timestamp: _, ...one } = event;
    const { timestamp: __, ...other } = moved;
    assert.deepEqual(one, other);
    // A visit is counted from its beginning, so that the minutes within it are the same on days when clocks change.
    if (index % 50 === 0) assert.equal(inLondon(event).add({ weeks: 19 }).toString(), inLondon(moved).toString());
  }
});

let context: Context & { close(): Promise<void> };
let http: ReturnType<typeof importsHttp>;
let stop: (() => Promise<void>)[] = [];

before(async () => {
  context = await testContext({ apps: core });
  http = importsHttp(context);
  const { runner } = openStream(context);
  runner.start();
  stop = [await startRunner(context), () => runner.stop()];
});
after(async () => {
  for (const end of stop) await end();
  await context.close();
});

const rows = <Row>(sql: string) => context.events.query<Row>(sql);
const one = async <Row>(sql: string) => (await rows<Row>(sql))[0]!;
const count = async () => Number((await one<{ count: string }>('SELECT count() AS count FROM events')).count);
const PERSON = "dictGetOrDefault('person_overrides_map', 'person_id', origin_id, person_id)";
/** Visits since the traffic begins, one row each. */
const VISITS = `
  SELECT anonymous_id, session_start, any(${PERSON}) AS person, minIf(timestamp, name = 'Checkout Started') AS checkout,
    countIf(name = 'Order Completed') AS orders, minIf(timestamp, name = 'Order Completed') AS ordered,
    anyIf(device, type = 'page') AS form, countIf(type = 'page') AS pages, countIf(name = 'Error Occurred') AS errors,
    maxIf(properties.load::Nullable(Float64), path = '/checkout/delivery' AND name = 'Web Vitals') AS delivery
  FROM events WHERE toUnixTimestamp64Milli(session_start) > 0 GROUP BY anonymous_id, session_start HAVING pages > 0`;

test('the sample company goes the ordinary way, and loaded again adds nothing', async () => {
  const { status, answer } = await http.ask('POST', '/api/sample');
  assert.equal(status, 201);
  const done = await http.ended(answer.id);
  const events = eventsOf(made(0)).length + orders.length;
  assert.deepEqual([done.state, done.error, done.refused, done.eventsAccepted], ['done', null, 0, events]);
  await seen(count, (stored) => stored === events);
  const quarantine = await context.records.pool.query('SELECT 1 FROM quarantine');
  assert.equal(quarantine.rowCount, 0);
  const again = await http.ask('POST', '/api/sample');
  assert.deepEqual([again.answer.id, again.answer.state, again.answer.repeated], [answer.id, 'done', true]);
  // As if it had failed at the end: the whole file goes through again.
  await context.records.pool.query("UPDATE imports SET state = 'failed' WHERE id = $1", [Number(answer.id)]);
  const repeated = await importSample(context);
  assert.equal(String(repeated.import.id), answer.id);
  assert.equal((await http.ended(answer.id)).state, 'done');
  await seen(count, (stored) => stored === events);
  await publishOverrides(context);
});

test('revenue by month and orders by customer are exactly those of the data', async () => {
  const { mapping } = (await context.records.pool.query('SELECT mapping FROM imports')).rows[0] as {
    mapping: { constants: { weeks: number } };
  };
  const expected = new Map<string, number>();
  for (const { at, rows: lines, refund } of orders) {
    const local = Temporal.PlainDateTime.from(new Date(at).toISOString().slice(0, -1)).add({
      weeks: mapping.constants.weeks,
    });
    const sum = Math.round(lines.reduce((all, { Quantity, UnitPrice }) => all + Quantity * UnitPrice, 0) * 1000) / 1000;
    const month = local.toString().slice(0, 7);
    expected.set(month, (expected.get(month) ?? 0) + Math.sign(refund ? -1 : 1) * Math.round(Math.abs(sum) * 100));
  }
  const found = await rows<{ month: string; revenue: string }>(
    `SELECT formatDateTime(timestamp, '%Y-%m', 'Europe/London') AS month, toString(sum(revenue_minor)) AS revenue
     FROM events WHERE revenue_minor != 0 GROUP BY month ORDER BY month`,
  );
  assert.deepEqual(
    found.map(({ month, revenue }) => [month, Number(revenue)]),
    [...expected].sort(),
  );
  const byCustomer = new Map<string, number>();
  for (const { customer, refund } of orders) {
    if (customer && !refund) byCustomer.set(customer, (byCustomer.get(customer) ?? 0) + 1);
  }
  const people = await rows<{ orders: string; persons: string }>(
    `SELECT orders, count() AS persons FROM
       (SELECT ${PERSON} AS person, countIf(name = 'Order Completed') AS orders FROM events
        WHERE name = 'Order Completed' AND NOT startsWith(anonymous_id, 'guest-') GROUP BY person)
     GROUP BY orders ORDER BY orders`,
  );
  const numbers = new Map<number, number>();
  for (const times of byCustomer.values()) numbers.set(times, (numbers.get(times) ?? 0) + 1);
  assert.deepEqual(
    people.map((row) => [Number(row.orders), Number(row.persons)]),
    [...numbers].sort(([a], [b]) => a - b),
  );
});

test('each order with traffic ends a visit of the same person in which the checkout was started before', async () => {
  const visits = await one<Record<'visits' | 'with' | 'without' | 'late', string>>(
    `SELECT count() AS visits, countIf(orders > 0) AS with, countIf(orders > 0 AND checkout = toDateTime64(0, 3, 'UTC')) AS without,
       countIf(orders > 0 AND checkout >= ordered) AS late FROM (${VISITS})`,
  );
  assert.deepEqual([visits.without, visits.late], ['0', '0']);
  assert.ok(Number(visits.with) > 500, visits.with);
  const conversion = Number(visits.with) / Number(visits.visits);
  assert.ok(conversion > 0.02 && conversion < 0.08, String(conversion));
  // The order names the customer, the pages before it only the device.
  const shared = await one<{ count: string }>(
    `SELECT count() AS count FROM (
       SELECT uniqExact(${PERSON}) AS persons FROM events WHERE anonymous_id != '' GROUP BY anonymous_id HAVING persons > 1)`,
  );
  assert.equal(shared.count, '0');
  const [ordered] = await rows<{ known: string; all: string }>(
    "SELECT countIf(anonymous_id != '' AND NOT startsWith(anonymous_id, 'guest-')) AS known, count() AS all FROM events WHERE name = 'Order Completed'",
  );
  assert.equal(Number(ordered!.all), orders.filter(({ refund }) => !refund).length);
  assert.ok(Number(ordered!.known) > 600);
});

test('visits belong to sessions of their own device, and come from many places', async () => {
  const [web] = await rows<Record<'outside' | 'long' | 'groups' | 'forms' | 'browsers' | 'countries', string>>(
    `SELECT countIf(toUnixTimestamp64Milli(session_start) = 0) AS outside,
       countIf(timestamp - session_start > 4 * 3600) AS long, uniqExactIf(channel_group, channel_group != '') AS groups,
       uniqExact(device) AS forms, uniqExact(browser) AS browsers, uniqExact(country) AS countries
     FROM events WHERE channel = 'web' AND type = 'page'`,
  );
  assert.deepEqual([web!.outside, web!.long], ['0', '0']);
  assert.deepEqual([Number(web!.groups) >= 8, web!.forms, Number(web!.browsers) >= 5], [true, '3', true]);
  const groups = (await rows<{ g: string }>("SELECT DISTINCT channel_group AS g FROM events WHERE type = 'page'")).map(
    ({ g }) => g,
  );
  for (const group of ['Organic Search', 'Direct', 'Email', 'Organic Social', 'Paid Search', 'Referral'])
    assert.ok(groups.includes(group), group);
  assert.ok(!groups.includes('Unassigned'));
});

test('what is wrong with the shop can be found: a slow page on telephones, and one that fails in a browser', async () => {
  const slow = await rows<{ phone: number; after: number; conversion: number; load: number }>(
    `WITH (SELECT min(timestamp) FROM events WHERE JSONExtractString(context, 'app', 'version') = '4.12.0') AS since
     SELECT form = 'mobile' AS phone, session_start >= since AS after, countIf(orders > 0) / count() AS conversion,
       medianExact(delivery) AS load
     FROM (${VISITS}) WHERE delivery > 0 GROUP BY phone, after ORDER BY phone, after`,
  );
  const [desk, deskAfter, phone, phoneAfter] = slow.map(({ conversion, load }) => ({ conversion, load }));
  assert.ok(phoneAfter!.load > 1.6 * phone!.load && deskAfter!.load < 1.2 * desk!.load, JSON.stringify(slow));
  assert.ok(phoneAfter!.conversion < 0.7 * phone!.conversion, JSON.stringify(slow));
  assert.ok(deskAfter!.conversion > 0.85 * desk!.conversion, JSON.stringify(slow));
  const [failing] = await rows<{ people: string; browsers: string[]; conversion: number }>(
    `SELECT uniqExact(person) AS people, countIf(orders > 0) / count() AS conversion,
       (SELECT groupUniqArray(browser) FROM events WHERE name = 'Error Occurred') AS browsers FROM (${VISITS}) WHERE errors > 0`,
  );
  assert.deepEqual(failing!.browsers, ['Firefox']);
  assert.ok(Number(failing!.people) > 10 && failing!.conversion < 0.7, JSON.stringify(failing));
});
