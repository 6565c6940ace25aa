import type { Hono, Context as HonoContext } from 'hono';
import { ofStore } from '../../../core/query/of-store.ts';
import { companyName } from '../../../core/staff/company.ts';
import { Allowance } from '../../../kernel/allowance.ts';
import { clientAddress, networkOf } from '../../../kernel/client-address.ts';
import type { Context } from '../../../kernel/context.ts';
import { customerPage } from '../../../kernel/customer-page.ts';
import { type Html, html } from '../../../kernel/html.ts';
import { answerError, readBody } from '../../../kernel/http.ts';
import { refuse } from '../../../kernel/refusal.ts';
import { type Language, languageOf, type Translate } from '../../../kernel/text.ts';
import { sayOutcome } from './cases.ts';
import { casesText } from './mails.ts';
import { caseOfToken } from './token.ts';

const FORM_LIMIT = 32 * 1024;
/** Calls of one network, at once and a minute. */
export const CALLS_A_MINUTE = 60;

const networks = new WeakMap<object, Allowance>();
const TEXT_LIMIT = 2000;

interface Visit {
  context: Context;
  token: string;
  language: Language;
  t: Translate;
  company: string;
}

/** The page behind the link of an answer: whether it was solved, in the customer's language, without scripts. */
export function mountCasePage(hono: Hono, context: Context): void {
  const page =
    (run: (visit: Visit, id: number, http: HonoContext) => Promise<Response> | Response) =>
    async (http: HonoContext) => {
      const language = languageOf(http.req.query('lang'), http.req.header('accept-language'));
      const company = (await companyName(context)) ?? 'Throughline';
      const wait = ofStore(networks, context, () => new Allowance(CALLS_A_MINUTE, 60)).take(
        networkOf(clientAddress(http, context.config.proxies) ?? 'unknown'),
      );
      if (wait > 0) return answerError(refuse.tooMany('Too many calls from this network. Wait a moment.', wait), http);
      const visit: Visit = { context, token: http.req.param('token') ?? '', language, t: casesText(language), company };
      const found = await caseOfToken(context, visit.token);
      return found
        ? run(visit, found.id, http)
        : show(visit, visit.t('page.goneTitle'), html`<p>${visit.t('page.gone')}</p>`, 404);
    };
  hono.get(
    '/case/:token',
    page((visit) => ask(visit)),
  );
  hono.post('/case/:token', page(take));
}

function ask(visit: Visit, wrong = false): Response {
  const { t, token, language } = visit;
  return show(
    visit,
    t('page.title'),
    html`${wrong && html`<p class="note bad" role="alert">${t('page.choose')}</p>`}
<form method="post" action="/case/${token}?lang=${language}"><fieldset><legend>${t('page.question')}</legend>
<label><input type="radio" name="solved" value="yes" required><span>${t('page.yes')}</span></label>
<label><input type="radio" name="solved" value="no"><span>${t('page.no')}</span></label></fieldset>
<div class="field"><label for="text">${t('page.more')}</label><textarea id="text" name="text" rows="4" maxlength="${TEXT_LIMIT}"></textarea></div>
<button type="submit">${t('page.send')}</button></form>`,
    wrong ? 400 : 200,
  );
}

async function take(visit: Visit, id: number, http: HonoContext): Promise<Response> {
  const form = new URLSearchParams(new TextDecoder().decode(await readBody(http, FORM_LIMIT)));
  const solved = form.get('solved');
  if (solved !== 'yes' && solved !== 'no') return ask(visit, true);
  const text = (form.get('text') ?? '').replaceAll('\0', '').trim().slice(0, TEXT_LIMIT);
  await sayOutcome(visit.context, id, solved === 'yes', text);
  return show(
    visit,
    visit.t('page.thanksTitle'),
    html`<p>${visit.t(solved === 'yes' ? 'page.thanks' : 'page.sorry')}</p>`,
  );
}

function show({ context, language, company, token, t }: Visit, title: string, body: Html, status = 200): Response {
  return customerPage(context, {
    ...{ language, title, company, body, status, languagesLabel: t('page.languages') },
    inLanguage: (code) => `/case/${token}?lang=${code}`,
  });
}
