import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { putTogether, takeApart } from './columns.ts';

/**
 * Chunks of a recording, compressed together. A frame holds chunks one after another, byte for byte as they came, its numbers
 * apart (columns.ts), and is compressed with what came before it as its dictionary: what pages of the site share, then the recording's first frame,
 * then the last frame with a full snapshot. So any frame is read with at most two others, wherever in the recording it is.
 */
export interface Frame {
  /** Where in the blob, and how long there and unpacked. */
  at: number;
  bytes: number;
  raw: number;
  /** The frame that it builds on; null where it builds on the site's dictionary alone. */
  base: number | null;
  /** Whether its numbers were taken apart. */
  apart: boolean;
}

/** A frame is closed when it is as long: long enough to compress well, short enough to be read in a blink. */
const FRAME_BYTES = 512 * 1024;
/** zstd's levels. The best takes ten times as long where there is much to look through, for a tenth less. */
const BEST = 19;
const GOOD = 12;
const MUCH_DICTIONARY = 1024 * 1024;
/** How far back zstd looks, as a power of two, and the most that readers take unasked. */
const SMALLEST_WINDOW = 17;
const LARGEST_WINDOW = 27;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export interface Packed {
  frames: Frame[];
  /** Where each chunk went, in the order given. */
  places: { frame: number; offset: number }[];
}

interface Body {
  body: Buffer;
  /** Whether a full snapshot is in it: frames after it build on it. */
  snapshot: boolean;
}

/**
 * Packs bodies in their order; yields the bytes of the blob, and fills `packed` as it goes. Each frame is unpacked again
 * and compared, since what it is made of is deleted afterwards.
 */
export async function* packBodies(
  bodies: AsyncIterable<Body>,
  shared: Buffer | null,
  packed: Packed,
): AsyncGenerator<Buffer> {
  // As they were compressed, which is what others build on.
  const kept: { first: Buffer | null; key: { frame: number; form: Buffer } | null } = { first: null, key: null };
  let open: Buffer[] = [];
  let size = 0;
  let snapshot = false;
  let at = 0;

  const close = async (): Promise<Buffer> => {
    const raw = Buffer.concat(open, size);
    const number = packed.frames.length;
    // Not on the last one with a snapshot where it has its own: whoever reads would have to follow them all.
    const key = snapshot ? null : kept.key;
    const base = key?.frame ?? (kept.first ? 0 : null);
    const dictionary = joined(shared, kept.first, key?.form);
    const columns = takeApart(raw);
    const apart = columns !== null && putTogether(columns).equals(raw);
    const form = apart ? columns : raw;
    const bytes = await packFrame(form, dictionary);
    if (!(await unpackFrame(bytes, dictionary)).equals(form)) throw new Error('A frame did not come back as it was.');
    packed.frames.push({ at, bytes: bytes.byteLength, raw: raw.byteLength, base, apart });
    at += bytes.byteLength;
    if (number === 0) kept.first = form;
    else if (snapshot) kept.key = { frame: number, form };
    open = [];
    size = 0;
    snapshot = false;
    return bytes;
  };

  for await (const { body, snapshot: has } of bodies) {
    // A snapshot begins a frame, so that what comes before it need not be read to begin with it.
    if (size > 0 && (size + body.byteLength > FRAME_BYTES || (has && !snapshot))) yield await close();
    packed.places.push({ frame: packed.frames.length, offset: size });
    open.push(body);
    size += body.byteLength;
    snapshot ||= has;
  }
  if (size > 0) yield await close();
}

/** What a frame is compressed with, in the order that packing and reading share; undefined where there is nothing. */
function joined(...parts: (Buffer | null | undefined)[]): Buffer | undefined {
  const there = parts.filter((part): part is Buffer => part !== null && part !== undefined && part.byteLength > 0);
  return there.length === 0 ? undefined : Buffer.concat(there);
}

function packFrame(raw: Buffer, dictionary: Buffer | undefined): Promise<Buffer> {
  const known = dictionary?.byteLength ?? 0;
  const window = Math.ceil(Math.log2(raw.byteLength + known + 1));
  return compress(raw, {
    // Without it zstd makes room for the largest there is, which takes longer than small frames themselves.
    pledgedSrcSize: raw.byteLength,
    params: {
      [constants.ZSTD_c_compressionLevel]: known > MUCH_DICTIONARY ? GOOD : BEST,
      [constants.ZSTD_c_windowLog]: Math.min(LARGEST_WINDOW, Math.max(SMALLEST_WINDOW, window)),
      [constants.ZSTD_c_checksumFlag]: 1,
    },
    ...(dictionary && { dictionary }),
  });
}

const unpackFrame = (bytes: Buffer, dictionary: Buffer | undefined): Promise<Buffer> =>
  decompress(bytes, dictionary ? { dictionary } : {});

/** Reads frames; those that others build on are unpacked once. `read` gives bytes of the blob. */
export class FrameReader {
  readonly #frames: readonly Frame[];
  readonly #shared: Buffer | null;
  readonly #read: (at: number, bytes: number) => Promise<Buffer>;
  #first: Buffer | null = null;
  #key: { number: number; form: Buffer } | null = null;
  #last: { number: number; raw: Buffer } | null = null;

  constructor(frames: readonly Frame[], shared: Buffer | null, read: (at: number, bytes: number) => Promise<Buffer>) {
    this.#frames = frames;
    this.#shared = shared;
    this.#read = read;
  }

  /** A frame's chunks, byte for byte. */
  async frame(number: number): Promise<Buffer> {
    if (this.#last?.number === number) return this.#last.raw;
    const form = await this.#form(number);
    const raw = this.#frames[number]!.apart ? putTogether(form) : form;
    this.#last = { number, raw };
    return raw;
  }

  /** A frame as it was compressed. */
  async #form(number: number): Promise<Buffer> {
    if (number === 0) {
      this.#first ??= await this.#unpack(0, joined(this.#shared));
      return this.#first;
    }
    if (this.#key?.number === number) return this.#key.form;
    const { base } = this.#frames[number]!;
    const first = await this.#form(0);
    if (base === 0 || base === null) {
      // It may be one that those after it build on.
      this.#key = { number, form: await this.#unpack(number, joined(this.#shared, first)) };
      return this.#key.form;
    }
    const key = await this.#form(base);
    return this.#unpack(number, joined(this.#shared, first, key));
  }

  async #unpack(number: number, dictionary: Buffer | undefined): Promise<Buffer> {
    const { at, bytes } = this.#frames[number]!;
    return unpackFrame(await this.#read(at, bytes), dictionary);
  }
}
