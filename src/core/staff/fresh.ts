import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { Refusal } from '../../kernel/refusal.ts';
import { beginAttempt } from './attempts.ts';
import { openAuth } from './open-auth.ts';
import { signedInUser } from './sessions.ts';

/** How long after a sign-in one may change ways to sign in without the password. */
const FRESH_MINUTES = 15;

/**
 * Refuses (403 `sign_in_again`) to change how somebody signs in from a session that has been open for a while, unless the
 * password comes with it: who finds an open browser shall not move in for good. Answers the user's ID.
 */
export async function checkFresh(context: Context, caller: Caller, password: string | undefined): Promise<string> {
  const userId = signedInUser(caller);
  const { rows } = await context.records.pool.query<{ fresh: boolean; hash: string | null; email: string }>(
    `SELECT s.created_at > now() - make_interval(mins => $2) AS fresh, u.email,
       (SELECT password FROM staff_logins WHERE user_id = u.id AND provider_id = 'credential') AS hash
     FROM staff_sessions s JOIN staff_users u ON u.id = s.user_id WHERE s.id = $1`,
    [caller.sessionId, FRESH_MINUTES],
  );
  const session = rows[0];
  if (session?.fresh) return userId;
  if (session?.hash && password !== undefined) {
    const attempt = await beginAttempt(context, { address: undefined, email: session.email, deviceCookie: undefined });
    const { password: hasher } = await (await openAuth(context)).$context;
    if (await hasher.verify({ hash: session.hash, password })) {
      await attempt.succeeded();
      return userId;
    }
  }
  throw new Refusal(403, 'sign_in_again', 'You signed in a while ago. Give your password, or sign in again.');
}
