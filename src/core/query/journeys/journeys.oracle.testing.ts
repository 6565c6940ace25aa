import type { TestEvent } from '../events.testing.ts';
import type { What } from '../matching.ts';
import type { JourneyNode, JourneyResult } from './result.ts';
import type { JourneyReport } from './schema.ts';

interface Stop {
  station: string;
  at: number;
  end: boolean;
}

/** Journeys as one would follow them by hand. Medians are exact here; the report's are within three percent. For tests. */
export function journeysByHand(
  report: JourneyReport & { period: { from: string; to: string } },
  events: readonly TestEvent[],
  mergedInto: ReadonlyMap<number, number> = new Map(),
): JourneyResult {
  const [from, to] = [Date.parse(report.period.from), Date.parse(report.period.to) + 86_400_000];
  const isPage = (event: TestEvent) => event.type === 'page' || event.type === 'screen';
  const stationOf = (event: TestEvent) => {
    const own = report.stations !== 'events' && isPage(event) && event.path ? event.path : event.name;
    return report.groups.find(({ pattern }) => fits(own, pattern))?.label ?? own;
  };
  const meant = (what: What | undefined, event: TestEvent) =>
    what?.events.some((one) => !('action' in one) && (one.name === undefined || one.name === event.name)) ?? false;
  const known = events
    .map((event) => ({
      person: mergedInto.get(event.person) ?? event.person,
      session: new Date(event.session ?? 0).getTime(),
      at: new Date(event.at).getTime(),
      station: stationOf(event),
      start: meant(report.start, event),
      end: meant(report.end, event),
      itself: (!report.of || meant(report.of, event)) && (report.stations !== 'pages' || isPage(event)),
    }))
    .filter((event) => event.at >= from && event.at < to && (event.itself || event.start || event.end))
    .sort(
      (a, b) =>
        a.at - b.at ||
        Buffer.compare(Buffer.from(a.station), Buffer.from(b.station)) ||
        Number(a.start) + 2 * Number(a.end) - Number(b.start) - 2 * Number(b.end),
    );
  const runs: (typeof known)[] = [];
  if (report.within === 'session') {
    const visits = Map.groupBy(
      known.filter(({ session }) => session !== 0),
      ({ person, session }) => `${person} ${session}`,
    );
    runs.push(...visits.values());
  } else {
    const idle = report.within.idleMinutes * 60_000;
    for (const mine of Map.groupBy(known, ({ person }) => person).values()) {
      mine.forEach((event, index) => {
        if (index === 0 || event.at - mine[index - 1]!.at > idle) runs.push([]);
        runs.at(-1)!.push(event);
      });
    }
  }

  const back = !report.start && report.end !== undefined;
  const both = report.start !== undefined && report.end !== undefined;
  const journeys: { stops: Stop[]; reached: boolean; person: number }[] = [];
  for (const run of runs) {
    const begin = report.start ? run.findIndex(({ start }) => start) : 0;
    if (begin < 0) continue;
    let rest = run.slice(begin);
    const endAt = report.end ? rest.findIndex(({ end }, index) => end && (back || index > 0)) : -1;
    if (back && endAt < 0) continue;
    if (both && report.reached && endAt < 0) continue;
    if (endAt >= 0) rest = rest.slice(0, endAt + 1);
    const stops = rest.map(({ station, at }, index): Stop => ({ station, at, end: index === endAt }));
    const folded = report.fold
      ? stops.filter((stop, index) => index === 0 || stop.end || stop.station !== stops[index - 1]!.station)
      : stops;
    journeys.push({ stops: folded, reached: endAt >= 0, person: run[0]!.person });
  }

  const { depth } = report;
  const cells = new Map<number, Map<string, number>>();
  const gaps = new Map<string, number[]>();
  const paths = new Map<string, { stations: string[]; count: number; reached: number; key: string }>();
  const names = new Map<string, string>();
  const add = (step: number, node: string) => {
    const cell = cells.get(step) ?? new Map<string, number>();
    cells.set(step, cell.set(node, (cell.get(node) ?? 0) + 1));
  };
  const ways: { step: number; from: string; to: string; seconds: number | null }[] = [];
  for (const { stops, reached } of journeys) {
    const seen = back ? stops.slice(-depth) : stops.slice(0, depth);
    const nodes = seen.map(({ station, end, at }, index) => ({
      step: back ? index - seen.length + 1 : index,
      id: `${end ? 'e' : 's'}:${station}`,
      at,
    }));
    for (const { id } of nodes) names.set(id, id.slice(2));
    const stopped = seen.length < depth && !(both && reached);
    if (stopped && back) nodes.unshift({ step: -seen.length, id: 'began', at: Number.NaN });
    else if (stopped) nodes.push({ step: seen.length, id: 'dropped', at: Number.NaN });
    for (const { step, id } of nodes) add(step, id);
    nodes.slice(1).forEach((node, index) => {
      const before = nodes[index]!;
      const seconds = (node.at - before.at) / 1000;
      ways.push({ step: before.step, from: before.id, to: node.id, seconds: Number.isNaN(seconds) ? null : seconds });
    });
    const key = JSON.stringify(seen.map(({ station, end }) => [end, station]));
    const path = paths.get(key) ?? { stations: seen.map(({ station }) => station), count: 0, reached: 0, key };
    paths.set(key, { ...path, count: path.count + 1, reached: path.reached + (reached ? 1 : 0) });
  }

  const shownAt = new Map<number, Set<string>>();
  const steps = [...cells]
    .sort((a, b) => a[0] - b[0])
    .map(([step, cell]) => {
      const stations = [...cell]
        .filter(([id]) => id !== 'dropped' && id !== 'began')
        .sort((a, b) => b[1] - a[1] || byNode(a[0], b[0]));
      const shown = stations.filter(([id], index) => index < report.top || id.startsWith('e:'));
      const others = stations.filter((one) => !shown.includes(one));
      shownAt.set(step, new Set([...shown.map(([id]) => id), 'dropped', 'began']));
      const nodes: JourneyNode[] = shown.map(([id, count]) => {
        const kind = id.startsWith('e:') ? 'end' : report.start && step === 0 ? 'start' : 'station';
        return { id, label: names.get(id)!, kind, count };
      });
      const stopped = back ? 'began' : 'dropped';
      if (cell.has(stopped)) nodes.push({ id: stopped, label: null, kind: stopped, count: cell.get(stopped)! });
      if (others.length > 0) {
        const largest = others.slice(0, 10).map(([id, count]) => ({ label: names.get(id)!, count }));
        const count = others.reduce((sum, [, one]) => sum + one, 0);
        const other = { different: others.length, more: false, largest };
        nodes.push({ id: 'other', label: null, kind: 'other', count, other });
      }
      return { step, nodes };
    });
  const links = new Map<string, { step: number; from: string; to: string; count: number }>();
  for (const { step, from, to, seconds } of ways) {
    const [near, far] = [shownAt.get(step)!.has(from) ? from : 'other', shownAt.get(step + 1)!.has(to) ? to : 'other'];
    const key = JSON.stringify([step, near, far]);
    links.set(key, { step, from: near, to: far, count: (links.get(key)?.count ?? 0) + 1 });
    if (seconds !== null) gaps.set(key, [...(gaps.get(key) ?? []), seconds]);
  }
  const text = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  const walkedOrder = (stations: string) => {
    const list = JSON.parse(stations) as [boolean, string][];
    return back ? list.reverse() : list;
  };
  return {
    journeys: journeys.length,
    people: new Set(journeys.map(({ person }) => person)).size,
    reached: both ? journeys.filter(({ reached }) => reached).length : null,
    steps,
    links: [...links]
      .map(([key, link]) => ({ ...link, medianSeconds: lowerMedian(gaps.get(key)) }))
      .sort((a, b) => a.step - b.step || b.count - a.count || text(a.from, b.from) || text(a.to, b.to)),
    paths: {
      list: [...paths.values()]
        .sort((a, b) => b.count - a.count || compareLists(walkedOrder(a.key), walkedOrder(b.key)))
        .slice(0, 50)
        .map(({ stations, count, reached }) => ({
          stations,
          count,
          share: count / journeys.length,
          reached: both ? reached : null,
        })),
      exact: true,
    },
  };
}

/** Station by station, ends after all others, a beginning before what goes on. */
function compareLists(a: [boolean, string][], b: [boolean, string][]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareStations(a[index]!, b[index]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareStations([endA, a]: [boolean, string], [endB, b]: [boolean, string]): number {
  return Number(endA) - Number(endB) || Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const byNode = (a: string, b: string) =>
  compareStations([a.startsWith('e:'), a.slice(2)], [b.startsWith('e:'), b.slice(2)]);

function lowerMedian(list: number[] | undefined): number | null {
  if (!list) return null;
  return list.sort((a, b) => a - b)[Math.floor((list.length - 1) / 2)]!;
}

/** Star by star, as slowly as need be. */
function fits(text: string, pattern: string): boolean {
  if (pattern === '') return text === '';
  const stars = /^\*+/.exec(pattern)?.[0].length ?? 0;
  if (stars === 0) return text !== '' && text[0] === pattern[0] && fits(text.slice(1), pattern.slice(1));
  const rest = pattern.slice(stars);
  for (let taken = 0; taken <= text.length; taken++) {
    if (stars === 1 && text.slice(0, taken).includes('/')) return false;
    if (fits(text.slice(taken), rest)) return true;
  }
  return false;
}
