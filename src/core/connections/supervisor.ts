import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { type Runnable, reportState, runnableConnections } from './connections.ts';
import { runMqtt } from './mqtt/run.ts';
import { runPostgres } from './postgres/run.ts';
import { plainError } from './trouble.ts';

/** Held by the one process that runs the connections. */
const LEAD_LOCK = 7_401_005;
const ASK_AGAIN_MS = 2000;
/** Changes are announced; this is for an announcement that was lost. */
const LOOK_MS = 10_000;
/** Waits between attempts; a connection that held for longer than the longest begins with the first again. */
const RETRY_MS = { first: 1000, most: 120_000 };

/** What a runner is given. It resolves when `signal` is aborted and throws when the connection broke. */
export interface Session extends Runnable {
  context: Context;
  signal: AbortSignal;
  /** The peer answers, and what it has is being taken. */
  connected(): Promise<void>;
  /** Something holds it up for now; it goes on by itself. */
  held(reason: string, retryAt: Date): Promise<void>;
}

interface Running {
  signature: string;
  stop: AbortController;
  ended: Promise<void>;
}

/** Runs all connections in one of the processes, whichever has the lock, and follows changes of their settings. */
export async function startConnections(context: Context): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const leading = (async () => {
    let told = '';
    while (!stopping.signal.aborted) {
      try {
        await lead(context, stopping.signal);
        told = '';
      } catch (error) {
        const { message } = error as Error;
        if (!stopping.signal.aborted && message !== told) console.error(`The connections wait: ${message}`);
        told = message;
      }
      await sleep(ASK_AGAIN_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return async () => {
    stopping.abort(new Error('the process stops'));
    await leading;
  };
}

/** Takes the lock if it is free, and then leads until it is stopped or the lock's connection breaks. */
async function lead(context: Context, stop: AbortSignal): Promise<void> {
  const client = await context.records.pool.connect();
  const running = new Map<number, Running>();
  let lost: Error | null = null;
  let wake = () => {};
  const onNotice = () => wake();
  const onError = (error: Error) => {
    lost = error;
    wake();
  };
  client.on('error', onError);
  client.on('notification', onNotice);
  stop.addEventListener('abort', onNotice);
  try {
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [LEAD_LOCK]);
    if (!rows[0]!.got) return;
    await client.query('LISTEN connections');
    while (!stop.aborted && lost === null) {
      const noticed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      await reconcile(context, running);
      // The lock is only as good as its connection.
      await client.query('SELECT 1');
      if (stop.aborted || lost !== null) break;
      await Promise.race([noticed, sleep(LOOK_MS, undefined, { ref: false })]);
    }
    if (lost !== null) throw lost;
  } finally {
    await Promise.all([...running].map(([id, one]) => end(context, id, one, false)));
    stop.removeEventListener('abort', onNotice);
    client.off('error', onError);
    client.off('notification', onNotice);
    await release(client, lost !== null);
  }
}

async function release(client: pg.PoolClient, broken: boolean): Promise<void> {
  // With the connection go the lock and the LISTEN.
  if (!broken) await client.query('SELECT pg_advisory_unlock_all()').catch(() => {});
  client.release(true);
}

/** Stops what was switched off or changed, and starts what should run. */
async function reconcile(context: Context, running: Map<number, Running>): Promise<void> {
  const wanted = new Map((await runnableConnections(context)).map((one) => [one.source.id, one]));
  for (const [id, one] of running) {
    if (wanted.get(id)?.signature === one.signature) continue;
    running.delete(id);
    await end(context, id, one, !wanted.has(id));
  }
  for (const [id, runnable] of wanted) {
    if (running.has(id)) continue;
    const stop = new AbortController();
    running.set(id, { signature: runnable.signature, stop, ended: keepRunning(context, runnable, stop.signal) });
  }
}

async function end(context: Context, id: number, running: Running, off: boolean): Promise<void> {
  running.stop.abort(new Error('stopped'));
  await running.ended;
  if (off) await reportState(context, id, 'off').catch(() => {});
}

/** Runs one connection, again and again with growing waits, until it is stopped. */
async function keepRunning(context: Context, first: Runnable, signal: AbortSignal): Promise<void> {
  const { id } = first.source;
  let wait = RETRY_MS.first;
  let runnable = first;
  while (!signal.aborted) {
    let connectedAt = Number.POSITIVE_INFINITY;
    try {
      if (runnable.trouble) throw new Error(runnable.trouble);
      await reportState(context, id, 'connecting');
      const session: Session = {
        ...runnable,
        context,
        signal,
        connected: async () => {
          connectedAt = Math.min(connectedAt, performance.now());
          await reportState(context, id, 'connected');
        },
        held: (reason, retryAt) => reportState(context, id, 'waiting', { error: reason, retryAt }),
      };
      await (runnable.source.kind === 'mqtt' ? runMqtt(session) : runPostgres(session));
    } catch (error) {
      if (signal.aborted) break;
      if (performance.now() - connectedAt > RETRY_MS.most) wait = RETRY_MS.first;
      const retryAt = new Date(Date.now() + wait);
      await reportState(context, id, 'waiting', { error: plainError(error), retryAt }).catch(() => {});
      await sleep(wait, undefined, { signal }).catch(() => {});
      wait = Math.min(wait * 2, RETRY_MS.most);
      // What it wrote down before it broke is where it goes on.
      const again = await runnableConnections(context).catch(() => null);
      runnable = again?.find((one) => one.source.id === id) ?? runnable;
    }
  }
}
