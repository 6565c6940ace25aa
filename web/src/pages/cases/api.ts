import type { CaseDetail, CaseSummary } from '../../../../src/apps/voices/cases/cases.ts';
import type { CaseRule, RuleInput } from '../../../../src/apps/voices/cases/rules.ts';
import type { CasesSummary } from '../../../../src/apps/voices/cases/summary.ts';
import type { TopicReply } from '../../../../src/apps/voices/topics/routes.ts';
import { ask, withQuery } from '../../api.ts';

export type { CaseDetail, CaseRule, CaseSummary, RuleInput };

export const OUTCOMES = ['recovered', 'lost', 'unanswered', 'nothing'] as const;
export type Outcome = (typeof OUTCOMES)[number];

type List<T> = { items: T[]; nextCursor: string | null };
const one = (id: string) => `/api/voices/cases/${encodeURIComponent(id)}`;
const rule = (id: string) => `/api/voices/rules/${encodeURIComponent(id)}`;

export const casesApi = {
  list: (filter: Record<string, string>, cursor: string | null, signal?: AbortSignal) =>
    ask<List<CaseSummary>>('GET', withQuery('/api/voices/cases', { ...filter, cursor }), undefined, signal),
  summary: (signal?: AbortSignal) => ask<CasesSummary>('GET', '/api/voices/cases/summary', undefined, signal),
  read: (id: string, signal?: AbortSignal) => ask<CaseDetail>('GET', one(id), undefined, signal),
  change: (id: string, to: { owner?: string | null; note?: string }) => ask<CaseDetail>('PATCH', one(id), to),
  answer: (id: string, answer: { text: string; how: 'mail' | 'phone' | 'other' }) =>
    ask<CaseDetail>('POST', `${one(id)}/answers`, answer),
  end: (id: string, outcome: Outcome | null) => ask<CaseDetail>('PUT', `${one(id)}/outcome`, { outcome }),
  owners: (signal?: AbortSignal) =>
    ask<List<{ id: string; name: string }>>('GET', '/api/voices/owners', undefined, signal),
  topics: (signal?: AbortSignal) => ask<{ items: TopicReply[] }>('GET', '/api/voices/topics', undefined, signal),
  /** Its id and name; both the id where it is no longer there. */
  survey: async (id: string, signal?: AbortSignal): Promise<[string, string]> => {
    try {
      const { name } = await ask<{ name: string }>('GET', `/api/surveys/${encodeURIComponent(id)}`, undefined, signal);
      return [id, name];
    } catch (error) {
      if (signal?.aborted) throw error;
      return [id, id];
    }
  },
  rules: (signal?: AbortSignal) => ask<List<CaseRule>>('GET', '/api/voices/rules', undefined, signal),
  makeRule: (input: RuleInput) => ask<CaseRule>('POST', '/api/voices/rules', input),
  changeRule: (id: string, input: RuleInput) => ask<CaseRule>('PUT', rule(id), input),
  removeRule: (id: string) => ask<null>('DELETE', rule(id)),
};
