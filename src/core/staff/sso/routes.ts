import type { Context as HonoContext } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import type { NoteAudit } from '../../../kernel/audit.ts';
import type { Context } from '../../../kernel/context.ts';
import { outputText } from '../../../kernel/fault-text.ts';
import { readBody } from '../../../kernel/http.ts';
import { mailIsSetUp } from '../../../kernel/mail.ts';
import { Refusal, refuse } from '../../../kernel/refusal.ts';
import { route } from '../../../kernel/route.ts';
import { openSession } from '../auth-endpoints.ts';
import { usesHttps } from '../auth-rules.ts';
import { TextId } from '../fields.ts';
import { openAuth } from '../open-auth.ts';
import { markUsed, seal, unseal } from '../sealed.ts';
import { noteSignIn } from '../sign-in.ts';
import { arrive, type Claimed } from './arrive.ts';
import { beginOidc, endOidc, type OidcFlow, said, testOidc } from './oidc.ts';
import {
  certificates,
  changeProvider,
  createProvider,
  listProviders,
  NewProvider,
  type Provider,
  ProviderChange,
  ProviderView,
  providerById,
  removeProvider,
  type SamlSettings,
  viewOf,
} from './providers.ts';
import { beginSaml, endSaml, REQUEST_SECONDS, samlMetadata } from './saml.ts';

const ANSWER_LIMIT = 256 * 1024;
const COOKIE = 'throughline.sso';
const TICKET_SECONDS = 60;
const params = z.object({ id: TextId });

/** What this browser began; kept in it, sealed. */
interface Flow {
  provider: string;
  next: string;
  oidc?: OidcFlow;
  requestId?: string;
}

/** Only a path of this console: anything else would let a link send people elsewhere after they sign in. */
export function safeNext(next: string | undefined): string {
  // Browsers read a backslash as a slash, and leave out tabs and line ends.
  return next && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) && !next.includes('\\') ? next : '/';
}

const settingsRoutes = [
  route({
    method: 'GET',
    path: '/api/sso',
    summary: 'The single sign-ons, by name; without their secrets',
    permission: 'access.read',
    reply: z.object({ items: z.array(ProviderView), nextCursor: z.null() }),
    run: async ({ context }) => ({
      items: (await listProviders(context)).map((one) => viewOf(context, one)),
      nextCursor: null,
    }),
  }),
  route({
    method: 'GET',
    path: '/api/sso/{id}',
    summary: 'A single sign-on, without its secret',
    permission: 'access.read',
    params,
    reply: ProviderView,
    run: async ({ context, params }) => viewOf(context, await providerById(context, params.id)),
  }),
  route({
    method: 'POST',
    path: '/api/sso',
    summary: 'Set up single sign-on with a provider that speaks OpenID Connect or SAML 2.0',
    permission: 'access.write',
    body: NewProvider,
    reply: ProviderView,
    status: 201,
    run: async ({ context, caller, body }) => viewOf(context, await createProvider(context, caller, body)),
  }),
  route({
    method: 'PATCH',
    path: '/api/sso/{id}',
    summary: 'Change a single sign-on; what is left out stays, the secret too',
    permission: 'access.write',
    params,
    body: ProviderChange,
    reply: ProviderView,
    run: async ({ context, caller, params, body }) =>
      viewOf(context, await changeProvider(context, caller, params.id, body)),
  }),
  route({
    method: 'DELETE',
    path: '/api/sso/{id}',
    summary: 'Remove a single sign-on; the people stay',
    permission: 'access.write',
    params,
    reply: z.object({ id: z.string() }),
    run: async ({ context, params }) => {
      await removeProvider(context, params.id);
      return { id: params.id };
    },
  }),
  route({
    method: 'POST',
    path: '/api/sso/{id}/test',
    summary: 'Ask the provider about itself (OpenID Connect), or look at the certificates (SAML)',
    permission: 'access.write',
    params,
    reply: z.object({ facts: z.record(z.string(), z.string()) }),
    run: async ({ context, params }) => {
      const provider = await providerById(context, params.id);
      if (provider.kind === 'oidc') return testOidc(context, provider);
      const { X509Certificate } = await import('node:crypto');
      const found = certificates((provider.settings as SamlSettings).certificate).map(
        (one) => new X509Certificate(one),
      );
      const good = found.filter((one) => new Date(one.validTo).getTime() > Date.now());
      if (good.length === 0) throw refuse.invalid('The certificate has run out. Paste the new one.');
      return { facts: { certificates: String(good.length), validTo: good.map((one) => one.validTo).join(', ') } };
    },
  }),
];

const signInRoutes = [
  route({
    method: 'GET',
    path: '/api/sign-in-options',
    summary: 'Which ways to sign in there are',
    permission: 'anyone',
    reply: z.object({
      providers: z.array(z.object({ id: z.string(), name: z.string(), startUrl: z.string() })),
      passwordReset: z.boolean().describe('Whether this server can mail a link for a new password.'),
    }),
    run: async ({ context }) => ({
      providers: (await listProviders(context))
        .filter((one) => one.enabled)
        .map(({ id, name }) => ({ id, name, startUrl: `/api/sso/${id}/start` })),
      passwordReset: mailIsSetUp(context.config),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/sso/{id}/start',
    summary: 'Begin a sign-in: sends the browser to the provider',
    permission: 'anyone',
    params,
    query: z.object({ next: z.string().max(2000).optional().describe('A path of the console to go on to.') }),
    run: ({ context, params, query, http, note }) =>
      refusedTo(http, note, params.id, async () => {
        const provider = await enabled(context, params.id);
        const next = safeNext(query.next);
        if (provider.kind === 'oidc') {
          const { url, flow } = await beginOidc(context, provider).catch((error) => Promise.reject(said(error)));
          return sendTo(http, context, url, { provider: provider.id, next, oidc: flow });
        }
        const { url, requestId } = await beginSaml(context, provider);
        return sendTo(http, context, url, { provider: provider.id, next, requestId });
      }),
  }),
  route({
    method: 'GET',
    path: '/api/sso/{id}/callback',
    summary: 'Where an OpenID Connect provider sends the browser back to',
    permission: 'anyone',
    params,
    run: ({ context, params, http, note }) =>
      refusedTo(http, note, params.id, async () => {
        const provider = await enabled(context, params.id, 'oidc');
        const flow = flowOf(http, context, provider);
        if (!flow.oidc) throw expired();
        const { search } = new URL(http.req.url);
        const claimed = await endOidc(context, provider, flow.oidc, search).catch(notTrue);
        if (!(await markUsed(context, `oidc ${flow.oidc.state}`, REQUEST_SECONDS))) throw expired();
        return letIn(http, context, note, provider, claimed, flow.next);
      }),
  }),
  route({
    method: 'POST',
    path: '/api/sso/{id}/acs',
    summary: 'Where a SAML provider sends its answer',
    permission: 'anyone',
    params,
    run: ({ context, params, http, note }) =>
      refusedTo(http, note, params.id, async () => {
        const provider = await enabled(context, params.id, 'saml');
        const form = new URLSearchParams(new TextDecoder().decode(await readBody(http, ANSWER_LIMIT)));
        const { requestId, claimed } = await endSaml(context, provider, form.get('SAMLResponse') ?? '').catch(notTrue);
        // Another site's page sent this, so the browser kept our cookie back: it comes with the next step.
        const ticket = seal(context, 'saml ticket', { provider: provider.id, requestId, claimed }, TICKET_SECONDS);
        return http.redirect(`/api/sso/${provider.id}/finish?ticket=${ticket}`, 303);
      }),
  }),
  route({
    method: 'GET',
    path: '/api/sso/{id}/finish',
    summary: 'The last step of a sign-in by SAML',
    permission: 'anyone',
    params,
    query: z.object({ ticket: z.string().max(20_000).optional() }),
    run: ({ context, params, query, http, note }) =>
      refusedTo(http, note, params.id, async () => {
        const provider = await enabled(context, params.id, 'saml');
        const flow = flowOf(http, context, provider);
        const ticket = unseal<{ provider: string; requestId: string; claimed: Claimed }>(
          context,
          'saml ticket',
          query.ticket,
        );
        const fits = ticket?.provider === provider.id && ticket.requestId === flow.requestId;
        if (!ticket || !fits || !(await markUsed(context, `ticket ${query.ticket}`, TICKET_SECONDS))) throw expired();
        return letIn(http, context, note, provider, ticket.claimed, flow.next);
      }),
  }),
  route({
    method: 'GET',
    path: '/api/sso/{id}/metadata',
    summary: 'What a SAML provider has to know about this server',
    permission: 'anyone',
    params,
    run: async ({ context, params }) => {
      const xml = await samlMetadata(context, await enabled(context, params.id, 'saml'));
      return new Response(xml, { headers: { 'content-type': 'application/samlmetadata+xml' } });
    },
  }),
];

export const ssoRoutes = [...settingsRoutes, ...signInRoutes];

async function enabled(context: Context, id: string, kind?: Provider['kind']): Promise<Provider> {
  const provider = await providerById(context, id);
  if (!provider.enabled || (kind && provider.kind !== kind)) throw refuse.notFound('There is no such single sign-on.');
  return provider;
}

function sendTo(http: HonoContext, context: Context, url: URL, flow: Flow): Response {
  setCookie(http, COOKIE, seal(context, 'sso flow', flow, REQUEST_SECONDS), {
    path: '/api/sso',
    httpOnly: true,
    sameSite: 'Lax',
    secure: usesHttps(context),
    maxAge: REQUEST_SECONDS,
  });
  return http.redirect(url.href, 303);
}

/** What this browser began with this provider, once. Refuses what another browser began, or nobody. */
function flowOf(http: HonoContext, context: Context, provider: Provider): Flow {
  const flow = unseal<Flow>(context, 'sso flow', getCookie(http, COOKIE));
  deleteCookie(http, COOKIE, { path: '/api/sso' });
  if (flow?.provider !== provider.id) throw expired();
  return flow;
}

async function letIn(
  http: HonoContext,
  context: Context,
  note: NoteAudit,
  provider: Provider,
  claimed: Claimed,
  next: string,
): Promise<Response> {
  const user = await arrive(context, provider, claimed);
  const before = await (await openAuth(context)).api.getSession({ headers: http.req.raw.headers });
  await openSession(http, context, { userId: user.id, method: 'sso' });
  await noteSignIn(context, note, user, 'sso', before?.session.id);
  return http.redirect(next, 303);
}

const expired = () => new Refusal(403, 'sso_expired', 'This sign-in was not begun here, or too long ago. Try again.');

/** What a library says of an answer goes to the server's output, for whoever set it up. */
function notTrue(error: unknown): never {
  if (error instanceof Refusal) throw error;
  console.error(`A single sign-on was refused: ${outputText((error as Error).message)}`);
  throw new Refusal(403, 'sso_failed', 'What the single sign-on answered is not to be trusted. Try again.');
}

/** A browser stands before these addresses, with a person: a refusal is shown on the sign-in page, by its code. */
async function refusedTo(
  http: HonoContext,
  note: NoteAudit,
  id: string,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal) || error.status >= 500) throw error;
    const actor = { kind: 'nobody', id: '', name: 'nobody known' };
    await note({ actor, action: 'sign-in', status: error.status, subjects: [`sso/${id}`], fields: [error.code] });
    return http.redirect(`/sign-in?refused=${encodeURIComponent(error.code)}`, 303);
  }
}
