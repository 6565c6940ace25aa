/** As in the events: 13 to 19 digits, with blanks, dots or dashes between them. */
const CARD = /\d(?:[\s.-]*\d){12,18}/g;
/** The length of a password is nobody's business. */
const PASSWORD = '********';

/** How much of an element's text is told. */
export const SHOWN = 0;
/** All text of the page is masked, but its pictures are shown. */
export const TEXT_MASKED = 1;
/** Marked in the page: neither text nor anything else that may hold some. */
export const MARKED = 2;
export const BLOCKED = 3;
export type Masking = typeof SHOWN | typeof TEXT_MASKED | typeof MARKED | typeof BLOCKED;

/** Keeps white space, so that lines break where they did. */
export const stars = (text: string): string => text.replace(/\S/g, '*');

export const hideCards = (text: string): string => text.replace(CARD, stars);

/** What was written into a field. Labels of buttons are text of the page. */
export function maskValue(value: string, type: string): string {
  if (!value) return value;
  if (type === 'password') return PASSWORD;
  return /^(submit|button|reset|image)$/.test(type) ? hideCards(value) : stars(value);
}

/** Whether a field's value is of the visitor, and neither a label nor one of a list. */
export const isWritten = ({ type }: { type: string }): boolean =>
  !/^(submit|button|reset|image|select-one|select-multiple|checkbox|radio)$/.test(type);

/** An address without query and fragment, which may hold secrets; the fragment of a single-page app stays, to its own query. */
export function bareUrl(url: string): string {
  const [, address = '', fragment = ''] = /^([^?#]*)(?:\?[^#]*)?(#!?\/[^?&=]*)?/.exec(url) || [];
  return address + fragment;
}

/** Attributes that hold no text, in an element whose text is masked. All others are masked, whatever they are called. */
const TEXTLESS =
  /^(class|id|style|type|dir|lang|role|width|height|hidden|disabled|checked|selected|open|multiple|readonly|tabindex|colspan|rowspan|span|cols|rows|size|rel|media|href|src|srcset|sizes|poster|as|align|valign|bgcolor|color|border|cell(padding|spacing)|xmlns.*|xlink:href|rr_.*|_cssText|is|slot|part|start|shape|contenteditable|data-(tl-mask|tl-block|tl-ignore))$/;
/** Of pictures that are drawn by attributes, these hold text. */
const DRAWN_TEXT = /^(aria-|data-|title|alt|name|label|desc|content|value|on)/;
/** Text that somebody reads, or a script copied there; elsewhere, long numbers are drawings. */
const SPOKEN = /^(aria-|data-|title$|alt$|placeholder$|label$|summary$|content$|value$)/;
const LINKS = /^(href|action|formaction|ping|cite|longdesc)$/;
const PICTURES = /^(src|srcset|poster|href|xlink:href|background)$/;

/**
 * An attribute as it is told; null where it is left out. Handlers and embedded documents never act, and have no place in
 * a recording. `hide` takes out what the visitor wrote elsewhere.
 */
export function maskAttribute(
  tag: string,
  name: string,
  value: string,
  masking: Masking,
  drawn: boolean,
  hide: (text: string) => string,
): string | null {
  if (/^on|^(srcdoc|nonce|integrity)$/.test(name)) return null;
  if (/^(a|area|form|button|input|blockquote|q|ins|del)$/.test(tag) && LINKS.test(name)) {
    return masking === MARKED || /^\s*(javascript|data|vbscript):/i.test(value) ? '#' : hide(bareUrl(value));
  }
  if (name === 'style') return masking ? styleWithoutText(value) : value;
  if (masking) {
    if (drawn ? DRAWN_TEXT.test(name) : !TEXTLESS.test(name)) return stars(value);
    if (masking === MARKED && PICTURES.test(name)) return pictureWithoutText(value);
  }
  if (name === 'value' && tag.includes('-')) return stars(value);
  return SPOKEN.test(name) ? hide(hideCards(value)) : value;
}

/** Custom properties and strings become text by `content`. */
export const styleWithoutText = (style: string): string =>
  style
    .replace(/url\((?:"[^"]*"|'[^']*'|[^)]*)\)|"[^"]*"|'[^']*'/g, (found) =>
      found.startsWith('url') ? (/data:/.test(found) ? 'none' : found.replace(/\?[^"')]*/, '')) : '""',
    )
    .replace(/--[\w-]+\s*:[^;]*;?/g, '');

/** A drawing within an address may be text; and so may the query of one that makes a picture. */
const pictureWithoutText = (url: string): string => (/^\s*data:/i.test(url) ? '' : url.replace(/\?\S*/g, ''));
