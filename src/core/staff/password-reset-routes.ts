import { z } from 'zod';
import { clientAddress } from '../../kernel/client-address.ts';
import { addJob } from '../../kernel/jobs.ts';
import { mailIsSetUp } from '../../kernel/mail.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { countMail } from './attempts.ts';
import { Email, Password } from './fields.ts';
import { Language, language } from './mails.ts';
import { checkOriginIfBrowser } from './origin.ts';
import { type ResetAsked, redeemReset } from './password-reset.ts';

export const passwordResetRoutes = [
  route({
    method: 'POST',
    path: '/api/password-resets',
    summary:
      'Ask for a link by mail to set a new password; the answer is the same whether there is such an account or not',
    permission: 'anyone',
    body: z.object({ email: Email, language: Language.optional() }),
    reply: z.object({ email: z.string() }),
    status: 202,
    run: async ({ context, body, http }) => {
      checkOriginIfBrowser(http, context);
      if (!mailIsSetUp(context.config)) {
        throw refuse.conflict('This server sends no mail. Ask whoever looks after your staff for a link.');
      }
      await countMail(context, body.email, clientAddress(http, context.config.proxies));
      // A job looks whether there is an account, so that neither the answer nor its time tells.
      const asked: ResetAsked = { email: body.email, language: body.language ?? language(http) };
      await addJob(context.records.pool, 'staff.reset-password', asked);
      return { email: body.email };
    },
  }),
  route({
    method: 'POST',
    path: '/api/password-resets/use',
    summary: 'Set a new password with what the link holds; ends all sessions',
    permission: 'anyone',
    body: z.object({ token: z.string().min(1).max(200), password: Password }),
    reply: z.object({ done: z.literal(true) }),
    run: async ({ context, body, http, note }) => {
      checkOriginIfBrowser(http, context);
      const user = await redeemReset(context, body.token, body.password);
      await note({ actor: { kind: 'staff', ...user }, fields: ['password'] });
      return { done: true as const };
    },
  }),
];
