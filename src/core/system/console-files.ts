import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip, constants as zlib } from 'node:zlib';

/** Where the build puts the console. */
export const CONSOLE_DIR = new URL('../../../web/dist/', import.meta.url);

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};
const COMPRESSED = new Set(['.html', '.js', '.css', '.json', '.map', '.svg', '.txt', '.webmanifest']);
/** Files below this gain nothing from compression. */
const COMPRESS_FROM_BYTES = 1024;

interface StoredFile {
  modifiedAt: number;
  type: string;
  etag: string;
  plain: Buffer<ArrayBuffer>;
  br: Promise<Uint8Array<ArrayBuffer>> | null;
  gzip: Promise<Uint8Array<ArrayBuffer>> | null;
}

export interface ConsoleFiles {
  /** The file as an answer; null where there is none. `path` as in a URL, beginning with a slash. */
  answer(path: string, request: Headers): Promise<Response | null>;
}

/** The files of a folder, kept in memory with their compressed forms, read again when they change. */
export function consoleFiles(dir: URL): ConsoleFiles {
  const root = fileURLToPath(dir);
  const kept = new Map<string, StoredFile>();

  async function find(path: string): Promise<StoredFile | null> {
    const file = filePath(root, path);
    if (file === null) return null;
    const found = await stat(file).catch(() => null);
    if (!found?.isFile()) return null;
    const known = kept.get(file);
    if (known?.modifiedAt === found.mtimeMs) return known;
    const stored = await read(file, found.mtimeMs);
    kept.set(file, stored);
    return stored;
  }

  return {
    async answer(path, request) {
      const file = await find(path);
      if (!file) return null;
      const headers = new Headers({
        'content-type': file.type,
        etag: file.etag,
        vary: 'accept-encoding',
        // The build puts a hash of the content into the names under /assets/.
        'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      });
      if (request.get('if-none-match') === file.etag) return new Response(null, { status: 304, headers });
      const accepted = request.get('accept-encoding') ?? '';
      for (const encoding of ['br', 'gzip'] as const) {
        const compressed = file[encoding];
        if (!compressed || !new RegExp(`\\b${encoding}\\b`).test(accepted)) continue;
        headers.set('content-encoding', encoding);
        return new Response(await compressed, { headers });
      }
      return new Response(file.plain, { headers });
    },
  };
}

/** The file that a URL's path means; null for a path that leads out of the folder or cannot be one. */
function filePath(root: string, path: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return null;
  }
  if (/[\0\\]/.test(decoded) || decoded.split('/').some((part) => part === '..' || part.startsWith('.'))) return null;
  return root.replace(/[/\\]$/, '') + decoded.replaceAll('/', sep);
}

async function read(file: string, modifiedAt: number): Promise<StoredFile> {
  const plain = Buffer.from(await readFile(file));
  const extension = extname(file).toLowerCase();
  const squeeze = COMPRESSED.has(extension) && plain.byteLength >= COMPRESS_FROM_BYTES;
  return {
    modifiedAt,
    type: TYPES[extension] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    plain,
    br: squeeze ? brotli(plain, { params: { [zlib.BROTLI_PARAM_QUALITY]: 9 } }) : null,
    gzip: squeeze ? gz(plain, { level: 9 }) : null,
  };
}

type Bytes = Promise<Uint8Array<ArrayBuffer>>;
const brotli = promisify(brotliCompress) as unknown as (plain: Buffer, options: object) => Bytes;
const gz = promisify(gzip) as unknown as (plain: Buffer, options: object) => Bytes;
