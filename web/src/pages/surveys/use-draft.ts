import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { type Survey, surveys } from './calls.ts';
import type { Definition } from './draft.ts';

/** A change is sent once nothing was changed for so long. */
const WAIT_MS = 500;
/** Steps that can be taken back. */
const HISTORY = 100;
/** What is typed within this time is one step. */
const STEP_MS = 1_000;

type Change = Definition | ((now: Definition) => Definition);

interface Held {
  definition: Definition;
  past: Definition[];
  future: Definition[];
  changedAt: number;
  /** What is on the server, or on its way there. */
  sent: Definition;
  sending: Promise<void> | null;
  timer: ReturnType<typeof setTimeout> | undefined;
  error: unknown;
  /** What the server said last, and the draft's revision by it. */
  seen: Survey;
  revision: number;
}

/** What was changed in this window and by whom it is watched, by survey: it outlives the page that changed it. */
const held = new Map<string, Held>();
const listeners = new Set<() => void>();
let version = 0;
const tell = () => {
  version += 1;
  for (const listener of listeners) listener();
};

const unsaved = (one: Held) => one.definition !== one.sent || one.error !== null;

window.addEventListener('beforeunload', (event) => {
  if ([...held.values()].some(unsaved)) event.preventDefault();
});

async function send(id: string, queries: QueryClient): Promise<void> {
  const one = held.get(id);
  if (!one) return;
  clearTimeout(one.timer);
  // One after another, so that an older draft never comes last.
  if (one.sending) await one.sending;
  if (!unsaved(one)) return;
  const definition = one.definition;
  one.sent = definition;
  one.error = null;
  one.sending = surveys.change(id, { definition, revision: one.revision }).then(
    (survey) => {
      one.revision = survey.revision;
      queries.setQueryData(['surveys', 'one', id], survey);
    },
    (error: unknown) => {
      one.error = error;
    },
  );
  tell();
  await one.sending;
  one.sending = null;
  tell();
}

function put(id: string, next: Definition, queries: QueryClient): void {
  const one = held.get(id);
  if (!one) return;
  one.definition = next;
  clearTimeout(one.timer);
  one.timer = setTimeout(() => void send(id, queries), WAIT_MS);
  tell();
}

export interface Draft {
  definition: Definition;
  change: (change: Change) => void;
  undo: () => void;
  redo: () => void;
  canUndo: boolean;
  canRedo: boolean;
  state: 'saved' | 'saving' | 'refused';
  /** Why it could not be saved. */
  error: unknown;
  /** Sends what was not sent yet, and waits for it. */
  flush: () => Promise<void>;
  /** Takes what the server has, and gives up what is only here. */
  reload: () => void;
  /** The revision that is on the server. */
  revision: () => number;
}

/** What is held of a survey. What the server says wins over what was saved here: somebody else may have changed it. */
function holding(survey: Survey): Held {
  const id = String(survey.id);
  const known = held.get(id);
  if (!known) {
    const { definition } = survey;
    const made: Held = {
      definition,
      past: [],
      future: [],
      changedAt: 0,
      sent: definition,
      sending: null,
      timer: undefined,
      error: null,
      seen: survey,
      revision: survey.revision,
    };
    held.set(id, made);
    return made;
  }
  // An older one may still be on its way to the screen when a newer one is known.
  const news = known.seen !== survey && survey.revision >= known.revision;
  if (news && !unsaved(known) && known.sending === null) {
    known.seen = survey;
    known.definition = survey.definition;
    known.sent = survey.definition;
    known.revision = survey.revision;
  }
  return known;
}

/** The survey as it is being written: kept on the server by itself, with the steps of this window to take back. */
export function useDraft(survey: Survey): Draft {
  const queries = useQueryClient();
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => version,
  );
  const id = String(survey.id);
  const one = holding(survey);
  const change = (asked: Change) => {
    const now = one.definition;
    const next = typeof asked === 'function' ? asked(now) : asked;
    if (next === now) return;
    if (Date.now() - one.changedAt > STEP_MS) one.past = [...one.past, now].slice(-HISTORY);
    one.changedAt = Date.now();
    one.future = [];
    put(id, next, queries);
  };
  const step = (from: 'past' | 'future', to: 'past' | 'future') => () => {
    const next = one[from].at(-1);
    if (!next) return;
    one[from] = one[from].slice(0, -1);
    one[to] = [...one[to], one.definition];
    one.changedAt = 0;
    put(id, next, queries);
  };
  return {
    definition: one.definition,
    change,
    undo: step('past', 'future'),
    redo: step('future', 'past'),
    canUndo: one.past.length > 0,
    canRedo: one.future.length > 0,
    state: one.error ? 'refused' : unsaved(one) || one.sending ? 'saving' : 'saved',
    error: one.error,
    flush: () => send(id, queries),
    reload: () => {
      clearTimeout(one.timer);
      held.delete(id);
      queries.invalidateQueries({ queryKey: ['surveys', 'one', id] });
      tell();
    },
    revision: () => one.revision,
  };
}
