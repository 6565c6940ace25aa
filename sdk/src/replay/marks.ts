import { BLOCKED, MARKED, type Masking, SHOWN, TEXT_MASKED } from './mask.ts';

/** Of these only the size is recorded. */
const BLOCK = '[data-tl-block],.tl-block,[data-tl-ignore],.tl-ignore';
/** Their text is masked; where visitors write without a field, too. */
const MARK = '[data-tl-mask],.tl-mask,[contenteditable]:not([contenteditable=false i]),[role=textbox]';

export interface Marks {
  block: string;
  mark: string;
  maskText: boolean;
}

/** What the page marks, and what the company's settings do; a selector that the browser does not know marks nothing. */
export function marksOf(maskText: boolean, maskSelector?: string, blockSelector?: string): Marks {
  const more = (own: string, selector?: string) => {
    if (!selector) return own;
    try {
      document.querySelector(selector);
      return `${own},${selector}`;
    } catch {
      console.warn('throughline: not a selector:', selector);
      return own;
    }
  };
  return { block: more(BLOCK, blockSelector), mark: more(MARK, maskSelector), maskText };
}

/**
 * How much of a node is told, by what it is within: also the host of a shadow tree and the frame of a document. Of a node
 * that is not in the page (any more) nobody knows what it was within, and nothing is told.
 */
export function maskingOf(node: Node | null, { block, mark, maskText }: Marks): Masking {
  let masking: Masking = maskText ? TEXT_MASKED : SHOWN;
  let shown = false;
  for (let at = node; at; ) {
    const element: Element | null = at.nodeType === 1 ? (at as Element) : at.parentElement;
    if (element) {
      if (element.closest(block)) return BLOCKED;
      if (element.closest(mark)) masking = MARKED;
    }
    const root: Node = (element || at).getRootNode();
    if (isWrittenIn(root)) masking = MARKED;
    shown = shown || root === document;
    at = (root as ShadowRoot).host || frameOf(root as Document);
  }
  return shown ? masking : BLOCKED;
}

/** An editor may be a whole document. */
export const isWrittenIn = (root: Node | null): boolean => !!root && (root as Document).designMode === 'on';

/** Texts and fields that are looked through, each. */
const MOST = 1000;

/** Tells the texts of the page that are not to be told, and what stands in its fields: as they are now. */
export function lookThrough(
  { block, mark }: Marks,
  text: (text: string) => void,
  written: (field: HTMLInputElement) => void,
): void {
  let left = MOST;
  for (const element of Array.from(document.querySelectorAll(`${block},${mark}`)).slice(0, MOST)) {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (left-- > 0 && texts.nextNode()) text((texts.currentNode as Text).data);
  }
  for (const field of Array.from(document.querySelectorAll('input,textarea')).slice(0, MOST)) {
    written(field as HTMLInputElement);
  }
}

/** A page of another site does not say in which frame it is. */
function frameOf({ defaultView }: Document): Element | null {
  try {
    return defaultView?.frameElement ?? null;
  } catch {
    return null;
  }
}
