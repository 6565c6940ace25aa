import type { Context } from '../../kernel/context.ts';
import type { Envelope, IncomingEvent } from '../intake/incoming.ts';
import { logEntries } from '../intake/incoming.ts';
import { type Batch, Pipeline } from './pipeline.ts';
import { StreamRunner } from './runner.ts';

let messages = 0;

/** An event for a test, with a message ID of its own where none is given. */
export function sent(event: Partial<IncomingEvent>): IncomingEvent {
  return { type: 'track', messageId: `test-message-${++messages}`, event: 'Something', ...event } as IncomingEvent;
}

/** Puts events into the log as intake does. */
export async function append(context: Context, events: IncomingEvent[], more: Partial<Envelope> = {}): Promise<void> {
  const envelope: Envelope = { sourceId: 1, receivedAt: Date.now(), protocol: 'segment', ...more, events };
  await context.log.append(logEntries(envelope, context.log.partitions));
}

/** A stream on this thread, for tests that look at what one run of it did. */
export function openStream(context: Context, react: (batch: Batch) => Promise<void> = async () => {}) {
  const pipeline = new Pipeline({
    records: context.records,
    events: context.events,
    config: context.config,
    geo: null,
  });
  return { pipeline, runner: new StreamRunner(context.log, pipeline, react) };
}

/** Runs the stream until the log is empty. */
export async function processAll(context: Context): Promise<void> {
  const { runner } = openStream(context);
  runner.start();
  while ((await context.log.state()).some((partition) => partition.lagEvents > 0)) {
    if (runner.trouble) throw new Error(runner.trouble);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await runner.stop();
}
