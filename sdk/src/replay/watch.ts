import { bareUrl, hideCards } from './mask.ts';
import type { Secrets } from './secrets.ts';

const LINE_CHARACTERS = 1000;
/** Of lines, calls and marks on a page, each. */
const MOST = 500;
const LONG_TASK_MS = 100;
/** Of mail: pages log who is signed in. */
const ADDRESS = /[^\s"'<>]+@[^\s"'<>]+/g;

export interface Watching {
  secrets: Secrets;
  /** Where the SDK's own calls go. */
  host: string;
  tell(tag: string, payload: object): void;
}

type Undo = () => void;

const limited = (tell: Watching['tell'], tag: string) => {
  let left = MOST;
  return (payload: () => object | undefined) => {
    const told = left > 0 && payload();
    if (!told) return;
    left--;
    tell(tag, told);
  };
};

/** Lines of the console. Of objects, only the names of their fields: what is in them may be anything. */
export function watchConsole({ secrets, tell }: Watching): Undo {
  const note = limited(tell, 'tl-console');
  let within = false;
  const line = (level: string, given: readonly unknown[]) => {
    if (within || /^throughline/.test(`${given[0]}`)) return;
    within = true;
    try {
      note(() => {
        const all = given
          .map(wordsOf)
          .join(' ')
          .slice(0, 4 * LINE_CHARACTERS);
        const text = hideCards(secrets.hide(withoutQueries(all))).replace(ADDRESS, '***');
        return { level, text: text.slice(0, LINE_CHARACTERS) };
      });
    } catch {}
    within = false;
  };
  const undo = (['error', 'warn', 'info', 'log'] as const).map((level) => {
    const original = console[level];
    const ours = function (this: Console, ...given: unknown[]) {
      line(level, given);
      return original.apply(this, given);
    };
    console[level] = ours;
    return () => {
      if (console[level] === ours) console[level] = original;
    };
  });
  const failed = (event: Event) => {
    const { reason, error, message } = event as ErrorEvent & PromiseRejectionEvent;
    if (reason || error || message) line('error', [reason || error || message]);
  };
  for (const type of ['error', 'unhandledrejection']) addEventListener(type, failed);
  return () => {
    for (const one of undo) one();
    for (const type of ['error', 'unhandledrejection']) removeEventListener(type, failed);
  };
}

function wordsOf(value: unknown): string {
  if (value instanceof Error) return `${value.stack || value}`;
  if (typeof value === 'function') return 'function';
  if (typeof value !== 'object' || !value) return `${String(value)}`;
  if (value instanceof Node) return `<${value.nodeName.toLowerCase()}>`;
  return Array.isArray(value) ? `[${value.length}]` : `{${Object.keys(value).slice(0, 20).join(', ')}}`;
}

const withoutQueries = (text: string) => text.replace(/\bhttps?:\/\/[^\s"'<>)]+/g, bareUrl);

/** The page's own calls: never their content, and addresses without query. */
export function watchNetwork({ secrets, host, tell }: Watching): Undo {
  const told = limited(tell, 'tl-network');
  const note = (method: string, address: unknown, started: number, status: number, bytes: unknown) => {
    try {
      told(() => {
        const { href } = new URL(`${address}`, document.baseURI);
        if (href.startsWith(`${host}/v1/`) || !/^http/.test(href)) return;
        const url = hideCards(secrets.hide(bareUrl(href))).slice(0, LINE_CHARACTERS);
        const ms = Math.round(performance.now() - started);
        return { method: method.toUpperCase().slice(0, 20), url, status, ms, bytes: Number(bytes) || 0 };
      });
    } catch {}
  };

  const { fetch: fetched } = window;
  const ours: typeof fetch = function (this: unknown, input, init) {
    const started = performance.now();
    const asked = (input || {}) as Request;
    const method = init?.method || asked.method || 'GET';
    const answer = fetched.apply(this as never, [input, init]);
    // Handed on, and not listened to beside it: what nobody catches is to be told as before.
    return answer.then(
      (response) => {
        note(method, asked.url || input, started, response.status, response.headers.get('content-length'));
        return response;
      },
      (error) => {
        note(method, asked.url || input, started, 0, 0);
        throw error;
      },
    );
  };
  window.fetch = ours;

  const { open, send } = XMLHttpRequest.prototype;
  const asked = new WeakMap<XMLHttpRequest, [string, unknown]>();
  const openOurs = function (this: XMLHttpRequest, ...given: unknown[]) {
    asked.set(this, [`${given[0]}`, given[1]]);
    return open.apply(this, given as never);
  };
  const sendOurs = function (this: XMLHttpRequest, ...given: unknown[]) {
    const [method, url] = asked.get(this) || [];
    const started = performance.now();
    if (method) {
      this.addEventListener(
        'loadend',
        () => {
          const length = this.status ? this.getResponseHeader('content-length') : 0;
          note(method, url, started, this.status, length);
        },
        { once: true },
      );
    }
    return send.apply(this, given as never);
  };
  XMLHttpRequest.prototype.open = openOurs;
  XMLHttpRequest.prototype.send = sendOurs;
  return () => {
    if (window.fetch === ours) window.fetch = fetched;
    if (XMLHttpRequest.prototype.open === openOurs) XMLHttpRequest.prototype.open = open;
    if (XMLHttpRequest.prototype.send === sendOurs) XMLHttpRequest.prototype.send = send;
  };
}

/** How the page loaded, what held it up, and what it measures itself. */
export function watchPerformance({ secrets, tell }: Watching): Undo {
  const note = limited(tell, 'tl-perf');
  const observers: PerformanceObserver[] = [];
  const watch = (type: string, each: (entry: PerformanceEntry) => [string, number] | undefined) => {
    try {
      const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const [name, ms] = each(entry) || [];
          if (name) note(() => ({ name: hideCards(secrets.hide(name)).slice(0, 100), ms: Math.round(ms as number) }));
        }
      });
      observer.observe({ type, buffered: true });
      observers.push(observer);
    } catch {}
  };
  // Before the page has loaded its entry says 0.
  watch('navigation', (entry) => {
    const ms = (entry as PerformanceNavigationTiming).loadEventEnd;
    return ms > 0 ? ['load', ms] : undefined;
  });
  watch('paint', (entry) => [entry.name, entry.startTime]);
  watch('largest-contentful-paint', (entry) => ['largest-contentful-paint', entry.startTime]);
  watch('longtask', (entry) => (entry.duration >= LONG_TASK_MS ? ['long-task', entry.duration] : undefined));
  watch('mark', (entry) => [entry.name, entry.startTime]);
  watch('measure', (entry) => [entry.name, entry.duration]);
  return () => {
    for (const observer of observers) observer.disconnect();
  };
}
