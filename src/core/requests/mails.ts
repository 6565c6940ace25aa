import type pg from 'pg';
import type { Context } from '../../kernel/context.ts';
import { type Mail, mailIsSetUp, sendMail } from '../../kernel/mail.ts';
import { openText } from '../../kernel/text.ts';
import { companyName } from '../staff/company.ts';
import { type RequestRow, tokenOf } from './requests.ts';

export const requestsText = openText(new URL('./messages/', import.meta.url));

export const statusLink = (context: Context, id: number) =>
  `${context.url()}/your-data/request?token=${tokenOf(context, id)}`;

type What = 'confirm' | 'done' | 'refused' | 'extended' | 'erasing';

/** Mails the customer in their language; does nothing where no mail server is set or the person was erased. */
export async function mailCustomer(
  context: Context,
  db: pg.ClientBase | pg.Pool,
  request: RequestRow,
  what: What,
): Promise<void> {
  if (mailIsSetUp(context.config) && request.email !== '') await sendMail(db, await mailOf(context, request, what));
}

export async function mailOf(context: Context, request: RequestRow, what: What): Promise<Mail> {
  const t = requestsText(request.language);
  const values = {
    company: (await companyName(context)) ?? 'Throughline',
    kind: t(`kind.${request.kind}`),
    link: statusLink(context, request.id),
    answer: what === 'extended' ? (request.extendedBecause ?? '') : request.answer,
    date: request.dueAt.toLocaleDateString(request.language, { dateStyle: 'long', timeZone: 'UTC' }),
  };
  return {
    to: request.email,
    subject: t(`mail.${what}Subject`, values),
    text: t(`mail.${what}`, values).replaceAll(/\n{3,}/g, '\n\n'),
  };
}
