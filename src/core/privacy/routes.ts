import { z } from 'zod';
import { pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { Storable } from '../../kernel/storable.ts';
import { LANGUAGES, type Language } from '../../kernel/text.ts';
import { retryErasure } from './erasure.ts';
import { Erasure, erasureById, listErasures, shownErasure } from './erasures.ts';
import { exportFile } from './exports.ts';
import { createPurpose, LEGAL_BASES, listPurposes, Purpose, updatePurpose } from './purposes.ts';
import { listRules, previewRule, RetentionRule, removeRule, setRule } from './retention.ts';
import { liftHash, liftSuppression, listSuppressed, Suppressed, suppressIdentifier } from './suppression.ts';
import { ConsentText, listTexts, publishText } from './texts.ts';

const TEXT_LIMIT = 20_000;

/** A text that may be empty; blanks around it are cut off. */
export const trimmedText = (limit: number) => Storable.trim().max(limit);
const Name = trimmedText(200).min(1);
export const PurposeKey = z.string().regex(/^[a-z][a-z0-9_-]{0,62}$/, {
  error: 'must be of lower-case letters, digits, _ and -, with a letter first, at most 63 of them',
});
export const LanguageCode = z.enum(Object.keys(LANGUAGES) as [Language, ...Language[]]);
const Uuid = z.object({ id: z.uuid() });
const Identifier = z.object({ kind: z.string().min(1).max(100), value: z.string().min(1).max(1000) });
const RuleBody = z.object({
  eventName: trimmedText(1000).min(1).nullable(),
  sourceId: z
    .string()
    .regex(/^\d{1,9}$/)
    .nullable(),
  days: z.int().min(1).max(36_500),
});
const ruleOf = (body: z.output<typeof RuleBody>) => ({
  ...body,
  sourceId: body.sourceId === null ? null : Number(body.sourceId),
});

export const privacyRoutes = [
  route({
    method: 'GET',
    path: '/api/privacy/purposes',
    summary: 'What data is used for, and by what right; archived ones too',
    permission: 'privacy.read',
    reply: z.object({ items: z.array(Purpose) }),
    run: async ({ context }) => ({ items: await listPurposes(context) }),
  }),
  route({
    method: 'POST',
    path: '/api/privacy/purposes',
    summary: 'Add a purpose',
    permission: 'privacy.write',
    body: z.object({
      key: PurposeKey,
      name: Name,
      description: trimmedText(2000).default(''),
      legalBasis: z.enum(LEGAL_BASES),
    }),
    reply: Purpose,
    status: 201,
    run: ({ context, body }) => createPurpose(context, body),
  }),
  route({
    method: 'PATCH',
    path: '/api/privacy/purposes/{key}',
    summary: 'Change a purpose or its legal basis, or archive it',
    permission: 'privacy.write',
    params: z.object({ key: PurposeKey }),
    body: z.object({
      name: Name.optional(),
      description: trimmedText(2000).optional(),
      legalBasis: z.enum(LEGAL_BASES).optional(),
      archived: z.boolean().optional(),
    }),
    reply: Purpose,
    run: ({ context, params, body }) =>
      updatePurpose(context, params.key, Object.fromEntries(Object.entries(body).filter(([, v]) => v !== undefined))),
  }),
  route({
    method: 'GET',
    path: '/api/privacy/texts',
    summary: 'The texts to which people agree, newest first',
    permission: 'privacy.read',
    query: pageQuery,
    reply: pageOf(ConsentText),
    run: ({ context, query }) => listTexts(context, query),
  }),
  route({
    method: 'POST',
    path: '/api/privacy/texts',
    summary: 'Publish a text, or a new version of one',
    permission: 'privacy.write',
    body: z.object({
      purpose: PurposeKey,
      version: trimmedText(50).min(1),
      language: LanguageCode,
      body: trimmedText(TEXT_LIMIT).min(1),
    }),
    reply: ConsentText,
    status: 201,
    run: ({ context, body }) => publishText(context, body),
  }),
  route({
    method: 'GET',
    path: '/api/privacy/retention',
    summary: 'How long events are kept, by name and source',
    permission: 'privacy.read',
    reply: z.object({ items: z.array(RetentionRule) }),
    run: async ({ context }) => ({ items: await listRules(context) }),
  }),
  route({
    method: 'POST',
    path: '/api/privacy/retention/preview',
    summary: 'What a rule of retention would remove if it ran now',
    permission: 'privacy.read',
    body: RuleBody,
    reply: z.object({
      events: z.number(),
      people: z.number(),
      oldest: z.string().nullable(),
      of: z.number().describe('All events.'),
    }),
    run: ({ context, body }) => previewRule(context, ruleOf(body)),
  }),
  route({
    method: 'PUT',
    path: '/api/privacy/retention',
    summary: 'Set how many days events of a name, of a source or all are kept',
    permission: 'privacy.write',
    body: RuleBody,
    reply: RetentionRule,
    run: ({ context, body }) => setRule(context, ruleOf(body)),
  }),
  route({
    method: 'DELETE',
    path: '/api/privacy/retention/{id}',
    summary: 'Remove a rule of retention: its events are kept for ever again',
    permission: 'privacy.write',
    params: z.object({ id: z.string().regex(/^\d{1,15}$/) }),
    reply: z.object({ id: z.string() }),
    run: async ({ context, params }) => {
      await removeRule(context, Number(params.id));
      return params;
    },
  }),
  route({
    method: 'GET',
    path: '/api/privacy/suppressed',
    summary: 'Identifiers of erased people, as keyed hashes, newest first',
    permission: 'privacy.read',
    query: pageQuery,
    reply: pageOf(Suppressed),
    run: ({ context, query }) => listSuppressed(context, query),
  }),
  route({
    method: 'POST',
    path: '/api/privacy/suppressed',
    summary: 'Keep an identifier out: events with it are dropped',
    permission: 'privacy.erase',
    body: Identifier,
    reply: Suppressed,
    status: 201,
    run: ({ context, body, caller }) => suppressIdentifier(context, body.kind, body.value, caller.name),
  }),
  route({
    method: 'POST',
    path: '/api/privacy/suppressed/lift',
    summary: 'Let a person in again who came back knowingly: this identifier and those erased with it',
    permission: 'privacy.erase',
    body: z.union([Identifier, z.object({ hash: z.string().regex(/^[0-9a-f]{64}$/) })]),
    reply: z.object({ lifted: z.number() }),
    run: async ({ context, body }) => ({
      lifted:
        'hash' in body ? await liftHash(context, body.hash) : await liftSuppression(context, body.kind, body.value),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/privacy/erasures',
    summary: 'Erasures, done and under way, newest first',
    permission: 'privacy.read',
    query: pageQuery,
    reply: pageOf(Erasure),
    run: ({ context, query }) => listErasures(context, query),
  }),
  route({
    method: 'GET',
    path: '/api/privacy/erasures/{id}',
    summary: 'One erasure, with how far it is',
    permission: 'privacy.read',
    params: Uuid,
    reply: Erasure,
    run: ({ context, params }) => erasureById(context, params.id),
  }),
  route({
    method: 'POST',
    path: '/api/privacy/erasures/{id}/retry',
    summary: 'Set an erasure going again that failed',
    permission: 'privacy.erase',
    params: Uuid,
    reply: Erasure,
    run: async ({ context, params }) => shownErasure(await retryErasure(context, params.id)),
  }),
  route({
    method: 'GET',
    path: '/api/privacy/exports/{id}/file',
    summary: 'The archive of a person as a ZIP file',
    permission: 'privacy.export',
    looksAt: 'person',
    params: Uuid,
    run: ({ context, params }) => exportFile(context, params.id),
  }),
];

export const confirmed = (typed: string, name: string): void => {
  const same = (text: string) => text.trim().normalize('NFC').toLowerCase();
  if (same(typed) !== same(name)) {
    throw refuse.invalid(
      'What was typed is not the name of this person, so nothing was erased. Type it as it is shown.',
    );
  }
};
