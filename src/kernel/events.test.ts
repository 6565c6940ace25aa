import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { startClickHouse } from '../../test/clickhouse-http.ts';
import {
  BadRows,
  type Events,
  type InsertRows,
  type LimitKind,
  QueryFault,
  QueryLimit,
  type QueryOptions,
} from './events.ts';
import { openEmbeddedEvents } from './events-embedded.ts';
import { remoteEvents, serveEvents } from './events-remote.ts';
import { openEventsServer } from './events-server.ts';

const MINUTE_MS = 60_000;

/** An events store that a suite works with, and how to leave it. */
interface Opened {
  events: Events;
  close(): Promise<void>;
}

function rowsOf(token: string, rows: readonly unknown[][]): InsertRows {
  const text = rows.map((row) => JSON.stringify(row)).join('\n');
  return {
    ...{ table: 'things', columns: ['id', 'name', 'at', 'properties'], format: 'JSONCompactEachRow' },
    ...{ bytes: new TextEncoder().encode(text), token },
  };
}

function suite(name: string, kind: Events['kind'], open: () => Promise<Opened>) {
  describe(`the events store ${name}`, { timeout: 5 * MINUTE_MS }, () => {
    let opened: Opened;
    let events: Events;
    const count = async () => {
      const [row] = await events.query<{ n: string }>('SELECT count() AS n FROM things');
      return Number(row!.n);
    };

    before(async () => {
      opened = await open();
      events = opened.events;
      await events.command(`CREATE TABLE IF NOT EXISTS things
        (id UInt64, name LowCardinality(String), at DateTime64(3, 'UTC'), properties JSON)
        ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100`);
    });
    after(() => opened.close());

    test('answers, and says what it is', async () => {
      await events.ping();
      assert.equal(events.kind, kind);
      assert.deepEqual(await events.query('SELECT 1 AS one WHERE 0'), []);
    });

    test('64-bit numbers come as text, others as they are', async () => {
      const [row] = await events.query(
        'SELECT toUInt64(18446744073709551615) AS large, toUInt32(7) AS small, 1.5 AS half',
      );
      assert.deepEqual(row, { large: '18446744073709551615', small: 7, half: 1.5 });
    });

    test('parameters are bound by the engine, whatever they hold', async () => {
      const sql = `SELECT {text:String} AS text, {number:Int64} AS number, {list:Array(String)} AS list,
        {numbers:Array(UInt64)} AS numbers, {yes:Bool} AS yes, {none:Nullable(String)} AS none`;
      const params = {
        text: "it's; DROP TABLE things --",
        number: -5,
        list: ["a'b", 'c,d'],
        numbers: [1, 2],
        yes: true,
      };
      assert.deepEqual(await events.query(sql, { ...params, none: null }), [
        { ...params, number: '-5', numbers: ['1', '2'], none: null },
      ]);
      const text = fc.string({ unit: 'binary' }).map((value) => value.toWellFormed().replaceAll('\0', ''));
      await fc.assert(
        fc.asyncProperty(text, fc.array(text, { maxLength: 3 }), async (one, several) => {
          const [row] = await events.query('SELECT {one:String} AS one, {several:Array(String)} AS several', {
            one,
            several,
          });
          assert.deepEqual(row, { one, several });
        }),
        { numRuns: 50 },
      );
    });

    test('queries with parameters run beside one another, each with its own values', async () => {
      const control = new AbortController();
      const slow = events.query(
        'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = {n:UInt64}',
        { n: 1 },
        { signal: control.signal, seconds: 100 },
      );
      const ended = assert.rejects(slow, QueryLimit);
      const values = Array.from({ length: 40 }, (_, i) => i);
      const answers = await Promise.all(
        values.map(
          async (n) =>
            (
              await events.query<{ n: number; s: string }>('SELECT {n:UInt32} AS n, {s:String} AS s', { n, s: `v${n}` })
            )[0],
        ),
      );
      assert.deepEqual(
        answers,
        values.map((n) => ({ n, s: `v${n}` })),
      );
      control.abort();
      await ended;
      // What one query was given is not there for another.
      for (let i = 0; i < 4; i++) {
        const left = await events.query<{ s: string }>('SELECT {s:String} AS s').catch(() => [{ s: '' }]);
        assert.deepEqual(left, [{ s: '' }]);
      }
    });

    test('a query that begins wrongly, or of a table that is not there, says so', async () => {
      await assert.rejects(events.query('SELEC 1'), /Syntax error/i);
      await assert.rejects(events.query('SELECT * FROM no_such_table'), /no_such_table/);
      await assert.rejects(events.command('DROP TABLE no_such_table'), /no_such_table/);
    });

    test('a query is stopped when its time is over', async () => {
      const slow = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1';
      await assert.rejects(events.query(slow, {}, { seconds: 1 }), /TIMEOUT_EXCEEDED|Timeout exceeded/i);
    });

    test('a query that needs more than it was given says what it lacked', async () => {
      const limits: [LimitKind, string, QueryOptions][] = [
        ['time', 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1', { seconds: 1 }],
        ['memory', 'SELECT length(groupArray(toString(number))) FROM numbers(10000000)', { memoryBytes: 20_000_000 }],
        ['rows', 'SELECT number FROM numbers(11)', { resultRows: 10 }],
        ['rows', "SELECT concat(toString(number), repeat('x', 1000)) FROM numbers(10000)", { resultBytes: 1_000_000 }],
        ['rows', 'SELECT count() FROM numbers(1000000) WHERE number % 7 = 1', { readRows: 1000 }],
      ];
      const which = (kind: LimitKind) => (error: unknown) => error instanceof QueryLimit && error.which === kind;
      for (const [kind, sql, options] of limits) {
        await assert.rejects(events.query(sql, undefined, options), which(kind), `${kind}: ${sql}`);
        await assert.rejects(events.bytes(sql, 'Native', undefined, options), which(kind), `${kind}: ${sql} as bytes`);
      }
      const enough = { seconds: 20, memoryBytes: 100_000_000, resultRows: 10, resultBytes: 1_000_000, nice: 10 };
      assert.equal((await events.query('SELECT number FROM numbers(10)', undefined, enough)).length, 10);
      await assert.rejects(events.query('SELEC 1'), (error) => error instanceof QueryFault && error.code === 62);
    });

    test('a query that is cancelled ends in the engine too, wherever it stood', async () => {
      const slow = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = {n:UInt64}';
      const cancelled = (error: unknown) => error instanceof QueryLimit && error.which === 'cancelled';
      const running = async () => {
        const [row] = await events.query<{ n: number }>(
          "SELECT toUInt32(count()) AS n FROM system.processes WHERE query LIKE '%1000000000000%' AND query NOT LIKE '%system.processes%'",
        );
        return row!.n;
      };
      const early = AbortSignal.abort();
      await assert.rejects(events.query(slow, { n: 1 }, { signal: early }), cancelled);
      // At once, and when the engine works on it; more of them than run at a time, so that some wait for their turn.
      for (const wait of [0, 300]) {
        const control = new AbortController();
        const options = { signal: control.signal, seconds: 100 };
        const queries = [1, 2, 3, 4, 5].map((n) =>
          n === 5 ? events.bytes(slow, 'Parquet', { n }, options) : events.query<object>(slow, { n }, options),
        );
        const ends = Promise.all(queries.map((query) => assert.rejects(query, cancelled)));
        await new Promise((resolve) => setTimeout(resolve, wait));
        control.abort();
        await ends;
        for (let left = 1000; (await running()) > 0; left--) {
          assert.ok(left > 0, 'they run on');
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
      assert.deepEqual(await events.query('SELECT 1 AS one', {}, { signal: new AbortController().signal }), [
        { one: 1 },
      ]);
    });

    test('a result comes as the bytes of a file, with names and types where asked', async () => {
      const sql = "SELECT toUInt64(18446744073709551615) AS n, 'é' AS t, [1, 2] AS list";
      const text = (await events.bytes(sql, 'JSONCompactEachRowWithNamesAndTypes')).toString().trim().split('\n');
      assert.deepEqual(
        text.map((line) => JSON.parse(line)),
        [
          ['n', 't', 'list'],
          ['UInt64', 'String', 'Array(UInt8)'],
          ['18446744073709551615', 'é', [1, 2]],
        ],
      );
      assert.ok((await events.bytes(sql, 'Native')).includes('UInt64'));
      assert.equal((await events.bytes(sql, 'Parquet')).subarray(0, 4).toString(), 'PAR1');
    });

    test('rows are inserted as they are given', async () => {
      const before = await count();
      const at = 1_700_000_000_123;
      await events.insert(rowsOf('plain', [[1, 'Order Completed', at, { total: 19.5, nested: { 'ü"\\': [1, 'x'] } }]]));
      assert.equal(await count(), before + 1);
      const [row] = await events.query<{ name: string; at: string; properties: unknown }>(
        'SELECT name, toUnixTimestamp64Milli(at) AS at, properties FROM things WHERE id = {id:UInt64}',
        { id: 1 },
      );
      assert.equal(row!.name, 'Order Completed');
      assert.equal(Number(row!.at), at);
      assert.equal((row!.properties as { total: number }).total, 19.5);
    });

    test('many inserts one after another leave no connection behind', async () => {
      const before = await count();
      for (let i = 0; i < 30; i++) await events.insert(rowsOf(`one${i}`, [[100 + i, 'a', i, {}]]));
      assert.equal(await count(), before + 30);
    });

    test('an insert whose token was seen before does nothing, so that it can be repeated', async () => {
      const rows = rowsOf('twice', [
        [2, 'a', 1, {}],
        [3, 'b', 2, {}],
      ]);
      const before = await count();
      await events.insert(rows);
      await events.insert(rows);
      assert.equal(await count(), before + 2);
      await events.insert({ ...rows, token: 'another' });
      assert.equal(await count(), before + 4);
    });

    test('rows that cannot be read are bad rows, and none of their insert is stored', async () => {
      const before = await count();
      const bad = [
        [
          [4, 'a', 1, {}],
          ['five', 'b', 2, {}],
        ],
        [[4, 'a', 'yesterday', {}]],
        [[4, 'a', 1, 'no object']],
      ];
      for (const [i, rows] of bad.entries()) await assert.rejects(events.insert(rowsOf(`bad${i}`, rows)), BadRows);
      const broken = { ...rowsOf('broken', []), bytes: new TextEncoder().encode('[4, "a", 1, {') };
      await assert.rejects(events.insert(broken), BadRows);
      assert.equal(await count(), before);
    });

    test('a table that is not there is no fault of the rows', async () => {
      const rows = { ...rowsOf('lost', [[1, 'a', 1, {}]]), table: 'no_such_table' };
      await assert.rejects(events.insert(rows), (error) => error instanceof Error && !(error instanceof BadRows));
    });

    test('queries run beside one another and beside an insert', async () => {
      const many = Array.from({ length: 5000 }, (_, i) => [1000 + i, `n${i % 7}`, i, { i }]);
      const before = await count();
      const work = Array.from({ length: 12 }, (_, i) => events.query<{ i: number }>(`SELECT ${i} AS i, sleep(0.05)`));
      const [, ...answers] = await Promise.all([events.insert(rowsOf('many', many)), ...work]);
      assert.deepEqual(
        answers.map(([row]) => row!.i),
        Array.from({ length: 12 }, (_, i) => i),
      );
      assert.equal(await count(), before + 5000);
    });
  });
}

const folder = () => mkdtempSync(join(tmpdir(), 'throughline-events-'));
// One engine folder a process: the embedded store is opened once, and seen from another thread's side too.
const dir = folder();
let embedded: Events;
before(() => {
  embedded = openEmbeddedEvents(dir);
});
after(async () => {
  await embedded.close();
  rmSync(dir, { recursive: true, force: true });
});

suite('in the process', 'embedded', async () => ({
  events: embedded,
  close: () => embedded.command('DROP TABLE things'),
}));

suite('as seen from another thread', 'embedded', async () => {
  const { port1, port2 } = new MessageChannel();
  serveEvents(embedded, port1);
  const events = remoteEvents(port2);
  return { events, close: () => events.close() };
});

suite('on a server', 'server', async () => {
  const serverDir = folder();
  const server = await startClickHouse(serverDir);
  const events = openEventsServer(server.url);
  return {
    events,
    async close() {
      await events.close();
      await server.stop();
      rmSync(serverDir, { recursive: true, force: true });
    },
  };
});

test('a server that is away or refuses says so, is no fault of the rows, and serves again when it is back', async () => {
  const serverDir = folder();
  const server = await startClickHouse(serverDir);
  const events = openEventsServer(server.url);
  const stranger = openEventsServer(server.url.replace(/:[^:@]*@/, ':wrong@'));
  try {
    await assert.rejects(stranger.query('SELECT 1'), /Authentication failed/);
    await events.ping();
    await server.stop();
    await assert.rejects(events.ping(), /ECONNREFUSED|ECONNRESET|socket hang up/);
    await assert.rejects(events.query('SELECT 1'), /ECONNREFUSED|ECONNRESET|socket hang up/);
    const insert = events.insert(rowsOf('away', [[1, 'a', 1, {}]]));
    await assert.rejects(insert, (error) => error instanceof Error && !(error instanceof BadRows));
    const again = await startClickHouse(serverDir, server.port);
    await events.ping();
    assert.deepEqual(await events.query('SELECT 1 AS one'), [{ one: 1 }]);
    await again.stop();
  } finally {
    await stranger.close();
    await events.close();
    rmSync(serverDir, { recursive: true, force: true });
  }
});
