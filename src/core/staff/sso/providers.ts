import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { Caller } from '../../../kernel/caller.ts';
import type { Context } from '../../../kernel/context.ts';
import { checkOutgoingUrl } from '../../../kernel/outgoing.ts';
import { refuse } from '../../../kernel/refusal.ts';
import { Name, RoleId } from '../fields.ts';
import { checkMayGive } from '../role-book.ts';
import { seal, unseal } from '../sealed.ts';

const PROVIDERS_LIMIT = 20;
const DOMAINS_LIMIT = 100;
const SECRET_PURPOSE = 'single sign-on secret';

const Domain = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$/, 'is not a domain such as example.com');

export const OidcSettings = z.object({
  issuer: z.url().max(1000).describe('As the provider names itself; its configuration is found from there.'),
  clientId: z.string().trim().min(1).max(500),
});
export type OidcSettings = z.output<typeof OidcSettings>;

export const SamlSettings = z.object({
  entryPoint: z.url().max(1000).describe('Where people are sent to sign in (HTTP-Redirect).'),
  idpIssuer: z.string().trim().min(1).max(1000).describe('The entity ID of the provider.'),
  certificate: z.string().max(20_000).describe('The signing certificate, as PEM; several while it changes.'),
});
export type SamlSettings = z.output<typeof SamlSettings>;

const Shared = z.object({
  name: Name.describe('What the button on the sign-in page says.'),
  domains: z.array(Domain).min(1).max(DOMAINS_LIMIT).describe('Addresses at these domains may sign in by it.'),
  defaultRole: RoleId.default('viewer').describe('Of people who are let in for the first time.'),
  createsUsers: z.boolean().default(false).describe('Whether people who were not invited are let in.'),
  required: z.boolean().default(false).describe('People of the domains sign in only by it; owners may use a password.'),
  enabled: z.boolean().default(true),
});

export const NewProvider = z.discriminatedUnion('kind', [
  Shared.extend({ kind: z.literal('oidc'), ...OidcSettings.shape, clientSecret: z.string().min(1).max(1000) }),
  Shared.extend({ kind: z.literal('saml'), ...SamlSettings.shape }),
]);
export type NewProvider = z.output<typeof NewProvider>;

export const ProviderChange = z.object({
  name: Name.optional(),
  domains: z.array(Domain).min(1).max(DOMAINS_LIMIT).optional(),
  defaultRole: RoleId.optional(),
  createsUsers: z.boolean().optional(),
  required: z.boolean().optional(),
  enabled: z.boolean().optional(),
  issuer: OidcSettings.shape.issuer.optional(),
  clientId: OidcSettings.shape.clientId.optional(),
  clientSecret: z.string().min(1).max(1000).optional(),
  entryPoint: SamlSettings.shape.entryPoint.optional(),
  idpIssuer: SamlSettings.shape.idpIssuer.optional(),
  certificate: SamlSettings.shape.certificate.optional(),
});
export type ProviderChange = z.output<typeof ProviderChange>;

export const ProviderView = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['oidc', 'saml']),
  domains: z.array(z.string()),
  defaultRole: z.string(),
  createsUsers: z.boolean(),
  required: z.boolean(),
  enabled: z.boolean(),
  oidc: OidcSettings.optional(),
  saml: SamlSettings.optional(),
  /** To be written down at the provider. */
  callbackUrl: z.string().describe('For the provider: the redirect URI (OIDC) or assertion consumer service (SAML).'),
  metadataUrl: z.string().nullable().describe('For a SAML provider: our entity ID, and where our metadata is.'),
  startUrl: z.string().describe('Where a sign-in begins.'),
  people: z.number().describe('Members of staff who have signed in by it.'),
});
export type ProviderView = z.output<typeof ProviderView>;

/** A provider as it is worked with. */
export interface Provider {
  id: string;
  name: string;
  kind: 'oidc' | 'saml';
  domains: string[];
  defaultRole: string;
  createsUsers: boolean;
  required: boolean;
  enabled: boolean;
  settings: OidcSettings | SamlSettings;
  /** Sealed. */
  secret: string | null;
  updatedAt: Date;
  people: number;
}

const SELECT = `SELECT p.id, p.name, p.kind, p.domains, p.default_role AS "defaultRole", p.creates_users AS "createsUsers",
    p.required, p.enabled, p.settings, p.secret, p.updated_at AS "updatedAt",
    (SELECT count(DISTINCT user_id)::int FROM staff_logins WHERE provider_id = 'sso:' || p.id) AS people
  FROM staff_sso_providers p`;

export async function listProviders(context: Context): Promise<Provider[]> {
  const { rows } = await context.records.pool.query<Provider>(`${SELECT} ORDER BY lower(p.name), p.id`);
  return rows;
}

/** Refuses with 404 where there is none. */
export async function providerById(context: Context, id: string): Promise<Provider> {
  const { rows } = await context.records.pool.query<Provider>(`${SELECT} WHERE p.id = $1`, [id]);
  if (!rows[0]) throw refuse.notFound('There is no such single sign-on.');
  return rows[0];
}

/** Addresses that the provider is told, all below this server's own. */
export const urlsOf = (context: Context, provider: { id: string; kind: 'oidc' | 'saml' }) => {
  const base = `${context.url()}/api/sso/${provider.id}`;
  return {
    callbackUrl: provider.kind === 'oidc' ? `${base}/callback` : `${base}/acs`,
    metadataUrl: provider.kind === 'oidc' ? null : `${base}/metadata`,
    startUrl: `${base}/start`,
  };
};

export function viewOf(context: Context, provider: Provider): z.input<typeof ProviderView> {
  const { settings, secret: _secret, updatedAt: _updatedAt, ...rest } = provider;
  return {
    ...rest,
    ...(provider.kind === 'oidc' ? { oidc: settings as OidcSettings } : { saml: settings as SamlSettings }),
    ...urlsOf(context, provider),
  };
}

export const clientSecret = (context: Context, provider: Provider): string =>
  unseal<string>(context, SECRET_PURPOSE, provider.secret ?? undefined) ?? '';

/** Refuses (400) addresses that may not be called, certificates that are none, and the owner as a default role. */
export async function createProvider(context: Context, caller: Caller, input: NewProvider): Promise<Provider> {
  const settings = input.kind === 'oidc' ? OidcSettings.parse(input) : SamlSettings.parse(input);
  await check(context, caller, input.defaultRole, input.kind, settings);
  const id = `sso_${crypto.randomUUID().slice(0, 13)}`;
  const { rowCount } = await context.records.pool.query(
    `INSERT INTO staff_sso_providers
       (id, name, kind, domains, default_role, creates_users, required, enabled, settings, secret)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10 WHERE (SELECT count(*) FROM staff_sso_providers) < $11`,
    [
      id,
      input.name,
      input.kind,
      [...new Set(input.domains)],
      input.defaultRole,
      input.createsUsers,
      input.required,
      input.enabled,
      JSON.stringify(settings),
      input.kind === 'oidc' ? seal(context, SECRET_PURPOSE, input.clientSecret) : null,
      PROVIDERS_LIMIT,
    ],
  );
  if (!rowCount) throw refuse.conflict(`There can be ${PROVIDERS_LIMIT} single sign-ons. Remove one first.`);
  return providerById(context, id);
}

/** As createProvider. A secret that is left out stays. */
export async function changeProvider(
  context: Context,
  caller: Caller,
  id: string,
  change: ProviderChange,
): Promise<Provider> {
  const before = await providerById(context, id);
  const merged = {
    ...before.settings,
    ...Object.fromEntries(Object.entries(change).filter(([, v]) => v !== undefined)),
  };
  const settings = before.kind === 'oidc' ? OidcSettings.parse(merged) : SamlSettings.parse(merged);
  await check(context, caller, change.defaultRole ?? before.defaultRole, before.kind, settings);
  await context.records.pool.query(
    `UPDATE staff_sso_providers SET name = $2, domains = $3, default_role = $4, creates_users = $5, required = $6,
       enabled = $7, settings = $8, secret = $9, updated_at = now() WHERE id = $1`,
    [
      id,
      change.name ?? before.name,
      [...new Set(change.domains ?? before.domains)],
      change.defaultRole ?? before.defaultRole,
      change.createsUsers ?? before.createsUsers,
      change.required ?? before.required,
      change.enabled ?? before.enabled,
      JSON.stringify(settings),
      change.clientSecret === undefined ? before.secret : seal(context, SECRET_PURPOSE, change.clientSecret),
    ],
  );
  return providerById(context, id);
}

/** Removes it, and that people could sign in by it; the people stay. */
export async function removeProvider(context: Context, id: string): Promise<void> {
  await context.records.transaction(async (client) => {
    const { rowCount } = await client.query('DELETE FROM staff_sso_providers WHERE id = $1', [id]);
    if (!rowCount) throw refuse.notFound('There is no such single sign-on.');
    await client.query('DELETE FROM staff_logins WHERE provider_id = $1', [`sso:${id}`]);
  });
}

async function check(
  context: Context,
  caller: Caller,
  defaultRole: string,
  kind: 'oidc' | 'saml',
  settings: OidcSettings | SamlSettings,
): Promise<void> {
  if (defaultRole === 'owner')
    throw refuse.invalid('Nobody becomes an owner by signing in. Take another default role.');
  await checkMayGive(context, caller, defaultRole);
  if (kind === 'oidc') {
    checkIssuer(context, (settings as OidcSettings).issuer);
  } else {
    const { entryPoint, certificate } = settings as SamlSettings;
    if (!/^https?:/.test(entryPoint)) throw refuse.invalid('The entry point must begin with https://.');
    certificates(certificate);
  }
}

/** Refuses an issuer that may not be called, and one without encryption but in a network that the settings open. */
export function checkIssuer(context: Context, issuer: string): URL {
  const url = checkOutgoingUrl(context.config, issuer);
  const closed = context.config.outgoingAllow.length === 0;
  if (url.protocol === 'http:' && closed) throw refuse.invalid('The issuer must begin with https://.');
  return url;
}

/** The certificates of a text with PEM blocks, or with the bare base64 that metadata have. Refuses what is none. */
export function certificates(text: string): string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [
    `-----BEGIN CERTIFICATE-----\n${text.replaceAll(/\s/g, '').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----`,
  ];
  try {
    return blocks.map((block) => new X509Certificate(block).toString());
  } catch {
    throw refuse.invalid('The certificate is not one. Paste it as PEM: -----BEGIN CERTIFICATE----- …');
  }
}
