import type { Hono } from 'hono';
import type { Context } from '../../kernel/context.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import type { Source } from '../sources/sources.ts';
import { acceptEvents, assertOpen } from './accept.ts';
import { answerAccepted, answerPreflight, answerRefused, plain } from './answers.ts';
import { type Call, callOf, deliveryOf, readText } from './call.ts';
import { eventsOf, isObject, type Json, parseJson } from './entries.ts';
import { type Envelope, refusedText } from './incoming.ts';
import { compileMapping } from './mapping/mapping.ts';
import { authenticate } from './write-key.ts';

const EVENT_BYTES = 256 * 1024;
const BODY_CHARACTERS = 1024 * 1024;
const EVENTS = 1000;

/** What senders call the ID of a delivery; they repeat it when they send the same again. */
const DELIVERY_HEADERS = ['webhook-id', 'svix-id', 'idempotency-key', 'x-github-delivery', 'x-shopify-webhook-id'];
const SECRET_HEADERS = new Set(['authorization', 'cookie', 'x-write-key', 'proxy-authorization']);

/** Webhooks of other programs: any JSON or form, made into events by the source's mapping. */
export function mountWebhooks(hono: Hono, context: Context): void {
  hono.post('/hooks/:writeKey', async (http) => {
    const call = callOf(http);
    try {
      assertOpen(context);
      return answerAccepted(call, plain, await take(context, call));
    } catch (error) {
      return answerRefused(call, plain, error);
    }
  });
  hono.options('/hooks/:writeKey', (http) => answerPreflight(callOf(http)));
}

async function take(context: Context, call: Call): Promise<number> {
  const source = await authenticate(context, call, call.http.req.param('writeKey'));
  const text = await readText(call);
  if (text.length > BODY_CHARACTERS) {
    throw refuse.tooLarge(`The body is larger than ${BODY_CHARACTERS / 1024} kB, the limit for a webhook.`);
  }
  const payload = readPayload(call, text);
  const envelope = {
    sourceId: source.id,
    ...deliveryOf(call, context.config),
    protocol: 'webhook' as const,
  };
  try {
    const { events, refused } = await mapped(source, call, payload);
    await acceptEvents(context, { ...envelope, events, ...(refused.length > 0 && { refused }) }, EVENT_BYTES);
    return events.length;
  } catch (error) {
    // What the sender sent was well formed; it is the mapping that must be mended, so the payload is kept for then.
    if (error instanceof Refusal && error.status === 400) {
      await acceptEvents(context, { ...envelope, events: [], refused: [refusedText(text, error.message)] });
    }
    throw error;
  }
}

/** JSON whatever the content type says, unless it says that it is a form. */
function readPayload(call: Call, text: string): unknown {
  const type = call.header('content-type') ?? '';
  if (!type.startsWith('application/x-www-form-urlencoded')) return parseJson(text);
  const fields: Json = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const earlier = fields[name];
    if (earlier === undefined) fields[name] = value;
    else if (Array.isArray(earlier)) earlier.push(value);
    else fields[name] = [earlier, value];
  }
  return { ...fields };
}

async function mapped(
  source: Source,
  call: Call,
  payload: unknown,
): Promise<Pick<Envelope, 'events'> & { refused: NonNullable<Envelope['refused']> }> {
  const result = source.mapping
    ? await compileMapping(source.mapping).evaluate(payload, { headers: headersOf(call), query: call.http.req.query() })
    : withoutMapping(payload);
  const entries =
    result === undefined || result === null ? [] : Array.isArray(result) ? (result as unknown[]) : [result];
  if (entries.length > EVENTS) {
    throw refuse.invalid(`The mapping gave ${entries.length} events; the limit is ${EVENTS} for one webhook.`);
  }
  const delivery = DELIVERY_HEADERS.map((name) => call.header(name)).find((id) => id !== undefined && id !== '');
  for (const [index, entry] of entries.entries()) {
    if (!isObject(entry)) continue;
    entry.type ??= 'track';
    if (delivery) entry.messageId ??= `${source.id} ${delivery.slice(0, 200)} ${index}`;
  }
  const sorted = eventsOf(entries);
  if (sorted.events.length === 0 && sorted.refused[0]) {
    throw refuse.invalid(`The mapping gave no event: ${sorted.refused[0].reason}.`);
  }
  return sorted;
}

/** Without a mapping a payload is one event: named by its `event` or `type`, with all that it holds as properties. */
function withoutMapping(payload: unknown): Json {
  if (!isObject(payload)) throw refuse.invalid('A payload that is not an object needs a mapping in its source.');
  const { event, type, userId, anonymousId, messageId, timestamp } = payload;
  const name = [event, type].find((value) => typeof value === 'string' && value !== '');
  return {
    type: 'track',
    event: name ?? 'Webhook Received',
    userId,
    anonymousId,
    messageId,
    timestamp,
    properties: payload,
  };
}

function headersOf(call: Call): Record<string, string> {
  return Object.fromEntries([...call.http.req.raw.headers].filter(([name]) => !SECRET_HEADERS.has(name)));
}
