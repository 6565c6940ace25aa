import { wordsIn } from '../../../sdk/src/surveys/words.ts';
import { companyName } from '../../core/staff/company.ts';
import type { Context } from '../../kernel/context.ts';
import { type Html, html } from '../../kernel/html.ts';
import type { Mail } from '../../kernel/mail.ts';
import { languageOf } from '../../kernel/text.ts';
import type { Definition } from './definition.ts';
import { directionOf, type Facts, onColour, optionsInOrder, say, walk } from './logic.ts';
import { factsOfMail, subjectLine } from './mail-words.ts';
import type { Question } from './question.ts';
import type { SendingMail } from './shapes.ts';
import { surveysText } from './texts.ts';

/** Options of a question that a mail shows as links; with more the mail leads to the page. */
const OPTIONS_SHOWN = 12;

export interface Addressee {
  to: string;
  token: string;
  expiresAt: Date;
  facts: Facts;
}

/** Each choice of a question that can be answered by one click. */
function choicesOf(definition: Definition, question: Question, facts: Facts): { value: string; label: string }[] {
  const numbers = (lowest: number, highest: number) =>
    Array.from({ length: highest - lowest + 1 }, (_, n) => ({ value: String(lowest + n), label: String(lowest + n) }));
  switch (question.kind) {
    case 'nps':
      return numbers(0, 10);
    case 'csat':
    case 'ces':
    case 'rating':
      return numbers(1, question.scale);
    case 'single':
      return question.options.length > OPTIONS_SHOWN
        ? []
        : optionsInOrder(question, facts.language).map(({ id, label }) => ({
            value: id,
            label: say(definition, label, facts),
          }));
    default:
      return [];
  }
}

/** What the lowest and the highest of a scale mean: as the survey says it, else as its page does. */
function endsOf(definition: Definition, question: Question, facts: Facts): [low: string, high: string] {
  if (question.kind !== 'nps' && question.kind !== 'csat' && question.kind !== 'ces' && question.kind !== 'rating')
    return ['', ''];
  const { kind, lowLabel, highLabel } = question;
  const usual = wordsIn(facts.language);
  const end = (own: typeof lowLabel, side: 'Low' | 'High') =>
    say(definition, own, facts) || (kind === 'rating' ? '' : usual[`${kind}${side}` as const]);
  return [end(lowLabel, 'Low'), end(highLabel, 'High')];
}

/**
 * The mail that asks somebody: in their language, with the first question in it, each choice a link. A link only opens the
 * page with that choice made, and the page hands it in: programs that look through mails follow links, and answer nothing.
 */
export async function mailFor(
  context: Context,
  definition: Definition,
  words: SendingMail,
  { to, token, expiresAt, facts }: Addressee,
): Promise<Mail> {
  const { language } = facts;
  const company = (await companyName(context)) ?? 'Throughline';
  const t = surveysText(languageOf(language.split('-')[0], undefined));
  const link = `${context.url()}/s/${token}`;
  const off = `${context.url()}/s/off/${token}`;
  const [question] = walk(definition, facts).questions;
  const said = factsOfMail(facts);
  const choices = question ? choicesOf(definition, question, said) : [];
  const to_ = (value: string) =>
    `${link}?lang=${encodeURIComponent(language)}&question=${encodeURIComponent(question!.id)}&answer=${encodeURIComponent(value)}`;
  const intro = say(definition, words.intro, said);
  const title = question ? say(definition, question.title, said) : '';
  const open = `${link}?lang=${encodeURIComponent(language)}`;
  const days = Math.max(1, Math.round((expiresAt.getTime() - Date.now()) / 86_400_000));
  const [low, high] = question ? endsOf(definition, question, said) : ['', ''];
  const foot = [
    ...(definition.anonymous ? [t('mail.anonymous')] : []),
    t('mail.until', { count: days }),
    t('mail.why', { company }),
  ];
  const whatItIs = (n: number) => {
    const words = n === 0 ? low : n === choices.length - 1 ? high : '';
    return words && ` (${words})`;
  };
  const text = [
    ...(intro ? [intro, ''] : []),
    title,
    ...(choices.length > 0
      ? ['', t('mail.answer'), ...choices.map(({ value, label }, n) => `${label}${whatItIs(n)}: ${to_(value)}`)]
      : []),
    ...['', `${t('mail.open')}: ${open}`, ''],
    ...foot,
    t('mail.unsubscribeAt', { link: off }),
  ].join('\n');
  const scale = choices.every(({ label }) => label.length <= 2);
  const { light, radius } = definition.theme;
  const look = `color:${light.text};background:${light.background};border:1px solid ${light.accent};border-radius:${radius}px;text-decoration:none;font-weight:600;`;
  const buttons = choices.map(({ value, label }) =>
    scale
      ? html`<a href="${to_(value)}" style="${look}display:inline-block;min-width:26px;padding:9px 6px;margin:0 2px 6px;text-align:center">${label}</a>`
      : html`<a href="${to_(value)}" style="${look}display:block;padding:11px 14px;margin:0 0 8px">${label}</a>`,
  );
  const ends =
    scale &&
    (low || high) &&
    html`<tr><td><table role="presentation" width="100%" style="font-size:13px"><tr><td align="${side(language, 'start')}">${low}</td><td align="${side(language, 'end')}">${high}</td></tr></table></td></tr>`;
  const page = html`<!doctype html><html lang="${language}" dir="${directionOf(language)}"><body style="margin:0;padding:24px;background:${light.background};color:${light.text};font:16px/1.5 system-ui,-apple-system,'Segoe UI',sans-serif">
<div style="max-width:560px;margin:0 auto">
${intro && html`<p dir="auto" style="white-space:pre-wrap">${intro}</p>`}
<h1 dir="auto" style="font-size:20px;line-height:1.35;margin:20px 0 14px">${title}</h1>
${choices.length > 0 && html`<table role="presentation" cellspacing="0" cellpadding="0"${scale ? '' : { html: ' width="100%"' }}><tr><td>${buttons}</td></tr>${ends}</table>`}
${choices.length === 0 && openButton(open, t('mail.open'), light.accent, radius)}
<p style="font-size:13px;margin-top:32px">${foot.join(' ')} <a href="${off}" style="color:${light.text}">${t('mail.unsubscribe')}</a></p>
</div></body></html>`;
  const subject = subjectLine(say(definition, words.subject, said)) || subjectLine(title) || company;
  return { to, subject, text, html: page.html, unsubscribe: off };
}

const side = (language: string, at: 'start' | 'end') =>
  (directionOf(language) === 'rtl') === (at === 'start') ? 'right' : 'left';

const openButton = (link: string, label: string, accent: string, radius: number): Html =>
  html`<p><a href="${link}" style="display:inline-block;padding:12px 18px;border-radius:${radius}px;background:${accent};color:${onColour(accent)};text-decoration:none;font-weight:600">${label}</a></p>`;
