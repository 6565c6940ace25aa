import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is looked for, once it is there: a look that finds nothing is repeated. */
export async function until<T>(look: () => Promise<T | null | false>): Promise<T> {
  for (let tries = 0; ; tries++) {
    const found = await look();
    if (found) return found;
    assert.ok(tries < 200, 'in time');
    await sleep(100);
  }
}
