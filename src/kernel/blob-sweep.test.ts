import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { sweepBlobs, YOUNG_HOURS } from './blob-sweep.ts';
import type { Blobs } from './blobs.ts';
import { openFolderBlobs } from './blobs-folder.ts';

let dir: string;
let blobs: Blobs;
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'throughline-sweep-'));
  blobs = openFolderBlobs(dir);
});
after(() => rmSync(dir, { recursive: true, force: true }));

const write = async (name: string, hours: number) => {
  // Not by the store itself, which waits for the disk each time.
  await mkdir(dirname(join(dir, name)), { recursive: true });
  await writeFile(join(dir, name), 'x');
  const at = new Date(Date.now() - hours * 3_600_000);
  await utimes(join(dir, name), at, at);
};
const left = async (folder: string) =>
  (await Array.fromAsync(blobs.list(folder))).map(({ name }) => name.slice(folder.length + 1));
const sweep = (folder: string, known: string[], asked: string[][] = [], signal = new AbortController().signal) =>
  sweepBlobs(blobs, {
    folder,
    idOf: (name) => name.split('/')[1] || null,
    known: async (ids) => {
      asked.push(ids);
      return ids.filter((id) => known.includes(id));
    },
    remove: (id) => blobs.removeAll(`${folder}/${id}`),
    signal,
  });

test('blobs that no record knows are swept, unless one of their kind is young', async () => {
  await write('a/known/1', 100);
  await write('a/lost/1', 100);
  await write('a/lost/2', YOUNG_HOURS + 1);
  await write('a/under-way/1', 100);
  await write('a/under-way/2', YOUNG_HOURS - 1);
  assert.equal(await sweep('a', ['known']), 1);
  assert.deepEqual(await left('a'), ['known/1', 'under-way/1', 'under-way/2']);
});

test('a sweep asks the records by pages, and forgets none between two of them', async () => {
  const ids = Array.from({ length: 2050 }, (_, n) => `id${String(n).padStart(5, '0')}`);
  for (const id of ids) await write(`b/${id}/1`, 100);
  const asked: string[][] = [];
  assert.equal(await sweep('b', ids.slice(0, 2000), asked), 50);
  assert.deepEqual(
    asked.map((page) => page.length),
    [1000, 1000, 50],
  );
  assert.deepEqual(
    await left('b'),
    ids.slice(0, 2000).map((id) => `${id}/1`),
  );
});

test('a sweep that is stopped removes nothing more', async () => {
  await write('c/lost/1', 100);
  const stopped = AbortSignal.abort();
  assert.equal(await sweep('c', [], [], stopped), 0);
  assert.deepEqual(await left('c'), ['lost/1']);
});
