import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListedRecording } from './src/pages/replay/calls.ts';
import { watchAddress } from './src/pages/replay/of-person.ts';

const at = (second: number) => new Date(Date.UTC(2026, 10, 22, 9) + second * 1000).toISOString();
/** As it is listed, as far as it matters here. */
const recording = (id: string, begun: number, ended: number, more: Partial<ListedRecording> = {}) =>
  ({ id, startedAt: at(begun), endedAt: at(ended), sessionStart: at(0), playable: true, ...more }) as ListedRecording;

test('a moment leads to the recording that shows it, a little before it', () => {
  const recordings = [recording('two', 100, 200), recording('one', 3, 60)];
  assert.equal(watchAddress(recordings, at(13)), '/replay/one?t=8.0');
  assert.equal(watchAddress(recordings, at(2.5)), '/replay/one?t=0.0');
  assert.equal(watchAddress(recordings, at(80)), null);
  assert.equal(watchAddress([recording('one', 3, 60, { playable: false })], at(13)), null);
});

test('a session leads to its first recording, however long after it that began', () => {
  const recordings = [
    recording('another session', 4000, 4100, { sessionStart: at(3990) }),
    recording('second tab', 100, 200),
    recording('first tab', 30, 300),
    recording('without a picture', 20, 300, { playable: false }),
  ];
  assert.equal(watchAddress(recordings, at(0), at(0)), '/replay/first tab?t=0.0');
  assert.equal(watchAddress(recordings, at(0)), null);
  assert.equal(watchAddress(recordings, at(3995), at(3990)), '/replay/another session?t=0.0');
  assert.equal(watchAddress(recordings, at(5000), at(5000)), null);
});
