import type { Hono, Context as HonoContext } from 'hono';
import { getCookie } from 'hono/cookie';
import type { App } from '../../kernel/app.ts';
import { auditOf, type NoteAudit, noteAudit } from '../../kernel/audit.ts';
import { clientAddress } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import { readBody } from '../../kernel/http.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { beginAttempt, DEVICE_COOKIE, deviceCookie } from './attempts.ts';
import { ADDRESS_HEADER, usesHttps } from './auth-rules.ts';
import { openAuth } from './open-auth.ts';
import { checkOriginIfBrowser } from './origin.ts';
import { openRoleBook } from './role-book.ts';
import { isCodeUsed, noteSignIn, userByEmail } from './sign-in.ts';

const BODY_LIMIT = 16 * 1024;

/**
 * What of the sign-in library is reachable, and which fields of its bodies: it brings much more of both. Addresses to
 * go on to are not among them, so none has to be checked.
 */
const ENDPOINTS: Record<string, readonly string[]> = {
  'POST /sign-in/email': ['email', 'password', 'rememberMe'],
  'POST /sign-out': [],
  'GET /get-session': [],
  'POST /change-password': ['currentPassword', 'newPassword'],
  'POST /two-factor/enable': ['password'],
  'POST /two-factor/disable': ['password'],
  'POST /two-factor/verify-totp': ['code'],
  'POST /two-factor/verify-backup-code': ['code'],
  'POST /two-factor/generate-backup-codes': ['password'],
};

/** Puts the sign-in endpoints at /api/auth/…, with refusals in the form that all our endpoints give. */
export function mountAuth(hono: Hono, context: Context, apps: readonly App[]): void {
  openRoleBook(context, apps);
  const record = auditOf(apps);
  hono.on(['GET', 'POST'], '/api/auth/*', async (http) => {
    const path = http.req.path.slice('/api/auth'.length);
    const fields = ENDPOINTS[`${http.req.method} ${path}`];
    if (!fields) throw refuse.notFound('There is no such endpoint. /api/docs lists all that there are.');
    checkOriginIfBrowser(http, context);
    const note = noteAudit(record, context, http, `${http.req.method} /api/auth${path}`);
    const body = http.req.method === 'GET' ? null : pick(await readJson(http), fields);
    if (path === '/sign-in/email') return signIn(http, context, body ?? {}, note);
    if (path.startsWith('/two-factor/verify-')) return verifySecondFactor(http, context, path, body ?? {}, note);
    // With a new password come new sessions, here and nowhere else.
    const sent = path === '/change-password' ? { ...body, revokeOtherSessions: true } : body;
    return signedIn(http, context, sent, note);
  });
}

type Body = Record<string, unknown>;
interface LibraryUser {
  id: string;
  name: string;
  email: string;
}

/** By password. Counted before it is tried; what was open in this browser ends where it succeeds. */
async function signIn(http: HonoContext, context: Context, body: Body, note: NoteAudit): Promise<Response> {
  const email = typeof body.email === 'string' ? body.email : '';
  const attempt = await beginAttempt(context, {
    address: clientAddress(http, context.config.proxies),
    email,
    deviceCookie: getCookie(http, DEVICE_COOKIE),
  });
  const before = await currentSession(http, context);
  const response = await call(http, context, body);
  if (response.ok) {
    const answer = (await response.clone().json()) as { user?: LibraryUser; twoFactorRedirect?: boolean };
    await attempt.succeeded();
    response.headers.append('set-cookie', deviceCookie(context, email, usesHttps(context)));
    if (answer.user) await noteSignIn(context, note, answer.user, 'password', before?.session.id);
    return response;
  }
  if (response.status < 500) {
    const user = await userByEmail(context, email);
    await note({ actor: user ?? NOBODY, action: 'sign-in', status: response.status });
  }
  return refusalOf(response);
}

const NOBODY = { kind: 'nobody', id: '', name: 'nobody known' };

/** The second step of a sign-in, or the proof that an authenticator app was set up. */
async function verifySecondFactor(
  http: HonoContext,
  context: Context,
  path: string,
  body: Body,
  note: NoteAudit,
): Promise<Response> {
  const before = await currentSession(http, context);
  const response = await call(http, context, body);
  if (!response.ok) {
    const actor = before ? { kind: 'staff', id: before.user.id, name: before.user.name } : NOBODY;
    await note({ actor, action: before ? `POST /api/auth${path}` : 'sign-in', status: response.status });
    return refusalOf(response);
  }
  const { user, token } = (await response.clone().json()) as { user: LibraryUser; token?: string };
  if (before) {
    await note({ actor: { kind: 'staff', id: user.id, name: user.name } });
    return response;
  }
  if (path === '/two-factor/verify-totp' && (await isCodeUsed(context, user.id, String(body.code)))) {
    await context.records.pool.query('DELETE FROM staff_sessions WHERE token = $1', [token]);
    await note({ actor: { kind: 'staff', id: user.id, name: user.name }, action: 'sign-in', status: 401 });
    throw refuse.unauthenticated('This code was used already. Wait for the next one.');
  }
  await noteSignIn(context, note, user, 'second-factor');
  return response;
}

async function signedIn(http: HonoContext, context: Context, body: Body | null, note: NoteAudit): Promise<Response> {
  const before = http.req.method === 'GET' ? null : await currentSession(http, context);
  const response = await call(http, context, body);
  if (!response.ok) return refusalOf(response);
  if (before) await note({ actor: { kind: 'staff', id: before.user.id, name: before.user.name } });
  return response;
}

const currentSession = async (http: HonoContext, context: Context) =>
  (await openAuth(context)).api.getSession({ headers: http.req.raw.headers });

/** The request's headers as the sign-in library is to see them: with the client's true address, and an origin. */
function authHeaders(http: HonoContext, context: Context): Headers {
  const headers = new Headers(http.req.raw.headers);
  headers.delete(ADDRESS_HEADER);
  const address = clientAddress(http, context.config.proxies);
  if (address) headers.set(ADDRESS_HEADER, address);
  // The library asks for an Origin where there is a cookie; a program that keeps cookies sends none, and needs none.
  if (!headers.has('origin')) headers.set('origin', new URL(http.req.url).origin);
  return headers;
}

/** Opens a session for somebody who has proved who they are, and puts its cookie on the answer. */
export async function openSession(
  http: HonoContext,
  context: Context,
  user: { userId: string; method: 'passkey' | 'sso' | 'invitation' },
): Promise<void> {
  const { api } = await openAuth(context);
  const { isAPIError } = await import('better-auth/api');
  const { headers } = await api
    .openSession({ body: user, headers: authHeaders(http, context), returnHeaders: true })
    .catch((error: unknown) => {
      if (!isAPIError(error)) throw error;
      const { code, message } = error.body ?? {};
      throw new Refusal(error.statusCode, (code ?? 'refused').toLowerCase(), message ?? 'This did not work.');
    });
  for (const cookie of headers.getSetCookie()) http.res.headers.append('set-cookie', cookie);
}

async function call(http: HonoContext, context: Context, body: Body | null): Promise<Response> {
  const headers = authHeaders(http, context);
  const { handler } = await openAuth(context);
  if (body === null) return handler(new Request(http.req.url, { headers }));
  headers.delete('content-length');
  headers.set('content-type', 'application/json');
  const url = new URL(http.req.url);
  url.search = '';
  return handler(new Request(url, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function readJson(http: HonoContext): Promise<unknown> {
  const text = new TextDecoder().decode(await readBody(http, BODY_LIMIT));
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse.invalid(`The body is not JSON: ${(error as Error).message}`);
  }
}

function pick(body: unknown, fields: readonly string[]): Body {
  if (typeof body !== 'object' || body === null) throw refuse.invalid('The body must be an object.');
  return Object.fromEntries(Object.entries(body).filter(([name]) => fields.includes(name)));
}

async function refusalOf(response: Response): Promise<Response> {
  const said = (await response.json().catch(() => ({}))) as { code?: unknown; message?: unknown };
  const headers = new Headers({ 'cache-control': 'no-store' });
  for (const cookie of response.headers.getSetCookie()) headers.append('set-cookie', cookie);
  const wait = response.headers.get('x-retry-after');
  if (wait) headers.set('retry-after', wait);
  const { status } = response;
  const fallback = status === 429 ? 'too_many' : status >= 500 ? 'fault' : 'invalid';
  const code = typeof said.code === 'string' ? said.code.toLowerCase() : fallback;
  const message =
    status === 429
      ? `Too many tries from this address. Wait ${wait ?? 60} seconds and try again.`
      : sentence(typeof said.message === 'string' && said.message !== '' ? said.message : 'This did not work');
  return Response.json({ error: { code, message } }, { status, headers });
}

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);
