import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from 'node:zlib';
import { Refusal, refuse } from '../../kernel/refusal.ts';

type Unpack = (packed: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
const unpackers = new Map<string, Unpack>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  // "deflate" is zlib's format by the standard, and often the bare one in practice.
  [
    'deflate',
    async (packed, options) =>
      ((packed[0] ?? 0) & 0x0f) === 8 ? inflateAny(packed, options) : rawInflate(packed, options),
  ],
  ['br', promisify(brotliDecompress)],
  ['zstd', promisify(zstdDecompress)],
]);
const rawInflate: Unpack = promisify(inflateRaw);
const zlibInflate: Unpack = promisify(inflate);
const inflateAny: Unpack = (packed, options) => zlibInflate(packed, options).catch(() => rawInflate(packed, options));

/**
 * Undoes a Content-Encoding. Refuses with 415 an encoding that is not known, with `tooLarge` what would be longer than
 * `limit` bytes (unpacking stops there), and with 400 what is not in the format it claims to be.
 */
export async function decompress(packed: Buffer, encoding: string, limit: number, tooLarge: () => Refusal) {
  const unpack = unpackers.get(encoding.trim().toLowerCase());
  if (!unpack) {
    throw new Refusal(
      415,
      'unsupported',
      `The content encoding "${encoding.slice(0, 40)}" is not known here; use gzip, deflate, br or zstd.`,
    );
  }
  try {
    return await unpack(packed, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw refuse.invalid(`The body is not ${encoding}, which its Content-Encoding says it is.`);
  }
}
