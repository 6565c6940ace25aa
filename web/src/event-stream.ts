import { useEffect, useRef, useState } from 'react';

/** The first wait after a lost connection, and the longest; each failed attempt doubles it, with some jitter. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

export type StreamStatus = 'connecting' | 'open' | 'waiting' | 'off';

type Handlers = Record<string, (data: unknown) => void>;

/**
 * Follows a stream of server-sent events while `url` is set and the page is visible, and comes back by itself when
 * the connection is lost. A handler's name is the event's name; what it gets is the event's parsed JSON. `onOpen` is
 * called each time the stream is there, the first time too: to ask for what came before it.
 */
export function useEventStream(url: string | null, handlers: Handlers, onOpen: () => void): StreamStatus {
  const [status, setStatus] = useState<StreamStatus>(url ? 'connecting' : 'off');
  const latest = useRef(handlers);
  latest.current = handlers;
  const opened = useRef(onOpen);
  opened.current = onOpen;
  const names = Object.keys(handlers).sort().join(' ');

  useEffect(() => {
    if (!url) {
      setStatus('off');
      return;
    }
    let stream: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let wait = FIRST_WAIT_MS;

    const open = () => {
      stream?.close();
      setStatus('connecting');
      stream = new EventSource(url, { withCredentials: true });
      stream.onopen = () => {
        wait = FIRST_WAIT_MS;
        setStatus('open');
        opened.current();
      };
      stream.onerror = () => {
        stream?.close();
        setStatus('waiting');
        clearTimeout(timer);
        timer = setTimeout(open, wait * (0.75 + Math.random() / 2));
        wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      };
      for (const name of names.split(' ')) {
        stream.addEventListener(name, (message: MessageEvent<string>) => {
          try {
            latest.current[name]?.(JSON.parse(message.data));
          } catch {
            // One unreadable message must not end the stream.
          }
        });
      }
    };
    const followVisibility = () => {
      if (document.hidden) {
        clearTimeout(timer);
        stream?.close();
        stream = null;
      } else if (!stream) open();
    };

    followVisibility();
    document.addEventListener('visibilitychange', followVisibility);
    return () => {
      document.removeEventListener('visibilitychange', followVisibility);
      clearTimeout(timer);
      stream?.close();
    };
  }, [url, names]);

  return status;
}
