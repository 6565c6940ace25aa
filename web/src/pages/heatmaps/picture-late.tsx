import { useEffect, useRef } from 'react';
import { type eventWithTime, Replayer } from 'rrweb';
import { TreeGuard } from '../replay/player/guard.ts';
import { maskedSelects } from '../replay/player/masked-selects.ts';
import type { Picture } from './calls.ts';
import styles from './heatmaps.module.css';

/** A page is drawn no higher than this: browsers draw nothing larger. */
const HIGHEST = 16_000;

/** So long after the last style or picture that came a page may have settled; and when it is looked at in any case. */
const SETTLES_MS = 50;
const SETTLED_MS = [400, 2000];

export interface Drawn {
  page: Document;
}

export interface PictureProps {
  picture: Picture;
  height: number;
  /** The page as it was drawn, to find elements in; again when its styles and pictures may have come. */
  onDrawn: (drawn: Drawn | null) => void;
}

/** The page as it looked, whole and still, in a frame in which nothing runs and nothing can be touched. */
export function PictureLate({ picture, height, onDrawn }: PictureProps) {
  const root = useRef<HTMLDivElement>(null);
  const settle = useRef<() => void>(null);
  const wanted = useRef(height);
  wanted.current = height;
  // biome-ignore lint/correctness/useExhaustiveDependencies: drawn anew only for another picture.
  useEffect(() => {
    const place = root.current;
    if (!place) return;
    let replayer: Replayer | null = null;
    const timers: ReturnType<typeof setTimeout>[] = [];
    try {
      const guard = new TreeGuard();
      const events = structuredClone(picture.events).map((event) => guard.take(event));
      const last = events.at(-1)!;
      // A replayer wants two events at least, and shows what lies before the last.
      events.push({ type: 1, timestamp: last.timestamp + 1, data: {} });
      replayer = new Replayer(events as eventWithTime[], {
        root: place,
        mouseTail: false,
        showWarning: false,
        triggerFocus: false,
        insertStyleRules: ['html, body { overflow: hidden !important }', '* { animation: none !important }'],
        plugins: [maskedSelects],
      });
      replayer.iframe.inert = true;
      replayer.iframe.tabIndex = -1;
      replayer.iframe.title = '';
      replayer.pause(last.timestamp - events[0]!.timestamp + 1);
      replayer.iframe.style.height = `${Math.min(HIGHEST, height)}px`;
      const { iframe } = replayer;
      let soon: ReturnType<typeof setTimeout> | undefined;
      const look = () => {
        const page = iframe.contentDocument;
        if (!page) return;
        // Pictures may come much later, and move what stands below them.
        page.addEventListener('load', again, true);
        makeWhole(iframe, page, picture.height, Math.min(HIGHEST, wanted.current));
        onDrawn({ page });
      };
      const again = () => {
        clearTimeout(soon);
        soon = setTimeout(look, SETTLES_MS);
        timers.push(soon);
      };
      again();
      for (const wait of SETTLED_MS) timers.push(setTimeout(look, wait));
      settle.current = again;
    } catch {
      // What cannot be drawn leaves the blank page.
      onDrawn(null);
    }
    return () => {
      timers.forEach(clearTimeout);
      replayer?.destroy();
      place.replaceChildren();
      settle.current = null;
    };
  }, [picture]);
  // Another map beside this one may be of a higher page, and come later.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only for another height.
  useEffect(() => settle.current?.(), [height]);
  return <div ref={root} className={styles.picture} aria-hidden />;
}

/** Elements that are looked at; the higher ones come first. */
const ELEMENTS_LOOKED_AT = 3000;
const PINNED = ['height', 'min-height', 'max-height'] as const;

/**
 * Makes the frame as high as the page. What is as high as the window by its styles (a first screen, a bar at the side)
 * would grow with it: that keeps the height that it had in the visitor's window.
 */
function makeWhole(frame: HTMLIFrameElement, page: Document, windowHeight: number, height: number): void {
  frame.style.height = `${windowHeight}px`;
  const elements = [...page.querySelectorAll<HTMLElement>('body *')].slice(0, ELEMENTS_LOOKED_AT);
  const before = elements.map((element) => element.offsetHeight);
  frame.style.height = `${height}px`;
  for (const [at, element] of elements.entries()) {
    const own = before[at]!;
    if (own < windowHeight / 4 || element.offsetHeight === own) continue;
    for (const name of PINNED) element.style.setProperty(name, `${own}px`, 'important');
    element.style.setProperty('box-sizing', 'border-box', 'important');
  }
  frame.contentWindow?.scrollTo(0, 0);
}
