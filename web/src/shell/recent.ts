import { useEffect } from 'react';
import { useLocation } from 'react-router';

const STORED = 'throughline.recent';
const MOST = 6;
/** A page that is left sooner was only passed through. */
const STAYED_MS = 1_500;
const SUFFIX = ' · Throughline';

export type Recent = { path: string; title: string };
type Kept = { owner: string; items: Recent[] };

/** The pages that somebody was last at in this browser, newest first. */
export function recentPages(owner: string): Recent[] {
  try {
    const kept = JSON.parse(localStorage.getItem(STORED) ?? '{}') as Partial<Kept>;
    return kept.owner === owner ? (kept.items ?? []) : [];
  } catch {
    return [];
  }
}

/** Titles can be names of customers: they do not outlive the session. */
export function forgetRecent(): void {
  try {
    localStorage.removeItem(STORED);
  } catch {
    // Storage can be forbidden; then there is nothing.
  }
}

/** Remembers the page that is open, once it has been for a moment, by the title it has or gets when its answer comes. */
export function useRemembered(owner: string): void {
  const { pathname } = useLocation();
  useEffect(() => {
    const remember = () => {
      const title = document.title.endsWith(SUFFIX) ? document.title.slice(0, -SUFFIX.length) : '';
      if (!title || pathname === '/') return;
      const others = recentPages(owner).filter((one) => one.path !== pathname);
      const items = [{ path: pathname, title }, ...others].slice(0, MOST);
      try {
        localStorage.setItem(STORED, JSON.stringify({ owner, items } satisfies Kept));
      } catch {
        // Storage can be forbidden; then nothing is recent.
      }
    };
    const titles = new MutationObserver(remember);
    const timer = setTimeout(() => {
      remember();
      titles.observe(document.head, { childList: true, characterData: true, subtree: true });
    }, STAYED_MS);
    return () => {
      clearTimeout(timer);
      titles.disconnect();
    };
  }, [pathname, owner]);
}
