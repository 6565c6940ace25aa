import type { ReplayConfig } from './config.ts';

/** An address without query against a pattern, which may be a part of it; `*` stands for anything. */
export function matches(pattern: string, url: string): boolean {
  let at = 0;
  for (const piece of pattern.split('*')) {
    at = url.indexOf(piece, at);
    if (at < 0) return false;
    at += piece.length;
  }
  return true;
}

const anyOf = (patterns: readonly string[], url: string) => patterns.some((pattern) => matches(pattern, url));

export const isPageRecorded = ({ pages }: ReplayConfig, url: string): boolean =>
  (!pages.only.length || anyOf(pages.only, url)) && !anyOf(pages.never, url);

/** Whether something may begin a recording at all. */
export const hasTriggers = ({ triggers }: ReplayConfig): boolean =>
  triggers.errors || triggers.events.length + triggers.pages.length > 0;

/** Whether what happened is one of the triggers: an event of this name, or the page that shows now. */
export const isTriggered = ({ triggers }: ReplayConfig, url: string, event?: string): boolean =>
  anyOf(triggers.pages, url) ||
  (!!event && (triggers.events.includes(event) || (triggers.errors && event === 'Error Occurred')));
