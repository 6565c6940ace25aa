import type {
  QuarantinedEvent,
  QuarantineGroupReply,
  ResendReply,
} from '../../../../src/core/stream/quarantine-routes.ts';
import { ask, withQuery } from '../../api.ts';
import type { ListOf } from '../../wire.ts';

export type { QuarantinedEvent, QuarantineGroupReply as Group };

/** Which events are meant; as the endpoints take it. */
export type Filter = Partial<Record<'step' | 'reason' | 'event' | 'type' | 'source' | 'rule' | 'state', string>>;

export const quarantine = {
  groups: (filter: Filter, cursor: string | null) =>
    ask<ListOf<QuarantineGroupReply>>('GET', withQuery('/api/quarantine/groups', { ...filter, cursor })),
  events: (filter: Filter, cursor: string | null) =>
    ask<ListOf<QuarantinedEvent>>('GET', withQuery('/api/quarantine', { ...filter, cursor })),
  one: (id: string) => ask<QuarantinedEvent>('GET', `/api/quarantine/${encodeURIComponent(id)}`),
  resend: (id: string, event: unknown) =>
    ask<unknown>('POST', `/api/quarantine/${encodeURIComponent(id)}/resend`, { event }),
  remove: (id: string) => ask<{ id: string; count: number }>('DELETE', `/api/quarantine/${encodeURIComponent(id)}`),
  resendAll: (filter: Filter) => ask<ResendReply>('POST', '/api/quarantine/resends', filter),
  runs: () => ask<ListOf<ResendReply>>('GET', withQuery('/api/quarantine/resends', { limit: 5 })),
  stop: (id: string) => ask<ResendReply>('DELETE', `/api/quarantine/resends/${encodeURIComponent(id)}`),
  removeAll: (filter: Filter) => ask<{ id: string; count: number }>('POST', '/api/quarantine/deletions', filter),
  undoRemove: (id: string) => ask<unknown>('POST', `/api/quarantine/deletions/${encodeURIComponent(id)}/undo`, {}),
  settings: () => ask<{ keepDays: number }>('GET', '/api/quarantine/settings'),
  keep: (keepDays: number) => ask<{ keepDays: number }>('PATCH', '/api/quarantine/settings', { keepDays }),
};

/** The filter that means a group and no other. */
export const filterOf = (group: QuarantineGroupReply): Filter => ({
  step: group.step,
  reason: group.reason,
  event: group.event,
  type: group.type,
  source: group.sourceId,
  rule: group.rule,
});

export const keyOf = (group: QuarantineGroupReply) =>
  JSON.stringify([group.step, group.reason, group.type, group.event, group.sourceId, group.rule]);
