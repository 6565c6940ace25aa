import type { Options, Purposes } from './types.ts';
import { uuid } from './uuid.ts';

/** As in the stream (core/stream/enrich/sessions.ts), which takes a session's start from the event where it is told. */
const IDLE_MS = 30 * 60_000;
const LONGEST_MS = 24 * 60 * 60_000;
const YEAR_SECONDS = 31_536_000;

/** What is kept of a visitor. The names are short because they go into a cookie. */
export interface State {
  /** Anonymous ID. */
  a?: string;
  /** User ID and group ID. */
  u?: string;
  g?: string;
  /** When the session began and when something last happened, in milliseconds since 1970. */
  s?: number;
  l?: number;
  /** Consent. */
  c?: Purposes;
}

let place = 'none';
let state: State = {};
let stored = false;
let objects = false;
/** Nothing may be stored unless consent was given. */
let closed = true;
/** Labels of the host's name that the cookie's domain leaves out; lowered until a browser takes it. */
let level: number;
let labels: string[];

export function openIdentity({ storage, respect = '', consent, writeKey }: Options): void {
  labels = location.hostname.split('.');
  level = labels.length - 1;
  place = writeKey ? storage || 'cookie' : 'none';
  // Browsers say true, '1', or something that is no number.
  objects = respect.split(' ').some((name) => +(navigator as never as Record<string, string>)[name]! === 1);
  closed = objects || !writeKey || !!consent;
}

/** Whether events may be stored and sent: 1 yes, 0 not decided yet, -1 no. */
export const gate = ({ c }: State = state): number =>
  c && c.analytics != null ? (c.analytics ? 1 : -1) : objects ? -1 : closed ? 0 : 1;

function load(): string | null | undefined {
  if (place === 'cookie') {
    const [, value] = /tl_id=([^;]+)/.exec(document.cookie) || [];
    return value && decodeURIComponent(value);
  }
  return place === 'none' ? '' : (localStorage.tl_id as string);
}

/** A cookie goes to the widest domain that takes it, so that a company's subdomains know the visitor as one. */
function save(text: string): void {
  while (place === 'cookie') {
    const domain = labels.slice(level).join('.');
    const secure = location.protocol[4] === 's' ? ';secure' : '';
    // biome-ignore lint/suspicious/noDocumentCookie: older browsers have no Cookie Store, and it would answer late
    document.cookie = `tl_id=${encodeURIComponent(text)};domain=${domain};path=/;max-age=${text ? YEAR_SECONDS : 0};samesite=lax${secure}`;
    if ((load() || '') === text) return;
    // A browser may take no cookies, or no others than from a server.
    if (--level < 0) place = 'localStorage';
  }
  if (place === 'localStorage') localStorage.tl_id = text;
}

/** Reads what other tabs wrote; gives a new ID where there is none. */
export function read(): State {
  try {
    const text = load();
    const found: State = text ? JSON.parse(text) : {};
    // Where it is gone, another tab withdrew the consent, or the visitor deleted it: no ID comes back from memory.
    if (text ? !closed || gate(found) > 0 : stored && place !== 'none') state = found;
  } catch {
    place = 'none';
  }
  if (!state.a) state.a = uuid();
  return state;
}

export function write(change: State): void {
  Object.assign(read(), change);
  const may = gate() > 0;
  if (may || stored || !closed) {
    try {
      // A refusal is remembered without an ID where otherwise the next page would begin again.
      save(may ? JSON.stringify(state) : closed ? '' : JSON.stringify({ c: state.c }));
      stored = may;
    } catch {
      place = 'none';
    }
  }
}

/** Goes on with the session, or begins one. */
export function touch(): State {
  const { s, l } = read();
  const now = Date.now();
  write({ s: !s || now > l! + IDLE_MS || now - s > LONGEST_MS ? now : s, l: now });
  return state;
}
