import type { Context as HonoContext } from 'hono';
import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { createApiKey, listApiKeys, revokeApiKey } from './api-keys.ts';
import { createAuth, PASSWORD_MAXIMUM, PASSWORD_MINIMUM } from './auth.ts';
import { authHeaders } from './auth-endpoints.ts';
import { companyName, isSetUpNeeded, setUp } from './company.ts';
import { checkOriginIfBrowser } from './origin.ts';
import { mayGive, ROLES } from './roles.ts';

const NAME_LIMIT = 200;

const Name = z
  .string()
  .trim()
  .min(1)
  .max(NAME_LIMIT)
  .refine((name) => !name.includes('\0') && name.isWellFormed(), { error: 'has characters that cannot be stored' });

const UserReply = z.object({ id: z.string(), name: z.string(), email: z.string(), role: z.string() });

const KeyReply = z.object({
  id: z.string(),
  name: z.string().nullable(),
  role: z.string(),
  prefix: z.string().describe('The first characters of the key.'),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable().describe('To the minute.'),
});

const setUpRoutes = [
  route({
    method: 'GET',
    path: '/api/setup',
    summary: 'Whether this installation still waits for its owner',
    permission: 'anyone',
    reply: z.object({ needed: z.boolean() }),
    run: async ({ context }) => ({ needed: await isSetUpNeeded(context) }),
  }),
  route({
    method: 'POST',
    path: '/api/setup',
    summary: 'Create the owner and sign in; works once, for the first who does it',
    permission: 'anyone',
    body: z.object({
      company: Name,
      name: Name,
      email: z
        .string()
        .trim()
        .max(320)
        .transform((email) => email.toLowerCase())
        .pipe(z.email()),
      password: z.string().min(PASSWORD_MINIMUM).max(PASSWORD_MAXIMUM),
    }),
    reply: z.object({ user: UserReply }),
    status: 201,
    run: async ({ context, body, http }) => {
      checkOriginIfBrowser(http, context);
      const user = await setUp(context, body);
      await signIn(context, body, http);
      return { user };
    },
  }),
  route({
    method: 'GET',
    path: '/api/me',
    summary: 'Who makes this request, and what they may do',
    permission: 'signed-in',
    reply: z.object({
      kind: z.enum(['staff', 'key', 'local']),
      id: z.string(),
      name: z.string(),
      email: z.string().optional(),
      role: z.string(),
      permissions: z.array(z.string()),
      company: z.string().nullable(),
    }),
    run: async ({ context, caller: { kind, id, name, email, role, permissions } }) => ({
      kind,
      id,
      name,
      ...(email === null ? {} : { email }),
      role,
      permissions: [...permissions].sort(),
      company: await companyName(context),
    }),
  }),
];

const keyRoutes = [
  route({
    method: 'GET',
    path: '/api/keys',
    summary: 'All API keys, without the keys themselves',
    permission: 'keys.read',
    query: pageQuery,
    reply: pageOf(KeyReply),
    run: async ({ context, query }) => {
      const after = decodeCursor(query.cursor, z.number().int().min(0)) ?? 0;
      const found = await listApiKeys(context, { after, limit: query.limit + 1 });
      const page = found.slice(0, query.limit);
      const last = page.at(-1);
      return {
        items: page.map((key) => ({
          ...key,
          id: String(key.id),
          createdAt: key.createdAt.toISOString(),
          lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
        })),
        nextCursor: found.length > page.length && last ? encodeCursor(last.id) : null,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/keys',
    summary: 'Create an API key with a role; the key is shown only in this answer',
    permission: 'keys.write',
    body: z.object({ name: Name.optional(), role: z.enum(ROLES) }),
    reply: z.object({ id: z.string(), apiKey: z.string(), role: z.string(), name: z.string().nullable() }),
    status: 201,
    run: async ({ context, caller, body }) => {
      if (!mayGive(caller.role, body.role)) throw refuse.forbidden('Only an owner can give the role of an owner.');
      const createdBy = `${caller.kind}:${caller.id}`;
      const key = await createApiKey(context, { name: body.name ?? null, role: body.role, createdBy });
      return { id: String(key.id), apiKey: key.apiKey, role: key.role, name: key.name };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/keys/{id}',
    summary: 'Revoke an API key; it stops working at once',
    permission: 'keys.write',
    params: z.object({ id: z.string().regex(/^\d{1,15}$/, 'is not an id of an API key') }),
    reply: z.object({ id: z.string() }),
    run: async ({ context, params }) => {
      await revokeApiKey(context, Number(params.id));
      return { id: params.id };
    },
  }),
];

export const staffRoutes = [...setUpRoutes, ...keyRoutes];

/** Opens a session and puts its cookie on the answer. */
async function signIn(context: Context, body: { email: string; password: string }, http: HonoContext): Promise<void> {
  const { headers } = await createAuth(context).api.signInEmail({
    body: { email: body.email, password: body.password },
    headers: authHeaders(http, context),
    returnHeaders: true,
  });
  for (const cookie of headers.getSetCookie()) http.res.headers.append('set-cookie', cookie);
}
