import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { type Mosquitto, mosquittoIsMissing, startMosquitto } from '../../../../test/mosquitto.ts';
import { Refusal, refuse } from '../../../kernel/refusal.ts';
import { updateSource } from '../../sources/sources.ts';
import { saveConnection } from '../connections.ts';
import { ConnectionInput } from '../settings.ts';
import { startConnections } from '../supervisor.ts';
import { type ConnectionBench, connectionBench } from '../testing.ts';

describe('a source that listens to an MQTT broker', { skip: mosquittoIsMissing(), timeout: 200_000 }, () => {
  let bench: ConnectionBench;
  let broker: Mosquitto;
  let sender: MqttClient;
  let stop: () => Promise<void>;
  const mqtt = (topics: string[], more: object = {}) => ({
    kind: 'mqtt',
    settings: { url: broker.url, topics, ...more },
  });
  const send = (topic: string, payload: unknown) =>
    sender.publishAsync(topic, Buffer.isBuffer(payload) ? payload : JSON.stringify(payload), { qos: 1 });
  const ofTopic = async (topic: string, count: number) => {
    for (let tries = 0; ; tries++) {
      const events = (await bench.logged()).events.filter(
        (event) => (event.properties as { topic?: string } | undefined)?.topic === topic,
      );
      const ids = new Set(events.map((event) => event.messageId));
      if (ids.size >= count || tries > 400) return { events, ids };
      await sleep(50);
    }
  };

  before(async () => {
    bench = await connectionBench();
    broker = await startMosquitto();
    sender = await connectAsync(broker.url, { reconnectPeriod: 100 });
    sender.on('error', () => {});
    stop = await startConnections(bench.context);
  });
  after(async () => {
    await stop?.();
    await sender?.endAsync(true);
    await broker?.stop();
    await bench?.close();
  });
  afterEach(async () => {
    // Each test has its own source.
    await bench.context.records.pool.query('UPDATE sources SET enabled = false');
  });

  test('takes what comes on its topics, of any kind, and nothing else', async () => {
    const source = await bench.connect(mqtt(['shop/+/door', 'raw/#']));
    await bench.stateIs(source, 'connected');
    await send('shop/1/window', { open: true });
    await send('shop/1/door', { open: true });
    await send('raw/number', 21.5);
    await send('raw/text', Buffer.from('hello there'));
    await send('raw/bytes', Buffer.from([0xff, 0xfe, 0x00]));
    const { events } = await bench.loggedWhen(4);
    const properties = events.map((event) => event.properties);
    assert.deepEqual(
      properties.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
      [
        { topic: 'raw/bytes', value: undefined, base64: '//4A' },
        { topic: 'raw/number', value: 21.5 },
        { topic: 'raw/text', value: 'hello there' },
        { topic: 'shop/1/door', open: true },
      ].map((one) => JSON.parse(JSON.stringify(one))),
    );
    assert.deepEqual(events.find((e) => JSON.stringify(e).includes('door'))?.externalIds, [
      { kind: 'device', value: 'shop/1/door' },
    ]);
    const now = await bench.state(source);
    assert.equal(now.received, 4);
    assert.ok(now.lastAt);
  });

  test('takes the same reading as often as it is sent, and each once', async () => {
    const source = await bench.connect(mqtt(['same/#']));
    await bench.stateIs(source, 'connected');
    for (let i = 0; i < 25; i++) await send('same/t', 20);
    const { events, ids } = await ofTopic('same/t', 25);
    assert.deepEqual([events.length, ids.size], [25, 25]);
  });

  test('maps by topic and payload, and puts what the mapping cannot take into quarantine with the reason', async () => {
    const mapping =
      '$number(t) > 50 ? $error("too hot") : { "event": "Measured", "externalIds": [{ "kind": "device", "value": $parts[1] }], "properties": { "topic": $topic, "t": t } }';
    const source = await bench.connect(mqtt(['mapped/#']), { mapping });
    await bench.stateIs(source, 'connected');
    await send('mapped/m1', { t: 4 });
    await send('mapped/m2', { t: 90 });
    const { events } = await ofTopic('mapped/m1', 1);
    assert.deepEqual(events[0]?.externalIds, [{ kind: 'device', value: 'm1' }]);
    const now = await bench.stateIs(source, (state) => state.refused === 1);
    assert.equal(now.state, 'connected');
    const { refused } = await bench.logged();
    assert.match(refused.find((one) => one.event.includes('90'))?.reason ?? '', /too hot/);
  });

  test('survives hostile payloads: huge, deep, not JSON, and names that programs trip over', async () => {
    const source = await bench.connect(mqtt(['hostile/#'], { format: 'json' }));
    await bench.stateIs(source, 'connected');
    await send('hostile/huge', Buffer.alloc(3_000_000, 65));
    await send('hostile/deep', Buffer.from(`${'['.repeat(50_000)}${']'.repeat(50_000)}`));
    await send('hostile/broken', Buffer.from('{"a":'));
    await send('hostile/bytes', Buffer.from([0xc0, 0x80, 0xff]));
    await send('hostile/proto', Buffer.from('{"__proto__":{"polluted":1},"constructor":1,"a\\u0000b":"\\ud800"}'));
    await send('hostile/empty', Buffer.alloc(0));
    await send('hostile/good', { fine: true });
    await ofTopic('hostile/good', 1);
    const now = await bench.stateIs(source, (state) => state.refused === 5);
    assert.equal(now.state, 'connected');
    const reasons = (await bench.logged()).refused.map((one) => one.reason).join('\n');
    for (const said of [/3000000 bytes; the limit/, /nested deeper/, /not JSON/, /not UTF-8/])
      assert.match(reasons, said);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  });

  test('misses nothing while the broker is away and back, and says what it waits for meanwhile', async () => {
    const source = await bench.connect(mqtt(['away/#']));
    await bench.stateIs(source, 'connected');
    await send('away/1', { n: 1 });
    await ofTopic('away/1', 1);
    await broker.end();
    const away = await bench.stateIs(source, 'waiting');
    assert.match(away.error ?? '', /closed the connection|Nothing listens/);
    assert.ok(away.retryAt && away.retryAt > away.stateAt);
    await broker.restart();
    await send('away/2', { n: 2 });
    await ofTopic('away/2', 1);
    const back = await bench.stateIs(source, 'connected');
    assert.equal(back.error, null);
  });

  test('gets what came while the source was switched off, and at once stops and starts with its settings', async () => {
    const source = await bench.connect(mqtt(['later/#']));
    await bench.stateIs(source, 'connected');
    await updateSource(bench.context, source.id, { enabled: false });
    await bench.stateIs(source, 'off');
    await send('later/1', {});
    await sleep(300);
    assert.equal((await bench.logged()).events.filter((e) => JSON.stringify(e).includes('later/1')).length, 0);
    await updateSource(bench.context, source.id, { enabled: true });
    await ofTopic('later/1', 1);
    // A topic that is taken away is not listened to any more, although the broker remembers its clients.
    await saveConnection(bench.context, source.id, ConnectionInput.parse(mqtt(['other/#'])));
    await bench.stateIs(source, (now) => now.version === 2 && now.state === 'connected');
    await sleep(300);
    await send('later/2', {});
    await send('other/1', {});
    await ofTopic('other/1', 1);
    assert.equal((await ofTopic('later/2', 0)).events.length, 0);
  });

  test('acknowledges nothing before the log has it; what was cut off comes again and counts once', async () => {
    const source = await bench.connect(mqtt(['exact/#']));
    await bench.stateIs(source, 'connected');
    const { log } = bench.context;
    const append = log.append.bind(log);
    // First the log is full: the broker must keep all.
    log.append = async () => {
      throw refuse.unavailable('the log is full');
    };
    for (let i = 0; i < 60; i++) await send(`exact/${i % 3}`, 7);
    const held = await bench.stateIs(source, 'waiting');
    assert.match(held.error ?? '', /log is full/);
    await stop();
    // Then it takes them, but the process ends before the broker hears of it.
    let appended = 0;
    log.append = async (entries) => {
      await append(entries);
      appended++;
      throw new Error('cut off here');
    };
    stop = await startConnections(bench.context);
    while (appended === 0) await sleep(20);
    await stop();
    log.append = append;
    const between = await bench.logged();
    const before = between.events.filter((event) => String(JSON.stringify(event.properties)).includes('exact/')).length;
    assert.ok(before > 0, 'some were taken before the cut');
    stop = await startConnections(bench.context);
    let events = (await bench.logged()).events;
    const mine = () => events.filter((event) => JSON.stringify(event.properties ?? '').includes('exact/'));
    for (let i = 0; i < 200 && new Set(mine().map((e) => e.messageId)).size < 60; i++) {
      await sleep(50);
      events = (await bench.logged()).events;
    }
    await sleep(500);
    events = (await bench.logged()).events;
    assert.equal(
      new Set(mine().map((event) => event.messageId)).size,
      60,
      'each message has one ID, also when it came again',
    );
    assert.ok(mine().length > 60, 'some did come again');
  });

  test('keeps up with a burst', async () => {
    const source = await bench.connect(mqtt(['burst/#']), {
      mapping:
        '{ "event": "Measured", "externalIds": [{ "kind": "device", "value": $parts[1] }], "properties": { "topic": "burst", "n": n } }',
    });
    await bench.stateIs(source, 'connected');
    const began = performance.now();
    await Promise.all(Array.from({ length: 5000 }, (_, n) => send(`burst/${n % 50}`, { n })));
    const { ids, events } = await ofTopic('burst', 5000);
    assert.deepEqual([ids.size, events.length], [5000, 5000]);
    console.log(`5,000 messages in ${Math.round(performance.now() - began)} ms`);
  });

  test('says plainly what is wrong with the address and the password, and never shows the password', async () => {
    const closed = await startMosquitto({ password: 'right' });
    try {
      const wrong = await bench.connect({
        kind: 'mqtt',
        settings: { url: closed.url, user: 'shop', topics: ['#'] },
        secrets: { password: 'hunter2' },
      });
      const state = await bench.stateIs(wrong, (now) => now.error !== null);
      assert.match(state.error ?? '', /refuses this name and password|does not let this user in/);
      assert.deepEqual(state.secretsSet, ['password']);
      const { rows } = await bench.context.records.pool.query('SELECT * FROM connections');
      assert.doesNotMatch(JSON.stringify(rows), /hunter2/);
      await saveConnection(
        bench.context,
        wrong.id,
        ConnectionInput.parse({
          kind: 'mqtt',
          settings: { url: closed.url, user: 'shop', topics: ['#'] },
          secrets: { password: 'right' },
        }),
      );
      await bench.stateIs(wrong, 'connected');
      // A kept password goes to no address that it was not given for.
      await assert.rejects(
        saveConnection(
          bench.context,
          wrong.id,
          ConnectionInput.parse({
            kind: 'mqtt',
            settings: { url: 'mqtt://evil.example', user: 'shop', topics: ['#'] },
          }),
        ),
        (error) => error instanceof Refusal && /enter the password again/.test(error.message),
      );
    } finally {
      await closed.stop();
    }
    const nobody = await bench.connect({ kind: 'mqtt', settings: { url: 'mqtt://127.0.0.1:1', topics: ['#'] } });
    const state = await bench.stateIs(nobody, (now) => now.error !== null);
    assert.match(state.error ?? '', /Nothing listens at this address/);
  });

  test('works with MQTT 5 too', async () => {
    const source = await bench.connect(mqtt(['five/#'], { version: 5 }));
    await bench.stateIs(source, 'connected');
    for (let i = 0; i < 50; i++) await send('five/x', { i });
    const { ids } = await ofTopic('five/x', 50);
    assert.equal(ids.size, 50);
  });

  test('is run by one process at a time', async () => {
    const source = await bench.connect(mqtt(['one/#']));
    await bench.stateIs(source, 'connected');
    const second = await startConnections(bench.context);
    await sleep(500);
    await send('one/x', {});
    assert.equal((await ofTopic('one/x', 1)).events.length, 1);
    await stop();
    await bench.stateIs(source, 'connected');
    await send('one/y', {});
    assert.equal((await ofTopic('one/y', 1)).events.length, 1);
    stop = second;
  });
});
