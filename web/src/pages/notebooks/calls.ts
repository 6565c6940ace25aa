import type {
  NotebookReply,
  NotebookSummary,
  NotebookVersionReply,
} from '../../../../src/apps/analytics/notebook-routes.ts';
import type { Cell } from '../../../../src/apps/analytics/notebooks.ts';
import type { SqlReply, SqlSchema } from '../../../../src/apps/analytics/sql/routes.ts';
import { ask, withQuery } from '../../api.ts';
import type { ListOf } from '../../wire.ts';

export type { Cell };
export type Notebook = NotebookReply;
export type Summary = NotebookSummary;
export type Version = NotebookVersionReply;
export type Result = SqlReply;

const one = (id: string) => `/api/notebooks/${encodeURIComponent(id)}`;

/** What the pages of notebooks ask the server. */
export const calls = {
  list: (query: { q: string; cursor: string | null }) =>
    ask<ListOf<Summary>>('GET', withQuery('/api/notebooks', { ...query, limit: 50 })),
  get: (id: string) => ask<Notebook>('GET', one(id)),
  create: (input: { name: string; cells: Cell[] }) => ask<Notebook>('POST', '/api/notebooks', input),
  change: (id: string, change: { version: number; name?: string; cells?: Cell[]; shared?: boolean }) =>
    ask<Notebook>('PATCH', one(id), change),
  remove: (id: string) => ask<unknown>('DELETE', one(id)),
  restore: (id: string) => ask<Notebook>('POST', `${one(id)}/restoration`, {}),
  versions: (id: string) => ask<ListOf<Version>>('GET', withQuery(`${one(id)}/versions`, { limit: 50 })),
  schema: () => ask<SqlSchema>('GET', '/api/sql/schema'),
  run: (input: { id: string; sql: string; from: string; to: string }, signal: AbortSignal) =>
    ask<Result>('POST', '/api/sql', input, signal),
  cancel: (id: string) => ask<unknown>('DELETE', `/api/sql/${encodeURIComponent(id)}`),
};
