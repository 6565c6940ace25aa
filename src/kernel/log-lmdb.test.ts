import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mountSmallDisk } from '../../test/small-disk.ts';
import type { LogEntry } from './log.ts';
import { openLmdbLog } from './log-lmdb.ts';
import { compactLmdbLog } from './log-lmdb-compact.ts';
import { Refusal } from './refusal.ts';

const MEGABYTE = 1024 * 1024;
const ALL = { events: 1_000_000, bytes: 1000 * MEGABYTE };

const entry = (partition: number, bytes: number): LogEntry => ({ partition, events: 1, value: Buffer.alloc(bytes, 1) });

test('a file that grew large is made small when nothing waits in it, and its positions go on', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'throughline-log-'));
  const options = { dir, partitions: 2, bytes: 256 * MEGABYTE };
  const size = () => statSync(join(dir, 'log.mdb')).size;
  try {
    const grown = openLmdbLog(options);
    for (let i = 0; i < 50; i++) await grown.append([entry(0, MEGABYTE), entry(1, 10)]);
    const ends = [50, 50];
    await grown.commit(0, ends[0]!);
    await grown.close();
    assert.ok(size() > 50 * MEGABYTE);

    await compactLmdbLog(dir);
    assert.ok(size() > 50 * MEGABYTE, 'something waits in it');

    const again = openLmdbLog(options);
    assert.equal((await again.read(1, 0, ALL)).length, 50);
    await again.commit(1, ends[1]!);
    await again.close();
    await compactLmdbLog(dir);
    assert.ok(size() < MEGABYTE, `${size()} bytes`);

    const small = openLmdbLog({ ...options, partitions: 5 });
    assert.equal(small.partitions, 2);
    for (const partition of [0, 1]) assert.equal(await small.committed(partition), ends[partition]);
    await small.append([entry(0, 10)]);
    const [next] = await small.read(0, 0, ALL);
    assert.equal(next!.position, ends[0]! + 1);
    await small.close();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

const disk = mountSmallDisk(8);
after(() => disk?.remove());

test('a disk that is full to the last byte refuses appends, whole ones, and takes them once there is room', {
  skip: disk ? false : 'a disk of a small size cannot be mounted here',
}, async () => {
  const log = openLmdbLog({ dir: join(disk!.dir, 'log'), partitions: 2, bytes: 64 * MEGABYTE, reserveBytes: 0 });
  let taken = 0;
  const append = () =>
    log.append([entry(0, 100_000), entry(1, 100)]).then(
      () => {
        taken++;
        return true;
      },
      (error: unknown) => {
        assert.ok(error instanceof Refusal && error.status === 503, String(error));
        return false;
      },
    );
  disk!.fill(3 * MEGABYTE);
  for (let refused = 0; refused < 10; ) if (!(await append())) refused++;
  assert.match(log.full() ?? '', /disk .* is full/);
  assert.ok(taken > 5, `${taken} taken`);
  const waiting = await log.read(0, 0, ALL);
  assert.equal(waiting.length, taken);
  assert.equal((await log.read(1, 0, ALL)).length, taken);
  // Several at once: each is refused by itself.
  assert.deepEqual(await Promise.all([append(), append(), append()]), [false, false, false]);

  disk!.empty();
  for (let i = 0; i < 10; i++) assert.ok(await append());
  assert.equal((await log.read(0, 0, ALL)).length, taken);
  assert.equal((await log.read(1, 0, ALL)).length, taken);
  await log.commit(0, waiting.at(-1)!.position);
  assert.equal((await log.read(0, waiting.at(-1)!.position, ALL)).length, 10);
  await log.close();
});
