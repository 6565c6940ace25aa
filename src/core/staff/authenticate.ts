import type { Context as HonoContext } from 'hono';
import type { App } from '../../kernel/app.ts';
import type { Caller } from '../../kernel/caller.ts';
import { isLocal } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import type { Authenticate } from '../../kernel/http.ts';
import { refuse } from '../../kernel/refusal.ts';
import { keptSecret, sameSecret } from '../../kernel/secrets.ts';
import { findApiKey } from './api-keys.ts';
import { createAuth } from './auth.ts';
import { checkOrigin } from './origin.ts';
import { permissionsOf, permissionsOfRole } from './roles.ts';

/** Begins the credential of the command line on the server's own machine; the rest is the secret `local`. */
export const LOCAL_PREFIX = 'local_';
/** The name under which that secret is kept in the data folder. */
export const LOCAL_SECRET = 'local';

/**
 * Finds out who makes a request: by an `Authorization: Bearer` header with an API key or the local credential, or by
 * the session cookie. A wrong credential is refused with 401 rather than taken for nobody; a request with a cookie
 * that changes something has to come from a page of ours.
 */
export function createAuthenticate(context: Context, apps: readonly App[]): Authenticate {
  const all = permissionsOf(apps);
  const byRole = new Map<string, ReadonlySet<string>>();
  const permissions = (role: string) => {
    let set = byRole.get(role);
    if (!set) {
      set = permissionsOfRole(role, all);
      byRole.set(role, set);
    }
    return set;
  };
  const localSecret = keptSecret(context.config.dataDir, LOCAL_SECRET);
  const auth = createAuth(context);

  return async (http) => {
    const header = http.req.header('authorization');
    if (header !== undefined) return byHeader(header, http);
    if (!http.req.header('cookie')?.includes('throughline.session_token=')) return null;
    const found = await auth.api.getSession({ headers: http.req.raw.headers });
    if (!found) return null;
    checkOrigin(http, context);
    const { id, name, email, role } = found.user;
    return { kind: 'staff', id, name, email, role, permissions: permissions(role) };
  };

  async function byHeader(header: string, http: HonoContext): Promise<Caller> {
    const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
    if (token?.startsWith(LOCAL_PREFIX)) {
      if (isLocal(http) && sameSecret(token.slice(LOCAL_PREFIX.length), localSecret)) {
        return {
          kind: 'local',
          id: 'local',
          name: 'Command line on this machine',
          email: null,
          role: 'owner',
          permissions: permissions('owner'),
        };
      }
      throw refuse.unauthenticated(
        'The local credential works only on the machine of the server, with the data folder of the server. Elsewhere use an API key.',
      );
    }
    const key = token ? await findApiKey(context, token) : null;
    if (!key) throw refuse.unauthenticated('The API key is not one of this installation, or was revoked.');
    const name = key.name ?? `API key ${key.prefix}…`;
    return { kind: 'key', id: String(key.id), name, email: null, role: key.role, permissions: permissions(key.role) };
  }
}
