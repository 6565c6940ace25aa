import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Config } from '../../kernel/config.ts';
import { outgoingFetch } from '../../kernel/outgoing.ts';
import { refuse } from '../../kernel/refusal.ts';
import { PART_BYTES, s3Client } from '../../kernel/s3.ts';
import type { Files } from './destination.ts';

/** Where the files of a destination are; paths are below its folder or prefix. */
export interface Target {
  /** In place of what was there; whoever reads sees the old or the new. */
  write(path: string, bytes: Buffer): Promise<void>;
  read(path: string): Promise<Buffer | null>;
  remove(path: string): Promise<void>;
}

/** Refuses (400) a folder that is not configured any more, or that leads out of the configured one. */
export function openTarget(config: Config, files: Pick<Files, 'settings' | 'secrets'>): Target {
  const { place } = files.settings;
  if (place.kind === 'folder') return openFolder(config, place.path);
  const client = s3Client({ ...place, secretAccessKey: files.secrets.secretAccessKey ?? '' }, (url, options) =>
    outgoingFetch(config, url, options),
  );
  const key = (path: string) => (place.prefix === '' ? path : `${place.prefix}/${path}`);
  return {
    async write(path, bytes) {
      await client.putStream(key(path), one(bytes));
    },
    async read(path) {
      const size = await client.size(key(path));
      if (size === null) return null;
      const parts: Buffer[] = [];
      for (let at = 0; at < size; at += PART_BYTES) {
        const part = await client.get(key(path), at, Math.min(size, at + PART_BYTES) - 1);
        if (!part) return null;
        parts.push(part);
      }
      return Buffer.concat(parts);
    },
    remove: (path) => client.remove(key(path)),
  };
}

async function* one(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function openFolder(config: Config, folder: string): Target {
  const root = config.exportsDir;
  if (!root) throw refuse.invalid('THROUGHLINE_EXPORTS_DIR is not set any more; files cannot be written to a folder.');
  /** The real place of a path; a link that leads out of the root is refused. */
  const fullOf = async (path: string) => {
    const full = join(root, folder, path);
    await mkdir(dirname(full), { recursive: true });
    const [realRoot, real] = [await realpath(root), await realpath(dirname(full))];
    if (real !== realRoot && !real.startsWith(realRoot + sep)) {
      throw refuse.invalid(`The folder "${folder}" leads out of THROUGHLINE_EXPORTS_DIR.`);
    }
    return full;
  };
  return {
    async write(path, bytes) {
      const full = await fullOf(path);
      const unfinished = join(dirname(full), `.unfinished-${crypto.randomUUID()}`);
      try {
        await writeFile(unfinished, bytes, { flush: true });
        await rename(unfinished, full);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
    },
    async read(path) {
      return readFile(await fullOf(path)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null;
        throw error;
      });
    },
    remove: async (path) => rm(await fullOf(path), { force: true }),
  };
}
