import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupByDay } from './src/pages/person/grouping.ts';
import type { TimelineEvent } from './src/wire.ts';

const MORNING = '2026-03-02T12:00:00.000Z';
const EVENING = '2026-03-02T15:00:00.000Z';

function event(id: string, timestamp: string, sessionStart: string | null): TimelineEvent {
  return { id, timestamp, sessionStart } as TimelineEvent;
}

const shape = (events: TimelineEvent[]) =>
  groupByDay(events).map((day) => day.stretches.map((stretch) => stretch.events.map((one) => one.id).join(' ')));

test('events of one session stand together, newest first', () => {
  const days = groupByDay([
    event('c', '2026-03-02T12:30:00.000Z', MORNING),
    event('b', '2026-03-02T12:10:00.000Z', MORNING),
    event('a', MORNING, MORNING),
  ]);
  const [stretch] = days[0]!.stretches;
  assert.equal(days.length, 1);
  assert.deepEqual([stretch?.own, stretch?.milliseconds, stretch?.start], [3, 30 * 60_000, MORNING]);
});

test('an e-mail opened during a visit stays in its place within the visit', () => {
  const list = [
    event('c', '2026-03-02T12:30:00.000Z', MORNING),
    event('mail', '2026-03-02T12:20:00.000Z', null),
    event('a', MORNING, MORNING),
    event('before', '2026-03-02T11:00:00.000Z', null),
  ];
  assert.deepEqual(shape(list), [['c mail a', 'before']]);
  assert.equal(groupByDay(list)[0]!.stretches[0]!.own, 2);
});

test('two sessions and another day are apart', () => {
  const list = [
    event('d', '2026-03-02T15:10:00.000Z', EVENING),
    event('c', EVENING, EVENING),
    event('b', MORNING, MORNING),
    event('a', '2026-02-20T12:00:00.000Z', '2026-02-20T12:00:00.000Z'),
  ];
  assert.deepEqual(shape(list), [['d c', 'b'], ['a']]);
});

test('nothing makes no days', () => {
  assert.deepEqual(groupByDay([]), []);
});

test('a session begins with its oldest event, also when that came in late', () => {
  const list = [event('b', '2026-03-02T12:30:00.000Z', MORNING), event('late', '2026-03-02T11:50:00.000Z', MORNING)];
  const [stretch] = groupByDay(list)[0]!.stretches;
  assert.deepEqual([stretch?.begun, stretch?.milliseconds], ['2026-03-02T11:50:00.000Z', 40 * 60_000]);
});
