import { refusePersonal, shownTo } from '../../core/query/personal.ts';
import { meaningOf } from '../../core/query/remembered.ts';
import type { Report } from '../../core/query/report.ts';
import { type Answer, runReport } from '../../core/query/run.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { answerError } from '../../kernel/http.ts';
import { type DashboardFilters, type ShownTile, underFilters } from './dashboards.ts';

/**
 * Tiles of one dashboard that are answered side by side. Their statements take turns with everybody else's anyway; more
 * would fill the queue that others wait in too.
 */
const TILES_AT_ONCE = 4;

/** One line of the stream: what the tiles show (several, where they ask the same), or why they show nothing. */
export type TileAnswer =
  | { tiles: string[]; answer: Answer }
  | { tiles: string[]; error: { code: string; message: string } };

export interface AnswerOptions {
  signal: AbortSignal;
  maxAgeSeconds?: number;
  now?: number;
}

/**
 * The answers of all tiles with a report, each as soon as it is there, those at the top begun first. Tiles that ask the
 * same under the filters share one answer. Ends early, without an error, when `signal` is aborted.
 */
export async function* answerTiles(
  context: Context,
  caller: Pick<Caller, 'hidesPersonalData'>,
  tiles: readonly ShownTile[],
  filters: DashboardFilters,
  { signal, maxAgeSeconds, now }: AnswerOptions,
): AsyncGenerator<TileAnswer> {
  const questions = new Map<string, { report: Report; tiles: string[] }>();
  for (const tile of tiles.toSorted((a, b) => a.y - b.y || a.x - b.x)) {
    if (tile.kind !== 'report') continue;
    if (!tile.report) {
      yield { tiles: [tile.id], error: { code: 'no_report', message: tile.problem ?? 'There is no report.' } };
      continue;
    }
    const report = underFilters(tile.report, filters);
    const key = meaningOf(report);
    const same = questions.get(key);
    if (same) same.tiles.push(tile.id);
    else questions.set(key, { report, tiles: [tile.id] });
  }
  const waiting = [...questions.values()];
  const running = new Map<object, Promise<{ key: object; line: TileAnswer }>>();
  const begin = () => {
    const next = waiting.shift();
    if (next)
      running.set(
        next,
        one(next).then((line) => ({ key: next, line })),
      );
  };
  const one = async ({ report, tiles }: { report: Report; tiles: string[] }): Promise<TileAnswer> => {
    try {
      if (caller.hidesPersonalData) await refusePersonal(context, report);
      return { tiles, answer: shownTo(caller, await runReport(context, report, { signal, maxAgeSeconds, now })) };
    } catch (error) {
      if (signal.aborted) return { tiles, error: { code: 'cancelled', message: 'The report was cancelled.' } };
      const { error: said } = (await answerError(error).json()) as { error: { code: string; message: string } };
      return { tiles, error: { code: said.code, message: said.message } };
    }
  };
  for (let count = 0; count < TILES_AT_ONCE; count++) begin();
  while (running.size > 0) {
    const { key, line } = await Promise.race(running.values());
    running.delete(key);
    if (signal.aborted) return;
    begin();
    yield line;
  }
}

/** The lines as newline-delimited JSON. What is still being computed is cancelled when the reader leaves. */
export function streamAnswers(
  signal: AbortSignal,
  lines: (signal: AbortSignal) => AsyncGenerator<TileAnswer>,
): Response {
  const left = new AbortController();
  const either = AbortSignal.any([signal, left.signal]);
  const answers = lines(either);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await answers.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
    },
    cancel() {
      left.abort(new Error('The reader left.'));
    },
  });
  return new Response(body, {
    headers: {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}
