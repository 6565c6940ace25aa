import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { open } from 'lmdb';
import { LOG_FILE } from './log-lmdb.ts';

/** Smaller files stay as they are. */
const LARGE_BYTES = 32 * 1024 * 1024;

/**
 * LMDB reuses the pages of a file but never gives them back to the disk. After a time in which much had to wait, the file
 * is made small again here: only when nothing waits in it, so that there is next to nothing to copy. Marks, and with them
 * the positions, stay. To be called before the log is opened, by the one process that has the folder.
 */
export async function compactLmdbLog(dir: string): Promise<void> {
  const file = join(dir, LOG_FILE);
  const copy = `${file}.compact`;
  rmSync(copy, { force: true });
  if (!existsSync(file) || statSync(file).size <= LARGE_BYTES) return;
  const environment = open({ path: file, noSubdir: true, maxDbs: 4, encoding: 'binary', overlappingSync: false });
  try {
    const records = environment.openDB({ name: 'records', encoding: 'binary' });
    if ((records.getStats() as { entryCount: number }).entryCount > 0) return;
    await environment.backup(copy, true);
  } finally {
    await environment.close();
  }
  if (!existsSync(copy)) return;
  sync(copy);
  renameSync(copy, file);
  sync(dir);
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
