import { useEffect, useRef, useState } from 'react';
import styles from './tips.module.css';

const AFTER_MS = 300;
const GAP = 6;
const MARGIN = 8;

type Shown = { text: string; at: DOMRect };

/** Shows what `data-tip` says near the element that the pointer or the focus is on. It repeats the name, so it is not read aloud. */
export function Tips() {
  const [shown, setShown] = useState<Shown | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (event: Event) => {
      const target = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-tip]') : null;
      clearTimeout(timer);
      if (!target || (event.type === 'focusin' && !target.matches(':focus-visible'))) return setShown(null);
      timer = setTimeout(() => {
        if (target.isConnected) setShown({ text: target.dataset.tip ?? '', at: target.getBoundingClientRect() });
      }, AFTER_MS);
    };
    const hide = () => {
      clearTimeout(timer);
      setShown(null);
    };
    const shows = ['pointerover', 'focusin'];
    const hides = ['pointerdown', 'keydown', 'focusout', 'scroll'];
    for (const type of shows) document.addEventListener(type, show);
    for (const type of hides) document.addEventListener(type, hide, true);
    return () => {
      clearTimeout(timer);
      for (const type of shows) document.removeEventListener(type, show);
      for (const type of hides) document.removeEventListener(type, hide, true);
    };
  }, []);
  useEffect(() => {
    const tip = box.current;
    if (!shown || !tip) return;
    const { width, height } = tip.getBoundingClientRect();
    const above = shown.at.top - height - GAP;
    const middle = shown.at.left + (shown.at.width - width) / 2;
    tip.style.left = `${Math.max(MARGIN, Math.min(middle, innerWidth - width - MARGIN))}px`;
    tip.style.top = `${above < MARGIN ? shown.at.bottom + GAP : above}px`;
  }, [shown]);
  return shown ? (
    <div className={styles.tip} ref={box} aria-hidden>
      {shown.text}
    </div>
  ) : null;
}
