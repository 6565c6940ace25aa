import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { StreamEvent } from '../event.ts';
import { SESSION_IDLE_MS, SESSION_LONGEST_MS, Sessions } from './sessions.ts';

const BEGIN = Date.UTC(2026, 2, 1, 12);
const MINUTE = 60_000;

function visit(minutes: number, given: Partial<StreamEvent> = {}): StreamEvent {
  const event = { channel: 'web', anonymousId: 'a1', userId: '', context: {}, timestamp: BEGIN + minutes * MINUTE };
  return { ...event, ...given } as StreamEvent;
}

/** The minutes at which the sessions of the events began. */
function starts(sessions: Sessions, events: StreamEvent[]): number[] {
  return events.map((event) => {
    sessions.assign(event);
    return event.sessionStart === 0 ? Number.NaN : (event.sessionStart - BEGIN) / MINUTE;
  });
}

test('a session goes on until nothing happened for more than thirty minutes', () => {
  const found = starts(new Sessions(), [visit(0), visit(10), visit(40), visit(70.01), visit(80)]);
  assert.deepEqual(found, [0, 0, 0, 70.01, 70.01]);
});

test('a session ends after twenty-four hours, however busy it is', () => {
  const events = Array.from({ length: 80 }, (_, i) => visit(i * 20));
  const found = starts(new Sessions(), events);
  assert.deepEqual([...new Set(found)], [0, 1460]);
});

test('devices have sessions of their own; a device is known by its anonymous ID or else by its user', () => {
  const sessions = new Sessions();
  const other = { anonymousId: 'a2' };
  const user = { anonymousId: '', userId: 'u1' };
  assert.deepEqual(
    starts(sessions, [visit(0), visit(5, other), visit(6, user), visit(7), visit(8, user)]),
    [0, 5, 6, 0, 6],
  );
});

test('events of other channels and of no device belong to no session', () => {
  const sessions = new Sessions();
  const none = [visit(0, { channel: 'email' }), visit(1, { channel: 'server' }), visit(2, { anonymousId: '' })];
  assert.ok(starts(sessions, none).every(Number.isNaN));
  assert.deepEqual(starts(sessions, [visit(3, { channel: 'app' })]), [3]);
});

test('a late event joins the session that it falls into, and disturbs none', () => {
  const sessions = new Sessions();
  assert.deepEqual(starts(sessions, [visit(100), visit(110), visit(200)]), [100, 100, 200]);
  assert.deepEqual(starts(sessions, [visit(105), visit(75), visit(180)]), [100, 100, 200]);
  assert.deepEqual(starts(sessions, [visit(0), visit(10), visit(205)]), [0, 0, 200]);
});

test('a client that numbers its sessions by their start is believed where the number can be true', () => {
  const sessions = new Sessions();
  const own = (minutes: number) => ({ context: { sessionId: BEGIN + minutes * MINUTE } });
  assert.deepEqual(
    starts(sessions, [visit(1, own(0)), visit(50, own(0)), visit(51, own(51)), visit(52)]),
    [0, 0, 51, 51],
  );
  for (const sessionId of [17, -1, 'x', null, {}, BEGIN * 1000, BEGIN - 2 * SESSION_LONGEST_MS, Number.NaN]) {
    assert.deepEqual(starts(new Sessions(), [visit(5, { context: { sessionId } })]), [5], String(sessionId));
  }
  assert.deepEqual(starts(new Sessions(), [visit(5, { context: { sessionId: String(BEGIN) } })]), [0]);
});

test('after a restart open sessions go on', () => {
  const sessions = new Sessions();
  const row = (device: string, start: number, first: number, last: number) => ({
    device,
    start: String(BEGIN + start * MINUTE),
    first: String(BEGIN + first * MINUTE),
    last: String(BEGIN + last * MINUTE),
  });
  sessions.restore([row('a1', -60, -20, -10), row('a2', -30, -30, -20)]);
  assert.deepEqual(starts(sessions, [visit(5), visit(5, { anonymousId: 'a2' }), visit(36)]), [-60, -30, 36]);
});

test('of more devices than are remembered the ones not seen for longest are forgotten', () => {
  const sessions = new Sessions(100);
  const device = (i: number) => ({ anonymousId: `d${i}` });
  starts(
    sessions,
    Array.from({ length: 300 }, (_, i) => visit(i / 100, device(i))),
  );
  assert.deepEqual(starts(sessions, [visit(4, device(299)), visit(4, device(0))]), [2.99, 4]);
});

const minutes = fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 1, maxLength: 60 });

test('in order: a gap of more than thirty minutes, and nothing else but the cap, begins a session', () => {
  fc.assert(
    fc.property(minutes, (times) => {
      const events = times.toSorted((a, b) => a - b).map((at) => visit(at));
      starts(new Sessions(), events);
      for (const [i, event] of events.entries()) {
        const before = events[i - 1];
        const gap = before ? event.timestamp - before.timestamp : Number.POSITIVE_INFINITY;
        const capped = before ? event.timestamp - before.sessionStart > SESSION_LONGEST_MS : true;
        const begins = gap > SESSION_IDLE_MS || capped;
        assert.equal(event.sessionStart, begins ? event.timestamp : before!.sessionStart);
      }
    }),
  );
});

test('in any order: no event is further than a day from the start of its session, and a repeat changes nothing', () => {
  const events = fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 4000 }), told: fc.option(fc.integer({ min: 0, max: 4000 })) }),
    { minLength: 1, maxLength: 80 },
  );
  fc.assert(
    fc.property(events, (given) => {
      const sessions = new Sessions();
      for (const { at, told } of given) {
        const context = told === null ? {} : { sessionId: BEGIN + told * MINUTE };
        const event = visit(at, { context });
        sessions.assign(event);
        const start = event.sessionStart;
        assert.ok(start > 0);
        if (told === null) {
          const again = visit(at, { context });
          sessions.assign(again);
          assert.equal(again.sessionStart, start);
        }
        assert.ok(Math.abs(event.timestamp - start) <= SESSION_LONGEST_MS);
      }
    }),
    { numRuns: 500 },
  );
});

const source = new URL(
  '../../../../../shared/data/clickstream/snowplow_web_golden/source/snowplow_web_events.csv',
  import.meta.url,
);

test("sessions are those of Snowplow's reference data where it follows the same rule", {
  skip: existsSync(source) ? false : 'the reference data is not beside this checkout',
}, () => {
  const rows = (parse(readFileSync(source), { columns: true }) as Record<string, string>[])
    .filter((row) => row.domain_userid !== '')
    .map((row) => ({
      device: row.domain_userid!,
      session: row.domain_sessionid!,
      time: Date.parse(`${row.derived_tstamp!.replace(' ', 'T')}Z`),
    }))
    .sort((a, b) => a.time - b.time);
  const sessions = new Sessions();
  const before = new Map<string, { session: string; time: number; start: number }>();
  let compared = 0;
  for (const { device, session, time } of rows) {
    const event = visit(0, { anonymousId: device, timestamp: time });
    sessions.assign(event);
    const last = before.get(device);
    // That data holds made-up rows (sessions of days, two sessions of a device at once): a pair of neighbours can be
    // compared where theirs follows the thirty minutes as well.
    if (last && (last.session === session) === time - last.time <= SESSION_IDLE_MS) {
      assert.equal(event.sessionStart === last.start, last.session === session, `${device} at ${time}`);
      compared++;
    }
    before.set(device, { session, time, start: event.sessionStart });
  }
  assert.ok(compared > 80, `${compared} pairs`);
});
