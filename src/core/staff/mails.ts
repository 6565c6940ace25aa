import type { Context as HonoContext } from 'hono';
import { z } from 'zod';
import { escapeHtml } from '../../kernel/html.ts';
import type { Mail } from '../../kernel/mail.ts';

export const LANGUAGES = ['en', 'pl', 'it', 'ru', 'zh'] as const;
export const Language = z.enum(LANGUAGES);
export type Language = z.output<typeof Language>;

/** The language that a browser asks for first, of those that mails are written in. */
export function language(http: HonoContext): Language {
  for (const part of (http.req.header('accept-language') ?? '').slice(0, 500).split(',')) {
    const word = part.trim().slice(0, 2).toLowerCase();
    const found = LANGUAGES.find((one) => one === word);
    if (found) return found;
  }
  return 'en';
}

interface Words {
  subject: string;
  text: string;
  button: string;
  after: string;
}

interface Given {
  company: string;
  /** Who invites. */
  from: string;
}

const INVITATION: Record<Language, (given: Given) => Words> = {
  en: ({ company, from }) => ({
    subject: `${from} invites you to ${company}`,
    text: `${from} invites you to work with the customers of ${company} in Throughline.`,
    button: 'Accept the invitation',
    after: 'The link works once, for seven days. If you do not expect this mail, leave it be: nothing happens.',
  }),
  pl: ({ company, from }) => ({
    subject: `${from} zaprasza Cię do ${company}`,
    text: `${from} zaprasza Cię do pracy z klientami firmy ${company} w Throughline.`,
    button: 'Przyjmij zaproszenie',
    after:
      'Link działa jeden raz, przez siedem dni. Jeśli nie spodziewasz się tej wiadomości, zignoruj ją: nic się nie stanie.',
  }),
  it: ({ company, from }) => ({
    subject: `${from} ti invita in ${company}`,
    text: `${from} ti invita a lavorare con i clienti di ${company} in Throughline.`,
    button: 'Accetta l’invito',
    after:
      'Il link vale una sola volta, per sette giorni. Se non ti aspettavi questo messaggio, ignoralo: non succede nulla.',
  }),
  ru: ({ company, from }) => ({
    subject: `${from} приглашает вас в ${company}`,
    text: `${from} приглашает вас работать с клиентами компании ${company} в Throughline.`,
    button: 'Принять приглашение',
    after:
      'Ссылка действует один раз, в течение семи дней. Если вы не ждали этого письма, не отвечайте на него: ничего не произойдёт.',
  }),
  zh: ({ company, from }) => ({
    subject: `${from} 邀请您加入 ${company}`,
    text: `${from} 邀请您在 Throughline 中服务 ${company} 的客户。`,
    button: '接受邀请',
    after: '此链接七天内有效，且只能使用一次。如果您并未期待此邮件，请忽略它，不会有任何影响。',
  }),
};

const RESET: Record<Language, (given: { company: string }) => Words> = {
  en: ({ company }) => ({
    subject: `A new password for ${company}`,
    text: `Somebody asked for a new password for your account at ${company} in Throughline.`,
    button: 'Set a new password',
    after: 'The link works once, for one hour. If it was not you, leave this mail be: your password stays as it is.',
  }),
  pl: ({ company }) => ({
    subject: `Nowe hasło do ${company}`,
    text: `Ktoś poprosił o nowe hasło do Twojego konta firmy ${company} w Throughline.`,
    button: 'Ustaw nowe hasło',
    after: 'Link działa jeden raz, przez godzinę. Jeśli to nie Ty, zignoruj tę wiadomość: hasło się nie zmieni.',
  }),
  it: ({ company }) => ({
    subject: `Una nuova password per ${company}`,
    text: `Qualcuno ha chiesto una nuova password per il tuo account di ${company} in Throughline.`,
    button: 'Imposta una nuova password',
    after:
      'Il link vale una sola volta, per un’ora. Se non sei stato tu, ignora questo messaggio: la password resta la stessa.',
  }),
  ru: ({ company }) => ({
    subject: `Новый пароль для ${company}`,
    text: `Кто-то запросил новый пароль для вашей учётной записи ${company} в Throughline.`,
    button: 'Задать новый пароль',
    after:
      'Ссылка действует один раз, в течение часа. Если это были не вы, не отвечайте на письмо: пароль останется прежним.',
  }),
  zh: ({ company }) => ({
    subject: `${company} 的新密码`,
    text: `有人请求为您在 Throughline 中的 ${company} 账户设置新密码。`,
    button: '设置新密码',
    after: '此链接一小时内有效，且只能使用一次。如果不是您本人操作，请忽略此邮件，您的密码不会改变。',
  }),
};

export const invitationMail = (to: string, lang: Language, link: string, given: Given): Mail =>
  mail(to, lang, link, INVITATION[lang]({ company: oneLine(given.company), from: oneLine(given.from) }));

export const resetMail = (to: string, lang: Language, link: string, given: { company: string }): Mail =>
  mail(to, lang, link, RESET[lang]({ company: oneLine(given.company) }));

function mail(to: string, lang: Language, link: string, { subject, text, button, after }: Words): Mail {
  const href = escapeHtml(link);
  return {
    to,
    subject,
    text: `${text}\n\n${button}:\n${link}\n\n${after}\n`,
    html: `<!doctype html><html lang="${lang}"><body style="font-family:sans-serif;line-height:1.5;color:#1c2024">
<p>${escapeHtml(text)}</p>
<p><a href="${href}" style="display:inline-block;padding:10px 18px;border-radius:6px;background:#3b4cca;color:#fff;text-decoration:none">${escapeHtml(button)}</a></p>
<p style="color:#60646c">${escapeHtml(after)}</p>
<p style="color:#60646c;font-size:13px;word-break:break-all">${href}</p></body></html>`,
  };
}

/** Names in a mail are words: no lines of their own, and nothing that a mail program would make a link of. */
const oneLine = (text: string) =>
  text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/https?:\/\/|www\./gi, '')
    .trim();
