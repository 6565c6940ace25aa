import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Selectable } from 'kysely';
import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { faultText } from '../../kernel/fault-text.ts';
import { isRecordsAway } from '../../kernel/records.ts';
import { Refusal } from '../../kernel/refusal.ts';
import type { Batch } from './batch.ts';
import { blobName, onImportReady } from './imports.ts';
import type { ImportJob } from './run.ts';
import type { ImportTables } from './tables.ts';
import type { WorkerMessage } from './worker.ts';

type ImportRow = Selectable<ImportTables['imports']>;

/** The first half of the key of the lock that whoever works on an import holds; the second is its id. */
const IMPORT_LOCK = 7_401_002;
/** How often it is looked for imports that another process was told of. */
const LOOK_MILLISECONDS = 5000;
/** Memory that the thread of an import may take. */
const WORKER_MEGABYTES = 256;
/** A thread from which nothing came for so long, while something was expected, hangs in an expression. */
const SILENCE_MILLISECONDS = 30_000;
/** An import waits while more events than this are in the log, so that live events are not kept waiting behind it. */
const LAG_EVENTS = 50_000;
const LAG_LOOK_MILLISECONDS = 100;
const CHECKPOINT_MILLISECONDS = 250;
/** An import is done when the stream has gone past it; a stream that stands still for so long is not waited for. */
const SETTLE_MILLISECONDS = 10_000;
/** The content of an upload that was begun and never ended is thrown away after this time. */
const UPLOAD_DAYS = 7;

/**
 * Works on imports whose files have arrived, one at a time, until it is stopped. What a process that ended in whatever
 * way had begun is gone on with from its checkpoint; events that it had put into the log since are dropped by the stream,
 * since their message IDs are the same. `silence`: after how many milliseconds without a sign of life a thread is ended.
 */
export async function startRunner(context: Context, silence = SILENCE_MILLISECONDS): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  let wake = () => {};
  let woken = false;
  const forget = onImportReady(context, () => {
    woken = true;
    wake();
  });
  const loop = async () => {
    await forgetStaleUploads(context).catch(() => {});
    while (!stopping.signal.aborted) {
      woken = false;
      try {
        if (await workOnNext(context, stopping.signal, silence)) continue;
      } catch (error) {
        if (!stopping.signal.aborted) console.error('Imports wait:', faultText(error));
      }
      if (woken || stopping.signal.aborted) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_MILLISECONDS);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  const running = loop();
  return async () => {
    forget();
    stopping.abort();
    wake();
    await running;
  };
}

/** Works on the oldest import that nobody works on; false where there is none. */
async function workOnNext(context: Context, stop: AbortSignal, silence: number): Promise<boolean> {
  const waiting = await tables(context)
    .selectFrom('imports')
    .select('id')
    .where('state', '=', 'running')
    .orderBy('started_at')
    .limit(20)
    .execute();
  for (const { id } of waiting) {
    const client = await context.records.pool.connect();
    let broken: Error | undefined;
    try {
      if (!(await tryLock(client, id))) continue;
      const row = await tables(context)
        .selectFrom('imports')
        .selectAll()
        .where('id', '=', id)
        .where('state', '=', 'running')
        .executeTakeFirst();
      if (row) await workOn(context, row, stop, silence);
      await client.query('SELECT pg_advisory_unlock($1, $2)', [IMPORT_LOCK, id]);
      if (row) return true;
    } catch (error) {
      broken = error as Error;
      throw error;
    } finally {
      // A connection that is ended gives its locks back.
      client.release(broken);
    }
  }
  return false;
}

async function tryLock(client: pg.PoolClient, id: number): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS locked', [
    IMPORT_LOCK,
    id,
  ]);
  return rows[0]?.locked ?? false;
}

async function workOn(context: Context, row: ImportRow, stop: AbortSignal, silence: number): Promise<void> {
  const workDir = join(context.config.dataDir, 'imports', String(row.id));
  let content: { path: string; release(): Promise<void> } | null = null;
  const job: Omit<ImportJob, 'path'> = {
    workDir,
    name: row.name,
    size: row.size,
    fingerprint: row.fingerprint,
    format: row.format,
    compression: row.compression,
    mapping: row.mapping,
    sourceId: row.source_id,
    partitions: context.log.partitions,
    checkpoint: row.checkpoint,
  };
  const recorder = new Recorder(context, row);
  const end = async (state: 'done' | 'failed', reason: string | null) => {
    // In this order, since the file may be sent again as soon as it has failed.
    await context.blobs.removeAll(`imports/${row.id}`);
    await rm(workDir, { recursive: true, force: true });
    await recorder.end(state, reason);
  };
  try {
    if ((await context.blobs.size(blobName(row.id))) === null) {
      throw new Refusal(400, 'invalid', 'The file of this import is gone. Import it again; nothing is added twice.');
    }
    content = await context.blobs.file(blobName(row.id));
    await runInThread({ ...job, path: content.path }, stop, silence, async (batch) => {
      await appendBehind(context, batch, stop);
      await recorder.note(batch);
    });
    await recorder.save();
    await settle(context, stop);
    await end('done', null);
  } catch (error) {
    if (isRecordsAway(error)) throw error;
    await recorder.save();
    if (stop.aborted) return;
    if (!(error instanceof Refusal)) console.error(`The import ${row.id} failed: ${faultText(error)}`);
    const reason =
      error instanceof Refusal ? error.message : 'Something failed on our side; the server’s output tells more.';
    await end('failed', reason);
  } finally {
    await content?.release();
  }
}

/** Runs a job in a thread of its own; `take` puts a batch into the log. Rejects when the job was refused or it failed. */
function runInThread(
  job: ImportJob,
  stop: AbortSignal,
  silence: number,
  take: (batch: Batch) => Promise<void>,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      name: 'import',
      workerData: job,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: WORKER_MEGABYTES },
    });
    let taking: Promise<void> = Promise.resolve();
    let timer: NodeJS.Timeout;
    let ended = false;
    const end = (error?: unknown) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      stop.removeEventListener('abort', onStop);
      // What was sent before the end is in the log before anything else is said about it.
      void Promise.allSettled([taking, worker.terminate()]).then(() =>
        error === undefined ? resolve() : reject(error),
      );
    };
    const expect = () => {
      clearTimeout(timer);
      if (ended) return;
      timer = setTimeout(
        () => end(new Refusal(400, 'invalid', 'The mapping hangs at a line: a regular expression in it does not end.')),
        silence,
      );
    };
    const onStop = () => end(new Error('stopped'));
    stop.addEventListener('abort', onStop);
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'batch') {
        clearTimeout(timer);
        taking = taking.then(() => take(message.batch));
        taking.then(() => {
          worker.postMessage('taken');
          expect();
        }, end);
      } else if (message.kind === 'done') end();
      else if (message.kind === 'refused') end(new Refusal(400, 'invalid', message.message));
      else end(new Error(message.message));
    });
    worker.on('error', (error: NodeJS.ErrnoException) => {
      const memory = `The mapping needs more than ${WORKER_MEGABYTES} MB of memory for a line or a group.`;
      end(error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new Refusal(400, 'invalid', memory) : error);
    });
    worker.on('exit', () => end(new Error('The thread of the import ended before its work did.')));
    expect();
  });
}

/** Appends a batch when the stream is not far behind; a log that is full is waited for. */
async function appendBehind(context: Context, batch: Batch, stop: AbortSignal): Promise<void> {
  const entries = batch.entries.map(({ partition, events, from, to }) => ({
    partition,
    events,
    value: new Uint8Array(batch.bytes, from, to - from),
  }));
  while (!stop.aborted) {
    if ((await lagOf(context)) > LAG_EVENTS) {
      await pause(LAG_LOOK_MILLISECONDS, stop);
      continue;
    }
    try {
      return await context.log.append(entries);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 503) throw error;
      await pause((error.retryAfterSeconds ?? 5) * 1000, stop);
    }
  }
  throw new Error('stopped');
}

async function lagOf(context: Context): Promise<number> {
  return (await context.log.state()).reduce((sum, { lagEvents }) => sum + lagEvents, 0);
}

/** Waits until the stream has gone past what is in the log now, or stands still. */
async function settle(context: Context, stop: AbortSignal): Promise<void> {
  const goals: number[] = [];
  for (const { partition, lagEvents } of await context.log.state()) {
    goals[partition] = (await context.log.committed(partition)) + lagEvents;
  }
  let left = Number.POSITIVE_INFINITY;
  let since = Date.now();
  while (!stop.aborted) {
    let now = 0;
    for (const [partition, goal] of goals.entries()) {
      now += Math.max(0, goal - (await context.log.committed(partition)));
    }
    if (now === 0 || Date.now() - since > SETTLE_MILLISECONDS) return;
    if (now < left) {
      left = now;
      since = Date.now();
    }
    await pause(LAG_LOOK_MILLISECONDS, stop);
  }
  throw new Error('stopped');
}

/** Keeps the row of an import up to date, a few times a second. */
class Recorder {
  readonly #context: Context;
  readonly #id: number;
  readonly #startLines: number;
  readonly #started = performance.now();
  #latest: Batch | undefined;
  #savedAt = 0;

  constructor(context: Context, row: ImportRow) {
    this.#context = context;
    this.#id = row.id;
    this.#startLines = row.lines_read;
  }

  async note(batch: Batch): Promise<void> {
    this.#latest = batch;
    if (performance.now() - this.#savedAt > CHECKPOINT_MILLISECONDS) await this.save();
  }

  async save(): Promise<void> {
    if (!this.#latest) return;
    const { checkpoint, linesTotal, progress } = this.#latest;
    const seconds = (performance.now() - this.#started) / 1000;
    this.#savedAt = performance.now();
    await tables(this.#context)
      .updateTable('imports')
      .set({
        checkpoint: JSON.stringify(checkpoint) as never,
        lines_read: checkpoint.lines,
        events_accepted: checkpoint.events,
        refused: checkpoint.refused,
        rate_per_second: (checkpoint.lines - this.#startLines) / Math.max(seconds, 0.001),
        progress: Math.min(1, progress),
        ...(linesTotal !== null && { lines_total: linesTotal }),
      })
      .where('id', '=', this.#id)
      .execute();
  }

  async end(state: 'done' | 'failed', error: string | null): Promise<void> {
    await tables(this.#context)
      .updateTable('imports')
      .set({ state, error, ended_at: new Date() })
      .where('id', '=', this.#id)
      .execute();
  }
}

async function forgetStaleUploads(context: Context): Promise<void> {
  const before = new Date(Date.now() - UPLOAD_DAYS * 24 * 60 * 60 * 1000);
  const stale = await tables(context)
    .updateTable('imports')
    .set({ uploaded_bytes: 0 })
    .where('state', '=', 'uploading')
    .where('announced_at', '<', before)
    .where('uploaded_bytes', '>', 0)
    .returning('id')
    .execute();
  for (const { id } of stale) await context.blobs.remove(blobName(id));
}

function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    stop.addEventListener('abort', done);
  });
}

const tables = (context: Context) => context.records.tables<ImportTables>();
