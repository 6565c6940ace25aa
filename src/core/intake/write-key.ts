import type { Context } from '../../kernel/context.ts';
import { isRecordsAway } from '../../kernel/records.ts';
import { Refusal } from '../../kernel/refusal.ts';
import { cachedSource, type Source, sourceByKey } from '../sources/sources.ts';
import type { Call } from './call.ts';

/** Sources that were asked for before, for the time in which the database of records is away. */
const lastKnown = new WeakMap<object, Map<string, Source>>();
const LAST_KNOWN_LIMIT = 1000;

/**
 * The source whose write key the request shows: by Basic (the key as user name), Bearer, X-Write-Key, the query or the
 * body, in this order; the first that is a key counts, since a Bearer token may be something else. Refuses with 401
 * where there is none, with 403 where the source is switched off.
 */
export async function authenticate(context: Context, call: Call, fromBody?: unknown): Promise<Source> {
  const shown = keysShown(call, fromBody);
  for (const key of shown) {
    const cached = cachedSource(context, key);
    const source = cached === undefined ? await lookUp(context, key) : cached;
    if (!source) continue;
    if (!source.enabled) throw new Refusal(403, 'source_disabled', 'This source is switched off.');
    return source;
  }
  if (shown.length > 0) throw new Refusal(401, 'invalid_write_key', 'The write key is not one of a source here.');
  throw new Refusal(
    401,
    'no_write_key',
    'Send the write key of a source: as the user name of Basic authorization, as a Bearer token, or as "writeKey" in the body or the query.',
  );
}

function keysShown(call: Call, fromBody: unknown): string[] {
  const keys: string[] = [];
  const add = (key: unknown) => {
    if (typeof key === 'string' && key !== '' && !keys.includes(key)) keys.push(key);
  };
  const authorization = call.header('authorization');
  if (authorization) add(keyOfAuthorization(authorization));
  add(call.header('x-write-key')?.split(':', 1)[0]);
  add(fromBody);
  if (keys.length === 0) add(call.query('writeKey'));
  return keys;
}

function keyOfAuthorization(header: string): string | undefined {
  const space = header.indexOf(' ');
  const scheme = header.slice(0, space).toLowerCase();
  const credentials = header.slice(space + 1).trim();
  if (scheme === 'bearer') return credentials;
  if (scheme !== 'basic') return undefined;
  const text = Buffer.from(credentials, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? text : text.slice(0, colon);
}

/** Asks the store; while it is away, what was known last goes on, so that events are accepted all the same. */
async function lookUp(context: Context, key: string): Promise<Source | null> {
  let known = lastKnown.get(context.records);
  if (!known) {
    known = new Map();
    lastKnown.set(context.records, known);
  }
  try {
    const source = await sourceByKey(context, key);
    if (!source) known.delete(key);
    else if (known.size < LAST_KNOWN_LIMIT || known.has(key)) known.set(key, source);
    return source;
  } catch (error) {
    const source = known.get(key);
    if (source && isRecordsAway(error)) return source;
    throw error;
  }
}
