import type { eventWithTime } from '@rrweb/types';
import type { Inside, Message, Throughline } from '../types.ts';
import { openAssets } from './assets.ts';
import type { ReplayConfig } from './config.ts';
import { hasTriggers, isPageRecorded, isTriggered } from './decide.ts';
import { type Kept, openKept } from './kept.ts';
import { lookThrough, marksOf } from './marks.ts';
import { bareUrl, hideCards, isWritten, stars } from './mask.ts';
import { openPacker } from './pack.ts';
import { openRecorder, type Why } from './recorder.ts';
import { openSecrets } from './secrets.ts';
import { openSender } from './send.ts';
import { watchConsole, watchNetwork, watchPerformance } from './watch.ts';

const CHUNK_MS = 5000;
/** Of JSON, about. */
const CHUNK_BYTES = 256_000;
/** What belongs to a page's first picture comes right after it. */
const FIRST_MS = 300;
/** What waits for a trigger, in bytes of JSON, about. */
const HELD_BYTES = 4_000_000;
const HELD_AGAIN_MS = 30_000;
const TITLE_CHARACTERS = 300;
/** As in the SDK's core: what is done after it belongs to another session. */
const SESSION_MS = 30 * 60_000;
/** What went wrong, told of the tab in which it did: the events are of the session, which may have several. */
const SIGNAL = /^(Error Occurred|Rage Clicked|Dead Clicked|Form Abandoned|U-Turned|Slow Page)$/;
const MOST_SEEN = 1000;

export interface Visit {
  /** What the SDK told: it may be a trigger, another page or another session. False once it has ended. */
  heard(message?: Message): boolean;
  /** Drops what waits, and forgets the recording. */
  end(): void;
}

/** The recording of this tab: from its decision whether there is one, over all its pages, to the chunks that leave. */
export function openVisit(sdk: Throughline, inside: Inside, config: ReplayConfig): Visit {
  const { host = '', writeKey = '' } = inside.options;
  const store = openKept(inside);
  const marks = marksOf(config.maskText, config.maskSelector, config.blockSelector);
  const secrets = openSecrets((all) =>
    lookThrough(marks, all.add, (field) => isWritten(field) && all.typed(field, field.value)),
  );
  const packer = openPacker();
  let kept: Kept | undefined;
  let state: 'off' | 'held' | 'live' = 'off';
  /** The last two snapshots with what followed, while a trigger is waited for. */
  let held: { bytes: number; events: [event: eventWithTime, size: number][] }[] = [];
  let heldAgain = 0;
  /** Addresses of pictures that were seen meanwhile. */
  let seen: string[] = [];
  let pending: eventWithTime[] = [];
  let pendingBytes = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let minimum: ReturnType<typeof setTimeout> | undefined;
  let page = '';
  let undo: (() => void)[] = [];
  let told: Partial<Record<Why, number>> = {};
  let warned = false;
  let ended = false;
  /** When the SDK last told something, and with it went on with the session. */
  let saidAt = Date.now();
  const signals: Message[] = [];

  const here = () => hideCards(secrets.hide(bareUrl(location.href)));
  const title = () => {
    const text = document.title.slice(0, TITLE_CHARACTERS);
    return config.maskText ? stars(text) : hideCards(secrets.hide(text));
  };

  const say = (why: Why, count: number) => {
    told[why] = (told[why] || 0) + count;
    if (!warned) console.warn(`throughline: the recording leaves something out (${why})`);
    warned = true;
    later(CHUNK_MS);
  };

  const tell = (tag: string, payload: object) => {
    const idle = recorder.idleSince();
    // A form that is given up hours later does not make the recording as long.
    if (idle && tag !== 'tl-signal') return;
    take({ type: 5, timestamp: idle || Date.now(), data: { tag, payload } }, JSON.stringify(payload).length + 80);
  };

  /** Once; what goes wrong where nothing is recorded is told nowhere. */
  const tellSignal = (message: Message) => {
    if (!SIGNAL.test(message.event as string) || signals.includes(message)) return;
    signals.push(message);
    tell('tl-signal', { name: message.event, id: message.messageId });
  };

  const assets = openAssets({ host, writeKey, packer, tell });

  const sender = openSender({
    host,
    writeKey,
    packer,
    accepted(id) {
      if (!kept || kept.id !== id || kept.told) return;
      kept.told = true;
      store.write(kept);
      sdk.track('Recording Started', { recordingId: id });
    },
    over(id) {
      if (!kept || kept.id !== id) return;
      kept.over = true;
      store.write(kept);
      state = 'off';
      stop();
    },
    lost(why, count) {
      say(why, count);
      // Without its picture nothing plays, and another would be as long.
      if (why === 'bytes') stop();
      else if (state === 'live') recorder.start(false);
    },
    taken(id) {
      if (kept && kept.id === id) begin(true);
    },
  });

  const take = (event: eventWithTime, size: number) => {
    if (state === 'held') return hold(event, size);
    if (state === 'off') return;
    pending.push(event);
    pendingBytes += size;
    if (pendingBytes >= CHUNK_BYTES) later(0);
    else later(event.type === 2 ? FIRST_MS : CHUNK_MS);
  };

  const hold = (event: eventWithTime, size: number) => {
    // rrweb tells of the page before its snapshot.
    if (event.type === 4 || !held.length) held = held.slice(-1).concat({ bytes: 0, events: [] });
    const now = held[held.length - 1]!;
    now.events.push([event, size]);
    now.bytes += size;
    if (held.reduce((sum, { bytes }) => sum + bytes, 0) < HELD_BYTES) return;
    held.shift();
    if (held.length) return;
    // Begun again, since nothing plays without its snapshot; but not over and over on a page that is as large.
    const soon = Date.now() - heldAgain < HELD_AGAIN_MS;
    heldAgain = Date.now();
    setTimeout(() => {
      if (state !== 'held') return;
      if (soon) stop();
      else recorder.start(true);
    });
  };

  let due = 0;
  const later = (ms: number) => {
    const at = Date.now() + ms;
    if (timer && due <= at) return;
    clearTimeout(timer);
    due = at;
    timer = setTimeout(cut, ms);
  };

  const cut = () => {
    clearTimeout(timer);
    timer = undefined;
    if (!kept || state !== 'live' || (!pending.length && !Object.keys(told).length)) return;
    if (inside.gate() < 0) return end();
    for (const why of Object.keys(told) as Why[]) {
      pending.push({
        type: 5,
        timestamp: Date.now(),
        data: { tag: 'tl-dropped', payload: { reason: why, count: told[why]! } },
      });
    }
    told = {};
    const events = pending;
    const size = pendingBytes;
    pending = [];
    pendingBytes = 0;
    if (sender.isFull()) return recorder.stop();
    const { id, anonymousId, sessionStart } = kept;
    const head = {
      v: 1,
      sessionStart: sessionStart || undefined,
      signals: true,
      anonymousId,
      userId: inside.session().userId,
      page: { url: here(), title: title(), viewport: [innerWidth, innerHeight] },
      start: events[0]!.timestamp,
      end: events[events.length - 1]!.timestamp,
      sentAt: Date.now(),
      masked: config.maskText ? 'text' : 'inputs',
    };
    const n = kept.n++;
    store.write(kept);
    sender.add({ id, n, head, events, size });
  };

  const recorder = openRecorder({
    marks,
    secrets,
    asset(url) {
      if (state === 'live') assets.want(url);
      else if (seen.length < MOST_SEEN && !seen.includes(url)) seen.push(url);
    },
    take,
    say,
    isBack(since) {
      const isOver = Date.now() - Math.max(since, saidAt) > SESSION_MS;
      if (!isOver && kept!.sessionStart === inside.session().sessionStart) return false;
      begin(true, isOver);
      return true;
    },
  });

  /** What was held goes out, too. */
  const release = () => {
    if (state !== 'held') return;
    state = 'live';
    recorder.goOn();
    const all = held;
    held = [];
    for (const { events } of all) {
      for (const [event, size] of events) {
        take(event, size);
        if (pendingBytes >= CHUNK_BYTES) cut();
      }
    }
    for (const url of seen) assets.want(url);
    seen = [];
    later(0);
  };

  const stop = () => {
    cut();
    state = 'off';
    clearTimeout(timer);
    timer = undefined;
    recorder.stop();
    for (const one of undo) one();
    undo = [];
    held = [];
    seen = [];
    pending = [];
    pendingBytes = 0;
  };

  /** `isOver`: the session is; the next begins with what the SDK tells next. */
  const begin = (fresh: boolean, isOver?: boolean) => {
    stop();
    const { anonymousId, sessionStart } = inside.session();
    if (!sessionStart || inside.gate() < 0) return;
    const before = store.read();
    const goesOn =
      !fresh &&
      before &&
      !before.open &&
      before.anonymousId === anonymousId &&
      (!before.sessionStart || before.sessionStart === sessionStart);
    kept = goesOn
      ? { ...before, sessionStart }
      : { id: newId(), n: 0, anonymousId, sessionStart: isOver ? 0 : sessionStart, from: Date.now() };
    kept.open = true;
    page = bareUrl(location.href);
    const happened = inside.past.some(({ event }) => isTriggered(config, page, event));
    kept.on = kept.on || config.always || happened || isTriggered(config, page);
    store.write(kept);
    clearTimeout(minimum);
    const wait = kept.from + 1000 * config.minimumSeconds - Date.now();
    sender.hold(wait > 0);
    minimum = setTimeout(() => sender.hold(false), Math.max(0, wait));
    sender.addLeft(store.takeLeft());
    const { wants = [] } = kept;
    kept.wants = undefined;
    if (kept.over || !isPageRecorded(config, page) || (!kept.on && !hasTriggers(config)))
      return inside.past.forEach(tellSignal);
    state = kept.on ? 'live' : 'held';
    recorder.start(state === 'held');
    tell('tl-page', { url: here(), title: title() });
    if (state === 'live') assets.take(wants);
    const watching = { secrets, host, tell };
    if (config.console) undo.push(watchConsole(watching));
    if (config.network) undo.push(watchNetwork(watching));
    undo.push(watchPerformance(watching));
    inside.past.forEach(tellSignal);
  };

  const heard = (message?: Message) => {
    const { anonymousId, sessionStart } = inside.session();
    if (message) saidAt = Date.now();
    if (message && kept && !kept.sessionStart) kept.sessionStart = sessionStart!;
    if (!kept || kept.anonymousId !== anonymousId || kept.sessionStart !== sessionStart) return begin(false);
    if (message) tellSignal(message);
    const now = bareUrl(location.href);
    if (now !== page) {
      page = now;
      if (!isPageRecorded(config, page)) return stop();
      if (state === 'off' && !kept.over) {
        kept.open = false;
        store.write(kept);
        return begin(false);
      }
      tell('tl-page', { url: here(), title: title() });
    }
    if (state !== 'held' || !isTriggered(config, page, message?.event)) return;
    kept.on = true;
    store.write(kept);
    release();
  };

  const failed = () => {
    if (config.triggers.errors) heard({ event: 'Error Occurred' } as Message);
  };
  const hidden = () => {
    if (document.hidden) cut();
  };
  const leave = () => {
    if (!kept) return;
    cut();
    const { left, unsent } = sender.leave();
    if (!store.leave(left) && unsent) console.warn(`throughline: ${unsent} pieces of the recording were not sent`);
    kept.open = false;
    kept.wants = assets.left();
    store.write(kept);
  };
  const back = ({ persisted }: PageTransitionEvent) => {
    if (!persisted) return;
    store.forgetMemory();
    // Other pages have counted on since.
    state = 'off';
    begin(false);
  };
  addEventListener('error', failed);
  addEventListener('visibilitychange', hidden, true);
  addEventListener('pagehide', leave, true);
  addEventListener('pageshow', back, true);

  const end = () => {
    kept = undefined;
    ended = true;
    clearTimeout(minimum);
    stop();
    assets.stop();
    sender.drop();
    packer.close();
    store.forget();
    removeEventListener('error', failed);
    removeEventListener('visibilitychange', hidden, true);
    removeEventListener('pagehide', leave, true);
    removeEventListener('pageshow', back, true);
  };

  begin(false);
  return {
    heard(message) {
      if (!ended) heard(message);
      return !ended;
    },
    end,
  };
}

/** A UUID of version 4. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 15) | 64;
  bytes[8] = (bytes[8]! & 63) | 128;
  const hex = Array.from(bytes, (byte) => (256 + byte).toString(16).slice(1)).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
