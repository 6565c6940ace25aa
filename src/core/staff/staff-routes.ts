import { z } from 'zod';
import { pageOf } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { RoleId, TextId } from './fields.ts';
import { Language, language } from './mails.ts';
import {
  changeMember,
  listMembers,
  memberById,
  membersQuery,
  removeMember,
  removeSecondFactor,
  StaffMember,
} from './members.ts';
import { sendResetTo } from './password-reset.ts';
import { checkMayGive, checkMayTouch } from './role-book.ts';
import { endSession, endSessions, listSessions, SessionView } from './sessions.ts';

const params = z.object({ id: TextId });

export const staffMemberRoutes = [
  route({
    method: 'GET',
    path: '/api/staff',
    summary: 'The members of staff, by name',
    permission: 'staff.read',
    query: membersQuery,
    reply: pageOf(StaffMember),
    run: ({ context, query }) => listMembers(context, query),
  }),
  route({
    method: 'GET',
    path: '/api/staff/{id}',
    summary: 'A member of staff',
    permission: 'staff.read',
    params,
    reply: StaffMember,
    run: ({ context, params }) => memberById(context, params.id),
  }),
  route({
    method: 'PATCH',
    path: '/api/staff/{id}',
    summary: 'Give a member another role, or switch them off or on; ends their sessions at once',
    permission: 'staff.write',
    params,
    body: z.object({ role: RoleId.optional(), disabled: z.boolean().optional() }),
    reply: StaffMember,
    run: ({ context, caller, params, body }) => changeMember(context, caller, params.id, body),
  }),
  route({
    method: 'DELETE',
    path: '/api/staff/{id}',
    summary: 'Remove a member; the API keys they answer for end, or become yours',
    permission: 'staff.write',
    params,
    query: z.object({ keys: z.enum(['revoke', 'keep']).default('revoke') }),
    reply: z.object({ id: z.string(), keys: z.number().describe('How many keys ended or changed hands.') }),
    run: async ({ context, caller, params, query }) => ({
      id: params.id,
      keys: await removeMember(context, caller, params.id, query.keys),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/staff/{id}/sessions',
    summary: 'Where a member is signed in, the last used first',
    permission: 'staff.write',
    params,
    reply: z.object({ items: z.array(SessionView), nextCursor: z.null() }),
    run: async ({ context, caller, params }) => {
      await memberById(context, params.id);
      return { items: await listSessions(context, params.id, caller.sessionId), nextCursor: null };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/staff/{id}/sessions',
    summary: 'Sign a member out everywhere',
    permission: 'staff.write',
    params,
    reply: z.object({ ended: z.number() }),
    run: async ({ context, caller, params }) => {
      await checkMayTouch(context, caller, (await memberById(context, params.id)).role);
      return { ended: await endSessions(context, params.id) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/staff/{id}/sessions/{session}',
    summary: 'Sign out one session of a member; it stops working at once',
    permission: 'staff.write',
    params: z.object({ id: TextId, session: TextId }),
    reply: z.object({ id: z.string() }),
    run: async ({ context, caller, params }) => {
      await checkMayTouch(context, caller, (await memberById(context, params.id)).role);
      await endSession(context, params.id, params.session);
      return { id: params.session };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/staff/{id}/second-factor',
    summary: 'Take away the authenticator app and passkeys of a member who lost them',
    permission: 'staff.write',
    params,
    reply: z.object({ id: z.string() }),
    run: async ({ context, caller, params }) => {
      await removeSecondFactor(context, caller, params.id);
      return { id: params.id };
    },
  }),
  route({
    method: 'POST',
    path: '/api/staff/{id}/password-resets',
    summary: 'Send a member a link to set a new password; where mail is not set up, the link is in the answer',
    permission: 'staff.write',
    params,
    body: z.object({ language: Language.optional() }),
    reply: z.object({ mailed: z.boolean(), link: z.string().nullable(), expiresAt: z.string() }),
    status: 201,
    run: async ({ context, caller, params, body, http }) => {
      const member = await memberById(context, params.id);
      await checkMayTouch(context, caller, member.role);
      // Who has the link is as good as who has the role.
      await checkMayGive(context, caller, member.role);
      if (member.disabledAt) throw refuse.conflict('This member is switched off. Switch them on first.');
      return sendResetTo(context, member, body.language ?? language(http));
    },
  }),
];
