import { z } from 'zod';
import { route } from '../../kernel/route.ts';
import { accessRoutes } from './access-routes.ts';
import { openSession } from './auth-endpoints.ts';
import { isSetUpNeeded, setUp } from './company.ts';
import { Email, Name, Password } from './fields.ts';
import { invitationRoutes } from './invitation-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { meRoutes } from './me-routes.ts';
import { checkOriginIfBrowser } from './origin.ts';
import { passkeyRoutes } from './passkey-routes.ts';
import { passwordResetRoutes } from './password-reset-routes.ts';
import { roleRoutes } from './role-routes.ts';
import { scimRoutes } from './scim/routes.ts';
import { sessionRoutes } from './session-routes.ts';
import { checkSetUpToken, needsSetUpToken } from './set-up-token.ts';
import { ssoRoutes } from './sso/routes.ts';
import { staffMemberRoutes } from './staff-routes.ts';

const UserReply = z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.string() });

const setUpRoutes = [
  route({
    method: 'GET',
    path: '/api/setup',
    summary: 'Whether this installation still waits for its owner',
    permission: 'anyone',
    reply: z.object({
      needed: z.boolean(),
      tokenNeeded: z.boolean().optional().describe('Whether the set-up asks for the token that the server printed.'),
    }),
    run: async ({ context, http }) =>
      (await isSetUpNeeded(context))
        ? { needed: true, ...(needsSetUpToken(http, context) ? { tokenNeeded: true } : {}) }
        : { needed: false },
  }),
  route({
    method: 'POST',
    path: '/api/setup',
    summary: 'Create the owner and sign in; works once, for the first who does it',
    permission: 'anyone',
    body: z.object({
      company: Name,
      name: Name,
      email: Email,
      password: Password,
      token: z.string().max(200).optional().describe('As printed at the start; not needed on the machine itself.'),
    }),
    reply: z.object({ user: UserReply }),
    status: 201,
    run: async ({ context, body, http, note }) => {
      checkOriginIfBrowser(http, context);
      checkSetUpToken(http, context, body.token);
      const user = await setUp(context, body);
      await openSession(http, context, { userId: user.id, method: 'invitation' });
      await note({ actor: { kind: 'staff', id: user.id, name: user.name }, fields: ['company'] });
      return { user };
    },
  }),
];

export const staffRoutes = [
  ...setUpRoutes,
  ...meRoutes,
  ...staffMemberRoutes,
  ...invitationRoutes,
  ...passwordResetRoutes,
  ...roleRoutes,
  ...keyRoutes,
  ...sessionRoutes,
  ...passkeyRoutes,
  ...accessRoutes,
  ...ssoRoutes,
  ...scimRoutes,
];
