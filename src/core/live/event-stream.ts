import { refuse } from '../../kernel/refusal.ts';

/** Clients that follow something at once, in this process. */
export const CLIENTS_LIMIT = 200;

/** Messages kept for a client that reads slowly; the oldest go first. */
const QUEUE_LIMIT = 500;

/** And how long they may be together, in characters; a single one may be longer. */
const QUEUE_CHARACTERS = 2 * 1024 * 1024;

const HEARTBEAT_MS = 15_000;

/** A stream ends after this long; the browser connects again by itself, and what it may see is asked anew. */
const LIFETIME_MS = 30 * 60_000;

/** What a browser waits before it connects again. */
const RETRY_MS = 3000;

export type Send = (event: string, data: unknown) => void;

let clients = 0;

/**
 * A reply of server-sent events. `follow` is given how to send, and returns how to stop. A client that reads too slowly
 * misses the oldest messages, never holds up the others, and is told how many it missed (`missed`). Refuses with 429
 * when too many follow already.
 */
export function eventStream(signal: AbortSignal, follow: (send: Send) => () => void): Response {
  if (clients >= CLIENTS_LIMIT) {
    throw refuse.tooMany(`${CLIENTS_LIMIT} others are watching live already; this server follows no more.`, 30);
  }
  clients++;
  const encoder = new TextEncoder();
  const queue: string[] = [];
  let waiting = 0;
  let missed = 0;
  let wanted: (() => void) | null = null;
  let end = () => {};

  const put = (text: string) => {
    queue.push(text);
    waiting += text.length;
    while (queue.length > QUEUE_LIMIT || (waiting > QUEUE_CHARACTERS && queue.length > 1)) {
      waiting -= queue.shift()!.length;
      missed++;
    }
    wanted?.();
  };
  const send: Send = (event, data) => put(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);

  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const stop = follow(send);
        const heartbeat = setInterval(() => put(': still here\n\n'), HEARTBEAT_MS);
        const lifetime = setTimeout(() => end(), LIFETIME_MS);
        let ended = false;
        end = () => {
          if (ended) return;
          ended = true;
          clients--;
          clearInterval(heartbeat);
          clearTimeout(lifetime);
          signal.removeEventListener('abort', end);
          stop();
          wanted?.();
          try {
            controller.close();
          } catch {
            // The client went away first.
          }
        };
        signal.addEventListener('abort', end, { once: true });
        if (signal.aborted) end();
        else put(`retry: ${RETRY_MS}\n\n`);
      },
      async pull(controller) {
        if (queue.length === 0) await new Promise<void>((resolve) => (wanted = resolve));
        wanted = null;
        if (queue.length === 0) return;
        if (missed > 0) queue.unshift(`event: missed\ndata: ${JSON.stringify({ count: missed })}\n\n`);
        missed = 0;
        waiting = 0;
        controller.enqueue(encoder.encode(queue.splice(0).join('')));
      },
      cancel: () => end(),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}
