import type {
  attributeMutation,
  attributes,
  eventWithTime,
  mutationData,
  serializedElementNodeWithId,
  serializedNodeWithId,
} from '@rrweb/types';
import { isWrittenIn, type Marks, maskingOf } from './marks.ts';
import {
  BLOCKED,
  bareUrl,
  hideCards,
  MARKED,
  type Masking,
  maskAttribute,
  maskValue,
  SHOWN,
  stars,
  styleWithoutText,
  TEXT_MASKED,
} from './mask.ts';
import type { Secrets } from './secrets.ts';

/** Pictures and texts within the page that are longer are left out. */
const LONGEST_ATTRIBUTE = 65_536;
const LONGEST_STYLESHEET = 1_048_576;
/** What a node takes besides its texts, in bytes of JSON, about. */
const NODE_BYTES = 60;

const ELEMENT = 2;
const TEXT = 3;
const FIELD = /^(input|textarea|select)$/;
const METAS = /^(viewport|color-scheme|theme-color|referrer)$/i;

export interface Scrubbing {
  marks: Marks;
  nodeOf(id: number): Node | null;
  secrets: Secrets;
  /** Is told each address of a picture, a stylesheet or a font that was seen. */
  asset(url: string): void;
  /** Is told that something was too long. */
  cut(): void;
}

/**
 * Masks an event of the recorder in place, as the last that stands between the page and the network: whatever the
 * recorder itself masks or forgets (text right within a shadow root, what a field held before, documents in blocked
 * frames), it goes through here. Gives about how long the event is as JSON, or 0 for one that is not told at all.
 */
export function openScrubber({ marks, nodeOf, secrets, asset, cut }: Scrubbing): (event: eventWithTime) => number {
  let size = 0;

  const text = (value: string, masking: Masking, parent: string): string => {
    size += value.length;
    if (parent === 'script' || parent === 'noscript') return '';
    if (parent === 'style') return sheet(value);
    if (value.length > LONGEST_ATTRIBUTE) {
      cut();
      return '';
    }
    if (parent === 'textarea') return stars(value);
    if (masking === MARKED) secrets.add(value);
    return masking ? stars(value) : hideCards(value);
  };

  const sheet = (css: string): string => {
    if (css.length > LONGEST_STYLESHEET) {
      cut();
      return '';
    }
    urlsIn(css, asset);
    return css;
  };

  const attributesOf = (given: attributes, element: Element | null, tag: string, masking: Masking, drawn: boolean) => {
    const told = given as Record<string, unknown>;
    for (const name in told) {
      const value = told[name];
      if (typeof value !== 'string') {
        if (name === 'style' && value && masking) maskStyles(value as Record<string, unknown>);
        size += name.length + 12;
        continue;
      }
      size += name.length + value.length + 6;
      if (name === '_cssText') told[name] = sheet(value);
      else if (value.length > LONGEST_ATTRIBUTE) {
        cut();
        told[name] = '';
      } else {
        const masked = isValue(tag, name)
          ? maskValue(value, typeOf(element, told))
          : maskAttribute(tag, name, value, masking, drawn, secrets.hideTyped);
        if (masked === null) delete told[name];
        else {
          told[name] = masked;
          if (name === 'style') urlsIn(masked, asset);
        }
      }
    }
    // Which of a marked list was chosen is an answer, too.
    if (masking === MARKED && told.checked !== undefined) delete told.checked;
    if (tag === 'meta' && !METAS.test(`${told.name}`)) delete told.content;
    if (masking < MARKED) picturesOf(tag, told);
  };

  /** All of which the browser may choose one: what it did not load is not kept. */
  const picturesOf = (tag: string, { src, srcset, href, rel, poster }: Record<string, unknown>) => {
    if (src && /^(img|input)$/.test(tag)) asset(`${src}`);
    if (srcset) for (const one of `${srcset}`.split(/,\s+/)) asset(one.trim().split(/\s/)[0]!);
    if (poster) asset(`${poster}`);
    if (href && (tag === 'image' || (tag === 'link' && /stylesheet/.test(`${rel}`)))) asset(`${href}`);
  };

  const walk = (node: serializedNodeWithId, above: Masking, parent: string): void => {
    size += NODE_BYTES;
    if (node.type === TEXT) node.textContent = text(node.textContent, above, parent);
    else if (node.type === ELEMENT) walkElement(node, above);
    else if ('childNodes' in node) {
      const masking = isWrittenIn(nodeOf(node.id)) ? MARKED : above;
      for (const child of node.childNodes) walk(child, masking, '');
    }
    // A comment.
    else if ('textContent' in node) (node as { textContent: string }).textContent = '';
  };

  const walkElement = (node: serializedElementNodeWithId, above: Masking): void => {
    const element = nodeOf(node.id) as Element | null;
    const tag = node.tagName.toLowerCase();
    if (element?.matches(marks.block)) {
      const { class: name, rr_width, rr_height } = node.attributes;
      // The size is that of its box, whatever its class says.
      node.attributes = { class: name!, style: 'box-sizing:border-box', rr_width: rr_width!, rr_height: rr_height! };
      node.childNodes = [];
      return;
    }
    const masking = above < MARKED && element && element.matches(marks.mark) ? MARKED : above;
    attributesOf(node.attributes, element, tag, masking, !!node.isSVG);
    if (tag === 'noscript') node.childNodes = [];
    for (const child of node.childNodes) walk(child, masking, tag);
  };

  const mutation = (data: mutationData): boolean => {
    size += data.removes.length * NODE_BYTES;
    const known = new Map<number, Masking>();
    const maskingAt = (id: number): Masking => {
      const masking = known.get(id) ?? maskingOf(nodeOf(id), marks);
      known.set(id, masking);
      return masking;
    };
    data.adds = data.adds.filter(({ parentId, node }) => {
      const masking = maskingAt(parentId);
      if (masking === BLOCKED) return false;
      const parent = nodeOf(parentId);
      walk(node, masking, parent ? parent.nodeName.toLowerCase() : '');
      return true;
    });
    data.texts = data.texts.filter((change) => {
      const node = nodeOf(change.id);
      const parent = node?.parentNode;
      const masking = maskingOf(parent ?? null, marks);
      if (masking === BLOCKED) return false;
      size += NODE_BYTES;
      if (change.value) change.value = text(change.value, masking, parent ? parent.nodeName.toLowerCase() : '');
      return true;
    });
    data.attributes = data.attributes.filter(({ id, attributes }: attributeMutation) => {
      const masking = maskingAt(id);
      const element = nodeOf(id) as Element | null;
      if (masking === BLOCKED || !element) return false;
      size += NODE_BYTES;
      attributesOf(attributes as attributes, element, element.localName, masking, isDrawn(element));
      return true;
    });
    return data.adds.length + data.texts.length + data.attributes.length + data.removes.length > 0;
  };

  return (event) => {
    size = NODE_BYTES;
    if (event.type === 4) event.data.href = secrets.hide(bareUrl(event.data.href));
    else if (event.type === 2) walk(event.data.node, marks.maskText ? TEXT_MASKED : SHOWN, '');
    else if (event.type === 3) {
      const { data } = event;
      // The numbers are rrweb's IncrementalSource.
      if (data.source === 0) return mutation(data) ? size : 0;
      if (data.source === 5) {
        const field = nodeOf(data.id) as HTMLInputElement | null;
        const masking = maskingOf(field, marks);
        if (!field || masking === BLOCKED) return 0;
        data.text = maskValue(data.text, field.type);
        if (masking === MARKED) data.isChecked = false;
      }
      if (data.source === 8 || data.source === 15) {
        size += JSON.stringify(data, (_, value) => {
          if (typeof value === 'string') urlsIn(value, asset);
          return value;
        }).length;
      }
    }
    return size;
  };
}

/** Whether an attribute holds what a visitor may have written. */
const isValue = (tag: string, name: string) => name === 'value' && FIELD.test(tag);

const typeOf = (element: Element | null, told: Record<string, unknown>) =>
  ((element && (element as HTMLInputElement).type) || `${told.type || ''}`).toLowerCase();

const isDrawn = (element: Element) => element.namespaceURI === 'http://www.w3.org/2000/svg';

/** Changes of a style as rrweb tells them: a value, a value with its priority, or false. */
function maskStyles(styles: Record<string, unknown>): void {
  for (const name in styles) {
    const value = styles[name];
    if (name.startsWith('--')) delete styles[name];
    else if (typeof value === 'string') styles[name] = styleWithoutText(value);
    else if (Array.isArray(value)) value[0] = styleWithoutText(`${value[0]}`);
  }
}

/** Addresses that a stylesheet names. */
export function urlsIn(css: string, tell: (url: string) => void): void {
  if (!css.includes('url(')) return;
  css.replace(/url\(\s*(?:"([^"]*)"|'([^']*)'|([^)\s]*))\s*\)/g, (all, a, b, c) => {
    tell(a || b || c);
    return all;
  });
}
