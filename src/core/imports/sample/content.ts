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
}

/** Memory that making it may take. */
const MEGABYTES = 256;

/** The sample's file: the same bytes for the same `job`. Takes about two seconds, in a thread of its own. */
export async function sampleContent(job: SampleToMake): Promise<Uint8Array> {
  const worker = new Worker(new URL('./content.worker.ts', import.meta.url), {
    name: 'sample',
    workerData: job,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MEGABYTES },
  });
  try {
    const [content] = (await once(worker, 'message')) as [Uint8Array];
    return content;
  } finally {
    await worker.terminate();
  }
}
