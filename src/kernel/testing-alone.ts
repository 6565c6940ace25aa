import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_AGAIN_MS = 50;

/**
 * Does work that only one process of this machine should do at a time, once those that began it before have done theirs:
 * test files run beside one another, and on a new machine several need the same thing made at once. The system frees the
 * name with the process that holds it, in whatever way that ends. Only Linux has such names; elsewhere nobody waits.
 */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (process.platform !== 'linux') return work();
  let holder = await hold(`\0throughline-${name}`);
  while (!holder) {
    await sleep(LOOK_AGAIN_MS);
    holder = await hold(`\0throughline-${name}`);
  }
  try {
    return await work();
  } finally {
    holder.close();
  }
}

function hold(name: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const holder = createServer();
    holder.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    holder.listen(name, () => resolve(holder));
  });
}
