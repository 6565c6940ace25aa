import { Worker } from 'node:worker_threads';
import { refuse } from '../../../kernel/refusal.ts';
import type { ParsedMail } from './parsed.ts';

/** A mail that takes longer, or more memory, cannot be read. */
const PARSE_MS = 5000;
const THREAD_MEGABYTES = 256;
/** Mails of 10 MB that wait, at most. */
const LONGEST_QUEUE = 20;
const IDLE_MS = 60_000;

type Answer = { mail: ParsedMail } | { reason: string };

interface Waiting {
  raw: Uint8Array;
  resolve: (answer: Answer) => void;
}

const queue: Waiting[] = [];
let thread: { worker: Worker; current: Waiting | null; timer: NodeJS.Timeout } | null = null;

/**
 * Reads a mail in a thread of its own, which is ended where it takes too long or too much memory, so that no mail holds up
 * the server. Answers with the reason where it cannot be read. Throws a Refusal 503 while too many wait.
 */
export function parseInThread(raw: Uint8Array): Promise<Answer> {
  if (queue.length >= LONGEST_QUEUE) return Promise.reject(refuse.unavailable('Too many mails wait to be read.'));
  return new Promise((resolve) => {
    queue.push({ raw, resolve });
    next();
  });
}

function next(): void {
  thread ??= start();
  const running = thread;
  if (running.current) return;
  clearTimeout(running.timer);
  const task = queue.shift();
  if (!task) {
    running.worker.unref();
    running.timer = setTimeout(() => end(running.worker, ''), IDLE_MS).unref();
    return;
  }
  running.current = task;
  running.worker.ref();
  running.timer = setTimeout(
    () => end(running.worker, `the mail takes longer than ${PARSE_MS / 1000} s to read`),
    PARSE_MS,
  );
  running.worker.postMessage(task.raw);
}

function start() {
  const worker = new Worker(new URL('./parse.worker.ts', import.meta.url), {
    name: 'mail',
    resourceLimits: { maxOldGenerationSizeMb: THREAD_MEGABYTES },
    env: {},
  });
  worker.on('message', (answer: Answer) => {
    if (thread?.worker !== worker) return;
    const { current } = thread;
    thread.current = null;
    current?.resolve(answer);
    next();
  });
  worker.on('error', (error: NodeJS.ErrnoException) =>
    end(
      worker,
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? `the mail needs more than ${THREAD_MEGABYTES} MB to read`
        : error.message,
    ),
  );
  return { worker, current: null as Waiting | null, timer: setTimeout(() => {}, 0) };
}

/** Ends a thread and tells whoever waited for it; what waits behind goes to a new one. */
function end(worker: Worker, reason: string): void {
  if (thread?.worker !== worker) return;
  const { current, timer } = thread;
  clearTimeout(timer);
  thread = null;
  void worker.terminate();
  current?.resolve({ reason });
  if (queue.length > 0) next();
}
