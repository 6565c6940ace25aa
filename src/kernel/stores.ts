import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Blobs } from './blobs.ts';
import { openBlobs } from './blobs-open.ts';
import type { Config } from './config.ts';
import type { Events } from './events.ts';
import { openEmbeddedEvents } from './events-embedded.ts';
import type { Log } from './log.ts';
import { openLog } from './log-open.ts';
import { openRecords, type Records } from './records.ts';
import { startEmbeddedRecords } from './records-embedded.ts';

export interface Stores {
  records: Records;
  /** For other threads, which open connections of their own. */
  recordsUrl: string;
  events: Events;
  log: Log;
  blobs: Blobs;
  close(): Promise<void>;
}

/** Opens the four stores: embedded in the data folder, or by URL where the settings give one. */
export async function openStores(config: Config): Promise<Stores> {
  mkdirSync(config.dataDir, { recursive: true });
  const postgres = config.recordsUrl ? null : await startEmbeddedRecords(config.dataDir);
  const recordsUrl = config.recordsUrl ?? postgres!.url;
  const records = openRecords(recordsUrl);
  const events = config.eventsUrl
    ? (await import('./events-server.ts')).openEventsServer(config.eventsUrl)
    : openEmbeddedEvents(join(config.dataDir, 'events'));
  const log = await openLog(config, true);
  return {
    records,
    recordsUrl,
    events,
    log,
    blobs: openBlobs(config),
    async close() {
      await log.close();
      await events.close();
      await records.close();
      await postgres?.stop();
    },
  };
}
