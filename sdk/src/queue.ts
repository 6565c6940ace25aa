import { emit, listen } from './listeners.ts';
import type { Message, Options } from './types.ts';

/** The protocol's limits: one event, and a batch with room for what surrounds its events. */
const EVENT_BYTES = 32 * 1024;
const BATCH_BYTES = 490_000;
/** A browser sends at most 64 kB after a page is gone. */
const LAST_BYTES = 60_000;
/** What may wait: the oldest goes when there is more. */
const WAITING_EVENTS = 1000;
const WAITING_CHARACTERS = 2_000_000;
const GATHER_MS = 1000;
const LONGEST_WAIT_MS = 3_600_000;
const ANSWER_MS = 20_000;

/** Each message in an entry of localStorage of its own, so that tabs cannot overwrite each other's; or in memory. */
let entries: Record<string, string> = {};
const flying: Record<string, unknown> = {};
let url: string;
let prefix: string;
let writeKey: string;
let locks: LockManager | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
/** Characters that were added since the queue was empty. */
let size = 0;
let failures = 0;
let notBefore = 0;

const keys = () =>
  Object.keys(entries)
    .filter((key) => !key.indexOf(prefix))
    .sort();
/** The message ID, a UUID, at the end of its key. */
const idOf = (key: string) => key.slice(-36);
const bytes = (text: string) => new Blob([text]).size;
const later = (milliseconds: number) => {
  clearTimeout(timer);
  timer = setTimeout(flush, milliseconds);
};
/** Takes messages away: `sent`, or `drop` with the reason. */
const end = (event: string, taken: string[], why?: unknown) => {
  for (const key of taken) delete entries[key];
  emit(event, taken.map(idOf), why);
};

export function openQueue(options: Options): void {
  writeKey = options.writeKey as string;
  url = `${options.host}/v1/batch`;
  prefix = `tl_q_${writeKey}_`;
  try {
    if (options.storage !== 'none') {
      entries = localStorage as never;
      locks = navigator.locks;
    }
  } catch {}
  listen('online', () => {
    notBefore = 0;
    flush();
  });
  // What earlier pages left, once this one has loaded.
  later(GATHER_MS);
}

export function add(message: Message): unknown {
  const text = JSON.stringify(message);
  const key = prefix + message.messageId;
  if (!writeKey) return;
  if (bytes(text) > EVENT_BYTES) return end('drop', [key], 'size');
  const waiting = keys();
  size = text.length + (waiting[0] ? size : 0);
  while (waiting[WAITING_EVENTS - 1] || (waiting[0] && size > WAITING_CHARACTERS)) {
    size -= entries[waiting[0]!]!.length;
    end('drop', waiting.splice(0, 1), 'full');
  }
  try {
    entries[key] = text;
  } catch {
    // The site's storage is full: on in memory. What is stored already goes with the next page.
    entries = { [key]: text };
  }
  later(GATHER_MS);
}

/** Sends the oldest up to so many bytes, as text, about which a browser need not ask first. True where the next may follow. */
async function post(limit: number, beacon?: boolean): Promise<boolean | undefined> {
  let length = 0;
  const taken = keys().filter((key) => {
    if (flying[key] && !beacon) return false;
    length += bytes(entries[key]!) + 1;
    return length < limit;
  });
  if (!taken[0]) return;
  const batch = taken.map((key) => entries[key]);
  const body = `{"writeKey":"${writeKey}","sentAt":"${new Date().toISOString()}","batch":[${batch}]}`;
  if (beacon) return navigator.sendBeacon(url, body);
  let told = 0;
  for (const key of taken) flying[key] = 1;
  try {
    const { ok, status, headers } = await fetch(url, {
      method: 'POST',
      body,
      keepalive: limit === LAST_BYTES || length < LAST_BYTES / 3,
      // biome-ignore lint/complexity/useOptionalChain: longer once it is made to run in older browsers
      signal: AbortSignal.timeout && AbortSignal.timeout(ANSWER_MS),
    });
    if (status < 500 && status !== 429) {
      failures = 0;
      end(ok ? 'sent' : 'drop', taken, status);
      return true;
    }
    told = +headers.get('retry-after')!;
  } catch {}
  for (const key of taken) delete flying[key];
  notBefore = Date.now() + Math.min(LONGEST_WAIT_MS, 1000 * (told || 2 ** failures++ * (1 + Math.random())));
  later(0);
}

async function drain(): Promise<void> {
  if (notBefore > Date.now()) later(notBefore - Date.now());
  else while (navigator.onLine !== false && (await post(BATCH_BYTES)));
}

/** Sends what waits. One tab at a time: what another sent is gone then. */
export async function flush(): Promise<void> {
  await (locks ? locks.request(prefix, drain) : drain());
}

/** Sends what it can while the page goes; what is not answered stays for the next page, and has the same ID there. */
export function leave(): void {
  if (notBefore < Date.now()) post(LAST_BYTES, !('keepalive' in Request.prototype));
}
