import { refuse } from '../../kernel/refusal.ts';
import { STATEMENTS_AT_ONCE, WAITING_LIMIT } from './limits.ts';

let running = 0;
const waiting: (() => void)[] = [];

/** Does something when it is its turn: a few statements of reports at a time, however many are asked for. */
export async function takeTurn<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  signal?.throwIfAborted();
  if (running >= STATEMENTS_AT_ONCE) {
    if (waiting.length >= WAITING_LIMIT)
      throw refuse.tooMany('Too many reports are waiting for their turn. Try again in a few seconds.', 5);
    await new Promise<void>((resolve, reject) => {
      const turn = () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(turn), 1);
        reject(signal!.reason as Error);
      };
      signal?.addEventListener('abort', leave, { once: true });
      waiting.push(turn);
    });
  } else running++;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running--;
  }
}
