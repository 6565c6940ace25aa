import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Blobs, checkBlobName } from './blobs.ts';

/** What is being written, until it is whole. */
const UNFINISHED = '.unfinished';

/** Blobs as files in a folder. */
export function openFolderBlobs(dir: string): Blobs {
  const path = (name: string) => {
    checkBlobName(name);
    const full = normalize(join(dir, name));
    if (!full.startsWith(dir + sep)) throw new Error(`"${name}" is not a name of a blob`);
    return full;
  };
  return {
    async put(name, content) {
      const file = path(name);
      await mkdir(dirname(file), { recursive: true });
      const unfinished = `${file}${UNFINISHED}-${crypto.randomUUID()}`;
      try {
        const chunks = content instanceof Uint8Array ? [content] : content;
        await pipeline(Readable.from(chunks, { objectMode: false }), createWriteStream(unfinished, { flush: true }));
        await rename(unfinished, file);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
      return (await stat(file)).size;
    },
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
    removeAll: (folder) => rm(path(folder), { recursive: true, force: true }),
    async rename(from, to) {
      await mkdir(dirname(path(to)), { recursive: true });
      await rename(path(from), path(to));
    },
    async *list(folder) {
      const root = path(folder);
      const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return [];
          throw error;
        },
      );
      const files = entries
        .filter((entry) => entry.isFile() && !entry.name.includes(UNFINISHED))
        .map((entry) => join(entry.parentPath, entry.name))
        .sort();
      for (const file of files) {
        const found = await stat(file).catch((error: NodeJS.ErrnoException) => {
          // Removed since the folder was read.
          if (error.code === 'ENOENT') return null;
          throw error;
        });
        if (!found) continue;
        yield { name: file.slice(dir.length + 1).replaceAll(sep, '/'), size: found.size, changedAt: found.mtime };
      }
    },
    file: async (name) => ({ path: path(name), release: async () => {} }),
  };
}
