import type { ReportKind } from '../kind.ts';
import type { Query } from '../query.ts';
import {
  ELEMENTS_SHOWN,
  type HeatmapCounts,
  type HeatmapElement,
  type HeatmapOptions,
  SCROLL_STEP,
} from './heatmap-walk.ts';
import { HeatmapPart, type HeatmapReport } from './schema.ts';
import { cutText, numberOf, rowsOf } from './where.ts';

const PAGE_INTERACTED = 'Page Interacted';
/** Bytes of an event's points and elements: the SDK sends at most 8 kB of both. */
const TEXT_BYTES = 16_000;
const CLICK_MAPS: ReadonlySet<string> = new Set(['clicks', 'rage', 'dead']);

export interface HeatmapResult
  extends Pick<
    HeatmapCounts,
    'views' | 'people' | 'width' | 'viewportHeight' | 'pageHeight' | 'cellHeight' | 'points' | 'cells'
  > {
  /** Of the maps of clicks: with the share of all such clicks on elements, from 0 to 1. */
  elements: (HeatmapElement & { share: number })[];
  /** The share of the views that was scrolled at least so far down, in hundredths of the page. */
  scroll: { depth: number; share: number }[];
  /** The seconds that a view looked at each tenth of the page, on the mean, and its share of all looking. */
  attention: { seconds: number; share: number }[];
}

/** Where on a page people clicked, moved, scrolled and stayed. */
export const heatmap: ReportKind<HeatmapReport, HeatmapResult> = {
  kind: 'heatmap',
  part: HeatmapPart,
  async run(query, report) {
    const counts = await walked(query, report);
    const { views, elementClicks, scrolled, attention, unreadable, cellsLeft, elementsLeft } = counts;
    if (unreadable > 0)
      query.warnings.push(`${unreadable} events had points that could not be read; what could be read is counted.`);
    if (cellsLeft > 0) query.warnings.push(`${cellsLeft} places with the fewest points are not drawn.`);
    if (elementsLeft > 0)
      query.warnings.push(`The ${ELEMENTS_SHOWN} most clicked elements are listed; there are ${elementsLeft} more.`);
    const looked = attention.reduce((sum, one) => sum + one, 0);
    const { people, width, viewportHeight, pageHeight, cellHeight, points, cells } = counts;
    return {
      views,
      people,
      width,
      viewportHeight,
      pageHeight,
      cellHeight,
      points,
      cells,
      elements: counts.elements.map((one) => ({ ...one, share: one.clicks / elementClicks })),
      scroll: scrolled.map((count, step) => ({ depth: step * SCROLL_STEP, share: views === 0 ? 0 : count / views })),
      attention: attention.map((milliseconds) => ({
        seconds: views === 0 ? 0 : milliseconds / 1000 / views,
        share: looked === 0 ? 0 : milliseconds / looked,
      })),
    };
  },
  async people(query, report, part: HeatmapPart, { after, limit }) {
    return (await walked(query, report, { part, after, limit })).collected;
  },
};

function walked(query: Query, report: HeatmapReport, collect?: HeatmapOptions['collect']): Promise<HeatmapCounts> {
  const { map } = report;
  // What a map does not show is not read.
  const [hasPoints, hasElements] = [map !== 'scroll' && map !== 'attention', CLICK_MAPS.has(map)];
  const rows = rowsOf(query, report, PAGE_INTERACTED, (scope) => {
    const view = scope.field({ of: 'property', name: 'view' }).text;
    return {
      // An event that names no view is one of its own.
      view: `sipHash64(e.origin_id, ${view}, if(${view} = '', toString(e.event_id), ''))`,
      points: hasPoints ? cutText(scope, 'points', TEXT_BYTES) : "''",
      elements: hasElements ? cutText(scope, 'elements', TEXT_BYTES) : "''",
      attention: cutText(scope, 'attention', 200),
      width: numberOf(scope, 'viewportWidth'),
      viewport: numberOf(scope, 'viewportHeight'),
      height: numberOf(scope, 'pageHeight'),
      scroll: numberOf(scope, 'maxScroll'),
    };
  });
  return query.walkRows<HeatmapCounts>('interactions', 'heatmap', rows, {
    map,
    ...(collect ? { collect } : {}),
  } satisfies HeatmapOptions);
}
