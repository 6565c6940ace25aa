import type { ShownDashboard, ShownReportTile, ShownTile } from '../../../../src/apps/analytics/dashboards.ts';
import type { DashboardIn, TileIn } from '../reports/saved/calls.ts';

export type { ShownDashboard, ShownReportTile, ShownTile };
export type ShownTextTile = Extract<ShownTile, { kind: 'text' }>;

/** A tile as it is sent back. What the reader may not see, or nobody can read, is not sent: the server keeps it. */
export function toSent(tile: ShownTile): TileIn {
  if (tile.kind === 'text') return tile;
  const { id, x, y, w, h, title, reportId, report, ownDisplay } = tile;
  const source = reportId ? { reportId } : report ? { report } : {};
  return { kind: 'report', id, x, y, w, h, title, ...source, ...(ownDisplay ? { display: ownDisplay } : {}) };
}

export const sentOf = ({ tiles, filters, refreshSeconds }: ShownDashboard): DashboardIn => ({
  tiles: tiles.map(toSent),
  filters,
  refreshSeconds,
});

/** An id that no other tile of the dashboard has. */
export const newTileId = (): string => `t${crypto.randomUUID().slice(0, 12)}`;
