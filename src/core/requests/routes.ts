import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import { pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { LANGUAGES, type Language } from '../../kernel/text.ts';
import { Id } from '../people/routes.ts';
import { fulfil } from './answer.ts';
import { mailCustomer, statusLink } from './mails.ts';
import {
  changeRequest,
  closeRequest,
  KINDS,
  listRequests,
  MESSAGE_LIMIT,
  NAME_LIMIT,
  proveRequest,
  RequestDetail,
  RequestSummary,
  requestById,
  STATES,
  takeRequest,
} from './requests.ts';

const params = z.object({ id: Id });
const nameOf = (caller: Caller) => caller.email ?? caller.name;
const Text = z.string().trim().min(1).max(MESSAGE_LIMIT);

export const requestRoutes = [
  route({
    method: 'GET',
    path: '/api/requests',
    summary: 'What people ask about their data, in the order in which it is due; closed requests last',
    permission: 'requests.read',
    query: pageQuery.extend({
      state: z.enum([...STATES, 'waiting']).optional(),
      kind: z.enum(KINDS).optional(),
      q: z.string().max(200).optional().describe('A part of the name or address.'),
    }),
    reply: pageOf(RequestSummary),
    looksAt: 'person',
    auditIds: (reply) => reply.items.flatMap((one) => (one.personId ? [one.personId] : [])),
    run: ({ context, query }) => listRequests(context, query),
  }),
  route({
    method: 'POST',
    path: '/api/requests',
    summary:
      'Enter a request that came by letter, telephone or in person; the customer is mailed a link to prove the address',
    permission: 'requests.write',
    body: z.object({
      kind: z.enum(KINDS),
      email: z.email().max(254),
      name: z.string().trim().max(NAME_LIMIT).default(''),
      message: z.string().trim().max(MESSAGE_LIMIT).default(''),
      language: z.enum(Object.keys(LANGUAGES) as [Language, ...Language[]]).default('en'),
      purpose: z.string().max(100).nullable().default(null).describe('For an objection: the key of the purpose.'),
    }),
    reply: RequestDetail,
    status: 201,
    run: async ({ context, caller, body }) => {
      const { request } = await takeRequest(context, body, { sender: null, actor: nameOf(caller) });
      await mailCustomer(context, context.records.pool, request, 'confirm');
      return requestById(context, request.id);
    },
  }),
  route({
    method: 'GET',
    path: '/api/requests/{id}',
    summary: 'One request with all that happened to it',
    permission: 'requests.read',
    params,
    reply: RequestDetail,
    looksAt: 'person',
    run: ({ context, params }) => requestById(context, params.id),
  }),
  route({
    method: 'PATCH',
    path: '/api/requests/{id}',
    summary: 'Hand a request on, say whose it is, or extend it once by 60 days with the reason, which is mailed',
    permission: 'requests.write',
    params,
    body: z.object({
      assignee: z.string().max(100).nullable().optional(),
      personId: Id.nullable().optional(),
      extendBecause: Text.optional(),
    }),
    reply: RequestDetail,
    looksAt: 'person',
    run: async ({ context, caller, params, body }) => {
      const changed = await changeRequest(context, params.id, nameOf(caller), body);
      if (body.extendBecause) await mailCustomer(context, context.records.pool, changed, 'extended');
      return requestById(context, params.id);
    },
  }),
  route({
    method: 'POST',
    path: '/api/requests/{id}/proof',
    summary: 'Note that it was checked in another way whose request it is, and how',
    permission: 'requests.write',
    params,
    body: z.object({ how: Text }),
    reply: RequestDetail,
    looksAt: 'person',
    run: async ({ context, caller, params, body }) => {
      await proveRequest(context, params.id, { actor: nameOf(caller), how: body.how });
      return requestById(context, params.id);
    },
  }),
  route({
    method: 'GET',
    path: '/api/requests/{id}/link',
    summary:
      'The link by which the customer proves the address and follows the request, to hand over where no mail can be sent',
    permission: 'requests.write',
    params,
    reply: z.object({ url: z.string() }),
    looksAt: 'person',
    run: async ({ context, params }) => {
      await requestById(context, params.id);
      return { url: statusLink(context, params.id) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/requests/{id}/fulfil',
    summary:
      'Do what is asked: make the archive, erase, restrict or note the objection; a correction is closed with its answer. Needs the permission for the deed too',
    permission: 'requests.write',
    params,
    body: z.object({ answer: z.string().trim().max(MESSAGE_LIMIT).default('') }),
    reply: RequestDetail,
    looksAt: 'person',
    run: async ({ context, caller, params, body }) => {
      await fulfil(context, caller, params.id, body.answer);
      return requestById(context, params.id);
    },
  }),
  route({
    method: 'POST',
    path: '/api/requests/{id}/refusal',
    summary: 'Refuse a request with the reason, which is mailed to the customer',
    permission: 'requests.write',
    params,
    body: z.object({ because: Text }),
    reply: RequestDetail,
    looksAt: 'person',
    run: async ({ context, caller, params, body }) => {
      const row = await requestById(context, params.id);
      if (row.state === 'unproven') {
        throw refuse.conflict('Nobody has proved this request yet. It closes by itself if nobody does.');
      }
      const closed = await closeRequest(context, params.id, {
        state: 'refused',
        actor: nameOf(caller),
        answer: body.because,
      });
      await mailCustomer(context, context.records.pool, closed, 'refused');
      return requestById(context, params.id);
    },
  }),
];
