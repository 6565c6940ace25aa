import type { AlertPreview, ShownAlert, ShownEvaluation } from '../../../../src/apps/analytics/alerts-routes.ts';
import type { ShownSchedule } from '../../../../src/apps/analytics/schedules-routes.ts';
import type { MadeShare, ShownShare } from '../../../../src/apps/analytics/shares-routes.ts';
import { ask, withQuery } from '../../api.ts';
import type { ListOf } from '../../wire.ts';

export type Alert = ShownAlert;
export type Evaluation = ShownEvaluation;
export type Schedule = ShownSchedule;
export type Share = ShownShare;

/** A saved report or dashboard. */
export interface SavedThing {
  kind: 'report' | 'dashboard';
  id: string;
  name: string;
}

const id = encodeURIComponent;
const page = (path: string) => (cursor: string | null) => withQuery(path, { cursor, limit: 50 });

export const calls = {
  alerts: (cursor: string | null) => ask<ListOf<Alert>>('GET', page('/api/alerts')(cursor)),
  makeAlert: (body: object) => ask<Alert>('POST', '/api/alerts', body),
  previewAlert: (body: object) => ask<AlertPreview>('POST', '/api/alerts/preview', body),
  muteAlert: (alertId: string, until: string | null) => ask<Alert>('PUT', `/api/alerts/${id(alertId)}/mute`, { until }),
  deleteAlert: (alertId: string) => ask<unknown>('DELETE', `/api/alerts/${id(alertId)}`),
  evaluations: (alertId: string) =>
    ask<ListOf<Evaluation>>('GET', withQuery(`/api/alerts/${id(alertId)}/evaluations`, { limit: 50 })),
  schedules: (cursor: string | null) => ask<ListOf<Schedule>>('GET', page('/api/schedules')(cursor)),
  makeSchedule: (body: object) => ask<Schedule>('POST', '/api/schedules', body),
  deleteSchedule: (scheduleId: string) => ask<unknown>('DELETE', `/api/schedules/${id(scheduleId)}`),
  shares: (cursor: string | null) => ask<ListOf<Share>>('GET', page('/api/shares')(cursor)),
  makeShare: (body: object) => ask<MadeShare>('POST', '/api/shares', body),
  revokeShare: (shareId: string) => ask<Share>('DELETE', `/api/shares/${id(shareId)}`),
};

/** Words with commas between them. */
export const listed = (text: string): string[] =>
  text
    .split(/[,;\s]+/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
