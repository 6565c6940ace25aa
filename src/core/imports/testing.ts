import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { buildHttp } from '../../kernel/http.ts';
import { testContext } from '../../kernel/testing.ts';
import type { Envelope, IncomingEvent, Refused } from '../intake/incoming.ts';
import { sources } from '../sources/module.ts';
import { imports } from './module.ts';
import type { ImportReply } from './routes.ts';
import { startRunner } from './runner.ts';

type Reply = z.output<typeof ImportReply>;

/** For tests: the endpoints of imports, asked by somebody who may do all of it. */
export function importsHttp(context: Context) {
  const caller: Caller = {
    kind: 'key',
    id: '1',
    name: 'test',
    email: null,
    role: 'admin',
    permissions: new Set(Object.keys(imports.permissions ?? {})),
  };
  const hono = buildHttp(context, [imports], async () => caller);
  const ask = async (method: string, path: string, body?: string | Uint8Array<ArrayBuffer>) => {
    const response = await hono.request(path, { method, body });
    const answer = (await response.json()) as Reply & { error?: { message: string; details?: unknown } };
    return { status: response.status, answer };
  };
  return {
    ask,
    /** Announces a file and uploads it whole. */
    async send(name: string, content: Uint8Array<ArrayBuffer>, mapping: unknown, more: object = {}): Promise<Reply> {
      const announcement = { name, size: content.length, fingerprint: `${name}:${content.length}`, mapping, ...more };
      const { status, answer } = await ask('POST', '/api/imports', JSON.stringify(announcement));
      if (status !== 201) throw new Error(answer.error?.message);
      if (answer.state !== 'uploading') return answer;
      const sent = await ask('PUT', `/api/imports/${answer.id}/content?offset=0`, content);
      if (sent.status !== 200) throw new Error(sent.answer.error?.message);
      return sent.answer;
    },
    /** Waits until an import is no longer being worked on. */
    async ended(id: string): Promise<Reply> {
      for (;;) {
        const { answer } = await ask('GET', `/api/imports/${id}`);
        if (answer.state === 'done' || answer.state === 'failed') return answer;
        await sleep(20);
      }
    },
  };
}

/** For tests: takes everything out of the log as it comes, in the place of the stream, and hands it on. */
function drainLog(context: Context, take: (envelope: Envelope) => void): { stop(): Promise<void> } {
  let stopped = false;
  const drain = async () => {
    while (!stopped) {
      let found = false;
      for (let partition = 0; partition < context.log.partitions; partition++) {
        const after = await context.log.committed(partition);
        const records = await context.log.read(partition, after, { events: 5000, bytes: 16 * 1024 * 1024 });
        for (const { value } of records) take(JSON.parse(Buffer.from(value).toString()) as Envelope);
        const last = records.at(-1);
        if (!last) continue;
        found = true;
        await context.log.commit(partition, last.position);
      }
      if (!found) await sleep(10);
    }
  };
  const running = drain();
  return {
    async stop() {
      stopped = true;
      await running;
    },
  };
}

/** For tests: imports on stores of their own with the work going on, and what of it reached the log. */
export async function startImports(environment: Record<string, string> = {}) {
  const context = await testContext({ apps: [sources, imports], environment });
  const http = importsHttp(context);
  const seen = { events: [] as IncomingEvent[], refused: [] as Refused[], sourceIds: new Set<number>() };
  const drain = drainLog(context, (envelope) => {
    seen.events.push(...envelope.events);
    seen.refused.push(...(envelope.refused ?? []));
    seen.sourceIds.add(envelope.sourceId);
  });
  let stop = await startRunner(context);
  return {
    context,
    http,
    seen,
    forget() {
      seen.events = [];
      seen.refused = [];
      seen.sourceIds = new Set();
    },
    /** Imports a file, waits until it is done or has failed, and until what it brought was seen. */
    async importFile(name: string, content: string | Uint8Array<ArrayBuffer>, mapping: unknown, more?: object) {
      const bytes = typeof content === 'string' ? new Uint8Array(Buffer.from(content)) : content;
      const sent = await http.send(name, bytes, mapping, more);
      const ended = await http.ended(sent.id);
      while ((await context.log.state()).some(({ lagEvents }) => lagEvents > 0)) await sleep(10);
      return ended;
    },
    stopWork: () => stop(),
    async startWork(silence?: number) {
      stop = await startRunner(context, silence);
    },
    async close() {
      await stop();
      await drain.stop();
      await context.close();
    },
  };
}
export type ImportsTest = Awaited<ReturnType<typeof startImports>>;
