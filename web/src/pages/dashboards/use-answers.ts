import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiRefusal } from '../../api.ts';
import type { Answer } from '../reports/calls.ts';
import type { DashboardIn, TileIn } from '../reports/saved/calls.ts';

/** An answer of the last minute is shown at once; who wants a newer one asks again. */
const REMEMBERED_SECONDS = 60;
/** Scores follow what customers say: their tiles ask again so often, but compute at most a twentieth of the time. */
const LIVE_MS = 1_500;
const LIVE_REST = 20;

export interface TileState {
  answer?: Answer;
  error?: Error;
  /** A newer answer is on its way. */
  running: boolean;
}

interface Line {
  tiles: string[];
  answer?: Answer;
  error?: { code: string; message: string };
}

/** What a tile asks, without where it stands: while that is the same, so is its answer. */
const questionOf = (tile: TileIn): string =>
  tile.kind === 'text' ? '' : JSON.stringify([tile.reportId ?? null, tile.report ?? null]);

/**
 * The answers of all tiles, in one stream, each shown as it comes. What is asked changes with the tiles and the filters;
 * only tiles that ask something new are asked anew. Leaving the page, or changing a filter, stops what is under way.
 */
export function useAnswers(
  id: string,
  tiles: readonly TileIn[],
  filters: DashboardIn['filters'],
  refreshSeconds: number | null,
): { of: (tile: TileIn) => TileState; running: boolean; error: Error | null; refresh: (only?: string[]) => void } {
  const [states, setStates] = useState<ReadonlyMap<string, TileState & { question: string }>>(new Map());
  const [error, setError] = useState<Error | null>(null);
  const shown = useRef(states);
  shown.current = states;
  const running = useRef(new Map<string, AbortController>());
  const context = JSON.stringify([id, filters]);
  const questions = useMemo(
    () => JSON.stringify(tiles.filter((tile) => tile.kind === 'report').map((tile) => [tile.id, questionOf(tile)])),
    [tiles],
  );
  const latest = useRef({ id, tiles, filters });
  latest.current = { id, tiles, filters };

  const ask = useCallback(
    async (only: readonly string[], maxAgeSeconds: number, question: ReadonlyMap<string, string>, quiet = false) => {
      if (only.length === 0) return;
      const controller = new AbortController();
      for (const tile of only) {
        running.current.get(tile)?.abort();
        running.current.set(tile, controller);
      }
      const put = (tile: string, state: TileState) => {
        if (running.current.get(tile) !== controller) return;
        setStates((before) => new Map(before).set(tile, { ...state, question: question.get(tile) ?? '' }));
      };
      if (!quiet) {
        setError(null);
        setStates((before) => {
          const next = new Map(before);
          for (const tile of only) {
            const known = next.get(tile);
            next.set(tile, { ...(known ?? {}), running: true, question: question.get(tile) ?? '' });
          }
          return next;
        });
      }
      try {
        const { id, tiles, filters } = latest.current;
        const asked = tiles.filter((tile) => only.includes(tile.id));
        for await (const line of lines(id, { tiles: asked, filters, maxAgeSeconds }, controller.signal)) {
          for (const tile of line.tiles) {
            if (quiet && (line.error || isSame(shown.current.get(tile)?.answer, line.answer))) continue;
            put(tile, {
              running: false,
              ...(line.answer ? { answer: line.answer } : {}),
              ...(line.error ? { error: new ApiRefusal(422, line.error.code, line.error.message) } : {}),
            });
          }
        }
      } catch (failure) {
        if (!controller.signal.aborted && !quiet) setError(failure as Error);
      }
      for (const tile of only) {
        if (running.current.get(tile) !== controller) continue;
        running.current.delete(tile);
        setStates((before) => {
          const state = before.get(tile);
          return state?.running ? new Map(before).set(tile, { ...state, running: false }) : before;
        });
      }
    },
    [],
  );

  const known = useRef({ context: '', questions: new Map<string, string>() });
  useEffect(() => {
    const wanted = new Map<string, string>(JSON.parse(questions));
    const same = known.current.context === context;
    const only = [...wanted].filter(([tile, question]) => !same || known.current.questions.get(tile) !== question);
    known.current = { context, questions: wanted };
    ask(
      only.map(([tile]) => tile),
      REMEMBERED_SECONDS,
      wanted,
    );
  }, [ask, context, questions]);

  useEffect(() => {
    const all = running.current;
    return () => {
      for (const controller of all.values()) controller.abort();
      all.clear();
      known.current = { context: '', questions: new Map() };
    };
  }, []);

  const refresh = useCallback(
    (only?: string[]) => {
      const { questions } = known.current;
      ask(only ?? [...questions.keys()], 0, questions);
    },
    [ask],
  );
  useEffect(() => {
    if (!refreshSeconds) return;
    // A page that nobody looks at asks nothing.
    const timer = setInterval(() => document.visibilityState === 'visible' && refresh(), refreshSeconds * 1000);
    return () => clearInterval(timer);
  }, [refresh, refreshSeconds]);

  useEffect(() => {
    let before = Date.now();
    const timer = setInterval(() => {
      const scores = [...shown.current].filter(
        ([tile, { answer }]) => answer?.kind === 'score' && known.current.questions.has(tile),
      );
      if (document.visibilityState !== 'visible' || scores.length === 0) return;
      if (scores.some(([tile]) => running.current.has(tile))) return;
      const took = scores.reduce((sum, [, { answer }]) => sum + (answer?.meta.tookMs ?? 0), 0);
      if (Date.now() - before < took * LIVE_REST) return;
      before = Date.now();
      ask(
        scores.map(([tile]) => tile),
        0,
        known.current.questions,
        true,
      );
    }, LIVE_MS);
    return () => clearInterval(timer);
  }, [ask]);

  const of = (tile: TileIn): TileState => {
    const state = states.get(tile.id);
    return state && state.question === questionOf(tile) ? state : { running: true };
  };
  return { of, running: [...states.values()].some((state) => state.running), error, refresh };
}

/** The same numbers: whoever looks at them sees nothing move. */
const isSame = (one: Answer | undefined, other: Answer | undefined): boolean =>
  JSON.stringify(one?.result) === JSON.stringify(other?.result);

async function* lines(id: string, body: object, signal: AbortSignal): AsyncGenerator<Line> {
  const path = `/api/dashboards/${encodeURIComponent(id)}/answers`;
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiRefusal(0, 'unreachable', '', { path, cause: String(error) });
  }
  if (!response.ok || !response.body) {
    const said = await response.json().catch(() => null);
    const { code = `http_${response.status}`, message = '', details = null } = said?.error ?? {};
    throw new ApiRefusal(response.status, code, message, details);
  }
  let rest = '';
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const parts = (rest + value).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) if (part) yield JSON.parse(part) as Line;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
