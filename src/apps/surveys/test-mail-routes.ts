import { z } from 'zod';
import { mailIsSetUp, sendMail } from '../../kernel/mail.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { createLinks } from './links.ts';
import { pickLanguage } from './logic.ts';
import { checkMail } from './mail-words.ts';
import { mailFor } from './mails.ts';
import { Language } from './question.ts';
import { surveyParams } from './routes.ts';
import { SendingMail } from './shapes.ts';
import { surveyById, versionOf } from './surveys.ts';

const DAY_MS = 86_400_000;
/** The link in a test mail works for a week. */
const TEST_DAYS = 7;

/** The mail as customers will get it, to oneself first; what it knows of a customer is not known of a colleague. */
export const testMailRoutes = [
  route({
    method: 'POST',
    path: '/api/surveys/{id}/test-mail',
    summary: 'Send the mail about a survey to oneself; an answer by it counts like any other',
    permission: 'surveys.write',
    params: surveyParams,
    body: z.strictObject({ mail: SendingMail, language: Language }),
    reply: z.object({ to: z.string() }),
    run: async ({ context, caller, params: { id }, body }) => {
      if (!caller.email) throw refuse.invalid('You have no address to send a test to. Sign in as a colleague.');
      if (!mailIsSetUp(context.config))
        throw refuse.conflict('Mail is not set up here. Set THROUGHLINE_MAIL_URL, then try again.');
      const { version } = await surveyById(context, id);
      const definition = version === null ? null : await versionOf(context, id, version);
      if (!definition) throw refuse.conflict('Publish the survey first: the mail would lead to nothing.');
      checkMail(definition, body.mail);
      const expiresAt = new Date(Date.now() + TEST_DAYS * DAY_MS);
      const { fields } = body.mail;
      const link = { personId: null, singleUse: true, expiresAt, fields };
      const [token] = await createLinks(context.records.pool, id, [link]);
      const language = pickLanguage(definition, [body.language]);
      const facts = { answers: {}, traits: {}, fields, language };
      const mail = await mailFor(context, definition, body.mail, { to: caller.email, token: token!, expiresAt, facts });
      await sendMail(context.records.pool, mail);
      return { to: caller.email };
    },
  }),
];
