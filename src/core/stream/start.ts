import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { Context } from '../../kernel/context.ts';
import { serveEvents } from '../../kernel/events-remote.ts';
import { publishStreamMetrics, type StreamMetrics } from './metrics.ts';
import type { StreamThreadData } from './thread.ts';

/** A stop that a store keeps waiting longer than this is cut off: what was not committed is done again at the next start. */
const STOP_MS = 15_000;

const YOUNG_GENERATION_MB = 192;

/**
 * Starts the stream in a thread of its own, so that it never keeps requests waiting. Returns how to stop it: it finishes
 * the batch under way and leaves the rest in the log. If the thread dies, `died` is called with the reason.
 */
export function startStream(context: Context, recordsUrl: string, died: (reason: Error) => void): () => Promise<void> {
  const channel = context.events.kind === 'embedded' ? new MessageChannel() : null;
  if (channel) serveEvents(context.events, channel.port1);
  const data: StreamThreadData = {
    config: context.config,
    recordsUrl,
    ...(channel ? { eventsPort: channel.port2 } : {}),
  };
  const thread = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: data,
    transferList: channel ? [channel.port2] : [],
    name: 'stream',
    // A batch's events live as long as the batch: with room for them, the collector copies few.
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  let stopping = false;
  let stopped: () => void = () => {};
  const ended = new Promise<void>((resolve) => {
    stopped = resolve;
  });
  thread.on('message', (message: StreamMetrics | 'stopped') => {
    if (message === 'stopped') stopped();
    else publishStreamMetrics(message);
  });
  thread.on('error', (error) => !stopping && died(error as Error));
  thread.on('exit', (code) => {
    stopped();
    if (!stopping) died(new Error(`The stream's thread ended by itself (exit ${code}).`));
  });
  return async () => {
    stopping = true;
    thread.postMessage('stop');
    await Promise.race([ended, sleep(STOP_MS, undefined, { ref: false })]);
    channel?.port1.close();
    await thread.terminate();
  };
}
