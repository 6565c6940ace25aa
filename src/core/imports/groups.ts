import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { hashText } from '../intake/incoming.ts';
import { readSegments, type Segment, SegmentWriter } from './spill.ts';

/** A spill file up to this size is grouped in memory; a larger one is divided again. */
const GROUPED_BYTES = 24 * 1024 * 1024;
/** Files that one is divided into. */
const DIVISION = 16;
const SPILLS_LIMIT = 256;
/** A file that is still too large after so many divisions holds hardly more than one group; too large, it is refused. */
const DEEPEST_DIVISION = 5;
/** Rows of one group that stand together are joined up to this size before they are written. */
const SEGMENT_CHARACTERS = 512 * 1024;

/** Largest group: rows, and characters of them as JSON. */
export const GROUP_ROWS = 20_000;
export const GROUP_CHARACTERS = 8 * 1024 * 1024;

const MANIFEST = 'groups.json';
interface Manifest<Facts> {
  runs: { name: string; bytes: number }[];
  facts: Facts;
}

/**
 * Brings together the rows that have the same key, wherever in a file they stand, in constant memory: the rows are
 * divided by a hash of their key into files small enough to group each in memory, and the groups of all files are then
 * merged by the line on which each began. So groups come out in the order of the file.
 */
export class Grouping {
  readonly #dir: string;
  readonly #spills: SegmentWriter[] = [];
  #open: { first: number; count: number; key: string; rows: string[]; characters: number } | undefined;

  /** `expectedBytes`: about how much there will be, unpacked. `dir` belongs to this grouping and is emptied. */
  constructor(dir: string, expectedBytes: number) {
    this.#dir = dir;
    rmSync(dir, { recursive: true, force: true });
    mkdirSync(dir, { recursive: true });
    const count = Math.min(SPILLS_LIMIT, Math.max(1, Math.ceil((expectedBytes * 1.5) / GROUPED_BYTES)));
    for (let index = 0; index < count; index++) this.#spills.push(new SegmentWriter(join(dir, `spill-${index}`)));
  }

  /** Adds a row, given as JSON without line feeds and tabs between its tokens. */
  add(line: number, key: string, json: string): void {
    const open = this.#open;
    if (open && open.key === key && open.characters < SEGMENT_CHARACTERS) {
      open.rows.push(json);
      open.count++;
      open.characters += json.length;
      return;
    }
    this.#close();
    this.#open = { first: line, count: 1, key, rows: [json], characters: json.length };
  }

  /**
   * Groups what was added, a step at a time; done when the generator is. `facts` are kept beside it for whoever goes on
   * with it later.
   */
  *finish(facts: object): Generator<void> {
    this.#close();
    const runs: string[] = [];
    for (const spill of this.#spills) spill.close();
    for (const spill of this.#spills) yield* groupSpill(spill.path, spill.bytes, 1, runs);
    const manifest: Manifest<object> = {
      runs: runs.map((path) => ({ name: basename(path), bytes: statSync(path).size })),
      facts,
    };
    writeFileSync(join(this.#dir, `${MANIFEST}.new`), JSON.stringify(manifest), { flush: true });
    renameSync(join(this.#dir, `${MANIFEST}.new`), join(this.#dir, MANIFEST));
  }

  #close(): void {
    if (!this.#open) return;
    const { first, count, key, rows } = this.#open;
    this.#spills[hashText(key) % this.#spills.length]!.write({ first, count, key, rows: rows.join(',') });
    this.#open = undefined;
  }
}

/** What an earlier grouping left whole in a folder, or null. */
export function finishedGrouping<Facts>(dir: string): { facts: Facts; groups: () => Generator<Segment> } | null {
  if (!existsSync(join(dir, MANIFEST))) return null;
  const { runs, facts } = JSON.parse(readFileSync(join(dir, MANIFEST), 'utf8')) as Manifest<Facts>;
  const paths = runs.map(({ name }) => join(dir, name));
  if (!runs.every(({ bytes }, index) => existsSync(paths[index]!) && statSync(paths[index]!).size === bytes))
    return null;
  return { facts, groups: () => merged(paths) };
}

function* groupSpill(path: string, bytes: number, depth: number, runs: string[]): Generator<void> {
  yield;
  if (bytes > GROUPED_BYTES && depth < DEEPEST_DIVISION) {
    const parts = Array.from({ length: DIVISION }, (_, index) => new SegmentWriter(`${path}.${index}`));
    for (const segment of readSegments(path)) parts[hashText(`${depth}:${segment.key}`) % DIVISION]!.write(segment);
    rmSync(path);
    for (const part of parts) part.close();
    for (const part of parts) yield* groupSpill(part.path, part.bytes, depth + 1, runs);
    return;
  }
  const groups = new Map<string, Segment & { parts: string[]; characters: number }>();
  for (const segment of readSegments(path)) {
    let group = groups.get(segment.key);
    if (!group) {
      group = { ...segment, count: 0, parts: [], characters: 0 };
      groups.set(segment.key, group);
    }
    group.count += segment.count;
    group.characters += segment.rows.length;
    if (group.count > GROUP_ROWS || group.characters > GROUP_CHARACTERS) group.parts = [];
    else group.parts.push(segment.rows);
  }
  rmSync(path);
  if (groups.size === 0) return;
  const run = new SegmentWriter(`${path}.run`);
  // A Map keeps the order in which keys came, so a run is sorted by the line on which each group began.
  for (const { first, count, key, parts } of groups.values()) run.write({ first, count, key, rows: parts.join(',') });
  run.close();
  runs.push(run.path);
}

/** Merges runs that are each sorted by `first`. */
function* merged(paths: readonly string[]): Generator<Segment> {
  const heap = new Heap();
  for (const path of paths) heap.add(readSegments(path));
  for (let next = heap.take(); next; next = heap.take()) yield next;
}

/** A binary heap of readers, the one with the lowest next line on top. */
class Heap {
  readonly #entries: { next: Segment; reader: Generator<Segment> }[] = [];

  add(reader: Generator<Segment>): void {
    const { value, done } = reader.next();
    if (done) return;
    const entries = this.#entries;
    entries.push({ next: value, reader });
    for (let at = entries.length - 1; at > 0; ) {
      const above = (at - 1) >> 1;
      if (entries[above]!.next.first <= entries[at]!.next.first) break;
      this.#swap(at, above);
      at = above;
    }
  }

  take(): Segment | undefined {
    const [top] = this.#entries;
    if (!top) return undefined;
    const segment = top.next;
    const { value, done } = top.reader.next();
    if (done) {
      const last = this.#entries.pop()!;
      if (this.#entries.length > 0) this.#entries[0] = last;
    } else top.next = value;
    this.#sink();
    return segment;
  }

  #sink(): void {
    const entries = this.#entries;
    for (let at = 0; ; ) {
      let least = at;
      for (const below of [2 * at + 1, 2 * at + 2]) {
        if (below < entries.length && entries[below]!.next.first < entries[least]!.next.first) least = below;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(a: number, b: number): void {
    const entries = this.#entries;
    const kept = entries[a]!;
    entries[a] = entries[b]!;
    entries[b] = kept;
  }
}
