import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { jsonOf, whatIsWrong } from '../intake/incoming.ts';
import { sourceById } from '../sources/sources.ts';
import { decodeTransformed } from '../stream/decode.ts';
import type { Content } from './content.ts';
import { Engine, newStanding } from './engine/engine.ts';
import type { Place, Result } from './engine/protocol.ts';
import { listRecorded } from './recorded.ts';
import type { Trial } from './tables.ts';
import { checkContent, hashOf, transformationById } from './transformations.ts';

/** Trials that may wait for their turn. */
const WAITING_LIMIT = 10;
/** An event that came out larger, or nested deeper than events may be, is shown by its beginning only. */
const SHOWN_CHARACTERS = 256 * 1024;

/** How a transformation did on one event. */
export interface Tried {
  before: Record<string, unknown>;
  after: unknown[];
  dropped: boolean;
  error: { message: string; place: Place | null } | null;
  logs: string[];
  milliseconds: number;
}

export interface TriedAll {
  items: Tried[];
  /** Why it was not tried on the rest; null where it was tried on all. */
  stopped: string | null;
  /** What publishing will ask for; null where the trial was of no saved draft. */
  trial: Trial | null;
}

const engines = new WeakMap<Context, { engine: Engine; waiting: number }>();

/**
 * Runs a content on events, the recorded ones of its source unless others are given, in the engine that the stream uses.
 * Nothing is stored but, where the content is the one saved in `transformationId`, how the trial went. Refuses with 400
 * where there is nothing to try it on, with 503 when too many trials wait.
 */
export async function tryTransformation(
  context: Context,
  sourceId: number,
  input: { content: Content; events?: Record<string, unknown>[]; transformationId?: number },
): Promise<TriedAll> {
  await sourceById(context, sourceId);
  checkContent(input.content);
  const events = input.events ?? (await listRecorded(context, sourceId)).map((one) => one.event);
  if (events.length === 0) {
    throw refuse.invalid(
      'No event of this source was recorded in the last day. Send one, or try it on an event of your own.',
    );
  }
  const entry = engines.get(context) ?? { engine: new Engine(), waiting: 0 };
  engines.set(context, entry);
  if (entry.waiting >= WAITING_LIMIT)
    throw refuse.unavailable('Too many trials wait for their turn. Try again in a moment.');
  entry.waiting++;
  const now = Date.now();
  try {
    const run = await entry.engine.run({
      sourceId,
      programs: [{ key: `try:${hashOf(input.content)}`, content: input.content }],
      inputs: events.map((event) => ({ text: jsonOf(event), now })),
      standings: [newStanding()],
      logs: true,
    });
    const items = run.results.map((result, i) => triedOf(events[i]!, result, sourceId, now));
    return {
      items,
      stopped: run.paused ? stopped(run.paused.why) : null,
      trial: await keep(context, sourceId, input, items),
    };
  } finally {
    entry.waiting--;
  }
}

const stopped = (why: 'timeouts' | 'slow') =>
  why === 'timeouts'
    ? 'It ran out of time again and again: in use, it would be paused here.'
    : 'It takes too long on average: in use, it would be paused here.';

function triedOf(before: Record<string, unknown>, result: Result, sourceId: number, now: number): Tried {
  const { failure, outputs, droppedBy, micros, logs = [] } = result;
  const delivery = { sourceId, receivedAt: now, ip: '', userAgent: '', country: '' };
  const messageId = typeof before.messageId === 'string' ? before.messageId : '';
  let error = failure ? { message: failure.message, place: failure.place } : null;
  const after: unknown[] = [];
  for (const text of outputs) {
    const decoded = decodeTransformed(text, messageId, delivery);
    if (typeof decoded === 'string') error ??= { message: `what came out cannot be used: ${decoded}`, place: null };
    after.push(whatIsWrong(text, SHOWN_CHARACTERS) === null ? JSON.parse(text) : `${text.slice(0, 1000)} …`);
  }
  return { before, after, dropped: droppedBy !== null, error, logs, milliseconds: micros / 1000 };
}

/** Remembers how a saved draft did; a trial that was not of it says nothing about it. */
async function keep(
  context: Context,
  sourceId: number,
  input: { content: Content; transformationId?: number },
  items: readonly Tried[],
): Promise<Trial | null> {
  if (input.transformationId === undefined) return null;
  const known = await transformationById(context, input.transformationId);
  const hash = hashOf(input.content);
  if (known.sourceId !== sourceId || hashOf(known.content) !== hash) return null;
  const failed = items.filter((item) => item.error !== null).length;
  const trial: Trial = { hash, at: new Date().toISOString(), events: items.length, failed };
  await context.records.pool.query('UPDATE transformations SET tried = $2::jsonb WHERE id = $1', [
    known.id,
    JSON.stringify(trial),
  ]);
  return trial;
}
