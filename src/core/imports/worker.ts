import { parentPort, workerData } from 'node:worker_threads';
import { Refusal } from '../../kernel/refusal.ts';
import type { Batch } from './batch.ts';
import { type ImportJob, runImport } from './run.ts';

/** What the thread of an import tells: a batch, and at last how it ended. A batch is answered by any message. */
export type WorkerMessage =
  | { kind: 'batch'; batch: Batch }
  | { kind: 'done' }
  | { kind: 'refused'; message: string }
  | { kind: 'fault'; message: string };

/** Batches that may be on their way to the log while the next one is made. */
const AHEAD = 2;

const port = parentPort;
if (port) {
  const tell = (message: WorkerMessage, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);
  let onTheirWay = 0;
  let wake = () => {};
  port.on('message', () => {
    onTheirWay--;
    wake();
  });
  const send = async (batch: Batch) => {
    onTheirWay++;
    tell({ kind: 'batch', batch }, [batch.bytes]);
    while (onTheirWay >= AHEAD) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  try {
    await runImport(workerData as ImportJob, send);
    while (onTheirWay > 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    tell({ kind: 'done' });
  } catch (error) {
    if (error instanceof Refusal) tell({ kind: 'refused', message: error.message });
    else tell({ kind: 'fault', message: String((error as Error)?.stack ?? error) });
  }
  port.close();
}
