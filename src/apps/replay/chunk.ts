import { refuse } from '../../kernel/refusal.ts';
import {
  CHUNK_ASSETS,
  CHUNK_DEPTH,
  CHUNK_EVENTS,
  ID_LENGTH,
  MARKS,
  RECORDING_MS,
  TITLE_LENGTH,
  URL_LENGTH,
} from './limits.ts';
import { noSignals, SIGNAL_EVENTS, SIGNALS, type Signal, type Signals } from './watch-first.ts';

/** An rrweb event as far as it is looked into here; the rest is kept as it came. */
export interface RecordedEvent {
  type: number;
  timestamp: number;
  data: unknown;
}

/** What a player shows on its timeline, in milliseconds of the browser's clock. */
export interface Marks {
  pages: [ms: number, url: string, title: string][];
  /** What rrweb itself tells of a page: for recordings whose recorder names none. */
  metas: [ms: number, url: string][];
  snapshots: number[];
  clicks: [ms: number, x: number, y: number][];
  errors: [ms: number, text: string][];
  dropped: [ms: number, reason: string, count: number][];
  /** What went wrong for the visitor in this tab; the ids are those of the events that tell of it on the timeline. */
  signals: [ms: number, signal: Signal, id: string][];
}

/** A chunk as the recorder sent it, measured. */
export interface Chunk {
  anonymousId: string;
  userId: string | null;
  /** Milliseconds since 1970 by the browser's clock, as `fromMs` and `toMs`; null where the recorder does not know it. */
  sessionStart: number | null;
  sentAt: number | null;
  url: string;
  title: string;
  viewport: [width: number, height: number];
  masked: 'inputs' | 'text';
  fromMs: number;
  toMs: number;
  events: number;
  inputs: number;
  clicks: number;
  errors: number;
  pages: number;
  snapshots: number;
  dropped: number;
  activeMs: number;
  /** Null where the recorder does not tell. */
  signals: Signals | null;
  /** Files of the page that the recorder named, by their addresses. */
  assets: { url: string; hash: string }[];
  marks: Marks;
}

/** rrweb's numbers: types of events, and sources of those of type INCREMENTAL. */
export const FULL_SNAPSHOT = 2;
export const INCREMENTAL = 3;
export const META = 4;
export const CUSTOM = 5;
const SOURCE = { mutation: 0, mouseMove: 1, mouse: 2, scroll: 3, input: 5, touchMove: 6 } as const;
const CLICK = 2;
/** Who touches nothing for longer is idle. */
export const IDLE_MS = 10_000;
/** 9999-12-31. */
const LAST_MS = 253_402_300_799_999;
const ERROR_LENGTH = 300;
const SIGNAL_ID_LENGTH = 100;
const SIGNAL_OF: ReadonlyMap<unknown, Signal> = new Map(SIGNALS.map((one) => [SIGNAL_EVENTS[one], one]));
const SHA256 = /^[0-9a-f]{64}$/;

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isTime = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= LAST_MS;

/** Text that PostgreSQL can keep. */
const textOf = (value: unknown, most: number): string =>
  typeof value === 'string' ? value.slice(0, most).toWellFormed().replaceAll('\0', '') : '';

/** Reads an unpacked chunk. Refuses with 400 what is not one, and says what is wrong with it. */
export function readChunk(body: Buffer): Chunk {
  checkDepth(body);
  const chunk = parseBody(body);
  if (chunk.v !== 1) throw refuse.invalid('"v" must be 1, the version of chunks that is understood here.');
  const { events } = chunk;
  if (!Array.isArray(events)) throw refuse.invalid('A chunk needs its rrweb events as a list in "events".');
  if (events.length > CHUNK_EVENTS) {
    throw refuse.invalid(`The chunk has ${events.length} events; the limit is ${CHUNK_EVENTS}. Send smaller chunks.`);
  }
  const anonymousId = idOf(chunk.anonymousId, 'anonymousId');
  if (anonymousId === null) throw refuse.invalid('A chunk needs the "anonymousId" of its visitor.');
  const page = isObject(chunk.page) ? chunk.page : {};
  const [width, height] = Array.isArray(page.viewport) ? page.viewport : [];
  const measured = measure(events, chunk);
  return {
    anonymousId,
    userId: idOf(chunk.userId, 'userId'),
    sessionStart: isTime(chunk.sessionStart) ? Math.round(chunk.sessionStart) : null,
    sentAt: isTime(chunk.sentAt) ? Math.round(chunk.sentAt) : null,
    url: textOf(page.url, URL_LENGTH),
    title: textOf(page.title, TITLE_LENGTH),
    viewport: [pixels(width), pixels(height)],
    masked: chunk.masked === 'text' ? 'text' : 'inputs',
    ...measured,
    dropped: measured.dropped + (isObject(chunk.dropped) ? count(chunk.dropped.count) : 0),
  };
}

const pixels = (value: unknown) => (isTime(value) ? Math.min(Math.round(value), 100_000) : 0);
const count = (value: unknown) => (typeof value === 'number' && value > 0 ? Math.min(Math.round(value), 1_000_000) : 1);

/** Refuses an identifier that no event could have either. */
function idOf(value: unknown, name: string): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || value.length > ID_LENGTH || textOf(value, ID_LENGTH) !== value) {
    throw refuse.invalid(`"${name}" must be a text of at most ${ID_LENGTH} characters.`);
  }
  return value;
}

function parseBody(body: Buffer): Json {
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw refuse.invalid(`The chunk is not JSON in UTF-8: ${(error as Error).message.slice(0, 200)}`);
  }
  if (!isObject(parsed)) throw refuse.invalid('A chunk must be a JSON object.');
  return parsed;
}

/** Deeper JSON could be read here and not be written again. */
function checkDepth(body: Buffer): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at];
    if (quoted) {
      if (byte === 0x5c) at++;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) quoted = true;
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > CHUNK_DEPTH) {
        throw refuse.invalid(`The chunk is nested deeper than ${CHUNK_DEPTH} levels, the limit here.`);
      }
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
}

/** Goes over the events once. Refuses what is no rrweb event, and times that no visit could have. */
function measure(events: readonly unknown[], chunk: Json) {
  const marks: Marks = { pages: [], metas: [], snapshots: [], clicks: [], errors: [], dropped: [], signals: [] };
  const counts = { inputs: 0, clicks: 0, errors: 0, pages: 0, snapshots: 0, dropped: 0, activeMs: 0 };
  const signals = chunk.signals === true ? noSignals() : null;
  const assets = new Map<string, string>();
  let fromMs = Number.POSITIVE_INFINITY;
  let toMs = 0;
  let touched = Number.NEGATIVE_INFINITY;
  for (const [at, event] of events.entries()) {
    if (!isObject(event) || !Number.isInteger(event.type) || !isTime(event.timestamp)) {
      throw refuse.invalid(`Event ${at} is not one of rrweb's: it needs a whole number "type" and a "timestamp".`);
    }
    const ms = Math.round(event.timestamp);
    fromMs = Math.min(fromMs, ms);
    toMs = Math.max(toMs, ms);
    const data = isObject(event.data) ? event.data : {};
    if (isTouch(event.type as number, data)) {
      if (ms - touched <= IDLE_MS) counts.activeMs += Math.max(0, ms - touched);
      touched = ms;
    }
    look(event.type as number, ms, data, { marks, counts, assets, signals });
  }
  if (events.length === 0) {
    fromMs = isTime(chunk.start) ? Math.round(chunk.start) : Number.POSITIVE_INFINITY;
    toMs = isTime(chunk.end) ? Math.round(chunk.end) : fromMs;
    if (!Number.isFinite(fromMs)) throw refuse.invalid('A chunk without events needs "start" and "end".');
    toMs = Math.max(fromMs, toMs);
  }
  if (toMs - fromMs > RECORDING_MS) throw refuse.invalid('The events of one chunk are more than a day apart.');
  return {
    ...counts,
    events: events.length,
    fromMs,
    toMs,
    assets: [...assets].map(([url, hash]) => ({ url, hash })),
    signals,
    marks,
  };
}

/** Whether the visitor did something: moved, clicked, scrolled, typed. */
export function isTouch(type: number, data: Json): boolean {
  if (type !== INCREMENTAL) return false;
  const source = data.source as number;
  return (
    source === SOURCE.mouseMove ||
    source === SOURCE.mouse ||
    source === SOURCE.scroll ||
    source === SOURCE.input ||
    source === SOURCE.touchMove
  );
}

/** Also of a tap, after which browsers tell of a click. */
export const isClick = (type: number, data: Json) =>
  type === INCREMENTAL && data.source === SOURCE.mouse && data.type === CLICK;

interface Found {
  marks: Marks;
  counts: { inputs: number; clicks: number; errors: number; pages: number; snapshots: number; dropped: number };
  assets: Map<string, string>;
  signals: Signals | null;
}

function look(type: number, ms: number, data: Json, { marks, counts, assets, signals }: Found): void {
  const mark = <T>(list: T[], value: T) => void (list.length < MARKS && list.push(value));
  if (type === FULL_SNAPSHOT) {
    counts.snapshots++;
    mark(marks.snapshots, ms);
  } else if (isClick(type, data)) {
    counts.clicks++;
    mark(marks.clicks, [ms, Number(data.x) || 0, Number(data.y) || 0]);
  } else if (type === INCREMENTAL && data.source === SOURCE.input) {
    counts.inputs++;
  } else if (type === CUSTOM) {
    const payload = isObject(data.payload) ? data.payload : {};
    if (data.tag === 'tl-page') {
      counts.pages++;
      mark(marks.pages, [ms, textOf(payload.url, URL_LENGTH), textOf(payload.title, TITLE_LENGTH)]);
    } else if (data.tag === 'tl-console' && payload.level === 'error') {
      counts.errors++;
      mark(marks.errors, [ms, textOf(payload.text, ERROR_LENGTH)]);
    } else if (data.tag === 'tl-dropped') {
      counts.dropped += count(payload.count);
      mark(marks.dropped, [ms, textOf(payload.reason, 100), count(payload.count)]);
    } else if (data.tag === 'tl-signal' && signals) {
      const signal = SIGNAL_OF.get(payload.name);
      if (!signal) return;
      signals[signal]++;
      mark(marks.signals, [ms, signal, textOf(payload.id, SIGNAL_ID_LENGTH)]);
    } else if (data.tag === 'tl-asset' && typeof payload.hash === 'string' && SHA256.test(payload.hash)) {
      const url = textOf(payload.url, URL_LENGTH);
      if (assets.size < CHUNK_ASSETS) assets.set(url, payload.hash);
    }
  } else if (type === META) mark(marks.metas, [ms, textOf(data.href, URL_LENGTH)]);
}
