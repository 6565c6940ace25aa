import { join } from 'node:path';
import { openEmbeddedEvents } from './events-embedded.ts';
import { migrateJobs } from './jobs.ts';
import { type MigrationFolder, migrate } from './migrate.ts';
import { openRecords } from './records.ts';
import { startEmbeddedRecords } from './records-embedded.ts';

/** Makes empty stores in a folder, with the given migrations, and leaves them closed. */
export async function makeStores(dataDir: string, folders: readonly MigrationFolder[]): Promise<void> {
  const postgres = await startEmbeddedRecords(dataDir);
  const records = openRecords(postgres.url);
  const events = openEmbeddedEvents(join(dataDir, 'events'));
  try {
    await migrate(records, events, folders);
    await migrateJobs(records.pool);
    // What new databases are copied from: half of the files that each test would copy, and nobody makes a database here.
    await records.pool.query('UPDATE pg_database SET datistemplate = false');
    for (const name of ['template0', 'template1']) await records.pool.query(`DROP DATABASE ${name}`);
  } finally {
    await events.close();
    await records.close();
    await postgres.stop();
  }
}

if (import.meta.main) await makeStores(process.argv[3]!, JSON.parse(process.argv[2]!) as MigrationFolder[]);
