import { listen } from './listeners.ts';

let shown: string | undefined;
let counts = false;
const here = () => location.pathname + (counts ? location.hash : '');

/** This page needs no view of its own any more. */
export function pageShown(): void {
  shown = here();
}

/** Calls back for this page, and when the address becomes that of another; the hash counts where `hash` says so. */
export function watchPages(hash: unknown, changed: () => void): void {
  const look = () => {
    if (here() !== shown) changed();
  };
  // The page's title changes after its address.
  const soon = () => {
    setTimeout(look);
  };
  counts = hash != null;
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name];
    history[name] = function (this: History, ...args) {
      original.apply(this, args);
      soon();
    };
  }
  listen('popstate hashchange', soon);
  listen('pagehide', look);
  soon();
}
