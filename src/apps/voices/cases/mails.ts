import type pg from 'pg';
import { languageOfMember } from '../../../core/preferences/preferences.ts';
import { companyName } from '../../../core/staff/company.ts';
import type { Context } from '../../../kernel/context.ts';
import { mailIsSetUp, sendMail } from '../../../kernel/mail.ts';
import { isLanguage, type Language, openText } from '../../../kernel/text.ts';
import type { CaseRule } from './rules.ts';
import { caseToken } from './token.ts';

export const casesText = openText(new URL('./messages/', import.meta.url));

/** Tells the owner of a new case; does nothing where no mail server is set. */
export async function tellOwner(
  context: Context,
  client: pg.PoolClient,
  owner: string,
  id: number,
  rule: CaseRule,
): Promise<void> {
  if (!mailIsSetUp(context.config)) return;
  const { rows } = await client.query<{ email: string }>('SELECT email FROM staff_users WHERE id = $1', [owner]);
  if (!rows[0]) return;
  const t = casesText(await languageOfMember(context, owner));
  const values = {
    rule: rule.name,
    hours: rule.dueHours,
    count: rule.dueHours,
    link: `${context.url()}/cases?state=all&item=${id}`,
  };
  await sendMail(client, { to: rows[0].email, subject: t('owner.subject', values), text: t('owner.text', values) });
}

/**
 * Where an answer to the customer goes, and how: in their language, with a link to say whether it was solved. Null where no
 * address is known or no mail server is set.
 */
export async function answerMail(context: Context, db: pg.Pool | pg.PoolClient, id: number) {
  if (!mailIsSetUp(context.config)) return null;
  const { rows } = await db.query<{ to: string | null; language: string }>(
    `SELECT coalesce(nullif(v.contact, ''), (SELECT i.value FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id
         JOIN persons part ON part.id = i.person_id WHERE part.root_id = p.root_id AND k.kind = 'email' ORDER BY i.value LIMIT 1)) AS to,
       coalesce(nullif(v.language, ''), c.language) AS language
     FROM voices_cases c JOIN persons p ON p.id = c.origin_id LEFT JOIN voices_voices v ON v.id = c.voice_id WHERE c.id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row?.to || !/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(row.to)) return null;
  const { to } = row;
  const language: Language = isLanguage(row.language) ? row.language : 'en';
  return {
    to,
    async send(text: string) {
      const t = casesText(language);
      const company = (await companyName(context)) ?? 'Throughline';
      const link = `${context.url()}/case/${caseToken(context, id)}?lang=${language}`;
      await sendMail(db, {
        to,
        subject: t('answer.subject', { company }),
        text: `${text}\n\n${t('answer.foot', { company, link })}`,
      });
    },
  };
}
