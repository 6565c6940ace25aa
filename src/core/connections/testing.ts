import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import type { Envelope, IncomingEvent, Refused } from '../intake/incoming.ts';
import { sources } from '../sources/module.ts';
import { createSource, type Source, sourceById, updateSource } from '../sources/sources.ts';
import { type Connection, connectionOf, saveConnection } from './connections.ts';
import { connections } from './module.ts';
import { ConnectionInput } from './settings.ts';

const PATIENCE_MS = 60_000;

/** Stores with sources and connections, and what the connections put into the log. */
export interface ConnectionBench {
  context: Context;
  /** A source with a connection by these settings. */
  connect(input: { kind: string; settings: object; secrets?: object }, more?: { mapping?: string }): Promise<Source>;
  state(source: Source): Promise<Connection>;
  /** Waits until a connection is in a state, and tells about it. */
  stateIs(source: Source, wanted: Connection['state'] | ((now: Connection) => boolean)): Promise<Connection>;
  /** Everything in the log. */
  logged(): Promise<{ events: IncomingEvent[]; refused: Refused[] }>;
  /** Waits until the log has this many different message IDs of events and refused ones. */
  loggedWhen(count: number): ReturnType<ConnectionBench['logged']>;
  close(): Promise<void>;
}

export async function connectionBench(environment: Record<string, string> = {}): Promise<ConnectionBench> {
  const context = await testContext({ apps: [sources, connections], environment });
  const state = async (source: Source) => (await connectionOf(context, source))!;
  const logged = async () => {
    const envelopes: Envelope[] = [];
    for (let partition = 0; partition < context.log.partitions; partition++) {
      const records = await context.log.read(partition, 0, { events: 1e6, bytes: 1e9 });
      for (const { value } of records) envelopes.push(JSON.parse(Buffer.from(value).toString()) as Envelope);
    }
    return {
      events: envelopes.flatMap((envelope) => envelope.events),
      refused: envelopes.flatMap((envelope) => envelope.refused ?? []),
    };
  };
  return {
    context,
    async connect(input, more) {
      const source = await createSource(context, { name: `a ${input.kind}`, kind: input.kind as Source['kind'] });
      if (more) await updateSource(context, source.id, more);
      await saveConnection(context, source.id, ConnectionInput.parse(input));
      return sourceById(context, source.id);
    },
    state,
    async stateIs(source, wanted) {
      const fits = typeof wanted === 'function' ? wanted : (now: Connection) => now.state === wanted;
      return until(async () => {
        const now = await state(source);
        return fits(now) ? now : `it is ${now.state}, ${now.error}`;
      });
    },
    logged,
    loggedWhen: (count) =>
      until(async () => {
        const all = await logged();
        const ids = new Set([...all.events, ...all.refused].map((one) => one.messageId));
        return ids.size >= count ? all : `${ids.size} of ${count} are there`;
      }),
    close: () => context.close(),
  };
}

/** Asks until the answer is no text; the last text says what was missing. */
export async function until<T extends object>(ask: () => Promise<T | string>): Promise<T> {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(50)) {
    const answer = await ask();
    if (typeof answer !== 'string') return answer;
    if (Date.now() > deadline) throw new Error(answer);
  }
}
