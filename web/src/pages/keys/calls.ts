import type { KeyView } from '../../../../src/core/staff/key-routes.ts';
import { ask, withQuery } from '../../api.ts';
import type { ListOf } from '../../wire.ts';

export type ApiKey = KeyView;
export type NewApiKey = KeyView & { apiKey: string };

export const keyCalls = {
  list: (cursor: string | null) => ask<ListOf<ApiKey>>('GET', withQuery('/api/keys', { cursor })),
  create: (input: { name?: string; role: string; permissions?: string[]; expiresAt?: string }) =>
    ask<NewApiKey>('POST', '/api/keys', input),
  revoke: (keyId: string) => ask<unknown>('DELETE', `/api/keys/${encodeURIComponent(keyId)}`),
};
