type Value = string | number | boolean | null | undefined | ((event: never) => void);
export type Child = Node | string | null | undefined | false;

const SVG = 'http://www.w3.org/2000/svg';

/** An element of a class, or with attributes: functions become listeners, `true` an empty attribute, nothing where a value is missing; texts stay texts. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: string | Record<string, Value> = '',
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (typeof attributes !== 'string') fill(made, attributes);
  else if (attributes) made.className = attributes;
  made.append(...children.filter(isShown));
  return made;
}

const isShown = (child: Child): child is Node | string => !!child;

function fill(made: Element, attributes: Record<string, Value>): void {
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    if (typeof value === 'function') made.addEventListener(name, value as EventListener);
    else if (value === true) made.setAttribute(name, '');
    else if (value != null && value !== false) made.setAttribute(name, String(value));
  }
}

/** A drawing of 24 by 24 of paths, for the eye only. */
export function icon(...paths: string[]): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  fill(svg, { viewBox: '0 0 24 24', 'aria-hidden': 'true' });
  for (const d of paths) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', d);
    svg.append(path);
  }
  return svg;
}

/** A picture that says nothing beside its text; gone where the site's policy, or the network, does not let it come. */
export function image(src: string, kind = ''): HTMLElement {
  const made = el('img', { src, class: kind, alt: '', error: () => made.remove() });
  return made;
}

/** Paths of icons that several draw. */
export const CROSS = 'M6 6l12 12M18 6L6 18';
export const CHECK = 'M5 12.5l4.5 4.5L19 7.5';

let ids = 0;
/** A new id for names and descriptions. */
export const newId = () => `tl-${++ids}`;
