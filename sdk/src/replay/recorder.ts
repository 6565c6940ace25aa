import { record } from '@rrweb/record';
import type { eventWithTime } from '@rrweb/types';
import type { Marks } from './marks.ts';
import { isWritten, maskValue } from './mask.ts';
import { openScrubber } from './scrub.ts';
import type { Secrets } from './secrets.ts';

/** A page with more elements is not recorded: its snapshot would stop it for too long. */
const MOST_ELEMENTS = 50_000;
/** Changes within a second, after which nothing is recorded until the page is calm. */
const MOST_CHANGES = 10_000;
const CALM_MS = 5000;
const MOST_STORMS = 3;
/** Where nobody does anything for so long, nothing is told any more: the clock in a forgotten tab would have no end. */
const IDLE_MS = 5 * 60_000;
/** A snapshot again, so that a player can begin there. */
const CHECKOUT_MS = 4 * 60_000;
/** While a recording only waits for its reason to be sent, so that what is too old can go. */
const WAITING_CHECKOUT_MS = 30_000;
/** A page whose snapshot took longer is stopped by another more seldom, and by none at all. */
const LONG_SNAPSHOT_MS = 50;
const LONGEST_SNAPSHOT_MS = 200;
const SELDOM = 5;
/** What stylesheets throw at a script that changes them. */
const PAGES_OWN = /^(Syntax|HierarchyRequest|IndexSize|InvalidState|NotAllowed|Namespace)Error$/;
/** What only people do; scripts scroll, too. */
const DEEDS = 'mousemove pointerdown keydown wheel touchmove'.split(' ');

export type Why = 'elements' | 'mutations' | 'attribute' | 'bytes' | 'full' | 'refused' | 'fault';

export interface Recording {
  marks: Marks;
  secrets: Secrets;
  asset(url: string): void;
  /** Takes each event, masked, with its size as JSON, about. */
  take(event: eventWithTime, size: number): void;
  /** Is told what was left out. */
  say(why: Why, count: number): void;
  /** Somebody does something again, and did last at this time. True where that begins another recording. */
  isBack?(since: number): boolean;
}

export interface Recorder {
  /** Begins, or begins again, with a snapshot. */
  start(waiting: boolean): void;
  /** What waited is sent from now on. */
  goOn(): void;
  /** Since when nothing is told, as nobody does anything; 0 while somebody does. */
  idleSince(): number;
  stop(): void;
}

/** What people did, also within frames, of rrweb's IncrementalSource: moves, clicks, resizing, input, touch and dragging. */
const isDeed = (event: eventWithTime) => event.type === 3 && [1, 2, 4, 5, 6, 12].includes(event.data.source);

/** The recorder of the page, within its guards. It stops by itself where nobody does anything, and goes on when somebody does. */
export function openRecorder({ marks, secrets, asset, take, say, isBack }: Recording): Recorder {
  let end: (() => void) | undefined;
  let wanted = false;
  let waiting = false;
  let deedAt = 0;
  let snapshotAt = 0;
  let snapshotMs = 0;
  let storms = 0;
  let changes = 0;
  let second = 0;
  let lastTime = 0;
  let again: ReturnType<typeof setTimeout> | undefined;

  const scrub = openScrubber({
    marks,
    nodeOf: (id) => record.mirror.getNode(id),
    secrets,
    asset,
    cut: () => say('attribute', 1),
  });

  const pause = () => {
    if (end) end();
    end = undefined;
    counter.disconnect();
    clearTimeout(again);
  };

  const isIdle = () => Date.now() - deedAt > IDLE_MS;

  const resume = () => {
    if (!wanted || (isIdle() && isBack?.(deedAt))) return;
    pause();
    run();
  };

  const deed = ({ isTrusted }: Event) => {
    if (!isTrusted) return;
    if (isIdle()) resume();
    else deedAt = Date.now();
  };

  // Made before the recorder's own, and so called before it: a storm is stopped before it is processed.
  const counter = new MutationObserver((records) => {
    const now = Date.now();
    if (now - second > 1000) {
      second = now;
      changes = 0;
    }
    for (const { addedNodes } of records) changes += 1 + addedNodes.length;
    if (changes <= MOST_CHANGES) return;
    pause();
    say('mutations', changes);
    changes = 0;
    if (++storms < MOST_STORMS) again = setTimeout(resume, CALM_MS);
  });

  const emit = (event: eventWithTime) => {
    const now = Date.now();
    if (isIdle()) {
      // Not from within the recorder; and once, of all that it tells at a time.
      setTimeout(() => isIdle() && (isDeed(event) ? resume : pause)());
      return;
    }
    if (isDeed(event)) deedAt = now;
    // What is gathered is told late; a player wants them in order.
    event.timestamp = lastTime = Math.max(lastTime, event.timestamp);
    let size = 0;
    try {
      size = scrub(event);
    } catch {
      // What could not be masked is not told.
      say('fault', 1);
    }
    if (size) take(event, size);
    if (event.type === 2) return;
    if (now - snapshotAt > every() && snapshotMs <= LONGEST_SNAPSHOT_MS) {
      snapshotAt = now;
      setTimeout(snapshot);
    }
  };

  const every = () => (waiting ? WAITING_CHECKOUT_MS : CHECKOUT_MS) * (snapshotMs > LONG_SNAPSHOT_MS ? SELDOM : 1);

  const snapshot = () => {
    if (!end) return;
    if (isTooLarge()) return;
    const started = performance.now();
    record.takeFullSnapshot(true);
    snapshotMs = performance.now() - started;
  };

  const isTooLarge = () => {
    const count = document.getElementsByTagName('*').length;
    if (count <= MOST_ELEMENTS) return false;
    pause();
    wanted = false;
    say('elements', count);
    return true;
  };

  const run = () => {
    if (isTooLarge()) return;
    deedAt = snapshotAt = Date.now();
    counter.observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
    const started = performance.now();
    end = record({
      emit: emit as never,
      blockClass: 'tl-block',
      blockSelector: marks.block,
      maskInputOptions: { input: true, textarea: true, select: true } as never,
      maskInputFn(text: string, field: HTMLElement) {
        if (isWritten(field as HTMLInputElement)) secrets.typed(field, text);
        return maskValue(text, (field as HTMLInputElement).type);
      },
      // Text is masked by the scrubber, which knows more of where it stands.
      maskTextClass: 'tl-none',
      slimDOMOptions: 'all',
      inlineStylesheet: true,
      collectFonts: false,
      recordCanvas: false,
      keepIframeSrcFn: () => false,
      sampling: { mousemove: 50, mousemoveCallback: 500, scroll: 150, media: 800, input: 'all' },
      recordAfter: 'DOMContentLoaded',
      // What the page itself did wrong goes on to the page; the rest is the recorder's, and nobody's.
      errorHandler: (error: unknown) => !PAGES_OWN.test((error as Error).name),
    });
    snapshotMs = performance.now() - started;
  };

  return {
    start(onlyWaiting) {
      waiting = onlyWaiting;
      wanted = true;
      deedAt = Date.now();
      for (const type of DEEDS) addEventListener(type, deed, { capture: true, passive: true });
      pause();
      run();
    },
    goOn() {
      waiting = false;
    },
    idleSince: () => (isIdle() ? deedAt + IDLE_MS : 0),
    stop() {
      wanted = false;
      pause();
      for (const type of DEEDS) removeEventListener(type, deed, true);
    },
  };
}
