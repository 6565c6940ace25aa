import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedRecords } from '../src/kernel/records-embedded.ts';

export interface Peer {
  port: number;
  dataDir: string;
  child: ChildProcess;
  remove(): Promise<void>;
}

/** The peer (see peer-server.ts) on a PostgreSQL of its own, with the settings that ours has. */
export async function startPeer(): Promise<Peer> {
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-peer-'));
  const postgres = await startEmbeddedRecords(dataDir);
  const child = fork(fileURLToPath(new URL('./peer-server.ts', import.meta.url)), [postgres.url]);
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (message) => resolve((message as { port: number }).port));
    child.once('exit', () => reject(new Error('The peer ended.')));
  });
  return {
    port,
    dataDir,
    child,
    async remove() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill();
      await ended;
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
