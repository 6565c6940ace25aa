import type { Hono } from 'hono';
import { listen } from './listen.ts';

/** A server on a free port of this machine, for tests that need real connections. */
export async function serveForTest(hono: Hono): Promise<{ url: string; close(): Promise<void> }> {
  const { port, close } = await listen(hono, 0, '127.0.0.1');
  return { url: `http://127.0.0.1:${port}`, close };
}
