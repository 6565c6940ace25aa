import type { Context as HonoContext } from 'hono';
import { z } from 'zod';
import { escapeHtml } from '../../kernel/html.ts';
import type { Mail } from '../../kernel/mail.ts';
import { LANGUAGES, languageOf, openText, type Language as TextLanguage } from '../../kernel/text.ts';

const textIn = openText(new URL('./messages/', import.meta.url));

export const Language = z.enum(Object.keys(LANGUAGES) as [TextLanguage, ...TextLanguage[]]);
export type Language = TextLanguage;

/** The language that a browser asks for, of those that mails are written in. */
export const language = (http: HonoContext): Language => languageOf(undefined, http.req.header('accept-language'));

interface Given {
  company: string;
  /** Who invites. */
  from: string;
}

export const invitationMail = (to: string, lang: Language, link: string, given: Given): Mail =>
  mail(to, lang, link, 'invitation', { company: oneLine(given.company), from: oneLine(given.from) });

export const resetMail = (to: string, lang: Language, link: string, given: { company: string }): Mail =>
  mail(to, lang, link, 'reset', { company: oneLine(given.company) });

function mail(
  to: string,
  lang: Language,
  link: string,
  what: 'invitation' | 'reset',
  values: Record<string, string>,
): Mail {
  const t = textIn(lang);
  const [subject, text, button, after] = ['subject', 'text', 'button', 'after'].map((part) =>
    t(`${what}.${part}`, values),
  );
  const href = escapeHtml(link);
  return {
    to,
    subject: subject!,
    text: `${text}\n\n${button}:\n${link}\n\n${after}\n`,
    html: `<!doctype html><html lang="${lang}"><body style="font-family:sans-serif;line-height:1.5;color:#1c2024">
<p>${escapeHtml(text!)}</p>
<p><a href="${href}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#3b4cca;color:#fff;text-decoration:none">${escapeHtml(button!)}</a></p>
<p style="color:#60646c">${escapeHtml(after!)}</p>
<p style="color:#60646c;font-size:13px;word-break:break-all">${href}</p></body></html>`,
  };
}

/** Names in a mail are words: no lines of their own, and nothing that a mail program would make a link of. */
const oneLine = (text: string) =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/https?:\/\/|www\./gi, '')
    .trim();
