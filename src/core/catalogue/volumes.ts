import type { Context } from '../../kernel/context.ts';
import { canonicalNames } from './names.ts';

export const LIST_DAYS = 14;
const KEPT_MS = 3000;
/** Names read at most; those known to the catalogue are far fewer. */
const ROWS_LIMIT = 50_000;

export interface Volume {
  /** Stored events in all. */
  events: number;
  /** By day (UTC), the oldest first; the last is today so far. */
  days: number[];
  firstAt: number;
  lastAt: number;
  sources: number[];
}

interface Row {
  type: string;
  name: string;
  events: string;
  days: number[][];
  first: string;
  last: string;
  sources: number[];
}

const kept = new WeakMap<object, Map<string, { at: number; volumes: Promise<Map<string, Volume>> }>>();

export const volumeKey = (type: string, name: string) => `${type}\0${name}`;

/**
 * How much there is of each event, by type and name, exactly as stored; with a source, of that source only. Events that
 * count as another are added to it (and still stand under their own name). As of the last seconds: pages of one list agree.
 */
export function volumes(context: Context, sourceId?: number): Promise<Map<string, Volume>> {
  const bySource = kept.get(context.records) ?? new Map();
  kept.set(context.records, bySource);
  const key = String(sourceId ?? '');
  const known = bySource.get(key);
  if (known && performance.now() - known.at < KEPT_MS) return known.volumes;
  const fresh = read(context, sourceId);
  if (bySource.size > 20) bySource.clear();
  bySource.set(key, { at: performance.now(), volumes: fresh });
  fresh.catch(() => bySource.delete(key));
  return fresh;
}

/** A change by this process shows at once. */
export function forgetVolumes(context: Context): void {
  kept.delete(context.records);
}

async function read(context: Context, sourceId: number | undefined): Promise<Map<string, Volume>> {
  const [rows, canonical] = await Promise.all([
    context.events.query<Row>(
      `SELECT type, name, sum(counted) AS events, arraySort(arrayDistinct(groupArray(source_id))) AS sources,
         toUnixTimestamp64Milli(min(earliest)) AS first, toUnixTimestamp64Milli(max(latest)) AS last,
         arrayMap(t -> [toUInt32(t.1), toUInt32(t.2)], groupArrayIf((dateDiff('day', day, today()), counted), day > today() - ${LIST_DAYS})) AS days
       FROM (
         SELECT type, name, source_id, day, sum(events) AS counted, min(first_at) AS earliest, max(last_at) AS latest
         FROM catalogue_days ${sourceId === undefined ? '' : 'WHERE source_id = {source:UInt32}'}
         GROUP BY type, name, source_id, day)
       GROUP BY type, name ORDER BY events DESC LIMIT ${ROWS_LIMIT}`,
      sourceId === undefined ? {} : { source: sourceId },
    ),
    canonicalNames(context),
  ]);
  const found = new Map<string, Volume>();
  for (const row of rows) {
    add(found, volumeKey(row.type, row.name), row);
    const counted = canonical(row.type, row.name);
    if (counted !== row.name) add(found, volumeKey(row.type, counted), row);
  }
  return found;
}

function add(found: Map<string, Volume>, key: string, row: Row): void {
  const known = found.get(key) ?? {
    events: 0,
    days: new Array<number>(LIST_DAYS).fill(0),
    firstAt: Number.POSITIVE_INFINITY,
    lastAt: 0,
    sources: [],
  };
  known.events += Number(row.events);
  known.firstAt = Math.min(known.firstAt, Number(row.first));
  known.lastAt = Math.max(known.lastAt, Number(row.last));
  known.sources = [...new Set([...known.sources, ...row.sources])];
  for (const [ago, events] of row.days) {
    const place = LIST_DAYS - 1 - ago!;
    if (place >= 0 && place < LIST_DAYS) known.days[place]! += events!;
  }
  found.set(key, known);
}

/** Events of one name by day and source over the last `days` days. */
export async function volumeByDay(
  context: Context,
  events: readonly { type: string; name: string }[],
  days: number,
): Promise<{ day: string; sourceId: string; events: number }[]> {
  const rows = await context.events.query<{ on_day: string; source_id: number; counted: string }>(
    `SELECT toString(day) AS on_day, source_id, sum(events) AS counted FROM catalogue_days
     WHERE type = {type:String} AND name IN {names:Array(String)} AND day > today() - {days:UInt16} AND day <= today()
     GROUP BY day, source_id ORDER BY day, source_id`,
    { type: events[0]?.type ?? '', names: events.map((event) => event.name), days },
  );
  return rows.map((row) => ({ day: row.on_day, sourceId: String(row.source_id), events: Number(row.counted) }));
}
