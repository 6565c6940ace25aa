import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testContext } from '../../../kernel/testing.ts';
import type { StreamEvent } from '../event.ts';
import { stream } from '../module.ts';
import { RESTORE_SESSIONS_SQL, type SessionRow, Sessions } from './sessions.ts';

const MINUTE = 60_000;
const BEGIN = Date.UTC(2026, 2, 1, 12);

test('the sessions that were open when the stream stopped are found in the events store', async () => {
  const context = await testContext({ apps: [stream] });
  try {
    assert.deepEqual(await context.events.query(RESTORE_SESSIONS_SQL), []);
    const time = (minutes: number) => BEGIN + minutes * MINUTE;
    const rows: [string, string, string, number, number][] = [
      // Of a1 the session began an hour before; of a2 it is over; u1 has no anonymous ID; s1 is no visit.
      ['a1', '', 'web', -60, -40],
      ['a1', '', 'web', -60, -10],
      ['a2', '', 'web', -90, -45],
      ['', 'u1', 'app', -5, -5],
      ['s1', '', 'server', 0, -1],
    ];
    const lines = rows.map(([anonymous, user, channel, start, at]) => {
      const session = channel === 'server' ? 0 : time(start);
      return JSON.stringify([anonymous, user, channel, session, time(at), time(at), {}]);
    });
    await context.events.insert({
      table: 'events',
      columns: ['anonymous_id', 'user_id', 'channel', 'session_start', 'timestamp', 'received_at', 'properties'],
      format: 'JSONCompactEachRow',
      bytes: new TextEncoder().encode(lines.join('\n')),
      token: 'sessions',
    });
    const sessions = new Sessions();
    sessions.restore(await context.events.query<SessionRow>(RESTORE_SESSIONS_SQL));
    const startOf = (device: string, minutes: number) => {
      const given = { channel: 'web', anonymousId: device, userId: '', context: {} };
      const event = { ...given, timestamp: time(minutes) } as unknown as StreamEvent;
      sessions.assign(event);
      return (event.sessionStart - BEGIN) / MINUTE;
    };
    assert.deepEqual([startOf('a1', 5), startOf('a2', 5), startOf('u1', 5), startOf('s1', 5)], [-60, 5, -5, 5]);
  } finally {
    await context.close();
  }
});
