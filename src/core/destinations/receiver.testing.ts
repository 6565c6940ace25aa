import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  /** The body, read as JSON. */
  message: { type: string; timestamp: string; data: Record<string, unknown> };
  at: number;
}

/** Somebody's server that takes webhooks; `answer` says what it answers, 204 unless told. */
export async function startReceiver(port = 0) {
  const received: Received[] = [];
  const waiting: (() => void)[] = [];
  const receiver = {
    received,
    answer: ((response) => response.writeHead(204).end()) as (response: ServerResponse, got: Received) => unknown,
    url: '',
    port: 0,
    /** Waits until so many messages came in all. */
    async until(count: number): Promise<Received[]> {
      while (received.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
      return received;
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const got = { headers: request.headers, body, message: JSON.parse(body), at: Date.now() };
      received.push(got);
      receiver.answer(response, got);
      for (const wake of waiting.splice(0)) wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  receiver.port = (server.address() as AddressInfo).port;
  receiver.url = `http://127.0.0.1:${receiver.port}/hook`;
  return receiver;
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>;
