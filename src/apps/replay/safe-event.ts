import {
  isId,
  type SafeNode,
  type SafeOptions,
  safeAttribute,
  safeDeclarations,
  safeNode,
  safeStyle,
} from './safe-node.ts';

/** Changes of one kind that one event may bring. */
const CHANGES_LIMIT = 100_000;
/** CSS pixels of a window's side: a larger one would take the player's memory. */
const SIDE_LIMIT = 10_000;
const WORDS_LIMIT = 20_000;

/** rrweb's kinds of events, and of changes. */
export const EVENT = { domReady: 0, loaded: 1, full: 2, change: 3, meta: 4, custom: 5 } as const;
const CHANGE = {
  mutation: 0,
  mouseMove: 1,
  mouse: 2,
  scroll: 3,
  resize: 4,
  input: 5,
  touchMove: 6,
  media: 7,
  rules: 8,
  font: 10,
  drag: 12,
  declaration: 13,
  selection: 14,
  adopted: 15,
} as const;
/** What the recorder tells beside the page itself. */
const TOLD: ReadonlySet<string> = new Set(
  'tl-page tl-asset tl-dropped tl-network tl-console tl-perf tl-signal'.split(' '),
);

export interface SafeEvent {
  type: number;
  timestamp: number;
  data: unknown;
}

type Json = Record<string, unknown>;
const own = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value.slice(0, CHANGES_LIMIT) : []);
const number = (value: unknown, otherwise = 0) =>
  typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
const side = (value: unknown) => Math.min(SIDE_LIMIT, Math.max(1, Math.round(number(value, 1))));
const words = (value: unknown) => (typeof value === 'string' ? value : '');
const place = (value: unknown) => {
  const { x, y, id } = own(value);
  return { x: number(x), y: number(y), id: number(id, -1) };
};

/**
 * Events of a recording as the player may have them. Whatever came from a browser may be forged, so nothing is repeated:
 * each event is written anew with what a picture of the page needs. Nothing in it runs, leads away or asks another
 * server; addresses of pictures, fonts and style sheets are what `options.asset` says of them, or lead nowhere. What is
 * not as rrweb writes it is left out.
 */
export function safeEvents(events: readonly unknown[], options: SafeOptions): SafeEvent[] {
  return events.flatMap((event) => safeEvent(event, options) ?? []);
}

function safeEvent(event: unknown, options: SafeOptions): SafeEvent | null {
  const { type, timestamp, data } = own(event);
  if (typeof timestamp !== 'number' || !Number.isFinite(timestamp)) return null;
  const as = (told: unknown) => (told === null ? null : { type: type as number, timestamp, data: told });
  switch (type) {
    case EVENT.domReady:
    case EVENT.loaded:
      return as({});
    case EVENT.meta: {
      const { href, width, height } = own(data);
      return as({ href: words(href).slice(0, 2000), width: side(width), height: side(height) });
    }
    case EVENT.full:
      return as(fullSnapshot(own(data), options));
    case EVENT.change:
      return as(change(own(data), options));
    case EVENT.custom: {
      const { tag, payload } = own(data);
      return as(typeof tag === 'string' && TOLD.has(tag) ? { tag, payload: flat(own(payload)) } : null);
    }
    default:
      return null;
  }
}

function flat(payload: Json): Json {
  const safe: Json = {};
  for (const [name, value] of Object.entries(payload).slice(0, 20)) {
    if (typeof value === 'string') safe[name] = value.slice(0, WORDS_LIMIT);
    else if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) safe[name] = value;
  }
  return safe;
}

function fullSnapshot(data: Json, options: SafeOptions): Json | null {
  const node = safeNode(data.node, options, true);
  // Without a page there is no frame to draw into.
  if (node?.type !== 0 || !node.childNodes?.some((child) => child.type === 2)) return null;
  const { top, left } = own(data.initialOffset);
  return { node, initialOffset: { top: number(top), left: number(left) } };
}

function change(data: Json, options: SafeOptions): Json | null {
  const { source } = data;
  switch (source) {
    case CHANGE.mutation:
      return { source, ...mutation(data, options), ...(data.isAttachIframe === true ? { isAttachIframe: true } : {}) };
    case CHANGE.mouseMove:
    case CHANGE.touchMove:
    case CHANGE.drag: {
      const positions = list(data.positions).map((one) => ({ ...place(one), timeOffset: number(own(one).timeOffset) }));
      return positions.length === 0 ? null : { source, positions };
    }
    case CHANGE.mouse: {
      const type = number(data.type, -1);
      if (!Number.isInteger(type) || type < 0 || type > 10) return null;
      return {
        source,
        type,
        ...place(data),
        ...(typeof data.pointerType === 'number' ? { pointerType: data.pointerType } : {}),
      };
    }
    case CHANGE.scroll:
      return { source, ...place(data) };
    case CHANGE.resize:
      return { source, width: side(data.width), height: side(data.height) };
    case CHANGE.input:
      return { source, id: number(data.id, -1), text: words(data.text), isChecked: data.isChecked === true };
    case CHANGE.rules:
      return rules(data, options);
    case CHANGE.declaration:
      return declaration(data, options);
    case CHANGE.font:
      return font(data, options);
    case CHANGE.selection: {
      const ranges = list(data.ranges).map((one) => {
        const { start, startOffset, end, endOffset } = own(one);
        return {
          start: number(start, -1),
          startOffset: number(startOffset),
          end: number(end, -1),
          endOffset: number(endOffset),
        };
      });
      return { source, ranges };
    }
    case CHANGE.adopted: {
      const styles = list(data.styles).map((one) => ({
        styleId: number(own(one).styleId),
        rules: ruleList(own(one).rules, options),
      }));
      return { source, id: number(data.id, -1), styleIds: list(data.styleIds).map((id) => number(id)), styles };
    }
    default:
      // Media that are not kept, drawings by script, and what later versions of rrweb may bring.
      return null;
  }
}

function mutation(data: Json, options: SafeOptions) {
  return {
    texts: list(data.texts).flatMap((one) => {
      const { id, value } = own(one);
      // Whose text it is stands in another event; it may be a style sheet's.
      return isId(id) ? [{ id, value: typeof value === 'string' ? safeText(value, options) : null }] : [];
    }),
    attributes: list(data.attributes).flatMap((one) => {
      const { id, attributes } = own(one);
      return isId(id) ? [{ id, attributes: changedAttributes(own(attributes), options) }] : [];
    }),
    removes: list(data.removes).flatMap((one) => {
      const { id, parentId, isShadow } = own(one);
      return isId(id) && isId(parentId) ? [{ id, parentId, ...(isShadow === true ? { isShadow } : {}) }] : [];
    }),
    adds: list(data.adds).flatMap((one) => {
      const { parentId, nextId, previousId, node } = own(one);
      const safe = isId(parentId) ? added(own(node), options) : null;
      if (!safe || safe.id === parentId) return [];
      const beside = { nextId: isId(nextId) ? nextId : null, ...(isId(previousId) ? { previousId } : {}) };
      return [{ parentId, ...beside, node: safe }];
    }),
  };
}

/** A node that a change brings: unlike in a snapshot it stands by itself, so it may be a part of a shadow tree. */
function added(node: Json, options: SafeOptions): SafeNode | null {
  const safe = safeNode(node, options, true);
  if (!safe || (safe.type === 0 && !safe.childNodes?.length)) return null;
  return node.isShadow === true ? { ...safe, isShadow: true } : safe;
}

/** Text that reads as CSS which loads something; any other stays as it is. */
const safeText = (value: string, options: SafeOptions) =>
  /url\s*\(|@import|image-set|\\/i.test(value) ? safeStyle(value, options) : value;

function changedAttributes(attributes: Json, options: SafeOptions): Json {
  const safe: Json = {};
  for (const [name, value] of Object.entries(attributes).slice(0, 500)) {
    const kept =
      name === 'style' && typeof value === 'object' && value !== null
        ? safeDeclarations(value, options)
        : safeAttribute(name, value, options);
    if (kept !== undefined) safe[name] = kept;
  }
  return safe;
}

function ruleList(value: unknown, options: SafeOptions) {
  return list(value).flatMap((one) => {
    const { rule, index } = own(one);
    return typeof rule === 'string' ? [{ rule: safeStyle(rule, options), ...at(index) }] : [];
  });
}

/** Where a rule stands: a number, or the way through nested ones. */
function at(index: unknown): { index?: number | number[] } {
  if (typeof index === 'number') return { index };
  return Array.isArray(index) ? { index: index.slice(0, 20).map((one) => number(one)) } : {};
}

const sheetOf = ({ id, styleId }: Json) => ({
  ...(isId(id) ? { id } : {}),
  ...(isId(styleId) ? { styleId } : {}),
});

function rules(data: Json, options: SafeOptions): Json {
  const text = (name: 'replace' | 'replaceSync') =>
    typeof data[name] === 'string' ? { [name]: safeStyle(data[name], options) } : {};
  return {
    source: CHANGE.rules,
    ...sheetOf(data),
    ...(data.adds ? { adds: ruleList(data.adds, options) } : {}),
    ...(data.removes ? { removes: list(data.removes).map((one) => at(own(one).index)) } : {}),
    ...text('replace'),
    ...text('replaceSync'),
  };
}

function declaration(data: Json, options: SafeOptions): Json {
  const { property, value, priority } = own(data.set);
  const removed = own(data.remove).property;
  return {
    source: CHANGE.declaration,
    ...sheetOf(data),
    ...at(data.index),
    ...(typeof property === 'string'
      ? {
          set: {
            property,
            value: typeof value === 'string' ? safeStyle(value, options) : null,
            priority: priority === 'important' ? 'important' : '',
          },
        }
      : {}),
    ...(typeof removed === 'string' ? { remove: { property: removed } } : {}),
  };
}

/** A font that the page made by script. The player's own window makes it, so its source may be nothing but a file of ours. */
function font(data: Json, options: SafeOptions): Json | null {
  const { family, fontSource, buffer } = data;
  if (typeof family !== 'string' || typeof fontSource !== 'string') return null;
  const safe =
    buffer === true ? (/^\[[\d,\s]*\]$/.test(fontSource) ? fontSource : null) : safeStyle(fontSource, options);
  if (safe === null) return null;
  const descriptors: Json = {};
  for (const [name, value] of Object.entries(own(data.descriptors)).slice(0, 20))
    if (typeof value === 'string' && /^[\w\s%+,.-]{1,200}$/.test(value)) descriptors[name] = value;
  return { source: CHANGE.font, family: family.slice(0, 200), fontSource: safe, buffer: buffer === true, descriptors };
}
