import { join } from 'node:path';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { openLmdbLog } from './log-lmdb.ts';
import { compactLmdbLog } from './log-lmdb-compact.ts';

/**
 * The log that the settings name: NATS JetStream by URL, otherwise LMDB in the data folder. `first`: nothing else has it
 * open, so its file may be made small.
 */
export async function openLog(config: Config, first = false): Promise<Log> {
  if (config.logUrl) {
    const { openNatsLog } = await import('./log-nats.ts');
    return openNatsLog({ url: config.logUrl, partitions: config.partitions, bytes: config.logBytes });
  }
  const dir = join(config.dataDir, 'log');
  if (first) await compactLmdbLog(dir);
  return openLmdbLog({ dir, partitions: config.partitions, bytes: config.logBytes });
}
