import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A real server in a folder of its own, as `npm start` runs it, in a process of its own. */
export interface BenchServer {
  port: number;
  url: string;
  dataDir: string;
  /** The local credential, as an Authorization header. */
  authorization: string;
  child: ChildProcess;
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  writeKey(name: string): Promise<string>;
  /** Resident memory of the whole process tree, bytes. */
  resident(): number;
  stop(): Promise<void>;
  /** Stops the server and removes its folder. */
  remove(): Promise<void>;
}

export async function startServer(dataDir = mkdtempSync(join(tmpdir(), 'throughline-bench-'))): Promise<BenchServer> {
  rmSync(join(dataDir, 'server.json'), { force: true });
  const child = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], {
    env: { ...process.env, THROUGHLINE_DATA: dataDir, PORT: '0', HOST: '127.0.0.1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const state = await waitFor(
    () => JSON.parse(readFileSync(join(dataDir, 'server.json'), 'utf8')) as { url: string },
    child,
  );
  const authorization = `Bearer local_${readFileSync(join(dataDir, 'secrets', 'local'), 'utf8').trim()}`;
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await fetch(state.url + path, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  const stop = async () => {
    if (child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  };
  return {
    port: Number(new URL(state.url).port),
    url: state.url,
    dataDir,
    authorization,
    child,
    api,
    writeKey: async (name) =>
      (await api<{ writeKey: string }>('POST', '/api/sources', { name, kind: 'server' })).writeKey,
    resident: () => residentBytes(child.pid!),
    stop,
    async remove() {
      await stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function waitFor<T>(look: () => T, child: ChildProcess): Promise<T> {
  for (;;) {
    try {
      return look();
    } catch {
      if (child.exitCode !== null) throw new Error(`The server ended with exit code ${child.exitCode}`);
      await sleep(10);
    }
  }
}

/**
 * Memory of a process and all its descendants: what is theirs alone plus their share of what they share (PSS), so that
 * PostgreSQL's shared buffers count once. Linux only.
 */
function residentBytes(root: number): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // The process ended meanwhile.
    }
  }
  const inTree = (pid: number): boolean => pid === root || (parents.has(pid) && inTree(parents.get(pid)!));
  let kilobytes = 0;
  for (const pid of parents.keys()) {
    if (!inTree(pid)) continue;
    try {
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
    } catch {
      // The process ended meanwhile.
    }
  }
  return kilobytes * 1024;
}

/** Bytes that a folder takes on the disk. */
export function diskBytes(dir: string): number {
  let bytes = 0;
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    try {
      bytes += entry.isDirectory() ? diskBytes(path) : statSync(path).blocks * 512;
    } catch {
      // The file was removed meanwhile.
    }
  }
  return bytes;
}
