import type { Problem } from '../../../../src/apps/surveys/checks.ts';
import type { SurveyOverview } from '../../../../src/apps/surveys/overview-routes.ts';
import type {
  AnswerRow,
  LinkRow,
  QuestionResult,
  SendingMail,
  SendingRow,
  SendingTo,
  SurveyDetail,
  SurveyResults,
  SurveySettings,
  SurveySummary,
  SurveyVersion,
} from '../../../../src/apps/surveys/shapes.ts';
import type { TemplateKey } from '../../../../src/apps/surveys/templates.ts';
import { ApiRefusal, ask, withQuery } from '../../api.ts';
import type { ListOf } from '../../wire.ts';
import type { Definition } from './draft.ts';

export type {
  AnswerRow,
  Problem,
  QuestionResult,
  SendingMail,
  SendingRow,
  SurveyOverview,
  SurveyResults,
  SurveySettings,
  SurveySummary,
  TemplateKey,
};
export type Survey = SurveyDetail;

/** Which responses are looked at. */
export interface ResponseFilter {
  from?: string;
  to?: string;
  channel?: string;
  language?: string;
  version?: string;
  state?: string;
  /** Only those who answered this question; with `q` in their answer to it, or in any. */
  question?: string;
  q?: string;
}

const at = (id: string, rest = '') => `/api/surveys/${encodeURIComponent(id)}${rest}`;

export const surveys = {
  list: (query: { q?: string; state?: string; cursor?: string | null }) =>
    ask<ListOf<SurveySummary>>('GET', withQuery('/api/surveys', { ...query, limit: 50 })),
  one: (id: string) => ask<Survey>('GET', at(id)),
  create: (input: { definition: Partial<Definition> & { name: string } }) => ask<Survey>('POST', '/api/surveys', input),
  /** The reply has only the id of what was made. */
  fromTemplate: (input: { template: TemplateKey; name: string; language: string }) =>
    ask<{ id: string }>('POST', '/api/surveys/from-template', input),
  overview: (ids: readonly string[]) =>
    ask<{ items: SurveyOverview[] }>('GET', withQuery('/api/surveys/overview', { ids: ids.join(',') })),
  change: (id: string, change: { revision: number; definition: Definition }) => ask<Survey>('PUT', at(id), change),
  publish: (id: string, revision: number) => ask<Survey>('POST', at(id, '/publish'), { revision }),
  setState: (id: string, state: 'running' | 'paused' | 'ended') =>
    ask<Survey>('POST', at(id, `/${{ running: 'resume', paused: 'pause', ended: 'end' }[state]}`), {}),
  copy: (id: string, name: string) => ask<Survey>('POST', at(id, '/copy'), { name }),
  remove: (id: string, withAnswers: boolean) =>
    ask<unknown>('DELETE', withQuery(at(id), { answers: withAnswers ? 'delete' : '' })),
  versions: (id: string, cursor: string | null) =>
    ask<ListOf<SurveyVersion>>('GET', withQuery(at(id, '/versions'), { cursor, limit: 20 })),
  version: (id: string, version: number) => ask<{ definition: Definition }>('GET', at(id, `/versions/${version}`)),
  results: (id: string, filter: ResponseFilter) =>
    ask<SurveyResults>('GET', withQuery(at(id, '/results'), { ...filter })),
  responses: (id: string, query: ResponseFilter & { cursor: string | null; limit: number }) =>
    ask<ListOf<AnswerRow>>('GET', withQuery(at(id, '/answers'), { ...query })),
  response: (id: string, responseId: string) =>
    ask<AnswerRow>('GET', at(id, `/answers/${encodeURIComponent(responseId)}`)),
  links: (id: string, cursor: string | null) =>
    ask<ListOf<LinkRow>>('GET', withQuery(at(id, '/links'), { cursor, limit: 50 })),
  makeLinks: (id: string, input: { count?: number; people?: string[]; singleUse: boolean; expiresInDays: number }) =>
    ask<{ links: { url: string; personId: string | null }[] }>('POST', at(id, '/links'), input),
  sendings: (id: string) => ask<ListOf<SendingRow>>('GET', withQuery(at(id, '/sendings'), { limit: 50 })),
  send: (id: string, input: { to: SendingTo; mail: SendingMail }) =>
    ask<SendingRow>('POST', at(id, '/sendings'), input),
  stopSending: (id: string, sendingId: string) => ask<SendingRow>('POST', at(id, `/sendings/${sendingId}/stop`), {}),
  testMail: (id: string, input: { mail: SendingMail; language: string }) =>
    ask<{ to: string }>('POST', at(id, '/test-mail'), input),
  settings: () => ask<SurveySettings>('GET', '/api/surveys/settings'),
  changeSettings: (settings: SurveySettings) => ask<SurveySettings>('PUT', '/api/surveys/settings', settings),
  /** Keeps a picture for questions; the reply is what a definition names it by. */
  picture: async (file: File): Promise<{ picture: string }> => {
    const response = await fetch('/api/surveys/pictures', {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': file.type, accept: 'application/json' },
      body: file,
    });
    const answer = (await response.json().catch(() => null)) as {
      picture?: string;
      error?: { code: string; message: string };
    } | null;
    if (!response.ok || !answer?.picture)
      throw new ApiRefusal(response.status, answer?.error?.code ?? 'unreadable', answer?.error?.message ?? '');
    return { picture: answer.picture };
  },
};
