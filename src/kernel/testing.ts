import { appendFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { App } from './app.ts';
import { openBlobs } from './blobs-open.ts';
import { parseConfig } from './config.ts';
import type { Context } from './context.ts';
import { openEmbeddedEvents } from './events-embedded.ts';
import { migrateJobs, runDueJobs } from './jobs.ts';
import { openLmdbLog } from './log-lmdb.ts';
import { mail } from './mail.ts';
import { migrate } from './migrate.ts';
import { openRecords } from './records.ts';
import { startEmbeddedRecords } from './records-embedded.ts';
import { copyPreparedStores } from './testing-template.ts';

/** Apps that few tests take together run their migrations each time. */
const MANY_FOLDERS = 10;

/**
 * Real, embedded stores in a folder of their own, with the migrations of the given apps. One at a time in a process:
 * the events engine has one folder a process. Close it in `after`.
 */
export async function testContext(options: {
  apps: readonly App[];
  environment?: Record<string, string>;
}): Promise<Context & { close(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  const folders = options.apps.flatMap((app) =>
    app.migrations ? [{ app: app.name, dir: fileURLToPath(app.migrations) }] : [],
  );
  await copyPreparedStores(dataDir, folders.length >= MANY_FOLDERS ? folders : []);
  spareTheDisk(dataDir);
  const config = parseConfig({ THROUGHLINE_DATA: dataDir, PORT: '0', ...options.environment });
  const postgres = await startEmbeddedRecords(dataDir);
  const records = openRecords(postgres.url);
  const events = openEmbeddedEvents(join(dataDir, 'events'));
  const log = openLmdbLog({ dir: join(dataDir, 'log'), partitions: config.partitions, bytes: config.logBytes });
  await migrate(records, events, folders);
  await migrateJobs(records.pool);
  return {
    config,
    records,
    events,
    log,
    blobs: openBlobs(config),
    url: () => 'http://localhost:3000',
    async close() {
      await log.close();
      await events.close();
      await records.close();
      const stopped = postgres.stop();
      endNow(postgres.pid);
      await stopped;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A test's machine does not lose its power: what is written need not be on the disk before it goes on. */
function spareTheDisk(dataDir: string): void {
  const settings = join(dataDir, 'records', 'postgresql.conf');
  if (existsSync(settings)) appendFileSync(settings, 'fsync = off\nfull_page_writes = off\n');
}

/** Ends a PostgreSQL of which nothing is kept: nothing need be put in order. */
function endNow(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    // It has ended already.
  }
}

/** Makes every blob in a folder as if it had been written so many hours ago. */
export async function ageBlobs({ blobs, config }: Context, folder: string, hours = 48): Promise<void> {
  const at = new Date(Date.now() - hours * 3_600_000);
  for await (const { name } of blobs.list(folder)) await utimes(join(config.blobsDir, name), at, at);
}

/** Does the jobs that are due, as the running program would. */
export const runJobs = (context: Context, apps: readonly App[]): Promise<void> => runDueJobs(context, [mail, ...apps]);
