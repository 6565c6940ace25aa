import { createServer } from 'node:net';

/** Below those that systems give to whoever asks for any port, which begin at 32768 (Linux) or 49152. */
const FIRST = 12_000;
const LAST = 31_999;

/**
 * A free port for a server that is stopped and started again on it. One that the system gave would go to the next who
 * asks for any while the server is away, and tests run beside one another.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (await isFree(port)) return port;
  }
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
