import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { refuse } from '../../kernel/refusal.ts';

export type Compression = 'gzip' | 'none';

const CHUNK_BYTES = 256 * 1024;
/** What is looked at to find out what a file is. */
const HEAD_BYTES = 4096;
/**
 * Times its size that a gzip file may unpack to, once it is past FREE_BYTES: text packs to a tenth or so, exports that
 * repeat themselves to a fiftieth; what goes beyond was made to fill a disk.
 */
const UNPACKED_TIMES = 200;
export const FREE_BYTES = 256 * 1024 * 1024;

/** The text of a file, a piece at a time. */
export interface TextFile {
  text: AsyncIterable<string>;
  /** Bytes of the file, as it lies on disk, read so far. */
  bytesRead(): number;
  /** True once a byte was met that is not of the encoding; it stands in the text as U+FFFD. */
  damaged(): boolean;
  encoding: string;
}

/**
 * Opens a file of text, gzipped or not. `compression` and `encoding` are found out where they are not given: gzip by its
 * first bytes, UTF-16 by its byte order mark, UTF-8 otherwise. Refuses, when the text is read, what is not text or is
 * packed in a way that is not read here.
 */
export function openText(path: string, told: { compression?: Compression; encoding?: string }): TextFile {
  const state = { bytes: 0, damaged: false };
  const file: TextFile = {
    text: read(),
    bytesRead: () => state.bytes,
    damaged: () => state.damaged,
    encoding: told.encoding ?? 'utf-8',
  };
  async function* read(): AsyncGenerator<string> {
    const packed = await headOf(path);
    const gzip = isGzip(packed);
    if (told.compression === 'gzip' && !gzip) {
      throw refuse.invalid('The file is not gzip, as it was said to be. Import it without saying so.');
    }
    if (!gzip) refusePacked(packed);
    const bytes = bytesOf(path, gzip && told.compression !== 'none', (count) => {
      state.bytes += count;
    });
    let decoder: TextDecoder | undefined;
    for await (const chunk of bytes) {
      if (!decoder) {
        file.encoding = told.encoding ?? encodingOf(chunk);
        refuseBinary(chunk.subarray(0, HEAD_BYTES), file.encoding);
        decoder = new TextDecoder(file.encoding);
      }
      const text = decoder.decode(chunk, { stream: true });
      if (!state.damaged && text.includes('\uFFFD')) state.damaged = true;
      yield text;
    }
    const rest = decoder?.decode();
    if (rest) {
      state.damaged = true;
      yield rest;
    }
  }
  return file;
}

async function headOf(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

async function* bytesOf(path: string, gzip: boolean, count: (bytes: number) => void): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  file.on('data', (chunk) => count(chunk.length));
  const output = gzip ? createGunzip({ chunkSize: CHUNK_BYTES }) : new PassThrough({ highWaterMark: CHUNK_BYTES });
  pipeline(file, output, () => {
    // What went wrong reaches whoever reads `output`.
  });
  try {
    let unpacked = 0;
    for await (const chunk of output) {
      unpacked += (chunk as Buffer).length;
      if (unpacked > FREE_BYTES && unpacked > UNPACKED_TIMES * file.bytesRead) {
        throw refuse.invalid(
          `The gzip file unpacks to more than ${UNPACKED_TIMES} times its size. If it is in order, unpack it first.`,
        );
      }
      yield chunk as Buffer;
    }
  } catch (error) {
    throw gzipRefusal(error);
  } finally {
    file.destroy();
    output.destroy();
  }
}

function gzipRefusal(error: unknown): unknown {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'Z_BUF_ERROR') {
    return refuse.invalid('The gzip file ends too early: it was cut off. Pack it again, or fetch it again.');
  }
  if (code?.startsWith('Z_')) {
    return refuse.invalid(`The gzip file is damaged (${message}). Pack it again; "gzip -t" tests it.`);
  }
  return error;
}

const isGzip = (head: Buffer) => head[0] === 0x1f && head[1] === 0x8b;

function refusePacked(head: Buffer): void {
  const begins = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  if (begins(0x50, 0x4b, 3, 4)) {
    throw refuse.invalid('The file is a ZIP archive or a spreadsheet (xlsx). Unpack it, or save the sheet as CSV.');
  }
  if (begins(0xd0, 0xcf, 0x11, 0xe0)) throw refuse.invalid('The file is a spreadsheet (xls). Save the sheet as CSV.');
  if (begins(0x28, 0xb5, 0x2f, 0xfd)) throw refuse.invalid('The file is packed with zstd. Unpack it, or use gzip.');
  if (begins(0x42, 0x5a, 0x68)) throw refuse.invalid('The file is packed with bzip2. Unpack it, or use gzip.');
  if (begins(0xfd, 0x37, 0x7a, 0x58, 0x5a)) throw refuse.invalid('The file is packed with xz. Unpack it, or use gzip.');
  if (begins(0x50, 0x41, 0x52, 0x31)) throw refuse.invalid('The file is Parquet. Export it as CSV or NDJSON.');
}

function encodingOf(head: Buffer): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

/** Text has no NUL bytes and hardly any control characters. */
function refuseBinary(head: Buffer, encoding: string): void {
  if (encoding.toLowerCase().startsWith('utf-16')) return;
  const zeros = [0, 0];
  let controls = 0;
  for (const [index, byte] of head.entries()) {
    if (byte === 0) zeros[index % 2]!++;
    else if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) controls++;
  }
  const [even = 0, odd = 0] = zeros;
  if (Math.max(even, odd) > head.length * 0.2 && Math.min(even, odd) < head.length * 0.05) {
    const wide = odd > even ? 'utf-16le' : 'utf-16be';
    throw refuse.invalid(`The file looks like ${wide}. Say "encoding": "${wide}" in the mapping, or save it as UTF-8.`);
  }
  if (even + odd + controls > head.length * 0.02 + 1) {
    throw refuse.invalid('The file is not text. CSV, TSV and NDJSON can be imported, gzipped or not.');
  }
}
