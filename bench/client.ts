import { connect, type Socket } from 'node:net';

/**
 * A small HTTP/1.1 client on one kept-alive connection: the load generator shares two cores with the server, so it must
 * cost as little as it can. One request at a time.
 */
export class Connection {
  readonly #socket: Socket;
  #received = '';
  #answer: ((status: number) => void) | null = null;
  #failed: ((error: Error) => void) | null = null;
  body = '';

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (chunk) => this.#read(chunk.toString('latin1')));
    this.#socket.on('error', (error) => this.#failed?.(error));
  }

  /** Sends a whole request and resolves with the status of its answer. */
  send(head: string, body?: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#failed = reject;
      this.#socket.cork();
      this.#socket.write(head, 'latin1');
      if (body) this.#socket.write(body);
      this.#socket.uncork();
    });
  }

  #read(text: string): void {
    this.#received += text;
    const end = this.#received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = this.#received.slice(0, end);
    const length = /content-length: (\d+)/i.exec(head);
    const chunked = /transfer-encoding: chunked/i.test(head);
    const rest = this.#received.slice(end + 4);
    if (chunked ? !rest.endsWith('0\r\n\r\n') : rest.length < Number(length?.[1] ?? 0)) return;
    this.body = Buffer.from(rest, 'latin1').toString('utf8');
    this.#received = '';
    this.#answer?.(Number(head.slice(9, 12)));
  }

  close(): void {
    this.#socket.destroy();
  }
}

export const postHead = (path: string, authorization: string, length: number, host = 'localhost') =>
  `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
export const getHead = (path: string, authorization: string) =>
  `GET ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: ${authorization}\r\n\r\n`;

/** The value below which the given share of the sorted numbers lies. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
