import type { Transporter } from 'nodemailer';
import type pg from 'pg';
import { defineApp } from './app.ts';
import type { Config } from './config.ts';
import type { Context } from './context.ts';
import { addJob } from './jobs.ts';
import { refuse } from './refusal.ts';

export interface Mail {
  to: string;
  subject: string;
  /** Plain text; every mail has it. */
  text: string;
  html?: string;
  replyTo?: string;
  /** Where a POST ends such mails: mail programs show it as a button (RFC 8058). */
  unsubscribe?: string;
  /** Pictures that the HTML shows as `cid:<cid>`. */
  attachments?: MailPicture[];
}

export interface MailPicture {
  /** A word of letters, digits and dashes. */
  cid: string;
  name: string;
  type: 'image/png';
  base64: string;
}

/** Largest mail that is queued, in bytes of text and HTML together. */
const MAIL_LIMIT = 500_000;
/** Pictures of one mail, and their bytes together as base64: mail servers take some ten million. */
export const MAIL_PICTURES = { count: 40, bytes: 6_000_000 };
const TIMEOUT_MS = 15_000;
/** With the waits of jobs this is about a day and a half. */
const ATTEMPTS = 14;

export const mailIsSetUp = (config: Config): boolean => config.mailUrl !== undefined;

/**
 * Queues a mail in the caller's transaction; it leaves when that is committed, and is tried again while the mail server
 * is away. Refuses an address that is none and what is too large. Call it only where `mailIsSetUp`.
 */
export async function sendMail(db: pg.ClientBase | pg.Pool, mail: Mail): Promise<void> {
  if (!/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(mail.to)) throw refuse.invalid(`"${mail.to}" is not an e-mail address.`);
  if (mail.text.length + (mail.html?.length ?? 0) > MAIL_LIMIT) {
    throw refuse.tooLarge(`A mail may have ${MAIL_LIMIT.toLocaleString('en')} bytes.`);
  }
  const pictures = mail.attachments ?? [];
  if (pictures.length > MAIL_PICTURES.count || pictures.some(({ cid }) => !/^[\w-]{1,40}$/.test(cid)))
    throw refuse.invalid(`A mail may have ${MAIL_PICTURES.count} pictures, named by letters, digits and dashes.`);
  if (pictures.reduce((sum, { base64 }) => sum + base64.length, 0) > MAIL_PICTURES.bytes)
    throw refuse.tooLarge(`The pictures of a mail may have ${MAIL_PICTURES.bytes.toLocaleString('en')} bytes.`);
  await addJob(db, 'mail.send', { ...mail, subject: mail.subject.replaceAll(/[\r\n]+/g, ' ') }, { attempts: ATTEMPTS });
}

/** The kernel's job that hands mails to the mail server. */
export const mail = defineApp({
  name: 'mail',
  jobs: {
    'mail.send': {
      attempts: ATTEMPTS,
      run: (context, payload) => deliverMail(context, payload as Mail),
    },
  },
});

/** Hands a mail to the mail server now; throws where that does not take it. For what must be known to have left. */
export async function deliverMail(context: Context, mail: Mail): Promise<void> {
  const { to, subject, text, html, replyTo, unsubscribe, attachments = [] } = mail;
  const mailServer = await transport(context.config);
  await mailServer.sendMail({
    from: context.config.mailFrom ?? `Throughline <no-reply@${new URL(context.url()).hostname}>`,
    to,
    subject,
    text,
    ...(html ? { html } : {}),
    ...(replyTo ? { replyTo } : {}),
    ...(unsubscribe
      ? { headers: { 'List-Unsubscribe': `<${unsubscribe}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } }
      : {}),
    attachments: attachments.map(({ cid, name, type, base64 }) => ({
      ...{ cid, filename: name, contentType: type, content: base64, encoding: 'base64' },
      contentDisposition: 'inline',
    })),
  });
}

const transports = new Map<string, Transporter>();

async function transport(config: Config): Promise<Transporter> {
  if (!config.mailUrl) throw new Error('No mail server is set: THROUGHLINE_MAIL_URL.');
  const { createTransport } = await import('nodemailer');
  let made = transports.get(config.mailUrl);
  if (!made) {
    const url = new URL(config.mailUrl);
    const secure = url.protocol === 'smtps:';
    made = createTransport({
      host: url.hostname,
      port: Number(url.port) || (secure ? 465 : 587),
      secure,
      ...(url.username
        ? { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
        : {}),
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      // Templates never read files or addresses.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    transports.set(config.mailUrl, made);
  }
  return made;
}
