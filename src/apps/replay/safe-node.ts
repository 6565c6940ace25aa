import { NOWHERE, safeCss } from './safe-css.ts';

/** Elements below one another; parsers of HTML stop at 512 themselves. */
export const DEPTH_LIMIT = 500;
/** Nodes that one snapshot or mutation may bring. */
const NODES_LIMIT = 300_000;
const ATTRIBUTES_LIMIT = 500;

/** rrweb's kinds of nodes. */
const DOCUMENT = 0;
const DOCTYPE = 1;
const ELEMENT = 2;
const TEXT = 3;
const CDATA = 4;
const COMMENT = 5;

type Json = Record<string, unknown>;
export interface SafeNode {
  id: number;
  type: number;
  isShadow?: boolean;
  childNodes?: SafeNode[];
  attributes?: Json;
  [key: string]: unknown;
}

/** What addresses of a recording's pictures, fonts and style sheets become; null for what was not kept. */
export interface SafeOptions {
  asset: (url: string) => string | null;
}

/** Elements that act, or whose content browsers read otherwise: shown as an element that shows nothing. */
const NEVER_SHOWN: ReadonlySet<string> = new Set(['script', 'noembed', 'noframes', 'plaintext', 'xmp', 'template']);
const SHADOW_HOSTS: ReadonlySet<string> = new Set(
  'article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span'.split(' '),
);
const RESERVED_NAMES: ReadonlySet<string> = new Set(
  'annotation-xml color-profile font-face font-face-src font-face-uri font-face-format font-face-name missing-glyph'.split(
    ' ',
  ),
);
/** Of these the name is a property of the document, in front of its own. */
const CLOBBERING: ReadonlySet<string> = new Set(['embed', 'form', 'iframe', 'img', 'object', 'frame']);

/** Attributes that lead somewhere, load something or run something, and say nothing of how a page looked. */
const LEFT_OUT: ReadonlySet<string> = new Set(
  `action allow allowfullscreen archive attributionsrc autofocus autoplay classid code codebase content credentialless crossorigin
  csp data download fetchpriority formaction formenctype formmethod formtarget http-equiv imagesizes imagesrcset integrity is itemid
  itemtype loading longdesc manifest nonce ping popover popovertarget commandfor command profile referrerpolicy sandbox shadowrootmode shadowrootdelegatesfocus
  srcdoc srclang target xml:base xlink:base xlink:actuate xlink:show cite blocking elementtiming`
    .trim()
    .split(/\s+/),
);
/** Attributes that hold one address. */
const ADDRESSES: ReadonlySet<string> = new Set([
  'background',
  'dynsrc',
  'href',
  'lowsrc',
  'poster',
  'src',
  'xlink:href',
  'icon',
]);
/** These hold other pages, whatever their address. */
const NEVER_FETCHED: ReadonlySet<string> = new Set([
  'base',
  'embed',
  'frame',
  'iframe',
  'object',
  'portal',
  'fencedframe',
]);
/** These look otherwise with an address, though it leads nowhere. */
const DRAWN_WITHOUT: ReadonlySet<string> = new Set(['a', 'area', 'image', 'img', 'input']);
/** What animations of SVG may change: how something looks, not where it leads. */
const ANIMATED_ADDRESS = /href|^on|src|^style$|:/i;
/** The rest of links: only style sheets are drawn. */
const DRAWN_LINK = /(^|\s)stylesheet(\s|$)/i;
const IMAGE = /^data:(image|font|application\/(x-)?font)[\w./+-]*[;,]/i;
const BITMAP = /^data:image\/(png|jpe?g|webp|gif|avif|bmp);base64,[\w+/=\s]*$/i;

const own = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
export const isId = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isPlain = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));

/** An address as it may be asked for: one that was kept with the recording, a picture in itself, a place in the page. */
export function safeAddress(url: string, { asset }: SafeOptions): string {
  const address = url.trim();
  if (address.startsWith('#') || address === '') return address;
  if (IMAGE.test(address)) return address;
  const [before, fragment] = address.split('#', 2) as [string, string?];
  const kept = asset(address) ?? asset(before);
  if (!kept) return NOWHERE;
  return fragment && !kept.includes('#') ? `${kept}#${encodeURIComponent(fragment)}` : kept;
}

export const safeStyle = (css: string, options: SafeOptions) => safeCss(css, (url) => safeAddress(url, options));

/** Where rrweb cuts a sheet into the texts of its element, which browsers read as one again. */
const CUT = '/* rr_split */';
function safePieces(css: string, options: SafeOptions): string {
  const whole = css.replaceAll(CUT, '');
  const safe = safeStyle(whole, options);
  return safe === whole ? css : safe.replaceAll(CUT, '/**/');
}

function safeSet(value: string, options: SafeOptions): string {
  const candidates = value.match(/\s*(data:[^\s]+|[^\s,][^\s]*)(\s+[^,]*)?,?/g) ?? [];
  return candidates
    .slice(0, 50)
    .map((candidate) => {
      const [, url = '', size = ''] = /^\s*(\S+)\s*([\d.]*[wxh]?)/.exec(candidate) ?? [];
      const address = safeAddress(url.replace(/,$/, ''), options);
      return address === NOWHERE ? '' : `${address} ${/^[\d.]+[wxh]$/.test(size) ? size : ''}`.trim();
    })
    .filter(Boolean)
    .join(', ');
}

/** Attributes that hold words, which stay as they are. */
const WORDS = /^(data-|aria-|alt$|class$|id$|label$|placeholder$|title$|value$)/;

/** What rrweb adds to an element by itself, each with the one form that it has. */
const ADDED: Readonly<Record<string, (value: unknown) => boolean>> = {
  rr_dataURL: (value) => typeof value === 'string' && BITMAP.test(value),
  rr_width: (value) => typeof value === 'string' && /^[\d.]{1,10}px$/.test(value),
  rr_height: (value) => typeof value === 'string' && /^[\d.]{1,10}px$/.test(value),
  rr_scrollLeft: (value) => typeof value === 'number' && Number.isFinite(value),
  rr_scrollTop: (value) => typeof value === 'number' && Number.isFinite(value),
  rr_open_mode: (value) => value === 'modal' || value === 'non-modal',
};

/**
 * One attribute as it may be set; undefined for one that is left out. `tag` is unknown in changes, so no rule leans on it
 * alone.
 */
export function safeAttribute(name: string, value: unknown, options: SafeOptions, tag?: string): unknown {
  if (value === null) return null;
  const low = name.toLowerCase();
  if (low.startsWith('rr_')) return ADDED[name]?.(value) ? value : undefined;
  if (!isPlain(value) || !/^[^\s"'<>/=\0]{1,200}$/.test(name)) return undefined;
  if (low.startsWith('on') || LEFT_OUT.has(low)) return undefined;
  if (low === '_csstext') return typeof value === 'string' ? safePieces(value, options) : undefined;
  if (low === 'style') return typeof value === 'string' ? safeStyle(value, options) : undefined;
  if (low === 'name' && (tag === undefined || CLOBBERING.has(tag))) return undefined;
  if (low === 'attributename' && ANIMATED_ADDRESS.test(String(value))) return undefined;
  if (low === 'rel' && !DRAWN_LINK.test(String(value))) return undefined;
  if (ADDRESSES.has(low)) {
    const address = tag && NEVER_FETCHED.has(tag) ? NOWHERE : safeAddress(String(value), options);
    return address === NOWHERE && tag && !DRAWN_WITHOUT.has(tag) ? undefined : address;
  }
  if (low === 'srcset') return safeSet(String(value), options);
  // Of SVG, attributes are CSS too: `fill="url(…)"`.
  if (typeof value === 'string' && value.includes('(') && !WORDS.test(low)) return safeStyle(value, options);
  return value;
}

function safeAttributes(attributes: Json, tag: string, options: SafeOptions): Json {
  const safe: Json = {};
  let link = true;
  for (const [name, value] of Object.entries(attributes).slice(0, ATTRIBUTES_LIMIT)) {
    const kept = safeAttribute(name, value, options, tag);
    if (kept !== undefined && kept !== null) safe[name] = kept;
  }
  if (tag === 'link' && typeof safe._cssText !== 'string') {
    link = typeof safe.rel === 'string' && typeof safe.href === 'string' && safe.href.startsWith('/');
    if (!link) delete safe.href;
  }
  return safe;
}

/** Whether a change may bring an attribute: an object of declarations, as rrweb tells changes of `style`. */
export function safeDeclarations(value: unknown, options: SafeOptions): Json {
  const safe: Json = {};
  for (const [property, declared] of Object.entries(own(value)).slice(0, ATTRIBUTES_LIMIT)) {
    if (!/^-{0,2}[\w-]{1,200}$/.test(property)) continue;
    if (declared === false) safe[property] = false;
    else if (typeof declared === 'string') safe[property] = safeStyle(declared, options);
    else if (Array.isArray(declared) && typeof declared[0] === 'string')
      safe[property] = [safeStyle(declared[0], options), declared[1] === 'important' ? 'important' : ''];
  }
  return safe;
}

interface Walk {
  options: SafeOptions;
  ids: Set<number>;
}

/** A node with all below it as it may be built; null for one that may not. `root`: it may be a document. */
export function safeNode(value: unknown, options: SafeOptions, root = false): SafeNode | null {
  return walk(own(value), { options, ids: new Set() }, 0, root ? 'root' : '');
}

function walk(node: Json, state: Walk, depth: number, parent: string): SafeNode | null {
  const { id, type } = node;
  if (!isId(id) || state.ids.has(id) || depth > DEPTH_LIMIT || state.ids.size >= NODES_LIMIT) return null;
  const shadow = node.isShadow === true && parent === 'host';
  const base = { id, ...(isId(node.rootId) ? { rootId: node.rootId } : {}), ...(shadow ? { isShadow: true } : {}) };
  switch (type) {
    case DOCUMENT: {
      if (parent !== 'root') return null;
      state.ids.add(id);
      const compatMode = node.compatMode === 'BackCompat' ? { compatMode: 'BackCompat' } : {};
      return { ...base, type, ...compatMode, childNodes: documentChildren(node, state) };
    }
    case DOCTYPE:
      if (parent !== 'document' && parent !== 'root') return null;
      state.ids.add(id);
      return { ...base, type, name: 'html', publicId: short(node.publicId), systemId: short(node.systemId) };
    case ELEMENT:
      state.ids.add(id);
      return { ...element(node, state, depth), ...base, type };
    case TEXT: {
      state.ids.add(id);
      const css = parent === 'style' || node.isStyle === true || parent === 'root';
      const words = typeof node.textContent === 'string' ? node.textContent : '';
      const textContent = css ? safeStyle(words, state.options) : words;
      return { ...base, type, textContent, ...(node.isStyle === true ? { isStyle: true } : {}) };
    }
    case CDATA:
    case COMMENT:
      state.ids.add(id);
      return { ...base, type: COMMENT, textContent: '' };
    default:
      return null;
  }
}

/** At most one doctype and one element, and comments: more a document does not take. */
function documentChildren(node: Json, state: Walk): SafeNode[] {
  const seen = new Set<unknown>();
  return list(node.childNodes).flatMap((child) => {
    const of = own(child);
    if (of.type === TEXT || of.type === CDATA || of.type === DOCUMENT) return [];
    if (of.type !== COMMENT && seen.has(of.type)) return [];
    if (of.type === ELEMENT && String(of.tagName).toLowerCase() !== 'html') return [];
    seen.add(of.type);
    return walk(of, state, 1, 'document') ?? [];
  });
}

function element(node: Json, state: Walk, depth: number): Omit<SafeNode, 'id' | 'type'> {
  const svg = node.isSVG === true;
  const tagName = safeTag(node.tagName, svg);
  const tag = tagName.toLowerCase();
  const attributes = safeAttributes(own(node.attributes), tag, state.options);
  const custom =
    node.isCustom === true && /^[a-z][\w.]*-[\w.-]*$/.test(tagName) && tagName === tag && !RESERVED_NAMES.has(tag);
  const host =
    node.isShadowHost === true && !svg && (SHADOW_HOSTS.has(tag) || (tag.includes('-') && !RESERVED_NAMES.has(tag)));
  const parent = host ? 'host' : tag === 'style' ? 'style' : tag;
  const below =
    tag === 'template'
      ? []
      : tag === 'style'
        ? inOnePiece(list(node.childNodes), state.options)
        : list(node.childNodes);
  return {
    tagName,
    attributes,
    childNodes: below.flatMap((child) => walk(own(child), state, depth + 1, parent) ?? []),
    ...(svg ? { isSVG: true } : {}),
    ...(custom ? { isCustom: true } : {}),
    ...(host ? { isShadowHost: true } : {}),
    ...(node.needBlock === true ? { needBlock: true } : {}),
  };
}

/** Browsers read the texts of a style sheet as one: what leads away could stand half in one and half in the next. */
function inOnePiece(children: readonly unknown[], options: SafeOptions): unknown[] {
  const isText = (child: unknown) => own(child).type === TEXT && isId(own(child).id);
  const texts = children.filter(isText).map(own);
  if (texts.length < 2) return [...children];
  const whole = texts.map(({ textContent }) => (typeof textContent === 'string' ? textContent : '')).join('');
  if (safeStyle(whole, options) === whole) return [...children];
  return children.map((child) =>
    isText(child) ? { ...own(child), textContent: child === texts[0] ? whole : '' } : child,
  );
}

function safeTag(name: unknown, svg: boolean): string {
  if (typeof name !== 'string' || !/^[a-z][\w.-]{0,99}$/i.test(name)) return svg ? 'g' : 'span';
  const low = name.toLowerCase();
  // The player looks names up in an object, which has these itself.
  if (name in Object.prototype || low in Object.prototype) return svg ? 'g' : 'span';
  if (svg) return low === 'script' || low === 'handler' || low === 'listener' ? 'g' : name;
  return NEVER_SHOWN.has(low) ? 'template' : low;
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const short = (value: unknown) => (typeof value === 'string' ? value.slice(0, 200) : '');
