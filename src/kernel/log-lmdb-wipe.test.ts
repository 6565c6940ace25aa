import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLmdbLog } from './log-lmdb.ts';

const ALL = { events: 1_000_000, bytes: 1_000_000_000 };
const SIZES = [200, 900, 3000, 9000, 60_000, 3900, 1500];

test('what was committed is overwritten; what waits stays, positions go on, and the file hardly grows', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'throughline-log-'));
  const file = join(dir, 'log.mdb');
  const log = openLmdbLog({ dir, partitions: 3, bytes: 64 * 1024 * 1024 });
  const holds = (text: string) => readFileSync(file).includes(text);
  const drain = async () => {
    for (let partition = 0; partition < 3; partition++) {
      const last = (await log.read(partition, await log.committed(partition), ALL)).at(-1);
      if (last) await log.commit(partition, last.position);
    }
  };
  try {
    let size = 0;
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 70; i++) {
        const bytes = SIZES[(round + i) % SIZES.length]!;
        await log.append([{ partition: i % 3, events: 3, value: Buffer.alloc(bytes, 'anna-sentinel ') }]);
        if (i % 9 === 0) await drain();
      }
      await drain();
      await log.append([{ partition: 1, events: 1, value: Buffer.from(`waits ${round}`) }]);
      assert.ok(holds('anna-sentinel'), 'it is found before');
      assert.equal(await log.wipe(), true);
      assert.ok(!holds('anna-sentinel'), `round ${round}`);
      if (round === 1) size = statSync(file).size;
      const waiting = await log.read(1, await log.committed(1), ALL);
      assert.deepEqual(
        waiting.map((record) => Buffer.from(record.value).toString()),
        [`waits ${round}`],
      );
    }
    assert.ok(statSync(file).size < size * 2 + 4 * 1024 * 1024, `${statSync(file).size} bytes`);
    const [committed] = [await log.committed(0)];
    await log.close();
    const again = openLmdbLog({ dir, partitions: 3, bytes: 64 * 1024 * 1024 });
    assert.equal(await again.committed(0), committed);
    await again.append([{ partition: 0, events: 2, value: Buffer.from('next') }]);
    assert.equal((await again.read(0, committed, ALL))[0]!.position, committed + 2);
    await again.close();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
