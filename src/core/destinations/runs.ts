import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { addJob } from '../../kernel/jobs.ts';
import { decodeCursor, encodeCursor } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { destinationById, type Files, listDestinations } from './destination.ts';
import { addCounts, addReached } from './outcomes.ts';
import { personsOfPart } from './part-persons.ts';
import { folderOf, type Period, periodAt, periodsOver, stampOf } from './period.ts';
import { fileOf } from './rows.ts';
import { conditions } from './select.ts';
import { openTarget, type Target } from './target.ts';

/** A period is written this long after it ended, when the stream has stored what came in it. */
export const GRACE_MS = 60_000;
/** Periods begun at a time of those that were missed, and the longest past that is asked for at once. */
const CATCH_UP = 100;
const AGAIN_DAYS = 366;
const AGAIN_PERIODS = 1000;
/** Periods of the last days are looked at again for events that came late. */
const LATE_MS = 3 * 24 * 60 * 60_000;
/** A run works so long in one job, then goes on in another. */
const STINT_MS = 15 * 60_000;

export interface Run {
  id: number;
  from: Date;
  to: Date;
  state: 'waiting' | 'running' | 'done' | 'failed';
  cause: string;
  rows: number;
  bytes: number;
  files: number;
  held: Record<string, number>;
  error: string | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  replacedBy: number | null;
}

export interface RunFile {
  part: number;
  path: string;
  rows: number;
  bytes: number;
  sha256: string;
  rewrittenAt: Date | null;
}

const COLUMNS = `id, starts_at AS "from", ends_at AS "to", state, cause, rows, bytes, held, error, created_at AS "createdAt",
  started_at AS "startedAt", finished_at AS "finishedAt", replaced_by AS "replacedBy",
  (SELECT count(*) FROM destinations_files f WHERE f.run_id = destinations_runs.id) AS files`;

/** Runs of a destination, the newest first. */
export async function listRuns(
  context: Context,
  destinationId: number,
  page: { cursor?: string | undefined; limit: number },
): Promise<{ items: Run[]; nextCursor: string | null }> {
  const before = decodeCursor(page.cursor, z.int());
  const { rows } = await context.records.pool.query<Run>(
    `SELECT ${COLUMNS} FROM destinations_runs WHERE destination_id = $1 AND ($2::bigint IS NULL OR id < $2)
     ORDER BY id DESC LIMIT $3`,
    [destinationId, before ?? null, page.limit + 1],
  );
  const items = rows.slice(0, page.limit);
  return { items, nextCursor: rows.length > page.limit ? encodeCursor(items.at(-1)!.id) : null };
}

/** One run with its files; refuses with 404. */
export async function runById(context: Context, destinationId: number, id: number): Promise<Run & { list: RunFile[] }> {
  const { rows } = await context.records.pool.query<Run>(
    `SELECT ${COLUMNS} FROM destinations_runs WHERE destination_id = $1 AND id = $2`,
    [destinationId, id],
  );
  if (!rows[0]) throw refuse.notFound(`There is no run ${id} of this destination.`);
  return { ...rows[0], list: await filesOf(context, id) };
}

/** Begins the runs of periods that are over, for all destinations; called every minute. */
export async function beginDue(context: Context, now = Date.now()): Promise<void> {
  for (let after = 0; ; ) {
    const page = await listDestinations(context, { after, limit: 200 });
    for (const destination of page) {
      if (destination.kind === 'files' && destination.enabled) await beginFor(context, destination, now);
    }
    const last = page.at(-1);
    if (!last || page.length < 200) return;
    after = last.id;
  }
}

async function beginFor(context: Context, files: Files, now: number): Promise<void> {
  const { rows } = await context.records.pool.query<{ until: Date | null }>(
    "SELECT max(ends_at) AS until FROM destinations_runs WHERE destination_id = $1 AND cause = 'schedule'",
    [files.id],
  );
  const since = rows[0]?.until?.getTime() ?? files.createdAt.getTime();
  const over = periodsOver(files.settings, since, now - GRACE_MS, CATCH_UP);
  for (const period of over) await beginRun(context, files.id, period, 'schedule');
  if (over.length > 0) await beginLate(context, files, now);
}

/** Writes the periods of a past time again. Refuses with 400 a time that is not one, or one of too many periods. */
export async function runAgain(context: Context, id: number, from: Date, to: Date): Promise<number[]> {
  const files = await filesById(context, id);
  if (!files.enabled) throw refuse.conflict('The destination is switched off. Switch it on first.');
  if (!(from < to)) throw refuse.invalid('The time must begin before it ends.');
  if (to.getTime() - from.getTime() > AGAIN_DAYS * 86_400_000) {
    throw refuse.invalid(`A time of ${AGAIN_DAYS} days at most can be written at once.`);
  }
  const before = Math.min(periodAt(files.settings, to.getTime() - 1).to, Date.now() - GRACE_MS);
  const periods = periodsOver(files.settings, from.getTime(), before, AGAIN_PERIODS + 1);
  if (periods.length > AGAIN_PERIODS) throw refuse.invalid(`${AGAIN_PERIODS} periods at most can be written at once.`);
  if (periods.length === 0) throw refuse.invalid('No period of this time is over yet.');
  const runs: number[] = [];
  for (const period of periods) runs.push(await beginRun(context, files.id, period, 'again'));
  return runs;
}

async function beginRun(context: Context, destinationId: number, period: Period, cause: string): Promise<number> {
  return context.records.transaction(async (client) => {
    const { rows } = await client.query<{ id: number }>(
      `INSERT INTO destinations_runs (destination_id, starts_at, ends_at, cause) VALUES ($1, $2, $3, $4) RETURNING id`,
      [destinationId, new Date(period.from), new Date(period.to), cause],
    );
    const { id } = rows[0]!;
    await addJob(client, 'destinations.run', { id }, { key: `destinations.run:${id}` });
    return id;
  });
}

/** Periods that got events since they were written (sent again from quarantine, stored late) are written again, whole. */
async function beginLate(context: Context, files: Files, now: number): Promise<void> {
  const { rows } = await context.records.pool.query<{ id: number; from: Date; to: Date; events: number }>(
    `SELECT id, starts_at AS "from", ends_at AS "to", events FROM destinations_runs
     WHERE destination_id = $1 AND state = 'done' AND replaced_by IS NULL AND starts_at >= $2
       AND NOT EXISTS (SELECT 1 FROM destinations_runs y WHERE y.destination_id = $1
         AND y.starts_at = destinations_runs.starts_at AND y.id > destinations_runs.id AND y.state <> 'failed')`,
    [files.id, new Date(now - LATE_MS)],
  );
  if (rows.length === 0) return;
  const bounds = [...new Set(rows.flatMap((row) => [row.from.getTime(), row.to.getTime()]))].sort((a, b) => a - b);
  const counts = await context.events.query<{ start: string; events: string }>(
    `SELECT roundDown(toUnixTimestamp64Milli(received_at), {bounds:Array(Int64)}) AS start, count() AS events
     FROM events WHERE received_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
       AND received_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC') GROUP BY start`,
    { bounds, from: bounds[0]!, to: bounds.at(-1)! },
    { seconds: 120 },
  );
  const found = new Map(counts.map((row) => [Number(row.start), Number(row.events)]));
  for (const row of rows) {
    const events = found.get(row.from.getTime()) ?? 0;
    if (events > row.events) {
      await beginRun(context, files.id, { from: row.from.getTime(), to: row.to.getTime() }, 'late');
    } else if (events < row.events) {
      // Events were erased, or not kept any longer: what is there now is what later ones are told by.
      await context.records.pool.query('UPDATE destinations_runs SET events = $2 WHERE id = $1', [row.id, events]);
    }
  }
}

interface Work {
  id: number;
  destination_id: number;
  starts_at: Date;
  ends_at: Date;
  state: string;
  plan: Period[] | null;
}

let writing: Promise<unknown> = Promise.resolve();

/**
 * Works on a run: one file at a time in this process, each on record when it is written, so that a crash goes on after
 * the last. `last` says that the job is not tried again after this time.
 */
export async function workOnRun(
  context: Context,
  id: number,
  info: { last: boolean; signal: AbortSignal },
): Promise<void> {
  const { rows } = await context.records.pool.query<Work>(
    `UPDATE destinations_runs SET state = 'running', started_at = coalesce(started_at, now()), error = NULL
     WHERE id = $1 AND state IN ('waiting', 'running') RETURNING id, destination_id, starts_at, ends_at, state, plan`,
    [id],
  );
  const [run] = rows;
  if (!run) return;
  try {
    const files = await filesById(context, run.destination_id);
    if (!files.enabled) throw new Error('The destination is switched off.');
    await assertStored(context, run.ends_at.getTime());
    const target = openTarget(context.config, files);
    const plan = run.plan ?? (await makePlan(context, files, run));
    const until = Date.now() + STINT_MS;
    const done = new Set((await filesOf(context, id)).map((file) => file.part));
    for (const [part, period] of plan.entries()) {
      if (done.has(part)) continue;
      info.signal.throwIfAborted();
      const turn = writing.then(() => writePart(context, files, run, part, period, target));
      writing = turn.catch(() => {});
      await turn;
      if (Date.now() > until && part < plan.length - 1) {
        return await addJob(context.records.pool, 'destinations.run', { id });
      }
    }
    await finish(context, files, run, target);
  } catch (error) {
    const message = (error as Error).message.slice(0, 1000);
    await context.records.pool.query(
      `UPDATE destinations_runs SET error = $2, state = CASE WHEN $3 THEN 'failed' ELSE state END,
         finished_at = CASE WHEN $3 THEN now() END WHERE id = $1`,
      [id, message, info.last],
    );
    if (info.last) {
      await context.records.pool.query(
        'UPDATE destinations SET failing_since = coalesce(failing_since, now()), last_error = $2 WHERE id = $1',
        [run.destination_id, message],
      );
    }
    throw error;
  }
}

/** Throws as long as the log has something that was accepted before `end`: it will be an event of the period. */
async function assertStored(context: Context, end: number): Promise<void> {
  const waiting = (await context.log.state()).some(
    (partition) =>
      partition.lagEvents > 0 && (!partition.oldestAt || Date.parse(partition.oldestAt) < end + GRACE_MS / 2),
  );
  if (waiting) throw new Error('The stream has not stored all events of the period yet.');
}

/** Parts the period so that each part has as many rows as a file may have, or is a millisecond. */
async function makePlan(context: Context, files: Files, run: Work): Promise<Period[]> {
  const [from, to] = [run.starts_at.getTime(), run.ends_at.getTime()];
  const limit = files.settings.rowsPerFile;
  const buckets = async (period: Period, width: number) => {
    const { where, params } = conditions(files.filter, period.from, period.to);
    const rows = await context.events.query<{ at: string; rows: string }>(
      `SELECT intDiv(toUnixTimestamp64Milli(received_at) - {from:Int64}, {width:Int64}) AS at, count() AS rows
       FROM events WHERE ${where} GROUP BY at ORDER BY at`,
      { ...params, width },
      { seconds: 120 },
    );
    return rows.map((row) => ({ from: period.from + Number(row.at) * width, rows: Number(row.rows) }));
  };
  const plan: Period[] = [];
  let rows = 0;
  const add = (bucket: { from: number; rows: number }, width: number) => {
    const open = plan.at(-1);
    if (open && rows + bucket.rows <= limit) {
      open.to = bucket.from + width;
      rows += bucket.rows;
    } else {
      plan.push({ from: bucket.from, to: bucket.from + width });
      rows = bucket.rows;
    }
  };
  for (const bucket of await buckets({ from, to }, 1000)) {
    if (bucket.rows <= limit) add(bucket, 1000);
    else for (const small of await buckets({ from: bucket.from, to: bucket.from + 1000 }, 1)) add(small, 1);
  }
  const { rows: counted } = { rows: await context.events.query<{ events: string }>(COUNT_SQL, { from, to }) };
  await context.records.pool.query('UPDATE destinations_runs SET plan = $2, events = $3 WHERE id = $1', [
    run.id,
    JSON.stringify(plan),
    Number(counted[0]?.events ?? 0),
  ]);
  return plan;
}

const COUNT_SQL = `SELECT count() AS events FROM events
  WHERE received_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND received_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')`;

async function writePart(
  context: Context,
  files: Files,
  run: Work,
  part: number,
  period: Period,
  target: Target,
): Promise<void> {
  const persons = await personsOfPart(context, files, period, `${run.id}/${part}`);
  const rows = persons.reached.reduce((sum, [, count]) => sum + count, 0);
  if (rows > 0) {
    const bytes = await fileOf(context.events, files.settings.format, persons.from, persons.params);
    const stamp = stampOf(run.starts_at.getTime());
    const ending = files.settings.format === 'parquet' ? 'parquet' : 'ndjson.gz';
    const folder = folderOf(files.settings, run.starts_at.getTime());
    const path = `${folder}/events-${stamp}-r${run.id}-${String(part + 1).padStart(4, '0')}.${ending}`;
    await target.write(path, bytes);
    await context.records.transaction(async (client) => {
      const { rowCount } = await client.query(
        `INSERT INTO destinations_files (run_id, part, path, rows, bytes, sha256, from_ms, to_ms)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
        [run.id, part, path, rows, bytes.length, sha256(bytes), period.from, period.to],
      );
      if (rowCount === 0) return;
      await addReached(client, files.id, persons.reached);
      await note(client, files.id, run.id, rows, bytes.length, persons.held);
    });
  } else {
    await context.records.transaction(async (client) => {
      // A file without rows is not written, but the part is done.
      const { rowCount } = await client.query(
        `INSERT INTO destinations_files (run_id, part, path, rows, bytes, sha256, from_ms, to_ms)
         VALUES ($1, $2, '', 0, 0, '', $3, $4) ON CONFLICT DO NOTHING`,
        [run.id, part, period.from, period.to],
      );
      if (rowCount) await note(client, files.id, run.id, 0, 0, persons.held);
    });
  }
  await persons.release();
}

async function note(
  client: { query: (text: string, values: unknown[]) => Promise<unknown> },
  destinationId: number,
  runId: number,
  rows: number,
  bytes: number,
  held: readonly (readonly [purpose: string, count: number])[],
): Promise<void> {
  const counts = held.map(([purpose, count]) => ['held', purpose, count] as const);
  await addCounts(client, destinationId, rows > 0 ? [['delivered', '', rows], ...counts] : counts);
  await client.query(
    `UPDATE destinations_runs SET rows = rows + $2, bytes = bytes + $3,
       held = held || (SELECT coalesce(jsonb_object_agg(p, c + coalesce((held ->> p)::bigint, 0)), '{}')
                       FROM unnest($4::text[], $5::bigint[]) AS h (p, c))
     WHERE id = $1`,
    [runId, rows, bytes, held.map(([purpose]) => purpose), held.map(([, count]) => count)],
  );
}

/** Writes the manifest, and takes the place of an older run of the same period: its files go. */
async function finish(context: Context, files: Files, run: Work, target: Target): Promise<void> {
  await writeManifest(context, files, run.id, target);
  const { rows: old } = await context.records.pool.query<{ id: number }>(
    `UPDATE destinations_runs SET replaced_by = $1 WHERE destination_id = $2 AND starts_at = $3 AND ends_at = $4
       AND id < $1 AND replaced_by IS NULL AND state IN ('done', 'failed') RETURNING id`,
    [run.id, files.id, run.starts_at, run.ends_at],
  );
  for (const { id } of old) {
    for (const file of await filesOf(context, id)) if (file.path !== '') await target.remove(file.path);
    await context.records.pool.query('DELETE FROM destinations_files WHERE run_id = $1', [id]);
  }
  await context.records.pool.query("UPDATE destinations_runs SET state = 'done', finished_at = now() WHERE id = $1", [
    run.id,
  ]);
  await context.records.pool.query(
    'UPDATE destinations SET last_success_at = now(), failing_since = NULL WHERE id = $1',
    [files.id],
  );
}

/** `manifest-….json` beside the files of a period: what belongs to it. */
export async function writeManifest(context: Context, files: Files, runId: number, target: Target): Promise<void> {
  const run = await runById(context, files.id, runId);
  const list = run.list.filter((file) => file.path !== '');
  const manifest = {
    destination: files.name,
    run: run.id,
    from: run.from.toISOString(),
    to: run.to.toISOString(),
    by: 'received_at',
    zone: files.settings.zone,
    format: files.settings.format,
    rows: list.reduce((sum, file) => sum + file.rows, 0),
    heldBack: run.held,
    files: list.map(({ path, rows, bytes, sha256: hash }) => ({ path, rows, bytes, sha256: hash })),
    writtenAt: new Date().toISOString(),
  };
  const path = `${folderOf(files.settings, run.from.getTime())}/manifest-${stampOf(run.from.getTime())}.json`;
  await target.write(path, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
}

async function filesOf(context: Context, runId: number): Promise<RunFile[]> {
  const { rows } = await context.records.pool.query<RunFile>(
    `SELECT part, path, rows, bytes, sha256, rewritten_at AS "rewrittenAt" FROM destinations_files
     WHERE run_id = $1 ORDER BY part`,
    [runId],
  );
  return rows;
}

export async function filesById(context: Context, id: number): Promise<Files> {
  const destination = await destinationById(context, id);
  if (destination.kind !== 'files') throw refuse.invalid('This destination is a webhook; it writes no files.');
  return destination;
}

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
