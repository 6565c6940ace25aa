import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 120_000;
const LOOK_MS = 20;

/**
 * Looks again and again until what is seen is as `isSo` wants it, and gives it; for what is done a moment after it was
 * asked for. Throws with what was seen last after two minutes.
 */
export async function seen<T>(look: () => Promise<T>, isSo: (found: T) => boolean): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(LOOK_MS)) {
    const found = await look();
    if (isSo(found)) return found;
    if (Date.now() > deadline) throw new Error(`It was still ${JSON.stringify(found)?.slice(0, 2000)}`);
  }
}
