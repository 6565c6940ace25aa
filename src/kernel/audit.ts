import type { Context as HonoContext } from 'hono';
import { z } from 'zod';
import type { App } from './app.ts';
import type { Caller } from './caller.ts';
import { clientAddress } from './client-address.ts';
import type { Context } from './context.ts';
import type { Route } from './route.ts';

/** What is kept of somebody having done or seen something. No values, only what it was about: values may be personal. */
export interface AuditEntry {
  actor: { kind: string; id: string; name: string };
  /** The endpoint, as `PATCH /api/sources/{id}`, or words such as `sign-in`. */
  action: string;
  /** What it was about, each as `people/12`. */
  subjects: readonly string[];
  /** Names of the fields that were sent. */
  fields: readonly string[];
  /** HTTP status. */
  status: number;
  /** The client's address. */
  address: string | null;
  /**
   * A look that goes on over several calls, by a name: it is kept once in so many minutes (LOOK_MINUTES) for each actor and
   * address, unless a later call tells of a subject that none before it told of.
   */
  look?: string;
}

/** Keeps an entry. It resolves when the entry is stored, and the answer waits for that. */
export type RecordAudit = (context: Context, entry: AuditEntry) => Promise<void>;

/** Notes something about the request at hand; what is left out is the endpoint's own action, 200 and nothing. */
export type NoteAudit = (entry: Partial<Omit<AuditEntry, 'address'>> & Pick<AuditEntry, 'actor'>) => Promise<void>;

/** Whoever looks on for longer than this stands in the log again. */
export const LOOK_MINUTES = 60;

/** Ids kept of one list that was looked at; more than a page can have. */
const SUBJECTS_LIMIT = 250;
const SUBJECT_LENGTH = 200;

const nowhere: RecordAudit = () => Promise.resolve();

/** How the given apps keep entries; where none does, nothing is kept. */
export const auditOf = (apps: readonly App[]): RecordAudit => apps.find((app) => app.audit)?.audit ?? nowhere;

export function noteAudit(record: RecordAudit, context: Context, http: HonoContext, action: string): NoteAudit {
  return (entry) =>
    record(context, {
      action,
      subjects: [],
      fields: [],
      status: 200,
      ...entry,
      address: clientAddress(http, context.config.proxies) ?? null,
    });
}

/**
 * Keeps a call of a route by somebody known: every change that went through, every look at people, every list taken out
 * as a file, and everything that was forbidden.
 */
export async function auditCall(
  record: RecordAudit,
  call: {
    route: Route;
    context: Context;
    http: HonoContext;
    caller: Caller;
    status: number;
    body?: unknown;
    reply?: unknown;
  },
): Promise<void> {
  const { route, context, http, caller, status } = call;
  const forbidden = status === 403;
  const exported = route.method === 'GET' && http.req.query('format') === 'csv';
  const changes = route.method !== 'GET' && !route.asks;
  if (!changes && route.looksAt === undefined && !exported && !forbidden) return;
  const looked = call.reply instanceof Response || call.reply === undefined ? [] : (route.auditIds?.(call.reply) ?? []);
  const subjects = [...pathSubjects(route.path, http.req.param()), ...looked.map(asSubject)];
  const look = changes || exported || forbidden ? undefined : route.look?.(http.req.param() as never);
  await record(context, {
    actor: { kind: caller.kind, id: caller.id, name: caller.name },
    action: `${route.method} ${route.path}${exported ? '?format=csv' : ''}`,
    subjects: [...new Set(subjects)].slice(0, SUBJECTS_LIMIT),
    fields: bodyFields(route.body, call.body),
    status,
    address: clientAddress(http, context.config.proxies) ?? null,
    ...(look !== undefined && { look }),
  });
}

const asSubject = (id: string) => (id.includes('/') ? id : `people/${id}`);

/** `/api/people/{id}/traits/{name}` with its values as `people/12` and `traits/plan`. */
function pathSubjects(path: string, params: Record<string, string>): string[] {
  return [...path.matchAll(/\/([^/{}]+)\/\{(\w+)\}/g)].flatMap(([, noun, name]) => {
    const value = params[name!];
    return value === undefined ? [] : [`${noun}/${value.replaceAll('\0', '').toWellFormed().slice(0, SUBJECT_LENGTH)}`];
  });
}

/** The names that a body gave, out of those that the schema knows. */
function bodyFields(schema: z.ZodType | undefined, body: unknown): string[] {
  if (!(schema instanceof z.ZodObject) || typeof body !== 'object' || body === null) return [];
  return Object.keys(schema.shape).filter((name) => (body as Record<string, unknown>)[name] !== undefined);
}
