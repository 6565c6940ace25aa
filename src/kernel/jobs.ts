import { setTimeout as sleep } from 'node:timers/promises';
import { Logger, parseCronItems, type Runner, run, runMigrations, runOnce, type TaskList } from 'graphile-worker';
import type pg from 'pg';
import type { App } from './app.ts';
import type { Context } from './context.ts';
import { faultText, outputText } from './fault-text.ts';

/** Work that is done beside requests, kept in PostgreSQL until it is done. */
export interface Job {
  /** Does the work; an error means that it is tried again later. `last` says that it will not be. */
  run(context: Context, payload: unknown, info: JobInfo): Promise<void>;
  /** How often it is tried in all; 10 unless told. The wait doubles or more each time, up to six hours. */
  attempts?: number;
  /** A cron pattern (UTC): it is also run at these times, with the payload {}. */
  every?: string;
}

export interface JobInfo {
  /** 1 for the first. */
  attempt: number;
  last: boolean;
  /** Aborted when the process is asked to stop. */
  signal: AbortSignal;
  /** All that this process serves, for work that concerns each. */
  apps: readonly App[];
}

interface JobOptions {
  runAt?: Date;
  /** A waiting job with the same key is replaced. */
  key?: string;
  attempts?: number;
}

const ATTEMPTS = 10;
/** How many jobs of one process run at a time. */
const CONCURRENT = 4;
/** A new job is announced at once; this is how often jobs that became due are looked for. */
const POLL_MS = 2000;
/** A process that holds a job for longer is taken for dead; longer work goes in several jobs. */
const LOST_MINUTES = 60;
const SWEEP_MS = 5 * 60_000;
const STOP_MS = 20_000;

/** Puts a job into the queue, in the caller's transaction where `db` is its client: it exists when that is committed. */
export async function addJob(
  db: pg.ClientBase | pg.Pool,
  name: string,
  payload: object,
  options: JobOptions = {},
): Promise<void> {
  await db.query(
    `SELECT graphile_worker.add_job($1, payload := $2::json, run_at := $3::timestamptz, job_key := $4::text,
       max_attempts := $5::int)`,
    [name, JSON.stringify(payload), options.runAt ?? new Date(), options.key ?? null, options.attempts ?? null],
  );
}

/** Makes the queue's own tables (schema graphile_worker), or brings them up to date. */
export async function migrateJobs(pool: pg.Pool): Promise<void> {
  await runMigrations({ pgPool: pool, logger: quiet });
}

/** Runs jobs as they become due until stopped; unfinished ones are done again at the next start. */
export async function startJobs(context: Context, apps: readonly App[]): Promise<() => Promise<void>> {
  const { pool } = context.records;
  const stopping = new AbortController();
  // The folder is ours alone, so with stores of our own whoever held a job is gone.
  await release(pool, context.config.recordsUrl ? LOST_MINUTES : 0);
  const sweep = setInterval(() => release(pool, LOST_MINUTES).catch(() => {}), SWEEP_MS);
  sweep.unref();
  let runner: Runner | null = null;
  const keepRunning = async () => {
    for (let wait = 1000; !stopping.signal.aborted; wait = Math.min(wait * 2, 60_000)) {
      try {
        runner = await run({
          pgPool: pool,
          taskList: taskList(context, apps, stopping.signal),
          parsedCronItems: schedules(apps),
          concurrency: CONCURRENT,
          pollInterval: POLL_MS,
          noHandleSignals: true,
          logger: quiet,
        });
        // A stop that came while it started did not find it.
        if (stopping.signal.aborted) await runner.stop();
        await runner.promise;
      } catch (error) {
        if (!stopping.signal.aborted) console.error('Jobs stopped and are started again:', faultText(error));
      }
      await sleep(wait, undefined, { ref: false, signal: stopping.signal }).catch(() => {});
    }
  };
  const running = keepRunning();
  return async () => {
    stopping.abort(new Error('the process stops'));
    clearInterval(sweep);
    const stopped = runner?.stop().catch(() => {});
    await Promise.race([Promise.all([stopped, running]), sleep(STOP_MS, undefined, { ref: false })]);
  };
}

/** Runs all jobs that are due, once each, until none is: for tests and the command line. */
export async function runDueJobs(context: Context, apps: readonly App[]): Promise<void> {
  await runOnce({
    pgPool: context.records.pool,
    taskList: taskList(context, apps, new AbortController().signal),
    parsedCronItems: [],
    noHandleSignals: true,
    logger: quiet,
  });
}

function taskList(context: Context, apps: readonly App[], signal: AbortSignal): TaskList {
  const jobs = apps.flatMap((app) => Object.entries(app.jobs ?? {}));
  return Object.fromEntries(
    jobs.map(([name, job]) => [
      name,
      async (payload, helpers) => {
        const { attempts, max_attempts: most } = helpers.job;
        const allowed = Math.min(most, job.attempts ?? ATTEMPTS);
        const last = attempts >= allowed;
        try {
          await job.run(context, payload, { attempt: attempts, last, signal, apps });
        } catch (error) {
          // Not the payload: it may hold what belongs to a customer.
          console.error(
            `The job ${name} failed (try ${attempts} of ${allowed}): ${outputText((error as Error).message)}`,
          );
          if (!last) throw error;
        }
      },
    ]),
  );
}

function schedules(apps: readonly App[]) {
  const timed = apps.flatMap((app) => Object.entries(app.jobs ?? {}).filter(([, job]) => job.every));
  return parseCronItems(
    timed.map(([name, job]) => ({
      task: name,
      match: job.every!,
      identifier: name.replaceAll(/\W/g, '_'),
      options: { jobKey: `every:${name}`, maxAttempts: job.attempts ?? ATTEMPTS },
    })),
  );
}

/** Gives back the jobs that somebody took longer than `minutes` ago and never finished. */
async function release(pool: pg.Pool, minutes: number): Promise<void> {
  await pool.query(
    `SELECT graphile_worker.force_unlock_workers(ids) FROM (
       SELECT array_agg(DISTINCT locked_by) AS ids FROM graphile_worker._private_jobs
       WHERE locked_by IS NOT NULL AND locked_at < now() - make_interval(mins => $1)) AS lost
     WHERE ids IS NOT NULL`,
    [minutes],
  );
}

/** The queue's own talk is left out but for errors; jobs that fail are told above. */
const quiet = new Logger(() => (level, message) => {
  if (level === 'error' && !/Failed task/.test(message)) console.error(`Jobs: ${message}`);
});
