import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningServer } from './server.ts';

/** Longer than the second after which the stream tells what it did. */
const LOOK_AGAIN_MS = 1500;

interface Stream {
  steps: { name: string; events: number }[];
  partitions: { lagEvents: number }[];
}

/** Waits until what was imported is stored, and its people are put together: what is counted then grows no more. */
export async function importsStored(server: RunningServer): Promise<void> {
  for (let before = ''; ; await sleep(LOOK_AGAIN_MS)) {
    const { items } = await server.api<{ items: { state: string; error: string | null }[] }>('GET', '/api/imports');
    const failed = items.find(({ state }) => state === 'failed');
    if (failed) throw new Error(`The import failed: ${failed.error}`);
    const { steps, partitions } = await server.api<Stream>('GET', '/api/stream');
    const done = new Map(steps.map(({ name, events }) => [name, events]));
    const now = JSON.stringify([...done]);
    const isStored =
      items.length > 0 &&
      items.every(({ state }) => state === 'done') &&
      partitions.every(({ lagEvents }) => lagEvents === 0) &&
      done.get('write') === done.get('react');
    if (isStored && now === before) return;
    before = isStored ? now : '';
  }
}
