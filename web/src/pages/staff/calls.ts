import type { InvitationView } from '../../../../src/core/staff/invitations.ts';
import type { StaffMember } from '../../../../src/core/staff/members.ts';
import type { RoleView } from '../../../../src/core/staff/role-routes.ts';
import type { SessionView } from '../../../../src/core/staff/sessions.ts';
import { ask, withQuery } from '../../api.ts';
import type { ListOf } from '../../wire.ts';

export type { InvitationView as Invitation, RoleView as Role, SessionView as Session, StaffMember as Member };
export type SentInvitation = InvitationView & { mailed: boolean; link: string | null };
export type ResetLink = { mailed: boolean; link: string | null; expiresAt: string };
export type MemberFilter = { q: string; role: string; state: string };

const one = (id: string) => `/api/staff/${encodeURIComponent(id)}`;

export const staffCalls = {
  members: (filter: Partial<MemberFilter>, cursor: string | null, signal?: AbortSignal) =>
    ask<ListOf<StaffMember>>('GET', withQuery('/api/staff', { ...filter, cursor }), undefined, signal),
  member: (id: string) => ask<StaffMember>('GET', one(id)),
  change: (id: string, change: { role?: string; disabled?: boolean }) => ask<StaffMember>('PATCH', one(id), change),
  remove: (id: string, keys: 'revoke' | 'keep') => ask<{ keys: number }>('DELETE', withQuery(one(id), { keys })),
  sessions: (id: string) => ask<ListOf<SessionView>>('GET', `${one(id)}/sessions`),
  endSession: (id: string, session: string) =>
    ask<unknown>('DELETE', `${one(id)}/sessions/${encodeURIComponent(session)}`),
  endSessions: (id: string) => ask<{ ended: number }>('DELETE', `${one(id)}/sessions`),
  removeSecondFactor: (id: string) => ask<unknown>('DELETE', `${one(id)}/second-factor`),
  sendReset: (id: string) => ask<ResetLink>('POST', `${one(id)}/password-resets`, {}),
  roles: () => ask<ListOf<RoleView>>('GET', '/api/roles'),
  invitations: (cursor: string | null) => ask<ListOf<InvitationView>>('GET', withQuery('/api/invitations', { cursor })),
  invite: (input: { email: string; role: string; language: string }) =>
    ask<SentInvitation>('POST', '/api/invitations', input),
  sendAgain: (id: string) => ask<SentInvitation>('POST', `/api/invitations/${id}/send`, {}),
  withdraw: (id: string) => ask<unknown>('DELETE', `/api/invitations/${id}`),
};
