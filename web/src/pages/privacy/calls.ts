import type { Erasure, ErasurePreview } from '../../../../src/core/privacy/erasures.ts';
import type { PersonExport } from '../../../../src/core/privacy/exports.ts';
import type { PersonPrivacy } from '../../../../src/core/privacy/person-routes.ts';
import type { LegalBasis, Purpose } from '../../../../src/core/privacy/purposes.ts';
import type { RetentionRule } from '../../../../src/core/privacy/retention.ts';
import type { Suppressed } from '../../../../src/core/privacy/suppression.ts';
import type { ConsentText } from '../../../../src/core/privacy/texts.ts';
import { ask, withQuery } from '../../api.ts';

export type { Erasure, ErasurePreview, LegalBasis, PersonExport, PersonPrivacy, Purpose, RetentionRule };

export const BASES: readonly LegalBasis[] = [
  'consent',
  'contract',
  'legal_obligation',
  'vital',
  'public_task',
  'legitimate_interest',
];

type List<T> = { items: T[]; nextCursor: string | null };
export type PurposeInput = { key: string; name: string; description: string; legalBasis: LegalBasis };
export type RuleInput = { eventName: string | null; sourceId: string | null; days: number };
export type RulePreview = { events: number; people: number; oldest: string | null; of: number };

const id = encodeURIComponent;
const of = (person: string) => `/api/people/${id(person)}`;

export const privacyApi = {
  purposes: () => ask<{ items: Purpose[] }>('GET', '/api/privacy/purposes'),
  addPurpose: (input: PurposeInput) => ask<Purpose>('POST', '/api/privacy/purposes', input),
  changePurpose: (key: string, change: Partial<Omit<PurposeInput, 'key'>> & { archived?: boolean }) =>
    ask<Purpose>('PATCH', `/api/privacy/purposes/${id(key)}`, change),
  texts: () => ask<List<ConsentText>>('GET', withQuery('/api/privacy/texts', { limit: 200 })),
  publishText: (input: { purpose: string; version: string; language: string; body: string }) =>
    ask<ConsentText>('POST', '/api/privacy/texts', input),
  rules: () => ask<{ items: RetentionRule[] }>('GET', '/api/privacy/retention'),
  previewRule: (rule: RuleInput) => ask<RulePreview>('POST', '/api/privacy/retention/preview', rule),
  setRule: (rule: RuleInput) => ask<RetentionRule>('PUT', '/api/privacy/retention', rule),
  removeRule: (rule: string) => ask<{ id: string }>('DELETE', `/api/privacy/retention/${id(rule)}`),
  suppressed: (cursor: string | null) =>
    ask<List<Suppressed>>('GET', withQuery('/api/privacy/suppressed', { cursor, limit: 50 })),
  suppress: (input: { kind: string; value: string }) => ask<Suppressed>('POST', '/api/privacy/suppressed', input),
  lift: (input: { kind: string; value: string } | { hash: string }) =>
    ask<{ lifted: number }>('POST', '/api/privacy/suppressed/lift', input),
  erasures: (cursor: string | null) =>
    ask<List<Erasure>>('GET', withQuery('/api/privacy/erasures', { cursor, limit: 50 })),
  erasure: (erasure: string) => ask<Erasure>('GET', `/api/privacy/erasures/${id(erasure)}`),
  retry: (erasure: string) => ask<Erasure>('POST', `/api/privacy/erasures/${id(erasure)}/retry`),
  person: (person: string) => ask<PersonPrivacy>('GET', `${of(person)}/privacy`),
  consent: (person: string, input: { purpose: string; granted: boolean }) =>
    ask<PersonPrivacy>('POST', `${of(person)}/consents`, input),
  restrict: (person: string, reason: string) => ask<PersonPrivacy>('PUT', `${of(person)}/restriction`, { reason }),
  unrestrict: (person: string) => ask<PersonPrivacy>('DELETE', `${of(person)}/restriction`),
  object: (person: string, purpose: string) =>
    ask<PersonPrivacy>('PUT', `${of(person)}/objections/${id(purpose)}`, { reason: '' }),
  takeBack: (person: string, purpose: string) =>
    ask<PersonPrivacy>('DELETE', `${of(person)}/objections/${id(purpose)}`),
  exports: (person: string) => ask<{ items: PersonExport[] }>('GET', `${of(person)}/exports`),
  makeExport: (person: string, language: string) => ask<PersonExport>('POST', `${of(person)}/exports`, { language }),
  exportUrl: (made: string) => `/api/privacy/exports/${id(made)}/file`,
  preview: (person: string) => ask<ErasurePreview>('GET', `${of(person)}/erasure`),
  erase: (person: string, confirm: string) => ask<Erasure>('POST', `${of(person)}/erasure`, { confirm }),
};
