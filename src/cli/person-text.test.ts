import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { personText } from './person-text.ts';
import { bytesText, durationText, moneyText, plain, shorten } from './terminal.ts';
import type { Person, TimelineEvent } from './wire.ts';

const nobody: Person = {
  id: '42',
  displayName: 'Ada Lovelace',
  createdAt: '2026-03-01T12:00:00Z',
  firstSeenAt: '2026-03-01T12:00:00Z',
  lastSeenAt: '2026-03-02T23:30:00Z',
  eventCount: 2,
  sessionCount: 1,
  revenue: [{ currency: 'GBP', amountMinor: 2550 }],
  identifiers: [{ kind: 'email', value: 'ada@example.com' }],
  traits: { plan: { value: 'gold', at: '2026-03-01T12:00:00Z' } },
  consent: { marketing: { granted: false, at: '2026-03-01T12:00:00Z' } },
  accounts: [{ id: '1', key: 'acme', name: 'Acme' }],
  merges: [{ undoneAt: null }, { undoneAt: '2026-03-02T00:00:00Z' }],
};

const event = (over: Partial<TimelineEvent>): TimelineEvent => ({
  type: 'track',
  name: 'Order Completed',
  channel: 'web',
  contact: 'direct',
  timestamp: '2026-03-01T12:00:00Z',
  properties: {},
  revenue: null,
  page: null,
  campaign: null,
  ...over,
});

const options = { width: 100, timeZone: 'UTC', more: false };
// The output of a test is no terminal, so that there are no colours in it.
const text = (events: TimelineEvent[], over: Partial<typeof options> = {}) =>
  personText(nobody, events, { ...options, ...over });

test('a person reads as who it is, what is known, and day by day what happened', () => {
  const events = [
    event({ timestamp: '2026-03-02T23:30:00Z', type: 'page', name: '', page: { title: 'Lamps', path: '/lamps' } }),
    event({ revenue: { currency: 'GBP', amountMinor: 2550 }, properties: { order_id: 'A1', total: 25.5 } }),
  ];
  assert.equal(
    text(events),
    `Ada Lovelace  person 42
2 events · 1 session · £25.50 in all · merged once
First seen 1 March 2026, last 2 March 2026
  email               ada@example.com
  account             Acme
  plan                gold
  consent: marketing  not given

Monday, 2 March 2026
  23:30  web      Viewed Lamps  /lamps

Sunday, 1 March 2026
  12:00  web      Order Completed  £25.50 · order id A1`,
  );
});

test('days are those of the reader', () => {
  assert.match(
    text([event({ timestamp: '2026-03-02T23:30:00Z' })], { timeZone: 'Europe/Warsaw' }),
    /Tuesday, 3 March 2026\n {2}00:30/,
  );
});

test('whatever others wrote, each event is one line that fits and steers nothing', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.integer({ min: 40, max: 200 }),
      (name, properties, width) => {
        const lines = text([event({ name, channel: name, properties })], { width }).split('\n');
        const last = lines.at(-1)!;
        assert.ok([...last].length <= width, last);
        assert.match(last, /^ {2}12:00 /);
        assert.equal(plain(last), last);
      },
    ),
  );
});

test('figures are written for people', () => {
  assert.deepEqual([0, 999, 1200, 12_345_678, 5e12].map(bytesText), ['0 B', '999 B', '1.2 kB', '12 MB', '5.0 TB']);
  assert.deepEqual([0, 45, 600, 7200, 500_000].map(durationText), ['0 s', '45 s', '10 min', '2 h', '6 days']);
  assert.equal(moneyText({ currency: 'JPY', amountMinor: 1500 }), '¥1,500');
  assert.equal(moneyText({ currency: 'GBP', amountMinor: -995 }), '-£9.95');
  assert.equal(moneyText({ currency: 'no such', amountMinor: 100 }), '1.00 no such');
  assert.equal(shorten('héllo', 4), 'hél…');
});
