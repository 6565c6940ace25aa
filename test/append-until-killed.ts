import { writeSync } from 'node:fs';
import { openLmdbLog } from '../src/kernel/log-lmdb.ts';

/**
 * Appends to the log in the folder given, several at a time, and writes the number of each append on a line of its own
 * once it is acknowledged; until it is killed. Numbers start at the one given.
 */
const [, , dir = '', from = '0'] = process.argv;
const PARTITIONS = 4;
const log = openLmdbLog({ dir, partitions: PARTITIONS, bytes: 256 * 1024 * 1024 });
let next = Number(from);

async function appendForever(): Promise<never> {
  for (;;) {
    const number = next++;
    // One entry in each of two partitions, so that half an append would show.
    const value = Buffer.from(JSON.stringify({ number, filling: 'x'.repeat(number % 3000) }));
    await log.append([
      { partition: number % PARTITIONS, events: 1 + (number % 5), value },
      { partition: (number + 1) % PARTITIONS, events: 1, value },
    ]);
    writeSync(1, `${number}\n`);
  }
}

await Promise.all([appendForever(), appendForever(), appendForever(), appendForever()]);
