import type { Filter } from '../filter.ts';
import type { What } from '../matching.ts';
import type { Span } from '../period.ts';
import type { Query } from '../query.ts';
import type { Scope } from '../scope.ts';

/** A visit lasts a day at most, and a device's clock may be a little behind its own start. */
const AFTER_MS = 24 * 3_600_000;
const BEFORE_MS = 3_600_000;

/** Further columns of each visit, by name: SQL of an aggregate over the visit's events (`e.…`). */
export type VisitColumns = Record<string, string>;

export interface VisitRows {
  scope: Scope;
  /** SELECT of one row a visit: person, start (Int64, milliseconds), views, events, seconds, bounced, reached, and the rest. */
  sql: string;
}

/**
 * The visits that begin in a span, one row each. A visit counts when one of its events passes the filter; what is measured
 * of it is of the whole visit. It bounced when nothing but one view came of it, or it was over within ten seconds. `reached`
 * says whether it did what it was to lead to.
 */
export function visitRows(
  query: Query,
  report: { filter?: Filter | undefined; sample?: number | undefined },
  span: Span,
  options: { goal?: What | undefined; columns?: (scope: Scope) => VisitColumns } = {},
): VisitRows {
  const scope = query.scope({ sample: report.sample });
  const columns = Object.entries(options.columns?.(scope) ?? {}).map(([name, sql]) => `${sql} AS ${name}`);
  const passes = report.filter ? scope.filter(report.filter) : '1';
  const reached = options.goal ? `countIf(${scope.what(options.goal)}) > 0` : '0';
  const { bindings } = scope;
  const where = scope.where(
    { from: span.from - BEFORE_MS, to: span.to + AFTER_MS },
    `e.session_start >= ${bindings.time(span.from)}`,
    `e.session_start < ${bindings.time(span.to)}`,
    "e.session_start > toDateTime64(0, 3, 'UTC')",
  );
  const sql = `SELECT ${scope.person} AS person, toUnixTimestamp64Milli(e.session_start) AS start,
    countIf(e.type IN ('page', 'screen')) AS views, count() AS events,
    (max(toUnixTimestamp64Milli(e.timestamp)) - min(toUnixTimestamp64Milli(e.timestamp))) / 1000 AS seconds,
    events = 1 OR (views <= 1 AND seconds < 10) AS bounced, ${reached} AS reached${columns.map((one) => `,\n    ${one}`).join('')}
  ${scope.from()}
  ${where}
  GROUP BY ${scope.person}, e.session_start${passes === '1' ? '' : `\n  HAVING countIf(${passes}) > 0`}`;
  return { scope, sql };
}

/** What is measured of some visits. */
export interface VisitMeasures {
  people: number;
  sessions: number;
  views: number;
  /** Shares of the visits, 0 to 1; null where there is none. */
  bounceRate: number | null;
  /** Of a visit, in seconds. */
  averageSeconds: number | null;
  medianSeconds: number | null;
  viewsPerSession: number | null;
  /** Visits that did what they were to lead to, and their share; null without a goal. */
  reached: number | null;
  conversionRate: number | null;
}

/** Aggregates over rows of `visitRows`. */
export const MEASURES_SQL = `uniqExact(person) AS people, count() AS sessions, sum(views) AS all_views, countIf(bounced) AS bounces,
  sum(seconds) AS all_seconds, quantileExactInclusive(0.5)(seconds) AS median, countIf(reached) AS goals`;

export interface MeasuresRow {
  people: string;
  sessions: string;
  all_views: string;
  bounces: string;
  all_seconds: number;
  median: number | null;
  goals: string;
}

export function measuresOf(row: MeasuresRow | undefined, goal: boolean): VisitMeasures {
  const sessions = Number(row?.sessions ?? 0);
  const share = (count: string | number | undefined) => (sessions === 0 ? null : Number(count ?? 0) / sessions);
  return {
    people: Number(row?.people ?? 0),
    sessions,
    views: Number(row?.all_views ?? 0),
    bounceRate: share(row?.bounces),
    averageSeconds: share(row?.all_seconds),
    medianSeconds: sessions === 0 ? null : Number(row?.median),
    viewsPerSession: share(row?.all_views),
    reached: goal ? Number(row?.goals ?? 0) : null,
    conversionRate: goal ? share(row?.goals) : null,
  };
}

/** The first value of an expression in the visit that is not empty. */
export const firstOf = (text: string) => `argMinIf(${text}, e.timestamp, ${text} != '')`;

/** What the fields of a visit are, as aggregates over its events. */
export const VISIT_FIELDS = {
  entry_path: "argMinIf(e.path, e.timestamp, e.type IN ('page', 'screen'))",
  exit_path: "argMaxIf(e.path, e.timestamp, e.type IN ('page', 'screen'))",
  referrer: firstOf('e.referrer'),
  channel_group: `toString(${firstOf('e.channel_group')})`,
  campaign_source: `toString(${firstOf('e.campaign_source')})`,
  campaign_medium: `toString(${firstOf('e.campaign_medium')})`,
  campaign_name: `toString(${firstOf('e.campaign_name')})`,
  device: `toString(${firstOf('e.device')})`,
  browser: `toString(${firstOf('e.browser')})`,
  country: `toString(${firstOf('e.country')})`,
} as const;
