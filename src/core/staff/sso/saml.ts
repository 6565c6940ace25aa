import { createHmac, randomBytes } from 'node:crypto';
import type { Profile, SAML } from '@node-saml/node-saml';
import type { Context } from '../../../kernel/context.ts';
import { keptSecret, sameSecret } from '../../../kernel/secrets.ts';
import { markUsed } from '../sealed.ts';
import type { Claimed } from './arrive.ts';
import { certificates, type Provider, type SamlSettings, urlsOf } from './providers.ts';

/** How long somebody may take to sign in at the provider. */
export const REQUEST_SECONDS = 10 * 60;
const CLOCK_SKEW_MS = 60_000;
const EMAIL = /^[^\s@]+@[^\s@]+$/;

/** Where providers put the address and the name; those of Entra, Okta, Google and eduPerson. */
const EMAIL_ATTRIBUTES = [
  'email',
  'mail',
  'emailAddress',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
  'urn:oid:0.9.2342.19200300.100.1.3',
];
const NAME_ATTRIBUTES = [
  'displayName',
  'name',
  'http://schemas.microsoft.com/identity/claims/displayname',
  'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name',
  'urn:oid:2.16.840.1.113730.3.1.241',
];

/** Begins a sign-in: where to send the browser. `requestId` comes back with the answer. */
export async function beginSaml(context: Context, provider: Provider): Promise<{ url: URL; requestId: string }> {
  const requestId = newRequestId(context, provider.id);
  const saml = await client(context, provider, requestId);
  const url = await saml.getAuthorizeUrlAsync('', undefined, {});
  return { url: new URL(url), requestId };
}

/**
 * Who the provider says it is. Throws where the assertion is not signed by it, not for us, not in time, not an answer to
 * what we asked, or was shown before. An answer that nobody asked for is refused too.
 */
export async function endSaml(
  context: Context,
  provider: Provider,
  response: string,
): Promise<{ requestId: string; claimed: Claimed }> {
  const saml = await client(context, provider);
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: response });
  // The library compares the issuer of logouts only.
  if (profile?.issuer !== (provider.settings as SamlSettings).idpIssuer) throw new Error('It is of another issuer.');
  const requestId = String(profile.inResponseTo ?? '');
  if (!isRequestId(context, provider.id, requestId)) throw new Error('It answers nothing that was asked.');
  if (!(await markUsed(context, `saml ${requestId}`, REQUEST_SECONDS))) throw new Error('It was shown before.');
  return { requestId, claimed: claimedBy(profile) };
}

/** Our side, for the provider: entity ID, address, and that assertions have to be signed. */
export const samlMetadata = async (context: Context, provider: Provider): Promise<string> =>
  (await client(context, provider)).generateServiceProviderMetadata(null, null);

function claimedBy(profile: Profile): Claimed {
  const first = (names: readonly string[]) => {
    for (const name of names) {
      const value = profile[name];
      const text = Array.isArray(value) ? value[0] : value;
      if (typeof text === 'string' && text.trim() !== '') return text.trim();
    }
    return '';
  };
  const nameId = String(profile.nameID ?? '');
  const email = first(EMAIL_ATTRIBUTES) || (EMAIL.test(nameId) ? nameId : '');
  // A transient name is another one each time.
  const lasting = nameId !== '' && !/transient$/.test(profile.nameIDFormat ?? '');
  return {
    subject: lasting ? nameId : email.toLowerCase(),
    email,
    emailVerified: true,
    name: first(NAME_ATTRIBUTES),
  };
}

async function client(context: Context, provider: Provider, requestId?: string): Promise<SAML> {
  // With all that it reads XML with: only where somebody signs in so.
  const { SAML, ValidateInResponseTo } = await import('@node-saml/node-saml');
  const { entryPoint, idpIssuer, certificate } = provider.settings as SamlSettings;
  const { callbackUrl, metadataUrl } = urlsOf(context, provider);
  return new SAML({
    entryPoint,
    idpIssuer,
    idpCert: certificates(certificate),
    callbackUrl,
    issuer: metadataUrl!,
    audience: metadataUrl!,
    wantAssertionsSigned: true,
    wantAuthnResponseSigned: false,
    signatureAlgorithm: 'sha256',
    disableRequestedAuthnContext: true,
    identifierFormat: null,
    acceptedClockSkewMs: CLOCK_SKEW_MS,
    maxAssertionAgeMs: REQUEST_SECONDS * 1000,
    validateInResponseTo: ValidateInResponseTo.always,
    ...(requestId ? { generateUniqueId: () => requestId } : {}),
    // IDs of requests prove themselves, so that who merely begins leaves nothing behind here.
    cacheProvider: {
      saveAsync: async (key, value) => ({ value, createdAt: Date.now(), key }),
      getAsync: async (key) => (isRequestId(context, provider.id, key) ? new Date().toISOString() : null),
      removeAsync: async (key) => key,
    },
  });
}

function newRequestId(context: Context, providerId: string): string {
  const body = `${randomBytes(16).toString('hex')}.${Date.now() + REQUEST_SECONDS * 1000}`;
  return `_${body}.${mark(context, providerId, body)}`;
}

function isRequestId(context: Context, providerId: string, id: string | null): boolean {
  const [, random, until, given] = /^_([0-9a-f]{32})\.(\d{1,15})\.([\w-]{43})$/.exec(id ?? '') ?? [];
  if (!random || !until || !given || Number(until) < Date.now()) return false;
  return sameSecret(given, mark(context, providerId, `${random}.${until}`));
}

const mark = (context: Context, providerId: string, body: string) =>
  createHmac('sha256', keptSecret(context.config.dataDir, 'auth'))
    .update(`saml ${providerId} ${body}`)
    .digest('base64url');
