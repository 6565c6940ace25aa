import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Hono } from 'hono';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { mergeByHand } from '../people/merges.ts';
import { people } from '../people/module.ts';
import { insertEvents, insertPerson } from '../people/test-data.ts';
import { type LiveEvent, type LiveMessage, liveChannel } from '../stream/live-feed.ts';
import { stream } from '../stream/module.ts';
import { CLIENTS_LIMIT, eventStream } from './event-stream.ts';
import { closeFeed, feedOf, type LiveItem, type LiveRate } from './feed.ts';
import { live } from './module.ts';

let context: Context & { close(): Promise<void> };
let http: Hono;
let channel: BroadcastChannel;
let permissions = new Set(['events.read', 'people.read', 'people.write']);

before(async () => {
  context = await testContext({ apps: [people, stream] });
  const caller = () => ({ kind: 'key' as const, id: '1', name: 'tester', email: null, role: 'admin', permissions });
  http = buildHttp(context, [people, live], async () => caller());
  channel = new BroadcastChannel(liveChannel(context.config.dataDir));
});
after(async () => {
  channel.close();
  closeFeed(context);
  await context.close();
});

const event = (personId: number, name: string): LiveEvent => {
  const id = randomUUID();
  const now = new Date().toISOString();
  const nothing = { sessionStart: null, revenue: null, page: null, campaign: null, device: null, country: null };
  const who = { personId: String(personId), originId: String(personId), sourceId: '1' };
  const what = { id, messageId: id, type: 'track', name, channel: 'web', contact: 'direct', locale: null };
  return { ...nothing, ...who, ...what, timestamp: now, receivedAt: now, properties: { n: 1 }, context: {} };
};

const message = (events: LiveEvent[], drops: LiveMessage['drops'] = []): LiveMessage => ({
  at: new Date().toISOString(),
  events,
  drops,
  accepted: events.length,
  dropped: drops.length,
});

/** Reads a stream of server-sent events until `done` says so; gives what came as [name, data]. */
async function follow(
  path: string,
  act: (got: [string, never][]) => Promise<void> | void,
  done: (got: [string, never][]) => boolean,
) {
  const leaving = new AbortController();
  const reply = await http.request(path, { signal: leaving.signal });
  assert.equal(reply.status, 200);
  assert.match(reply.headers.get('content-type')!, /^text\/event-stream/);
  const got: [string, never][] = [];
  let text = '';
  let acting: Promise<void> | undefined;
  for await (const chunk of reply.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const parts = text.split('\n\n');
    text = parts.pop()!;
    for (const part of parts) {
      const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(part) ?? [];
      if (name && data) got.push([name, JSON.parse(data) as never]);
    }
    acting ??= Promise.resolve(act(got)).catch((error: Error) => {
      leaving.abort();
      throw error;
    });
    if (done(got)) break;
  }
  leaving.abort();
  await acting;
  return got;
}

test('events, drops and the rate arrive as they happen, events with the name of the person', async () => {
  const person = await insertPerson(context, { traits: { firstName: 'Ewa', lastName: 'Żak' } });
  const drop = {
    at: new Date().toISOString(),
    step: 'filter',
    reason: 'a robot',
    sourceId: 1,
    name: 'x',
    messageId: 'm',
  };
  const got = await follow(
    '/api/live',
    () => channel.postMessage(message([event(person, 'Looked'), event(person, 'Bought')], [drop])),
    // A second without any may be told before they come, and theirs before they have their names.
    (all) =>
      all.filter(([name]) => name !== 'rate').length === 3 &&
      all.some(([name, data]) => name === 'rate' && (data as LiveRate).eventsPerSecond > 0),
  );
  const of = (name: string) => got.filter(([kind]) => kind === name).map(([, data]) => data as Record<string, unknown>);
  assert.deepEqual(
    of('event').map((one) => [one.name, one.personName]),
    [
      ['Looked', 'Ewa Żak'],
      ['Bought', 'Ewa Żak'],
    ],
  );
  assert.equal(of('drop')[0]!.reason, 'a robot');
  assert.deepEqual(
    of('rate').find(({ eventsPerSecond }) => eventsPerSecond !== 0),
    { eventsPerSecond: 2, dropsPerSecond: 1, lagEvents: 0 },
  );

  const recent = (await (await http.request('/api/live/recent?limit=3')).json()) as { items: LiveItem[] };
  assert.deepEqual(
    recent.items.map((item) => item.name),
    ['Bought', 'Looked', 'x'],
  );
});

test('after a restart the last events come from the events store', async () => {
  closeFeed(context);
  const person = await insertPerson(context, { traits: { name: 'Jan' } });
  await insertEvents(context, [{ origin: person, name: 'Stored before' }]);
  const { items } = (await (await http.request('/api/live/recent?limit=10')).json()) as { items: LiveItem[] };
  const found = items.find((item) => item.name === 'Stored before');
  assert.ok(found && 'personName' in found);
  assert.equal(found.personName, 'Jan');
  assert.equal(found.personId, String(person));
});

test("a person's tail tells the events of all its identities, also those merged while it is followed", async () => {
  const person = await insertPerson(context);
  const device = await insertPerson(context);
  await insertEvents(context, [{ origin: person, name: 'Before' }]);
  const names = (got: [string, never][]) => got.map(([, data]) => (data as { name: string }).name);
  const later = async (got: [string, never][]) => {
    // What is there at its first look it does not tell, and when that is over it does not say.
    for (let n = 1; got.length === 0; n++) {
      await insertEvents(context, [{ origin: person, name: `First ${n}` }]);
      channel.postMessage(message([]));
      await sleep(300);
    }
    await mergeByHand(context, { intoId: device, fromId: person, by: 'x' });
    await insertEvents(context, [{ origin: device, name: 'Second' }]);
    channel.postMessage(message([]));
  };
  const told = names(await follow(`/api/people/${person}/live`, later, (all) => names(all).includes('Second')));
  assert.ok(!told.includes('Before'));
  assert.match(told[0]!, /^First \d+$/);
  assert.equal(new Set(told).size, told.length, 'each once');
});

test('a client that reads slowly misses the oldest and is told so', async () => {
  const reply = eventStream(new AbortController().signal, (send) => {
    for (let n = 0; n < 1000; n++) send('event', n);
    return () => {};
  });
  const reader = reply.body!.getReader();
  const text = new TextDecoder().decode((await reader.read()).value);
  assert.match(text, /event: missed\ndata: \{"count":501\}/);
  assert.ok(text.includes('data: 999\n'));
  assert.ok(!text.includes('data: 5\n'));
  await reader.cancel();
});

test('what waits for a client that reads slowly is bounded in size, not only in number', async () => {
  const reply = eventStream(new AbortController().signal, (send) => {
    for (let n = 0; n < 400; n++) send('event', `${n} ${'x'.repeat(100_000)}`);
    return () => {};
  });
  const reader = reply.body!.getReader();
  const text = new TextDecoder().decode((await reader.read()).value);
  assert.ok(text.length < 2.1 * 1024 * 1024, `${text.length} characters`);
  assert.match(text, /event: missed\ndata: \{"count":38\d\}/);
  assert.ok(text.includes('data: "399 '));
  await reader.cancel();
});

test('too many clients are refused, and one that leaves makes room', async () => {
  const leaving = new AbortController();
  let followed = 0;
  const one = (signal: AbortSignal) =>
    eventStream(signal, () => {
      followed++;
      return () => {
        followed--;
      };
    });
  for (let n = 0; n < CLIENTS_LIMIT; n++) one(leaving.signal);
  assert.throws(() => one(leaving.signal), { status: 429 });
  leaving.abort();
  assert.equal(followed, 0);
  await one(new AbortController().signal).body!.cancel();
  assert.equal(followed, 0);
});

test('whoever asks for the headers only does not count as watching', async () => {
  for (let n = 0; n <= CLIENTS_LIMIT; n++) {
    assert.equal((await http.request('/api/live', { method: 'HEAD' })).status, 200);
  }
});

test('whoever may not see events is refused, and an unknown person is not found', async () => {
  assert.equal((await http.request('/api/people/999999999/live')).status, 404);
  permissions = new Set(['people.read']);
  for (const path of ['/api/live', '/api/live/recent', '/api/people/1/live']) {
    assert.equal((await http.request(path)).status, 403);
  }
  permissions = new Set(['events.read', 'people.read', 'people.write']);
  assert.equal(feedOf(context).activity >= 0, true);
});
