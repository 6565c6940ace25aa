import { Worker } from 'node:worker_threads';
import type { Reading } from './sequences.ts';
import type { FromThread, ToThread } from './thread.ts';

/** Milliseconds without a walk after which the thread ends; the next walk starts another. */
const IDLE_MS = 60_000;

/**
 * The thread that walks: one, started when it is first needed. Walks of several reports take turns, an answer's bytes at a
 * time. It keeps no process alive while it rests.
 */
export class WalkThread {
  #worker: Worker | null = null;
  #idle: NodeJS.Timeout | undefined;
  #next = 1;
  /** Who waits for an answer, by walk: the thread answers each walk's messages in the order in which they were sent. */
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }[]>();

  /** Begins a walk; give it bytes, then end it. Whoever does neither must `forget` it. */
  begin(walk: string, options: unknown, reading: Reading): Walking {
    const id = this.#next++;
    const begun = this.#send({ id, verb: 'begin', walk, options, reading });
    begun.catch(() => {});
    return {
      /** The bytes are the thread's afterwards. */
      bytes: async (bytes) => {
        await begun;
        await this.#send({ id, verb: 'bytes', bytes }, [bytes.buffer as ArrayBuffer]);
      },
      end: async () => {
        await begun;
        return this.#send({ id, verb: 'end' });
      },
      forget: () => void this.#send({ id, verb: 'forget' }).catch(() => {}),
    };
  }

  #send(message: ToThread, transfer: ArrayBuffer[] = []): Promise<unknown> {
    const worker = this.#start();
    clearTimeout(this.#idle);
    worker.ref();
    return new Promise((resolve, reject) => {
      const queue = this.#waiting.get(message.id) ?? [];
      queue.push({ resolve, reject });
      this.#waiting.set(message.id, queue);
      worker.postMessage(message, transfer);
    });
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = new Worker(new URL('./thread.ts', import.meta.url));
    worker.on('message', (answer: FromThread) => this.#answered(answer));
    worker.on('error', (error) => this.#lost(worker, error as Error));
    worker.on('exit', () => this.#lost(worker, new Error('The thread that walks has ended.')));
    this.#worker = worker;
    return worker;
  }

  #answered(answer: FromThread): void {
    const queue = this.#waiting.get(answer.id);
    const first = queue?.shift();
    if (queue?.length === 0) this.#waiting.delete(answer.id);
    if (answer.error !== undefined) first?.reject(new Error(answer.error));
    else first?.resolve(answer.result);
    if (this.#waiting.size === 0) this.#rest();
  }

  #rest(): void {
    clearTimeout(this.#idle);
    this.#worker?.unref();
    this.#idle = setTimeout(() => {
      const worker = this.#worker;
      this.#worker = null;
      void worker?.terminate();
    }, IDLE_MS);
    this.#idle.unref();
  }

  #lost(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    for (const queue of this.#waiting.values()) for (const { reject } of queue) reject(error);
    this.#waiting.clear();
  }
}

export interface Walking {
  bytes(bytes: Uint8Array): Promise<void>;
  end(): Promise<unknown>;
  forget(): void;
}
