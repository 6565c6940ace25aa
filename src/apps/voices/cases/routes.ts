import { z } from 'zod';
import type { Caller } from '../../../kernel/caller.ts';
import { pageOf } from '../../../kernel/page.ts';
import { refuse } from '../../../kernel/refusal.ts';
import { route } from '../../../kernel/route.ts';
import {
  answerCase,
  CaseDetail,
  CaseSummary,
  caseById,
  casesQuery,
  changeCase,
  closeCase,
  listCases,
  OUTCOMES,
  TEXT_LIMIT,
} from './cases.ts';
import { CaseRule, changeRule, createRule, listRules, RuleInput, removeRule } from './rules.ts';
import { CasesSummary, casesSummary } from './summary.ts';

const id = z
  .string()
  .regex(/^\d{1,15}$/, 'is not an id')
  .transform(Number);
const params = z.object({ id });
const nameOf = (caller: Caller) => caller.email ?? caller.name;
const Text = z
  .string()
  .trim()
  .min(1)
  .max(TEXT_LIMIT)
  .refine((text) => !text.includes('\0') && text.isWellFormed(), { error: 'has characters that cannot be stored' });
const DAY_MS = 86_400_000;
const SUMMARY_DAYS = 3 * 366;

export const caseRoutes = [
  route({
    method: 'GET',
    path: '/api/voices/cases',
    summary: 'Cases: those that wait in the order in which they are due, all others newest first',
    permission: 'voices.read',
    query: casesQuery,
    reply: pageOf(CaseSummary),
    looksAt: 'person',
    auditIds: (reply) => reply.items.map((one) => one.person.id),
    run: ({ context, caller, query }) => listCases(context, caller, query),
  }),
  route({
    method: 'GET',
    path: '/api/voices/cases/summary',
    summary: 'How soon customers were answered, how many were won back, and what they did later',
    permission: 'voices.read',
    query: z.object({ from: z.iso.date().optional(), to: z.iso.date().optional().describe('The last day, UTC.') }),
    reply: CasesSummary,
    run: ({ context, query }) => {
      const to = query.to ? new Date(Date.parse(query.to) + DAY_MS) : new Date();
      const from = query.from ? new Date(query.from) : new Date(to.getTime() - 90 * DAY_MS);
      if (!(from < to) || to.getTime() - from.getTime() > SUMMARY_DAYS * DAY_MS)
        throw refuse.invalid('The period must begin before it ends, and have three years at most.');
      return casesSummary(context, { from, to });
    },
  }),
  route({
    method: 'GET',
    path: '/api/voices/owners',
    summary: 'Members of staff whom a case can be handed to, by name; the first 200',
    permission: 'voices.read',
    reply: pageOf(z.object({ id: z.string(), name: z.string() })),
    run: async ({ context }) => {
      const { rows } = await context.records.pool.query<{ id: string; name: string }>(
        'SELECT id, name FROM staff_users WHERE disabled_at IS NULL ORDER BY lower(name), id LIMIT 200',
      );
      return { items: rows, nextCursor: null };
    },
  }),
  route({
    method: 'GET',
    path: '/api/voices/cases/{id}',
    summary: 'One case with all that happened to it',
    permission: 'voices.read',
    params,
    reply: CaseDetail,
    looksAt: 'person',
    run: ({ context, params }) => caseById(context, params.id),
  }),
  route({
    method: 'PATCH',
    path: '/api/voices/cases/{id}',
    summary: 'Hand a case to somebody, move when it is due, or add a note',
    permission: 'voices.write',
    params,
    body: z.strictObject({
      owner: z.string().min(1).max(100).nullable().optional(),
      dueAt: z.iso.datetime({ offset: true }).optional(),
      note: Text.optional(),
    }),
    reply: CaseDetail,
    looksAt: 'person',
    run: async ({ context, caller, params, body }) => {
      await changeCase(context, params.id, body, nameOf(caller));
      return caseById(context, params.id);
    },
  }),
  route({
    method: 'POST',
    path: '/api/voices/cases/{id}/answers',
    summary: 'Answer the customer by mail, or note how they were answered otherwise',
    permission: 'voices.write',
    params,
    body: z.strictObject({ text: Text, how: z.enum(['mail', 'phone', 'other']).default('mail') }),
    reply: CaseDetail,
    looksAt: 'person',
    run: async ({ context, caller, params, body }) => {
      await answerCase(context, params.id, body, nameOf(caller));
      return caseById(context, params.id);
    },
  }),
  route({
    method: 'PUT',
    path: '/api/voices/cases/{id}/outcome',
    summary: 'End a case with how it ended, or open it again',
    permission: 'voices.write',
    params,
    body: z.strictObject({ outcome: z.enum(OUTCOMES).nullable() }),
    reply: CaseDetail,
    looksAt: 'person',
    run: async ({ context, caller, params, body }) => {
      await closeCase(context, params.id, body.outcome, nameOf(caller));
      return caseById(context, params.id);
    },
  }),
  route({
    method: 'GET',
    path: '/api/voices/rules',
    summary: 'The rules by which cases are opened, in the order in which they are looked at',
    permission: 'voices.read',
    reply: pageOf(CaseRule),
    run: async ({ context }) => ({ items: await listRules(context.records.pool), nextCursor: null }),
  }),
  route({
    method: 'POST',
    path: '/api/voices/rules',
    summary: 'Make a rule: what customers say from now on opens cases by it',
    permission: 'voices.write',
    body: RuleInput,
    reply: CaseRule,
    status: 201,
    run: ({ context, caller, body }) => createRule(context, body, nameOf(caller)),
  }),
  route({
    method: 'PUT',
    path: '/api/voices/rules/{id}',
    summary: 'Change a rule',
    permission: 'voices.write',
    params,
    body: RuleInput,
    reply: CaseRule,
    run: ({ context, params, body }) => changeRule(context, params.id, body),
  }),
  route({
    method: 'DELETE',
    path: '/api/voices/rules/{id}',
    summary: 'Remove a rule; the cases that it opened stay',
    permission: 'voices.write',
    params,
    status: 204,
    run: async ({ context, params }) => {
      await removeRule(context, params.id);
      return new Response(null, { status: 204 });
    },
  }),
];
