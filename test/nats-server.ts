import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastingPort } from './ports.ts';

const START_MS = 60_000;

/** A NATS server with JetStream, for tests, on a port of its own; its data outlives `kill` and goes with `stop`. */
export interface NatsServer {
  /** nats://127.0.0.1:port, without a name. */
  url: string;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on its port and data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Why tests against NATS cannot run here, or false. In CI they must. */
export function natsIsMissing(): string | false {
  try {
    execFileSync('nats-server', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    if (process.env.CI === 'true') throw new Error('nats-server is not installed, and CI tests the log against it');
    return 'nats-server is not installed (Debian: apt-get install nats-server)';
  }
}

export async function startNatsServer(): Promise<NatsServer> {
  const dir = mkdtempSync(join(tmpdir(), 'throughline-nats-'));
  const port = await lastingPort();
  let child = await start();
  await listening(child);
  return {
    url: `nats://127.0.0.1:${port}`,
    kill: () => end(child),
    async restart() {
      child = await start();
      await listening(child);
    },
    async stop() {
      await end(child);
      rmSync(dir, { recursive: true, force: true });
    },
  };

  async function start(): Promise<ChildProcess> {
    for (const name of portFiles()) rmSync(join(dir, name));
    const where = ['-a', '127.0.0.1', '-p', String(port), '--ports_file_dir', dir, '-sd', join(dir, 'data')];
    const started = spawn('nats-server', ['-js', ...where], { stdio: 'ignore' });
    process.once('exit', () => started.kill('SIGKILL'));
    return started;
  }

  function portFiles(): string[] {
    return readdirSync(dir).filter((name) => name.endsWith('.ports'));
  }

  async function listening(started: ChildProcess): Promise<void> {
    for (const deadline = Date.now() + START_MS; Date.now() < deadline; await sleep(20)) {
      if (started.exitCode !== null) throw new Error(`nats-server ended at once, with exit code ${started.exitCode}`);
      const [name] = portFiles();
      if (!name) continue;
      const [address] = (JSON.parse(readFileSync(join(dir, name), 'utf8') || '{}') as { nats?: string[] }).nats ?? [];
      if (address) return;
    }
    throw new Error('nats-server did not say that it listens');
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}
