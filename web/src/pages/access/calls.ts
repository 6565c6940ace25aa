import type { AccessSettings } from '../../../../src/core/staff/access-routes.ts';
import type { ScimGroupView, ScimTokenView } from '../../../../src/core/staff/scim/routes.ts';
import type { ProviderView } from '../../../../src/core/staff/sso/providers.ts';
import { ask } from '../../api.ts';

export type Provider = ProviderView;
export type ScimToken = ScimTokenView;
export type ScimGroup = ScimGroupView;
/** What the form gives; of a change the fields that were left alone may be missing. */
export type ProviderInput = Record<string, unknown>;

const id = encodeURIComponent;

export const accessCalls = {
  settings: () => ask<AccessSettings & { withoutSecondFactor: number }>('GET', '/api/access'),
  change: (settings: Partial<AccessSettings>) => ask<AccessSettings>('PATCH', '/api/access', settings),
  providers: () => ask<{ items: Provider[] }>('GET', '/api/sso'),
  addProvider: (input: ProviderInput) => ask<Provider>('POST', '/api/sso', input),
  changeProvider: (providerId: string, input: ProviderInput) =>
    ask<Provider>('PATCH', `/api/sso/${id(providerId)}`, input),
  removeProvider: (providerId: string) => ask<unknown>('DELETE', `/api/sso/${id(providerId)}`),
  testProvider: (providerId: string) =>
    ask<{ facts: Record<string, string> }>('POST', `/api/sso/${id(providerId)}/test`, {}),
  tokens: () => ask<{ baseUrl: string; items: ScimToken[] }>('GET', '/api/scim/tokens'),
  addToken: (input: { name: string; defaultRole: string }) =>
    ask<ScimToken & { token: string; baseUrl: string }>('POST', '/api/scim/tokens', input),
  revokeToken: (tokenId: string) => ask<unknown>('DELETE', `/api/scim/tokens/${id(tokenId)}`),
  groups: () => ask<{ items: ScimGroup[] }>('GET', '/api/scim/groups'),
  changeGroup: (groupId: string, role: string | null) =>
    ask<ScimGroup>('PATCH', `/api/scim/groups/${id(groupId)}`, { role }),
};
