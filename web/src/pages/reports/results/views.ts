import { isCountry } from '../parts/types.ts';
import type { DrawnReport } from '../report.ts';
import type { View } from './shape.ts';

/** Ways to look at the answers of a kind, the usual one first. */
const VIEWS: { readonly [K in DrawnReport['kind']]: (report: Extract<DrawnReport, { kind: K }>) => View[] } = {
  trend: ({ distribution, breakdown }) => {
    if (distribution) return ['histogram', 'table'];
    const map = breakdown.length === 1 && isCountry(breakdown[0]);
    return ['line', 'area', 'bar', 'stacked', 'total', 'number', ...(map ? (['map'] as const) : []), 'table'];
  },
  funnel: ({ interval }) => ['steps', ...(interval ? (['time'] as const) : []), 'histogram', 'table'],
  retention: () => ['triangle', 'curves', 'table'],
  journey: () => ['flow', 'table'],
  lifecycle: () => ['stacked', 'line', 'table'],
  stickiness: () => ['histogram', 'table'],
  engagement: () => ['line', 'table'],
  sessions: () => ['line', 'bar', 'table'],
  score: ({ breakdown }) => (breakdown ? ['line', 'total', 'histogram', 'table'] : ['line', 'histogram', 'table']),
  drivers: () => ['total', 'table'],
};

export const viewsOf = (report: DrawnReport): View[] => (VIEWS[report.kind] as (report: DrawnReport) => View[])(report);

/** The wanted way to look at a report where it has that, else its usual one. */
export function viewOf(report: DrawnReport, wanted: string): View {
  const views = viewsOf(report);
  return views.find((view) => view === wanted) ?? views[0]!;
}
