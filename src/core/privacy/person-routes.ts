import { z } from 'zod';
import { route } from '../../kernel/route.ts';
import { hideByName } from '../people/hide.ts';
import { personById } from '../people/person.ts';
import { Id } from '../people/routes.ts';
import { ConsentEntry, consentOfPerson, recordConsent } from './consents.ts';
import { requestErasure } from './erasure.ts';
import { Erasure, ErasurePreview, previewErasure, shownErasure } from './erasures.ts';
import { exportsOf, PersonExport, requestExport, shownExport } from './exports.ts';
import { LEGAL_BASES } from './purposes.ts';
import { restrict, unrestrict } from './restrictions.ts';
import { confirmed, LanguageCode, PurposeKey, trimmedText } from './routes.ts';

const person = z.object({ id: Id });
const Standing = z.object({ reason: z.string(), by: z.string(), at: z.string() });
const Reason = trimmedText(2000).default('');

export const PersonPrivacy = z.object({
  id: z.string(),
  purposes: z.array(
    z.object({
      key: z.string(),
      name: z.string(),
      legalBasis: z.enum(LEGAL_BASES).nullable(),
      needsConsent: z.boolean(),
      granted: z.boolean().nullable().describe('Null where nothing was said.'),
      since: z.string().nullable(),
      objection: Standing.nullable(),
    }),
  ),
  restriction: Standing.nullable(),
  history: z.array(ConsentEntry),
});
export type PersonPrivacy = z.output<typeof PersonPrivacy>;

export const personPrivacyRoutes = [
  route({
    method: 'GET',
    path: '/api/people/{id}/privacy',
    summary: "A person's consent with its history, restriction and objections",
    permission: 'privacy.read',
    looksAt: 'person',
    hide: hideByName,
    params: person,
    reply: PersonPrivacy,
    run: ({ context, params }) => consentOfPerson(context, params.id),
  }),
  route({
    method: 'POST',
    path: '/api/people/{id}/consents',
    summary: 'Note what a person said about a purpose',
    permission: 'privacy.act',
    looksAt: 'person',
    hide: hideByName,
    params: person,
    body: z.object({
      purpose: PurposeKey,
      granted: z.boolean(),
      textVersion: trimmedText(50).min(1).optional(),
      language: LanguageCode.optional(),
      at: z.iso.datetime({ offset: true }).optional().describe('When the person said it; now where left out.'),
      how: z.enum(['staff', 'request']).default('staff'),
    }),
    reply: PersonPrivacy,
    status: 201,
    run: async ({ context, params, body, caller }) => {
      const at = body.at === undefined ? undefined : new Date(body.at);
      await recordConsent(context, params.id, { ...body, at, by: caller.name });
      return consentOfPerson(context, params.id);
    },
  }),
  route({
    method: 'PUT',
    path: '/api/people/{id}/restriction',
    summary: "Restrict the use of a person's data: it is kept, and nothing else",
    permission: 'privacy.act',
    looksAt: 'person',
    hide: hideByName,
    params: person,
    body: z.object({ reason: Reason }),
    reply: PersonPrivacy,
    run: async ({ context, params, body, caller }) => {
      await restrict(context, params.id, { purpose: '', reason: body.reason, by: caller.name });
      return consentOfPerson(context, params.id);
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/people/{id}/restriction',
    summary: "Lift the restriction of a person's data",
    permission: 'privacy.act',
    looksAt: 'person',
    hide: hideByName,
    params: person,
    reply: PersonPrivacy,
    run: async ({ context, params }) => {
      await unrestrict(context, params.id, '');
      return consentOfPerson(context, params.id);
    },
  }),
  route({
    method: 'PUT',
    path: '/api/people/{id}/objections/{purpose}',
    summary: "Note a person's objection to a purpose",
    permission: 'privacy.act',
    looksAt: 'person',
    hide: hideByName,
    params: person.extend({ purpose: PurposeKey }),
    body: z.object({ reason: Reason }),
    reply: PersonPrivacy,
    run: async ({ context, params, body, caller }) => {
      await restrict(context, params.id, { purpose: params.purpose, reason: body.reason, by: caller.name });
      return consentOfPerson(context, params.id);
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/people/{id}/objections/{purpose}',
    summary: 'Take an objection back',
    permission: 'privacy.act',
    looksAt: 'person',
    hide: hideByName,
    params: person.extend({ purpose: PurposeKey }),
    reply: PersonPrivacy,
    run: async ({ context, params }) => {
      await unrestrict(context, params.id, params.purpose);
      return consentOfPerson(context, params.id);
    },
  }),
  route({
    method: 'GET',
    path: '/api/people/{id}/exports',
    summary: 'Archives that were made of a person, newest first',
    permission: 'privacy.export',
    looksAt: 'person',
    params: person,
    reply: z.object({ items: z.array(PersonExport) }),
    run: async ({ context, params }) => ({ items: (await exportsOf(context, params.id)).map(shownExport) }),
  }),
  route({
    method: 'POST',
    path: '/api/people/{id}/exports',
    summary: 'Have an archive made of everything about a person',
    permission: 'privacy.export',
    params: person,
    body: z.object({ language: LanguageCode.default('en') }),
    reply: PersonExport,
    status: 202,
    run: async ({ context, params, body, caller }) =>
      shownExport(await requestExport(context, params.id, { language: body.language, by: caller.name })),
  }),
  route({
    method: 'GET',
    path: '/api/people/{id}/erasure',
    summary: 'What would go if the person were erased',
    permission: 'privacy.erase',
    looksAt: 'person',
    params: person,
    reply: ErasurePreview,
    run: ({ context, params }) => previewErasure(context, params.id),
  }),
  route({
    method: 'POST',
    path: '/api/people/{id}/erasure',
    summary: 'Erase a person from every store, for good',
    permission: 'privacy.erase',
    params: person,
    body: z.object({ confirm: z.string().max(1000).describe("The person's name as it is shown.") }),
    reply: Erasure,
    status: 202,
    run: async ({ context, params, body, caller }) => {
      const { displayName } = await personById(context, params.id);
      confirmed(body.confirm, displayName);
      return shownErasure(await requestErasure(context, params.id, caller.name));
    },
  }),
];
