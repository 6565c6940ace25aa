import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { IncomingEvent } from '../intake/incoming.ts';
import { mappingFor } from './sample.ts';
import { type ImportsTest, startImports } from './testing.ts';

const FILE = fileURLToPath(new URL('../../../../shared/data/online_retail/online_retail.csv.gz', import.meta.url));
const MAPPING = new URL('../../../samples/online-retail.map.json', import.meta.url);
const absent = !existsSync(FILE) && 'the Online Retail file is not here';

let all: ImportsTest;
let events: IncomingEvent[] = [];

before(async () => {
  all = await startImports();
});
after(() => all.close());

interface Order {
  order_id: string;
  total: number;
  currency: string;
  products: { product_id: string; name?: string; price: number; quantity: number }[];
}
const order = (event: IncomingEvent) => event.properties as Order;
const sign = (event: IncomingEvent) => (event.event === 'Order Refunded' ? -1n : 1n);
/** Prices have three decimals at most. */
const thousandths = (amount: number) => BigInt(Math.round(amount * 1000));
const sum = (amounts: readonly bigint[]) => amounts.reduce((before, amount) => before + amount, 0n);
const productsSum = (event: IncomingEvent) =>
  sum(order(event).products.map(({ price, quantity }) => thousandths(price) * BigInt(quantity)));
const customerOf = ({ externalIds }: IncomingEvent) =>
  (externalIds as { kind: string; value: string }[] | undefined)?.[0];
const named = (name: string) => events.filter(({ event }) => event === name);

test('the whole of Online Retail becomes orders whose totals are those of the data', { skip: absent }, async (t) => {
  const content = new Uint8Array(readFileSync(FILE));
  const began = performance.now();
  const done = await all.importFile('online_retail.csv.gz', content, readFileSync(MAPPING, 'utf8'), {
    fingerprint: `sha256:${createHash('sha256').update(content).digest('hex')}`,
  });
  ({ events } = all.seen);
  t.diagnostic(`${((performance.now() - began) / 1000).toFixed(1)} s`);
  assert.deepEqual(
    [done.state, done.linesRead, done.linesTotal, done.eventsAccepted, done.refused],
    ['done', 541_909, 541_909, 25_900, 0],
  );
  assert.equal(events.length, 25_900);
  assert.equal(new Set(events.map((event) => order(event).order_id)).size, 25_900);
  assert.equal(new Set(events.map(({ messageId }) => messageId)).size, 25_900);
  assert.equal(new Set(events.flatMap((event) => customerOf(event)?.value ?? [])).size, 4372);
  assert.equal(sum(events.map((event) => BigInt(order(event).products.length))), 541_909n);
  assert.equal(sum(events.map((event) => sign(event) * productsSum(event))), 9_747_747_934n);
  for (const event of events) assert.equal(thousandths(order(event).total), productsSum(event), order(event).order_id);

  const refunds = named('Order Refunded');
  assert.equal(refunds.length, 3836);
  assert.equal(sum(refunds.map((event) => BigInt(order(event).products.length))), 9288n);
  assert.ok(refunds.every((event) => order(event).total >= 0 && order(event).order_id.startsWith('C')));
  assert.equal(named('Bad Debt Adjusted').length, 3);
  const adjusted = named('Stock Adjusted');
  assert.ok(adjusted.every((event) => order(event).total === 0 && !customerOf(event)));
  assert.equal(named('Order Completed').length, 25_900 - 3836 - 3 - adjusted.length);
  assert.ok(named('Order Completed').every((event) => order(event).products.every(({ quantity }) => quantity > 0)));
});

test('a customer is known by the number, a guest is somebody else with each invoice', { skip: absent }, () => {
  const mine = events.filter((event) => customerOf(event)?.value === '17850');
  assert.equal(mine.length, 35);
  const first = mine.find((event) => order(event).order_id === '536365')!;
  assert.equal(first.timestamp, '2010-12-01T08:26:00.000Z');
  assert.deepEqual(customerOf(first), { kind: 'customer_id', value: '17850' });
  assert.deepEqual(
    [first.event, first.channel, first.contact, first.anonymousId],
    ['Order Completed', 'web', 'direct', undefined],
  );
  assert.deepEqual(first.context, { traits: { country: 'United Kingdom' } });
  assert.equal(order(first).total, 139.12);
  assert.equal(order(first).products.length, 7);
  assert.deepEqual(order(first).products[0], {
    product_id: '85123A',
    name: 'WHITE HANGING HEART T-LIGHT HOLDER',
    price: 2.55,
    quantity: 6,
  });
  const guests = events.filter((event) => String(event.anonymousId).startsWith('guest-'));
  assert.equal(new Set(guests.map(({ anonymousId }) => anonymousId)).size, guests.length);
  // British Summer Time: 536365's clock in July would be an hour ahead of UTC.
  const summer = events.find(({ timestamp }) => String(timestamp).startsWith('2011-07-01'))!;
  assert.ok(String(summer.timestamp) >= '2011-07-01T05:00');
});

test('an invoice whose lines do not stand together is one order', { skip: absent }, () => {
  const ids = events.map((event) => order(event).order_id);
  assert.equal(ids.length, new Set(ids).size);
});

test('the sample company is orders up to now with visits around them, and loads once', async () => {
  // As it was loaded before there were visits, a week ago.
  const weeks = (await mappingFor(Temporal.Now.instant())).constants.weeks - 1;
  const mapping = JSON.parse(readFileSync(MAPPING, 'utf8')) as object;
  all.forget();
  const earlier = await all.importFile(
    'sample-company.csv.gz',
    new Uint8Array(readFileSync(new URL('../../../samples/company/orders.csv.gz', import.meta.url))),
    { ...mapping, constants: { weeks } },
    { sourceName: 'Sample company' },
  );
  assert.deepEqual([earlier.state, earlier.linesRead, earlier.eventsAccepted], ['done', 97_915, 4552]);
  const before = new Map(all.seen.events.map((event) => [event.messageId, event]));

  all.forget();
  const { status, answer } = await all.http.ask('POST', '/api/sample');
  assert.equal(status, 201);
  const done = await all.http.ended(answer.id);
  ({ events } = all.seen);
  assert.deepEqual([done.state, done.refused, done.sourceId], ['done', 0, earlier.sourceId]);
  assert.equal(events.length, done.eventsAccepted);
  const times = events.map(({ timestamp }) => Date.parse(String(timestamp)));
  const newest = Date.now() - Math.max(...times);
  assert.ok(newest > 7 * 24 * 3600 * 1000 && newest <= 14 * 24 * 3600 * 1000 + 3600 * 1000, String(newest));
  assert.equal(new Set(events.flatMap((event) => customerOf(event)?.value ?? [])).size, 882);
  const orders = [...named('Order Completed'), ...named('Order Refunded')];
  assert.equal(orders.length, before.size);
  for (const { anonymousId, ...sent } of orders) {
    const { anonymousId: own, ...same } = before.get(sent.messageId)!;
    assert.deepEqual(sent, same);
    if (own !== undefined) assert.equal(anonymousId, own);
  }
  const again = await all.http.ask('POST', '/api/sample');
  assert.deepEqual([again.answer.id, again.answer.state, again.answer.repeated], [answer.id, 'done', true]);
});

test('the dates of the sample are moved by whole weeks, to before the moment of loading', async () => {
  const weeks = async (now: string) => (await mappingFor(Temporal.Instant.from(now))).constants.weeks;
  assert.equal(await weeks('2011-12-09T12:50:00Z'), 0);
  assert.equal(await weeks('2011-12-16T12:49:59Z'), 0);
  assert.equal(await weeks('2011-12-16T12:50:00Z'), 1);
  assert.equal(await weeks('2026-07-03T11:50:00Z'), 760);
});
