import type { Context } from '../../kernel/context.ts';
import { faultText } from '../../kernel/fault-text.ts';
import { followVoices } from './follow.ts';
import { plantTopics } from './topics/topics.ts';
import { understandVoices } from './understand.ts';

const LOOK_MS = 1500;
const AWAY_MS = 15_000;

/** Follows events and understands voices as long as the process runs; a store that is away is tried again after a while. */
export async function startVoices(context: Context): Promise<() => Promise<void>> {
  const stopping = new AbortController();
  const { signal } = stopping;
  const rest = (milliseconds: number) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener('abort', done);
    });
  const loop = (async () => {
    let planted = false;
    while (!signal.aborted) {
      try {
        if (!planted) await plantTopics(context);
        planted = true;
        await followVoices(context, { signal });
        await understandVoices(context, { signal });
        await rest(LOOK_MS);
      } catch (error) {
        if (!signal.aborted) console.error('Voices wait:', faultText(error));
        await rest(AWAY_MS);
      }
    }
  })();
  return async () => {
    stopping.abort(new Error('the process stops'));
    await loop;
  };
}
