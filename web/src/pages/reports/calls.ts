import type { PersonSummary } from '../../../../src/core/people/list.ts';
import type { EventChoice, FieldChoices, ValueChoice } from '../../../../src/core/query/field-routes.ts';
import type { Report as AnyReport } from '../../../../src/core/query/report.ts';
import type { Answer, Meta } from '../../../../src/core/query/run.ts';
import { ask, withQuery } from '../../api.ts';
import type { ListOf } from '../../wire.ts';
import type { Field } from './parts/types.ts';

export type { Answer, AnyReport, EventChoice, FieldChoices, Meta };

/** An answer of the last minute is shown at once; who wants a newer one asks again. */
const REMEMBERED_SECONDS = 60;
const PEOPLE_SHOWN = 50;

const named = (names: readonly string[]) => (names.length > 0 ? JSON.stringify(names) : undefined);

export const reports = {
  answer: (report: AnyReport, fresh: boolean, signal?: AbortSignal) =>
    ask<Answer>('POST', '/api/query', { report, maxAgeSeconds: fresh ? 0 : REMEMBERED_SECONDS }, signal),
  people: (report: AnyReport, part: unknown, cursor: string | null, signal?: AbortSignal) =>
    ask<ListOf<PersonSummary>>(
      'POST',
      '/api/query/people',
      { report, part, limit: PEOPLE_SHOWN, ...(cursor ? { cursor } : {}) },
      signal,
    ),
  events: (q: string, signal?: AbortSignal) =>
    ask<ListOf<EventChoice>>('GET', withQuery('/api/query/events', { q, limit: 200 }), undefined, signal),
  fields: (names: readonly string[], signal?: AbortSignal) =>
    ask<FieldChoices>('GET', withQuery('/api/query/fields', { events: named(names) }), undefined, signal),
  values: (field: Field, names: readonly string[], q: string, signal?: AbortSignal) =>
    ask<ListOf<ValueChoice>>(
      'GET',
      withQuery('/api/query/values', { field: JSON.stringify(field), events: named(names), q }),
      undefined,
      signal,
    ),
  settings: () => ask<{ zone: string; weekStart: 'monday' | 'sunday' }>('GET', '/api/query/settings'),
};
