import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longest path that every system takes for a Unix socket. */
const SOCKET_PATH_LIMIT = 100;

/**
 * Makes this process the only server of a data folder, until it ends in whatever way. A Unix socket is the lock: the
 * system closes it with the process, so a crash leaves nothing that would have to be cleaned up by hand.
 * Throws an Error with a sentence when another server has the folder.
 */
export async function lockFolder(dir: string): Promise<() => Promise<void>> {
  mkdirSync(dir, { recursive: true });
  const path = socketPath(dir);
  if (await answers(path)) {
    throw new Error(
      `Another Throughline server is using the data folder ${dir}. Stop it first, or give this one a folder of its own with THROUGHLINE_DATA.`,
    );
  }
  try {
    unlinkSync(path);
  } catch {
    // There was no socket left behind.
  }
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

function socketPath(dir: string): string {
  const inside = join(dir, 'server.lock');
  if (inside.length <= SOCKET_PATH_LIMIT) return inside;
  return join(tmpdir(), `throughline-${createHash('sha256').update(dir).digest('hex').slice(0, 24)}.lock`);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
