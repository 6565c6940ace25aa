import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../../kernel/context.ts';
import { addJob } from '../../kernel/jobs.ts';
import { ERASURE_ATTEMPTS } from './erasure.ts';
import { WORK_FOLDER } from './exports.ts';
import { type LedgerEntry, readLedger } from './ledger.ts';
import { eventsOf } from './places.ts';
import { checkSuppressionKey, suppressHashes } from './suppression.ts';

/** Persons asked for in one query, below the engine's limit of 256 KB of text. */
const PERSONS_AT_ONCE = 4000;

/**
 * Does again what a store restored from an older backup has forgotten: each erasure of the ledger that the records do not
 * know as done, and each whose events are there again. Returns how many erasures were set going.
 */
export async function replayLedger(context: Context): Promise<number> {
  const entries = await readLedger(context.config.dataDir);
  if (entries.length === 0) return 0;
  await checkSuppressionKey(context);
  const { rows } = await context.records.pool.query<{ id: string; state: string }>(
    'SELECT id, state FROM privacy_erasures WHERE id = ANY ($1::uuid[])',
    [entries.map((entry) => entry.id)],
  );
  const states = new Map(rows.map((row) => [row.id, row.state]));
  const back = await personsThatCameBack(
    context,
    entries.flatMap((entry) => entry.origins),
  );
  let replayed = 0;
  for (const entry of entries) {
    const state = states.get(entry.id);
    // One that is under way goes on by itself.
    if (state !== undefined && state !== 'done') continue;
    if (state === 'done' && !entry.origins.some((origin) => back.has(origin))) continue;
    await replay(context, entry, state === undefined);
    replayed++;
  }
  return replayed;
}

async function replay({ records }: Context, entry: LedgerEntry, unknown: boolean): Promise<void> {
  await records.transaction(async (client) => {
    await client.query(
      `INSERT INTO privacy_erasures (id, person_id, origins, by_name, at) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (id) DO UPDATE SET state = 'waiting', steps = '{}', finished_at = NULL`,
      [entry.id, entry.personId, entry.origins, entry.by, entry.at],
    );
    // A list of today knows better: what was lifted since stays lifted.
    if (unknown) {
      const hashes = entry.hashes.map(({ kind, hash }) => ({ kind, hash: Buffer.from(hash, 'hex') }));
      await suppressHashes(client, hashes, entry.by, entry.id);
    }
    await addJob(client, 'privacy.erase', { id: entry.id }, { key: `erase:${entry.id}`, attempts: ERASURE_ATTEMPTS });
  });
}

async function personsThatCameBack({ records, events }: Context, origins: readonly number[]): Promise<Set<number>> {
  const back = new Set<number>();
  for (let at = 0; at < origins.length; at += PERSONS_AT_ONCE) {
    const some = origins.slice(at, at + PERSONS_AT_ONCE);
    const found = await events.query<{ origin: string }>(
      `SELECT DISTINCT origin_id AS origin FROM events WHERE ${eventsOf(some)}
       UNION DISTINCT SELECT origin_id FROM people_known WHERE ${eventsOf(some)}`,
    );
    for (const { origin } of found) back.add(Number(origin));
    const { rows } = await records.pool.query<{ id: number }>('SELECT id FROM persons WHERE id = ANY ($1::bigint[])', [
      some,
    ]);
    for (const { id } of rows) back.add(id);
  }
  return back;
}

/** At the start: what a crash left of archives goes, and what a backup brought back goes again. */
export async function startPrivacy(context: Context): Promise<() => Promise<void>> {
  await rm(join(context.config.dataDir, WORK_FOLDER), { recursive: true, force: true });
  const replayed = await replayLedger(context);
  if (replayed > 0) console.log(`${replayed} erasures are done again: a store was restored from before them.`);
  return async () => {};
}
