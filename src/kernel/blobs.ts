import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Files: imports, recordings, attachments. A name is a path of plain words with slashes. */
export interface Blobs {
  /** Appends to a blob from `offset` on; bytes after it are replaced. Returns the size afterwards. */
  append(name: string, offset: number, content: AsyncIterable<Uint8Array>): Promise<number>;
  read(name: string, range?: { start?: number; end?: number }): Readable;
  size(name: string): Promise<number | null>;
  remove(name: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Where the blob is as a file, for readers that need one. */
  path(name: string): string;
}

export function openBlobs(dir: string): Blobs {
  const path = (name: string) => {
    const full = normalize(join(dir, name));
    if (!full.startsWith(dir + sep)) throw new Error(`"${name}" is not a name of a blob`);
    return full;
  };
  return {
    path,
    async append(name, offset, content) {
      const file = path(name);
      await mkdir(dirname(file), { recursive: true });
      await pipeline(
        content,
        createWriteStream(file, { flags: offset === 0 ? 'w' : 'r+', start: offset, flush: true }),
      );
      return (await stat(file)).size;
    },
    read: (name, range) => createReadStream(path(name), range),
    async size(name) {
      try {
        return (await stat(path(name))).size;
      } catch {
        return null;
      }
    },
    remove: (name) => rm(path(name), { force: true }),
    async rename(from, to) {
      await mkdir(dirname(path(to)), { recursive: true });
      await rename(path(from), path(to));
    },
  };
}
