import { clip } from '../mask.ts';
import type { Inside } from '../types.ts';

/** What a click on something within it is meant for. */
const MEANT = 'a,button,input,select,textarea,label,summary,[onclick],[role=button],[role=link],[role=tab]';
const STEPS = 10;
/** What is above is left out where a selector would be longer. */
const SELECTOR_CHARACTERS = 300;
const ID_CHARACTERS = 100;
const LABEL_CHARACTERS = 80;
/** Names that a program made, which the next page view has not: long numbers, hashes, React's `:r1:`. */
const MADE = /\d{4}|[:.]|[0-9a-f]{8}|^\d/;

/** The element that a click is meant for: the link or button around a picture. */
export const meantBy = (at: Element): Element => at.closest(MEANT) || at;

/** A selector that finds the element on the next page view too: from the nearest ID that people gave, by place. */
export function selectorOf(element: Element): string {
  let selector = '';
  let at: Element | null = element;
  for (let step = 0; at && step < STEPS; step++) {
    const id = at.getAttribute('id');
    const named = id && id.length < ID_CHARACTERS && !MADE.test(id);
    const top = at === document.body || at === document.documentElement;
    let own = named ? `#${CSS.escape(id)}` : CSS.escape(at.localName);
    if (!named && !top) {
      let place = 1;
      for (let before = at.previousElementSibling; before; before = before.previousElementSibling)
        if (before.localName === at.localName) place++;
      own += `:nth-of-type(${place})`;
    }
    if (selector && own.length + selector.length >= SELECTOR_CHARACTERS) break;
    selector = own + (selector && `>${selector}`);
    if (named || top) break;
    at = at.parentElement;
  }
  return selector;
}

/** An element as a line: its selector, a tab, and what it is and says, without what visitors wrote. */
export function lineOf(element: Element, describe: Inside['describe']): string {
  const { tag, text, name, id } = describe(element);
  const label = clip(`${tag} ${text || name || id || ''}`, LABEL_CHARACTERS);
  return `${selectorOf(element)}\t${label}`;
}
