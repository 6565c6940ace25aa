import type { Hono } from 'hono';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { acceptEvents, assertOpen } from './accept.ts';
import { answerAccepted, answerPreflight, answerRefused, plain } from './answers.ts';
import { type Call, callOf, deliveryOf, readText } from './call.ts';
import { isObject, type Json, parseJson } from './entries.ts';
import { type IncomingEvent, jsonOf, type Refused, refusedText } from './incoming.ts';
import { authenticate } from './write-key.ts';

/** CloudEvents asks receivers to take events of at least 64 kB. */
const EVENT_BYTES = 64 * 1024;

/** CloudEvents 1.0 over HTTP: structured, batched and binary. */
export function mountCloudEvents(hono: Hono, context: Context): void {
  hono.post('/cloudevents', async (http) => {
    const call = callOf(http);
    try {
      assertOpen(context);
      return answerAccepted(call, plain, await take(context, call));
    } catch (error) {
      return answerRefused(call, plain, error);
    }
  });
  hono.options('/cloudevents', (http) => answerPreflight(callOf(http)));
}

async function take(context: Context, call: Call): Promise<number> {
  const source = await authenticate(context, call);
  const text = await readText(call);
  const type = call.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const { events, refused } =
    type === 'application/cloudevents-batch+json'
      ? batchOf(text)
      : {
          events: [single(type === 'application/cloudevents+json' ? parseJson(text) : binary(call, text, type))],
          refused: [],
        };
  if (type !== 'application/cloudevents-batch+json' && Buffer.byteLength(text) > EVENT_BYTES) {
    throw refuse.invalid(`The event is larger than ${EVENT_BYTES / 1024} kB, the limit for one.`);
  }
  await acceptEvents(
    context,
    {
      sourceId: source.id,
      ...deliveryOf(call, context.config),
      protocol: 'cloudevents',
      events,
      ...(refused.length > 0 && { refused }),
    },
    EVENT_BYTES * 2,
  );
  return events.length;
}

function single(value: unknown): IncomingEvent {
  const event = fromCloudEvent(value);
  if (typeof event === 'string') throw refuse.invalid(`This is not a CloudEvent: ${event}.`);
  return event;
}

/** A batch keeps its good events; the others go into quarantine. */
function batchOf(text: string): { events: IncomingEvent[]; refused: Refused[] } {
  const batch = parseJson(text);
  if (!Array.isArray(batch)) throw refuse.invalid('A batch of CloudEvents is a JSON list.');
  const events: IncomingEvent[] = [];
  const refused: Refused[] = [];
  for (const entry of batch as unknown[]) {
    const event = fromCloudEvent(entry);
    if (typeof event === 'string') refused.push(refusedText(jsonOf(entry), `not a CloudEvent: ${event}`));
    else events.push(event);
  }
  return { events, refused };
}

const ATTRIBUTES = [
  'specversion',
  'id',
  'source',
  'type',
  'subject',
  'time',
  'data',
  'data_base64',
  'userid',
  'anonymousid',
];
const NOT_CONTEXT = new Set(ATTRIBUTES.filter((name) => !['id', 'source', 'subject'].includes(name)));

/**
 * The event of a CloudEvent, or why it is none. Its `source` and `id` together are the message ID, `type` is the name,
 * `time` the time, `data` the properties; the person is told by the extension attributes `userid` and `anonymousid`, or
 * else by `subject`. All other attributes are in `context.cloudevent`.
 */
function fromCloudEvent(value: unknown): IncomingEvent | string {
  if (!isObject(value)) return 'it is not a JSON object';
  if (typeof value.specversion !== 'string' || !value.specversion.startsWith('1.')) return 'specversion must be "1.0"';
  for (const name of ['id', 'source', 'type']) {
    if (typeof value[name] !== 'string' || value[name] === '') return `${name} must be a text that is not empty`;
  }
  const identified = given(value.userid) || given(value.anonymousid);
  return {
    type: 'track',
    messageId: `${value.source} ${value.id}`,
    event: value.type,
    userId: identified ? value.userid : value.subject,
    anonymousId: value.anonymousid,
    timestamp: value.time,
    properties: propertiesOf(value),
    context: { cloudevent: Object.fromEntries(Object.entries(value).filter(([name]) => !NOT_CONTEXT.has(name))) },
  };
}

const given = (value: unknown) => value !== undefined && value !== null && value !== '';

/** Data that is no object becomes one: `{ data: … }`; bytes stay base64 unless they are JSON. */
function propertiesOf(value: Json): unknown {
  if (typeof value.data_base64 === 'string') {
    if (!isJson(String(value.datacontenttype ?? ''))) return { data_base64: value.data_base64 };
    try {
      return asObject(JSON.parse(Buffer.from(value.data_base64, 'base64').toString()));
    } catch {
      return { data_base64: value.data_base64 };
    }
  }
  return asObject(value.data);
}

const asObject = (data: unknown) => (data === undefined || data === null || isObject(data) ? data : { data });
const isJson = (type: string) => /^[^;]*[/+]json\s*(;|$)/i.test(type);

/** The binary mode: attributes in `ce-` headers, the data alone in the body. */
function binary(call: Call, text: string, type: string): Json {
  const event: Json = Object.create(null);
  for (const [name, value] of call.http.req.raw.headers) {
    if (name.startsWith('ce-')) event[name.slice(3)] = decoded(value);
  }
  if (event.specversion === undefined) {
    throw refuse.invalid(
      'Send a CloudEvent as application/cloudevents+json, a batch as application/cloudevents-batch+json, or one with its attributes in headers that begin with ce-.',
    );
  }
  if (type !== '') event.datacontenttype = type;
  if (text !== '') event.data = type === '' || isJson(type) ? parseJson(text) : text;
  return event;
}

/** Header values are percent-encoded where they hold more than printable ASCII. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
