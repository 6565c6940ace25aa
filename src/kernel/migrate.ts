import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Events } from './events.ts';
import type { Records } from './records.ts';

/** One number for all of Throughline: migrations of several processes wait for one another on it. */
const MIGRATION_LOCK = 7_401_001;

export interface MigrationFolder {
  app: string;
  dir: string;
}

/**
 * Runs what has not run yet of each app's `NNNN-name.sql` (PostgreSQL) and `NNNN-name.events.sql` (ClickHouse), in the
 * order of the list and of the numbers. Forward only. Each PostgreSQL file is one transaction with its mark; statements
 * of a ClickHouse file are separated by a line of `;` at the end, must be repeatable (`IF NOT EXISTS`), since ClickHouse
 * has no transaction around them. Several processes may call this at once: one works, the others wait.
 */
export async function migrate(records: Records, events: Events, folders: readonly MigrationFolder[]): Promise<void> {
  const client = await records.pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(`CREATE TABLE IF NOT EXISTS migrations (
      app text NOT NULL, name text NOT NULL, ran_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (app, name))`);
    const { rows } = await client.query<{ app: string; name: string }>('SELECT app, name FROM migrations');
    const done = new Set(rows.map((row) => `${row.app}/${row.name}`));
    for (const folder of folders) {
      for (const name of migrationFiles(folder.dir)) {
        if (done.has(`${folder.app}/${name}`)) continue;
        const sql = readFileSync(join(folder.dir, name), 'utf8');
        try {
          if (name.endsWith('.events.sql')) for (const statement of statements(sql)) await events.command(statement);
          await client.query('BEGIN');
          if (!name.endsWith('.events.sql')) await client.query(sql);
          await client.query('INSERT INTO migrations (app, name) VALUES ($1, $2)', [folder.app, name]);
          await client.query('COMMIT');
        } catch (error) {
          await client.query('ROLLBACK').catch(() => {});
          throw new Error(`The migration ${folder.app}/${name} failed: ${(error as Error).message}`, { cause: error });
        }
      }
    }
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => {});
    client.release();
  }
}

function migrationFiles(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith('.sql'))
      .sort();
  } catch {
    return [];
  }
}

function statements(sql: string): string[] {
  return sql
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
