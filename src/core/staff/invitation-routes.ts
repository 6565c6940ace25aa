import { z } from 'zod';
import { pageOf, pageQuery } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import { openSession } from './auth-endpoints.ts';
import { Email, Name, NumberId, Password, RoleId } from './fields.ts';
import {
  acceptInvitation,
  InvitationView,
  invite,
  listInvitations,
  lookAtInvitation,
  SentInvitation,
  sendAgain,
  withdraw,
} from './invitations.ts';
import { Language, language } from './mails.ts';
import { checkOriginIfBrowser } from './origin.ts';
import { noteSignIn } from './sign-in.ts';

const params = z.object({ id: NumberId });
const token = z.string().min(1).max(200).describe('What stands after the # in the link.');

export const invitationRoutes = [
  route({
    method: 'GET',
    path: '/api/invitations',
    summary: 'Invitations that nobody has accepted yet, the newest first',
    permission: 'staff.read',
    query: pageQuery,
    reply: pageOf(InvitationView),
    run: ({ context, query }) => listInvitations(context, query),
  }),
  route({
    method: 'POST',
    path: '/api/invitations',
    summary: 'Invite somebody by mail; where mail is not set up, the link is in the answer',
    permission: 'staff.write',
    body: z.object({ email: Email, role: RoleId, language: Language.optional() }),
    reply: SentInvitation,
    status: 201,
    run: ({ context, caller, body, http }) =>
      invite(context, caller, { ...body, language: body.language ?? language(http) }),
  }),
  route({
    method: 'POST',
    path: '/api/invitations/{id}/send',
    summary: 'Send an invitation again, with a new link; the old one ends',
    permission: 'staff.write',
    params,
    reply: SentInvitation,
    run: ({ context, caller, params }) => sendAgain(context, caller, Number(params.id)),
  }),
  route({
    method: 'DELETE',
    path: '/api/invitations/{id}',
    summary: 'Withdraw an invitation; its link ends at once',
    permission: 'staff.write',
    params,
    reply: z.object({ id: z.string() }),
    run: async ({ context, caller, params }) => {
      await withdraw(context, caller, Number(params.id));
      return { id: params.id };
    },
  }),
  route({
    method: 'POST',
    path: '/api/invitations/look',
    summary: 'What an invitation’s link is for',
    permission: 'anyone',
    body: z.object({ token }),
    reply: z.object({
      company: z.string().nullable(),
      email: z.string(),
      roleName: z.string(),
      invitedBy: z.string(),
      expiresAt: z.string(),
    }),
    run: ({ context, body }) => lookAtInvitation(context, body.token),
  }),
  route({
    method: 'POST',
    path: '/api/invitations/accept',
    summary: 'Accept an invitation and sign in; works once',
    permission: 'anyone',
    body: z.object({ token, name: Name, password: Password }),
    reply: z.object({
      user: z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.string() }),
    }),
    status: 201,
    run: async ({ context, body, http, note }) => {
      checkOriginIfBrowser(http, context);
      const user = await acceptInvitation(context, body.token, body);
      await openSession(http, context, { userId: user.id, method: 'invitation' });
      await note({ actor: { kind: 'staff', id: user.id, name: user.name } });
      await noteSignIn(context, note, user, 'invitation');
      return { user };
    },
  }),
];
