import type { ActionUse, SavedAction, SavedActionSummary } from '../../../../../src/apps/analytics/actions.ts';
import type { Annotation } from '../../../../../src/apps/analytics/annotations.ts';
import type { Dashboard, DashboardSummary, ShownDashboard } from '../../../../../src/apps/analytics/dashboards.ts';
import type { Suggestion } from '../../../../../src/apps/analytics/dashboards-templates.ts';
import type { SavedReport, SavedReportSummary, ShownReport } from '../../../../../src/apps/analytics/reports.ts';
import type { SavedAbout, SavedVersionAbout } from '../../../../../src/apps/analytics/saved-routes.ts';
import { ask, withQuery } from '../../../api.ts';
import type { ListOf } from '../../../wire.ts';
import type { What } from '../parts/types.ts';

export type {
  ActionUse,
  Annotation,
  Dashboard,
  DashboardSummary,
  SavedAbout,
  SavedAction,
  SavedActionSummary,
  SavedReport,
  SavedReportSummary,
};
export type Version<Content> = SavedVersionAbout & { content: Content };

/** Rows that a list fetches at once. */
const PAGE = 50;

export interface Change<In> {
  name?: string;
  description?: string;
  content?: In;
  shared?: boolean;
  version: number;
}

/** What can be done with a kind of saved thing: alike for all of them. */
function savedCalls<Whole, Summary, Content, In>(path: string) {
  const one = (id: string) => `${path}/${encodeURIComponent(id)}`;
  return {
    path,
    list: (query: { q?: string; of?: string; favourites?: boolean; cursor?: string | null; limit?: number }) =>
      ask<ListOf<Summary>>(
        'GET',
        withQuery(path, {
          ...{ q: query.q, of: query.of, cursor: query.cursor, limit: query.limit ?? PAGE },
          favourites: query.favourites ? 'true' : null,
        }),
      ),
    get: (id: string) => ask<Whole>('GET', one(id)),
    create: (input: { name: string; description?: string; content: In; shared?: boolean }) =>
      ask<Whole>('POST', path, input),
    change: (id: string, change: Change<In>) => ask<Whole>('PATCH', one(id), change),
    remove: (id: string) => ask<{ id: string }>('DELETE', one(id)),
    restore: (id: string) => ask<Whole>('POST', `${one(id)}/restoration`, {}),
    favourite: (id: string, favourite: boolean) => ask<unknown>('PUT', `${one(id)}/favourite`, { favourite }),
    versions: (id: string, cursor?: string | null) =>
      ask<ListOf<Version<Content>>>('GET', withQuery(`${one(id)}/versions`, { cursor, limit: PAGE })),
    restoreVersion: (id: string, version: number) =>
      ask<Whole>('POST', `${one(id)}/versions/${version}/restoration`, {}),
  };
}
export type SavedCalls = Pick<
  ReturnType<typeof savedCalls<SavedAbout, SavedAbout, unknown, unknown>>,
  'path' | 'favourite' | 'remove' | 'restore' | 'versions' | 'restoreVersion'
>;

export interface ReportIn {
  report: unknown;
  display: Record<string, string | number | boolean>;
}

export const savedReports = savedCalls<SavedReport, SavedReportSummary, ShownReport, ReportIn>('/api/reports');
export const actions = {
  ...savedCalls<SavedAction, SavedActionSummary, SavedAction['content'], { what: What }>('/api/actions'),
  uses: (id: string) => ask<ListOf<ActionUse>>('GET', `/api/actions/${encodeURIComponent(id)}/uses`),
};

/** A tile as it is sent: its place, and its words or its report. One without either keeps what it had. */
export type TileIn = { id: string; x: number; y: number; w: number; h: number } & (
  | { kind: 'text'; text: string }
  | {
      kind: 'report';
      title: string;
      reportId?: string | null;
      report?: unknown;
      display?: Record<string, string | number | boolean>;
    }
);
export interface DashboardIn {
  tiles: TileIn[];
  filters: ShownDashboard['filters'];
  refreshSeconds: number | null;
}
export const dashboards = {
  ...savedCalls<Dashboard, DashboardSummary, ShownDashboard, DashboardIn>('/api/dashboards'),
  suggestions: () => ask<ListOf<Suggestion>>('GET', '/api/dashboard-suggestions'),
  makeSuggested: (key: string) => ask<Dashboard>('POST', `/api/dashboard-suggestions/${key}/dashboards`, {}),
};

export const annotations = {
  list: (query: { from?: string; to?: string; of?: string; cursor?: string | null; limit?: number }) =>
    ask<ListOf<Annotation>>('GET', withQuery('/api/annotations', { ...query, limit: query.limit ?? PAGE })),
  create: (input: { at: string; text: string; of: string | null }) =>
    ask<Annotation>('POST', '/api/annotations', input),
  change: (id: string, change: { at?: string; text?: string }) =>
    ask<Annotation>('PATCH', `/api/annotations/${id}`, change),
  remove: (id: string) => ask<Annotation>('DELETE', `/api/annotations/${id}`),
  restore: (id: string) => ask<Annotation>('POST', `/api/annotations/${id}/restoration`, {}),
};
