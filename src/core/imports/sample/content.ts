import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

export interface SampleToMake {
  /** URL of the orders' file, gzipped CSV. */
  orders: string;
  /** URL of the mapping file that reads it. */
  mapping: string;
  weeks: number;
  /**
   * What an order's message ID is made of beside its number: the id of the source to which the orders were imported
   * before, as a file of rows, so that they count once.
   */
  ordersOf: string;
  /** Modules that tell what customers think (`tell`, a `Tell`), by URL, with what each needs to know for it. */
  tellers: { name: string; module: string; facts: unknown }[];
}

export interface SampleMade {
  content: Uint8Array;
  /** What each teller kept of each opinion. */
  kept: Record<string, unknown[]>;
}

/** Memory that making it may take. */
const MEGABYTES = 256;

/** The sample's file: the same bytes for the same `job`. Takes about two seconds, in a thread of its own. */
export async function sampleContent(job: SampleToMake): Promise<SampleMade> {
  const worker = new Worker(new URL('./content.worker.ts', import.meta.url), {
    name: 'sample',
    workerData: job,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MEGABYTES },
  });
  try {
    const [made] = (await once(worker, 'message')) as [SampleMade];
    return made;
  } finally {
    await worker.terminate();
  }
}
