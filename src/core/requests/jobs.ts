import type { Job } from '../../kernel/jobs.ts';
import { mailIsSetUp, sendMail } from '../../kernel/mail.ts';
import { isLanguage } from '../../kernel/text.ts';
import { finishAnswered } from './answer.ts';
import { requestsText } from './mails.ts';
import { closeUnproven } from './requests.ts';

/** Who answers is reminded so many days before a request is due, each day. */
const REMIND_DAYS = 7;
const LISTED = 50;

interface Due {
  email: string;
  language: string | null;
  ids: number[];
  lines: string[];
}

export const requestJobs: Record<string, Job> = {
  /** Reminds who answers, or the owners where nobody does, of what is due within a week; closes what nobody proved. */
  'requests.remind': {
    every: '0 6 * * *',
    async run(context) {
      await closeUnproven(context);
      if (!mailIsSetUp(context.config)) return;
      const { rows } = await context.records.pool.query<Due>(
        `SELECT u.email, p.chosen->>'language' AS language, array_agg(r.id ORDER BY r.due_at) AS ids,
           array_agg(to_char(r.due_at, 'YYYY-MM-DD') || '  ' || r.kind || '  #' || r.id ORDER BY r.due_at) AS lines
         FROM requests r JOIN staff_users u
           ON CASE WHEN r.assignee IS NULL THEN u.role = 'owner' ELSE u.id = r.assignee END
         LEFT JOIN preferences p ON p.owner = 'staff:' || u.id
         WHERE r.state = 'open' AND r.due_at < now() + make_interval(days => ${REMIND_DAYS}) AND u.disabled_at IS NULL
         GROUP BY u.email, p.chosen->>'language'`,
      );
      for (const due of rows) {
        const t = requestsText(isLanguage(due.language) ? due.language : 'en');
        const link = `${context.url()}/requests`;
        await sendMail(context.records.pool, {
          to: due.email,
          subject: t('mail.dueSubject', { count: due.ids.length }),
          text: t('mail.due', { list: due.lines.slice(0, LISTED).join('\n'), link }),
        });
      }
    },
  },
  /** Closes requests whose export or erasure is done, and tells the customer. */
  'requests.finish': { every: '*/10 * * * *', run: (context) => finishAnswered(context) },
};
