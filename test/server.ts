import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { copyServerStores } from './server-stores.ts';

/** A real server in a folder of its own, as `npm start` runs it, in a process of its own. */
export interface RunningServer {
  port: number;
  url: string;
  dataDir: string;
  /** The local credential, as an Authorization header. */
  authorization: string;
  child: ChildProcess;
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  writeKey(name: string): Promise<string>;
  stop(): Promise<void>;
  /** Ends the process as a power cut would; its PostgreSQL lives on, as it would after a crash of ours alone. */
  kill(): Promise<void>;
  /** Stops the server and removes its folder. */
  remove(): Promise<void>;
}

export async function startServer(
  options: { dataDir?: string; environment?: Record<string, string>; quiet?: boolean } = {},
): Promise<RunningServer> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'throughline-server-'));
  const { THROUGHLINE_EVENTS_URL, THROUGHLINE_RECORDS_URL } = options.environment ?? {};
  // Who gives a folder has a server's first start as well; and stores elsewhere are to be made there.
  if (!options.dataDir && !THROUGHLINE_EVENTS_URL && !THROUGHLINE_RECORDS_URL) await copyServerStores(dataDir);
  rmSync(join(dataDir, 'server.json'), { force: true });
  const child = spawn(
    process.execPath,
    [
      '--max-semi-space-size=32',
      ...(process.env.LATE ? ['--import', new URL('./late.ts', import.meta.url).href] : []),
      fileURLToPath(new URL('../src/main.ts', import.meta.url)),
    ],
    {
      env: { ...process.env, THROUGHLINE_DATA: dataDir, PORT: '0', HOST: '127.0.0.1', ...options.environment },
      stdio: ['ignore', 'ignore', options.quiet ? 'ignore' : 'inherit'],
    },
  );
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
    if (child.exitCode !== null || child.signalCode !== null) return;
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
    stop,
    async kill() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await ended;
    },
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
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`The server ended with exit code ${child.exitCode}`);
      await sleep(10);
    }
  }
}
