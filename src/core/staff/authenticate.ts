import type { Context as HonoContext } from 'hono';
import type { App } from '../../kernel/app.ts';
import type { Caller } from '../../kernel/caller.ts';
import { isLocal } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import type { Authenticate } from '../../kernel/http.ts';
import { refuse } from '../../kernel/refusal.ts';
import { keptSecret, sameSecret } from '../../kernel/secrets.ts';
import { findApiKey, powersOf } from './api-keys.ts';
import { findSession } from './find-session.ts';
import type { Method } from './open-session.ts';
import { checkOrigin } from './origin.ts';
import { openRoleBook, roleById, secondFactorRequired } from './role-book.ts';
import { ACTIVE_MS, noteActive } from './sessions.ts';

/** Begins the credential of the command line on the server's own machine; the rest is the secret `local`. */
const LOCAL_PREFIX = 'local_';
/** The name under which that secret is kept in the data folder. */
const LOCAL_SECRET = 'local';

/** Ways in that need no second factor of ours: they have their own. */
const STRONG: ReadonlySet<string> = new Set<Method>(['second-factor', 'passkey', 'sso']);
const NOTHING: ReadonlySet<string> = new Set();

/**
 * Finds out who makes a request: by an `Authorization: Bearer` header with an API key or the local credential, or by
 * the session cookie. A wrong credential is refused with 401 rather than taken for nobody; a request with a cookie
 * that changes something has to come from a page of ours.
 */
export function createAuthenticate(context: Context, apps: readonly App[]): Authenticate {
  openRoleBook(context, apps);
  const authSecret = keptSecret(context.config.dataDir, 'auth');
  const localSecret = keptSecret(context.config.dataDir, LOCAL_SECRET);

  return async (http) => {
    const header = http.req.header('authorization');
    if (header !== undefined) return byHeader(header, http);
    const session = await findSession(http, context, authSecret);
    if (!session) return null;
    checkOrigin(http, context);
    const role = await roleById(context, session.role);
    const secondFactorMissing =
      !session.twoFactorEnabled && !STRONG.has(session.method) && (await secondFactorRequired(context));
    if (Date.now() - session.lastActiveAt.getTime() > ACTIVE_MS) await noteActive(context, session.id);
    return {
      kind: 'staff',
      id: session.userId,
      name: session.name,
      email: session.email,
      role: session.role,
      permissions: secondFactorMissing ? NOTHING : (role?.permissions ?? NOTHING),
      hidesPersonalData: role?.hidesPersonalData ?? true,
      sessionId: session.id,
      ...(secondFactorMissing ? { secondFactorMissing } : {}),
    };
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
          permissions: (await roleById(context, 'owner'))?.permissions ?? NOTHING,
          hidesPersonalData: false,
        };
      }
      throw refuse.unauthenticated(
        'The local credential works only on the machine of the server, with the data folder of the server. Elsewhere use an API key.',
      );
    }
    const key = token ? await findApiKey(context, token) : null;
    if (!key) {
      throw refuse.unauthenticated('The API key is not one of this installation, was revoked, or is past its end.');
    }
    return {
      kind: 'key',
      id: String(key.id),
      name: key.name ?? `API key ${key.prefix}…`,
      email: null,
      role: key.role,
      ...(await powersOf(context, key)),
    };
  }
}
