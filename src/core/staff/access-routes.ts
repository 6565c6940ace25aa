import { z } from 'zod';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { rereadRoles } from './role-book.ts';
import { signedInUser } from './sessions.ts';

const AccessSettings = z.object({
  secondFactorRequired: z
    .boolean()
    .describe(
      'Everybody who signs in with a password has to have a second factor; a passkey or single sign-on is one.',
    ),
});
export type AccessSettings = z.output<typeof AccessSettings>;

async function hasSecondFactor(context: Context, caller: Caller): Promise<boolean> {
  if (caller.kind !== 'staff') return true;
  const { rows } = await context.records.pool.query<{ has: boolean }>(
    `SELECT u.two_factor_enabled OR EXISTS (SELECT FROM staff_passkeys WHERE user_id = u.id)
       OR EXISTS (SELECT FROM staff_sessions WHERE id = $2 AND method = 'sso') AS has FROM staff_users u WHERE u.id = $1`,
    [caller.id, caller.sessionId],
  );
  return rows[0]?.has ?? false;
}

export const accessRoutes = [
  route({
    method: 'GET',
    path: '/api/access',
    summary: 'How people sign in, for everybody',
    permission: 'access.read',
    reply: AccessSettings.extend({
      withoutSecondFactor: z.number().describe('Members of staff who have neither an authenticator app nor a passkey.'),
    }),
    run: async ({ context }) => {
      const { rows } = await context.records.pool.query<{ required: boolean; without: number }>(
        `SELECT coalesce((SELECT second_factor_required FROM staff_company), false) AS required,
           (SELECT count(*)::int FROM staff_users u WHERE disabled_at IS NULL AND NOT two_factor_enabled
             AND NOT EXISTS (SELECT FROM staff_passkeys p WHERE p.user_id = u.id)) AS without`,
      );
      return { secondFactorRequired: rows[0]!.required, withoutSecondFactor: rows[0]!.without };
    },
  }),
  route({
    method: 'PATCH',
    path: '/api/access',
    summary: 'Ask everybody for a second factor, or no longer; holds from the next request on',
    permission: 'access.write',
    body: AccessSettings.partial(),
    reply: AccessSettings,
    run: async ({ context, caller, body }) => {
      if (body.secondFactorRequired && !(await hasSecondFactor(context, caller))) {
        throw refuse.conflict('Set up a second factor of your own first, or this would keep you out.');
      }
      const { rows } = await context.records.pool.query<{ required: boolean }>(
        `UPDATE staff_company SET second_factor_required = coalesce($1, second_factor_required)
         RETURNING second_factor_required AS required`,
        [body.secondFactorRequired ?? null],
      );
      if (!rows[0]) throw refuse.conflict('Set this installation up first.');
      rereadRoles(context);
      return { secondFactorRequired: rows[0].required };
    },
  }),
  route({
    method: 'GET',
    path: '/api/me/security',
    summary: 'How you can sign in yourself',
    permission: 'signed-in',
    reply: z.object({
      password: z.boolean(),
      secondFactor: z.boolean().describe('Whether an authenticator app is set up.'),
      secondFactorRequired: z.boolean(),
      passkeys: z.number(),
      singleSignOn: z.array(z.string()).describe('Names of those you have signed in by.'),
    }),
    run: async ({ context, caller }) => {
      const { rows } = await context.records.pool.query(
        `SELECT EXISTS (SELECT FROM staff_logins WHERE user_id = u.id AND password IS NOT NULL) AS password,
           two_factor_enabled AS "secondFactor",
           coalesce((SELECT second_factor_required FROM staff_company), false) AS "secondFactorRequired",
           (SELECT count(*)::int FROM staff_passkeys WHERE user_id = u.id) AS passkeys,
           ARRAY(SELECT p.name FROM staff_logins l JOIN staff_sso_providers p ON l.provider_id = 'sso:' || p.id
             WHERE l.user_id = u.id ORDER BY p.name) AS "singleSignOn"
         FROM staff_users u WHERE id = $1`,
        [signedInUser(caller)],
      );
      return rows[0];
    },
  }),
];
