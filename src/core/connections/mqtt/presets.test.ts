import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsFrom } from '../arrived.ts';
import { MqttSettings } from '../settings.ts';
import { PRESETS } from './presets.ts';

const eventsOf = async (name: string, topic: string, payload: unknown, retained = false) => {
  const preset = PRESETS.find((one) => one.name === name)!;
  const variables = { topic, parts: topic.split('/'), retained, qos: 1 };
  const { events, refused } = await eventsFrom(preset, { value: payload, variables, messageId: 'm' }, () => ({}));
  assert.deepEqual(refused, []);
  return events;
};

test('each ready-made mapping makes events of its example, on topics that may be asked for', async () => {
  for (const { name, topics, example } of PRESETS) {
    assert.equal(MqttSettings.safeParse({ url: 'mqtt://b', topics }).success, true);
    const events = await eventsOf(name, example.topic, example.payload);
    assert.ok(events.length > 0 && events.every((event) => event.type === 'track' && event.event), name);
  }
});

test('a sensor may send a bare number', async () => {
  const [event] = await eventsOf('sensor', 'sensors/d1/humidity', 41);
  assert.deepEqual(event?.properties, { measure: 'humidity', value: 41 });
  assert.deepEqual(event?.externalIds, [{ kind: 'device', value: 'd1' }]);
});

test('a gate names the tag, one or many, and what the broker had kept is no new pass', async () => {
  const [one] = await eventsOf('rfid', 'gates/north/tags', { tag: 'T1', direction: 'out' });
  assert.deepEqual([one?.event, one?.externalIds], ['Gate Left', [{ kind: 'rfid', value: 'T1' }]]);
  assert.deepEqual(await eventsOf('rfid', 'gates/north/tags', { tag: 'T1' }, true), []);
  const many = await eventsOf('rfid', 'gates/n/tags', [{ tag: 'A' }, { tag: 'B' }]);
  assert.deepEqual(
    many.map((event) => event.messageId),
    ['m', 'm 1'],
  );
});

test('a receipt without a card is nobody’s and is left out', async () => {
  assert.deepEqual(await eventsOf('till', 'tills/t1/receipts', { number: 'R', total: 1 }), []);
  const [event] = await eventsOf('till', 'tills/t1/receipts', {
    number: 'R',
    card: 7,
    total: 1,
    lines: [{ name: 'x' }],
  });
  assert.equal(event?.messageId, 'receipt t1 R');
  assert.deepEqual((event!.properties as { products: unknown }).products, [{ name: 'x' }]);
});
