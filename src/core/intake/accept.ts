import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { type Envelope, logEntries } from './incoming.ts';

/**
 * Appends what one request brought to the log; resolves when it is on disk. Events longer than `eventBytes` go into
 * quarantine. Throws a Refusal 503 when the log is full.
 */
export async function acceptEvents(context: Context, envelope: Envelope, eventBytes?: number): Promise<void> {
  assertOpen(context);
  await context.log.append(logEntries(envelope, context.log.partitions, eventBytes));
}

/** Throws a Refusal 503 while the log takes nothing more, before a request's body is even read. */
export function assertOpen(context: Context): void {
  const reason = context.log.full();
  if (reason) throw refuse.unavailable(`Events cannot be accepted now: ${reason}. Send them again later.`, 10);
}
