import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Webhook as Verifier } from 'standardwebhooks';
import type { Context } from '../../kernel/context.ts';
import { runJobs, testContext } from '../../kernel/testing.ts';
import { until } from '../../kernel/testing-until.ts';
import { core } from '../index.ts';
import { append, processAll, sent } from '../stream/testing.ts';
import {
  bodyOf,
  deliveryById,
  forgetOld,
  listDeliveries,
  replay,
  sendAgain,
  sendFailedAgain,
  sendTest,
} from './deliveries.ts';
import {
  createDestination,
  type Destination,
  destinationById,
  rotateSecret,
  updateDestination,
  verifiersOf,
} from './destination.ts';
import { deliveriesOfPersons, destinationsOf } from './personal.ts';
import { type Receiver, startReceiver } from './receiver.testing.ts';
import { shown } from './replies.ts';
import { startSender } from './sender.ts';
import type { Filter, WebhookSettings } from './settings.ts';

let context: Context & { close(): Promise<void> };
let receiver: Receiver;
let stopSender: () => Promise<void>;
const others: Receiver[] = [];

before(async () => {
  context = await testContext({ apps: core, environment: { THROUGHLINE_OUTGOING_ALLOW: '127.0.0.1/32' } });
  stopSender = await startSender(context);
});
after(async () => {
  await stopSender();
  await receiver?.close();
  for (const other of others) await other.close();
  await context.close();
});
beforeEach(async () => {
  if (receiver) others.push(receiver);
  receiver = await startReceiver();
  await context.records.pool.query('UPDATE destinations SET enabled = false');
});

const WRITER = { permissions: new Set(['destinations.write']) };
const webhook = (more: Partial<WebhookSettings> = {}): WebhookSettings => ({
  url: receiver.url,
  signature: 'v1',
  concurrency: 10,
  perSecond: null,
  disableAfterDays: 5,
  tellErasures: true,
  ...more,
});

const make = (
  more: Partial<WebhookSettings> = {},
  choice: { filter?: Filter; condition?: string; purposes?: string[] } = {},
) =>
  createDestination(context, {
    name: 'CRM',
    kind: 'webhook',
    filter: choice.filter ?? {},
    condition: choice.condition ?? null,
    purposes: choice.purposes ?? [],
    settings: webhook(more),
    notify: null,
  });

const keyOf = (destination: Destination) => verifiersOf(destination)[0]!.key;

async function arrive(...events: Parameters<typeof sent>[0][]): Promise<void> {
  await append(
    context,
    events.map((event) => sent({ messageId: crypto.randomUUID(), ...event })),
  );
  await processAll(context);
}

async function settled(id: number): Promise<void> {
  for (;;) {
    const { rows } = await context.records.pool.query(
      "SELECT 1 FROM destinations_deliveries WHERE destination_id = $1 AND status = 'waiting' AND due_at < now() + interval '3 s' LIMIT 1",
      [id],
    );
    if (rows.length === 0) return;
    await sleep(20);
  }
}

const deliveries = async (id: number) => (await listDeliveries(context, id, { limit: 200 })).items;
const personOf = async (userId: string) => {
  const { rows } = await context.records.pool.query<{ id: number }>(
    'SELECT p.root_id AS id FROM identifiers i JOIN persons p ON p.id = i.person_id WHERE i.value = $1',
    [userId],
  );
  return rows[0]!.id;
};

describe('a webhook', () => {
  it('is called with each event that its filter lets through, signed so that the reference library verifies it', async () => {
    const destination = await make({}, { filter: { names: ['Order Completed'], types: ['track'] } });
    await arrive(
      { userId: 'ada', event: 'Order Completed', properties: { total: 12.5, note: 'żółw 🐢' } },
      { userId: 'ada', event: 'Product Viewed' },
      { userId: 'ada', type: 'page', name: 'Order Completed' },
    );
    await receiver.until(1);
    await settled(destination.id);
    assert.equal(receiver.received.length, 1);
    const [{ body, headers, message }] = receiver.received as [(typeof receiver.received)[0]];
    const key = keyOf(destination);
    assert.deepEqual(new Verifier(key).verify(body, headers as Record<string, string>), message);
    assert.throws(() => new Verifier(key).verify(body.replace('12.5', '99'), headers as Record<string, string>));
    assert.equal(message.type, 'event.track');
    assert.equal(message.data.name, 'Order Completed');
    assert.equal(message.data.userId, 'ada');
    assert.equal(message.data.personId, String(await personOf('ada')));
    assert.deepEqual(message.data.properties, { total: 12.5, note: 'żółw 🐢' });
    assert.equal(headers['webhook-id'], `msg_${destination.id}_${message.data.id}`);
    const [reply] = await until(async () => {
      const shownNow = await shown(context, WRITER, [await destinationById(context, destination.id)]);
      return shownNow[0]?.lastSuccessAt && shownNow;
    }, 'that it works is known');
    assert.equal(reply?.health.deliveredToday, 1);
    const [delivery] = await deliveries(destination.id);
    assert.equal(delivery?.status, 'delivered');
    assert.equal(delivery?.log[0]?.status, 204);
  });

  it('can be signed with Ed25519', async () => {
    const destination = await make({ signature: 'v1a' });
    await arrive({ userId: 'eve', event: 'Signed' });
    const [got] = await receiver.until(1);
    const { createPublicKey, verify } = await import('node:crypto');
    const key = keyOf(destination);
    assert.match(key, /^whpk_/);
    const spki = Buffer.concat([
      Buffer.from('302a300506032b6570032100', 'hex'),
      Buffer.from(key.slice('whpk_'.length), 'base64'),
    ]);
    const content = `${got!.headers['webhook-id']}.${got!.headers['webhook-timestamp']}.${got!.body}`;
    const signature = Buffer.from(String(got!.headers['webhook-signature']).split(',')[1]!, 'base64');
    const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    assert.ok(verify(null, Buffer.from(content), publicKey, signature));
  });

  it('is signed with the old secret and the new one for a day after a rotation, then with the new one alone', async () => {
    const destination = await make();
    const old = keyOf(destination);
    const rotated = await rotateSecret(context, destination.id);
    const fresh = keyOf(rotated);
    assert.notEqual(fresh, old);
    await arrive({ userId: 'ada', event: 'Rotated' });
    const [got] = await receiver.until(1);
    for (const key of [old, fresh]) new Verifier(key).verify(got!.body, got!.headers as Record<string, string>);
    await context.records.pool.query(
      `UPDATE destinations SET secrets = jsonb_set(secrets, '{keys,1,until}', '"2020-01-01T00:00:00Z"') WHERE id = $1`,
      [destination.id],
    );
    await arrive({ userId: 'ada', event: 'Rotated' });
    const second = (await receiver.until(2))[1]!;
    new Verifier(fresh).verify(second.body, second.headers as Record<string, string>);
    assert.throws(() => new Verifier(old).verify(second.body, second.headers as Record<string, string>));
    assert.equal(verifiersOf(await destinationById(context, destination.id)).length, 1);
  });

  it('that fails is called again with the same ID until it answers, and the log tells each attempt', async () => {
    const destination = await make();
    receiver.answer = (response) => response.writeHead(500).end('oh no '.repeat(1000));
    await arrive({ userId: 'ada', event: 'Failed Once' });
    await receiver.until(1);
    let one = (await deliveries(destination.id))[0]!;
    while (one.attempts === 0) one = (await deliveries(destination.id))[0]!;
    assert.equal(one.status, 'waiting');
    assert.equal(one.log[0]?.status, 500);
    assert.equal(one.log[0]?.response?.length, 2048);
    assert.ok(one.dueAt.getTime() - Date.parse(one.log[0]!.at) >= 4900, 'it waits');
    assert.ok(one.dueAt.getTime() - Date.now() <= 7000, 'and not for long');
    // How the destination does is noted a moment after the attempt.
    await until(async () => (await destinationById(context, destination.id)).failingSince, 'it is known to fail');
    receiver.answer = (response) => response.writeHead(200).end('thanks');
    await context.records.pool.query('UPDATE destinations_deliveries SET due_at = now() WHERE destination_id = $1', [
      destination.id,
    ]);
    await receiver.until(2);
    await settled(destination.id);
    one = await deliveryById(context, destination.id, one.eventId);
    assert.equal(one.status, 'delivered');
    assert.deepEqual(
      one.log.map((attempt) => attempt.status),
      [500, 200],
    );
    assert.equal(receiver.received[0]!.headers['webhook-id'], receiver.received[1]!.headers['webhook-id']);
    await until(async () => (await destinationById(context, destination.id)).failingSince === null, 'it fails no more');
  });

  it('is given up after ten attempts, and can be sent again, alone or with all that failed', async () => {
    const destination = await make();
    receiver.answer = (response) => response.writeHead(400).end();
    await arrive({ userId: 'ada', event: 'Hopeless' });
    for (let attempt = 1; attempt <= 10; attempt++) {
      await context.records.pool.query('UPDATE destinations_deliveries SET due_at = now() WHERE destination_id = $1', [
        destination.id,
      ]);
      // The rest that a destination takes after failing is not waited for here.
      await stopSender();
      stopSender = await startSender(context);
      await receiver.until(attempt);
      await settled(destination.id);
    }
    let [one] = await deliveries(destination.id);
    assert.equal(one?.status, 'failed');
    assert.equal(one?.attempts, 10);
    await stopSender();
    stopSender = await startSender(context);
    receiver.answer = (response) => response.writeHead(204).end();
    assert.equal(await sendFailedAgain(context, destination.id, new Date(Date.now() - 3_600_000)), 1);
    await receiver.until(11);
    await settled(destination.id);
    [one] = await deliveries(destination.id);
    assert.equal(one?.status, 'delivered');
    await sendAgain(context, destination.id, one!.eventId);
    await receiver.until(12);
  });

  it('that asks for a pause gets it, for all its events', async () => {
    const destination = await make({ concurrency: 1 });
    receiver.answer = (response) => response.writeHead(429, { 'retry-after': '600' }).end();
    await arrive({ userId: 'ada', event: 'Too Many' }, { userId: 'ada', event: 'Too Many' });
    await receiver.until(1);
    let paused = await destinationById(context, destination.id);
    while (!paused.pausedUntil) paused = await destinationById(context, destination.id);
    const wait = paused.pausedUntil.getTime() - Date.now();
    assert.ok(wait > 500_000 && wait <= 600_000, `${wait}`);
    let tried = (await deliveries(destination.id)).find((one) => one.attempts === 1);
    while (!tried) tried = (await deliveries(destination.id)).find((one) => one.attempts === 1);
    assert.ok(tried.dueAt.getTime() - Date.now() > 500_000);
    await sleep(600);
    assert.equal(receiver.received.length, 1);
  });

  it('that answers 410 is switched off, and one that fails for days too', async () => {
    const gone = await make();
    receiver.answer = (response) => response.writeHead(410).end();
    await arrive({ userId: 'ada', event: 'Gone' });
    let now = await destinationById(context, gone.id);
    while (now.enabled) now = await destinationById(context, gone.id);
    assert.equal(now.stopped, 'gone');
    const failing = await make({ disableAfterDays: 2 });
    receiver.answer = (response) => response.writeHead(500).end();
    await context.records.pool.query(
      "UPDATE destinations SET failing_since = now() - interval '3 days' WHERE id = $1",
      [failing.id],
    );
    await arrive({ userId: 'ada', event: 'Failing' });
    now = await destinationById(context, failing.id);
    while (now.enabled) now = await destinationById(context, failing.id);
    assert.equal(now.stopped, 'failing');
    await assert.rejects(sendTest(context, failing.id), /switched off/);
    now = await updateDestination(context, failing.id, { enabled: true });
    assert.deepEqual([now.stopped, now.failingSince], [null, null]);
  });

  it('answers a test at once', async () => {
    const destination = await make();
    const id = await sendTest(context, destination.id);
    const [got] = await receiver.until(1);
    assert.equal(got!.message.type, 'throughline.test');
    await settled(destination.id);
    assert.equal((await deliveryById(context, destination.id, id)).status, 'delivered');
  });

  it('whose condition is given gets the events for which it is true', async () => {
    const destination = await make({}, { condition: 'properties.total > 100' });
    await arrive(
      { userId: 'ada', event: 'Order', properties: { total: 50 } },
      { userId: 'ada', event: 'Order', properties: { total: 150 } },
    );
    await receiver.until(1);
    await settled(destination.id);
    assert.deepEqual(
      receiver.received.map((got) => (got.message.data.properties as { total: number }).total),
      [150],
    );
    assert.deepEqual((await deliveries(destination.id)).map((one) => one.status).sort(), ['delivered', 'left']);
    await assert.rejects(make({}, { condition: 'properties.(' }), /cannot be read/);
  });

  it('gets no more calls in a second than it may', async () => {
    const destination = await make({ perSecond: 20, concurrency: 20 });
    const began = Date.now();
    await arrive(...Array.from({ length: 30 }, () => ({ userId: 'ada', event: 'Many' })));
    await receiver.until(30);
    await settled(destination.id);
    // A machine that is busy may be late with some, and make up for it; none may be early. A batch begins with one at once.
    const after = receiver.received.map(({ at }) => at - began);
    for (const [n, wait] of after.entries()) assert.ok(wait >= (n - 4) * 50, `calls came after ${after} ms`);
  });

  it('gets events from history when a time is sent again, also those from before it was made', async () => {
    const from = new Date();
    await arrive(...Array.from({ length: 7 }, (_, n) => ({ userId: `old-${n}`, event: 'Historic' })));
    const destination = await make({}, { filter: { names: ['Historic'] } });
    await replay(context, destination.id, from, new Date(Date.now() + 1000));
    await assert.rejects(replay(context, destination.id, from, new Date()), /already/);
    await runJobs(context, core);
    await receiver.until(7);
    await settled(destination.id);
    await replay(context, destination.id, from, new Date(Date.now() + 1000));
    await runJobs(context, core);
    await receiver.until(14);
    assert.equal(new Set(receiver.received.map((got) => got.headers['webhook-id'])).size, 7);
    await assert.rejects(replay(context, destination.id, new Date(), from), /begin before/);
    await assert.rejects(replay(context, destination.id, new Date(0), new Date()), /366 days/);
  });

  it('is found in the log by the name, the event and the state; the log forgets after thirty days', async () => {
    const destination = await make();
    await arrive({ userId: 'ada', event: 'Alpha' }, { userId: 'ada', event: 'Beta 50%_off' });
    await receiver.until(2);
    await settled(destination.id);
    const find = async (query: { q?: string; status?: 'failed' | 'delivered' }) =>
      (await listDeliveries(context, destination.id, { ...query, limit: 10 })).items.map((one) => one.name);
    assert.deepEqual(await find({ q: 'alpha' }), ['Alpha']);
    assert.deepEqual(await find({ q: '%_' }), ['Beta 50%_off']);
    assert.deepEqual(await find({ status: 'failed' }), []);
    const [beta] = (await listDeliveries(context, destination.id, { q: 'beta', limit: 10 })).items;
    assert.deepEqual(await find({ q: `msg_${destination.id}_${beta!.eventId}` }), ['Beta 50%_off']);
    const first = await listDeliveries(context, destination.id, { limit: 1 });
    const second = await listDeliveries(context, destination.id, { limit: 1, cursor: first.nextCursor! });
    assert.equal(new Set([...first.items, ...second.items].map((one) => one.eventId)).size, 2);
    assert.equal(second.nextCursor, null);
    assert.equal(JSON.parse((await bodyOf(context, destination.id, beta!.eventId))!).data.name, 'Beta 50%_off');
    await context.records.pool.query(
      "UPDATE destinations_deliveries SET created_at = now() - interval '31 days' WHERE destination_id = $1 AND name = 'Alpha'",
      [destination.id],
    );
    assert.equal(await forgetOld(context), 1);
    assert.deepEqual(await find({}), ['Beta 50%_off']);
  });

  it('must not lead into this machine or its network, however the address is written', async () => {
    for (const host of ['169.254.169.254', '[::ffff:10.0.0.1]', '0x0a000001', '192.168.0.1', '[fd00::1]', '10.1']) {
      await assert.rejects(make({ url: `http://${host}/` }), /private network/, host);
    }
    for (const url of ['ftp://example.com/', 'javascript:alert(1)', 'file:///etc/passwd', 'x']) {
      await assert.rejects(make({ url }), /address/, url);
    }
  });

  it('does not follow a redirect, and says so', async () => {
    const destination = await make();
    receiver.answer = (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    await arrive({ userId: 'ada', event: 'Moved' });
    await receiver.until(1);
    let [one] = await deliveries(destination.id);
    while (!one?.log[0]) [one] = await deliveries(destination.id);
    assert.match(one.log[0].error ?? '', /redirect/);
    assert.equal(one.log[0].status, 302);
  });
});

describe('consent', () => {
  const marketing = (granted: boolean) => ({ consent: { categoryPreferences: { marketing: granted } } });

  it('decides what leaves: what the event says first, else what the person said', async () => {
    await arrive(
      { userId: 'yes', type: 'identify', context: marketing(true) },
      { userId: 'no', type: 'identify', context: marketing(false) },
    );
    const destination = await make({}, { purposes: ['marketing', 'service'] });
    await arrive(
      { userId: 'yes', event: 'By Person' },
      { userId: 'no', event: 'Refused' },
      { userId: 'nobody-asked', event: 'Unknown' },
      { userId: 'own', event: 'By Event', context: marketing(true) },
      { userId: 'yes', event: 'Against', context: marketing(false), timestamp: '2026-01-01T00:00:00Z' },
    );
    await receiver.until(2);
    await settled(destination.id);
    assert.deepEqual(receiver.received.map((got) => got.message.data.name).sort(), ['By Event', 'By Person']);
    const [reply] = await shown(context, WRITER, [destination]);
    assert.deepEqual(reply?.health.held, { marketing: 3 });
    assert.equal(reply?.health.heldToday, 3);
    const reasons = (await deliveries(destination.id)).filter((one) => one.status === 'held');
    assert.deepEqual([...new Set(reasons.map((one) => one.reason))], ['marketing']);
  });

  it('that is withdrawn stops what waits for its next attempt', async () => {
    const destination = await make({}, { purposes: ['marketing'] });
    receiver.answer = (response) => response.writeHead(500).end();
    await arrive({ userId: 'second-thoughts', event: 'Waiting', context: marketing(true) });
    await receiver.until(1);
    await updateDestination(context, destination.id, { enabled: false });
    await arrive({ userId: 'second-thoughts', type: 'identify', context: marketing(false) });
    await updateDestination(context, destination.id, { enabled: true });
    await context.records.pool.query('UPDATE destinations_deliveries SET due_at = now() WHERE destination_id = $1', [
      destination.id,
    ]);
    let [one] = await deliveries(destination.id);
    while (one?.status === 'waiting') [one] = await deliveries(destination.id);
    assert.deepEqual([one?.status, one?.reason], ['held', 'marketing']);
    assert.equal(receiver.received.length, 1);
  });

  it('is not all: the data of a restricted person stays, and so does what the person objects to', async () => {
    await arrive({ userId: 'restricted', event: 'Before' }, { userId: 'objecting', event: 'Before' });
    const destination = await make({}, { purposes: ['service'] });
    await context.records.pool.query(
      "INSERT INTO privacy_restrictions (person_id, purpose, by_name) VALUES ($1, '', 'a test'), ($2, 'service', 'a test')",
      [await personOf('restricted'), await personOf('objecting')],
    );
    await arrive(
      { userId: 'restricted', event: 'Kept' },
      { userId: 'objecting', event: 'Kept' },
      { userId: 'free', event: 'Sent' },
    );
    await receiver.until(1);
    await settled(destination.id);
    assert.deepEqual(
      receiver.received.map((got) => got.message.data.name),
      ['Sent'],
    );
    assert.deepEqual((await shown(context, WRITER, [destination]))[0]?.health.held, { restricted: 1, service: 1 });
  });
});

describe('an erasure', () => {
  it('tells the receivers that got events of the person, and leaves no trace in the log', async () => {
    const told = await make();
    await arrive({ userId: 'leaving', event: 'Bought' }, { userId: 'staying', event: 'Bought' });
    await receiver.until(2);
    await settled(told.id);
    const person = await personOf('leaving');
    const subject = { origins: [person], identifiers: [{ kind: 'user_id', value: 'leaving' }] };
    assert.deepEqual(
      (await destinationsOf(context, subject)).map((one) => [one.destinationId, one.where, one.events]),
      [[told.id, receiver.url, 1]],
    );
    const files: Record<string, object[]> = {};
    for await (const { file, rows } of deliveriesOfPersons.export(context, subject)) files[file] = rows;
    assert.equal(files.destinations?.length, 1);
    assert.equal(files.deliveries?.length, 1);
    await deliveriesOfPersons.erase(context, subject);
    await deliveriesOfPersons.erase(context, subject);
    await receiver.until(3);
    await settled(told.id);
    assert.equal(receiver.received.length, 3);
    const message = receiver.received[2]!.message;
    assert.equal(message.type, 'person.erased');
    assert.deepEqual(message.data, { personIds: [String(person)] });
    assert.deepEqual(await destinationsOf(context, subject), []);
    assert.deepEqual(
      (await deliveries(told.id)).filter((one) => one.originId === person),
      [],
    );
    assert.equal((await destinationsOf(context, { origins: [await personOf('staying')] })).length, 1);
  });
});
