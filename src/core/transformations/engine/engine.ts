import { Worker } from 'node:worker_threads';
import { HANG_COUNTS_AS, HANG_MS, SAVED_MS, SOFT_MS, TIMEOUTS_IN_A_ROW } from '../limits.ts';
import {
  type Count,
  newCount,
  PROGRESS,
  PROGRESS_BYTES,
  type Result,
  type RunAnswer,
  type RunRequest,
  type Standing,
} from './protocol.ts';

/** Memory of the thread beside the interpreters' own. */
const THREAD_MEGABYTES = 256;
/** A thread that is not ready by then cannot be started. */
const START_MS = 30_000;
/** A thread without work is let go after this time. */
const IDLE_MS = 60_000;
const WATCH_MS = 50;
/** A thread may be inside something that lets it not even say how long: then the CPU time of the process decides. */
const DEAF_MS = 10 * HANG_MS;

export interface Run {
  /** One for each input, in order; fewer where the run ended early because a transformation must be paused. */
  results: Result[];
  /** One for each program. */
  counts: Count[];
  paused: { program: number; why: 'timeouts' | 'slow' } | null;
}

export const newStanding = (): Standing => ({ timeouts: 0, leftMicros: SAVED_MS * 1000 });

/** Each event earns a transformation time; what it does not use is saved up to a bound. */
export function earn(standing: Standing, events: number): void {
  standing.leftMicros = Math.min(SAVED_MS * 1000, standing.leftMicros + events * SOFT_MS * 1000);
}

interface Thread {
  worker: Worker;
  progress: Int32Array;
  ready: Promise<void>;
  idle: NodeJS.Timeout | undefined;
}

/**
 * Runs transformations in a thread of its own, one batch after another. Whatever they do, a batch ends: an event that
 * takes too long is stopped by the interpreter, and one that the interpreter cannot stop ends with the thread, after
 * which the others go on in a new one.
 */
export class Engine {
  #thread: Thread | null = null;
  #queue: Promise<unknown> = Promise.resolve();
  #runs = 0;

  /** Events through a chain of transformations. `standings`, one for each program, are changed in place. */
  run(request: Omit<RunRequest, 'id'>): Promise<Run> {
    const turn = this.#queue.then(() => this.#runAll(request));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    clearTimeout(thread?.idle);
    await thread?.worker.terminate();
  }

  async #runAll(request: Omit<RunRequest, 'id'>): Promise<Run> {
    const { inputs, programs, standings } = request;
    const whole: Run = { results: [], counts: programs.map(newCount), paused: null };
    let until = inputs.length;
    let hung: Result | null = null;
    while (whole.results.length < inputs.length && !whole.paused) {
      if (hung && whole.results.length === until) {
        whole.paused = hangs(whole, hung, standings);
        hung = null;
        until = inputs.length;
        continue;
      }
      const from = whole.results.length;
      const part = await this.#attempt({ ...request, inputs: inputs.slice(from, until) });
      whole.results.push(...part.results);
      for (const [i, count] of part.counts.entries()) add(whole.counts[i]!, count);
      for (const [i, standing] of part.standings.entries()) Object.assign(standings[i]!, standing);
      whole.paused = part.paused;
      if (!part.hung) continue;
      // What was done before the event that hung, but not handed over, is done again; then the event is judged.
      until = from + part.hung.event;
      hung = hangResult(part.hung.program);
    }
    return whole;
  }

  /** One try in one thread; `hung` where it had to be ended. */
  async #attempt(request: Omit<RunRequest, 'id'>): Promise<{
    results: Result[];
    counts: Count[];
    standings: Standing[];
    paused: Run['paused'];
    hung: { event: number; program: number } | null;
  }> {
    const thread = this.#thread ?? this.#start();
    clearTimeout(thread.idle);
    thread.worker.ref();
    await thread.ready;
    const id = ++this.#runs & 0x7fffffff;
    const results: Result[] = [];
    const { worker, progress } = thread;
    return new Promise((resolve, reject) => {
      let last = '';
      let used = processMillis();
      let usedByThread: number | null = null;
      let asking = false;
      let over = false;
      const finish = () => {
        over = true;
        clearInterval(watch);
        worker.off('message', receive);
        worker.off('error', fail);
      };
      const give = (hung: { event: number; program: number } | null) => {
        finish();
        this.#drop(thread);
        resolve({ results, counts: [], standings: [], paused: null, hung });
      };
      const where = () => ({
        event: progress[PROGRESS.run] === id ? progress[PROGRESS.event]! : 0,
        program: progress[PROGRESS.run] === id ? progress[PROGRESS.program]! : 0,
      });
      const receive = (answer: RunAnswer) => {
        if (answer.kind === 'ready' || answer.id !== id) return;
        results.push(...answer.results);
        if (answer.kind === 'part') return;
        finish();
        this.#rest(thread);
        resolve({
          results,
          counts: answer.counts,
          standings: answer.standings,
          paused: answer.paused,
          hung: null,
        });
      };
      const fail = (error: NodeJS.ErrnoException) => {
        // Too much memory outside the interpreters: by the event under way.
        if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return give(where());
        finish();
        this.#drop(thread);
        reject(error);
      };
      const watch = setInterval(() => {
        const now = `${Atomics.load(progress, PROGRESS.run)} ${Atomics.load(progress, PROGRESS.event)} ${progress[PROGRESS.program]}`;
        if (now !== last) {
          last = now;
          used = processMillis();
          usedByThread = null;
        } else if (processMillis() - used > DEAF_MS) give(where());
        else if (!asking) void ask();
      }, WATCH_MS);
      /** Only the thread's own time tells: it may wait for a processor while the rest of the process works. */
      const ask = async () => {
        asking = true;
        const at = last;
        const millis = await threadMillis(worker);
        asking = false;
        if (over || at !== last || millis === null) return;
        usedByThread ??= millis;
        if (millis - usedByThread > HANG_MS) give(where());
      };
      worker.on('message', receive);
      worker.on('error', fail);
      worker.postMessage({ ...request, id } satisfies RunRequest);
    });
  }

  #start(): Thread {
    const memory = new SharedArrayBuffer(PROGRESS_BYTES);
    const worker = new Worker(new URL('./run.worker.ts', import.meta.url), {
      name: 'transformations',
      workerData: memory,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_MEGABYTES, maxYoungGenerationSizeMb: 32, stackSizeMb: 8 },
      // The thread needs none of the process's environment, so nothing in it could read it either.
      env: {},
    });
    const ready = new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('The thread for transformations does not start.')), START_MS);
      worker.once('message', () => {
        clearTimeout(late);
        resolve();
      });
      worker.once('error', (error) => {
        clearTimeout(late);
        reject(error);
      });
    });
    const thread: Thread = { worker, progress: new Int32Array(memory), ready, idle: undefined };
    ready.catch(() => this.#drop(thread));
    worker.on('error', () => this.#drop(thread));
    this.#thread = thread;
    return thread;
  }

  #rest(thread: Thread): void {
    thread.idle = setTimeout(() => this.#drop(thread), IDLE_MS).unref();
    thread.worker.unref();
  }

  #drop(thread: Thread): void {
    if (this.#thread === thread) this.#thread = null;
    clearTimeout(thread.idle);
    void thread.worker.terminate();
  }
}

const millisOf = ({ user, system }: { user: number; system: number }) => (user + system) / 1000;

/** CPU time of the whole process. */
const processMillis = () => millisOf(process.cpuUsage());

/** CPU time of a thread, asked of it in the midst of what it does; null where it has ended. */
const threadMillis = (worker: Worker) => worker.cpuUsage().then(millisOf, () => null);

function hangResult(program: number): Result {
  const message = `its thread had to be ended: one operation took longer than ${HANG_MS} ms`;
  return {
    outputs: [],
    failure: { program, kind: 'hang', message, place: null },
    droppedBy: null,
    micros: HANG_MS * 1000,
  };
}

/** Puts the event that hung in its place; says whether the transformation must be paused. */
function hangs(whole: Run, hung: Result, standings: Standing[]): Run['paused'] {
  const { program } = hung.failure!;
  whole.results.push(hung);
  add(whole.counts[program]!, { events: 1, dropped: 0, failed: 1, slow: 1, micros: HANG_MS * 1000 });
  const standing = standings[program]!;
  standing.timeouts += HANG_COUNTS_AS;
  return standing.timeouts >= TIMEOUTS_IN_A_ROW ? { program, why: 'timeouts' } : null;
}

function add(to: Count, more: Count): void {
  to.events += more.events;
  to.dropped += more.dropped;
  to.failed += more.failed;
  to.slow += more.slow;
  to.micros += more.micros;
}
