import type { Context as HonoContext } from 'hono';
import type { z } from 'zod';
import type { NoteAudit } from './audit.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Schema = z.ZodType | undefined;
type Output<S extends Schema> = S extends z.ZodType ? z.output<S> : undefined;

/** What an endpoint is given: its checked input, who asks, and the stores. */
export interface Request<P extends Schema, Q extends Schema, B extends Schema> {
  context: Context;
  caller: Caller;
  params: Output<P>;
  query: Output<Q>;
  body: Output<B>;
  signal: AbortSignal;
  /** The request itself, for endpoints that stream. */
  http: HonoContext;
  /** Notes in the audit log what the call itself does not tell: calls by nobody known are not kept by themselves. */
  note: NoteAudit;
}

/**
 * An endpoint as a value: where it is, who may call it, what goes in, what comes out and what it does. The server, the
 * OpenAPI document and the tests all read it from here.
 */
export interface Route<
  P extends Schema = Schema,
  Q extends Schema = Schema,
  B extends Schema = Schema,
  R extends Schema = Schema,
> {
  method: Method;
  /** OpenAPI's form: `/api/people/{id}`. */
  path: string;
  summary: string;
  /** A permission named in the app's list, or 'anyone' (no sign-in), or 'signed-in'. */
  permission: string;
  params?: P;
  query?: Q;
  /** JSON body. */
  body?: B;
  /** JSON reply; leave out for an endpoint that streams or sends a file. A Response of its own wins. */
  reply?: R;
  status?: number;
  /** Largest body in bytes; 1 MB unless told. */
  bodyLimit?: number;
  /** A question whose words do not fit into an address: it changes nothing, and the audit log keeps it like a GET. */
  asks?: boolean;
  /** It shows people: each call is kept in the audit log, also of a GET, with the id in the path. */
  looksAt?: 'person';
  /** For lists: the ids of the people that a reply shows; of other things as `quarantine/7`. */
  auditIds?: (reply: R extends z.ZodType ? z.input<R> : never) => string[];
  /** With `looksAt`: what is looked at over many calls, by a name that these share; the audit log keeps it once an hour. */
  look?: (params: Output<P>) => string;
  /**
   * With `looksAt`: the reply as roles get it that do not see personal data. Without it such roles are refused;
   * an endpoint that streams sees to it itself, by `caller.hidesPersonalData`, and says 'itself'.
   */
  hide?:
    | 'itself'
    | ((reply: R extends z.ZodType ? z.input<R> : never, context: Context, params: Output<P>) => Promise<unknown>);
  run: (request: Request<P, Q, B>) => Promise<R extends z.ZodType ? z.input<R> | Response : Response> | Response;
}

/** Gives a route its types; the value itself is what was written. */
export function route<P extends Schema, Q extends Schema, B extends Schema, R extends Schema>(
  value: Route<P, Q, B, R>,
): Route {
  return value as unknown as Route;
}
