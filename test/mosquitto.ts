import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lastingPort } from './ports.ts';

const START_MS = 60_000;

/** An MQTT broker for tests, on a port of its own; what it keeps for its clients outlives `kill` and goes with `stop`. */
export interface Mosquitto {
  /** mqtt://127.0.0.1:port */
  url: string;
  /** Ends it in an orderly way, so that it keeps what it has for clients that are away. */
  end(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Why tests against a broker cannot run here, or false. In CI they must. */
export function mosquittoIsMissing(): string | false {
  try {
    execFileSync('mosquitto', ['-h'], { stdio: 'ignore' });
    return false;
  } catch (error) {
    // It answers its help with an exit code of its own.
    if ((error as { code?: string }).code !== 'ENOENT') return false;
    if (process.env.CI === 'true') throw new Error('mosquitto is not installed, and CI tests MQTT against it');
    return 'mosquitto is not installed (Debian: apt-get install mosquitto)';
  }
}

/** Starts a broker; with `password`, only the user "shop" gets in, by it. */
export async function startMosquitto(options: { password?: string } = {}): Promise<Mosquitto> {
  const dir = mkdtempSync(join(tmpdir(), 'throughline-mosquitto-'));
  const port = await lastingPort();
  const config = [
    `listener ${port} 127.0.0.1`,
    `allow_anonymous ${options.password === undefined}`,
    'persistence true',
    `persistence_location ${dir}/`,
    'autosave_interval 1',
    'max_queued_messages 0',
    'max_inflight_messages 100',
    'user root',
  ];
  if (options.password !== undefined) {
    const file = join(dir, 'passwords');
    execFileSync('mosquitto_passwd', ['-b', '-c', file, 'shop', options.password], { stdio: 'ignore' });
    config.push(`password_file ${file}`);
  }
  writeFileSync(join(dir, 'mosquitto.conf'), `${config.join('\n')}\n`);
  let child = await start();
  return {
    url: `mqtt://127.0.0.1:${port}`,
    end: () => end(child),
    async restart() {
      child = await start();
    },
    async stop() {
      await end(child);
      rmSync(dir, { recursive: true, force: true });
    },
  };

  async function start(): Promise<ChildProcess> {
    const started = spawn('mosquitto', ['-c', join(dir, 'mosquitto.conf')], { stdio: 'ignore' });
    process.once('exit', () => started.kill('SIGKILL'));
    for (const deadline = Date.now() + START_MS; Date.now() < deadline; await sleep(20)) {
      if (started.exitCode !== null) throw new Error(`mosquitto ended at once, with exit code ${started.exitCode}`);
      if (await answers(port)) return started;
    }
    throw new Error('mosquitto does not listen');
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await gone;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
