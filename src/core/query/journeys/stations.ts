import type { Query } from '../query.ts';
import type { Scope } from '../scope.ts';
import type { Sequences } from '../walk/sequences.ts';
import { groupedSql } from './patterns.ts';
import type { JourneyReport } from './schema.ts';
import { END, FLAGS, START } from './walk.ts';

/** Stations told apart; all others share one code. */
const STATIONS_LIMIT = 4095;
/** Different names or paths up to which each is sorted into its group once; beyond, the engine does it for each event. */
const SORTED_LIMIT = 10_000;
/** A time and a code share the 53 bits of a number: over very many years fewer stations are told apart. */
const EXACT = 2 ** 53;

export interface Stations {
  /** By the alphabet, by bytes: the order of what happens at the same moment. */
  labels: string[];
  /** The names or paths that count as each; null where the engine is to sort them. */
  members: { station: string; code: number }[] | null;
}

/** The most frequent stations of the period. */
export async function stationsOf(query: Query, report: JourneyReport): Promise<Stations> {
  const span = query.span(report.period);
  const limit = Math.max(1, Math.min(STATIONS_LIMIT, Math.floor(EXACT / ((span.to - span.from) * FLAGS)) - 2));
  const sortedLimit = report.groups.length > 0 ? SORTED_LIMIT : limit;
  const scope = query.scope(report);
  const station = stationSql(scope, report);
  const label = groupedSql('station', report.groups, scope.bindings);
  const rows = await query.rows<{ station: string; label: string; events: string }>(
    'stations',
    scope.statement(`SELECT station, ${label} AS label, events FROM (
  SELECT ${station} AS station, count() AS events
  ${scope.from()}
  ${scope.where(span, ...conditions(scope, report))}
  GROUP BY station
) ORDER BY events DESC, station LIMIT ${sortedLimit + 1}`),
  );
  if (report.groups.length > 0 && rows.length > sortedLimit) return manyStations(query, report, limit);
  const events = new Map<string, number>();
  for (const row of rows.slice(0, sortedLimit))
    events.set(row.label, (events.get(row.label) ?? 0) + Number(row.events));
  const ranked = [...events].sort((a, b) => b[1] - a[1] || byBytes(a[0], b[0]));
  const labels = ranked
    .slice(0, limit)
    .map(([name]) => name)
    .sort(byBytes);
  const codes = new Map(labels.map((name, code) => [name, code]));
  const members = rows.flatMap((row) => {
    const code = codes.get(row.label);
    return code === undefined ? [] : [{ station: row.station, code }];
  });
  return { labels, members: members.slice(0, sortedLimit) };
}

async function manyStations(query: Query, report: JourneyReport, limit: number): Promise<Stations> {
  const scope = query.scope(report);
  const label = groupedSql(stationSql(scope, report), report.groups, scope.bindings);
  const where = scope.where(query.span(report.period), ...conditions(scope, report));
  const rows = await query.rows<{ label: string }>(
    'groups',
    scope.statement(`SELECT ${label} AS label, count() AS events
${scope.from()}
${where}
GROUP BY label ORDER BY events DESC, label LIMIT ${limit}`),
  );
  return { labels: rows.map((row) => row.label).sort(byBytes), members: null };
}

/** Everybody's stations, in the order of time. */
export function eventsOf(query: Query, report: JourneyReport, { labels, members }: Stations): Sequences {
  const scope = query.scope(report);
  const { bindings } = scope;
  const station = stationSql(scope, report);
  const known = members?.map((one) => one.station) ?? labels;
  const codes = members?.map((one) => one.code) ?? labels.map((_, code) => code);
  const codeOf = (what: string) =>
    `transform(${what}, ${bindings.texts(known)}, ${bindings.bind(codes, 'Array(UInt16)')}, ${bindings.bind(labels.length, 'UInt16')})`;
  // Columns of few values are looked up once a value: a tenth of the whole time.
  const plain = members !== null && report.stations === 'events' && scope.environment.renamed.size === 0;
  const code = plain
    ? `if(e.name = '', ${codeOf('e.type')}, ${codeOf('e.name')})`
    : codeOf(members ? station : groupedSql(station, report.groups, bindings));
  const flag = (bit: number, what: JourneyReport['start']) => (what ? [`${bit} * toUInt8(${scope.what(what)})`] : []);
  const flags = [...flag(START, report.start), ...flag(END, report.end)];
  return {
    scope,
    span: query.span(report.period),
    by: report.within === 'session' ? 'session' : 'person',
    code: [`${FLAGS} * toUInt32(${code})`, ...flags].join(' + '),
    codes: FLAGS * (labels.length + 1),
    names: namesOf(scope, report),
    where: conditions(scope, report),
  };
}

function stationSql(scope: Scope, { stations }: JourneyReport): string {
  const name = scope.field({ of: 'event', name: 'name' }).text;
  return stations === 'events' ? name : `if(${IS_PAGE} AND e.path != '', e.path, ${name})`;
}

const IS_PAGE = "e.type IN ('page', 'screen')";

/** Stations, and the start and the end whether they are stations or not. */
function conditions(scope: Scope, report: JourneyReport): string[] {
  const { of, start, end, stations } = report;
  const itself = [of ? scope.what(of) : '1', stations === 'pages' ? IS_PAGE : '1'].filter((one) => one !== '1');
  if (itself.length === 0) return [];
  const also = [start, end].flatMap((what) => (what ? [scope.what(what)] : []));
  if (also.includes('1')) return [];
  const any = [itself.length > 1 ? `(${itself.join(' AND ')})` : itself[0]!, ...also];
  const names = namesOf(scope, report);
  return [...(names === undefined ? [] : [names]), any.length > 1 ? `(${any.join(' OR ')})` : any[0]!];
}

/** The names that can occur, where not any can. */
function namesOf(scope: Scope, { of, start, end, stations }: JourneyReport): string | undefined {
  if (!of || stations === 'pages') return undefined;
  return scope.names([of, start, end].filter((what) => what !== undefined)) ?? undefined;
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
