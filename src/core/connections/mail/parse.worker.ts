import { parentPort } from 'node:worker_threads';
import { parseMail } from './parsed.ts';

parentPort?.on('message', async (raw: Uint8Array) => {
  try {
    parentPort?.postMessage({ mail: await parseMail(raw) });
  } catch (error) {
    parentPort?.postMessage({ reason: (error as Error).message });
  }
});
