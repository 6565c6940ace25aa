import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { type ApiKey, answerableFor, createApiKey, listApiKeys, revokeApiKey } from './api-keys.ts';
import { Name, NumberId, RoleId } from './fields.ts';
import { checkCovers, checkMayGive, roleById } from './role-book.ts';

const PERMISSIONS_LIMIT = 500;
/** A key that ends does so within this time. */
const LONGEST_DAYS = 5 * 366;

export const KeyView = z.object({
  id: z.string(),
  name: z.string().nullable(),
  role: z.string(),
  permissions: z.array(z.string()).nullable().describe('What of its role it may do; null is all.'),
  prefix: z.string().describe('The first characters of the key.'),
  createdAt: z.string(),
  createdBy: z
    .object({ id: z.string(), name: z.string() })
    .nullable()
    .describe('The member of staff who answers for it: it may never do more than they.'),
  expiresAt: z.string().nullable(),
  lastUsedAt: z.string().nullable().describe('To the minute.'),
  works: z.boolean().describe('False once it has ended, and while who answers for it is switched off.'),
});
export type KeyView = z.output<typeof KeyView>;

function view(key: ApiKey): z.input<typeof KeyView> {
  const ended = key.expiresAt !== null && key.expiresAt.getTime() <= Date.now();
  return {
    id: String(key.id),
    name: key.name,
    role: key.role,
    permissions: key.permissions,
    prefix: key.prefix,
    createdAt: key.createdAt.toISOString(),
    createdBy:
      key.createdByName === null ? null : { id: key.createdBy.slice('staff:'.length), name: key.createdByName },
    expiresAt: key.expiresAt?.toISOString() ?? null,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    works: !ended && !key.orphaned,
  };
}

export const keyRoutes = [
  route({
    method: 'GET',
    path: '/api/keys',
    summary: 'All API keys, without the keys themselves',
    permission: 'keys.read',
    query: pageQuery,
    reply: pageOf(KeyView),
    run: async ({ context, query }) => {
      const after = decodeCursor(query.cursor, z.number().int().min(0)) ?? 0;
      const found = await listApiKeys(context, { after, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      return {
        items: page.map(view),
        nextCursor: found.length > page.length && last ? encodeCursor(last.id) : null,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/keys',
    summary: 'Create an API key with a role, or a part of what a role may do; it is shown only in this answer',
    permission: 'keys.write',
    body: z.object({
      name: Name.optional(),
      role: RoleId.optional().describe('Your own unless told.'),
      permissions: z
        .array(z.string().max(100))
        .min(1)
        .max(PERMISSIONS_LIMIT)
        .optional()
        .describe('What of the role’s permissions the key is to have; all unless told.'),
      expiresAt: z.iso.datetime({ offset: true }).optional().describe('When it stops working; never unless told.'),
    }),
    reply: KeyView.extend({ apiKey: z.string() }),
    status: 201,
    run: async ({ context, caller, body }) => {
      const role = await roleFor(context, caller, body.role, body.permissions);
      const key = await createApiKey(context, {
        name: body.name ?? null,
        role,
        permissions: body.permissions ? [...new Set(body.permissions)].sort() : null,
        expiresAt: endOf(body.expiresAt),
        createdBy: await answerableFor(context, caller),
      });
      return { ...view(key), apiKey: key.apiKey };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/keys/{id}',
    summary: 'Revoke an API key; it stops working at once',
    permission: 'keys.write',
    params: z.object({ id: NumberId }),
    reply: z.object({ id: z.string() }),
    run: async ({ context, caller, params }) => {
      await revokeApiKey(context, caller, Number(params.id));
      return { id: params.id };
    },
  }),
];

/** The role of a new key. Refuses what the caller may not give, and permissions that the role does not have. */
async function roleFor(
  context: Context,
  caller: Caller,
  asked: string | undefined,
  permissions: readonly string[] | undefined,
): Promise<string> {
  const id = asked ?? caller.role;
  // Without a scope the key has all that the role may; with one, what counts is the scope.
  if (!permissions) return (await checkMayGive(context, caller, id)).id;
  const role = await roleById(context, id);
  if (!role) throw refuse.invalid(`There is no role "${id}".`);
  if (id === 'owner' && caller.role !== 'owner') {
    throw refuse.forbidden('Only an owner can give the role of an owner.');
  }
  const strange = permissions.filter((name) => !role.permissions.has(name));
  if (strange.length > 0) {
    throw refuse.invalid(`The role "${id}" does not have: ${strange.slice(0, 5).join(', ')}.`);
  }
  checkCovers(caller, permissions, 'give');
  if (caller.hidesPersonalData && !role.hidesPersonalData) {
    throw refuse.forbidden('A role that shows personal data can be given only by those who see it.');
  }
  return id;
}

function endOf(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const end = new Date(text);
  if (end.getTime() <= Date.now()) throw refuse.invalid('A key cannot end in the past.');
  if (end.getTime() > Date.now() + LONGEST_DAYS * 86_400_000) {
    throw refuse.invalid('A key that ends must do so within five years; leave the end out for one that does not.');
  }
  return end;
}
