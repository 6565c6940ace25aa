import type { RequestDetail, RequestKind, RequestSummary } from '../../../../src/core/requests/requests.ts';
import { ask, withQuery } from '../../api.ts';

export type { RequestDetail, RequestKind, RequestSummary };

export const REQUEST_KINDS = ['access', 'correction', 'erasure', 'restriction', 'portability', 'objection'] as const;

type List<T> = { items: T[]; nextCursor: string | null };
type Filter = { state: string; kind: string; q: string };

const one = (id: string) => `/api/requests/${encodeURIComponent(id)}`;

export const requestsApi = {
  list: (filter: Filter, cursor: string | null, signal?: AbortSignal) =>
    ask<List<RequestSummary>>('GET', withQuery('/api/requests', { ...filter, cursor }), undefined, signal),
  read: (id: string, signal?: AbortSignal) => ask<RequestDetail>('GET', one(id), undefined, signal),
  enter: (request: { kind: RequestKind; email: string; name: string; message: string; language: string }) =>
    ask<RequestDetail>('POST', '/api/requests', request),
  change: (id: string, to: { assignee?: string | null; personId?: string | null; extendBecause?: string }) =>
    ask<RequestDetail>('PATCH', one(id), to),
  prove: (id: string, how: string) => ask<RequestDetail>('POST', `${one(id)}/proof`, { how }),
  fulfil: (id: string, answer: string) => ask<RequestDetail>('POST', `${one(id)}/fulfil`, { answer }),
  refuse: (id: string, because: string) => ask<RequestDetail>('POST', `${one(id)}/refusal`, { because }),
  link: (id: string) => ask<{ url: string }>('GET', `${one(id)}/link`),
};
