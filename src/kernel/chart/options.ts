import type { Drawing, Options } from './base.ts';
import { DROPPED, type TipParams } from './base.ts';
import { estimatesOptions, scatterOptions } from './estimates.ts';
import { flowOptions } from './flow.ts';
import { gridOptions } from './grid.ts';
import { barsOptions, curvesOptions, funnelOptions, timeOptions } from './lines-bars.ts';
import { mapOptions } from './map.ts';
import { numberOptions } from './number.ts';
import { overlapOptions } from './overlap.ts';
import type { ChartSpec, Selection } from './spec.ts';
import { worldProjection } from './world-projection.ts';

export type { Drawing } from './base.ts';

/** A spec as options of ECharts: pure, with no name or value of the spec ever read as markup or as a template. */
export function chartOptions(of: ChartSpec, drawing: Drawing): Options {
  switch (of.kind) {
    case 'time':
      return timeOptions(of, drawing);
    case 'bars':
      return barsOptions(of, drawing);
    case 'funnel':
      return funnelOptions(of, drawing);
    case 'retention':
      return of.shape === 'curves' ? curvesOptions(of, drawing) : gridOptions(of, drawing);
    case 'grid':
      return gridOptions(of, drawing);
    case 'flow':
      return flowOptions(of, drawing);
    case 'map':
      return mapOptions(of, drawing, worldProjection);
    case 'number':
      return numberOptions(of, drawing);
    case 'estimates':
      return estimatesOptions(of, drawing);
    case 'scatter':
      return scatterOptions(of, drawing);
    case 'overlap':
      return overlapOptions(of, drawing);
  }
}

/** What of the spec stands behind what was clicked in the picture; nothing for axes, empty countries and the like. */
export function selectionOf(of: ChartSpec, clicked: TipParams & { componentType?: string }): Selection | null {
  const { kind } = of;
  const index = clicked.dataIndex;
  const [series = '', part] = clicked.seriesId?.split('\u0000') ?? [];
  switch (of.kind) {
    case 'time':
      return of.points[index] ? { kind, series, index, item: of.points[index].at } : null;
    case 'bars':
      return of.categories[index] ? { kind, series, index, item: of.categories[index].id } : null;
    case 'funnel': {
      const step = of.steps[index];
      return step
        ? { kind, series, index, item: step.id, part: part === DROPPED.slice(1) ? 'dropped' : 'reached' }
        : null;
    }
    case 'retention':
      return of.rows.some((row) => row.id === series) ? { kind, series, index } : null;
    case 'flow': {
      if (clicked.dataType !== 'edge') return { kind, item: clicked.name };
      const { source, target } = clicked.data as { source: string; target: string };
      return { kind, link: { from: source, to: target } };
    }
    case 'map':
      return of.countries.some((country) => country.code.toUpperCase() === clicked.name)
        ? { kind, item: clicked.name }
        : null;
    case 'estimates':
      return of.items[index] ? { kind, index, item: of.items[index].id } : null;
    case 'scatter': {
      const point = of.series.find((one) => one.id === series)?.points[index];
      return point ? { kind, series, index, item: point.id } : null;
    }
    case 'overlap': {
      if (series === 'sets') return of.sets[index] ? { kind, item: of.sets[index].id } : null;
      return of.intersections[index] ? { kind, sets: of.intersections[index].among, index } : null;
    }
    case 'grid':
    case 'number':
      return null;
  }
}
