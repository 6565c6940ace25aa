import { createHmac } from 'node:crypto';
import type { Context as HonoContext } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Context } from '../../kernel/context.ts';
import { sameSecret } from '../../kernel/secrets.ts';
import { usesHttps } from './auth-rules.ts';

const COOKIE = 'throughline.session_token';

export interface FoundSession {
  id: string;
  method: string;
  lastActiveAt: Date;
  userId: string;
  name: string;
  email: string;
  role: string;
  twoFactorEnabled: boolean;
}

/**
 * The open session of a request's cookie, null where there is none; `secret` is what the sign-in library signs with. The sign-in library could answer this too; it stands
 * before every request of the console, so it is one prepared query here.
 */
export async function findSession(http: HonoContext, context: Context, secret: string): Promise<FoundSession | null> {
  const cookie = getCookie(http, usesHttps(context) ? `__Secure-${COOKIE}` : COOKIE);
  const end = cookie?.lastIndexOf('.') ?? -1;
  if (!cookie || end < 1) return null;
  const token = cookie.slice(0, end);
  // As the library signs cookies: HMAC-SHA-256 of the value.
  if (!sameSecret(cookie.slice(end + 1), createHmac('sha256', secret).update(token).digest('base64'))) return null;
  const { rows } = await context.records.pool.query<FoundSession>({
    name: 'staff-session',
    text: `SELECT s.id, s.method, s.last_active_at AS "lastActiveAt", u.id AS "userId", u.name, u.email, u.role,
             u.two_factor_enabled AS "twoFactorEnabled"
           FROM staff_sessions s JOIN staff_users u ON u.id = s.user_id
           WHERE s.token = $1 AND s.expires_at > now() AND u.disabled_at IS NULL`,
    values: [token],
  });
  return rows[0] ?? null;
}
