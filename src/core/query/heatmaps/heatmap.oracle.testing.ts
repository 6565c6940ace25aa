import type { HeatmapPart, HeatmapReport } from './schema.ts';

/** An interaction as a test thinks of it: a share of the width, pixels down the page; clicks may have an element. */
export interface TestPoint {
  kind: 'click' | 'move';
  x: number;
  y: number;
  /** A place in `elements` of its event. */
  element?: number | undefined;
  rage?: boolean;
  dead?: boolean;
}

/** One event of a page view. */
export interface TestInteractions {
  person: number;
  view: string;
  at: number;
  path: string;
  device: string;
  width: number;
  viewportHeight: number;
  pageHeight: number;
  /** In thousandths of the page. */
  scroll: number;
  attention: number[];
  elements: string[];
  points: TestPoint[];
}

const isOf = (map: HeatmapReport['map'], point: TestPoint) =>
  map === 'moves'
    ? point.kind === 'move'
    : point.kind === 'click' && (map === 'clicks' || (map === 'rage' ? point.rage : map === 'dead' && point.dead));

function fits(pattern: string, path: string): boolean {
  const [first, ...rest] = pattern.split('*');
  if (rest.length === 0) return path === pattern;
  if (!path.startsWith(first!)) return false;
  let from = first!.length;
  const last = rest.pop()!;
  for (const part of rest) {
    const at = path.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return path.length - last.length >= from && path.endsWith(last);
}

const middle = (values: number[]) => values.filter((one) => one > 0).sort((a, b) => a - b);
const lowerMiddle = (values: number[]) => {
  const sorted = middle(values);
  return sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
};

/** A heatmap by looking at every interaction of every view, one after the other. */
export function oracleHeatmap(
  all: readonly TestInteractions[],
  report: Pick<HeatmapReport, 'page' | 'device' | 'map'>,
  span: { from: number; to: number },
) {
  const own = all.filter(
    (one) =>
      one.at >= span.from &&
      one.at < span.to &&
      fits(report.page, one.path) &&
      (report.device === 'all' || one.device === report.device),
  );
  const views = Map.groupBy(own, (one) => `${one.person} ${one.view}`);
  const greatest = (of: (one: TestInteractions) => number) =>
    [...views.values()].map((parts) => Math.max(...parts.map(of)));
  const width = lowerMiddle(greatest((one) => one.width));
  const height = 4 * Math.max(1, Math.round(width / 400));
  const cells = new Map<string, number>();
  const elements = new Map<string, { clicks: number; rage: number; dead: number; people: Set<number> }>();
  let points = 0;
  let elementClicks = 0;
  for (const event of own) {
    for (const point of event.points) {
      if (isOf(report.map, point)) {
        points++;
        const key = `${Math.floor(point.x * 100)} ${Math.floor(point.y / height)}`;
        cells.set(key, (cells.get(key) ?? 0) + 1);
      }
      if (point.kind !== 'click' || point.element === undefined || !isOf(report.map, point)) continue;
      elementClicks++;
      const selector = event.elements[point.element]!;
      const known = elements.get(selector) ?? { clicks: 0, rage: 0, dead: 0, people: new Set<number>() };
      known.clicks++;
      if (point.rage) known.rage++;
      if (point.dead) known.dead++;
      known.people.add(event.person);
      elements.set(selector, known);
    }
  }
  const scrolls = greatest((one) => one.scroll);
  const attention = Array.from({ length: 10 }, (_, band) =>
    own.reduce((sum, one) => sum + (one.attention[band] ?? 0), 0),
  );
  return {
    views: views.size,
    people: new Set(own.map((one) => one.person)).size,
    width,
    viewportHeight: lowerMiddle(greatest((one) => one.viewportHeight)),
    pageHeight: lowerMiddle(greatest((one) => one.pageHeight)),
    cellHeight: height,
    points: report.map === 'scroll' || report.map === 'attention' ? 0 : points,
    cells: report.map === 'scroll' || report.map === 'attention' ? {} : Object.fromEntries(cells),
    elements: Object.fromEntries(
      [...elements].map(([selector, one]) => [
        selector,
        { ...one, people: one.people.size, share: one.clicks / elementClicks },
      ]),
    ),
    scroll: Array.from({ length: 21 }, (_, step) =>
      views.size === 0 ? 0 : scrolls.filter((one) => one >= step * 50).length / views.size,
    ),
    attention: attention.map((one) => (views.size === 0 ? 0 : one / 1000 / views.size)),
    peopleOf: (part: HeatmapPart) => {
      const found = own.filter((event) => {
        if ('reached' in part) return event.scroll >= part.reached * 10;
        return event.points.some((point) => {
          if ('element' in part)
            return (
              point.kind === 'click' &&
              isOf(report.map, point) &&
              point.element !== undefined &&
              event.elements[point.element] === part.element
            );
          return (
            isOf(report.map, point) &&
            point.x >= part.left &&
            point.x < part.right &&
            point.y >= part.top &&
            point.y < part.bottom
          );
        });
      });
      return [...new Set(found.map((one) => one.person))].sort((a, b) => a - b);
    },
  };
}
