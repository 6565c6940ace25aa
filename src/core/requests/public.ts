import type { Hono, Context as HonoContext } from 'hono';
import { clientAddress, networkOf } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import { customerPage } from '../../kernel/customer-page.ts';
import { type Html, html } from '../../kernel/html.ts';
import { readBody } from '../../kernel/http.ts';
import { mailIsSetUp } from '../../kernel/mail.ts';
import { Refusal } from '../../kernel/refusal.ts';
import { type Language, languageOf, type Translate } from '../../kernel/text.ts';
import { companyName } from '../staff/company.ts';
import { archiveOf } from './answer.ts';
import { mailCustomer, requestsText } from './mails.ts';
import {
  closeRequest,
  DUE_DAYS,
  KINDS,
  MESSAGE_LIMIT,
  NAME_LIMIT,
  PROOF_DAYS,
  proveRequest,
  type RequestKind,
  type RequestRow,
  requestByToken,
  takeRequest,
} from './requests.ts';

/** The form of a request, in bytes: a message of the longest kind in any writing, percent-encoded. */
const FORM_LIMIT = 64 * 1024;
/** A field that people do not see; what fills it in is a program. */
const TRAP = 'website';

interface Visit {
  http: HonoContext;
  context: Context;
  language: Language;
  t: Translate;
  company: string;
}

/** The pages on which customers ask about their data: plain HTML in their language, without scripts. */
export function mountPublicPages(hono: Hono, context: Context): void {
  const page = (run: (visit: Visit) => Promise<Response> | Response) => async (http: HonoContext) => {
    const language = languageOf(http.req.query('lang'), http.req.header('accept-language'));
    const company = (await companyName(context)) ?? 'Throughline';
    return run({ http, context, language, t: requestsText(language), company });
  };
  hono.get(
    '/your-data',
    page((visit) => formPage(visit)),
  );
  hono.post('/your-data', page(send));
  hono.get(
    '/your-data/request',
    page((visit) => withRequest(visit, requestPage)),
  );
  hono.post(
    '/your-data/request',
    page((visit) => withRequest(visit, act)),
  );
  hono.get(
    '/your-data/archive',
    page((visit) => withRequest(visit, download)),
  );
}

type Written = { kind?: string; email?: string; name?: string; message?: string; purpose?: string };

function formPage(visit: Visit, written: Written = {}, wrong?: { text: string; status: number }): Response {
  const { t, company, language } = visit;
  const body = html`
<p class="dim">${t('page.intro', { company, days: DUE_DAYS })}</p>
${wrong && html`<p class="note bad" role="alert">${wrong.text}</p>`}
<form method="post" action="/your-data?lang=${language}">
<fieldset><legend>${t('page.kind')}</legend>
${KINDS.map(
  (kind) =>
    html`<label><input type="radio" name="kind" value="${kind}" required${{ html: written.kind === kind ? ' checked' : '' }}>
<span>${t(`kind.${kind}`)}</span><small>${t(`kind.${kind}Hint`)}</small></label>`,
)}
</fieldset>
<div class="field"><label for="email">${t('page.email')}</label>
<input type="email" id="email" name="email" required maxlength="254" autocomplete="email" aria-describedby="email-hint" value="${written.email ?? ''}">
<small class="dim" id="email-hint">${t('page.emailHint')}</small></div>
<div class="field"><label for="name">${t('page.name')}</label>
<input type="text" id="name" name="name" maxlength="${NAME_LIMIT}" autocomplete="name" value="${written.name ?? ''}"></div>
<div class="field"><label for="message">${t('page.message')}</label>
<textarea id="message" name="message" rows="4" maxlength="${MESSAGE_LIMIT}">${written.message ?? ''}</textarea></div>
<div class="away" aria-hidden="true"><label for="${TRAP}">${t('page.trap')}</label><input type="text" id="${TRAP}" name="${TRAP}" tabindex="-1" autocomplete="off"></div>
<button type="submit">${t('page.send')}</button>
</form>`;
  return show(visit, t('page.title'), body, wrong?.status, (code) => `/your-data?lang=${code}`);
}

async function send(visit: Visit): Promise<Response> {
  const { http, context, t, language } = visit;
  const form = await readForm(http);
  const written: Written = Object.fromEntries(form);
  if (form.get(TRAP)) return sentPage(visit, null, written.email ?? '');
  const email = (written.email ?? '').trim();
  const message = (written.message ?? '').trim();
  const wrong = (what: string) => formPage(visit, written, { text: t('page.wrong', { what }), status: 400 });
  if (!KINDS.includes(written.kind as RequestKind)) return wrong(t('page.wrongKind'));
  if (email.length > 254 || !/^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;"]+$/.test(email))
    return wrong(t('page.wrongEmail'));
  if (message.length > MESSAGE_LIMIT) return wrong(t('page.tooLong', { count: MESSAGE_LIMIT }));
  try {
    const { request, token } = await takeRequest(
      context,
      {
        kind: written.kind as RequestKind,
        email,
        name: clean(written.name ?? '').slice(0, NAME_LIMIT),
        message: clean(message),
        language,
        purpose: null,
      },
      { sender: networkOf(clientAddress(http, context.config.proxies) ?? 'unknown'), actor: 'customer' },
    );
    await mailCustomer(context, context.records.pool, request, 'confirm');
    // Where nothing can be mailed the customer needs the address of the page itself.
    return mailIsSetUp(context.config) ? sentPage(visit, null, email) : sentPage(visit, token, email);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 429) throw error;
    return formPage(visit, written, { text: t('page.tooMany'), status: 429 });
  }
}

/** PostgreSQL keeps no NUL, and nobody types other control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
const clean = (text: string) => text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '').toWellFormed();

function sentPage(visit: Visit, token: string | null, email: string): Response {
  const { t, context } = visit;
  if (mailIsSetUp(context.config)) {
    return show(visit, t('page.sentTitle'), html`<p>${t('page.sent', { email, days: PROOF_DAYS })}</p>`);
  }
  return show(
    visit,
    t('page.statusTitle'),
    html`<p>${t('page.sentNoMail')}</p>${token && html`<p><a href="${requestPath(visit, token)}">${t('page.statusTitle')}</a></p>`}`,
  );
}

interface Opened {
  request: RequestRow;
  token: string;
  /** By a link that was mailed or handed over, and not by that of whoever filled in the form. */
  proves: boolean;
}

async function withRequest(
  visit: Visit,
  run: (visit: Visit, opened: Opened) => Promise<Response> | Response,
): Promise<Response> {
  const token = visit.http.req.query('token') ?? '';
  const found = await requestByToken(visit.context, token);
  if (!found) {
    const { t } = visit;
    return show(
      visit,
      t('page.unknownTitle'),
      html`<p>${t('page.unknown')}</p><p><a href="/your-data">${t('page.again')}</a></p>`,
      404,
    );
  }
  // The language of the request, unless another was chosen since.
  const language = languageOf(visit.http.req.query('lang') ?? found.request.language, undefined);
  return run({ ...visit, language, t: requestsText(language) }, { ...found, token });
}

/** What a link from a mail opens. It changes nothing by being opened: programs that look through mails open links too. */
async function requestPage(visit: Visit, { request, token, proves }: Opened): Promise<Response> {
  const { t, language, context } = visit;
  if (proves && request.state === 'unproven' && mailIsSetUp(context.config)) {
    const body = html`<p>${t('page.confirmText', { email: request.email })}</p>
<p class="card"><strong>${t(`kind.${request.kind}`)}</strong></p>${button(visit, token, 'confirm', t('page.confirm'))}`;
    return show(visit, t('page.confirmTitle'), body, 200, (code) => requestPath({ ...visit, language: code }, token));
  }
  const date = (at: Date) => at.toLocaleDateString(language, { dateStyle: 'long', timeZone: 'UTC' });
  const archive = proves ? await archiveOf(context, request) : null;
  const body = html`<div class="card"><dl>
<dt>${t('page.kind')}</dt><dd>${t(`kind.${request.kind}`)}</dd>
<dt>${t('page.status')}</dt><dd>${t(`state.${request.state}`)}</dd>
<dt>${t('page.received')}</dt><dd>${date(request.receivedAt)}</dd>
${!request.closedAt && html`<dt>${t('page.due')}</dt><dd>${date(request.dueAt)}</dd>`}
${proves && request.answer && html`<dt>${t('page.answer')}</dt><dd>${request.answer}</dd>`}
</dl></div>
${
  archive &&
  html`<p><a class="button" href="/your-data/archive?token=${token}">${t('page.download')}</a></p>
<p class="dim">${t('page.downloadHint', { date: date(archive.expiresAt) })}</p>`
}
${!request.closedAt && (proves || request.state === 'unproven') && button(visit, token, 'withdraw', t('page.withdraw'), 'quiet')}
<p><a href="/your-data?lang=${language}">${t('page.again')}</a></p>`;
  return show(visit, t('page.statusTitle'), body, 200, (code) => requestPath({ ...visit, language: code }, token));
}

async function act(visit: Visit, { request, token, proves }: Opened): Promise<Response> {
  const { http, context } = visit;
  const action = (await readForm(http)).get('action');
  if (proves && action === 'confirm' && mailIsSetUp(context.config)) {
    await proveRequest(context, request.id, { actor: 'customer', how: 'mail' });
  }
  if (action === 'withdraw' && !request.closedAt && (proves || request.state === 'unproven')) {
    await closeRequest(context, request.id, { state: 'withdrawn', actor: 'customer', answer: '' });
  }
  return new Response(null, {
    status: 303,
    headers: { location: requestPath(visit, token), 'cache-control': 'no-store' },
  });
}

async function download(visit: Visit, opened: Opened): Promise<Response> {
  const archive = opened.proves ? await archiveOf(visit.context, opened.request) : null;
  if (!archive) return requestPage(visit, opened);
  return archive.response();
}

const requestPath = (visit: Pick<Visit, 'language'>, token: string) =>
  `/your-data/request?token=${token}&lang=${visit.language}`;

const button = (visit: Visit, token: string, action: string, label: string, look = '') =>
  html`<form method="post" action="${requestPath(visit, token)}"${{ html: look ? ' style="border:0;padding:0;background:none"' : '' }}>
<input type="hidden" name="action" value="${action}"><button type="submit" class="${look}">${label}</button></form>`;

function show(
  visit: Visit,
  title: string,
  body: Html,
  status = 200,
  inLanguage?: (code: Language) => string,
): Response {
  const { context, language, company, t } = visit;
  return customerPage(context, {
    language,
    title,
    company,
    body,
    status,
    languagesLabel: t('page.languages'),
    ...(inLanguage ? { inLanguage } : {}),
  });
}

async function readForm(http: HonoContext): Promise<URLSearchParams> {
  return new URLSearchParams(new TextDecoder().decode(await readBody(http, FORM_LIMIT)));
}
