import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';

const REQUEST_TIMEOUT_MS = 120_000;
const HEADERS_TIMEOUT_MS = 15_000;
const KEEP_ALIVE_MS = 65_000;
const DRAIN_MS = 10_000;
/** The same for answers that have begun: what still comes after this is a stream of events, which never ends. */
const STREAM_MS = 500;

/** Listens; resolves when connections are taken. Throws an Error with a sentence where the port cannot be had. */
export async function listen(
  hono: Hono,
  port: number,
  host: string,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = await new Promise<Server>((resolve, reject) => {
    const starting = serve(
      {
        fetch: hono.fetch,
        port,
        hostname: host,
        serverOptions: {
          requestTimeout: REQUEST_TIMEOUT_MS,
          headersTimeout: HEADERS_TIMEOUT_MS,
          keepAliveTimeout: KEEP_ALIVE_MS,
        },
      },
      () => resolve(starting as Server),
    ) as Server;
    starting.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is taken. Stop what uses it, or set PORT to another.`)
          : error,
      );
    });
  });
  const open = new Set<ServerResponse>();
  server.prependListener('request', (_request, response: ServerResponse) => {
    open.add(response);
    response.once('close', () => open.delete(response));
  });
  return {
    port: (server.address() as AddressInfo).port,
    /**
     * Takes no new connections, lets requests under way finish, and cuts those that last longer than DRAIN_MS, or whose
     * answer goes on for longer than STREAM_MS. A connection that is kept alive is closed with its next answer.
     */
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
        const streams = setTimeout(() => {
          for (const response of open) if (response.headersSent) response.destroy();
        }, STREAM_MS);
        server.close(() => {
          clearTimeout(cut);
          clearTimeout(streams);
          resolve();
        });
        server.prependListener('request', (_request, response: ServerResponse) => {
          response.shouldKeepAlive = false;
        });
        for (const response of open) if (!response.headersSent) response.shouldKeepAlive = false;
        server.closeIdleConnections();
      }),
  };
}
