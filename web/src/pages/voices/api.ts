import type { VoicesSettings } from '../../../../src/apps/voices/settings.ts';
import type { SettingsReply } from '../../../../src/apps/voices/settings-routes.ts';
import type { SuggestionReply, TopicReply } from '../../../../src/apps/voices/topics/routes.ts';
import type { VoiceCounts, VoiceReply } from '../../../../src/apps/voices/voices.ts';
import { ask, withQuery } from '../../api.ts';

export type { SettingsReply, TopicReply, VoiceCounts, VoiceReply };

export const MOODS = ['negative', 'neutral', 'positive'] as const;
export type Mood = (typeof MOODS)[number];

type List<T> = { items: T[]; nextCursor: string | null };
type Filter = Record<string, string>;
export interface VoiceChange {
  mood?: Mood | null;
  topics?: number[] | null;
  read?: boolean;
  assignedTo?: string | null;
  note?: string;
}
const one = (id: string) => `/api/voices/${encodeURIComponent(id)}`;
const topic = (id: number) => `/api/voices/topics/${id}`;

export const voicesApi = {
  list: (filter: Filter, cursor: string | null, signal?: AbortSignal) =>
    ask<List<VoiceReply>>('GET', withQuery('/api/voices', { ...filter, cursor }), undefined, signal),
  counts: (filter: Filter, signal?: AbortSignal) =>
    ask<VoiceCounts>('GET', withQuery('/api/voices/counts', filter), undefined, signal),
  read: (id: string, signal?: AbortSignal) => ask<VoiceReply>('GET', one(id), undefined, signal),
  change: (id: string, change: VoiceChange) => ask<VoiceReply>('PATCH', one(id), change),
  mark: (ids: string[], read: boolean) => ask<{ changed: number }>('POST', '/api/voices/mark', { ids, read }),
  picture: (id: string, signal?: AbortSignal) =>
    ask<{ events: unknown[] }>('GET', `${one(id)}/picture`, undefined, signal),
  topics: (signal?: AbortSignal) =>
    ask<{ items: TopicReply[]; sorting: { sorted: number; left: number } }>(
      'GET',
      '/api/voices/topics',
      undefined,
      signal,
    ),
  makeTopic: (input: { name: string; words: Record<string, string[]>; parentId: number | null }) =>
    ask<TopicReply>('POST', '/api/voices/topics', input),
  changeTopic: (id: number, input: { name?: string; words?: Record<string, string[]>; parentId?: number | null }) =>
    ask<TopicReply>('PATCH', topic(id), input),
  mergeTopic: (id: number, into: number) => ask<TopicReply>('POST', `${topic(id)}/merge`, { into }),
  archiveTopic: (id: number) => ask<TopicReply>('POST', `${topic(id)}/archive`, { archived: true }),
  suggestions: (signal?: AbortSignal) =>
    ask<List<SuggestionReply>>('GET', withQuery('/api/voices/suggestions', { limit: 50 }), undefined, signal),
  lookForSuggestions: () => ask<{ queued: true }>('POST', '/api/voices/suggestions/look'),
  acceptSuggestion: (id: string) =>
    ask<TopicReply>('POST', `/api/voices/suggestions/${encodeURIComponent(id)}/accept`, {}),
  dismissSuggestion: (id: string) =>
    ask<{ dismissed: true }>('POST', `/api/voices/suggestions/${encodeURIComponent(id)}/dismiss`),
  settings: (signal?: AbortSignal) => ask<SettingsReply>('GET', '/api/voices/settings', undefined, signal),
  saveSettings: (settings: VoicesSettings & { serviceKey?: string }) =>
    ask<SettingsReply>('PUT', '/api/voices/settings', settings),
};
