import type { MessagePort } from 'node:worker_threads';
import { BadRows, type Events, type FileFormat, type InsertRows, type Params, type QueryOptions } from './events.ts';

type Call =
  | {
      id: number;
      verb: 'query';
      sql: string;
      params: Params | undefined;
      options: Omit<QueryOptions, 'signal'> | undefined;
    }
  | {
      id: number;
      verb: 'bytes';
      sql: string;
      format: FileFormat;
      params: Params | undefined;
      options: Omit<QueryOptions, 'signal'> | undefined;
    }
  | { id: number; verb: 'command'; sql: string; params: Params | undefined }
  | { id: number; verb: 'insert'; rows: InsertRows }
  | { id: number; verb: 'ping' };
type CallWithoutId = Call extends infer C ? (C extends { id: number } ? Omit<C, 'id'> : never) : never;
type Answer = { id: number; rows?: unknown; error?: { message: string; badRows: boolean } };

/** Answers, on the thread that holds the engine, the calls that `remoteEvents` makes on the other end of the port. */
export function serveEvents(events: Events, port: MessagePort): void {
  port.on('message', async (call: Call) => {
    const answer: Answer = { id: call.id };
    try {
      if (call.verb === 'query') answer.rows = await events.query(call.sql, call.params, call.options);
      else if (call.verb === 'bytes')
        answer.rows = await events.bytes(call.sql, call.format, call.params, call.options);
      else if (call.verb === 'command') await events.command(call.sql, call.params);
      else if (call.verb === 'insert') await events.insert(call.rows);
      else await events.ping();
    } catch (error) {
      answer.error = { message: (error as Error).message, badRows: error instanceof BadRows };
    }
    port.postMessage(answer);
  });
}

/** The events store as seen from a worker thread: each call goes to the thread that holds the engine. */
export function remoteEvents(port: MessagePort): Events {
  const open = new Map<number, { resolve: (rows: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  port.on('message', (answer: Answer) => {
    const call = open.get(answer.id);
    open.delete(answer.id);
    if (!answer.error) call?.resolve(answer.rows);
    else call?.reject(answer.error.badRows ? new BadRows(answer.error.message) : new Error(answer.error.message));
  });
  const ask = (call: CallWithoutId, transfer: ArrayBuffer[] = []): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      open.set(id, { resolve, reject });
      port.postMessage({ id, ...call }, transfer);
    });
  return {
    kind: 'embedded',
    query: async <T>(sql: string, params?: Params, options?: QueryOptions) => {
      const bounds = options ? { seconds: options.seconds, memoryBytes: options.memoryBytes } : undefined;
      return (await ask({ verb: 'query', sql, params, options: bounds as Omit<QueryOptions, 'signal'> })) as T[];
    },
    bytes: async (sql, format, params, options) => {
      const bounds = options ? { seconds: options.seconds, memoryBytes: options.memoryBytes } : undefined;
      const call = { verb: 'bytes' as const, sql, format, params, options: bounds as Omit<QueryOptions, 'signal'> };
      return Buffer.from((await ask(call)) as Uint8Array);
    },
    command: async (sql, params) => void (await ask({ verb: 'command', sql, params })),
    insert: async (rows) => void (await ask({ verb: 'insert', rows })),
    ping: async () => void (await ask({ verb: 'ping' })),
    close: async () => port.close(),
  };
}
