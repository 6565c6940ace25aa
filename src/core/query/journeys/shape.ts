import { nodesOf } from './nodes.ts';
import type { JourneyLink, JourneyNode, JourneyPath, JourneyResult } from './result.ts';
import type { JourneyReport } from './schema.ts';
import type { Stations } from './stations.ts';
import type { Second } from './tally.ts';
import { type JourneyCounts, PATHS_SHOWN } from './walk.ts';

/** Names what the walk has counted, and puts it from left to right. */
export function shape(
  report: JourneyReport,
  { labels }: Stations,
  counts: (JourneyCounts & { second: Second }) | null,
): JourneyResult {
  const back = !report.start && report.end !== undefined;
  const both = report.start !== undefined && report.end !== undefined;
  if (!counts || counts.journeys === 0)
    return { journeys: 0, people: 0, reached: both ? 0 : null, steps: [], links: [], paths: { list: [], exact: true } };
  const { ends, rest } = nodesOf(labels.length);
  const stopped = back ? 'began' : 'dropped';
  const labelOf = (node: number): string | null => {
    const station = node >= ends ? node - ends : node;
    return station === rest ? null : labels[station]!;
  };
  const idOf = (node: number) => `${node >= ends ? 'e' : 's'}:${labelOf(node) ?? ''}`;
  const kindOf = (node: number, step: number): JourneyNode['kind'] =>
    node >= ends ? 'end' : report.start && step === 0 ? 'start' : 'station';

  const steps = counts.steps.map(({ shown, counts: sizes, stopped: stops, other }, step) => {
    const nodes: JourneyNode[] = shown.map((node, index) => ({
      id: idOf(node),
      label: labelOf(node),
      kind: kindOf(node, step),
      count: sizes[index]!,
    }));
    if (stops > 0) nodes.push({ id: stopped, label: null, kind: stopped, count: stops });
    if (other.count > 0) {
      const largest = other.largest.map(({ node, count }) => ({ label: labelOf(node) ?? '', count }));
      const details = { different: other.different, more: other.more, largest };
      nodes.push({ id: 'other', label: null, kind: 'other', count: other.count, other: details });
    }
    return { step: back ? (step === 0 ? 0 : -step) : step, nodes };
  });
  const placeOf = (step: number, place: number) => {
    const { shown } = counts.steps[step]!;
    return place < shown.length ? idOf(shown[place]!) : place === shown.length ? 'other' : stopped;
  };
  const links = counts.second.links.map(({ step, from, to, count, medianMs }): JourneyLink => {
    const [near, far] = [placeOf(step, from), placeOf(step + 1, to)];
    const medianSeconds = medianMs === null ? null : rounded(medianMs / 1000);
    return back
      ? { step: -step - 1, from: far, to: near, count, medianSeconds }
      : { step, from: near, to: far, count, medianSeconds };
  });
  const order = (a: number[], b: number[]) => {
    const at = a.findIndex((node, index) => node !== b[index]);
    return at < 0 ? a.length - b.length : a[at]! - (b[at] ?? -1);
  };
  const frequent = counts.second.paths
    .sort((a, b) => b.count - a.count || order(a.nodes, b.nodes))
    .slice(0, PATHS_SHOWN);
  const list = frequent.map(({ nodes, count, reached }): JourneyPath => {
    const stations = nodes.map(labelOf);
    return {
      stations: back ? stations.reverse() : stations,
      count,
      share: count / counts.journeys,
      reached: both ? reached : null,
    };
  });
  const filled = steps.filter(({ nodes }) => nodes.length > 0);
  return {
    journeys: counts.journeys,
    people: counts.people,
    reached: both ? counts.reached : null,
    steps: back ? filled.reverse() : filled,
    links: links.sort((a, b) => a.step - b.step || b.count - a.count || compare(a.from, b.from) || compare(a.to, b.to)),
    paths: { list, exact: counts.missed === 0 || (frequent[PATHS_SHOWN - 1]?.count ?? 0) >= counts.missed },
  };
}

const rounded = (seconds: number) => Number(seconds.toPrecision(3));
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
