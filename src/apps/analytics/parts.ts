import { refusePersonal } from '../../core/query/personal.ts';
import type { Report } from '../../core/query/report.ts';
import type { Meta } from '../../core/query/run.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { ChartTable } from '../../kernel/chart/table.ts';
import { isEmpty, tableOf } from '../../kernel/chart/table.ts';
import type { Context } from '../../kernel/context.ts';
import { readDashboard, type ShownTile, underFilters } from './dashboards.ts';
import { answerTiles } from './dashboards-answers.ts';
import { readReport } from './reports.ts';
import { getSaved, type Saved } from './saved.ts';
import { picturesOf, type Shown } from './shown.ts';
import type { Speech } from './shown-names.ts';

/** What leaves the console has a place less wide than it, and a reader who did not ask for all of it. */
const PARTS_LIMIT = 30;

/** A tile of a dashboard, or the one report, as it is shown outside of the console. */
export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'report'; title: string; meta: Meta; pictures: Shown[] }
  /** `code` is that of the refusal. */
  | { kind: 'refused'; title: string; code: string; message: string };

export interface Parts {
  saved: Saved;
  parts: Part[];
  /** There is more than is shown. */
  more: boolean;
}

/**
 * A saved report or dashboard answered for readers outside: as `caller` may see it, but never with personal data,
 * whatever their role. A part that is refused says so, and the others stay.
 */
export async function partsOf(
  context: Context,
  caller: Caller,
  of: { kind: 'report' | 'dashboard'; id: number },
  speech: Speech,
  options: { signal: AbortSignal; maxAgeSeconds: number; now?: number },
): Promise<Parts> {
  const outside: Caller = { ...caller, hidesPersonalData: true };
  const saved = await getSaved(context, caller, of.kind, of.id);
  const { tiles, filters } =
    of.kind === 'dashboard'
      ? await readDashboard(context, outside, saved.content)
      : { tiles: [await asTile(context, outside, saved)], filters: {} };
  // Filters are not shown, but what they leave could be guessed from.
  await refusePersonal(context, filters);
  const shown = tiles.toSorted((a, b) => a.y - b.y || a.x - b.x).slice(0, PARTS_LIMIT);
  const found = new Map<string, Part>();
  for await (const line of answerTiles(context, outside, shown, filters, options)) {
    for (const id of line.tiles) {
      const tile = shown.find((one) => one.id === id);
      if (tile?.kind !== 'report') continue;
      const title = tile.title || tile.name;
      if ('error' in line) {
        found.set(id, { kind: 'refused', title, ...line.error });
        continue;
      }
      const { result, meta } = line.answer;
      const report = underFilters(tile.report as Report, filters);
      found.set(id, { kind: 'report', title, meta, pictures: picturesOf(report, result, speech, tile.display.view) });
    }
  }
  options.signal.throwIfAborted();
  const parts = shown.flatMap((tile): Part[] =>
    tile.kind === 'text' ? [{ kind: 'text', text: tile.text }] : found.has(tile.id) ? [found.get(tile.id)!] : [],
  );
  return { saved, parts, more: tiles.length > shown.length };
}

async function asTile(context: Context, caller: Caller, saved: Saved): Promise<ShownTile> {
  const { report, display, problem } = await readReport(context, caller, saved.content);
  return {
    ...{ kind: 'report', id: 'report', x: 0, y: 0, w: 12, h: 4, title: '', name: saved.name, reportId: null },
    ...{ report, display, ownDisplay: null, problem },
  };
}

/** The numbers of a picture as text: the first rows, and how many there are beside them. */
export function rowsOf({ spec }: Shown, { words, language }: Speech, most: number): { rows: string[][]; left: number } {
  if (isEmpty(spec)) return { rows: [], left: 0 };
  const { columns, rows }: ChartTable = tableOf(spec, words);
  const format = new Intl.NumberFormat(language);
  const text = (value: string | number | null, at: number) =>
    value === null
      ? '–'
      : typeof value === 'string'
        ? value
        : columns[at]?.unit
          ? words.format(value, columns[at].unit)
          : format.format(value);
  return {
    rows: [
      columns.map(({ name }) => name),
      ...rows.slice(0, most).map((row) => row.map(({ value }, at) => text(value, at))),
    ],
    left: Math.max(0, rows.length - most),
  };
}
