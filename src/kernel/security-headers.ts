import type { MiddlewareHandler } from 'hono';
import type { Context } from './context.ts';

/** Everything from this server only; styles inline, since the console's kit sets some on elements. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Record<string, string> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()',
  'cross-origin-opener-policy': 'same-origin',
};

/** Sets, where they are not set already, the headers that keep browsers from being used against us. */
export function secure(headers: Headers, context: Context): void {
  for (const [name, value] of Object.entries(HEADERS)) if (!headers.has(name)) headers.set(name, value);
  if (context.config.publicUrl?.startsWith('https:')) headers.set('strict-transport-security', 'max-age=31536000');
}

export function securityHeaders(context: Context): MiddlewareHandler {
  return async (http, next) => {
    await next();
    secure(http.res.headers, context);
  };
}
