import type { Events } from '../../kernel/events.ts';

/** Bits a key takes in the filter, and probes for it: about one false hit in 50,000. */
const BITS_PER_KEY = 24;
const PROBES = 10;
const FIRST_SEGMENT_KEYS = 1 << 20;
const LOAD_CHUNK = 500_000;

interface Segment {
  bits: Uint32Array;
  mask: number;
  capacity: number;
  count: number;
}

/**
 * Knows which event IDs were seen, over all time: a growing Bloom filter in memory answers "certainly new", and what it
 * does not answer is asked of the events store. 3 bytes an event.
 */
export class Seen {
  readonly #segments: Segment[] = [];
  readonly #events: Events;
  /** IDs given out as new whose events are not in the store yet. */
  readonly #underway = new Set<string>();

  constructor(events: Events) {
    this.#events = events;
    this.#grow();
  }

  /** Fills the filter from the store. Call once before the first `fresh`. */
  async load(): Promise<void> {
    const [total] = await this.#events.query<{ rows: string }>('SELECT count() AS rows FROM events');
    const chunks = Math.ceil(Number(total?.rows ?? 0) / LOAD_CHUNK);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const [row] = await this.#events.query<{ ids: string }>(
        `SELECT arrayStringConcat(groupArray(hex(reinterpretAsFixedString(event_id)))) AS ids
         FROM events WHERE origin_id % {chunks:UInt32} = {chunk:UInt32}`,
        { chunks, chunk },
      );
      this.#addRaw(Buffer.from(row?.ids ?? '', 'hex'));
    }
  }

  #addRaw(bytes: Buffer): void {
    for (let at = 0; at + 16 <= bytes.length; at += 16) {
      // The engine keeps a UUID as two little-endian halves, the first half first.
      const a = bytes.readUInt32LE(at + 4);
      const b = bytes.readUInt32LE(at);
      const c = bytes.readUInt32LE(at + 12);
      const d = bytes.readUInt32LE(at + 8);
      this.#add(mix(a ^ Math.imul(c, 0x9e3779b1)), mix(d ^ Math.imul(b, 0x85ebca6b)));
    }
  }

  /**
   * Tells, for each of the IDs in order, whether it is new: never seen before, and not earlier in this list. The new ones
   * count as seen from now on; `stored` must be called with them once their events are in the store.
   */
  async fresh(ids: readonly string[]): Promise<boolean[]> {
    const isFresh = new Array<boolean>(ids.length).fill(true);
    const doubtful = new Map<string, number>();
    const claimed: string[] = [];
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      const [one, two] = hashes(id);
      if (this.#underway.has(id) || doubtful.has(id)) isFresh[i] = false;
      else if (this.#maybe(one, two)) doubtful.set(id, i);
      else {
        this.#add(one, two);
        this.#underway.add(id);
        claimed.push(id);
      }
    }
    if (doubtful.size > 0) {
      const known = await this.#stored([...doubtful.keys()]).catch((error: unknown) => {
        // Nobody was told that they are new: asked for again, they must be so still.
        this.stored(claimed);
        throw error;
      });
      for (const [id, i] of doubtful) {
        if (known.has(id)) isFresh[i] = false;
        else this.#underway.add(id);
      }
    }
    return isFresh;
  }

  /** The events with these IDs are in the store, or will never be. */
  stored(ids: Iterable<string>): void {
    for (const id of ids) this.#underway.delete(id);
  }

  async #stored(ids: string[]): Promise<Set<string>> {
    const known = new Set<string>();
    for (let at = 0; at < ids.length; at += 5000) {
      const rows = await this.#events.query<{ id: string }>(
        'SELECT DISTINCT toString(event_id) AS id FROM events WHERE event_id IN {ids:Array(UUID)}',
        { ids: ids.slice(at, at + 5000) },
      );
      for (const row of rows) known.add(row.id);
    }
    return known;
  }

  #maybe(one: number, two: number): boolean {
    for (const { bits, mask } of this.#segments) {
      let hit = true;
      let hash = one;
      for (let probe = 0; probe < PROBES; probe++) {
        const bit = hash & mask;
        if ((bits[bit >>> 5]! & (1 << (bit & 31))) === 0) {
          hit = false;
          break;
        }
        hash = (hash + two + probe) | 0;
      }
      if (hit) return true;
    }
    return false;
  }

  #add(one: number, two: number): void {
    let segment = this.#segments[this.#segments.length - 1]!;
    if (segment.count >= segment.capacity) segment = this.#grow();
    segment.count++;
    let hash = one;
    for (let probe = 0; probe < PROBES; probe++) {
      const bit = hash & segment.mask;
      segment.bits[bit >>> 5]! |= 1 << (bit & 31);
      hash = (hash + two + probe) | 0;
    }
  }

  /** Each segment is twice as large as the one before, so that their number stays small. */
  #grow(): Segment {
    const capacity = Math.min(FIRST_SEGMENT_KEYS * 2 ** this.#segments.length, 1 << 26);
    const size = 2 ** Math.ceil(Math.log2(capacity * BITS_PER_KEY));
    const segment = { bits: new Uint32Array(size / 32), mask: size - 1, capacity, count: 0 };
    this.#segments.push(segment);
    return segment;
  }
}

/** Two 32-bit hashes of a UUID in its text form. */
function hashes(id: string): [number, number] {
  const hex = (from: number, to: number) => Number.parseInt(id.slice(from, to), 16) | 0;
  const a = hex(0, 8);
  const b = (hex(9, 13) << 16) | hex(14, 18);
  const c = (hex(19, 23) << 16) | hex(24, 28);
  const d = hex(28, 36);
  return [mix(a ^ Math.imul(c, 0x9e3779b1)), mix(d ^ Math.imul(b, 0x85ebca6b))];
}

function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return hash ^ (hash >>> 16);
}
