import { z } from 'zod';
import { route } from '../../kernel/route.ts';
import { TextId } from './fields.ts';
import { endSession, endSessions, listSessions, SessionView, signedInUser } from './sessions.ts';

export const sessionRoutes = [
  route({
    method: 'GET',
    path: '/api/sessions',
    summary: 'Where you are signed in, the last used first',
    permission: 'signed-in',
    reply: z.object({ items: z.array(SessionView), nextCursor: z.null() }),
    run: async ({ context, caller }) => ({
      items: await listSessions(context, signedInUser(caller), caller.sessionId),
      nextCursor: null,
    }),
  }),
  route({
    method: 'DELETE',
    path: '/api/sessions/{id}',
    summary: 'Sign out one of your sessions; it stops working at once',
    permission: 'signed-in',
    params: z.object({ id: TextId }),
    reply: z.object({ id: z.string() }),
    run: async ({ context, caller, params }) => {
      await endSession(context, signedInUser(caller), params.id);
      return { id: params.id };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/sessions',
    summary: 'Sign out everywhere but here',
    permission: 'signed-in',
    reply: z.object({ ended: z.number() }),
    run: async ({ context, caller }) => ({
      ended: await endSessions(context, signedInUser(caller), caller.sessionId),
    }),
  }),
];
