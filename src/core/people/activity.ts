import type { Events } from '../../kernel/events.ts';
import type { Money } from './timeline-event.ts';

/** What a person did, in numbers. */
export interface Activity {
  eventCount: number;
  sessionCount: number;
  firstSeenAt: string | null;
  lastSeenAt: string | null;
  /** Everything paid less everything given back, by currency. */
  revenue: Money[];
  /** Where the latest event came from, ISO 3166-1 alpha-2. */
  country: string | null;
}

interface Row {
  origin_id: string;
  events: string;
  sessions: string;
  first: string;
  last: string;
  revenue: Record<string, string>;
  last_country: string;
  country_at: string;
}

const NONE: Activity = {
  eventCount: 0,
  sessionCount: 0,
  firstSeenAt: null,
  lastSeenAt: null,
  revenue: [],
  country: null,
};

/** The activity of each root, given the persons, as first met, that it is made of. */
export async function activityOf(
  events: Events,
  origins: readonly { id: number; root: number }[],
): Promise<Map<number, Activity>> {
  const activity = new Map(origins.map(({ root }) => [root, NONE]));
  if (origins.length === 0) return activity;
  const rows = await events.query<Row>(
    `SELECT origin_id, count() AS events,
       uniqExactIf((anonymous_id, session_start), session_start > toDateTime64(0, 3, 'UTC')) AS sessions,
       toUnixTimestamp64Milli(min(timestamp)) AS first, toUnixTimestamp64Milli(max(timestamp)) AS last,
       sumMapIf(map(currency, revenue_minor), currency != '') AS revenue,
       argMaxIf(country, timestamp, country != '') AS last_country,
       toUnixTimestamp64Milli(maxIf(timestamp, country != '')) AS country_at
     FROM events WHERE origin_id IN {origins:Array(UInt64)} GROUP BY origin_id`,
    { origins: origins.map((origin) => origin.id) },
  );
  const roots = new Map(origins.map((origin) => [origin.id, origin.root]));
  const parts = Map.groupBy(rows, (row) => roots.get(Number(row.origin_id))!);
  for (const [root, ofRoot] of parts) activity.set(root, sum(ofRoot));
  return activity;
}

function sum(rows: readonly Row[]): Activity {
  const revenue = new Map<string, number>();
  for (const row of rows) {
    for (const [currency, minor] of Object.entries(row.revenue)) {
      revenue.set(currency, (revenue.get(currency) ?? 0) + Number(minor));
    }
  }
  const located = rows.filter((row) => row.last_country !== '');
  const country = located.sort((a, b) => Number(b.country_at) - Number(a.country_at))[0]?.last_country ?? null;
  const total = (pick: (row: Row) => string) => rows.reduce((all, row) => all + Number(pick(row)), 0);
  return {
    eventCount: total((row) => row.events),
    sessionCount: total((row) => row.sessions),
    firstSeenAt: new Date(Math.min(...rows.map((row) => Number(row.first)))).toISOString(),
    lastSeenAt: new Date(Math.max(...rows.map((row) => Number(row.last)))).toISOString(),
    revenue: Array.from(revenue, ([currency, amountMinor]) => ({ currency, amountMinor })).sort(
      (a, b) => Math.abs(b.amountMinor) - Math.abs(a.amountMinor),
    ),
    country,
  };
}
