import { createHmac } from 'node:crypto';
import type { Hono, Context as HonoContext } from 'hono';
import { ofStore } from '../../core/query/of-store.ts';
import { companyName } from '../../core/staff/company.ts';
import { Allowance } from '../../kernel/allowance.ts';
import { clientAddress, networkOf } from '../../kernel/client-address.ts';
import type { Context } from '../../kernel/context.ts';
import { customerPage } from '../../kernel/customer-page.ts';
import { type Html, html } from '../../kernel/html.ts';
import { readBody } from '../../kernel/http.ts';
import { Refusal } from '../../kernel/refusal.ts';
import { keptSecret, sameSecret } from '../../kernel/secrets.ts';
import { type Language, languageOf } from '../../kernel/text.ts';
import { callerOf } from './acting.ts';
import { pictureHtml } from './drawn.ts';
import { type Part, type Parts, partsOf } from './parts.ts';
import { countUse, isPassword, type OpenShare, PASSWORD_LENGTH, shareOf } from './shares.ts';
import { type Speech, speechIn } from './shown-names.ts';

/** Answers may be so old: a link that many open at once asks once a minute. */
const MAX_AGE_SECONDS = 60;
/** Pages that one network may open, at once and a minute. */
export const PAGES_A_MINUTE = 60;
/** Wrong passwords of one network, and of all for one link, at once and again over the time. */
export const TRIES = { network: { most: 5, seconds: 900 }, share: { most: 50, seconds: 3600 } };
const FORM_LIMIT = 4096;
const COOKIE_SECONDS = 12 * 3600;

interface Limits {
  pages: Allowance;
  network: Allowance;
  share: Allowance;
}
const limits = new WeakMap<object, Limits>();
const limitsOf = (context: Context) =>
  ofStore(limits, context, () => ({
    pages: new Allowance(PAGES_A_MINUTE, 60),
    network: new Allowance(TRIES.network.most, TRIES.network.seconds),
    share: new Allowance(TRIES.share.most, TRIES.share.seconds),
  }));

interface Visit {
  http: HonoContext;
  context: Context;
  speech: Speech;
  company: string;
  token: string;
  network: string;
}

/** The pages behind shared links: reports and dashboards for whoever has the link, plain HTML without scripts. */
export function mountShares(hono: Hono, context: Context): void {
  const page = (run: (visit: Visit, share: OpenShare) => Promise<Response>) => async (http: HonoContext) => {
    const speech = speechIn(languageOf(http.req.query('lang'), http.req.header('accept-language')));
    const network = networkOf(clientAddress(http, context.config.proxies) ?? 'unknown');
    const company = (await companyName(context)) ?? 'Throughline';
    const visit = { http, context, speech, company, network, token: http.req.param('token') ?? '' };
    const wait = limitsOf(context).pages.take(network);
    if (wait > 0) return busy(visit, wait);
    const share = await shareOf(context, visit.token);
    return share ? run(visit, share) : gone(visit);
  };
  hono.get('/share/:token', page(open));
  hono.post('/share/:token', page(tryPassword));
}

async function open(visit: Visit, share: OpenShare): Promise<Response> {
  const { context, http, speech } = visit;
  if (share.password && !hasShownPassword(visit, share)) return askPassword(visit);
  const caller = await callerOf(context, share.owner);
  if (!caller?.permissions.has('reports.read')) return gone(visit);
  let shown: Parts;
  try {
    shown = await partsOf(context, caller, { kind: share.kind, id: share.savedId }, speech, {
      signal: http.req.raw.signal,
      maxAgeSeconds: MAX_AGE_SECONDS,
    });
  } catch (error) {
    if (error instanceof Refusal && error.status < 500) return gone(visit);
    throw error;
  }
  await countUse(context, share.id);
  const { saved, parts, more } = shown;
  const body = html`${saved.description && html`<p class="dim">${saved.description}</p>`}
${await Promise.all(parts.map((part) => partHtml(part, speech, saved.name)))}
${more && html`<p class="dim">${speech.t('morePictures')}</p>`}`;
  const chosen = (language: Language) => `/share/${visit.token}?lang=${language}`;
  return show(visit, saved.name, body, { inLanguage: chosen, origins: share.origins });
}

async function partHtml(part: Part, speech: Speech, about: string): Promise<Html> {
  const { t, language } = speech;
  if (part.kind === 'text')
    return html`<section class="card">${part.text.split(/\n{2,}/).map((text) => html`<p class="words">${text}</p>`)}</section>`;
  const title = part.title && part.title !== about && html`<h2>${part.title}</h2>`;
  if (part.kind === 'refused')
    return html`<section class="card">${title}<p class="dim">${t(part.code === 'forbidden' ? 'share.refused' : 'share.failed')}</p></section>`;
  const { meta, pictures } = part;
  const day = (at: string, more: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone: meta.zone, dateStyle: 'medium', ...more }).format(new Date(at));
  const to = new Date(Date.parse(meta.to) - 1).toISOString();
  return html`<section class="card">${title}
${pictures.length === 0 && html`<p class="dim">${t('inConsole')}</p>`}
${await Promise.all(
  pictures.map(
    async (one) => html`${pictures.length > 1 && html`<h3>${one.title}</h3>`}${await pictureHtml(one, speech)}`,
  ),
)}
<p class="dim"><small>${t('share.period', { from: day(meta.from, {}), to: day(to, {}) })} · ${t('share.asOf', { at: day(meta.computedAt, { timeStyle: 'short' }) })}</small></p></section>`;
}

function askPassword(visit: Visit, wrong?: { text: string; status: number }): Response {
  const { t, language } = visit.speech;
  const body = html`${wrong && html`<p class="note bad" role="alert">${wrong.text}</p>`}
<form method="post" action="/share/${visit.token}?lang=${language}"><div class="field"><label for="password">${t('share.password')}</label>
<input type="password" id="password" name="password" required maxlength="${PASSWORD_LENGTH.max}" autocomplete="off"></div>
<button type="submit">${t('share.show')}</button></form>`;
  const inLanguage = (code: Language) => `/share/${visit.token}?lang=${code}`;
  return show(visit, t('share.passwordTitle'), body, { status: wrong?.status ?? 200, inLanguage });
}

async function tryPassword(visit: Visit, share: OpenShare): Promise<Response> {
  const { context, http, network, token } = visit;
  const { t, language } = visit.speech;
  const location = `/share/${token}?lang=${language}`;
  const seeOther = (cookie?: string) =>
    new Response(null, {
      status: 303,
      headers: { location, 'cache-control': 'no-store', ...(cookie ? { 'set-cookie': cookie } : {}) },
    });
  if (!share.password) return seeOther();
  const { network: mine, share: ofAll } = limitsOf(context);
  const keys = [[mine, `${network} ${share.id}`] as const, [ofAll, String(share.id)] as const];
  // Counted before it is looked at, so that many at once are counted too.
  const wait = Math.max(...keys.map(([allowance, key]) => allowance.take(key)));
  if (wait > 0) return askPassword(visit, { text: t('share.tooMany', { seconds: wait }), status: 429 });
  const form = new URLSearchParams(new TextDecoder().decode(await readBody(http, FORM_LIMIT)));
  if (!(await isPassword(share.password, (form.get('password') ?? '').slice(0, PASSWORD_LENGTH.max))))
    return askPassword(visit, { text: t('share.wrong'), status: 403 });
  for (const [allowance, key] of keys) allowance.giveBack(key);
  const secure = context.config.publicUrl?.startsWith('https:') ? '; Secure' : '';
  const value = passwordMark(context, share);
  return seeOther(
    `${cookieName(share)}=${value}; Path=/share/${token}; Max-Age=${COOKIE_SECONDS}; HttpOnly; SameSite=Lax${secure}`,
  );
}

const cookieName = (share: OpenShare) => `throughline.share.${share.id}`;

/** Holds for this password only: with another one the cookies of before open nothing. */
const passwordMark = (context: Context, share: OpenShare) =>
  createHmac('sha256', keptSecret(context.config.dataDir, 'auth'))
    .update(`share ${share.id} ${share.password}`)
    .digest('base64url');

function hasShownPassword({ http, context }: Visit, share: OpenShare): boolean {
  const cookies = (http.req.header('cookie') ?? '').split(';').map((one) => one.trim());
  const own = cookies.find((one) => one.startsWith(`${cookieName(share)}=`));
  return own !== undefined && sameSecret(own.slice(cookieName(share).length + 1), passwordMark(context, share));
}

const gone = (visit: Visit) =>
  show(visit, visit.speech.t('share.goneTitle'), html`<p>${visit.speech.t('share.gone')}</p>`, { status: 404 });

function busy(visit: Visit, seconds: number): Response {
  const { t } = visit.speech;
  const response = show(visit, t('share.busyTitle'), html`<p>${t('share.tooMany', { seconds })}</p>`, { status: 429 });
  response.headers.set('retry-after', String(seconds));
  return response;
}

interface Look {
  status?: number;
  inLanguage?: (language: Language) => string;
  /** Sites that may show the page in a frame. */
  origins?: readonly string[];
}

function show(visit: Visit, title: string, body: Html, { status = 200, inLanguage, origins = [] }: Look): Response {
  const { context, company, speech } = visit;
  const response = customerPage(context, {
    ...{ language: speech.language, title, company, body, status, style: STYLE },
    languagesLabel: speech.t('share.languages'),
    headers: {
      'content-security-policy': [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        'img-src data:',
        "base-uri 'none'",
        "form-action 'self'",
        `frame-ancestors ${origins.length > 0 ? origins.join(' ') : "'none'"}`,
      ].join('; '),
      'x-robots-tag': 'noindex, nofollow',
    },
    ...(inLanguage ? { inLanguage } : {}),
  });
  // Says the same as frame-ancestors, but knows no single sites.
  if (origins.length > 0) response.headers.delete('x-frame-options');
  return response;
}

const STYLE = `
header,main{max-inline-size:980px}
picture,img{display:block;max-inline-size:100%;block-size:auto}
.card>h2{margin-block:0 12px}
h3{font-size:16px;margin:16px 0 8px}
.words{white-space:pre-wrap;overflow-wrap:anywhere}
input[type=password]{inline-size:100%;font:inherit;color:inherit;background:var(--canvas);border:1px solid var(--line);border-radius:8px;padding:9px 12px}
summary{cursor:pointer;color:var(--accent);margin-block:8px}
.table{overflow:auto;max-block-size:420px}
table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:6px 12px;text-align:end;border-block-end:1px solid light-dark(#e5e7ec,#262a31);white-space:nowrap}
th:first-child{text-align:start;font-weight:400}thead th,thead th:first-child{font-weight:600}
`;
