import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';

/** In which files of a folder each needle stands, also where ClickHouse compressed them, or in a file's own name. */
export function searchFiles(dir: string, needles: readonly string[]): Map<string, string[]> {
  const found = new Map<string, string[]>(needles.map((needle) => [needle, []]));
  const bytes = needles.map((needle) => ({ needle, raw: Buffer.from(needle) }));
  for (const file of files(dir)) {
    let content: Buffer;
    try {
      content = readFileSync(file);
    } catch {
      continue;
    }
    const unpacked = /\.(bin|cidx|cmrk2|idx|txt)$/.test(file) ? unpack(content) : null;
    const escaped = decodeURIComponentSafe(file);
    for (const { needle, raw } of bytes) {
      const hit = content.includes(raw) || unpacked?.includes(raw) || file.includes(needle) || escaped.includes(needle);
      if (hit) found.get(needle)!.push(file.slice(dir.length + 1));
    }
  }
  return found;
}

function* files(dir: string): Generator<string> {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.isFile()) yield path;
  }
}

function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const HEADER_BYTES = 9;
const CHECKSUM_BYTES = 16;
const LZ4 = 0x82;
const ZSTD = 0x90;

/** ClickHouse's compressed files: blocks of checksum, method, size with header, size unpacked, data. Null where it is none. */
function unpack(content: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  for (let at = 0; at + CHECKSUM_BYTES + HEADER_BYTES <= content.length; ) {
    const start = at + CHECKSUM_BYTES;
    const method = content[start]!;
    const size = content.readUInt32LE(start + 1);
    const unpackedSize = content.readUInt32LE(start + 5);
    if (size < HEADER_BYTES || start + size > content.length || ![LZ4, ZSTD, 0x91, 0x02].includes(method)) return null;
    const data = content.subarray(start + HEADER_BYTES, start + size);
    try {
      if (method === ZSTD) parts.push(zstdDecompressSync(data));
      else if (method === LZ4) parts.push(unpackLz4(data, unpackedSize));
    } catch {
      return null;
    }
    at = start + size;
  }
  return Buffer.concat(parts);
}

function unpackLz4(data: Buffer, size: number): Buffer {
  const out = Buffer.alloc(size);
  let from = 0;
  let to = 0;
  const length = (first: number) => {
    let total = first;
    if (first === 15) {
      let more: number;
      do {
        more = data[from++]!;
        total += more;
      } while (more === 255);
    }
    return total;
  };
  while (from < data.length) {
    const token = data[from++]!;
    const literals = length(token >> 4);
    data.copy(out, to, from, from + literals);
    from += literals;
    to += literals;
    if (from >= data.length) break;
    const offset = data.readUInt16LE(from);
    from += 2;
    const matched = length(token & 15) + 4;
    for (let i = 0; i < matched; i++, to++) out[to] = out[to - offset]!;
  }
  return out;
}
