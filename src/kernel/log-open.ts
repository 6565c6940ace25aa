import { join } from 'node:path';
import type { Config } from './config.ts';
import type { Log } from './log.ts';
import { openLmdbLog } from './log-lmdb.ts';

/** The log that the settings name: NATS JetStream by URL, otherwise LMDB in the data folder. */
export async function openLog(config: Config): Promise<Log> {
  if (config.logUrl) {
    const { openNatsLog } = await import('./log-nats.ts');
    return openNatsLog({ url: config.logUrl, partitions: config.partitions, bytes: config.logBytes });
  }
  return openLmdbLog({ dir: join(config.dataDir, 'log'), partitions: config.partitions, bytes: config.logBytes });
}
