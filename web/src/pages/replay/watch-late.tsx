import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { api } from '../../api.ts';
import { kindOf } from '../../events/kinds.ts';
import { EventSentence } from '../../events/sentence.tsx';
import { humanise } from '../../format.ts';
import { Tabs } from '../../kit/tabs.tsx';
import { useMay } from '../../session.tsx';
import { type Translate, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import type { ListOf, TimelineEvent } from '../../wire.ts';
import { calls, type IndexView, type Note, type RecordingDetail } from './calls.ts';
import { spanOf } from './grow.ts';
import { Notes } from './notes.tsx';
import { ConsoleLines, MarkLines, NetworkLines } from './player/beside.tsx';
import { errorsOnce } from './player/errors-once.ts';
import type { Mark, MarkKind } from './player/marks.ts';
import { Player } from './player/player.tsx';

export interface WatchProps {
  detail: RecordingDetail;
}

/** What visitors met, by the names of the events that the SDK sends of it. */
const SIGNALS: Record<string, MarkKind> = {
  'Rage Clicked': 'rage',
  'Dead Clicked': 'dead',
  'Error Occurred': 'error',
  'U-Turned': 'uturn',
  'Slow Page': 'slow',
  'Form Abandoned': 'form',
};
const KIND_OF: Record<IndexView['signals'][number]['signal'], MarkKind> = {
  ...{ rages: 'rage', deads: 'dead', errors: 'error', uturns: 'uturn', slow: 'slow', abandoned: 'form' },
};
/** Events that say what the recording itself shows. */
const SHOWN_ANYWAY: ReadonlySet<string> = new Set(['Recording Started', 'Page Interacted', 'Form Used']);
/** The person's other events are looked for this long before and after. */
const AROUND_MS = 1000;
const EVENTS_EVERY_MS = 30_000;
const PAGE_SIZE = 200;
/** Of a longer session the newest so many are shown. */
const EVENTS_SHOWN = 1000;
const NONE: readonly TimelineEvent[] = [];

/** A recording with what is known of that time beside it. */
export function Watch({ detail }: WatchProps) {
  const t = useText();
  const url = useUrlState();
  const { recording, index } = detail;
  const live = recording.state === 'live';
  const span = useMemo(() => spanOf(index, live), [index, live]);
  const feed = useMemo(() => calls.feed(recording.id), [recording.id]);
  const notes = useQuery({ queryKey: ['recording', recording.id, 'notes'], queryFn: () => calls.notes(recording.id) });
  const events = useEvents(detail);
  const marks = useMemo(() => {
    const told = indexMarks(detail, t);
    const met = [...signalMarks(events, detail, t), ...eventMarks(events, detail, t)];
    const [errors, others] = [met.filter(isError), met.filter((one) => !isError(one))];
    return [...told, ...errorsOnce(told.filter(isError), errors), ...others, ...noteMarks(notes.data?.items ?? [])];
  }, [detail, events, notes.data, t]);
  const wordsOf = useCallback(
    ({ id, kind }: Mark) => {
      const event = kind === 'event' ? events.find((one) => one.id === id) : undefined;
      return event && kindOf(event) !== 'other' ? <EventSentence event={event} /> : null;
    },
    [events],
  );
  const told = marks.filter(({ kind }) => kind !== 'click');
  const start = span.from + Math.max(0, Number(url.get('t')) || 0) * 1000;
  return (
    <Player
      id={recording.id}
      span={span}
      feed={feed}
      marks={marks}
      start={start}
      beside={(playback) => (
        <Tabs
          label={t('replay.beside')}
          tabs={[
            { name: t('replay.events'), content: <MarkLines playback={playback} marks={told} wordsOf={wordsOf} /> },
            { name: t('replay.console'), content: <ConsoleLines playback={playback} /> },
            { name: t('replay.network'), content: <NetworkLines playback={playback} /> },
            {
              name: t('replay.notes'),
              content: <Notes recordingId={recording.id} notes={notes} playback={playback} />,
            },
          ]}
        />
      )}
    />
  );
}

/** What the person did in that time, wherever they did it. While it is still recorded, it is asked for now and then. */
function useEvents({ personId, recording }: RecordingDetail): readonly TimelineEvent[] {
  const mayRead = useMay('people.read');
  const from = new Date(Date.parse(recording.startedAt) - AROUND_MS).toISOString();
  const end = Date.parse(recording.endedAt) + AROUND_MS;
  const live = recording.state === 'live';
  const to = new Date(live ? Math.ceil(end / EVENTS_EVERY_MS) * EVENTS_EVERY_MS : end).toISOString();
  const query = useQuery({
    queryKey: ['recording', recording.id, 'events', to],
    placeholderData: keepPreviousData,
    queryFn: async () => {
      const found: TimelineEvent[] = [];
      let cursor: string | null = null;
      do {
        const page: ListOf<TimelineEvent> = await api.timeline(personId!, { from, to, cursor, limit: PAGE_SIZE });
        found.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor !== null && found.length < EVENTS_SHOWN);
      return found;
    },
    enabled: mayRead && personId !== null,
  });
  return query.data ?? NONE;
}

function indexMarks({ index }: RecordingDetail, t: Translate): Mark[] {
  const { pages, clicks, errors, dropped } = index;
  return [
    ...pages.map(({ ms, url, title }, n) => ({
      ...{ id: `page ${n}`, at: ms, kind: 'page' as const },
      ...{ words: title || url, detail: title ? url : '' },
    })),
    ...clicks.map(({ ms }, n) => ({ id: `click ${n}`, at: ms, kind: 'click' as const, words: t('replay.mark.click') })),
    ...errors.map(({ ms, text }, n) => ({
      ...{ id: `error ${n}`, at: ms, kind: 'error' as const },
      ...{ words: t('replay.mark.error'), detail: text },
    })),
    ...dropped.map(({ ms, reason, count }, n) => ({
      ...{ id: `gap ${n}`, at: ms, kind: 'gap' as const },
      ...{ words: t('replay.mark.gap'), detail: `${reason} · ${count}` },
    })),
  ];
}

/** What went wrong in this tab: where the recorder tells it, another tab's events say nothing of this picture. */
function signalMarks(events: readonly TimelineEvent[], { index, recording }: RecordingDetail, t: Translate): Mark[] {
  if (!recording.tellsSignals) return [];
  return index.signals.map(({ ms, signal, id }, n) => {
    const kind = KIND_OF[signal];
    const event = events.find(({ messageId }) => messageId === id);
    const told = event ? { detail: detailOf(event), message: messageOf(event) } : {};
    return { id: `signal ${n}`, at: ms, kind, words: t(`replay.mark.${kind as 'rage'}`), ...told };
  });
}

/** The stream's clock against the visitor's. */
function eventMarks(events: readonly TimelineEvent[], detail: RecordingDetail, t: Translate): Mark[] {
  const skew = detail.index.fromMs - Date.parse(detail.recording.startedAt);
  return events
    .filter(({ name, type }) => !SHOWN_ANYWAY.has(name) && type !== 'page' && type !== 'identify')
    .filter(({ name }) => !(detail.recording.tellsSignals && SIGNALS[name]))
    .map((event) => {
      const kind = SIGNALS[event.name] ?? 'event';
      const at = Date.parse(event.timestamp) + skew;
      const words = kind === 'event' ? wordsOf(event) : t(`replay.mark.${kind as 'rage'}`);
      return { id: event.id, at, kind, words, detail: detailOf(event), message: messageOf(event) };
    });
}

const isError = ({ kind }: Mark) => kind === 'error';
const messageOf = ({ properties: { message } }: TimelineEvent) => (typeof message === 'string' ? message : '');
const wordsOf = (event: TimelineEvent) => event.name || humanise(kindOf(event));

const TELLING = ['text', 'score', 'question', 'survey', 'path', 'from', 'to', 'form', 'message', 'name'];

function detailOf({ properties }: TimelineEvent): string {
  return TELLING.flatMap((name) => {
    const value = properties[name];
    return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
  })
    .slice(0, 3)
    .join(' · ')
    .slice(0, 200);
}

const noteMarks = (notes: readonly Note[]): Mark[] =>
  notes.map(({ id, atMs, text, ownerName }) => ({
    ...{ id: `note ${id}`, at: atMs, kind: 'note' as const },
    ...{ words: text, detail: ownerName },
  }));
