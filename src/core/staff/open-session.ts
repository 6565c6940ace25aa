import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { z } from 'zod';

/** How somebody proved who they are when a session began. */
const METHODS = ['password', 'second-factor', 'passkey', 'sso', 'invitation'] as const;
export type Method = (typeof METHODS)[number];

/**
 * Adds to the sign-in library what our own ways in need: a session for somebody who has proved who they are, with a
 * token that is new. Not reachable from outside.
 */
export const openSessionPlugin = () => ({
  id: 'open-session' as const,
  endpoints: {
    openSession: createAuthEndpoint.serverOnly(
      { method: 'POST', body: z.object({ userId: z.string(), method: z.enum(METHODS) }) },
      async (ctx) => {
        const { userId, method } = ctx.body;
        const user = await ctx.context.internalAdapter.findUserById(userId);
        if (!user) throw new Error('A session was asked for somebody who is not there.');
        const session = await ctx.context.internalAdapter.createSession(userId, false, { method }, true);
        await setSessionCookie(ctx, { session, user });
        return ctx.json({ sessionId: session.id });
      },
    ),
  },
});
