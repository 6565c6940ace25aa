import { clip } from './mask.ts';
import type { Properties } from './types.ts';

/** Nothing is read of these, nor of what is within. */
const IGNORED = '[data-tl-ignore],.tl-ignore,[type=password],[autocomplete*=cc- i]';
/** What a visitor may have written is no text of the page. */
export const NO_TEXT = `${IGNORED},[data-tl-mask],.tl-mask,input,select,textarea,script,style,[contenteditable]`;
const PATH_STEPS = 5;
/** Read before masking, so that a number is not cut in two before it is recognised. */
const READ_CHARACTERS = 400;

export const isIgnored = (element: Element) => !!element.closest(IGNORED);

function textOf(node: Node, text = ''): string {
  for (let child = node.firstChild; child && text.length < READ_CHARACTERS; child = child.nextSibling) {
    if (child.nodeType === 3) text += (child as Text).data;
    else if ((child as Element).matches && !(child as Element).matches(NO_TEXT)) text = textOf(child, `${text} `);
  }
  return text;
}

export const attribute = (element: Element, name: string) => clip(element.getAttribute(name)) || undefined;

/** The address of a link without query and fragment, which may hold secrets; of mailto: and tel: only the scheme. */
const addressOf = ({ protocol, origin, pathname }: HTMLAnchorElement | URL) =>
  /^http/.test(protocol) ? clip(origin + pathname, 500) : protocol;

/** An element: what it is and where, without its values and without what opted out. */
export function describe(element: Element): Properties {
  const path: string[] = [];
  for (let at: Element | null = element; at && path.length < PATH_STEPS; at = at.parentElement) {
    const id = attribute(at, 'id');
    path.unshift(at.localName + (id ? `#${id}` : ''));
  }
  return {
    tag: element.localName,
    id: attribute(element, 'id'),
    classes: attribute(element, 'class'),
    name: attribute(element, 'name'),
    text: (!element.closest(NO_TEXT) && clip(textOf(element))) || attribute(element, 'aria-label'),
    href: addressOf(element as HTMLAnchorElement),
    path: path.join(' > '),
  };
}
