import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { type NatsServer, natsIsMissing, startNatsServer } from '../../test/nats-server.ts';
import type { Log, LogEntry, LogRecord } from './log.ts';
import { openLmdbLog } from './log-lmdb.ts';
import { openNatsLog } from './log-nats.ts';
import { Refusal } from './refusal.ts';

const MEGABYTE = 1024 * 1024;
const ALL = { events: 1_000_000, bytes: 1000 * MEGABYTE };

const entry = (partition: number, text: string, events = 1): LogEntry => ({
  partition,
  events,
  value: Buffer.from(text),
});
const texts = (records: readonly LogRecord[]) => records.map((record) => Buffer.from(record.value).toString());

/** A place where a log can be opened again and again. */
interface Site {
  open(options?: { partitions?: number; bytes?: number }): Promise<Log>;
  remove(): void;
}

function suite(name: string, skip: string | false, site: () => Site) {
  describe(`the log on ${name}`, { skip }, () => {
    /** Runs with a log of its own. */
    const withLog =
      (work: (log: Log, site: Site) => Promise<void>, options?: { partitions?: number; bytes?: number }) =>
      async () => {
        const here = site();
        const log = await here.open(options);
        try {
          await work(log, here);
        } finally {
          await log.close();
          here.remove();
        }
      };

    test(
      'gives back what was appended, in order, by partition',
      withLog(async (log) => {
        assert.deepEqual(await log.read(0, 0, ALL), []);
        const started = Date.now();
        await log.append([entry(0, 'a', 3), entry(1, 'b'), entry(0, 'c', 2)]);
        await log.append([entry(0, 'd')]);
        const records = await log.read(0, 0, ALL);
        assert.deepEqual(texts(records), ['a', 'c', 'd']);
        assert.deepEqual(
          records.map((record) => record.events),
          [3, 2, 1],
        );
        for (const { at } of records) assert.ok(at >= started - 1000 && at <= Date.now() + 1000);
        assert.deepEqual(texts(await log.read(1, 0, ALL)), ['b']);
        assert.deepEqual(texts(await log.read(0, records[0]!.position, ALL)), ['c', 'd']);
        assert.deepEqual(texts(await log.read(0, records[2]!.position, ALL)), []);
        await log.append([]);
      }),
    );

    test(
      'hands out portions of about the size asked for, and at least one record',
      withLog(async (log) => {
        for (let i = 0; i < 10; i++) await log.append([entry(0, `${i}`.repeat(1000), 10)]);
        assert.equal((await log.read(0, 0, { events: 30, bytes: MEGABYTE })).length, 3);
        assert.equal((await log.read(0, 0, { events: 1, bytes: MEGABYTE })).length, 1);
        assert.equal((await log.read(0, 0, { events: 1000, bytes: 1 })).length, 1);
        const found = await log.read(0, 0, { events: 1000, bytes: 4500 });
        assert.ok(found.length >= 4 && found.length <= 5);
        let position = 0;
        const seen: string[] = [];
        for (;;) {
          const portion = await log.read(0, position, { events: 20, bytes: MEGABYTE });
          if (portion.length === 0) break;
          seen.push(...texts(portion));
          position = portion.at(-1)!.position;
        }
        assert.deepEqual(
          seen,
          Array.from({ length: 10 }, (_, i) => `${i}`.repeat(1000)),
        );
      }),
    );

    test(
      'forgets what was committed, and says how far that is',
      withLog(async (log) => {
        await log.append([entry(0, 'a'), entry(0, 'b'), entry(0, 'c'), entry(1, 'z')]);
        const records = await log.read(0, 0, ALL);
        assert.equal(await log.committed(0), 0);
        await log.commit(0, records[1]!.position);
        assert.equal(await log.committed(0), records[1]!.position);
        assert.deepEqual(texts(await log.read(0, 0, ALL)), ['c']);
        await log.commit(0, records[0]!.position);
        assert.equal(await log.committed(0), records[1]!.position);
        assert.deepEqual(texts(await log.read(1, 0, ALL)), ['z']);
      }),
    );

    test(
      'keeps its records, marks and number of partitions when it is opened again',
      withLog(
        async (first, here) => {
          await first.append([entry(0, 'a', 7), entry(0, 'b'), entry(2, 'c')]);
          const [a, b] = await first.read(0, 0, ALL);
          await first.commit(0, a!.position);
          await first.close();
          const second = await here.open({ partitions: 5 });
          assert.equal(second.partitions, 3);
          assert.equal(await second.committed(0), a!.position);
          assert.deepEqual(await second.read(0, await second.committed(0), ALL), [b]);
          assert.deepEqual(texts(await second.read(2, 0, ALL)), ['c']);
          await second.commit(0, b!.position);
          await second.close();
          const third = await here.open();
          assert.deepEqual(await third.read(0, 0, ALL), []);
          await third.append([entry(0, 'd')]);
          const [d] = await third.read(0, b!.position, ALL);
          assert.equal(Buffer.from(d!.value).toString(), 'd');
          assert.ok(d!.position > b!.position);
          await third.close();
        },
        { partitions: 3 },
      ),
    );

    test(
      'takes appends at the same time, each whole and in the order of its entries',
      withLog(async (log) => {
        const appends = Array.from({ length: 200 }, (_, i) => [
          entry(0, `${i}/0`, 2),
          entry(1, `${i}`),
          entry(0, `${i}/1`),
        ]);
        await Promise.all(appends.map((entries) => log.append(entries)));
        const records = await log.read(0, 0, ALL);
        const found = texts(records);
        assert.equal(found.length, 400);
        assert.equal(new Set(found).size, 400);
        for (let i = 0; i < 200; i++) assert.ok(found.indexOf(`${i}/0`) < found.indexOf(`${i}/1`));
        for (let i = 1; i < records.length; i++) assert.ok(records[i]!.position > records[i - 1]!.position);
        assert.equal((await log.read(1, 0, ALL)).length, 200);
      }),
    );

    test(
      'tells those who listen of an append, also those of another process',
      withLog(async (log, here) => {
        const other = await here.open();
        const told = new Promise<void>((resolve) => other.onAppend(resolve));
        let own = 0;
        const stop = log.onAppend(() => own++);
        await log.append([entry(0, 'a')]);
        await told;
        assert.ok(own > 0);
        stop();
        assert.deepEqual(texts(await other.read(0, 0, ALL)), ['a']);
        await other.close();
      }),
    );

    test(
      'says how many events wait, and since when',
      withLog(
        async (log) => {
          const none = { lagEvents: 0, lagSeconds: 0, oldestAt: null };
          assert.deepEqual(await log.state(), [
            { partition: 0, ...none },
            { partition: 1, ...none },
          ]);
          const began = Date.now();
          await log.append([entry(0, 'a', 100)]);
          await sleep(50);
          await log.append([entry(0, 'b', 11), entry(0, 'c', 11)]);
          const [first, second] = await log.state();
          assert.equal(first!.lagEvents, 122);
          // Clocks are read in whole milliseconds, and not by one process.
          assert.ok(first!.lagSeconds >= 0.04 && first!.lagSeconds <= (Date.now() - began) / 1000 + 0.01);
          const [a] = await log.read(0, 0, ALL);
          assert.equal(Date.parse(first!.oldestAt!), Math.floor(a!.at));
          assert.deepEqual(second, { partition: 1, ...none });
          await log.commit(0, a!.position);
          assert.equal((await log.state())[0]!.lagEvents, 22);
        },
        { partitions: 2 },
      ),
    );

    test(
      'refuses with 503 when it is full, loses nothing that it took, and takes more once there is room',
      withLog(
        async (log) => {
          const taken: string[] = [];
          const refusal = await assert.rejects(
            async () => {
              for (let i = 0; i < 100; i++) {
                await log.append([entry(0, `${i}:${'x'.repeat(100_000)}`), entry(1, 'y')]);
                taken.push(`${i}`);
              }
            },
            (error) => error instanceof Refusal && error.status === 503 && (error.retryAfterSeconds ?? 0) > 0,
          );
          assert.equal(refusal, undefined);
          assert.match(log.full() ?? '', /limit/);
          const records = await log.read(0, 0, ALL);
          assert.deepEqual(
            texts(records).map((text) => text.split(':')[0]),
            taken,
          );
          assert.ok(taken.length >= 20 && taken.length < 60, `${taken.length} taken`);
          await log.commit(0, records.at(-1)!.position);
          for (let attempt = 0; ; attempt++) {
            try {
              await log.append([entry(0, 'after')]);
              break;
            } catch (error) {
              assert.ok(attempt < 600 && error instanceof Refusal);
              await sleep(100);
            }
          }
          for (let i = 0; i < 600 && log.full(); i++) await sleep(100);
          assert.equal(log.full(), null);
          assert.deepEqual(texts(await log.read(0, records.at(-1)!.position, ALL)), ['after']);
        },
        { bytes: 4 * MEGABYTE },
      ),
    );

    test('behaves like a list for each partition, whatever is done with it', async () => {
      const action = fc.oneof(
        fc.record({
          verb: fc.constant('append' as const),
          entries: fc.array(
            fc.record({ partition: fc.nat(2), events: fc.integer({ min: 1, max: 500 }), text: fc.string() }),
            { maxLength: 6 },
          ),
        }),
        fc.record({
          verb: fc.constant('commit' as const),
          partition: fc.nat(2),
          share: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        fc.record({
          verb: fc.constant('read' as const),
          partition: fc.nat(2),
          events: fc.integer({ min: 1, max: 900 }),
        }),
        fc.record({ verb: fc.constant('reopen' as const) }),
      );
      await fc.assert(
        fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (actions) => {
          const here = site();
          let log = await here.open({ partitions: 3 });
          const model = Array.from({ length: 3 }, () => ({
            records: [] as { text: string; events: number }[],
            mark: 0,
          }));
          try {
            for (const step of actions) {
              if (step.verb === 'append') {
                await log.append(step.entries.map((e) => entry(e.partition, e.text, e.events)));
                for (const e of step.entries) model[e.partition]!.records.push({ text: e.text, events: e.events });
              } else if (step.verb === 'commit') {
                const part = model[step.partition]!;
                const records = await log.read(step.partition, part.mark, ALL);
                const count = Math.round(records.length * step.share);
                if (count === 0) continue;
                part.mark = records[count - 1]!.position;
                await log.commit(step.partition, part.mark);
                part.records.splice(0, count);
              } else if (step.verb === 'read') {
                const part = model[step.partition]!;
                const records = await log.read(step.partition, part.mark, { events: step.events, bytes: MEGABYTE });
                assert.deepEqual(
                  texts(records),
                  part.records.slice(0, records.length).map((record) => record.text),
                );
                assert.equal(records.length === 0, part.records.length === 0);
              } else {
                await log.close();
                log = await here.open({ partitions: 3 });
              }
            }
            for (const [partition, { records, mark }] of model.entries()) {
              const found = await log.read(partition, mark, ALL);
              assert.deepEqual(
                found.map((record) => ({ text: Buffer.from(record.value).toString(), events: record.events })),
                records,
              );
              assert.equal(await log.committed(partition), mark);
              for (const [i, { position }] of found.entries()) assert.ok(position > (found[i - 1]?.position ?? mark));
            }
            const lag = model.map(({ records }) => records.reduce((sum, { events }) => sum + events, 0));
            assert.deepEqual(
              (await log.state()).map((state) => state.lagEvents),
              lag,
            );
          } finally {
            await log.close();
            here.remove();
          }
        }),
        { numRuns: 25 },
      );
    });
  });
}

suite('LMDB', false, () => {
  const dir = mkdtempSync(join(tmpdir(), 'throughline-log-'));
  return {
    open: async (options) =>
      openLmdbLog({ dir, partitions: options?.partitions ?? 4, bytes: options?.bytes ?? 64 * MEGABYTE }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
});

const missing = natsIsMissing();
let server: NatsServer;
let logs = 0;
before(async () => {
  if (!missing) server = await startNatsServer();
});
after(() => server?.stop());

suite('NATS JetStream', missing, () => {
  const url = `${server.url}/log${++logs}`;
  return {
    open: (options) =>
      openNatsLog({ url, partitions: options?.partitions ?? 4, bytes: options?.bytes ?? 64 * MEGABYTE }),
    remove: () => {},
  };
});

describe('opening a log on NATS', { skip: missing }, () => {
  test('says what is wrong where it cannot be', async () => {
    const options = { partitions: 2, bytes: MEGABYTE };
    await assert.rejects(openNatsLog({ ...options, url: `${server.url}/a%20b` }), /THROUGHLINE_LOG_URL: .*name/);
  });

  test('a value that the server would not take is refused with what to do', async () => {
    const log = await openNatsLog({ url: `${server.url}/large`, partitions: 1, bytes: 64 * MEGABYTE });
    await assert.rejects(log.append([entry(0, 'x'.repeat(2 * MEGABYTE))]), /max_payload/);
    await log.close();
  });
});
