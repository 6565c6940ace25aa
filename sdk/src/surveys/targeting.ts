import type { Message } from '../types.ts';
import type { Popover } from './model.ts';
import { isPage } from './page-match.ts';

/** A jump upwards by this share of the window within this time is somebody who leaves, where there is no pointer. */
const EXIT_SHARE = 0.6;
const EXIT_MS = 400;
/** Narrower than these is a phone, and a tablet, in pixels of the shorter side. */
const PHONE = 500;
const TABLET = 1024;
/** What happened holds for so long on the pages after it too: a shop leads from the order on to its thanks. */
const HOLD_MS = 60_000;
const AGAIN_MS = 1000;

function deviceNow(): 'desktop' | 'mobile' | 'tablet' {
  const side = Math.min(screen.width, screen.height);
  if (!matchMedia('(pointer: coarse)').matches) return 'desktop';
  return side < PHONE ? 'mobile' : side < TABLET ? 'tablet' : 'desktop';
}

/** Per cent of the page that has been on the screen; all of one that does not scroll. */
function scrolled(): number {
  const { scrollHeight, scrollTop, clientHeight } = document.scrollingElement || document.documentElement;
  return ((scrollTop + clientHeight) / scrollHeight) * 100;
}

/** When the event of each survey came, by the survey's id. */
export type Came = Record<string, number>;

interface Target {
  id: string | number;
  popover: Popover;
  /** Whether it was, and so is looked at no more; undefined where it is to be tried again soon. */
  open(): boolean | undefined;
}

/**
 * Watches the page, and opens the first target for which everything that it asks for holds at once. `came` is what the
 * pages before saw, and `keep` is handed what the next one is to know. Gives how to stop.
 */
export function watch(
  targets: Target[],
  past: readonly Message[],
  came: Came,
  keep: (came: Came) => void,
): { message(message: Message): void; stop(): void } {
  let since = Date.now();
  let most = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let recent: [time: number, top: number][] = [];

  function look(exiting?: boolean): void {
    clearTimeout(timer);
    let soonest = Number.POSITIVE_INFINITY;
    for (let at = 0; at < targets.length; at++) {
      const { id, popover, open } = targets[at]!;
      const { devices, event, pages, delaySeconds, scrollPercent, exitIntent } = popover;
      const from = event ? came[id] : since;
      if (
        !from ||
        (from < since && Date.now() - from > HOLD_MS) ||
        (devices[0] && devices.indexOf(deviceNow()) < 0) ||
        !isPage(pages, location)
      )
        continue;
      const wait = from + delaySeconds * 1000 - Date.now();
      if (wait > 0) soonest = Math.min(soonest, wait);
      else if (most >= (scrollPercent || 0) && (exiting || !exitIntent)) {
        const opened = open();
        if (opened) {
          targets.splice(at, 1);
          came = {};
          keep(came);
          return;
        }
        if (opened !== false) soonest = Math.min(soonest, AGAIN_MS);
      }
    }
    if (soonest < Number.POSITIVE_INFINITY) timer = setTimeout(look, soonest);
  }

  function note({ type, event, properties = {}, timestamp }: Message): void {
    const at = Date.parse(timestamp);
    if (type === 'page') {
      since = at;
      most = scrolled();
    }
    targets.forEach(({ id, popover }) => {
      const wanted = popover.event;
      if (!wanted || type !== 'track' || event !== wanted.name) return;
      const fits = wanted.where.every(({ property, oneOf }) => oneOf.indexOf(String(properties[property])) >= 0);
      if (!fits || came[id]! >= since) return;
      came[id] = at;
      keep(came);
    });
  }

  const scroll = () => {
    most = Math.max(most, scrolled());
    const now = Date.now();
    recent = recent.filter(([time]) => now - time < EXIT_MS).concat([[now, scrollY]]);
    const touch = matchMedia('(pointer: coarse)').matches;
    look(touch && Math.max(...recent.map(([, top]) => top)) - scrollY > innerHeight * EXIT_SHARE);
  };
  const out = ({ clientY, relatedTarget }: MouseEvent) => {
    if (clientY <= 0 && !relatedTarget) look(true);
  };
  addEventListener('scroll', scroll, { passive: true });
  document.addEventListener('mouseout', out);
  most = scrolled();
  past.forEach(note);
  look();
  return {
    message(message) {
      note(message);
      look();
    },
    stop() {
      clearTimeout(timer);
      removeEventListener('scroll', scroll);
      document.removeEventListener('mouseout', out);
    },
  };
}
