import { defineApp } from '../../kernel/app.ts';
import { forgetAttempts } from './attempts.ts';
import { mountAuth } from './auth-endpoints.ts';
import { answerReset, type ResetAsked } from './password-reset.ts';
import { staffRoutes } from './routes.ts';
import { mountScim } from './scim/mount.ts';

export const staff = defineApp({
  name: 'staff',
  permissions: {
    'staff.read': 'See who works here, which roles there are and who is invited.',
    'staff.write': 'Invite and remove members of staff, give them roles, and make roles.',
    'keys.read': 'See which API keys there are, with their roles.',
    'keys.write': 'Create and revoke API keys.',
    'access.read': 'See how people sign in: second factor, single sign-on and directories.',
    'access.write': 'Change how people sign in: second factor, single sign-on and directories.',
  },
  routes: staffRoutes,
  mount(hono, context, apps) {
    mountAuth(hono, context, apps);
    mountScim(hono, context, apps);
  },
  jobs: {
    'staff.reset-password': { run: (context, payload) => answerReset(context, payload as ResetAsked) },
    'staff.tidy': {
      every: '17 * * * *',
      async run(context) {
        await forgetAttempts(context);
        for (const table of ['staff_used', 'staff_password_resets', 'staff_sessions', 'staff_verifications']) {
          await context.records.pool.query(`DELETE FROM ${table} WHERE expires_at < now()`);
        }
      },
    },
  },
  migrations: new URL('./migrations/', import.meta.url),
});
