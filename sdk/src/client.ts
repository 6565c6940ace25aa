import { aliasArguments, isFunction, pageArguments, trackArguments, userArguments } from './arguments.ts';
import { capture } from './capture.ts';
import { contextNow, pageNow } from './context.ts';
import { describe } from './describe.ts';
import { gate, openIdentity, read, touch, write } from './identity.ts';
import { emit, listen, on, safely } from './listeners.ts';
import { pageShown, watchPages } from './pages.ts';
import { add, flush, leave, openQueue } from './queue.ts';
import type { Call, CallOptions, CaptureKind, Message, MessageType, Options, Throughline } from './types.ts';
import { last, uuid } from './uuid.ts';
import { measureVitals } from './vitals.ts';

/** Messages that wait in memory for consent, and that a part which is loaded late still sees; the oldest goes. */
const PAST_MESSAGES = 100;

/** `host` is where the SDK came from. */
export function createThroughline(host = ''): Throughline {
  const past: Message[] = [];
  let options: Options = {};
  let loader: Promise<unknown> | undefined;
  let started = false;
  let held = false;

  const send = (type: MessageType, fields: Partial<Message>, given: CallOptions) => {
    const { context, integrations, anonymousId: device, userId, timestamp, ...rest } = given;
    // Another tab may have taken the consent back.
    const { c } = read();
    const open = gate();
    if (open < 0) return;
    const { a, u, g, s } = touch();
    const message = {
      type,
      messageId: uuid(),
      timestamp: new Date((timestamp as string) || last).toISOString(),
      anonymousId: device || a,
      userId: userId || u,
      groupId: g,
      ...fields,
      integrations,
      context: {
        ...contextNow(),
        sessionId: s,
        consent: c && { categoryPreferences: c },
        ...rest,
        ...context,
      },
    } as Message;
    if (past.push(message) > PAST_MESSAGES) past.shift();
    if (open) {
      add(message);
      // What the company switched on in the console: nothing is asked before something may be sent. A failure is nobody's.
      sdk.load('').catch(String);
    } else held = true;
    emit('message', message);
    return message;
  };

  /** A call as the page sees it: never throws, and gives the message to its callback and as a promise. */
  const call =
    (run: (args: unknown[]) => Message | undefined): Call =>
    async (...args) => {
      const message = safely(run)(args);
      safely(args.find(isFunction) || String)(message);
      return message;
    };

  const anonymousId = () => read().a as string;
  const user = { id: () => read().u, anonymousId };

  const sdk: Throughline = {
    track: call((args) => {
      const [event, properties, given] = trackArguments(args);
      return send('track', { event, properties }, given);
    }),
    page: call((args) => {
      const [category, name, own, given] = pageArguments(args);
      pageShown();
      return send('page', { category, name, properties: { ...pageNow(), ...own } }, given);
    }),
    identify: call((args) => {
      const [id, told, given] = userArguments(args);
      if (id) write({ u: id });
      return send('identify', { traits: told }, given);
    }),
    group: call((args) => {
      const [id, told, given] = userArguments(args);
      if (id) write({ g: id });
      return send('group', { traits: told }, given);
    }),
    alias: call((args) => {
      const [userId, from, given] = aliasArguments(args);
      const { u, a } = read();
      return send('alias', { userId, previousId: from || u || a }, given);
    }),
    reset() {
      write({ a: uuid(), u: undefined, g: undefined, s: 0 });
    },
    consent(purposes, details) {
      const all = { ...read().c, ...purposes };
      const context = { consent: { categoryPreferences: all } };
      const tell = () => sdk.track('Consent Updated', { purposes: all, ...details }, { context });
      // A withdrawal is the last that is sent: what acts on the events must stop, too.
      if (all.analytics === false) tell();
      write({ c: all });
      if (gate() > 0) {
        if (held)
          for (const message of past) {
            Object.assign(message.context, context);
            add(message);
          }
        held = false;
        tell();
      } else if (all.analytics === false) {
        past.length = 0;
        sdk.reset();
      }
    },
    flush,
    ready: async (callback) => {
      if (callback) callback();
    },
    user: () => user,
    anonymousId,
    setAnonymousId(id = uuid()) {
      write({ a: id });
      return id;
    },
    on(event, listener) {
      on(event, listener);
      return sdk;
    },
    load(part) {
      loader ||= new Promise((onload, onerror) => {
        const src = `${options.host}/sdk/parts.js`;
        document.head.append(Object.assign(document.createElement('script'), { src, onload, onerror }));
      });
      return loader.then(() => sdk.part!(part, { options, past, describe, read }));
    },
    push([name, ...args]) {
      calls[name]!(...args);
    },
    init(writeKey, more) {
      if (started) return sdk;
      started = true;
      options = { host, ...more, writeKey };
      openIdentity(options);
      openQueue(options);
      const has = (kind: CaptureKind) => (options.autocapture || kind).includes(kind);
      let vitals = has('vitals') && measureVitals();
      if (has('pages')) watchPages(options.hash, sdk.page);
      capture(has, sdk.track);
      listen('pagehide visibilitychange', ({ type }) => {
        if (type !== 'pagehide' && !document.hidden) return;
        if (vitals) sdk.track('Web Vitals', vitals());
        vitals = false;
        leave();
      });
      if (/throughline_debug/.test(location as never)) sdk.load('debug');
      return sdk;
    },
  };
  const calls = sdk as never as Record<string, (...args: unknown[]) => unknown>;
  for (const name in calls) calls[name] = safely(calls[name]!);
  return sdk;
}
