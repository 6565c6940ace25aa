import { readdirSync } from 'node:fs';
import type { Hono, Context as HonoContext } from 'hono';
import { ofStore } from '../../core/query/of-store.ts';
import { SDK_DIR } from '../../core/sdk/module.ts';
import { companyName } from '../../core/staff/company.ts';
import { Allowance } from '../../kernel/allowance.ts';
import { clientAddress, networkOf } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import { customerPage } from '../../kernel/customer-page.ts';
import { escapeHtml, html } from '../../kernel/html.ts';
import { answerError, readBody } from '../../kernel/http.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { secure } from '../../kernel/security-headers.ts';
import { languageOf } from '../../kernel/text.ts';
import type { Definition } from './definition.ts';
import { sniff } from './file-types.ts';
import { type OpenedLink, openLink } from './links.ts';
import { directionOf, pickLanguage, say } from './logic.ts';
import { pictureBlob } from './pictures.ts';
import { closed, full } from './responses.ts';
import { personOfLink, setUnsubscribed } from './sendings.ts';
import { versionOf } from './surveys.ts';
import { forCustomers, fullSurveys, isOpen } from './targeting.ts';
import { surveysText } from './texts.ts';
import { inLanguage } from './used.ts';

/** Pages that one network may open, at once and a minute. A whole office may stand behind one address. */
const PAGES_A_MINUTE = 240;
const FORM_BYTES = 4096;
const PICTURE_SECONDS = 31_536_000;

const pages = new WeakMap<object, Allowance>();
const allowance = (context: Context) => ofStore(pages, context, () => new Allowance(PAGES_A_MINUTE, 60));

export const openLinkOf = (context: Context, token: string) => `${context.url()}/s/${token}`;
export const embedCode = (context: Context, token: string) =>
  `<iframe src="${escapeHtml(openLinkOf(context, token))}" width="100%" height="600" style="border:0" loading="lazy" title="Survey"></iframe>`;

/** The pages that customers open: a survey by its link, the builder's preview, and pictures in surveys. */
export function mountSurveyPages(hono: Hono, context: Context): void {
  hono.get('/s/preview', () =>
    surveyPage(context, { language: 'en', title: 'Survey', data: null, ancestors: ["'self'"] }),
  );
  hono.get('/s/pictures/:id', (http) => picture(context, http));
  hono.get('/s/off/:token', (http) => off(context, http));
  hono.post('/s/off/:token', (http) => off(context, http));
  hono.get('/s/:token', (http) => open(context, http));
}

async function open(context: Context, http: HonoContext): Promise<Response> {
  const wait = allowance(context).take(networkOf(clientAddress(http, context.config.proxies) ?? 'unknown'));
  if (wait > 0) return sorry(context, http, 'busy', 429, wait);
  try {
    const token = http.req.param('token') ?? '';
    const opened = await openLink(context, token);
    if (opened.state !== 'running' || !isOpen(opened.definition)) throw closed();
    const running = { id: opened.surveyId, version: opened.version, definition: opened.definition };
    if ((await fullSurveys(context.records.pool, [running])).size > 0) throw full();
    return await show(context, http, token, opened);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return sorry(context, http, SORRY[error.code] ?? 'gone', error.status);
  }
}

async function show(context: Context, http: HonoContext, token: string, opened: OpenedLink): Promise<Response> {
  const { definition, version } = await asked(context, http, opened);
  const { invitation } = opened;
  const language = pickLanguage(definition, [
    ...[http.req.query('lang') ?? '', invitation?.language ?? ''].filter((one) => one !== ''),
    ...accepted(http.req.header('accept-language')),
  ]);
  const company = (await companyName(context)) ?? 'Throughline';
  const data = {
    survey: { id: opened.surveyId, version, language, definition: forCustomers(inLanguage(definition, language)) },
    token,
    channel: invitation?.sendingId ? 'mail' : 'link',
    company,
    personal: invitation !== null,
    languages: namesOf(definition.languages),
  };
  const facts = { answers: {}, traits: {}, fields: {}, language };
  const about = say(definition, definition.welcome?.title ?? definition.questions[0]?.title, facts);
  const title = about ? `${about} · ${company}` : company;
  return surveyPage(context, { language, title, data, ancestors: definition.embed });
}

/** Who began with an earlier version goes on with that. */
async function asked(context: Context, http: HonoContext, opened: OpenedLink) {
  const version = Number(http.req.query('version'));
  const earlier =
    Number.isInteger(version) && version > 0 && version < opened.version
      ? await versionOf(context, opened.surveyId, version)
      : null;
  return earlier ? { definition: earlier, version } : { definition: opened.definition, version: opened.version };
}

/** Each language by its own name. */
function namesOf(languages: readonly string[]): Record<string, string> {
  const name = (language: string) => {
    try {
      return new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
    } catch {
      return language;
    }
  };
  return Object.fromEntries(languages.map((language) => [language, name(language)]));
}

/** Languages of an Accept-Language header, the best first. */
function accepted(header: string | undefined): string[] {
  return (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';');
      const weight = parameters.map((one) => /^\s*q=([\d.]+)$/.exec(one)?.[1]).find((one) => one !== undefined);
      return { tag, weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ tag, weight }) => weight > 0 && /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(tag))
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}

interface PageParts {
  language: string;
  title: string;
  /** Null for the preview, which is told what to show. */
  data: { survey: { definition: Definition } } | null;
  /** Sites that may show it in a frame. */
  ancestors: readonly string[];
}

function surveyPage(context: Context, { language, title, data, ancestors }: PageParts): Response {
  const script = scriptName();
  if (!script)
    return answerError(
      refuse.unavailable('The page of surveys is not built yet. Run "npm run build" in the folder of the program.'),
    );
  // A script element ends at the first "</script", also inside of texts.
  const json = data && JSON.stringify(data).replaceAll('<', '\\u003c');
  const t = surveysText(languageOf(language, undefined));
  const page = html`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>${title}</title>
${data && html`<style>${{ html: backgroundOf(data.survey.definition.theme) }}</style>`}
</head>
<body>
${json && { html: `<script type="application/json" id="survey">${json}</script>` }}
<noscript>${t('page.script')}</noscript>
<script src="/sdk/${script}" defer></script>
</body>
</html>
`;
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-language': language,
    // The address is the key to the survey.
    'referrer-policy': 'no-referrer',
    'x-robots-tag': 'noindex, nofollow',
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' https: data: blob:",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      `frame-ancestors ${ancestors.length > 0 ? ancestors.join(' ') : "'none'"}`,
    ].join('; '),
  });
  secure(headers, context);
  // Says the same as frame-ancestors, but knows no single sites.
  if (ancestors.length > 0) headers.delete('x-frame-options');
  return new Response(page.html, { headers });
}

/** So that nothing flashes before the script draws. Colours are `#rrggbb`: nothing of them can leave the style. */
function backgroundOf({ mode, light, dark }: Definition['theme']): string {
  const one = (background: string, scheme: string) => `html{background:${background};color-scheme:${scheme}}`;
  if (mode !== 'auto') return one((mode === 'dark' ? dark : light).background, mode);
  return `${one(light.background, 'light')}@media(prefers-color-scheme:dark){${one(dark.background, 'dark')}}`;
}

function scriptName(): string | undefined {
  try {
    return readdirSync(SDK_DIR).find((name) => /^survey-page\.[0-9a-f]{12}\.js$/.test(name));
  } catch {
    return undefined;
  }
}

type Sorry = 'gone' | 'closed' | 'used' | 'expired' | 'full' | 'busy';
const SORRY: Record<string, Sorry> = {
  survey_closed: 'closed',
  link_used: 'used',
  link_expired: 'expired',
  link_revoked: 'expired',
  quota_full: 'full',
};

/**
 * No more mails with surveys. Opening it changes nothing: programs that look through mails open links too. A mail program's
 * own button posts at once (RFC 8058).
 */
async function off(context: Context, http: HonoContext): Promise<Response> {
  const wait = allowance(context).take(networkOf(clientAddress(http, context.config.proxies) ?? 'unknown'));
  if (wait > 0) return sorry(context, http, 'busy', 429, wait);
  const token = http.req.param('token') ?? '';
  const personId = await personOfLink(context, token);
  if (personId === null) return sorry(context, http, 'gone', 404);
  const language = languageOf(http.req.query('lang'), http.req.header('accept-language'));
  const t = surveysText(language);
  const company = (await companyName(context)) ?? 'Throughline';
  const posted = http.req.method === 'POST';
  const again =
    posted && new URLSearchParams(new TextDecoder().decode(await readBody(http, FORM_BYTES))).get('again') === '1';
  if (posted) await setUnsubscribed(context, personId, !again);
  const button = (label: string, value: string) => html`<form method="post" action="/s/off/${token}?lang=${language}">
<input type="hidden" name="again" value="${value}"><button type="submit">${label}</button></form>`;
  const body = !posted
    ? html`<p>${t('off.ask', { company })}</p>${button(t('off.button'), '0')}`
    : again
      ? html`<p class="note">${t('off.on', { company })}</p>`
      : html`<p class="note">${t('off.done', { company })}</p>${button(t('off.again'), '1')}`;
  return customerPage(context, {
    ...{ language, company, body, title: t('off.title'), languagesLabel: t('page.languages') },
    inLanguage: (code) => `/s/off/${token}?lang=${code}`,
  });
}

/** Why there is nothing to answer, in the reader's language. */
async function sorry(
  context: Context,
  http: HonoContext,
  why: Sorry,
  status: number,
  seconds?: number,
): Promise<Response> {
  const language = languageOf(http.req.query('lang'), http.req.header('accept-language'));
  const t = surveysText(language);
  const response = customerPage(context, {
    ...{ language, status, title: t(`page.${why}Title`), body: html`<p>${t(`page.${why}`)}</p>` },
    company: (await companyName(context)) ?? 'Throughline',
    inLanguage: (code) => `?lang=${code}`,
    languagesLabel: t('page.languages'),
  });
  if (seconds !== undefined) response.headers.set('retry-after', String(seconds));
  return response;
}

/** Only what is a picture by its bytes was kept, and it is never anything else to a browser. */
async function picture(context: Context, http: HonoContext): Promise<Response> {
  const id = http.req.param('id') ?? '';
  const name = pictureBlob(id);
  if (!/^[0-9a-f-]{36}$/.test(id) || (await context.blobs.size(name)) === null)
    return answerError(refuse.notFound('There is no such picture.'));
  const chunks: Buffer[] = [];
  for await (const chunk of context.blobs.read(name)) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return new Response(bytes, {
    headers: {
      'content-type': sniff(bytes)?.type ?? 'application/octet-stream',
      'cache-control': `public, max-age=${PICTURE_SECONDS}, immutable`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
    },
  });
}
