import type { Context as HonoContext } from 'hono';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses with 403 a request that changes something, unless the browser says that one of our own pages made it. Browsers
 * send Origin with every such request, and pages cannot forge it; so another site's page can do nothing with the
 * cookie of whoever visits it.
 */
export function checkOrigin(http: HonoContext, context: Context): void {
  if (SAFE.has(http.req.method)) return;
  const origin = http.req.header('origin');
  const site = http.req.header('sec-fetch-site');
  const own = origin === undefined ? site === 'same-origin' : isOwnOrigin(http.req.raw, context);
  if (own && (site === undefined || site === 'same-origin')) return;
  throw refuse.forbidden(
    `This request does not come from a page of this server${origin ? `, but from ${origin}` : ''}. Behind a proxy, set THROUGHLINE_PUBLIC_URL to the address that people open.`,
  );
}

/** As checkOrigin, but lets pass what is no browser: a request without Origin and without Sec-Fetch-Site. */
export function checkOriginIfBrowser(http: HonoContext, context: Context): void {
  if (http.req.header('origin') !== undefined || http.req.header('sec-fetch-site') !== undefined) {
    checkOrigin(http, context);
  }
}

/**
 * Whether the request's Origin is the address it was sent to. The protocol is not compared: a proxy in front may speak
 * HTTPS to the browser and HTTP to us.
 */
export function isOwnOrigin(request: Request, context: Context): boolean {
  const origin = request.headers.get('origin');
  if (!origin || !URL.canParse(origin)) return false;
  const { publicUrl, proxies } = context.config;
  if (publicUrl && new URL(publicUrl).origin === origin) return true;
  const forwarded = proxies > 0 ? request.headers.get('x-forwarded-host') : null;
  const host = forwarded ?? request.headers.get('host') ?? new URL(request.url).host;
  return new URL(origin).host.toLowerCase() === host.toLowerCase();
}
