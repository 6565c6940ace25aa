import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { people } from '../people/module.ts';
import { liveChannel } from '../stream/live-feed.ts';
import { stream } from '../stream/module.ts';
import { sources } from './module.ts';
import { createSource, updateSource } from './sources.ts';
import { sendTestEvent, testEventState } from './test-events.ts';

// How a test event goes the whole way is tested with the whole server, in src/cli.

let context: Context & { close(): Promise<void> };
const { signal } = new AbortController();

before(async () => {
  context = await testContext({ apps: [sources, people, stream] });
});
after(() => context.close());

async function inLog(): Promise<{ messageId: string; sourceId: number }[]> {
  const found: { messageId: string; sourceId: number }[] = [];
  for (let partition = 0; partition < context.log.partitions; partition++) {
    for (const record of await context.log.read(partition, 0, { events: 1000, bytes: 1e6 })) {
      const { sourceId, events } = JSON.parse(Buffer.from(record.value).toString());
      for (const event of events) found.push({ messageId: event.messageId, sourceId });
    }
  }
  return found;
}

test('a test event is in the log when it is said to be accepted', async () => {
  const source = await createSource(context, { name: 'Shop', kind: 'browser' });
  const before = Date.now();
  const messageId = await sendTestEvent(context, source.id);
  assert.deepEqual(await inLog(), [{ messageId, sourceId: source.id }]);
  const state = await testEventState(context, source.id, messageId, signal);
  assert.deepEqual([state.state, state.personId, state.elapsedMs], ['accepted', null, null]);
  const at = state.steps[0]!.at!.getTime();
  assert.ok(at >= before && at <= Date.now());
});

test('a test event in quarantine says why', async () => {
  const source = await createSource(context, { name: 'Kiosk', kind: 'mobile' });
  const messageId = await sendTestEvent(context, source.id);
  await context.records.pool.query(
    `INSERT INTO quarantine (source_id, step, reason, message_id, event) VALUES ($1, 'decode', 'it is odd', $2, '{}')`,
    [source.id, messageId],
  );
  const state = await testEventState(context, source.id, messageId, signal);
  assert.deepEqual([state.state, state.reason], ['quarantined', 'it is odd']);
});

test('a test event that the stream drops says why', async () => {
  const source = await createSource(context, { name: 'Filtered', kind: 'server' });
  const messageId = await sendTestEvent(context, source.id);
  const asking = testEventState(context, source.id, messageId, signal);
  const tell = new BroadcastChannel(liveChannel(context.config.dataDir));
  const drop = {
    step: 'filter',
    reason: 'its source is switched off',
    sourceId: source.id,
    name: 'Test Event',
    messageId,
  };
  tell.postMessage({ at: '', events: [], drops: [{ ...drop, at: '' }], accepted: 0, dropped: 1 });
  const state = await asking;
  tell.close();
  assert.deepEqual([state.state, state.reason], ['dropped', 'filter: its source is switched off']);
});

test('a source that is switched off or does not exist accepts no test event', async () => {
  const source = await createSource(context, { name: 'Off', kind: 'server' });
  await updateSource(context, source.id, { enabled: false });
  await assert.rejects(sendTestEvent(context, source.id), /switched off/);
  await assert.rejects(sendTestEvent(context, 9999), /no source 9999/);
});

test('an event that was never sent is not found once nothing is on its way', async () => {
  for (const { partition, lagEvents } of await context.log.state()) await context.log.commit(partition, lagEvents);
  await assert.rejects(
    testEventState(context, 1, '0197a3c0-0000-7000-8000-000000000000', signal),
    /no such test event/,
  );
});
