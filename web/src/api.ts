import type {
  Doctor,
  Import,
  ListOf,
  LiveDrop,
  LiveEvent,
  Me,
  Merge,
  PeoplePage,
  Person,
  Source,
  SourceKind,
  StreamState,
  TestEvent,
  TimelineEvent,
  TraitValue,
} from './wire.ts';

/** The server's no: what was wrong (`message`), by which name (`code`), and what there is to copy (`details`). */
export class ApiRefusal extends Error {
  override readonly name = 'ApiRefusal';
  /** HTTP status; 0 when no answer came at all. */
  readonly status: number;
  readonly code: string;
  readonly details: unknown;
  /** Seconds to wait before asking again, where the server said so. */
  readonly retryAfter: number | null;

  constructor(
    status: number,
    code: string,
    message: string,
    details: unknown = null,
    retryAfter: number | null = null,
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
    this.retryAfter = retryAfter;
  }
}

type Values = Record<string, string | number | null | undefined>;

/** Writes a query string, leaving out what is empty. */
export function withQuery(path: string, values: Values): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refusalFrom(response: Response, body: unknown, path: string): ApiRefusal {
  const told = isObject(body) && isObject(body.error) ? body.error : isObject(body) ? body : {};
  const code = typeof told.code === 'string' ? told.code : `http_${response.status}`;
  const message = typeof told.message === 'string' ? told.message : '';
  const wait = Number(response.headers.get('retry-after'));
  const details = told.details ?? { path, status: response.status };
  return new ApiRefusal(response.status, code, message, details, Number.isFinite(wait) && wait > 0 ? wait : null);
}

/**
 * Asks the server and reads its JSON. Throws `ApiRefusal` for every answer outside 200–299, for an answer that is
 * not JSON (`unreadable`), and when no answer comes (`unreachable`, status 0).
 */
export async function ask<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiRefusal(0, 'unreachable', '', { path, cause: String(error) });
  }
  const text = await response.text();
  let answer: unknown = null;
  try {
    answer = text === '' ? null : JSON.parse(text);
  } catch {
    if (response.ok) throw new ApiRefusal(response.status, 'unreadable', '', { path, body: text.slice(0, 500) });
  }
  if (!response.ok) throw refusalFrom(response, answer, path);
  return answer as T;
}

const id = encodeURIComponent;

export type TimelineFilter = {
  name?: string;
  without?: string;
  channel?: string;
  contact?: string;
  from?: string;
  to?: string;
  q?: string;
};

/** Every call that the console makes, by what it is for. */
export const api = {
  setupNeeded: () => ask<{ needed: boolean; tokenNeeded?: boolean }>('GET', '/api/setup'),
  setUp: (input: { company: string; name: string; email: string; password: string; token?: string }) =>
    ask<{ user: unknown }>('POST', '/api/setup', input),
  signOut: () => ask<unknown>('POST', '/api/auth/sign-out', {}),
  me: () => ask<Me>('GET', '/api/me'),

  sources: () => ask<ListOf<Source>>('GET', withQuery('/api/sources', { limit: 200 })),
  source: (sourceId: string) => ask<Source>('GET', `/api/sources/${id(sourceId)}`),
  createSource: (input: { name: string; kind: SourceKind }) => ask<Source>('POST', '/api/sources', input),
  changeSource: (sourceId: string, change: { name?: string; enabled?: boolean; mapping?: string | null }) =>
    ask<Source>('PATCH', `/api/sources/${id(sourceId)}`, change),
  rotateKey: (sourceId: string) => ask<Source>('POST', `/api/sources/${id(sourceId)}/keys`, {}),
  sendTestEvent: (sourceId: string) =>
    ask<{ messageId: string }>('POST', `/api/sources/${id(sourceId)}/test-events`, {}),
  testEvent: (sourceId: string, messageId: string) =>
    ask<TestEvent>('GET', `/api/sources/${id(sourceId)}/test-events/${id(messageId)}`),

  people: (query: { q?: string; cursor?: string | null; limit?: number }, signal?: AbortSignal) =>
    ask<PeoplePage>('GET', withQuery('/api/people', query), undefined, signal),
  person: (personId: string) => ask<Person>('GET', `/api/people/${id(personId)}`),
  timeline: (personId: string, filter: TimelineFilter & { cursor?: string | null; limit?: number }) =>
    ask<ListOf<TimelineEvent>>('GET', withQuery(`/api/people/${id(personId)}/timeline`, filter)),
  traitHistory: (personId: string, trait: string) =>
    ask<{ items: TraitValue[] }>('GET', `/api/people/${id(personId)}/traits/${id(trait)}/history`),
  undoMerge: (mergeId: string) =>
    ask<{ merge: Merge; people: string[] }>('POST', `/api/merges/${id(mergeId)}/undo`, {}),

  liveRecent: (limit: number) =>
    ask<{ items: (LiveEvent | LiveDrop)[] }>('GET', withQuery('/api/live/recent', { limit })),

  stream: () => ask<StreamState>('GET', '/api/stream'),
  doctor: () => ask<Doctor>('GET', '/api/doctor'),
  loadSample: () => ask<Import>('POST', '/api/sample', {}),
  import: (importId: string) => ask<Import>('GET', `/api/imports/${id(importId)}`),
};
