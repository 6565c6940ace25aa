import type { ListedRecording, RecordingsPage, WeightsView } from '../../../../src/apps/replay/list-routes.ts';
import type { Note } from '../../../../src/apps/replay/notes.ts';
import type { GrowthView, IndexView, RecordingDetail, SettingsView } from '../../../../src/apps/replay/routes.ts';
import type { MadeShare, SharedRecording, ShownShare } from '../../../../src/apps/replay/shares-routes.ts';
import { ask, withQuery } from '../../api.ts';
import type { Feed, PlayerEvent } from './player/engine.ts';

export type {
  GrowthView,
  IndexView,
  ListedRecording,
  Note,
  RecordingDetail,
  SettingsView,
  SharedRecording,
  ShownShare,
};

const id = encodeURIComponent;
const recordings = '/api/replay/recordings';

interface ChunksReply {
  chunks: { n: number; fromMs: number; toMs: number; events: PlayerEvent[] }[];
  /** Where to ask on; null where all is there. */
  until: number | null;
}

/** Events of a time from where chunks are had; an answer that was cut off is asked on. */
const feedFrom =
  (path: string): Feed =>
  async (from, to, signal) => {
    const found: PlayerEvent[] = [];
    let next: number | null = Math.floor(from);
    const seen = new Set<number>();
    while (next !== null) {
      const reply: ChunksReply = await ask(
        'GET',
        withQuery(path, { from: next, to: Math.ceil(to) }),
        undefined,
        signal,
      );
      const fresh = reply.chunks.filter(({ n }) => !seen.has(n));
      for (const { n, events } of fresh) {
        seen.add(n);
        for (const event of events) if (event.timestamp >= from && event.timestamp < to) found.push(event);
      }
      next = fresh.length > 0 ? reply.until : null;
    }
    return found.sort((a, b) => a.timestamp - b.timestamp);
  };

/** What is looked for; everything that is not empty must hold. */
export interface Wanted {
  sort?: 'first' | 'newest';
  period?: string;
  person?: string | null;
  source?: string;
  device?: string;
  country?: string;
  page?: string;
  minSeconds?: string;
  signal?: string;
  /** As JSON. */
  what?: string;
  filter?: string;
  report?: string;
  part?: string;
  cursor?: string | null;
  limit?: number;
}

export const calls = {
  list: (wanted: Wanted, signal?: AbortSignal) =>
    ask<RecordingsPage>('GET', withQuery(recordings, { ...wanted }), undefined, signal),
  weights: () => ask<WeightsView>('GET', '/api/replay/weights'),
  recording: (recordingId: string) => ask<RecordingDetail>('GET', `${recordings}/${id(recordingId)}`),
  growth: (recordingId: string, after: number, signal: AbortSignal) =>
    ask<GrowthView>('GET', withQuery(`${recordings}/${id(recordingId)}/growth`, { after }), undefined, signal),
  feed: (recordingId: string) => feedFrom(`${recordings}/${id(recordingId)}/chunks`),
  remove: (recordingId: string) => ask<unknown>('DELETE', `${recordings}/${id(recordingId)}`),
  notes: (recordingId: string) => ask<{ items: Note[] }>('GET', `${recordings}/${id(recordingId)}/notes`),
  addNote: (recordingId: string, note: { atMs: number; text: string }) =>
    ask<Note>('POST', `${recordings}/${id(recordingId)}/notes`, note),
  removeNote: (noteId: string) => ask<unknown>('DELETE', `/api/replay/notes/${id(noteId)}`),
  shares: (recordingId: string) => ask<{ items: ShownShare[] }>('GET', `${recordings}/${id(recordingId)}/shares`),
  share: (recordingId: string, share: { expiresInSeconds: number; atMs: number | null }) =>
    ask<MadeShare>('POST', `${recordings}/${id(recordingId)}/shares`, share),
  revokeShare: (shareId: string) => ask<ShownShare>('DELETE', `/api/replay/shares/${id(shareId)}`),
  shared: (token: string) => ask<SharedRecording>('GET', `/api/replay/shared/${id(token)}`),
  sharedGrowth: (token: string, after: number, signal: AbortSignal) =>
    ask<GrowthView>('GET', withQuery(`/api/replay/shared/${id(token)}/growth`, { after }), undefined, signal),
  sharedFeed: (token: string) => feedFrom(`/api/replay/shared/${id(token)}/chunks`),
  settings: () => ask<SettingsView>('GET', '/api/replay/settings'),
  saveSettings: (settings: SettingsView['settings'], version: number) =>
    ask<SettingsView>('PUT', '/api/replay/settings', { settings, version }),
};
