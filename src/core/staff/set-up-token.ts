import type { Context as HonoContext } from 'hono';
import { isLocal } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { keptSecret, sameSecret } from '../../kernel/secrets.ts';
import { isSetUpNeeded } from './company.ts';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

const token = (context: Context) => keptSecret(context.config.dataDir, 'set-up');

/** For the output at the start: where to become the owner from another machine; null once there is one. */
export async function setUpHint(context: Context): Promise<string | null> {
  if (!(await isSetUpNeeded(context))) return null;
  return `  first run: become the owner at ${context.url()}/setup#token=${token(context)}`;
}

/**
 * Whether the set-up asks for the token: always but on this machine itself. A proxy on this machine makes everybody look
 * local, so nothing that tells of one may be there; nor a name that only somebody else's page would use.
 */
export function needsSetUpToken(http: HonoContext, context: Context): boolean {
  const { publicUrl, proxies } = context.config;
  const public_ = publicUrl !== undefined && !LOOPBACK.test(new URL(publicUrl).host);
  return public_ || proxies > 0 || !isLocal(http) || !LOOPBACK.test(http.req.header('host') ?? '');
}

/** Refuses with 403 a set-up from elsewhere without the token that the server printed. */
export function checkSetUpToken(http: HonoContext, context: Context, given: string | undefined): void {
  if (!needsSetUpToken(http, context)) return;
  if (given !== undefined && sameSecret(given.trim(), token(context))) return;
  throw refuse.forbidden(
    'The set-up from another machine needs the token that the server printed when it started; it is also in secrets/set-up in its data folder.',
  );
}
