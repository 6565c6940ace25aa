import type { RunningServer } from '../test/server.ts';
import { Connection, getHead, percentile } from './client.ts';
import { random } from './company.ts';

export interface ReadResult {
  requests: number;
  p50: number;
  p99: number;
}

/** Times GET requests one after another on one connection; the first half warms the server up and is not counted. */
export async function timeReads(
  server: { port: number },
  authorization: string,
  paths: readonly string[],
): Promise<ReadResult> {
  const connection = new Connection(server.port);
  const times: number[] = [];
  for (const [i, path] of paths.entries()) {
    const started = performance.now();
    const status = await connection.send(getHead(path, authorization));
    if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${connection.body.slice(0, 200)}`);
    if (i >= paths.length / 2) times.push(performance.now() - started);
  }
  connection.close();
  times.sort((a, b) => a - b);
  return { requests: times.length, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

export const timelinePaths = (people: number, requests: number): string[] => {
  const next = random(7);
  return Array.from({ length: requests }, () => `/api/people/${1 + Math.floor(next() * people)}/timeline?limit=50`);
};

const FIRST = [
  'Anna',
  'Jan',
  'Giulia',
  'Ivan',
  'Sophie',
  'Marek',
  'Luca',
  'Olga',
  'Emma',
  'Katarzyna',
  'Francesca',
  'Dmitri',
];
const SYLLABLES = [
  'ko',
  'wal',
  'ski',
  'no',
  'vak',
  'ros',
  'si',
  'bian',
  'chi',
  'smi',
  'jon',
  'pet',
  'rov',
  'zhang',
  'gar',
  'cia',
];

/** What people type: a first name as it is typed, whole names, names with a letter wrong or two swapped, e-mails, nonsense. */
export function searchPaths(people: number, requests: number): string[] {
  const next = random(11);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const last = () => pick(SYLLABLES) + pick(SYLLABLES) + pick(SYLLABLES);
  const swapped = (word: string) => {
    const at = 1 + Math.floor(next() * Math.max(1, word.length - 2));
    return word.slice(0, at) + (word[at + 1] ?? '') + (word[at] ?? '') + word.slice(at + 2);
  };
  const kinds = [
    () => pick(FIRST).slice(0, 3),
    () => last().slice(0, 5),
    () => `${pick(FIRST)} ${last()}`,
    () => swapped(last()),
    () => `${pick(FIRST)} ${swapped(last())}`,
    () => `customer.${1 + Math.floor(next() * people)}@example.com`,
    () => `customer-${1 + Math.floor(next() * people)}`,
    () => 'nobody is called this',
  ];
  return Array.from(
    { length: requests },
    (_, i) => `/api/people?limit=20&q=${encodeURIComponent(kinds[i % kinds.length]!())}`,
  );
}

/** Times from the answer of intake until the event is on its person's timeline, while the server is under load. */
export async function visibleAfter(
  server: RunningServer,
  writeKey: string,
  probes: number,
  everyMs: number,
): Promise<ReadResult> {
  const times = await Promise.all(
    Array.from({ length: probes }, async (_, i) => {
      await new Promise((resolve) => setTimeout(resolve, i * everyMs));
      const user = `probe-${i}-${crypto.randomUUID()}`;
      await fetch(`${server.url}/v1/track`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${writeKey}:`)}`, 'content-type': 'application/json' },
        body: JSON.stringify({ userId: user, event: 'Probe' }),
      });
      const accepted = performance.now();
      for (;;) {
        const found = await fetch(`${server.url}/api/people/lookup?kind=user_id&value=${user}`, {
          headers: { authorization: server.authorization },
        });
        if (found.ok) {
          const { id } = (await found.json()) as { id: string };
          const line = await fetch(`${server.url}/api/people/${id}/timeline`, {
            headers: { authorization: server.authorization },
          });
          const { items } = (await line.json()) as { items: unknown[] };
          if (items.length > 0) return performance.now() - accepted;
        } else await found.body?.cancel();
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }),
  );
  times.sort((a, b) => a - b);
  return { requests: times.length, p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}
