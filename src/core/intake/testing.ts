import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import { sources } from '../sources/module.ts';
import { createSource, type Source, type SourceKind, updateSource } from '../sources/sources.ts';
import type { Envelope, IncomingEvent, Refused } from './incoming.ts';
import { intake } from './module.ts';

/** Intake behind a real listener, with what it wrote to the log. Close it in `after`. */
export interface IntakeServer {
  context: Context;
  url: string;
  source(kind?: SourceKind, change?: { enabled?: boolean; mapping?: string }): Promise<Source>;
  /** What has come into the log since the last call, and forgets it there. */
  taken(): Promise<{ envelopes: Envelope[]; events: IncomingEvent[]; refused: Refused[] }>;
  /** Waits until the log has this many events; the same as `taken` then. */
  takenWhen(events: number): ReturnType<IntakeServer['taken']>;
  close(): Promise<void>;
}

export async function intakeServer(environment: Record<string, string> = {}): Promise<IntakeServer> {
  const context = await testContext({ apps: [sources, intake], environment });
  const hono = buildHttp(context, [intake], async () => null);
  const server = await new Promise<ReturnType<typeof serve>>((resolve) => {
    const listening = serve({ fetch: hono.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(listening));
  });
  const taken: IntakeServer['taken'] = async () => {
    const envelopes: Envelope[] = [];
    for (let partition = 0; partition < context.log.partitions; partition++) {
      const from = await context.log.committed(partition);
      const records = await context.log.read(partition, from, { events: 1e6, bytes: 1e9 });
      for (const { value, events } of records) {
        const envelope = JSON.parse(Buffer.from(value).toString()) as Envelope;
        if (envelope.events.length + (envelope.refused?.length ?? 0) !== events)
          throw new Error('The record miscounts.');
        envelopes.push(envelope);
      }
      await context.log.commit(partition, records.at(-1)?.position ?? from);
    }
    return {
      envelopes,
      events: envelopes.flatMap((envelope) => envelope.events),
      refused: envelopes.flatMap((envelope) => envelope.refused ?? []),
    };
  };
  return {
    context,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async source(kind = 'server', change) {
      const made = await createSource(context, { name: `a ${kind}`, kind });
      return change ? updateSource(context, made.id, change) : made;
    },
    taken,
    async takenWhen(events) {
      const lag = async () => (await context.log.state()).reduce((sum, state) => sum + state.lagEvents, 0);
      for (let waited = 0; (await lag()) < events && waited < 60_000; waited += 20) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return taken();
    },
    async close() {
      await new Promise((resolve) => {
        server.close(resolve);
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
      await context.close();
    },
  };
}

/** Sends JSON as a server's SDK does. */
export function post(url: string, writeKey: string | null, body: unknown, headers: Record<string, string> = {}) {
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(writeKey !== null && { authorization: `Basic ${Buffer.from(`${writeKey}:`).toString('base64')}` }),
      ...headers,
    },
    body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
  });
}
