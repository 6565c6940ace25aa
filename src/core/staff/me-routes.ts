import { z } from 'zod';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { companyName } from './company.ts';
import { Name } from './fields.ts';
import { roleById } from './role-book.ts';
import { signedInUser } from './sessions.ts';

export const Me = z.object({
  kind: z.enum(['staff', 'key', 'local']),
  id: z.string(),
  name: z.string(),
  email: z.string().optional(),
  role: z.string(),
  roleName: z.string(),
  permissions: z.array(z.string()),
  hidesPersonalData: z.boolean().describe('Whether fields with personal data are shown without their values.'),
  secondFactorMissing: z
    .boolean()
    .optional()
    .describe('The company asks for a second factor: until there is one, nothing else is allowed.'),
  company: z.string().nullable(),
});
export type Me = z.output<typeof Me>;

export const meRoutes = [
  route({
    method: 'GET',
    path: '/api/me',
    summary: 'Who makes this request, and what they may do',
    permission: 'signed-in',
    reply: Me,
    run: async ({ context, caller }) => ({
      kind: caller.kind,
      id: caller.id,
      name: caller.name,
      ...(caller.email === null ? {} : { email: caller.email }),
      role: caller.role,
      roleName: (await roleById(context, caller.role))?.name ?? caller.role,
      permissions: [...caller.permissions].sort(),
      hidesPersonalData: caller.hidesPersonalData ?? false,
      ...(caller.secondFactorMissing ? { secondFactorMissing: true } : {}),
      company: await companyName(context),
    }),
  }),
  route({
    method: 'PATCH',
    path: '/api/me',
    summary: 'Change how you are called',
    permission: 'signed-in',
    body: z.object({ name: Name }),
    reply: z.object({ name: z.string() }),
    run: async ({ context, caller, body }) => {
      const { rows } = await context.records.pool.query<{ name: string }>(
        'UPDATE staff_users SET name = $2, updated_at = now() WHERE id = $1 RETURNING name',
        [signedInUser(caller), body.name],
      );
      if (!rows[0]) throw refuse.notFound('You are no member of staff any more.');
      return rows[0];
    },
  }),
];
