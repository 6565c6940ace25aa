import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../kernel/log.ts';
import type { Portion } from './batch.ts';
import { LeadLost } from './lead.ts';
import type { Batch, Pipeline } from './pipeline.ts';

/** Most events taken at once: enough for a good insert, little enough for memory. */
const BATCH_EVENTS = 12_000;
const BATCH_BYTES = 24 * 1024 * 1024;
/** Smaller batches than this are not begun more often than once in LINGER_MS: each insert is work for the store. */
const EAGER_EVENTS = 4000;
const LINGER_MS = 200;
const RETRY_MS = { first: 200, most: 5000 };

/**
 * Takes batches from the log and brings them through the pipeline. While one batch is being written to the events store
 * the next is prepared. A store that is away stops it; it tries again, ever more slowly, and says so in `trouble`.
 */
export class StreamRunner {
  ready = false;
  /** What cannot be done now, and why; several things are under way at a time. */
  readonly #troubles = new Map<string, string>();
  readonly #log: Log;
  readonly #pipeline: Pipeline;
  readonly #react: (batch: Batch) => Promise<void>;
  readonly #lead: () => Promise<void>;
  readonly #cursors: number[] = [];
  #stopping = false;
  #wake: () => void = () => {};
  readonly #stopped = new AbortController();
  #appended = false;
  #loop: Promise<void> = Promise.resolve();

  /** `lead` resolves once this is the stream that works, at once where it is; see lead.ts. */
  constructor(
    log: Log,
    pipeline: Pipeline,
    react: (batch: Batch) => Promise<void>,
    lead: () => Promise<void> = async () => {},
  ) {
    this.#lead = lead;
    this.#log = log;
    this.#pipeline = pipeline;
    this.#react = react;
  }

  /** What holds the stream up, in a sentence; null while all is well. */
  get trouble(): string | null {
    for (const trouble of this.#troubles.values()) return trouble;
    return null;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Finishes what is under way; what is left in the log waits there. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#stopped.abort();
    this.#wake();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const unsubscribe = this.#log.onAppend(() => {
      this.#appended = true;
      this.#wake();
    });
    await this.#persist('waiting for its turn', this.#lead);
    await this.#persist('reading what was seen before', () => this.#pipeline.seen.load());
    await this.#persist('reading the log', async () => {
      for (let p = 0; p < this.#log.partitions; p++) this.#cursors[p] = await this.#log.committed(p);
    });
    this.ready = true;
    let writing: Promise<boolean> = Promise.resolve(true);
    while (!this.#stopping) {
      const started = performance.now();
      this.#appended = false;
      const portions = (await this.#persist('reading the log', () => this.#read())) ?? [];
      if (portions.length === 0) {
        await this.#sleepUntilAppended();
        continue;
      }
      const batch = await this.#persist('writing people', async () => {
        await this.#lead();
        return this.#pipeline.prepare(portions);
      });
      // A stop may leave a batch unwritten: what comes after it must not be committed, or the log would forget it.
      if (!(await writing) || !batch) break;
      for (const { partition, records } of portions) this.#cursors[partition] = records.at(-1)!.position;
      writing = this.#finish(batch);
      if (batch.events.length < EAGER_EVENTS) await this.#sleep(LINGER_MS - (performance.now() - started));
    }
    await writing;
    await this.#pipeline.settle().catch(() => {});
    unsubscribe();
  }

  /** False where a stop came before the batch was written: it is still in the log, and done again at the next start. */
  async #finish(batch: Batch): Promise<boolean> {
    const written = await this.#persist('writing events', async () => {
      await this.#pipeline.write(batch);
      return true;
    });
    if (!written) return false;
    await this.#persist('committing to the log', async () => {
      for (const { partition, records } of batch.portions) await this.#log.commit(partition, records.at(-1)!.position);
    });
    const started = performance.now();
    // What it leaves undone is on record, and done by a job later.
    await this.#react(batch).catch((error: unknown) =>
      console.error('Reacting to a batch failed:', (error as Error).stack),
    );
    this.#pipeline.counts.count('react', batch.events.length, 0, performance.now() - started);
    return true;
  }

  /** A share of the batch for each partition that has something, so that none waits for another. */
  async #read(): Promise<Portion[]> {
    const portions: Portion[] = [];
    const share = { events: Math.ceil(BATCH_EVENTS / this.#log.partitions), bytes: BATCH_BYTES / this.#log.partitions };
    for (let partition = 0; partition < this.#log.partitions; partition++) {
      const records = await this.#log.read(partition, this.#cursors[partition] ?? 0, share);
      if (records.length > 0) portions.push({ partition, records });
    }
    return portions;
  }

  /** Does it, however often it takes; undefined only when the stream is stopped meanwhile. */
  async #persist<T>(what: string, work: () => Promise<T>): Promise<T | undefined> {
    for (let wait = RETRY_MS.first; ; wait = Math.min(wait * 2, RETRY_MS.most)) {
      try {
        const result = await work();
        this.#troubles.delete(what);
        return result;
      } catch (error) {
        if (error instanceof LeadLost) throw error;
        const message = `The stream is held up ${what}: ${(error as Error).message}`;
        if (!this.#troubles.has(what)) console.error(message, (error as Error).stack);
        this.#troubles.set(what, message);
        if (this.#stopping) return undefined;
        await this.#sleep(wait);
      }
    }
  }

  /** A stop ends it early. */
  async #sleep(milliseconds: number): Promise<void> {
    if (milliseconds <= 0 || this.#stopping) return;
    await sleep(milliseconds, undefined, { signal: this.#stopped.signal }).catch(() => {});
  }

  #sleepUntilAppended(): Promise<void> {
    if (this.#appended || this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
