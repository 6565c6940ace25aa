import type { ViewReply } from '../../../src/core/views/routes.ts';
import { ask, withQuery } from '../api.ts';
import type { ListOf } from '../wire.ts';

export type View = ViewReply;

/** A person's own and the shared ones together have at most so many; the server's limits say so. */
const MOST = 200;
const id = encodeURIComponent;

export const viewCalls = {
  list: (list: string) => ask<ListOf<View>>('GET', withQuery('/api/views', { list, limit: MOST })),
  create: (view: { list: string; name: string; query: string; shared: boolean }) =>
    ask<View>('POST', '/api/views', view),
  change: (viewId: string, change: { name?: string; query?: string; shared?: boolean }) =>
    ask<View>('PATCH', `/api/views/${id(viewId)}`, change),
  remove: (viewId: string) => ask<unknown>('DELETE', `/api/views/${id(viewId)}`),
  restore: (viewId: string) => ask<View>('POST', `/api/views/${id(viewId)}/restoration`),
  openWith: (list: string, viewId: string | null) => ask<unknown>('PUT', `/api/views/defaults/${id(list)}`, { viewId }),
};

/** The parts of an address that make a view, in one order. */
export function queryOf(params: URLSearchParams, names: readonly string[]): string {
  const found = names.flatMap((name) => {
    const value = params.get(name);
    return value ? [[name, value]] : [];
  });
  return new URLSearchParams(found.sort()).toString();
}
