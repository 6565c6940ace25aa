import type { MessagePort } from 'node:worker_threads';
import {
  BadRows,
  cancelled,
  type Events,
  type FileFormat,
  type InsertRows,
  type LimitKind,
  type Params,
  QueryFault,
  QueryLimit,
  type QueryOptions,
} from './events.ts';

type Call =
  | {
      id: number;
      verb: 'query';
      sql: string;
      params: Params | undefined;
      options: Omit<QueryOptions, 'signal'>;
    }
  | {
      id: number;
      verb: 'bytes';
      sql: string;
      format: FileFormat;
      params: Params | undefined;
      options: Omit<QueryOptions, 'signal'>;
    }
  | { id: number; verb: 'command'; sql: string; params: Params | undefined }
  | { id: number; verb: 'insert'; rows: InsertRows }
  | { id: number; verb: 'ping' }
  /** Ends the call of the same id, which then answers. */
  | { id: number; verb: 'cancel' };
type CallWithoutId = Call extends infer C ? (C extends { id: number } ? Omit<C, 'id'> : never) : never;
type Answer = { id: number; rows?: unknown; error?: Fault };
type Fault = { message: string; badRows: boolean; limit?: LimitKind; code?: number };

/** Answers, on the thread that holds the engine, the calls that `remoteEvents` makes on the other end of the port. */
export function serveEvents(events: Events, port: MessagePort): void {
  const cancels = new Map<number, AbortController>();
  port.on('message', async (call: Call) => {
    if (call.verb === 'cancel') return cancels.get(call.id)?.abort();
    const answer: Answer = { id: call.id };
    const controller = new AbortController();
    cancels.set(call.id, controller);
    try {
      if (call.verb === 'query' || call.verb === 'bytes') {
        const options = { ...call.options, signal: controller.signal };
        answer.rows =
          call.verb === 'query'
            ? await events.query(call.sql, call.params, options)
            : await events.bytes(call.sql, call.format, call.params, options);
      }
      if (call.verb === 'command') await events.command(call.sql, call.params);
      else if (call.verb === 'insert') await events.insert(call.rows);
      else if (call.verb === 'ping') await events.ping();
    } catch (error) {
      answer.error = faultOf(error);
    } finally {
      cancels.delete(call.id);
    }
    port.postMessage(answer);
  });
}

/** An error's kind, which does not cross between threads by itself. */
function faultOf(error: unknown): Fault {
  return {
    message: (error as Error).message,
    badRows: error instanceof BadRows,
    ...(error instanceof QueryLimit ? { limit: error.which } : {}),
    ...(error instanceof QueryFault ? { code: error.code } : {}),
  };
}

function errorOf({ message, badRows, limit, code }: Fault): Error {
  if (badRows) return new BadRows(message);
  if (limit) return new QueryLimit(limit, message);
  return code === undefined ? new Error(message) : new QueryFault(code, message);
}

/** The events store as seen from a worker thread: each call goes to the thread that holds the engine. */
export function remoteEvents(port: MessagePort): Events {
  const open = new Map<number, { resolve: (rows: unknown) => void; reject: (error: Error) => void }>();
  let lastId = 0;
  port.on('message', (answer: Answer) => {
    const call = open.get(answer.id);
    open.delete(answer.id);
    if (!answer.error) call?.resolve(answer.rows);
    else call?.reject(errorOf(answer.error));
  });
  const ask = (call: CallWithoutId, transfer: ArrayBuffer[] = []): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      open.set(id, { resolve, reject });
      port.postMessage({ id, ...call }, transfer);
    });
  const read = (call: CallWithoutId & { verb: 'query' | 'bytes' }, signal?: AbortSignal): Promise<unknown> => {
    if (signal?.aborted) return Promise.reject(cancelled());
    const answer = ask(call);
    const id = lastId;
    const cancel = () => port.postMessage({ id, verb: 'cancel' });
    signal?.addEventListener('abort', cancel, { once: true });
    return answer.finally(() => signal?.removeEventListener('abort', cancel));
  };
  return {
    kind: 'embedded',
    query: async <T>(sql: string, params?: Params, { signal, ...options }: QueryOptions = {}) =>
      (await read({ verb: 'query', sql, params, options }, signal)) as T[],
    bytes: async (sql, format, params, { signal, ...options }: QueryOptions = {}) =>
      Buffer.from((await read({ verb: 'bytes', sql, format, params, options }, signal)) as Uint8Array),
    command: async (sql, params) => void (await ask({ verb: 'command', sql, params })),
    insert: async (rows) => void (await ask({ verb: 'insert', rows })),
    ping: async () => void (await ask({ verb: 'ping' })),
    close: async () => port.close(),
  };
}
