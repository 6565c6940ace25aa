import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type NatsServer, natsIsMissing, startNatsServer } from '../../test/nats-server.ts';
import type { LogEntry, LogRecord } from './log.ts';
import { openLmdbLog } from './log-lmdb.ts';
import { openNatsLog } from './log-nats.ts';
import { Refusal } from './refusal.ts';

const MEGABYTE = 1024 * 1024;
const ALL = { events: 1_000_000, bytes: 1000 * MEGABYTE };

const entry = (partition: number, text: string): LogEntry => ({ partition, events: 1, value: Buffer.from(text) });
const texts = (records: readonly LogRecord[]) => records.map((record) => Buffer.from(record.value).toString());

test('a log on LMDB whose process is killed has every acknowledged append, whole and once', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'throughline-log-'));
  try {
    const acknowledged = new Set<number>();
    const program = fileURLToPath(new URL('../../test/append-until-killed.ts', import.meta.url));
    for (let round = 0; round < 6; round++) {
      const child = spawn(process.execPath, [program, dir, String(round * 1_000_000)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        if (output === '') setTimeout(() => child.kill('SIGKILL'), Math.random() * 300);
        output += chunk;
      });
      await new Promise((resolve) => child.once('close', resolve));
      // A last line without its end may be cut off in the middle of the number.
      for (const line of output.split('\n').slice(0, -1)) acknowledged.add(Number(line));
    }
    assert.ok(acknowledged.size > 0);
    const log = openLmdbLog({ dir, partitions: 4, bytes: 256 * MEGABYTE });
    const times = new Map<number, number>();
    for (let partition = 0; partition < 4; partition++) {
      const records = await log.read(partition, 0, ALL);
      for (const [i, { position, events, value }] of records.entries()) {
        const { number } = JSON.parse(Buffer.from(value).toString()) as { number: number };
        times.set(number, (times.get(number) ?? 0) + 1);
        assert.equal(position, (records[i - 1]?.position ?? 0) + events);
      }
    }
    for (const number of acknowledged) assert.equal(times.get(number), 2, `append ${number}`);
    for (const [number, count] of times) assert.equal(count, 2, `append ${number} is there by half`);
    await log.close();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

const missing = natsIsMissing();
let server: NatsServer;
before(async () => {
  if (!missing) server = await startNatsServer();
});
after(() => server?.stop());

describe('a NATS server that goes away', { skip: missing }, () => {
  test('appends wait for it a while, are refused with 503 after that, and go on when it is back', async () => {
    const log = await openNatsLog({ url: `${server.url}/away`, partitions: 2, bytes: 64 * MEGABYTE });
    try {
      await log.append([entry(0, 'before')]);
      const [first] = await log.read(0, 0, ALL);
      await server.kill();
      await assert.rejects(log.append([entry(0, 'lost')]), (error) => error instanceof Refusal && error.status === 503);
      assert.match(log.full() ?? '', /does not answer/);
      await assert.rejects(log.read(0, 0, ALL), Refusal);
      const waiting = log.append([entry(0, 'while it was away')]);
      await server.restart();
      await waiting;
      assert.equal(log.full(), null);
      const texts0 = texts(await log.read(0, first!.position, ALL)).filter((text) => text !== 'lost');
      assert.deepEqual(texts0, ['while it was away']);
    } finally {
      await log.close();
    }
  });

  test('nothing acknowledged is lost and nothing is there twice when it is killed again and again', async () => {
    const log = await openNatsLog({ url: `${server.url}/killed`, partitions: 2, bytes: 64 * MEGABYTE });
    try {
      const acknowledged: string[] = [];
      const seen: string[] = [];
      let stop = false;
      const append = async (writer: number) => {
        for (let i = 0; !stop; i++) {
          try {
            await log.append([entry(0, `${writer}/${i}`)]);
            acknowledged.push(`${writer}/${i}`);
          } catch (error) {
            assert.ok(error instanceof Refusal, String(error));
          }
        }
      };
      const read = async () => {
        for (let position = 0; ; ) {
          const records = await log.read(0, position, { events: 50, bytes: MEGABYTE }).catch(() => []);
          seen.push(...texts(records));
          position = records.at(-1)?.position ?? position;
          if (records.length > 0) await log.commit(0, position).catch(() => {});
          else if (stop && acknowledged.every((text) => seen.includes(text))) return;
          else await sleep(10);
        }
      };
      const work = [append(1), append(2), append(3), read()];
      for (let round = 0; round < 3; round++) {
        const before = acknowledged.length;
        while (acknowledged.length === before) await sleep(10);
        await sleep(200 + Math.random() * 300);
        await server.kill();
        await sleep(Math.random() * 300);
        await server.restart();
      }
      await sleep(500);
      stop = true;
      await Promise.all(work);
      assert.equal(new Set(seen).size, seen.length);
    } finally {
      await log.close();
    }
  });
});
