import type { Context } from '../../kernel/context.ts';
import { bytesOf } from './bytes.ts';
import { FULL_SNAPSHOT } from './chunk.ts';
import { withoutNumbers } from './columns.ts';

/**
 * What the pages of a site share: elements with their structural attributes, and rules of stylesheets, in the order of a
 * snapshot. Recordings are compressed with it as their dictionary. It never holds text of a page, nor what an attribute
 * says to people; and of the rest only what the recordings of several visitors have in common. So it is nobody's personal
 * data, and outlives the recordings that it was learned from: docs/decisions/0022.
 */
const DICTIONARY_BYTES = 4 * 1024 * 1024;
/** So many visitors must have had a piece in their pages. */
export const VISITORS = 3;

/** As frames are compressed: without numbers. */
const bare = (text: string) => withoutNumbers(Buffer.from(text)).toString();

/** Attributes that say how an element is built, not what it tells. */
const STRUCTURAL = new Set([
  ...['class', 'style', '_cssText', 'rel', 'type', 'media', 'role', 'lang', 'dir', 'charset', 'xmlns', 'viewBox', 'd'],
  ...['fill', 'stroke', 'stroke-width', 'stroke-linecap', 'stroke-linejoin', 'fill-rule', 'clip-rule', 'transform'],
  ...['width', 'height', 'tabindex', 'target', 'loading', 'decoding', 'colspan', 'rowspan', 'preserveAspectRatio'],
]);
/** Longer words in these may be a person's: a piece with one is left out. */
const WORD_LENGTH = 200;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The pieces of a snapshot's JSON, in order. A piece that is `free` has no content of the page's: punctuation, and numbers. */
interface Piece {
  text: string;
  free: boolean;
}

/** What may be learned of a full snapshot event; written as rrweb writes it, so that it is found again. */
function piecesOf(event: unknown): Piece[] {
  const pieces: Piece[] = [];
  if (!isObject(event) || event.type !== FULL_SNAPSHOT || !isObject(event.data)) return pieces;
  const nodes: { node: unknown; inStyle: boolean; close?: string }[] = [{ node: event.data.node, inStyle: false }];
  // Not by recursion: pages nest as deep as they like.
  while (nodes.length > 0) {
    const { node, inStyle, close } = nodes.pop()!;
    if (close !== undefined) pieces.push({ text: bare(close), free: true });
    if (!isObject(node)) continue;
    const isStyle = node.tagName === 'style' || node.tagName === 'link';
    const children = Array.isArray(node.childNodes) ? node.childNodes : null;
    const keys = Object.keys(node);
    const split = keys.indexOf('childNodes');
    const before = split < 0 ? keys : keys.slice(0, split);
    const after = split < 0 ? [] : keys.slice(split + 1);
    pushOpening(pieces, node, before, inStyle, children !== null);
    const end = `${children ? ']' : ''}${after.map((key) => numberOf(node, key)).join('')}}`;
    nodes.push({ node: null, inStyle: false, close: end });
    for (const [at, child] of (children ?? []).toReversed().entries()) {
      const isFirst = at === (children ?? []).length - 1;
      nodes.push({ node: child, inStyle: isStyle, ...(isFirst ? {} : { close: ',' }) });
    }
  }
  return pieces;
}

const numberOf = (node: Json, key: string) =>
  ['number', 'boolean'].includes(typeof node[key]) ? `,${JSON.stringify(key)}:${String(node[key])}` : '';

function pushOpening(pieces: Piece[], node: Json, keys: readonly string[], inStyle: boolean, open: boolean): void {
  let text = '{';
  const comma = () => (text.endsWith('{') ? '' : ',');
  for (const key of keys) {
    const value = node[key];
    const name = JSON.stringify(key);
    if (key === 'attributes' && isObject(value)) {
      text += `${comma()}${name}:{`;
      for (const [attribute, of] of Object.entries(value)) {
        if (!STRUCTURAL.has(attribute) || typeof of !== 'string') continue;
        if (attribute === '_cssText') {
          pieces.push({ text: bare(`${text}${comma()}"_cssText":"`), free: false });
          pushRules(pieces, of);
          text = '"';
        } else if (of.length <= WORD_LENGTH || attribute === 'd' || attribute === 'style') {
          text += `${comma()}${JSON.stringify(attribute)}:${JSON.stringify(of)}`;
        }
      }
      text += '}';
    } else if (key === 'textContent' && typeof value === 'string') {
      const blank = value.trim() === '';
      if (!blank && !inStyle) continue;
      if (blank) text += `${comma()}${name}:${JSON.stringify(value)}`;
      else {
        pieces.push({ text: bare(`${text}${comma()}${name}:"`), free: false });
        pushRules(pieces, value);
        text = '"';
      }
    } else if (typeof value === 'number' || typeof value === 'boolean') {
      text += `${comma()}${name}:${String(value)}`;
    } else if (key === 'tagName' && typeof value === 'string') {
      text += `${comma()}${name}:${JSON.stringify(value)}`;
    }
  }
  pieces.push({ text: bare(open ? `${text}${comma()}"childNodes":[` : text), free: false });
}

/** Stylesheets by their rules, so that one that differs in some is shared in the others. */
function pushRules(pieces: Piece[], css: string): void {
  for (const rule of css.split(/(?<=\})/)) pieces.push({ text: JSON.stringify(rule).slice(1, -1), free: false });
}

/**
 * Learns from full snapshots, each list being those of one visitor; the newest last. Null where too few visitors are there,
 * or they have nothing in common.
 */
export function learn(visitors: readonly (readonly unknown[])[]): Buffer | null {
  if (visitors.length < VISITORS) return null;
  const seenBy = new Map<string, number>();
  const pieces = visitors.map((snapshots) => snapshots.map(piecesOf));
  for (const lists of pieces) {
    const own = new Set(lists.flatMap((list) => list.filter((piece) => !piece.free).map((piece) => piece.text)));
    for (const key of own) seenBy.set(key, (seenBy.get(key) ?? 0) + 1);
  }
  const used = new Set<string>();
  const parts: string[] = [];
  let size = 0;
  // The newest of the pages last, where they are found at the least distance; what was taken once is not taken again.
  for (const list of pieces.flat().toReversed()) {
    let text = '';
    let told = 0;
    for (const piece of list) {
      if (piece.free) {
        text += piece.text;
        continue;
      }
      if ((seenBy.get(piece.text) ?? 0) < VISITORS) continue;
      if (used.has(piece.text) && piece.text.length > 60) continue;
      if (!used.has(piece.text)) told += piece.text.length;
      used.add(piece.text);
      text += piece.text;
    }
    if (told < 200) continue;
    if (size + text.length > DICTIONARY_BYTES) break;
    parts.push(text);
    size += text.length;
  }
  return parts.length === 0 ? null : Buffer.from(parts.toReversed().join('') + EVENT_WORDS);
}

/** How rrweb and our recorder write what happens: the same on every site. It is a part of each dictionary that is kept. */
const EVENT_WORDS = bare(
  [
    '{"type":3,"data":{"source":8,"id":1,"adds":[{"rule":"","index":0}]},"timestamp":1',
    '{"type":3,"data":{"source":13,"id":1,"set":{"property":"","value":"","priority":""},"index":[0]},"timestamp":1',
    '{"type":3,"data":{"source":15,"id":1,"styles":[{"styleId":1,"rules":[{"rule":"","index":0}]}],"styleIds":[1]},"timestamp":1',
    '{"type":3,"data":{"source":14,"ranges":[{"start":1,"startOffset":0,"end":1,"endOffset":0}]},"timestamp":1',
    '{"type":3,"data":{"source":4,"width":1,"height":1},"timestamp":1',
    '{"type":3,"data":{"source":7,"type":0,"id":1,"currentTime":0,"volume":1,"muted":false,"playbackRate":1},"timestamp":1',
    '{"type":5,"data":{"tag":"tl-network","payload":{"method":"GET","url":"https://","status":200,"ms":1,"bytes":1}},"timestamp":1',
    '{"type":5,"data":{"tag":"tl-console","payload":{"level":"error","text":""}},"timestamp":1',
    '{"type":5,"data":{"tag":"tl-perf","payload":{"name":"LCP","ms":1}},"timestamp":1',
    '{"type":5,"data":{"tag":"tl-asset","payload":{"url":"https://","hash":""}},"timestamp":1',
    '{"type":5,"data":{"tag":"tl-page","payload":{"url":"https://","title":""}},"timestamp":1',
    '{"v":1,"sessionStart":1,"anonymousId":"","userId":"","page":{"url":"https://","title":"","viewport":[1,1]},"start":1,"end":1,',
    '"sentAt":1,"masked":"inputs","events":[{"type":4,"data":{"href":"https://","width":1,"height":1},"timestamp":1',
    '},{"type":2,"data":{"node":{"type":0,"childNodes":[{"type":1,"name":"html","publicId":"","systemId":"","id":2},',
    '],"id":1},"initialOffset":{"left":0,"top":0}},"timestamp":1',
    '},{"type":3,"data":{"source":0,"texts":[{"id":1,"value":""}],"attributes":[{"id":1,"attributes":{"style":"","class":""}}],',
    '"removes":[{"parentId":1,"id":1}],"adds":[{"parentId":1,"nextId":null,"node":{"type":2,"tagName":"div","attributes":{"class":"',
    '},"childNodes":[],"id":1}},{"parentId":1,"nextId":null,"node":{"type":3,"textContent":"","id":1}}]},"timestamp":1',
    '},{"type":3,"data":{"source":0,"texts":[],"attributes":[],"removes":[],"adds":[]},"timestamp":1',
    '},{"type":3,"data":{"source":5,"text":"","isChecked":false,"userTriggered":true,"id":1},"timestamp":1',
    '},{"type":3,"data":{"source":3,"id":1,"x":0,"y":1},"timestamp":1',
    '},{"type":3,"data":{"source":2,"type":5,"id":1},"timestamp":1',
    '},{"type":3,"data":{"source":2,"type":1,"id":1,"x":1,"y":1,"pointerType":0},"timestamp":1',
    '},{"type":3,"data":{"source":1,"positions":[{"x":1,"y":1,"id":1,"timeOffset":-450},{"x":1,"y":1,"id":1,"timeOffset":-400},',
    '{"x":1,"y":1,"id":1,"timeOffset":-50},{"x":1,"y":1,"id":1,"timeOffset":0}]},"timestamp":1',
  ].join(''),
);

/** Dictionaries are few, and read again and again. */
const HELD = 4;
const held = new WeakMap<object, Map<number, Promise<Buffer>>>();

/** A dictionary's bytes. Throws where it is not there: recordings that need it cannot be read. */
export function dictionaryBytes(context: Context, id: number): Promise<Buffer> {
  const known = held.get(context.blobs) ?? new Map<number, Promise<Buffer>>();
  held.set(context.blobs, known);
  const bytes = known.get(id) ?? bytesOf(context, blobOfDictionary(id));
  known.delete(id);
  known.set(id, bytes);
  bytes.catch(() => known.delete(id));
  if (known.size > HELD) known.delete(known.keys().next().value!);
  return bytes;
}

export const blobOfDictionary = (id: number) => `recordings/dictionaries/${id}`;

/** Keeps what was learned of a source; returns its id. */
export async function keepDictionary(
  context: Context,
  sourceId: number,
  bytes: Buffer,
  visitors: number,
): Promise<number> {
  const { rows } = await context.records.pool.query<{ id: number }>(
    "INSERT INTO replay_dictionaries (source_id, blob, bytes, visitors) VALUES ($1, '', $2, $3) RETURNING id",
    [sourceId, bytes.byteLength, visitors],
  );
  const { id } = rows[0]!;
  await context.blobs.put(blobOfDictionary(id), bytes);
  // Only now it is used: see `currentDictionary`.
  await context.records.pool.query('UPDATE replay_dictionaries SET blob = $2 WHERE id = $1', [
    id,
    blobOfDictionary(id),
  ]);
  return id;
}

export async function currentDictionary(
  { records }: Pick<Context, 'records'>,
  sourceId: number,
): Promise<{ id: number; createdAt: Date } | null> {
  const { rows } = await records.pool.query<{ id: number; createdAt: Date }>(
    `SELECT id, created_at AS "createdAt" FROM replay_dictionaries WHERE source_id = $1 AND blob <> ''
     ORDER BY id DESC LIMIT 1`,
    [sourceId],
  );
  return rows[0] ?? null;
}
