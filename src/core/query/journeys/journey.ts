import { refuse } from '../../../kernel/refusal.ts';
import type { ReportKind } from '../kind.ts';
import type { Query } from '../query.ts';
import { warnOfUnknown } from '../unknown-names.ts';
import { nodesOf } from './nodes.ts';
import type { JourneyOptions } from './options.ts';
import type { JourneyResult } from './result.ts';
import { JourneyPart, type JourneyReport } from './schema.ts';
import { shape } from './shape.ts';
import { eventsOf, type Stations, stationsOf } from './stations.ts';
import type { Collect, Second, Wanted } from './tally.ts';
import type { JourneyCounts } from './walk.ts';

/** Stations of journeys that one walk keeps: 6 bytes each. Of more, all is read once more. */
const KEPT_STATIONS = 12_000_000;

/** Which ways people take: docs/reports.md says what is a journey. */
export const journey: ReportKind<JourneyReport, JourneyResult> = {
  kind: 'journey',
  part: JourneyPart,

  async run(query, report) {
    const { of, start, end } = report;
    await warnOfUnknown(
      query,
      [of, start, end].filter((what) => what !== undefined),
    );
    const stations = await stationsOf(query, report);
    if (stations.labels.length === 0) return shape(report, stations, null);
    const counts = await walked(query, report, stations);
    if (counts.journeys === 0 && report.within === 'session')
      query.warnings.push(
        'No visit has such a journey. Events of servers belong to no visit: to follow these, let journeys end after a pause.',
      );
    return shape(report, stations, counts);
  },

  async people(query, report, part: JourneyPart, { after, limit }) {
    const stations = await stationsOf(query, report);
    if (stations.labels.length === 0) return [];
    const collect = { at: placesOf(part, report, stations), after, limit };
    return (await walked(query, report, stations, collect)).second.collected;
  },
};

/** Walks, and reads all of it once more where there was too much to keep. */
async function walked(
  query: Query,
  report: JourneyReport,
  stations: Stations,
  collect?: Collect,
): Promise<JourneyCounts & { second: Second }> {
  const options: JourneyOptions = {
    stations: stations.labels.length,
    depth: report.depth,
    fold: report.fold,
    start: report.start !== undefined,
    end: report.end !== undefined,
    reachedOnly: report.reached,
    idle: report.within === 'session' ? null : report.within.idleMinutes * 60_000,
    top: report.top,
    keep: KEPT_STATIONS,
    ...(collect ? { collect } : {}),
  };
  const walk = (name: string, wanted?: Wanted) =>
    query.walk<JourneyCounts>(name, 'journeys', eventsOf(query, report, stations), {
      ...options,
      ...(wanted && { wanted }),
    });
  const counts = await walk('journeys');
  const second = counts.second ?? (await walk('journeys again', counts.wanted)).second!;
  return { ...counts, second };
}

/** A part as the walk sees it. Refuses nodes that there are not. */
function placesOf(part: JourneyPart, report: JourneyReport, { labels }: Stations): Collect['at'] {
  const back = !report.start && report.end !== undefined;
  const place = (step: number, id: string) => {
    const walkedStep = back ? -step : step;
    if (walkedStep < 0 || walkedStep >= report.depth) throw refuse.invalid(`There is no step ${step} in this report.`);
    return { step: walkedStep, node: nodeOf(id, labels) };
  };
  if ('node' in part) return [place(part.step, part.node)];
  return [place(part.step, part.from), place(part.step + 1, part.to)];
}

function nodeOf(id: string, labels: readonly string[]): number | null {
  const { ends, stop } = nodesOf(labels.length);
  if (id === 'other') return null;
  if (id === 'dropped' || id === 'began') return stop;
  const station = labels.indexOf(id.slice(2));
  if (station >= 0 && id.startsWith('s:')) return station;
  if (station >= 0 && id.startsWith('e:')) return station + ends;
  throw refuse.invalid(`There is no node "${id}" in this report. It may have gone with newer data.`);
}
