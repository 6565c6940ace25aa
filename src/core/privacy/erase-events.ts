import { open, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Events } from '../../kernel/events.ts';

/** How long rewriting may take, and how long the files of before may stay in use by queries under way. */
const REWRITE_MS = 30 * 60_000;
const CLEANUP_MS = 5 * 60_000;
const LOOK_MS = 200;
/** A server's new files reach its disk by themselves within half a minute; only then may the old ones go. */
const SERVER_OLD_PARTS_SECONDS = 60;

/**
 * Removes rows of a table of the events store for good: the parts of the table that have such rows are written anew
 * without them, and the old parts go from the disk at once, not after the engine's usual minutes. `where` is SQL made of
 * numbers and names of ours only: a mutation takes no parameters. Returns how many rows there were.
 */
export async function deleteRows(events: Events, table: string, where: string): Promise<number> {
  const found = await events.query<{ partition: string; rows: string }>(
    `SELECT _partition_id AS partition, count() AS rows FROM ${table} WHERE ${where} GROUP BY partition ORDER BY partition`,
    {},
    { seconds: 300 },
  );
  if (found.length === 0) return 0;
  // What takes the place of the old parts must be on the disk before these go.
  await events.command(`ALTER TABLE ${table} MODIFY SETTING min_rows_to_fsync_after_merge = 1`);
  try {
    for (const { partition } of found) {
      await events.command(`ALTER TABLE ${table} DELETE IN PARTITION ID '${partition}' WHERE ${where}`);
    }
    await mutationsDone(events, table);
  } finally {
    await events.command(`ALTER TABLE ${table} RESET SETTING min_rows_to_fsync_after_merge`);
  }
  return found.reduce((sum, { rows }) => sum + Number(rows), 0);
}

async function mutationsDone(events: Events, table: string): Promise<void> {
  for (const deadline = Date.now() + REWRITE_MS; ; await sleep(LOOK_MS)) {
    const open = await events.query<{ reason: string }>(
      `SELECT latest_fail_reason AS reason FROM system.mutations
       WHERE database = currentDatabase() AND table = {table:String} AND NOT is_done`,
      { table },
    );
    if (open.length === 0) return;
    const failed = open.find(({ reason }) => reason !== '');
    if (failed) throw new Error(`The events store could not rewrite ${table}: ${failed.reason.slice(0, 300)}`);
    if (Date.now() > deadline)
      throw new Error(`The events store has not rewritten ${table} in time; it is waited for again.`);
  }
}

/**
 * Waits until the parts of a table that were replaced up to now are gone from the disk, and sees to it that they go.
 * Repeatable; does nothing where none is left.
 */
export async function removeOldParts(events: Events, table: string): Promise<void> {
  const old = new Set(await inactiveParts(events, table));
  if (old.size === 0) return;
  if (events.kind === 'embedded') await syncParts(events, table);
  const lifetime = events.kind === 'embedded' ? 0 : SERVER_OLD_PARTS_SECONDS;
  await events.command(`ALTER TABLE ${table} MODIFY SETTING old_parts_lifetime = ${lifetime}`);
  try {
    for (const deadline = Date.now() + CLEANUP_MS; ; await sleep(LOOK_MS)) {
      // The engine looks for old parts at its leisure; this makes it look now.
      await events.command(`SYSTEM START CLEANUP ${table}`);
      if (!(await inactiveParts(events, table)).some((name) => old.has(name))) return;
      if (Date.now() > deadline) throw new Error(`Old parts of ${table} are still in use; they are waited for again.`);
    }
  } finally {
    await events.command(`ALTER TABLE ${table} RESET SETTING old_parts_lifetime`);
  }
}

async function inactiveParts(events: Events, table: string): Promise<string[]> {
  const rows = await events.query<{ name: string }>(
    'SELECT name FROM system.parts WHERE database = currentDatabase() AND table = {table:String} AND NOT active',
    { table },
  );
  return rows.map((row) => row.name);
}

/** Merges leave it to the system when their files reach the disk: those of parts that replaced others lately are flushed here. */
async function syncParts(events: Events, table: string): Promise<void> {
  const rows = await events.query<{ path: string }>(
    `SELECT path FROM system.parts WHERE database = currentDatabase() AND table = {table:String} AND active AND level > 0
       AND modification_time > now() - INTERVAL 15 MINUTE`,
    { table },
  );
  for (const { path } of rows) {
    const names = await readdir(path).catch(() => []);
    for (const name of names) {
      const file = await open(`${path}/${name}`, 'r').catch(() => null);
      await file?.sync().catch(() => {});
      await file?.close();
    }
  }
}
