import type { Hono, Context as HonoContext } from 'hono';
import { clientAddress } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import { readBody } from '../../kernel/http.ts';
import { refuse } from '../../kernel/refusal.ts';
import { ADDRESS_HEADER, createAuth } from './auth.ts';
import { checkOriginIfBrowser } from './origin.ts';

const BODY_LIMIT = 16 * 1024;

/** What of the sign-in library is reachable; it brings much more. */
const ENDPOINTS = new Set([
  'POST /sign-in/email',
  'POST /sign-out',
  'GET /get-session',
  'POST /change-password',
  'GET /list-sessions',
  'POST /revoke-session',
  'POST /revoke-other-sessions',
]);

/** Puts the sign-in endpoints at /api/auth/…, with refusals in the form that all our endpoints give. */
export function mountAuth(hono: Hono, context: Context): void {
  hono.on(['GET', 'POST'], '/api/auth/*', async (http) => {
    if (!ENDPOINTS.has(`${http.req.method} ${http.req.path.slice('/api/auth'.length)}`)) {
      throw refuse.notFound('There is no such endpoint. /api/docs lists all that there are.');
    }
    checkOriginIfBrowser(http, context);
    return refusalOf(await createAuth(context).handler(await requestFor(http, context)));
  });
}

/** The request's headers as the sign-in library is to see them: with the client's true address, and an origin. */
export function authHeaders(http: HonoContext, context: Context): Headers {
  const headers = new Headers(http.req.raw.headers);
  headers.delete(ADDRESS_HEADER);
  const address = clientAddress(http, context.config.proxies);
  if (address) headers.set(ADDRESS_HEADER, address);
  // The library asks for an Origin where there is a cookie; a program that keeps cookies sends none, and needs none.
  if (!headers.has('origin')) headers.set('origin', new URL(http.req.url).origin);
  return headers;
}

async function requestFor(http: HonoContext, context: Context): Promise<Request> {
  const headers = authHeaders(http, context);
  if (http.req.method === 'GET') return new Request(http.req.url, { headers });
  const body = await readBody(http, BODY_LIMIT);
  headers.delete('content-length');
  return new Request(http.req.url, { method: 'POST', headers, body: Buffer.from(body) });
}

async function refusalOf(response: Response): Promise<Response> {
  if (response.status < 400) return response;
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
