import * as openid from 'openid-client';
import type { Context } from '../../../kernel/context.ts';
import { outgoingFetch } from '../../../kernel/outgoing.ts';
import { Refusal, refuse } from '../../../kernel/refusal.ts';
import type { Claimed } from './arrive.ts';
import { checkIssuer, clientSecret, type OidcSettings, type Provider, urlsOf } from './providers.ts';

const TIMEOUT_SECONDS = 10;
/** How long what a provider tells about itself is believed: its keys are asked for when they change. */
const CONFIGURATION_MS = 10 * 60_000;
const configurations = new Map<string, { at: number; made: openid.Configuration }>();

/** What has to be kept in the browser until the provider sends it back. */
export interface OidcFlow {
  state: string;
  nonce: string;
  verifier: string;
}

/** Begins a sign-in: where to send the browser, with state, nonce and PKCE. */
export async function beginOidc(context: Context, provider: Provider): Promise<{ url: URL; flow: OidcFlow }> {
  const made = await configuration(context, provider);
  const flow = {
    state: openid.randomState(),
    nonce: openid.randomNonce(),
    verifier: openid.randomPKCECodeVerifier(),
  };
  const url = openid.buildAuthorizationUrl(made, {
    redirect_uri: urlsOf(context, provider).callbackUrl,
    scope: 'openid email profile',
    state: flow.state,
    nonce: flow.nonce,
    code_challenge: await openid.calculatePKCECodeChallenge(flow.verifier),
    code_challenge_method: 'S256',
  });
  return { url, flow };
}

/** Ends a sign-in: who the provider says it is. Throws where anything does not fit what was begun. */
export async function endOidc(context: Context, provider: Provider, flow: OidcFlow, search: string): Promise<Claimed> {
  const made = await configuration(context, provider);
  const current = new URL(urlsOf(context, provider).callbackUrl);
  current.search = search;
  const tokens = await openid.authorizationCodeGrant(made, current, {
    pkceCodeVerifier: flow.verifier,
    expectedState: flow.state,
    expectedNonce: flow.nonce,
    idTokenExpected: true,
  });
  const claims = tokens.claims()!;
  const told = claims.email ? claims : await openid.fetchUserInfo(made, tokens.access_token, claims.sub);
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    subject: claims.sub,
    email: text(told.email),
    emailVerified: told.email_verified !== false,
    name: text(told.name) || [text(told.given_name), text(told.family_name)].join(' ').trim(),
  };
}

/** Asks a provider about itself. Refuses (400) with what was wrong, for whoever sets it up. */
export async function testOidc(context: Context, provider: Provider): Promise<{ facts: Record<string, string> }> {
  configurations.delete(cacheKey(provider));
  try {
    const made = await configuration(context, provider);
    const { issuer, authorization_endpoint, token_endpoint, jwks_uri } = made.serverMetadata();
    if (!authorization_endpoint || !token_endpoint || !jwks_uri) {
      throw refuse.invalid(
        'The provider does not tell where to sign in, where to ask for tokens or which keys it has.',
      );
    }
    return { facts: { issuer, authorization_endpoint, token_endpoint } };
  } catch (error) {
    throw said(error);
  }
}

/** The library wraps what happened; what is for people to read is inside. */
export function said(error: unknown): Refusal {
  for (let one = error; one instanceof Error; one = one.cause) if (one instanceof Refusal) return one;
  const { message, cause } = error as Error;
  const inner = cause instanceof Error ? `: ${cause.message}` : '';
  return refuse.invalid(`The provider cannot be used: ${message}${inner}.`);
}

const cacheKey = (provider: Provider) => `${provider.id} ${provider.updatedAt.getTime()}`;

async function configuration(context: Context, provider: Provider): Promise<openid.Configuration> {
  const kept = configurations.get(cacheKey(provider));
  if (kept && Date.now() - kept.at < CONFIGURATION_MS) return kept.made;
  const { issuer, clientId } = provider.settings as OidcSettings;
  const url = checkIssuer(context, issuer);
  const secret = clientSecret(context, provider);
  const options = {
    [openid.customFetch]: guardedFetch(context),
    timeout: TIMEOUT_SECONDS,
    ...(url.protocol === 'http:' ? { execute: [openid.allowInsecureRequests] } : {}),
  };
  const probe = await openid.discovery(url, clientId, secret, openid.ClientSecretPost(secret), options);
  const methods = probe.serverMetadata().token_endpoint_auth_methods_supported;
  // The specification's own default, and what a provider takes that tells nothing.
  const basic = !methods || methods.includes('client_secret_basic');
  const made = basic ? await openid.discovery(url, clientId, secret, openid.ClientSecretBasic(secret), options) : probe;
  // Also what comes straight from the provider is believed only with its signature.
  openid.enableNonRepudiationChecks(made);
  if (configurations.size > 100) configurations.clear();
  configurations.set(cacheKey(provider), { at: Date.now(), made });
  return made;
}

/** Every call to a provider goes through the guard: its address was typed, and it names further ones itself. */
const guardedFetch =
  (context: Context): openid.CustomFetch =>
  async (url, options) => {
    const answer = await outgoingFetch(context.config, url, {
      method: options.method,
      headers: options.headers,
      timeoutMs: TIMEOUT_SECONDS * 1000,
      ...(options.body ? { body: bodyOf(options.body) } : {}),
    });
    const headers = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) {
      for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one);
    }
    const empty = answer.status === 204 || answer.status === 304;
    return new Response(empty ? null : new Uint8Array(answer.body), { status: answer.status, headers });
  };

function bodyOf(body: openid.FetchBody): string | Uint8Array {
  if (typeof body === 'string' || body instanceof Uint8Array) return body;
  if (body instanceof URLSearchParams) return body.toString();
  throw new Error('The OpenID library sent a body of an unknown kind.');
}
