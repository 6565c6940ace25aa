import type { Hono, Context as HonoContext } from 'hono';
import type { Context } from '../../kernel/context.ts';
import { faultText } from '../../kernel/fault-text.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { acceptEvents } from './accept.ts';
import { callOf, deliveryOf } from './call.ts';
import { eventOf, isObject, type Json, parseObject } from './entries.ts';
import { isEventType } from './incoming.ts';
import { authenticate } from './write-key.ts';

/** A transparent image of one pixel. */
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');
/** Deepest `a.b.c` in the name of a query parameter. */
const PATH_PARTS = 8;

/**
 * Events by the address of an image, where nothing else can run, as in mail: Segment's (/v1/pixel/track) and
 * RudderStack's (/pixel/v1/track). The event is in `data`, as base64 of its JSON, or in parameters such as
 * `properties.subject`. The answer is always the image, whatever became of the event.
 */
export function mountPixel(hono: Hono, context: Context): void {
  const serve = async (http: HonoContext) => {
    try {
      await take(context, http);
    } catch (error) {
      if (!(error instanceof Refusal)) console.error('A pixel was not taken:', faultText(error));
    }
    return new Response(GIF, { headers: { 'content-type': 'image/gif', 'cache-control': 'no-store' } });
  };
  hono.get('/v1/pixel/:type', serve);
  hono.get('/pixel/v1/:type', serve);
}

async function take(context: Context, http: HonoContext): Promise<void> {
  const call = callOf(http);
  const type = http.req.param('type');
  if (!isEventType(type)) throw refuse.notFound('This is not a type of event.');
  const { data, ...parameters } = http.req.query();
  const body = data === undefined ? nested(parameters) : parseObject(Buffer.from(data, 'base64').toString());
  const source = await authenticate(context, call, body.writeKey);
  const event = eventOf(body, type);
  if (typeof event === 'string') throw refuse.invalid(event);
  if (typeof event.anonymousId === 'string') event.anonymousId = event.anonymousId.replace(/^"(.*)"$/, '$1');
  await acceptEvents(context, {
    sourceId: source.id,
    ...deliveryOf(call, context.config),
    protocol: 'segment',
    events: [event],
  });
}

/** `{ 'properties.subject': 'x' }` as `{ properties: { subject: 'x' } }`, in objects that have no prototype to reach. */
function nested(parameters: Record<string, string>): Json {
  const root: Json = Object.create(null);
  for (const [name, value] of Object.entries(parameters)) {
    const parts = name.split('.', PATH_PARTS);
    const last = parts.pop() ?? name;
    let target = root;
    for (const part of parts) {
      const inner = target[part];
      if (isObject(inner)) target = inner;
      else {
        const made: Json = Object.create(null);
        target[part] = made;
        target = made;
      }
    }
    target[last] = value;
  }
  return root;
}
