import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { App, Subject } from '../../kernel/app.ts';
import type { Context } from '../../kernel/context.ts';
import { addJob } from '../../kernel/jobs.ts';
import { refuse } from '../../kernel/refusal.ts';
import { feedOf } from '../live/feed.ts';
import { FACTS_OF_PERSONS } from '../people/facts-rows.ts';
import { lockIdentity } from '../people/merge.ts';
import { removeOldParts } from './erase-events.ts';
import { writeLedger } from './ledger.ts';
import { importsEnded, placesOf } from './places.ts';
import { scrubRecords } from './scrub-records.ts';
import { identifiersOfOrigins, subjectOf } from './subject.ts';
import { checkSuppressionKey, hashIdentifier, suppressHashes } from './suppression.ts';

/** What was in the log when the erasure was decided has to pass the stream; after this long the job tries again later. */
const DRAIN_MS = 30_000;
const DRAIN_LOOK_MS = 50;
/** With the waits of jobs this is about two days. */
export const ERASURE_ATTEMPTS = 14;

/** Two processes that scrub at once would only wait for one another. */
const SCRUB_LOCK = 7_401_011;

export interface ErasureRow {
  id: string;
  person_id: number;
  origins: string[];
  state: 'waiting' | 'running' | 'done' | 'failed';
  steps: Record<string, { at: string; left?: string[] }>;
  error: string | null;
  by_name: string;
  at: Date;
  finished_at: Date | null;
}

/**
 * Decides that a person is erased. From the commit on, the stream drops every event with one of its identifiers; the job
 * that is queued removes it from all stores. Refuses with 404 an unknown person, with 409 where its erasure is under way.
 */
export async function requestErasure(context: Context, personId: number, by: string): Promise<ErasureRow> {
  await checkSuppressionKey(context);
  const id = randomUUID();
  return context.records.transaction(async (client) => {
    await lockIdentity(client);
    const subject = await subjectOf(client, personId);
    if (!subject) throw refuse.notFound('There is no such person.');
    const { rows: open } = await client.query('SELECT 1 FROM privacy_erasures WHERE person_id = $1 AND state <> $2', [
      subject.root,
      'done',
    ]);
    if (open.length > 0) throw refuse.conflict('This person is being erased already.');
    await suppressHashes(client, hashesOf(context, subject), by, id);
    const { rows } = await client.query<ErasureRow>(
      'INSERT INTO privacy_erasures (id, person_id, origins, by_name) VALUES ($1, $2, $3, $4) RETURNING *',
      [id, subject.root, subject.origins, by],
    );
    await queue(client, id);
    return rows[0]!;
  });
}

/** Sets an erasure going again that was given up. Refuses with 404, or with 409 where it was not. */
export async function retryErasure({ records }: Pick<Context, 'records'>, id: string): Promise<ErasureRow> {
  return records.transaction(async (client) => {
    const { rows } = await client.query<ErasureRow>(
      "UPDATE privacy_erasures SET state = 'waiting', error = NULL WHERE id = $1 AND state = 'failed' RETURNING *",
      [id],
    );
    if (!rows[0]) {
      const known = await client.query('SELECT 1 FROM privacy_erasures WHERE id = $1', [id]);
      throw known.rowCount
        ? refuse.conflict('This erasure did not fail; it goes on by itself.')
        : refuse.notFound('There is no such erasure.');
    }
    await queue(client, id);
    return rows[0];
  });
}

const queue = (client: pg.ClientBase, id: string) =>
  addJob(client, 'privacy.erase', { id }, { key: `erase:${id}`, attempts: ERASURE_ATTEMPTS });

const hashesOf = ({ config }: Pick<Context, 'config'>, { identifiers }: Pick<Subject, 'identifiers'>) =>
  identifiers.map(({ kind, value }) => ({ kind, hash: hashIdentifier(config.dataDir, kind, value) }));

/**
 * Erases, step by step; each step is written down when it is done, and may be repeated, so that a crash anywhere costs
 * nothing but time. Throws where something has to be waited for: the job tries again.
 *
 * The order matters: events in flight come to an end first; then every place is emptied that knows the person only by its
 * identifiers; people go last. Only then what the stores still have on their disks is overwritten.
 */
export async function runErasure(
  context: Context,
  apps: readonly App[],
  id: string,
  info: { last: boolean },
): Promise<void> {
  const { records } = context;
  const { rows } = await records.pool.query<ErasureRow>(
    "UPDATE privacy_erasures SET state = 'running' WHERE id = $1 AND state <> 'done' RETURNING *",
    [id],
  );
  const erasure = rows[0];
  if (!erasure) return;
  const origins = erasure.origins.map(Number);
  const step = async (name: string, work: () => Promise<string[] | undefined>) => {
    if (erasure.steps[name]) return;
    const left = (await work()) ?? [];
    const done = { at: new Date().toISOString(), ...(left.length > 0 && { left }) };
    erasure.steps[name] = done;
    await records.pool.query('UPDATE privacy_erasures SET steps = steps || $2, error = NULL WHERE id = $1', [
      id,
      JSON.stringify({ [name]: done }),
    ]);
  };
  try {
    await step('drain', () => nothingLeft(drained(context)));
    await step('suppress', () => nothingLeft(suppressLate(context, erasure, origins)));
    await step('ledger', () => nothingLeft(noteInLedger(context, erasure)));
    for (const place of placesOf(apps)) {
      await step(`place:${place.name}`, async () => {
        const identifiers = await identifiersOfOrigins(records.pool, origins);
        await place.erase(context, { origins, identifiers });
        return undefined;
      });
    }
    feedOf(context).forget(new Set(origins.map(String)));
    await step('scrub', () => scrub(context));
    await step('imports', () => nothingLeft(importsEnded(context)));
    await records.pool.query(
      "UPDATE privacy_erasures SET state = 'done', error = NULL, finished_at = now() WHERE id = $1",
      [id],
    );
  } catch (error) {
    await records.pool
      .query('UPDATE privacy_erasures SET state = $2, error = $3 WHERE id = $1', [
        id,
        info.last ? 'failed' : 'running',
        (error as Error).message.slice(0, 500),
      ])
      .catch(() => {});
    throw error;
  }
}

const nothingLeft = async (work: Promise<void>): Promise<undefined> => {
  await work;
};

/** Waits until all that was accepted up to now has passed the stream. */
async function drained({ log }: Context): Promise<void> {
  const now = Date.now();
  for (const deadline = now + DRAIN_MS; ; await sleep(DRAIN_LOOK_MS)) {
    const waiting = (await log.state()).some(({ oldestAt }) => oldestAt !== null && Date.parse(oldestAt) <= now);
    if (!waiting) return;
    if (Date.now() > deadline)
      throw new Error('Events accepted earlier have not been processed yet; they are waited for.');
  }
}

/** Events that were in the stream when the erasure was decided may have added identifiers to the person. */
async function suppressLate(context: Context, erasure: ErasureRow, origins: readonly number[]): Promise<void> {
  const identifiers = await identifiersOfOrigins(context.records.pool, origins);
  await context.records.transaction((client) =>
    suppressHashes(client, hashesOf(context, { identifiers }), erasure.by_name, erasure.id),
  );
}

/** Overwrites on the disks of the stores what was deleted in them. Returns what could not be done from here. */
async function scrub(context: Context): Promise<string[]> {
  const { records, events, log } = context;
  const client = await records.pool.connect();
  try {
    await client.query('SET statement_timeout = 0');
    await client.query('SELECT pg_advisory_lock($1)', [SCRUB_LOCK]);
    // What an app told of the person in the last moments has been dropped by the stream, but must be out of the log.
    await drained(context);
    const tables = ['events', ...FACTS_OF_PERSONS.map((facts) => facts.table)];
    // At once: a server keeps old parts for a minute, and there are several tables.
    await Promise.all(tables.map((table) => removeOldParts(events, table)));
    const left = await scrubRecords(records);
    if (!(await log.wipe())) left.push('overwrite the log');
    return left;
  } finally {
    client.release(true);
  }
}

async function noteInLedger({ records, config }: Context, erasure: ErasureRow): Promise<void> {
  const { rows } = await records.pool.query<{ kind: string; hash: Buffer }>(
    'SELECT kind, hash FROM privacy_suppressed WHERE erasure_id = $1',
    [erasure.id],
  );
  await writeLedger(config.dataDir, {
    id: erasure.id,
    personId: erasure.person_id,
    origins: erasure.origins.map(Number),
    hashes: rows.map(({ kind, hash }) => ({ kind, hash: hash.toString('hex') })),
    by: erasure.by_name,
    at: erasure.at.toISOString(),
  });
}
