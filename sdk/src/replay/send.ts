import type { Left } from './kept.ts';
import type { Packer } from './pack.ts';

/** What may wait for the server, in bytes; more is not recorded until there is room. */
const WAITING_BYTES = 4_000_000;
/** A browser sends at most 64 kB after a page is gone, of which the events need some. */
const LAST_BYTES = 40_000;
const ANSWER_MS = 30_000;
const LONGEST_WAIT_MS = 300_000;
const REFUSALS = 3;

export interface Chunk {
  id: string;
  n: number;
  head: object;
  events: readonly unknown[];
  /** Of JSON, about. */
  size: number;
}

interface Waiting extends Partial<Chunk> {
  id: string;
  n: number;
  size: number;
  bytes?: ArrayBuffer | Uint8Array;
  json?: string;
}

export interface Sending {
  host: string;
  writeKey: string;
  packer: Packer;
  /** It is stored. */
  accepted(id: string): void;
  /** The server wants nothing of this recording any more. */
  over(id: string): void;
  /** Something is missing from now on, so that only a new snapshot can be understood: `left` where nobody sends it. */
  lost(why: 'full' | 'refused' | 'bytes', count: number): void;
  /** Another tab sent something else under the same number. */
  taken(id: string): void;
}

export interface Sender {
  add(chunk: Chunk): void;
  /** There is no more room; `lost` is called once there is. */
  isFull(): boolean;
  /** Sends what it can while the page goes; gives what is not known to have arrived. */
  leave(): { left: Left[]; unsent: number };
  addLeft(left: readonly Left[]): void;
  /** Nothing is sent until it is not held any more. */
  hold(on: boolean): void;
  drop(): void;
}

/** Sends chunks one after the other, in their order, until each is answered for. */
export function openSender({ host, writeKey, packer, accepted, over, lost, taken }: Sending): Sender {
  let queue: Waiting[] = [];
  let flying: Waiting | undefined;
  let failures = 0;
  let refused = 0;
  let notBefore = 0;
  let missed = 0;
  let closed = false;
  let held = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  // As plain text with the key in the address, about which a browser need not ask first; the server sees that it is gzip.
  const post = ({ id, n, bytes, json }: Waiting, more: RequestInit) =>
    fetch(`${host}/v1/recordings/${id}/chunks/${n}?writeKey=${encodeURIComponent(writeKey)}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: (bytes || json) as BodyInit,
      credentials: 'omit',
      ...more,
    });

  const weight = () => queue.reduce((sum, { bytes, size }) => sum + (bytes ? bytes.byteLength : size), 0);
  const later = (ms: number) => {
    clearTimeout(timer);
    timer = setTimeout(pump, ms);
  };
  const remove = (ended: Waiting) => {
    queue = queue.filter((one) => one !== ended);
    if (missed && weight() < WAITING_BYTES / 2) {
      lost('full', missed);
      missed = 0;
    }
  };

  const answered = (chunk: Waiting, status: number, told: number) => {
    if (status === 429 || status >= 500 || !status) {
      const wait = told || 2 ** Math.min(failures, 9) * (1 + Math.random());
      failures++;
      notBefore = Date.now() + Math.min(LONGEST_WAIT_MS, 1000 * wait);
      return;
    }
    failures = 0;
    remove(chunk);
    if (status < 300) {
      refused = 0;
      return accepted(chunk.id);
    }
    if (status === 409) {
      queue = queue.filter(({ id }) => id !== chunk.id);
      return taken(chunk.id);
    }
    if (status === 410 || status === 401 || status === 403 || status === 404 || ++refused >= REFUSALS) {
      queue = queue.filter(({ id }) => id !== chunk.id);
      return over(chunk.id);
    }
    lost('refused', 1);
  };

  const pump = async (): Promise<void> => {
    const [chunk] = queue;
    if (closed || held || flying || !chunk) return;
    if (notBefore > Date.now()) return later(notBefore - Date.now());
    if (!chunk.bytes) return;
    flying = chunk;
    try {
      // biome-ignore lint/complexity/useOptionalChain: longer once it is made to run in older browsers
      const signal = AbortSignal.timeout && AbortSignal.timeout(ANSWER_MS);
      const { status, headers } = await post(chunk, { signal });
      flying = undefined;
      answered(chunk, status, Number(headers.get('retry-after')) || 0);
    } catch {
      flying = undefined;
      answered(chunk, 0, 0);
    }
    pump();
  };

  const pack = async (chunk: Waiting) => {
    try {
      const { bytes, cut } = await packer.pack(chunk.head!, chunk.events!);
      chunk.bytes = bytes;
      chunk.events = undefined;
      if (cut) lost('bytes', cut);
    } catch {
      remove(chunk);
      lost('refused', 1);
    }
    pump();
  };

  const online = () => {
    notBefore = 0;
    failures = 0;
    pump();
  };
  addEventListener('online', online);

  return {
    add(chunk) {
      queue.push(chunk);
      pack(chunk);
    },
    isFull() {
      if (weight() < WAITING_BYTES) return false;
      missed++;
      return true;
    },
    addLeft(left) {
      for (const { id, n, packed, json } of left) {
        const bytes = packed ? bytesOf(packed) : new TextEncoder().encode(json);
        queue.push({ id, n, bytes, size: bytes.byteLength });
      }
      pump();
    },
    leave() {
      let room = LAST_BYTES;
      let unsent = 0;
      const left = queue.map((chunk): Left => {
        const { id, n, bytes } = chunk;
        if (!bytes) chunk.json = `${JSON.stringify(chunk.head).slice(0, -1)},"events":${JSON.stringify(chunk.events)}}`;
        const size = bytes ? bytes.byteLength : chunk.json!.length;
        if (!held && size <= room && notBefore <= Date.now()) {
          room -= size;
          post(chunk, { keepalive: true }).catch(() => undefined);
        } else unsent++;
        return bytes ? { id, n, packed: textOf(bytes) } : { id, n, json: chunk.json! };
      });
      return { left, unsent };
    },
    hold(on) {
      held = on;
      pump();
    },
    drop() {
      queue = [];
      closed = true;
      clearTimeout(timer);
      removeEventListener('online', online);
    },
  };
}

/** Base64, for a place that keeps text only. */
function textOf(bytes: ArrayBuffer | Uint8Array): string {
  const all = new Uint8Array(bytes);
  let text = '';
  for (let at = 0; at < all.length; at += 8192) {
    text += String.fromCharCode.apply(null, all.subarray(at, at + 8192) as never);
  }
  return btoa(text);
}

const bytesOf = (packed: string) => Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
