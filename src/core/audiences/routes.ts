import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { shortText } from '../../kernel/storable.ts';
import { hidePeople } from '../people/hide.ts';
import { PersonSummary, summaries } from '../people/list.ts';
import { refusePersonal } from '../query/personal.ts';
import {
  type Audience,
  archiveAudience,
  audienceById,
  changeAudience,
  checkDefinition,
  createAudience,
  listAudiences,
  restoreAudience,
  sizesOf,
  usesOf,
  versionsOf,
} from './audience.ts';
import { Definition } from './definition.ts';
import { OVERLAP_LIMIT, overlapOf } from './overlap.ts';
import { audienceSize, examplesOf } from './size.ts';

const NAME_LIMIT = 200;
const DESCRIPTION_LIMIT = 2000;
/** People shown as examples of a condition. */
const EXAMPLES = 5;

export const Name = shortText(NAME_LIMIT).trim().min(1);
const Description = shortText(DESCRIPTION_LIMIT);
const Dynamic = Definition.options[0];

export const audienceParams = z.object({
  id: z
    .string()
    .regex(/^\d{1,9}$/, 'is not an id of an audience')
    .transform(Number),
});

export const AudienceReply = z.object({
  id: z.number(),
  name: z.string(),
  description: z.string(),
  is: z.enum(['dynamic', 'static']),
  definition: Definition.nullable().describe('Null for roles that do not see the personal data it names.'),
  version: z.number(),
  ownerName: z.string(),
  mine: z.boolean(),
  tells: z.boolean().describe('Whether who enters and leaves is told of on the timelines.'),
  createdAt: z.string(),
  changedAt: z.string(),
  archivedAt: z.string().nullable(),
  size: z.number().nullable().describe('Null before it was first computed.'),
  computedAt: z.string().nullable(),
  current: z.boolean().describe('Whether the size is of the present definition.'),
  error: z.string().nullable().describe('Why it could not be computed the last time.'),
  trend: z.array(z.number()).describe('Its sizes of the last 30 days on which it was computed, oldest first.'),
});
export type AudienceReply = z.output<typeof AudienceReply>;

export const AudienceSize = z.object({
  matched: z.number(),
  people: z.number().describe('Of how many.'),
  sample: z.number().nullable(),
});
export type AudienceSize = z.output<typeof AudienceSize>;

export const OverlapReply = z.object({
  audiences: z.array(z.object({ id: z.number(), name: z.string(), size: z.number() })),
  parts: z
    .array(z.object({ ids: z.array(z.number()), people: z.number() }))
    .describe('People who are in exactly these, the most first.'),
});
export type OverlapReply = z.output<typeof OverlapReply>;

export const AudienceVersion = z.object({
  version: z.number(),
  definition: Definition.nullable(),
  at: z.string(),
  byName: z.string(),
});
export type AudienceVersion = z.output<typeof AudienceVersion>;

export const AudienceDay = z.object({ day: z.string(), size: z.number(), entered: z.number(), left: z.number() });
export type AudienceDay = z.output<typeof AudienceDay>;

export const AudienceUse = z.object({ kind: z.string(), id: z.string(), name: z.string() });
export type AudienceUse = z.output<typeof AudienceUse>;

/** Refuses definitions that a caller's role may not ask about: values could be guessed one by one. */
async function allow(context: Context, caller: Caller, definition: unknown): Promise<void> {
  if (!caller.hidesPersonalData) return;
  await refusePersonal(context, asFields(definition));
}

/** Conditions on traits, written as fields, so that they are looked at like those of reports. */
function asFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(asFields);
  const entries = Object.entries(value).map(([name, inner]) => [name, asFields(inner)] as const);
  const made = Object.fromEntries(entries) as { is?: unknown; name?: unknown };
  return made.is === 'trait' ? { ...made, field: { of: 'trait', name: made.name } } : made;
}

async function visible(context: Context, caller: Caller, definition: Definition): Promise<Definition | null> {
  try {
    await allow(context, caller, definition);
    return definition;
  } catch {
    return null;
  }
}

export async function shown(context: Context, caller: Caller, audience: Audience): Promise<AudienceReply> {
  const { ownerId, definition, createdAt, changedAt, archivedAt, computedAt, ...rest } = audience;
  return {
    ...rest,
    is: definition.is,
    definition: await visible(context, caller, definition),
    mine: ownerId === caller.id,
    createdAt: createdAt.toISOString(),
    changedAt: changedAt.toISOString(),
    archivedAt: archivedAt?.toISOString() ?? null,
    computedAt: computedAt?.toISOString() ?? null,
  };
}

export const audienceRoutes = [
  route({
    method: 'GET',
    path: '/api/audiences',
    summary: 'Audiences in the order of their names, with their sizes',
    permission: 'audiences.read',
    query: pageQuery.extend({
      q: z.string().max(NAME_LIMIT).optional().describe('A part of the name.'),
      archived: z.enum(['true', 'false']).default('false'),
    }),
    reply: pageOf(AudienceReply),
    async run({ context, caller, query }) {
      const after = decodeCursor(query.cursor, z.tuple([z.string(), z.number().int()])) ?? null;
      const found = await listAudiences(context, {
        archived: query.archived === 'true',
        q: query.q?.replaceAll('\0', ''),
        after,
        limit: query.limit + 1,
      });
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      return {
        items: await Promise.all(page.map((one) => shown(context, caller, one))),
        nextCursor: found.length > page.length && last ? encodeCursor([last.name.toLowerCase(), last.id]) : null,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/audiences',
    summary: 'Make an audience; its members are computed within moments',
    permission: 'audiences.write',
    body: z.strictObject({
      name: Name,
      description: Description.default(''),
      definition: Definition,
      tells: z.boolean().default(true),
    }),
    reply: AudienceReply,
    status: 201,
    async run({ context, caller, body }) {
      await allow(context, caller, body.definition);
      return shown(context, caller, await createAudience(context, caller, body));
    },
  }),
  route({
    method: 'POST',
    path: '/api/audiences/size',
    summary: 'How many people a condition holds for; ends when the caller goes away',
    permission: 'audiences.read',
    asks: true,
    body: z.strictObject({
      definition: Dynamic,
      sample: z.number().min(0.001).max(1).optional().describe('Looks only at this share of the people.'),
    }),
    reply: AudienceSize,
    async run({ context, caller, body, signal }) {
      await allow(context, caller, body.definition);
      await checkDefinition(context, body.definition);
      const size = await audienceSize(context, body.definition.who, { signal, sample: body.sample });
      return { ...size, sample: body.sample ?? null };
    },
  }),
  route({
    method: 'POST',
    path: '/api/audiences/examples',
    summary: 'A few people that a condition holds for',
    permission: 'audiences.read',
    asks: true,
    body: z.strictObject({ definition: Dynamic }),
    reply: z.object({ items: z.array(PersonSummary) }),
    looksAt: 'person',
    auditIds: (reply) => reply.items.map((person) => person.id),
    hide: async (reply) => ({ items: (await hidePeople({ ...reply, nextCursor: null, total: null })).items }),
    async run({ context, caller, body, signal }) {
      await allow(context, caller, body.definition);
      await checkDefinition(context, body.definition);
      return { items: await summaries(context, await examplesOf(context, body.definition.who, EXAMPLES, { signal })) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/audiences/overlap',
    summary: 'How many people are in which of up to six audiences at once',
    permission: 'audiences.read',
    asks: true,
    body: z.strictObject({
      ids: z
        .array(z.int().positive())
        .min(2)
        .max(OVERLAP_LIMIT)
        .refine((ids) => new Set(ids).size === ids.length, { error: 'names an audience twice' }),
    }),
    reply: OverlapReply,
    run: ({ context, body, signal }) => overlapOf(context, body.ids, { signal }),
  }),
  route({
    method: 'GET',
    path: '/api/audiences/{id}',
    summary: 'An audience',
    permission: 'audiences.read',
    params: audienceParams,
    reply: AudienceReply,
    run: async ({ context, caller, params }) => shown(context, caller, await audienceById(context, params.id)),
  }),
  route({
    method: 'PATCH',
    path: '/api/audiences/{id}',
    summary: 'Change an audience; another definition is a new version of it',
    permission: 'audiences.write',
    params: audienceParams,
    body: z.strictObject({
      name: Name.optional(),
      description: Description.optional(),
      definition: Definition.optional(),
      tells: z.boolean().optional(),
    }),
    reply: AudienceReply,
    async run({ context, caller, params, body }) {
      await allow(context, caller, body.definition);
      const { definition } = await audienceById(context, params.id);
      if (body.definition && (await visible(context, caller, definition)) === null)
        throw refuse.forbidden('Your role does not see what this audience is made of, so it cannot change that.');
      return shown(context, caller, await changeAudience(context, caller, params.id, body));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/audiences/{id}',
    summary: 'Archive an audience; a restoration brings it back within 30 days',
    permission: 'audiences.write',
    params: audienceParams,
    reply: z.object({ id: z.number() }),
    async run({ context, params }) {
      await archiveAudience(context, params.id);
      return { id: params.id };
    },
  }),
  route({
    method: 'POST',
    path: '/api/audiences/{id}/restoration',
    summary: 'Bring an archived audience back',
    permission: 'audiences.write',
    params: audienceParams,
    reply: AudienceReply,
    run: async ({ context, caller, params }) => shown(context, caller, await restoreAudience(context, params.id)),
  }),
  route({
    method: 'GET',
    path: '/api/audiences/{id}/versions',
    summary: 'The definitions that an audience had, the latest first',
    permission: 'audiences.read',
    params: audienceParams,
    query: pageQuery,
    reply: pageOf(AudienceVersion),
    async run({ context, caller, params, query }) {
      await audienceById(context, params.id);
      const before = decodeCursor(query.cursor, z.number().int()) ?? 2 ** 31 - 1;
      const found = await versionsOf(context, params.id, before, query.limit + 1);
      const page = found.slice(0, query.limit);
      const items = await Promise.all(
        page.map(async ({ definition, at, ...rest }) => ({
          ...rest,
          at: at.toISOString(),
          definition: await visible(context, caller, definition),
        })),
      );
      return { items, nextCursor: found.length > page.length ? encodeCursor(page.at(-1)!.version) : null };
    },
  }),
  route({
    method: 'GET',
    path: '/api/audiences/{id}/sizes',
    summary: 'How many were in it at the end of each day, the latest first',
    permission: 'audiences.read',
    params: audienceParams,
    query: pageQuery,
    reply: pageOf(AudienceDay),
    async run({ context, params, query }) {
      await audienceById(context, params.id);
      const before = decodeCursor(query.cursor, z.iso.date()) ?? null;
      const found = await sizesOf(context, params.id, before, query.limit + 1);
      const items = found.slice(0, query.limit);
      return { items, nextCursor: found.length > items.length ? encodeCursor(items.at(-1)!.day) : null };
    },
  }),
  route({
    method: 'GET',
    path: '/api/audiences/{id}/uses',
    summary: 'What is made with an audience, and keeps it from being archived',
    permission: 'audiences.read',
    params: audienceParams,
    reply: z.object({ items: z.array(AudienceUse) }),
    run: async ({ context, params }) => ({ items: await usesOf(context, params.id) }),
  }),
];
