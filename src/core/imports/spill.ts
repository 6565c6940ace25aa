import { closeSync, openSync, readSync, writeSync } from 'node:fs';

const CHUNK_BYTES = 64 * 1024;
const LINE_FEED = 10;

/** Rows of one group that stand together: a line of a spill file. */
export interface Segment {
  /** Number of the line on which the first row stands. */
  first: number;
  count: number;
  key: string;
  /** The rows as JSON, separated by commas; empty where the group was too large to keep. */
  rows: string;
}

/** Writes segments to a file, a line each, through a buffer. Synchronous: it runs in a thread of its own. */
export class SegmentWriter {
  readonly path: string;
  bytes = 0;
  #descriptor: number;
  #parts: string[] = [];
  #pending = 0;

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, 'w');
  }

  write({ first, count, key, rows }: Segment): void {
    const line = `${first}\t${count}\t${JSON.stringify(key)}\t${rows}\n`;
    this.#parts.push(line);
    this.#pending += line.length;
    if (this.#pending >= CHUNK_BYTES) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #flush(): void {
    const bytes = Buffer.from(this.#parts.join(''));
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
    this.bytes += bytes.length;
    this.#parts = [];
    this.#pending = 0;
  }
}

/** The segments of a file, in its order, with the memory of one chunk and one segment. */
export function* readSegments(path: string): Generator<Segment> {
  const descriptor = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest: Buffer[] = [];
    for (let size = readSync(descriptor, chunk); size > 0; size = readSync(descriptor, chunk)) {
      let from = 0;
      for (let end = chunk.indexOf(LINE_FEED); end >= 0 && end < size; end = chunk.indexOf(LINE_FEED, from)) {
        const piece = chunk.subarray(from, end);
        yield parseSegment(rest.length === 0 ? piece.toString() : Buffer.concat([...rest, piece]).toString());
        rest = [];
        from = end + 1;
      }
      if (from < size) rest.push(Buffer.from(chunk.subarray(from, size)));
    }
  } finally {
    closeSync(descriptor);
  }
}

function parseSegment(line: string): Segment {
  const first = line.indexOf('\t');
  const second = line.indexOf('\t', first + 1);
  // JSON text has no tab of its own, so the third one ends the key.
  const third = line.indexOf('\t', second + 1);
  return {
    first: Number(line.slice(0, first)),
    count: Number(line.slice(first + 1, second)),
    key: JSON.parse(line.slice(second + 1, third)) as string,
    rows: line.slice(third + 1),
  };
}
