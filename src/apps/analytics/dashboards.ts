import { z } from 'zod';
import { Filter } from '../../core/query/filter.ts';
import { Period, Zone } from '../../core/query/period.ts';
import { refusePersonal } from '../../core/query/personal.ts';
import { meaningOf } from '../../core/query/remembered.ts';
import { Report } from '../../core/query/report.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { shortText } from '../../kernel/storable.ts';
import { Display, notAReport, readReport, type ShownReport } from './reports.ts';
import { ownerOf } from './saved.ts';
import { type SavedAbout, SavedId, type SavedNoun } from './saved-routes.ts';

export const TILES_LIMIT = 50;
export const COLUMNS = 12;
const ROWS_LIMIT = 1000;
const HEIGHT_LIMIT = 40;
const TEXT_LIMIT = 10_000;
const TITLE_LIMIT = 200;
/** How often a dashboard may ask again by itself. */
const REFRESH_SECONDS = { min: 30, max: 86_400 };

const TileId = z.string().regex(/^[\w-]{1,40}$/, 'is not an id of a tile');
/** Where a tile stands on a grid of 12 columns, and how many columns and rows it takes. */
const at = {
  x: z
    .int()
    .min(0)
    .max(COLUMNS - 1),
  y: z.int().min(0).max(ROWS_LIMIT),
  w: z.int().min(1).max(COLUMNS),
  h: z.int().min(1).max(HEIGHT_LIMIT),
};
const Title = shortText(TITLE_LIMIT);

/** Words, as Markdown without HTML. */
const TextTile = z.strictObject({ kind: z.literal('text'), id: TileId, ...at, text: shortText(TEXT_LIMIT) });
/** A saved report by its id, or a report of its own; with neither it keeps what it had. */
const ReportTile = z.strictObject({
  kind: z.literal('report'),
  id: TileId,
  ...at,
  title: Title.default('').describe("Empty: the saved report's name."),
  reportId: SavedId.in.nullable().optional(),
  report: z.unknown().optional().describe('A report, as POST /api/query takes it.'),
  display: Display.optional().describe("How it is drawn; the saved report's own where it is left out."),
});
export const Tile = z
  .discriminatedUnion('kind', [TextTile, ReportTile])
  .refine((tile) => tile.x + tile.w <= COLUMNS, { error: `reaches over the ${COLUMNS} columns` });
export type Tile = z.output<typeof Tile>;

/** What holds for all tiles in place of, or beside, what their reports say. */
export const DashboardFilters = z.strictObject({
  period: Period.optional(),
  zone: Zone.optional(),
  filter: Filter.optional(),
});
export type DashboardFilters = z.output<typeof DashboardFilters>;

export const DashboardContent = z.strictObject({
  tiles: z
    .array(Tile)
    .max(TILES_LIMIT)
    .refine((tiles) => new Set(tiles.map(({ id }) => id)).size === tiles.length, { error: 'has the same id twice' })
    .default([]),
  filters: DashboardFilters.default({}),
  refreshSeconds: z.int().min(REFRESH_SECONDS.min).max(REFRESH_SECONDS.max).nullable().default(null),
});
export type DashboardContent = z.output<typeof DashboardContent>;

const ShownTile = z.discriminatedUnion('kind', [
  TextTile,
  z.object({
    kind: z.literal('report'),
    id: TileId,
    ...at,
    title: z.string(),
    name: z.string().describe("The saved report's name, where it is one."),
    reportId: z.string().nullable(),
    report: z.unknown(),
    display: Display,
    ownDisplay: Display.nullable().describe("The tile's own; null where it is drawn as its saved report."),
    problem: z.string().nullable().describe('Why it cannot be answered.'),
  }),
]);
interface Place {
  id: string;
  x: number;
  y: number;
  w: number;
  h: number;
}
export interface ShownTextTile extends Place {
  kind: 'text';
  text: string;
}
export interface ShownReportTile extends Place {
  kind: 'report';
  title: string;
  name: string;
  reportId: string | null;
  report: Report | null;
  display: Display;
  ownDisplay: Display | null;
  problem: string | null;
}
export type ShownTile = ShownTextTile | ShownReportTile;

export const ShownDashboard = z.object({
  tiles: z.array(ShownTile),
  filters: DashboardFilters,
  refreshSeconds: z.number().nullable(),
  problem: z.string().nullable().describe('What of it could not be read any more.'),
});
export interface ShownDashboard {
  tiles: ShownTile[];
  filters: DashboardFilters;
  refreshSeconds: number | null;
  problem: string | null;
}
export type Dashboard = SavedAbout & { content: ShownDashboard };
const DashboardListed = z.object({ tiles: z.number() });
export type DashboardSummary = SavedAbout & { about: z.output<typeof DashboardListed> };

/** A report under the filters of its dashboard. */
export function underFilters(report: Report, { period, zone, filter }: DashboardFilters): Report {
  const both = report.filter && filter ? { all: [report.filter, filter] } : (filter ?? report.filter);
  return { ...report, ...(period ? { period } : {}), ...(zone ? { zone } : {}), ...(both ? { filter: both } : {}) };
}

/**
 * A stored dashboard as it is shown: saved reports looked up, everything parsed again. A tile whose report is gone,
 * private to a colleague or not a report any more says so, and the others stay as they are.
 */
export async function readDashboard(context: Context, caller: Caller, content: unknown): Promise<ShownDashboard> {
  const stored = (content ?? {}) as { tiles?: unknown; filters?: unknown; refreshSeconds?: unknown };
  const tiles = (Array.isArray(stored.tiles) ? stored.tiles : []).map((tile) => Tile.safeParse(tile));
  const readable = tiles.flatMap((tile) => (tile.success ? [tile.data] : []));
  const filters = DashboardFilters.safeParse(stored.filters ?? {});
  const refresh = DashboardContent.shape.refreshSeconds.safeParse(stored.refreshSeconds ?? null);
  const lost = tiles.length - readable.length;
  const problems = [
    ...(lost > 0 ? [`${lost} of its tiles cannot be read any more.`] : []),
    ...(filters.success ? [] : ['Its filters cannot be read any more, and do not apply.']),
  ];
  return {
    tiles: await readTiles(context, caller, readable),
    filters: filters.success ? filters.data : {},
    refreshSeconds: refresh.success ? refresh.data : null,
    problem: problems.length > 0 ? problems.join(' ') : null,
  };
}

/** Tiles with the saved reports that they mean, as far as the caller may see them. */
export async function readTiles(context: Context, caller: Caller, tiles: readonly Tile[]): Promise<ShownTile[]> {
  const wanted = tiles.flatMap((tile) => (tile.kind === 'report' && tile.reportId ? [Number(tile.reportId)] : []));
  const saved = await savedReports(context, caller, wanted);
  const shown = tiles.map(async (tile): Promise<ShownTile> => {
    if (tile.kind === 'text') return tile;
    const { reportId, report, display, ...place } = tile;
    const rest = { ...place, ownDisplay: display ?? null };
    if (!reportId) {
      const read = await readReport(context, caller, { report, display });
      return { ...rest, name: '', reportId: null, report: read.report, display: read.display, problem: read.problem };
    }
    const named = { ...rest, reportId };
    const one = saved.get(Number(reportId));
    if (typeof one !== 'object')
      return { ...named, name: '', report: null, display: {}, problem: one ?? 'The saved report is gone.' };
    const { shown } = one;
    return {
      ...named,
      ...{ name: one.name, report: shown.report, display: display ?? shown.display, problem: shown.problem },
    };
  });
  return Promise.all(shown);
}

/** By id: the report, or why there is none. */
async function savedReports(
  context: Context,
  caller: Caller,
  ids: readonly number[],
): Promise<Map<number, { name: string; shown: ShownReport } | string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await context.records.pool.query<{
    id: number;
    name: string;
    content: unknown;
    mine: boolean;
    shared: boolean;
    ownerName: string;
    deletedBy: string | null;
  }>(
    `SELECT id, name, content, owner = $2 AS mine, shared, owner_name AS "ownerName",
       CASE WHEN deleted_at IS NOT NULL THEN changed_by END AS "deletedBy"
     FROM analytics_saved WHERE kind = 'report' AND id = ANY ($1::bigint[])`,
    [ids, ownerOf(caller)],
  );
  const read = rows.map(async (row) => {
    const entry = !(row.shared || row.mine)
      ? `The saved report is private to ${row.ownerName}, who can share it.`
      : row.deletedBy !== null
        ? `${row.deletedBy} deleted the saved report. It can be brought back for 30 days.`
        : { name: row.name, shown: await readReport(context, caller, row.content) };
    return [row.id, entry] as const;
  });
  return new Map(await Promise.all(read));
}

/**
 * Checks a dashboard that is to be saved: its reports must be reports, or what the tile had before. A report that the
 * caller cannot see is refused, unless the tile had it before.
 */
async function checkDashboard(
  context: Context,
  caller: Caller,
  content: DashboardContent,
  before: unknown,
): Promise<DashboardContent> {
  const stored = (before as { tiles?: unknown } | null)?.tiles;
  const had = new Map(
    (Array.isArray(stored) ? stored : []).flatMap((tile) => {
      const parsed = Tile.safeParse(tile);
      return parsed.success ? [[parsed.data.id, parsed.data] as const] : [];
    }),
  );
  if (caller.hidesPersonalData) await refusePersonal(context, content.filters);
  const tiles: Tile[] = [];
  for (const tile of content.tiles) {
    const former = had.get(tile.id);
    tiles.push(tile.kind === 'text' ? tile : await checkTile(context, caller, tile, former));
  }
  return { ...content, tiles };
}

type ReportTile = Extract<Tile, { kind: 'report' }>;

async function checkTile(
  context: Context,
  caller: Caller,
  tile: ReportTile,
  former: Tile | undefined,
): Promise<ReportTile> {
  const { reportId, report, ...rest } = tile;
  const kept = former?.kind === 'report' ? former : undefined;
  if (reportId) {
    if (kept?.reportId === reportId) return { ...rest, reportId };
    const found = (await savedReports(context, caller, [Number(reportId)])).get(Number(reportId));
    if (typeof found !== 'object')
      throw refuse.invalid(`The tile "${tile.id}" means report ${reportId}: ${found ?? 'there is none.'}`);
    return { ...rest, reportId };
  }
  if (report === undefined || report === null) {
    if (!kept) throw refuse.invalid(`The tile "${tile.id}" has no report. Choose a saved one, or write one.`);
    const { reportId: sameId, report: same } = kept;
    return { ...rest, ...(sameId ? { reportId: sameId } : { report: same }) };
  }
  if (kept && meaningOf(kept.report) === meaningOf(report)) return { ...rest, report };
  const parsed = Report.safeParse(report);
  if (!parsed.success) throw refuse.invalid(`The tile "${tile.id}" has no report. ${notAReport(parsed.error)}`);
  if (caller.hidesPersonalData) await refusePersonal(context, parsed.data);
  return { ...rest, report: parsed.data };
}

export const dashboardNoun: SavedNoun<typeof DashboardContent, typeof ShownDashboard, typeof DashboardListed> = {
  kind: 'dashboard',
  path: '/api/dashboards',
  content: DashboardContent,
  shown: ShownDashboard,
  listed: DashboardListed,
  check: checkDashboard,
  async show(context, caller, content) {
    const shown = await readDashboard(context, caller, content);
    if (caller.hidesPersonalData) await refusePersonal(context, shown.filters);
    return shown as z.input<typeof ShownDashboard>;
  },
  list: (content) => {
    const tiles = (content as { tiles?: unknown } | null)?.tiles;
    return { tiles: Array.isArray(tiles) ? tiles.length : 0 };
  },
};
