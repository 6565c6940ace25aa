/**
 * JSON taken apart before it is compressed: the text without its whole numbers, and the numbers by the name that they stand
 * under, each as its difference from the one before. Times, places and ids differ in every event and little from one to the
 * next, and without them most events are the same text. Whatever bytes go in come out again: `putTogether` undoes it,
 * and whoever packs compares.
 */

/** Stands for a number that was taken out. It is no character that JSON may have as it is. */
const HOLE = 1;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const MINUS = 0x2d;
/** Names beyond these share a column. */
const NAMES = 200;
const NAME_LENGTH = 40;

/** Bytes without the numbers; for dictionaries, in which only the text is looked for. */
export function withoutNumbers(raw: Buffer): Buffer {
  const bare = Buffer.allocUnsafe(raw.byteLength);
  return bare.subarray(
    0,
    strip(
      raw,
      bare,
      () => {},
      () => {},
    ),
  );
}

/** Takes bytes of JSON apart. Null where they hold what cannot be told from what is put there. */
export function takeApart(raw: Buffer): Buffer | null {
  if (raw.includes(HOLE)) return null;
  const columns = new Map<string, Column>();
  let column = columnOf(columns, '');
  const bare = Buffer.allocUnsafe(raw.byteLength);
  const size = strip(
    raw,
    bare,
    (name) => {
      column = columnOf(columns, name);
    },
    (value) => column.push(value),
  );
  const parts = [...columns].map(([name, { bytes }]) => ({ name, bytes: Buffer.from(bytes) }));
  const head = Buffer.from(JSON.stringify(parts.map(({ name, bytes }) => [name, bytes.byteLength])));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.byteLength);
  return Buffer.concat([length, head, ...parts.map((part) => part.bytes), bare.subarray(0, size)]);
}

/** Puts together what was taken apart. */
export function putTogether(apart: Buffer): Buffer {
  let at = 4 + apart.readUInt32LE(0);
  const head = JSON.parse(apart.toString('utf8', 4, at)) as [name: string, bytes: number][];
  const columns = new Map<string, Reader>();
  for (const [name, bytes] of head) {
    columns.set(name, new Reader(apart, at));
    at += bytes;
  }
  let column = columns.get('')!;
  const parts: Buffer[] = [];
  let from = at;
  while (at < apart.byteLength) {
    const byte = apart[at];
    if (byte === QUOTE) {
      const end = endOfString(apart, at);
      const name = nameAt(apart, at, end);
      if (name !== null) column = columns.get(name) ?? columns.get('')!;
      at = end;
    } else if (byte === HOLE) {
      parts.push(apart.subarray(from, at), Buffer.from(String(column.next()), 'latin1'));
      from = ++at;
    } else at++;
  }
  parts.push(apart.subarray(from));
  return Buffer.concat(parts);
}

/** Copies JSON with a hole for each whole number; returns how many bytes that makes. Names are what a colon follows. */
function strip(raw: Buffer, bare: Buffer, onName: (name: string) => void, onNumber: (value: number) => void): number {
  let to = 0;
  for (let at = 0; at < raw.byteLength; ) {
    const byte = raw[at]!;
    let end = at + 1;
    if (byte === QUOTE) {
      end = endOfString(raw, at);
      const name = nameAt(raw, at, end);
      if (name !== null) onName(name);
    } else if (byte === MINUS || isDigit(byte)) {
      while (end < raw.byteLength && isOfNumber(raw[end]!)) end++;
      const value = wholeAt(raw, at, end);
      if (value !== null) {
        onNumber(value);
        bare[to++] = HOLE;
        at = end;
        continue;
      }
    }
    if (end - at === 1) bare[to] = byte;
    else raw.copy(bare, to, at, end);
    to += end - at;
    at = end;
  }
  return to;
}

/** Where a string ends that begins at a quote: behind its other quote. */
function endOfString(raw: Buffer, at: number): number {
  for (let quote = at; ; ) {
    quote = raw.indexOf(QUOTE, quote + 1);
    if (quote < 0) return raw.byteLength;
    let before = quote - 1;
    while (raw[before] === BACKSLASH) before--;
    if ((quote - before) % 2 === 1) return quote + 1;
  }
}

const nameAt = (raw: Buffer, at: number, end: number): string | null =>
  raw[end] === COLON && end - at <= NAME_LENGTH ? raw.toString('latin1', at, end) : null;

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
/** Digits, sign, point and exponent. */
const isOfNumber = (byte: number) =>
  isDigit(byte) || byte === MINUS || byte === 0x2b || byte === 0x2e || byte === 0x65 || byte === 0x45;

/** The number, where it is whole, exact, and written in the one way in which it will be written again. */
function wholeAt(raw: Buffer, at: number, end: number): number | null {
  if (end - at > 16) return null;
  const text = raw.toString('latin1', at, end);
  const value = Number(text);
  return Number.isSafeInteger(value) && String(value) === text ? value : null;
}

function columnOf(columns: Map<string, Column>, name: string): Column {
  const known = columns.get(name);
  if (known) return known;
  if (columns.size >= NAMES) return columns.get('')!;
  const made = new Column();
  columns.set(name, made);
  return made;
}

/** Differences as bytes of seven bits, the last with its first bit unset; the sign is the lowest bit. */
class Column {
  readonly bytes: number[] = [];
  #last = 0;

  push(value: number): void {
    const difference = value - this.#last;
    this.#last = value;
    let left = difference < 0 ? -difference * 2 - 1 : difference * 2;
    while (left >= 128) {
      this.bytes.push((left % 128) + 128);
      left = Math.floor(left / 128);
    }
    this.bytes.push(left);
  }
}

class Reader {
  readonly #bytes: Buffer;
  #at: number;
  #last = 0;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  next(): number {
    let value = 0;
    for (let by = 1; ; by *= 128) {
      const byte = this.#bytes[this.#at++]!;
      value += (byte % 128) * by;
      if (byte < 128) break;
    }
    this.#last += value % 2 === 1 ? -(value + 1) / 2 : value / 2;
    return this.#last;
  }
}
