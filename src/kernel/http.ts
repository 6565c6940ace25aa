import { Hono, type Context as HonoContext } from 'hono';
import type { z } from 'zod';
import type { App } from './app.ts';
import { auditCall, auditOf, noteAudit, type RecordAudit } from './audit.ts';
import type { Caller } from './caller.ts';
import type { Context } from './context.ts';
import { csvAnswer, csvName, type ListPage, listItem } from './csv.ts';
import { QueryLimit } from './events.ts';
import { faultText, outputPath } from './fault-text.ts';
import { PAGE_LIMIT } from './page.ts';
import { isRecordsAway } from './records.ts';
import { Refusal, refuse } from './refusal.ts';
import type { Route } from './route.ts';
import { securityHeaders } from './security-headers.ts';

const DEFAULT_BODY_LIMIT = 1024 * 1024;

/** Finds out who makes a request; null where nobody is signed in. Throws a Refusal for wrong credentials. */
export type Authenticate = (http: HonoContext) => Promise<Caller | null>;

const nobody: Caller = { kind: 'key', id: '', name: 'anyone', email: null, role: 'none', permissions: new Set() };

/** The HTTP server of a process: every app's protocol endpoints and routes, and one way to answer errors. */
export function buildHttp(context: Context, apps: readonly App[], authenticate: Authenticate): Hono {
  const hono = new Hono({ strict: false });
  const record = auditOf(apps);
  hono.onError((error, http) => answerError(error, http));
  // Not on the intake's paths: they answer programs, and each header costs there.
  hono.use('/api/*', securityHeaders(context));
  for (const app of apps) app.mount?.(hono, context, apps);
  const defined = new Set(apps.flatMap((app) => Object.keys(app.permissions ?? {})));
  for (const app of apps) {
    for (const route of app.routes ?? []) {
      if (!['anyone', 'signed-in'].includes(route.permission) && !defined.has(route.permission)) {
        throw new Error(
          `${route.method} ${route.path} names the permission "${route.permission}", which no app defines.`,
        );
      }
      hono.on(route.method, honoPath(route.path), (http) => serve(route, http, context, authenticate, record));
    }
  }
  hono.all('/api/*', () => {
    throw refuse.notFound('There is no such endpoint. /api/docs lists all that there are.');
  });
  return hono;
}

const honoPath = (path: string) => path.replaceAll(/\{(\w+)\}/g, ':$1');

async function serve(
  route: Route,
  http: HonoContext,
  context: Context,
  authenticate: Authenticate,
  record: RecordAudit,
): Promise<Response> {
  if (route.permission === 'anyone') return (await answer(route, http, context, nobody, record)).response;
  const caller = await identify(http, authenticate);
  try {
    permit(route, caller);
    const { response, body, reply } = await answer(route, http, context, caller, record);
    const { status } = response;
    try {
      await auditCall(record, { route, context, http, caller, status, body, reply });
    } catch (error) {
      // What is not kept is not shown; a stream would wait for its reader for ever.
      await response.body?.cancel();
      throw error;
    }
    return response;
  } catch (error) {
    if (error instanceof Refusal && error.status === 403) {
      await auditCall(record, { route, context, http, caller, status: 403 });
    }
    throw error;
  }
}

async function answer(
  route: Route,
  http: HonoContext,
  context: Context,
  caller: Caller,
  record: RecordAudit,
): Promise<{ response: Response; body: unknown; reply: unknown }> {
  const params = check(route.params, http.req.param(), 'the path');
  const asked = queryOf(http);
  const item = route.method === 'GET' && asked.format === 'csv' ? listItem(route.reply) : undefined;
  if (item) delete asked.format;
  const query = check(route.query, asked, 'the query');
  const body = route.body
    ? check(route.body, await readJson(http, route.bodyLimit ?? DEFAULT_BODY_LIMIT), 'the body')
    : undefined;
  const { signal } = http.req.raw;
  const hide = hidingOf(route, caller);
  const run = async (query: unknown): Promise<unknown> => {
    const reply = await route.run({
      context,
      caller,
      params: params as never,
      query: query as never,
      body: body as never,
      signal,
      http,
      note: noteAudit(record, context, http, `${route.method} ${route.path}`),
    });
    return hide && !(reply instanceof Response) ? hide(reply as never, context, params as never) : reply;
  };
  const page = (cursor: string | undefined) =>
    run(check(route.query, { ...asked, limit: PAGE_LIMIT, cursor }, 'the query')) as Promise<ListPage>;
  const result = item ? await csvAnswer({ item, name: csvName(route.path), signal, page }) : await run(query);
  if (result instanceof Response) {
    // Nobody will read the body, so a stream would wait for its reader for ever.
    if (http.req.raw.method === 'HEAD') await result.body?.cancel();
    return { response: result, body, reply: result };
  }
  const headers: Record<string, string> = { 'cache-control': 'no-store' };
  const response = Response.json(result ?? null, { status: route.status ?? 200, headers });
  return { response, body, reply: result };
}

async function identify(http: HonoContext, authenticate: Authenticate): Promise<Caller> {
  const caller = await authenticate(http);
  if (!caller) throw refuse.unauthenticated('Sign in, or send an API key as "Authorization: Bearer <key>".');
  return caller;
}

function permit(route: Route, caller: Caller): void {
  if (route.permission === 'signed-in' || caller.permissions.has(route.permission)) return;
  if (caller.secondFactorMissing) {
    throw new Refusal(
      403,
      'second_factor_missing',
      'Set up a second factor first: the company asks everybody for one.',
    );
  }
  throw refuse.forbidden(
    `This needs the permission ${route.permission}, which the role "${caller.role}" does not have.`,
  );
}

/** How a reply is shown to a role that does not see personal data; nothing to do for others. */
function hidingOf(route: Route, caller: Caller) {
  if (!caller.hidesPersonalData || !route.looksAt || route.hide === 'itself') return null;
  if (route.hide) return route.hide;
  throw refuse.forbidden(`This shows personal data, which the role "${caller.role}" does not see.`);
}

function queryOf(http: HonoContext): Record<string, string> {
  return http.req.query();
}

function check(schema: z.ZodType | undefined, value: unknown, where: string): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues
    .slice(0, 20)
    .map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  const first = problems[0];
  throw refuse.invalid(
    `Something in ${where} is wrong: ${first?.path ? `${first.path}: ` : ''}${first?.message ?? 'not as described'}.`,
    problems,
  );
}

/** The body as bytes; refuses with 413 past the limit, without reading on. */
export async function readBody(http: HonoContext, limit: number): Promise<Uint8Array> {
  const declared = Number(http.req.header('content-length') ?? 0);
  const tooLarge = () =>
    refuse.tooLarge(`The body is larger than ${limit.toLocaleString('en')} bytes, the limit here.`);
  if (declared > limit) throw tooLarge();
  const body = http.req.raw.body;
  if (!body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > limit) throw tooLarge();
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

async function readJson(http: HonoContext, limit: number): Promise<unknown> {
  const text = new TextDecoder().decode(await readBody(http, limit));
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse.invalid(`The body is not JSON: ${(error as Error).message}`);
  }
}

/** Nobody waits for the answer any more: the code that nginx gives this. */
const CLIENT_LEFT = 499;

export function answerError(error: unknown, http?: HonoContext): Response {
  if (error instanceof QueryLimit && error.which === 'cancelled' && http?.req.raw.signal.aborted)
    return new Response(null, { status: CLIENT_LEFT });
  const refusal = asRefusal(error);
  if (!refusal) {
    const reference = crypto.randomUUID().slice(0, 8);
    console.error(`[${reference}] ${http?.req.method} ${outputPath(http?.req.path ?? '')}: ${faultText(error)}`);
    return Response.json(
      {
        error: {
          code: 'fault',
          message: `Something failed on our side. The server's output tells more under ${reference}.`,
        },
      },
      { status: 500 },
    );
  }
  const headers: Record<string, string> = { 'cache-control': 'no-store' };
  if (refusal.retryAfterSeconds !== undefined) headers['retry-after'] = String(refusal.retryAfterSeconds);
  const { code, message, details } = refusal;
  return Response.json(
    { error: details === undefined ? { code, message } : { code, message, details } },
    { status: refusal.status, headers },
  );
}

function asRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (isRecordsAway(error))
    return refuse.unavailable('The database of records cannot be reached now. Try again in a moment.');
  // PostgreSQL: a text with a NUL byte or a broken character, a number out of range: what was sent cannot be stored.
  if (['22021', '22P05', '22003', '22P02'].includes((error as { code?: string })?.code ?? '')) {
    return refuse.invalid('A value has a character or a size that cannot be stored.');
  }
  return null;
}
