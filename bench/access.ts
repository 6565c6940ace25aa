import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Connection, percentile } from './client.ts';

interface Times {
  p50: number;
  p99: number;
}

export interface AccessResult {
  /** Milliseconds of the same endpoint for anybody, with a session's cookie, and with an API key. */
  open: Times;
  session: Times;
  key: Times;
}

/** How much longer an endpoint takes that asks who calls and what they may, each kind in turn on one connection. */
export async function measureAccess(rounds: number): Promise<AccessResult> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./access-server.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const { port, cookie, apiKey } = JSON.parse(line) as { port: number; cookie: string; apiKey: string };
    const connection = new Connection(port);
    const head = (path: string, header: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${header}\r\n`;
    const kinds = {
      open: head('/api/measured/open', ''),
      session: head('/api/measured/closed', `cookie: ${cookie}\r\n`),
      key: head('/api/measured/closed', `authorization: Bearer ${apiKey}\r\n`),
    };
    const times: Record<keyof AccessResult, number[]> = { open: [], session: [], key: [] };
    // The first half warms the server up.
    for (let round = 0; round < rounds * 2; round++) {
      for (const [kind, request] of Object.entries(kinds) as [keyof AccessResult, string][]) {
        const started = performance.now();
        const status = await connection.send(request);
        if (status !== 200) throw new Error(`${kind} was answered with ${status}: ${connection.body}`);
        if (round >= rounds) times[kind].push(performance.now() - started);
      }
    }
    connection.close();
    const of = (list: number[]): Times => {
      const sorted = list.sort((a, b) => a - b);
      return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
    };
    return { open: of(times.open), session: of(times.session), key: of(times.key) };
  } finally {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}
