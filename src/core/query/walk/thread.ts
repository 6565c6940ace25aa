import { parentPort } from 'node:worker_threads';
import { readNative } from './native.ts';
import { walkBytes } from './read.ts';
import type { Reading } from './sequences.ts';
import type { RowWalk, RowWalker, Walk, Walker } from './walk.ts';
import { WALKS } from './walks.ts';

/** To the thread: a walk begins, gets the bytes of one or more answers, and ends with its result. */
export type ToThread =
  | { id: number; verb: 'begin'; walk: string; options: unknown; reading: Reading }
  | { id: number; verb: 'bytes'; bytes: Uint8Array }
  | { id: number; verb: 'end' }
  | { id: number; verb: 'forget' };
export type FromThread = { id: number; result?: unknown; error?: string };

const walkers = new Map<number, { walker: Walker<unknown> | RowWalker<unknown>; reading: Reading }>();
const port = parentPort!;

port.on('message', (message: ToThread) => void handle(message));

let order: Promise<void> = Promise.resolve();

/** In the order in which they came: a walk's bytes wait until its code is loaded. */
function handle(message: ToThread): Promise<void> {
  order = order.then(async () => {
    const answer: FromThread = { id: message.id };
    try {
      answer.result = await act(message);
    } catch (error) {
      walkers.delete(message.id);
      answer.error = (error as Error).message;
    }
    port.postMessage(answer);
  });
  return order;
}

async function act(message: ToThread): Promise<unknown> {
  if (message.verb === 'begin') {
    const load = (WALKS as Record<string, () => Promise<Walk<unknown, unknown> | RowWalk<unknown, unknown>>>)[
      message.walk
    ];
    if (!load) throw new Error(`There is no walk "${message.walk}".`);
    const walk = await load();
    walkers.set(message.id, { walker: walk.begin(message.options), reading: message.reading });
    return null;
  }
  const walking = walkers.get(message.id);
  if (message.verb === 'forget') return void walkers.delete(message.id);
  if (!walking) throw new Error('The walk is not under way.');
  if (message.verb === 'bytes') {
    const { walker, reading } = walking;
    if ('block' in walker) for (const block of readNative(message.bytes)) walker.block(block);
    else walkBytes(message.bytes, reading, walker);
    return null;
  }
  walkers.delete(message.id);
  return walking.walker.result();
}
