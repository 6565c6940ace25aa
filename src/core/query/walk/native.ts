/**
 * Reads ClickHouse's format Native: blocks of columns, each column's values side by side, so that arrays of numbers can
 * be walked as typed arrays without making an object of any of them. Only the types that sequences are made of.
 */
export interface Block {
  rows: number;
  columns: Map<string, Column>;
}

export type Column =
  | { is: 'numbers'; values: Float64Array | BigUint64Array | Uint32Array | Uint16Array | Uint8Array }
  | { is: 'texts'; values: string[] }
  /** `ends[i]` is where the values of row i end, and those of the next begin. */
  | { is: 'lists'; ends: Float64Array; values: Float64Array | Uint32Array | Uint16Array | Uint8Array };

const decoder = new TextDecoder();

export function* readNative(bytes: Uint8Array): Generator<Block> {
  const reader = new Reader(bytes);
  while (!reader.done) {
    const count = reader.varint();
    const rows = reader.varint();
    const columns = new Map<string, Column>();
    for (let index = 0; index < count; index++) {
      const name = reader.text();
      const type = reader.text();
      columns.set(name, rows === 0 ? { is: 'numbers', values: new Float64Array(0) } : readColumn(reader, type, rows));
    }
    if (rows > 0) yield { rows, columns };
  }
}

function readColumn(reader: Reader, type: string, rows: number): Column {
  const list = /^Array\((\w+)\)$/.exec(type)?.[1];
  if (list) {
    const ends = wholes(reader.numbers('UInt64', rows) as BigUint64Array);
    const values = reader.numbers(list, ends[rows - 1] ?? 0);
    if (values instanceof BigUint64Array) throw new Error(`Lists of ${list} are not read.`);
    return { is: 'lists', ends, values };
  }
  if (type === 'String') return { is: 'texts', values: Array.from({ length: rows }, () => reader.text()) };
  return { is: 'numbers', values: reader.numbers(type, rows) };
}

/** 64-bit whole numbers as numbers, by their halves: a big integer for each would be slow. Exact up to 2^53. */
export function wholes(values: BigUint64Array): Float64Array {
  const halves = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const numbers = new Float64Array(values.length);
  for (let index = 0; index < numbers.length; index++)
    numbers[index] = halves[2 * index]! + halves[2 * index + 1]! * 0x1_0000_0000;
  return numbers;
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): number {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new Error('The answer of the events store ends too soon.');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  }

  text(): string {
    const length = this.varint();
    return decoder.decode(this.#take(length));
  }

  /** Numbers as they lie in the bytes: copied, since they need not begin at a multiple of their size. */
  numbers(type: string, count: number): Float64Array | BigUint64Array | Uint32Array | Uint16Array | Uint8Array {
    switch (type) {
      case 'Float64':
        return new Float64Array(this.#copy(count * 8));
      case 'UInt64':
        return new BigUint64Array(this.#copy(count * 8));
      case 'UInt32':
        return new Uint32Array(this.#copy(count * 4));
      case 'UInt16':
        return new Uint16Array(this.#copy(count * 2));
      case 'UInt8':
      case 'Bool':
        return new Uint8Array(this.#copy(count));
      default:
        throw new Error(`Columns of ${type} are not read.`);
    }
  }

  #copy(length: number): ArrayBuffer {
    const taken = this.#take(length);
    return taken.buffer.slice(taken.byteOffset, taken.byteOffset + length) as ArrayBuffer;
  }

  #take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new Error('The answer of the events store ends too soon.');
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}
