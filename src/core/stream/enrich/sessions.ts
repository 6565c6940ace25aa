import type { StreamEvent } from '../event.ts';

/** A session ends when nothing happened for longer than this. */
export const SESSION_IDLE_MS = 30 * 60_000;
/** No session is longer than this. */
export const SESSION_LONGEST_MS = 24 * 60 * 60_000;
/** Devices whose sessions are remembered, at most. */
const REMEMBERED_DEVICES = 500_000;
/** How far ahead of an event its own client may say that its session began, for clocks that were corrected. */
const AHEAD_MS = 60 * 60_000;

/**
 * Rows for `Sessions.restore`, the oldest activity first: the sessions that were still open when the last event that is
 * stored was received. What came after it waits in the log, however long the stream stood still.
 */
export const RESTORE_SESSIONS_SQL = `
  SELECT
    if(anonymous_id != '', anonymous_id, user_id) AS device,
    toUnixTimestamp64Milli(session_start) AS start,
    toUnixTimestamp64Milli(min(timestamp)) AS first,
    toUnixTimestamp64Milli(max(timestamp)) AS last
  FROM events
  WHERE timestamp >= (SELECT max(received_at) FROM events) - INTERVAL 30 MINUTE AND session_start > toDateTime64(0, 3, 'UTC')
    AND channel IN ('web', 'app') AND device != ''
  GROUP BY device, start
  ORDER BY last
  LIMIT ${REMEMBERED_DEVICES}`;

/** 64-bit numbers come from the events store as text. */
export interface SessionRow {
  device: string;
  start: string | number;
  first: string | number;
  last: string | number;
}

/**
 * Gives each event on the web or in an app the session of its device: the time at which it began. A device is known by
 * its anonymous ID, or the user ID where it has none. An event joins a session if it lies within 30 minutes of what is
 * known of it and the whole stays within 24 hours; late events too, of the current session or of the one before it.
 */
export class Sessions {
  #young: Generation;
  #old: Generation;
  readonly #size: number;

  constructor(devices: number = REMEMBERED_DEVICES) {
    this.#size = Math.max(1, devices >> 1);
    this.#young = new Generation(this.#size);
    this.#old = new Generation(this.#size);
  }

  /** Sets the event's `sessionStart`; 0 where events of its channel belong to no session, or it names no device. */
  assign(event: StreamEvent): void {
    const device = event.anonymousId || event.userId;
    const visits = (event.channel === 'web' || event.channel === 'app') && device !== '';
    event.sessionStart = visits ? this.#join(device, event.timestamp, toldStart(event)) : 0;
  }

  /** Takes up the sessions that were open before a restart. */
  restore(rows: readonly SessionRow[]): void {
    for (const row of rows) {
      const start = Number(row.start);
      const [generation, slot] = this.#place(row.device);
      if (generation.start[slot]! > 0 && generation.start[slot] !== start) generation.keepAsEarlier(slot);
      generation.begin(slot, start, Math.min(start, Number(row.first)), Number(row.last));
    }
  }

  #join(device: string, time: number, told: number): number {
    const [generation, slot] = this.#place(device);
    const { start, first, last } = generation;
    for (const at of [slot, slot + 1]) {
      // A client that numbers its sessions itself decides where one ends.
      if (told > 0 ? start[at] !== told : start[at]! <= 0) continue;
      const from = Math.min(first[at]!, time);
      const to = Math.max(last[at]!, time);
      const near = told > 0 || (time <= last[at]! + SESSION_IDLE_MS && time >= first[at]! - SESSION_IDLE_MS);
      if (!near || to - from > SESSION_LONGEST_MS) continue;
      first[at] = from;
      last[at] = to;
      return start[at]!;
    }
    const began = told > 0 ? told : time;
    if (start[slot]! > 0 && time < last[slot]!) {
      // Older than the current session: it takes the place of the earlier one.
      generation.begin(slot + 1, began, Math.min(began, time), time);
    } else {
      if (start[slot]! > 0) generation.keepAsEarlier(slot);
      generation.begin(slot, began, Math.min(began, time), Math.max(began, time));
    }
    return began;
  }

  #place(device: string): [Generation, number] {
    const known = this.#young.slots.get(device);
    if (known !== undefined) return [this.#young, known];
    if (this.#young.slots.size >= this.#size) {
      const emptied = this.#old;
      emptied.clear();
      this.#old = this.#young;
      this.#young = emptied;
    }
    const slot = this.#young.add(device);
    const before = this.#old.slots.get(device);
    if (before !== undefined) this.#young.copy(slot, this.#old, before);
    return [this.#young, slot];
  }
}

/**
 * Half of the devices that are remembered. Of each two sessions, the current one in an even slot and the one before it
 * in the next; times in plain arrays, since an object for each device would take three times the memory. Whoever is seen
 * moves to the young generation; what is left in the old one is forgotten when the young one is full.
 */
class Generation {
  readonly slots = new Map<string, number>();
  readonly start: Float64Array;
  readonly first: Float64Array;
  readonly last: Float64Array;

  constructor(devices: number) {
    this.start = new Float64Array(devices * 2);
    this.first = new Float64Array(devices * 2);
    this.last = new Float64Array(devices * 2);
  }

  add(device: string): number {
    const slot = this.slots.size * 2;
    this.slots.set(device, slot);
    this.start[slot] = 0;
    this.start[slot + 1] = 0;
    return slot;
  }

  begin(slot: number, start: number, first: number, last: number): void {
    this.start[slot] = start;
    this.first[slot] = first;
    this.last[slot] = last;
  }

  keepAsEarlier(slot: number): void {
    this.begin(slot + 1, this.start[slot]!, this.first[slot]!, this.last[slot]!);
  }

  copy(slot: number, from: Generation, there: number): void {
    this.begin(slot, from.start[there]!, from.first[there]!, from.last[there]!);
    this.begin(slot + 1, from.start[there + 1]!, from.first[there + 1]!, from.last[there + 1]!);
  }

  clear(): void {
    this.slots.clear();
  }
}

/** The start of the session where the client numbers its sessions by it (RudderStack's `context.sessionId`), else 0. */
function toldStart(event: StreamEvent): number {
  const told = event.context.sessionId;
  if (told === undefined) return 0;
  const start = typeof told === 'number' ? told : typeof told === 'string' && /^\d{13}$/.test(told) ? Number(told) : 0;
  const sane =
    Number.isInteger(start) &&
    start >= event.timestamp - SESSION_LONGEST_MS &&
    start <= event.timestamp + AHEAD_MS &&
    start > 0;
  return sane ? start : 0;
}
