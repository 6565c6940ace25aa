import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type Refusal, refuse } from './refusal.ts';

/** How long the start waits for the server. */
const FIRST_CONNECT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 3000;
/** Never so rarely that an append that waits for the server would miss its return. */
const RECONNECT_MS = { first: 100, most: 1000 };
const PING_MS = 5000;

/** The connection to the NATS server, which comes back by itself for as long as it is not closed. */
export interface NatsLink {
  nc: NatsConnection;
  /** The name of the streams. */
  name: string;
  /** The largest message that the server takes, in bytes, as it said when it was last there. */
  maxPayload(): number;
  /** Why the log cannot be used now, or null. */
  away(): string | null;
  /** The refusal for whoever needs the log while it is away. */
  refusal(): Refusal;
  /** Throws that refusal if the server is away. */
  insist(): void;
  /** Resolves when the server is there; throws that refusal if it is not by the deadline (milliseconds since 1970). */
  connected(deadline: number): Promise<void>;
  onLoss(listener: () => void): void;
  onReturn(listener: () => void): void;
  close(): Promise<void>;
}

/** Connects; waits a while for a server that is being started too. Throws an Error with a sentence when it is not there. */
export async function connectToNats(address: string): Promise<NatsLink> {
  const url = new URL(address);
  const name = url.pathname.slice(1) || 'throughline';
  if (!/^[\w-]{1,100}$/.test(name)) {
    throw new Error(`THROUGHLINE_LOG_URL: "${name}" cannot be the name of a stream; use letters, digits and hyphens.`);
  }
  const nc = await firstConnection(url);
  let up = true;
  let maxPayload = nc.info?.max_payload ?? 0;
  const lost: (() => void)[] = [];
  const returned: (() => void)[] = [];
  const waiting = new Set<() => void>();

  const watch = async () => {
    for await (const status of nc.status()) {
      if (status.type === 'disconnect') {
        up = false;
        for (const listener of lost) listener();
      } else if (status.type === 'reconnect') {
        up = true;
        maxPayload = nc.info?.max_payload ?? maxPayload;
        for (const wake of waiting) wake();
        for (const listener of returned) listener();
      }
    }
  };
  watch().catch(() => {});
  const away = () => (up && !nc.isClosed() ? null : `the log server at ${url.host} does not answer`);
  const refusal = () =>
    refuse.unavailable(
      `Events cannot be accepted now: the log server at ${url.host} does not answer. Send them again later.`,
    );

  return {
    nc,
    name,
    maxPayload: () => maxPayload,
    away,
    refusal,
    insist() {
      if (away()) throw refusal();
    },
    async connected(deadline) {
      if (!away()) return;
      if (nc.isClosed()) throw refusal();
      await new Promise<void>((resolve, reject) => {
        const wake = () => {
          waiting.delete(wake);
          clearTimeout(timeout);
          resolve();
        };
        const timeout = setTimeout(
          () => {
            waiting.delete(wake);
            reject(refusal());
          },
          Math.max(0, deadline - Date.now()),
        );
        waiting.add(wake);
      });
    },
    onLoss: (listener) => lost.push(listener),
    onReturn: (listener) => returned.push(listener),
    async close() {
      if (away()) await nc.close();
      else await nc.drain().catch(() => nc.close());
    },
  };
}

async function firstConnection(url: URL): Promise<NatsConnection> {
  const deadline = Date.now() + FIRST_CONNECT_MS;
  let attempts = 0;
  const wait = () => {
    const step = Math.min(RECONNECT_MS.first * 2 ** Math.min(attempts++, 10), RECONNECT_MS.most);
    return step * (0.75 + Math.random() / 2);
  };
  for (;;) {
    try {
      const nc = await connect({
        servers: url.host,
        name: 'throughline',
        timeout: CONNECT_TIMEOUT_MS,
        pingInterval: PING_MS,
        maxPingOut: 2,
        maxReconnectAttempts: -1,
        reconnectDelayHandler: wait,
        ...(url.protocol === 'tls:' ? { tls: {} } : {}),
        ...credentials(url),
      });
      const reset = async () => {
        for await (const status of nc.status()) if (status.type === 'reconnect') attempts = 0;
      };
      reset().catch(() => {});
      attempts = 0;
      return nc;
    } catch (error) {
      const refused = (error as Error).name === 'AuthorizationError';
      if (refused || Date.now() >= deadline) {
        throw new Error(
          `THROUGHLINE_LOG_URL: the NATS server at ${url.host} ${refused ? 'refuses the user and password' : 'cannot be reached'} (${(error as Error).message}).`,
          { cause: error },
        );
      }
      await new Promise((resolve) => setTimeout(resolve, wait()));
    }
  }
}

/** nats://user:password@host, or nats://token@host. */
function credentials(url: URL): { user?: string; pass?: string; token?: string } {
  const user = decodeURIComponent(url.username);
  const pass = decodeURIComponent(url.password);
  if (user === '') return {};
  return pass === '' ? { token: user } : { user, pass };
}
