import { seen } from '../src/kernel/testing-until.ts';
import type { RunningServer } from './server.ts';

/** What a server answered to one batch. */
export interface Answer {
  status: number;
  retryAfter: string | null;
  text: string;
}

/** Events named `Survived`, sent in batches, with a list of those that were acknowledged. */
export class Load {
  readonly acknowledged = new Set<string>();
  readonly refused: Answer[] = [];
  readonly #key: string;
  #sent = 0;

  readonly #people: number;

  constructor(key: string, people = 100) {
    this.#key = key;
    this.#people = people;
  }

  /** Sends one batch of `events` events with `bytes` of filling each; null where there was no answer. */
  async send(server: { url: string }, events = 20, bytes = 0): Promise<Answer | null> {
    const batch = Array.from({ length: events }, () => ({
      type: 'track',
      event: 'Survived',
      messageId: crypto.randomUUID(),
      userId: `user-${this.#sent++ % this.#people}`,
      ...(bytes > 0 && { properties: { filling: randomText(bytes) } }),
    }));
    const response = await fetch(`${server.url}/v1/batch`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`${this.#key}:`)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ batch }),
    }).catch(() => null);
    if (!response) return null;
    const text = await response.text().catch(() => '');
    const answer = { status: response.status, retryAfter: response.headers.get('retry-after'), text };
    if (response.status === 200) for (const { messageId } of batch) this.acknowledged.add(messageId);
    else this.refused.push(answer);
    return answer;
  }
}

/** Text that no store can make small. */
function randomText(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(Math.ceil((bytes * 3) / 4)))).toString('base64');
}

export interface HealthAnswer {
  httpStatus: number;
  status: string;
  stores: Record<'events' | 'records' | 'log', { up: boolean }>;
  intake: { accepting: boolean; reason: string | null };
  stream: { trouble: string | null };
  lag: number;
}

export async function healthOf(server: { url: string }): Promise<HealthAnswer> {
  const response = await fetch(`${server.url}/health`);
  const body = (await response.json()) as Omit<HealthAnswer, 'lag' | 'httpStatus'> & {
    stream: { trouble: string | null; partitions: { lagEvents: number }[] };
  };
  const lag = body.stream.partitions.reduce((sum, partition) => sum + partition.lagEvents, 0);
  return { ...body, httpStatus: response.status, lag };
}

/** Waits until nothing waits in the log. */
export const drained = (server: RunningServer) =>
  seen(
    () => healthOf(server),
    (health) => health.lag === 0,
  );
