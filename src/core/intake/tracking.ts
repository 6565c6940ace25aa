import type { Hono, Context as HonoContext } from 'hono';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { acceptEvents, assertOpen } from './accept.ts';
import { answerAccepted, answerPreflight, answerRefused, type Dialect, jitsu, rudder, segment } from './answers.ts';
import { type Call, callOf, deliveryOf, readText } from './call.ts';
import { eventOf, eventsOf, type Json, parseObject } from './entries.ts';
import { EVENT_TYPES, type EventType, isEventType } from './incoming.ts';
import { authenticate } from './write-key.ts';

/** Segment's limits: one event, the body of a batch, and the events in it. */
const EVENT_BYTES = 32 * 1024;
const BATCH_BYTES = 500 * 1024;
const BATCH_EVENTS = 2500;

const SHORT: Record<string, EventType> = { t: 'track', i: 'identify', p: 'page', s: 'screen', g: 'group', a: 'alias' };

/**
 * The Segment HTTP tracking protocol, with RudderStack's and Jitsu's names for the same. A browser's SDK uses the short
 * names, with or without /v1, as its API host says.
 */
export function mountTracking(hono: Hono, context: Context): void {
  const post = (path: string, take: (call: Call) => Promise<number>, dialect?: Dialect) => {
    hono.post(path, (http) => serve(context, http, take, dialect));
    hono.options(path, (http) => answerPreflight(callOf(http)));
  };
  for (const type of EVENT_TYPES) post(`/v1/${type}`, (call) => takeOne(context, call, type));
  for (const [short, type] of Object.entries(SHORT)) {
    post(`/v1/${short}`, (call) => takeOne(context, call, type));
    post(`/${short}`, (call) => takeOne(context, call, type));
  }
  for (const path of ['/v1/batch', '/v1/b', '/batch', '/b']) post(path, (call) => takeBatch(context, call));
  post('/v1/import', (call) => takeBatch(context, call, true));
  post('/beacon/v1/batch', (call) => takeBatch(context, call, true), rudder);
  for (const path of ['/api/s/batch', '/api/s/s2s/batch']) post(path, (call) => takeBatch(context, call, true), jitsu);
  for (const path of ['/api/s/:type', '/api/s/s2s/:type']) {
    post(path, (call) => takeOne(context, call, jitsuType(call.http.req.param('type') ?? '')), jitsu);
  }
  // The SDKs' figures about themselves: not events, and nobody's here.
  for (const path of ['/v1/m', '/m']) post(path, async () => 0);
}

/** RudderStack's SDKs, on the paths that they share with Segment's: the browser's and the one for Node. */
function isRudder(call: Call): boolean {
  return call.header('anonymousid') !== undefined || call.header('user-agent')?.startsWith('analytics-node/') === true;
}

async function serve(
  context: Context,
  http: HonoContext,
  take: (call: Call) => Promise<number>,
  given: Dialect | undefined,
): Promise<Response> {
  const call = callOf(http);
  const dialect = given ?? (isRudder(call) ? rudder : segment);
  try {
    assertOpen(context);
    return answerAccepted(call, dialect, await take(call));
  } catch (error) {
    return answerRefused(call, dialect, error);
  }
}

function jitsuType(name: string): EventType | undefined {
  if (name === 'event' || name === 'e') return undefined;
  const type = SHORT[name] ?? name;
  if (!isEventType(type)) throw refuse.notFound(`"${name.slice(0, 40)}" is not a type of event.`);
  return type;
}

async function takeOne(context: Context, call: Call, type: EventType | undefined): Promise<1> {
  const text = await readText(call);
  const body = parseObject(text);
  const source = await authenticate(context, call, body.writeKey);
  if (text.length * 3 > EVENT_BYTES && Buffer.byteLength(text) > EVENT_BYTES) {
    throw refuse.invalid(`The event is larger than ${EVENT_BYTES / 1024} kB, the limit for one.`);
  }
  const event = eventOf(body, type);
  if (typeof event === 'string') throw refuse.invalid(`This is not an event: ${event}.`);
  await acceptEvents(context, {
    sourceId: source.id,
    ...deliveryOf(call, context.config),
    sentAt: sentAtOf(body),
    protocol: 'segment',
    events: [event],
  });
  return 1;
}

/** `large`: the endpoint takes as much as a body may have, not only what Segment's limits allow. */
async function takeBatch(context: Context, call: Call, large = isRudder(call)): Promise<number> {
  const text = await readText(call);
  const body = parseObject(text);
  const source = await authenticate(context, call, body.writeKey ?? keyOfFirst(body.batch));
  if (!large && text.length * 3 > BATCH_BYTES && Buffer.byteLength(text) > BATCH_BYTES) {
    throw refuse.invalid(
      `The batch is larger than ${BATCH_BYTES / 1024} kB, the limit for one. Send fewer events in each.`,
    );
  }
  const { batch } = body;
  if (!Array.isArray(batch)) throw refuse.invalid('A batch needs its events as a list in "batch".');
  if (!large && batch.length > BATCH_EVENTS) {
    throw refuse.invalid(`The batch has ${batch.length} events; the limit is ${BATCH_EVENTS}.`);
  }
  const { events, refused } = eventsOf(batch, body);
  await acceptEvents(
    context,
    {
      sourceId: source.id,
      ...deliveryOf(call, context.config),
      sentAt: sentAtOf(body),
      protocol: 'segment',
      events,
      ...(refused.length > 0 && { refused }),
    },
    EVENT_BYTES,
  );
  return events.length;
}

/** A browser's batch, sent as the page closes, has the key only in its events. */
function keyOfFirst(batch: unknown): unknown {
  const first: unknown = Array.isArray(batch) ? batch[0] : undefined;
  return typeof first === 'object' && first !== null ? (first as Json).writeKey : undefined;
}

/** The sender's clock, as text; anything else is left to be ignored. */
function sentAtOf(body: Json): string | undefined {
  return typeof body.sentAt === 'string' && body.sentAt.length <= 64 ? body.sentAt : undefined;
}
