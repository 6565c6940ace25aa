import type { Definition } from '../../../../src/core/audiences/definition.ts';
import type { MembershipReply, UploadReply } from '../../../../src/core/audiences/member-routes.ts';
import type {
  AudienceDay,
  AudienceReply,
  AudienceSize,
  AudienceUse,
  AudienceVersion,
  OverlapReply,
} from '../../../../src/core/audiences/routes.ts';
import { ask, withQuery } from '../../api.ts';
import type { ListOf, PersonSummary } from '../../wire.ts';

export type Audience = AudienceReply;
export type { Definition };

export interface AudienceInput {
  name: string;
  description: string;
  definition: Definition;
  tells: boolean;
}

const at = (id: number | string, rest = '') => `/api/audiences/${encodeURIComponent(id)}${rest}`;

export const audiences = {
  list: (query: { q?: string; archived?: string; cursor?: string | null }) =>
    ask<ListOf<Audience>>('GET', withQuery('/api/audiences', { ...query, limit: 100 })),
  one: (id: string) => ask<Audience>('GET', at(id)),
  create: (input: AudienceInput) => ask<Audience>('POST', '/api/audiences', input),
  change: (id: number, change: Partial<AudienceInput>) => ask<Audience>('PATCH', at(id), change),
  archive: (id: number) => ask<unknown>('DELETE', at(id)),
  restore: (id: number) => ask<Audience>('POST', at(id, '/restoration'), {}),
  size: (definition: Definition, signal: AbortSignal) =>
    ask<AudienceSize>('POST', '/api/audiences/size', { definition }, signal),
  examples: (definition: Definition, signal: AbortSignal) =>
    ask<{ items: PersonSummary[] }>('POST', '/api/audiences/examples', { definition }, signal),
  members: (id: number, cursor: string | null) =>
    ask<ListOf<PersonSummary>>('GET', withQuery(at(id, '/members'), { cursor, limit: 50 })),
  sizes: (id: number) => ask<ListOf<AudienceDay>>('GET', withQuery(at(id, '/sizes'), { limit: 200 })),
  versions: (id: number, cursor: string | null) =>
    ask<ListOf<AudienceVersion>>('GET', withQuery(at(id, '/versions'), { cursor, limit: 20 })),
  uses: (id: number) => ask<{ items: AudienceUse[] }>('GET', at(id, '/uses')),
  upload: (id: number, upload: { format: 'csv' | 'json'; content: string; kind?: string; replace: boolean }) =>
    ask<UploadReply>('POST', at(id, '/list'), upload),
  ofReport: (input: { name: string; report: unknown; part: unknown }) =>
    ask<Audience>('POST', '/api/audiences/of-report', input),
  overlap: (ids: number[], signal: AbortSignal) => ask<OverlapReply>('POST', '/api/audiences/overlap', { ids }, signal),
  ofPerson: (personId: string) =>
    ask<{ items: MembershipReply[] }>('GET', `/api/people/${encodeURIComponent(personId)}/audiences`),
};
