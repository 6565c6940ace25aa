import { z } from 'zod';
import { pageOf, pageQuery } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import { AccountView, AccountWithMembers, accountById, listAccounts } from './accounts.ts';
import { hideAccount, hideAccounts, hideReports } from './hide.ts';
import { KindName, KindSettings, KindView, kindByName, listKinds, setKind } from './kinds.ts';
import { IdentityReportView, identityReports } from './reports.ts';
import { Id } from './routes.ts';

export const identityRoutes = [
  route({
    method: 'GET',
    path: '/api/identifier-kinds',
    summary: 'The kinds of identifiers, the most important first',
    permission: 'people.read',
    reply: z.object({ items: z.array(KindView), nextCursor: z.null() }),
    run: async ({ context }) => ({ items: await listKinds(context.records), nextCursor: null }),
  }),
  route({
    method: 'GET',
    path: '/api/identifier-kinds/{kind}',
    summary: 'One kind of identifier',
    permission: 'people.read',
    params: z.object({ kind: z.string().max(100) }),
    reply: KindView,
    run: ({ context, params }) => kindByName(context.records, params.kind),
  }),
  route({
    method: 'PUT',
    path: '/api/identifier-kinds/{kind}',
    summary: 'Make a kind of identifier or change one; parts left out stay as they are',
    permission: 'people.write',
    params: z.object({ kind: KindName }),
    body: KindSettings.partial(),
    reply: KindView,
    run: ({ context, params, body }) => setKind(context.records, params.kind, body),
  }),
  route({
    method: 'GET',
    path: '/api/identity/reports',
    summary: 'Identifiers that were left out of events and merges that were not made, with the reasons, newest first',
    permission: 'people.read',
    query: pageQuery,
    reply: pageOf(IdentityReportView),
    looksAt: 'person',
    auditIds: (reply) => reply.items.flatMap((item) => (item.personId === null ? [] : [item.personId])),
    hide: hideReports,
    run: ({ context, query }) => identityReports(context.records, query),
  }),
  route({
    method: 'GET',
    path: '/api/accounts',
    summary: 'Accounts: the companies or households that people belong to, newest first',
    permission: 'people.read',
    query: pageQuery,
    reply: pageOf(AccountView),
    looksAt: 'person',
    auditIds: (reply) => reply.items.map((one) => `accounts/${one.id}`),
    hide: hideAccounts,
    run: ({ context, query }) => listAccounts(context, query),
  }),
  route({
    method: 'GET',
    path: '/api/accounts/{id}',
    summary: 'An account with its members',
    permission: 'people.read',
    params: z.object({ id: Id }),
    reply: AccountWithMembers,
    looksAt: 'person',
    hide: hideAccount,
    run: ({ context, params }) => accountById(context, params.id),
  }),
];
