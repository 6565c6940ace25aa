import { Worker } from 'node:worker_threads';
import { type Refusal, refuse } from '../../../kernel/refusal.ts';
import { MAPPING_MILLISECONDS, type Place } from './expression.ts';

/** The engine stops itself after MAPPING_MILLISECONDS; what it cannot stop (a regular expression) ends with its thread. */
const HARD_MILLISECONDS = MAPPING_MILLISECONDS * 2;
const THREAD_MEGABYTES = 128;
/** More evaluations than this in the queue are refused: the sender shall come again. */
const LONGEST_QUEUE = 1000;
/** A thread without work is let go after this time. */
const IDLE_MILLISECONDS = 60_000;

/** What the thread is asked, and what it answers: `json` is undefined where the expression yields nothing. */
export interface Task {
  text: string;
  value: unknown;
  variables: Record<string, unknown> | undefined;
}
export type Answer =
  | { state: 'ready' }
  | { state: 'done'; json: string | undefined }
  | { state: 'failed'; message: string; place: Place | undefined };

interface Waiting extends Task {
  resolve: (value: unknown) => void;
  reject: (reason: Refusal) => void;
}

const queue: Waiting[] = [];
let thread: { worker: Worker; current: Waiting | undefined; ready: boolean; timer: NodeJS.Timeout } | undefined;

/** Evaluates one expression after another in a thread; see Mapping.evaluate. */
export function evaluateInThread(text: string, value: unknown, variables?: Task['variables']): Promise<unknown> {
  if (queue.length >= LONGEST_QUEUE) {
    return Promise.reject(refuse.unavailable('Too many mappings wait for their turn. Send it again in a moment.'));
  }
  return new Promise((resolve, reject) => {
    queue.push({ text, value, variables, resolve, reject });
    next();
  });
}

function next(): void {
  thread ??= start();
  if (!thread.ready || thread.current) return;
  clearTimeout(thread.timer);
  const task = queue.shift();
  const { worker } = thread;
  if (!task) {
    thread.timer = setTimeout(() => stop(worker), IDLE_MILLISECONDS).unref();
    worker.unref();
    return;
  }
  thread.current = task;
  worker.ref();
  thread.timer = setTimeout(() => stop(worker, `it took longer than ${MAPPING_MILLISECONDS} ms.`), HARD_MILLISECONDS);
  try {
    worker.postMessage({ text: task.text, value: task.value, variables: task.variables } satisfies Task);
  } catch (error) {
    finish(() => task.reject(failed((error as Error).message)));
  }
}

function start() {
  const worker = new Worker(new URL('./evaluate.worker.ts', import.meta.url), {
    name: 'mapping',
    resourceLimits: { maxOldGenerationSizeMb: THREAD_MEGABYTES, maxYoungGenerationSizeMb: 16 },
    // The thread needs none of the process's environment, so an expression could not read it either.
    env: {},
  });
  worker.on('message', (answer: Answer) => receive(worker, answer));
  worker.on('error', (error: NodeJS.ErrnoException) =>
    stop(
      worker,
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? `it needs more than ${THREAD_MEGABYTES} MB of memory.`
        : error.message,
    ),
  );
  return { worker, current: undefined, ready: false, timer: setTimeout(() => {}, 0) };
}

function receive(worker: Worker, answer: Answer): void {
  if (thread?.worker !== worker) return;
  const task = thread.current;
  if (answer.state === 'ready') {
    thread.ready = true;
    next();
  } else if (task && answer.state === 'done') {
    finish(() => task.resolve(answer.json === undefined ? undefined : JSON.parse(answer.json)));
  } else if (task && answer.state === 'failed') {
    finish(() => task.reject(failed(answer.message, answer.place)));
  }
}

function finish(tell: () => void): void {
  if (thread) thread.current = undefined;
  tell();
  next();
}

/** Ends a thread, tells whoever waited for it, and goes on with the rest of the queue in a new one. */
function stop(worker: Worker, reason?: string): void {
  if (thread?.worker !== worker) return;
  const { current, ready, timer } = thread;
  clearTimeout(timer);
  thread = undefined;
  void worker.terminate();
  current?.reject(failed(reason ?? 'it was stopped.'));
  // A thread that cannot even start would be started for ever: whoever waits is told instead.
  if (!ready && !current) for (const task of queue.splice(0)) task.reject(failed(reason ?? 'it was stopped.'));
  if (queue.length > 0) next();
}

function failed(message: string, place?: Place): Refusal {
  return refuse.invalid(`The mapping failed: ${message}`, place);
}
