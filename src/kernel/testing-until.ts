import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 180_000;
const LOOK_MS = 50;

/**
 * Looks again and again until what is seen is as `isSo` wants it, and gives it; for what is done a moment after it was
 * asked for. Throws with what was seen last after three minutes.
 */
export async function seen<T>(look: () => T | Promise<T>, isSo: (found: T) => boolean, what = 'It'): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(LOOK_MS)) {
    const found = await look();
    if (isSo(found)) return found;
    if (Date.now() > deadline) throw new Error(`${what} was still ${JSON.stringify(found)?.slice(0, 2000)}`);
  }
}

type Found<T> = Exclude<T, null | undefined | false | 0 | ''>;

/** What is looked for, once it is there; as `seen`. */
export async function until<T>(look: () => T | Promise<T>, what?: string): Promise<Found<T>> {
  return (await seen(look, Boolean, what)) as Found<T>;
}
