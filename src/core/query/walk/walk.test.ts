import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Context } from '../../../kernel/context.ts';
import { QueryLimit } from '../../../kernel/events.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { environmentOf } from '../environment.ts';
import { removeEvents, storeEvents } from '../events.testing.ts';
import { Query } from '../query.ts';
import { readNative } from './native.ts';
import { WalkThread } from './pool.ts';
import { walkBytes } from './read.ts';
import { type Sequences, sequencesSql } from './sequences.ts';
import type { Sequence, Walker } from './walk.ts';

const START = Date.parse('2026-03-01T00:00:00Z');
const SPAN = { from: START, to: START + 90 * 86_400_000 };
const NAMES = ['A', 'B', 'C'];

/** What a walker was shown, copied. */
class Noted implements Walker<unknown> {
  readonly subjects: { id: number; person: number; times: number[]; codes: number[]; extras: object; once: object }[] =
    [];
  subject({ id, person, length, times, codes, extras, once }: Sequence): void {
    this.subjects.push({
      id,
      person,
      times: [...times.subarray(0, length)],
      codes: [...codes.subarray(0, length)],
      extras: Object.fromEntries(Object.entries(extras).map(([name, list]) => [name, [...list]])),
      once: { ...once },
    });
  }
  result(): unknown {
    return this.subjects;
  }
}

describe('a walk', () => {
  let context: Context & { close(): Promise<void> };
  let query: Query;
  before(async () => {
    context = await testContext({ apps: core });
  });
  // Its time is counted from when it is made.
  beforeEach(async () => {
    query = new Query(context, await environmentOf(context, { zone: 'UTC', weekStart: 'monday', now: SPAN.to }));
  });
  after(() => context.close());

  const sequences = (more: Partial<Sequences> = {}): Sequences => {
    const scope = query.scope();
    const code = `toUInt64(indexOf(['A', 'B', 'C'], toString(e.name)))`;
    return { scope, span: SPAN, code, codes: 4, ...more };
  };
  const walked = async (of: Sequences, slice?: { index: number; of: number }) => {
    const { statement, reading } = sequencesSql(of, slice);
    const noted = new Noted();
    walkBytes(await context.events.bytes(statement.sql, 'Native', statement.params), reading, noted);
    return noted.subjects.sort((a, b) => a.id - b.id);
  };

  it('shows each subject its events in the order of time and code, whatever order they were stored in', async () => {
    await removeEvents(context);
    const events = Array.from({ length: 3000 }, (_, index) => {
      const random = (index * 7919) % 3001;
      return { person: 1 + (random % 40) ** 2, name: NAMES[random % 3]!, at: START + (random % 500) * 1000 };
    });
    // Several parts of the table, in several months.
    for (let from = 0; from < events.length; from += 1000)
      await storeEvents(
        context,
        events
          .slice(from, from + 1000)
          .map((event, index) => ({ ...event, at: event.at + (index % 3) * 31 * 86_400_000 })),
      );
    const stored = events.map((event, index) => ({ ...event, at: event.at + ((index % 1000) % 3) * 31 * 86_400_000 }));
    const expected = [...Map.groupBy(stored, (event) => event.person)].sort((a, b) => a[0] - b[0]);
    for (const inOwnOrder of [false, true]) {
      const { statement, reading } = sequencesSql(sequences());
      const noted = new Noted();
      walkBytes(await context.events.bytes(statement.sql, 'Native', statement.params, { inOwnOrder }), reading, noted);
      const found = noted.subjects.sort((a, b) => a.id - b.id);
      assert.deepEqual(
        found.map(({ id, times, codes }) => [id, times.map((time, index) => time * 4 + codes[index]!)]),
        expected.map(([person, of]) => [
          person,
          of.map(({ name, at }) => (at - START) * 4 + NAMES.indexOf(name) + 1).sort((a, b) => a - b),
        ]),
      );
    }
  });

  it('keeps further numbers beside their events, and those of the subject', async () => {
    const of = sequences({
      extras: { hour: 'toHour(e.timestamp)', none: 'NULL' },
      once: {
        events: 'count()',
        least: "minIf(toUnixTimestamp64Milli(e.timestamp), e.name = 'nothing')",
        empty: 'NULL',
      },
    });
    for (const subject of await walked(of)) {
      const { hour, none } = subject.extras as { hour: number[]; none: number[] };
      assert.deepEqual(
        hour,
        subject.times.map((time) => new Date(START + time).getUTCHours()),
      );
      assert.ok(none.every(Number.isNaN));
      assert.deepEqual(subject.once, { events: subject.times.length, least: 0, empty: Number.NaN });
    }
  });

  it('shows in slices every subject once, and all of its events', async () => {
    const whole = await walked(sequences());
    const parts = await Promise.all([0, 1, 2].map((index) => walked(sequences(), { index, of: 3 })));
    assert.ok(parts.every((part) => part.length > 0));
    assert.deepEqual(
      parts.flat().sort((a, b) => a.id - b.id),
      whole,
    );
  });

  it('tells visits apart, with the person they belong to, and leaves out what belongs to none', async () => {
    await removeEvents(context);
    const [first, second] = [START + 1000, START + 7_200_000];
    await storeEvents(context, [
      { person: 1, name: 'A', at: first, session: first },
      { person: 1, name: 'B', at: second, session: second, account: 9 },
      { person: 2, name: 'A', at: first, session: first },
      { person: 2, name: 'C', at: first, account: 9 },
    ]);
    const sessions = await walked(sequences({ by: 'session' }));
    assert.deepEqual(sessions.map(({ person, codes }) => [person, codes]).sort(), [
      [1, [1]],
      [1, [2]],
      [2, [1]],
    ]);
    const accounts = await walked(sequences({ by: 'account' }));
    assert.deepEqual(
      accounts.map(({ id, codes }) => [id, codes]),
      [[9, [3, 2]]],
    );
  });

  it('walks a person with a million events', async () => {
    await removeEvents(context);
    const columns = 'event_id, origin_id, person_id, source_id, type, name, timestamp, received_at, properties';
    await context.events.command(
      `INSERT INTO events (${columns}) SELECT generateUUIDv4(), 7, 7, 1, 'track', ['A', 'B', 'C'][number % 3 + 1],
         fromUnixTimestamp64Milli(${START} + intHash32(number) % 5000000000), now64(3), '{}' FROM numbers(1000000)`,
    );
    const rules = { steps: 3, optional: 0, windowMs: 1000, forbidden: [0, 0, 0], way: 'ordered' };
    const options = { rules, values: 0, attribution: 'none', hold: false, buckets: [], top: 1, people: null };
    const bits = `(e.name = 'A') * 1 + (e.name = 'B') * 2 + (e.name = 'C') * 4`;
    const result = await query.walk<{ total: { steps: { subjects: number }[] } }>(
      'all',
      'funnel',
      sequences({ code: bits, codes: 8 }),
      options,
    );
    assert.deepEqual(
      result.total.steps.map((step) => step.subjects),
      [1, 1, 1],
    );
  });

  it('ends with the error of its statement, or of the walk, and the next one goes on', async () => {
    const options = {
      rules: { steps: 2, optional: 0, windowMs: 1, forbidden: [0, 0], way: 'ordered' },
      values: 0,
      attribution: 'none',
      hold: false,
      buckets: [],
      top: 1,
      people: null,
    };
    await assert.rejects(
      query.walk('wrong', 'funnel', sequences({ code: 'no_such_column' }), options),
      /no_such_column/,
    );
    await assert.rejects(query.walk('broken', 'funnel', sequences(), { ...options, rules: null }), /null/);
    const good = query.walk<{ excluded: number }>('good', 'funnel', sequences(), options);
    assert.equal((await good).excluded, 0);
  });

  it('can be cancelled, before it begins and while the engine reads', async () => {
    const environment = query.environment;
    const gone = new Query(context, environment, { signal: AbortSignal.abort() });
    await assert.rejects(gone.walk('gone', 'funnel', sequences(), {}), { name: 'AbortError' });
    const leaving = new AbortController();
    const slow = new Query(context, environment, { signal: leaving.signal });
    const walking = slow.walk('slow', 'funnel', sequences({ where: ['sleepEachRow(0.00005) = 0'] }), {
      rules: { steps: 2, optional: 0, windowMs: 1, forbidden: [0, 0], way: 'ordered' },
      buckets: [],
    });
    setTimeout(() => leaving.abort(), 200);
    await assert.rejects(walking, (error) => error instanceof QueryLimit && error.which === 'cancelled');
  });

  it('refuses codes that do not fit beside a time', () => {
    assert.throws(() => sequencesSql(sequences({ codes: 2 ** 30 })), /many different steps cannot be followed/);
  });
});

describe('the thread that walks', () => {
  it('says which walk it does not know, and what bytes it cannot read', async () => {
    const thread = new WalkThread();
    const reading = { codes: 4, extras: [], once: [] };
    await assert.rejects(thread.begin('nonsense', {}, reading).end(), /no walk "nonsense"/);
    const options = {
      rules: { steps: 2, optional: 0, windowMs: 1, forbidden: [0, 0], way: 'ordered' },
      values: 0,
      attribution: 'none',
      hold: false,
      buckets: [],
      top: 1,
      people: null,
    };
    const walking = thread.begin('funnel', options, reading);
    await assert.rejects(walking.bytes(Uint8Array.from([1, 200, 1, 65])), /ends too soon/);
    await assert.rejects(walking.end(), /not under way/);
  });
});

describe("the engine's format Native", () => {
  it('is read over several blocks, with every type that sequences have', async () => {
    const bytes = (...list: (number | string)[]) =>
      list.flatMap((one) => (typeof one === 'string' ? [one.length, ...Buffer.from(one)] : [one]));
    const u64 = (value: number) => [...new Uint8Array(BigUint64Array.of(BigInt(value)).buffer)];
    const f64 = (value: number) => [...new Uint8Array(Float64Array.of(value).buffer)];
    const block = [
      ...bytes(3, 2, 'id', 'UInt64'),
      ...u64(5),
      ...u64(2 ** 53 - 1),
      ...bytes('at', 'Array(Float64)'),
      ...u64(1),
      ...u64(3),
      ...f64(1.5),
      ...f64(2),
      ...f64(3),
      ...bytes('t', 'String', 'x', 'yz'),
    ];
    const blocks = [...readNative(Uint8Array.from([...block, 1, 0, ...bytes('id', 'UInt64'), ...block]))];
    assert.equal(blocks.length, 2);
    for (const { rows, columns } of blocks) {
      assert.equal(rows, 2);
      assert.deepEqual(columns.get('id'), { is: 'numbers', values: BigUint64Array.of(5n, 2n ** 53n - 1n) });
      assert.deepEqual(columns.get('at'), {
        is: 'lists',
        ends: Float64Array.of(1, 3),
        values: Float64Array.of(1.5, 2, 3),
      });
      assert.deepEqual(columns.get('t'), { is: 'texts', values: ['x', 'yz'] });
    }
    assert.throws(() => [...readNative(Uint8Array.from(bytes(1, 1, 'id', 'Date')))], /Columns of Date are not read/);
    for (let length = 1; length < block.length; length++)
      assert.throws(() => [...readNative(Uint8Array.from(block.slice(0, length)))], /ends too soon/);
  });
});
