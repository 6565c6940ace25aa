import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { seen } from '../src/kernel/testing-until.ts';
import { startServer } from './server.ts';
import { copyServerStores } from './server-stores.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-stopping-'));
  folders.push(folder);
  return folder;
}

const begin = (dataDir: string, environment: Record<string, string> = {}) =>
  spawn(process.execPath, [MAIN], {
    env: { ...process.env, THROUGHLINE_DATA: dataDir, PORT: '0', HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });

function ended(child: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk;
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })));
}

/** Command lines of the processes that name a folder. */
const livingOn = (dataDir: string): string[] =>
  readdirSync('/proc').flatMap((pid) => {
    try {
      const line = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ') : '';
      return line.includes(dataDir) ? [line] : [];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });

/** What was ended last may still be on its way out. */
const nobodyLivesOn = (dataDir: string) =>
  seen(
    async () => livingOn(dataDir),
    (left) => left.length === 0,
  );

describe('a server that is asked to stop', { skip: existsSync('/proc/self/cmdline') ? false : 'needs /proc' }, () => {
  it('leaves no process and no half of a folder, at whatever moment of its start', async () => {
    const dataDir = newFolder();
    const pidFile = join('records', 'postmaster.pid');
    const has = (name: string) => existsSync(join(dataDir, name));
    const moments: [string, () => boolean][] = [
      ['its database is being made', () => readdirSync(dataDir).some((one) => one.startsWith('records'))],
      ['its database starts', () => has(pidFile)],
      ['its tables are being made', () => has(pidFile) && /^ready/m.test(readFileSync(join(dataDir, pidFile), 'utf8'))],
      ['it is ready', () => has('server.json')],
    ];
    for (const [moment, isNow] of moments) {
      const child = begin(dataDir);
      const end = ended(child);
      while (!isNow()) {
        assert.equal(child.exitCode, null, `it ended before ${moment}`);
        await sleep(1);
      }
      child.kill('SIGTERM');
      const { code, said } = await end;
      assert.deepEqual([code, said], [0, ''], moment);
      await nobodyLivesOn(dataDir);
      assert.ok(!has('server.json') && !has(pidFile), moment);
    }
    const server = await startServer({ dataDir });
    try {
      assert.deepEqual(
        readdirSync(dataDir).filter((name) => name.startsWith('records.')),
        [],
      );
      await server.writeKey('shop');
    } finally {
      await server.remove();
    }
  });

  it('also ends its database where it cannot start, or fails', async () => {
    const dataDir = newFolder();
    await copyServerStores(dataDir);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as { port: number };
    try {
      const { code, said } = await ended(begin(dataDir, { PORT: String(port) }));
      assert.equal(code, 1);
      assert.match(said, /^Port \d+ is taken\. .+\.\n$/);
      await nobodyLivesOn(dataDir);
    } finally {
      taken.close();
    }
  });

  it('says what to do where its database’s user cannot get to the folder', {
    skip: process.getuid?.() === 0 ? false : 'only root has another user for its database',
  }, async () => {
    const locked = newFolder();
    chmodSync(locked, 0o700);
    const { code, said } = await ended(begin(join(locked, 'data')));
    assert.equal(code, 1);
    assert.match(said, /^PostgreSQL does not run as root .+ cannot get to .+ \(chmod o\+x\).+\n$/);
  });

  it('does not go on waiting for a store that is away', async () => {
    const dataDir = newFolder();
    const child = begin(dataDir, { THROUGHLINE_EVENTS_URL: 'http://127.0.0.1:9' });
    const end = ended(child);
    await new Promise<void>((resolve) => child.stderr.once('data', () => resolve()));
    child.kill('SIGTERM');
    const { code, said } = await end;
    assert.equal(code, 0);
    assert.match(said, /^A store cannot be reached yet; trying again every 2 s: .+\n$/);
    await nobodyLivesOn(dataDir);
  });
});
