import type { Context } from '../../../kernel/context.ts';
import type { FunnelRules } from '../funnels/schema.ts';
import type { Query } from '../query.ts';
import type { Scope } from '../scope.ts';
import type { FrictionReport } from './schema.ts';

/** Names of events that are looked at, the most frequent ones. */
const NAMES_LIMIT = 400;
/** Values of a thing known of people that are told apart, the most frequent ones. */
const VALUES_LIMIT = 30;
/** Numbers that events carry about time that passed, looked at. */
const MEASURES_LIMIT = 6;

/** Words in the name of a number that say that somebody waited. */
const WAITING =
  /(^|[^a-z])(load|lcp|inp|ttfb|fcp|wait|waited|waiting|delay|latency|duration|queue|response|elapsed)([^a-z]|$)/;

/** What is known of a subject: SQL over its events, by what it is called in results. */
export interface KnownField {
  name: 'device' | 'browser' | 'os' | 'country' | 'version';
  values: string[];
}

export interface Candidates {
  names: string[];
  measures: string[];
  fields: KnownField[];
}

/** Words of a name, in lower case: `loadTime` and `load_time` are "load time". */
const words = (name: string) => name.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase();

/** Everything that may have stood in the way: what happened beside the steps, what took time, and who was on what. */
export async function candidatesOf(query: Query, report: FrictionReport): Promise<Candidates> {
  const [names, measures, fields] = await Promise.all([
    namesOf(query, report),
    measuresOf(query.context),
    Promise.all(
      (['device', 'browser', 'os', 'country', 'version'] as const).map((name) => fieldOf(query, report, name)),
    ),
  ]);
  return { names, measures, fields };
}

/** What happened, not what was looked at: who leaves for another page has left, and the page is not why. */
async function namesOf(query: Query, report: FrictionReport): Promise<string[]> {
  const scope = query.scope(report);
  const name = scope.field({ of: 'event', name: 'name' }).text;
  const rows = await query.rows<{ name: string }>(
    'names',
    scope.statement(`SELECT ${name} AS name\n${scope.from()}\n${scope.where(query.span(report.period), "e.type = 'track'")}
GROUP BY name ORDER BY count() DESC, name LIMIT ${NAMES_LIMIT}`),
  );
  return rows.map((row) => row.name);
}

/** Numbers of the catalogue's properties whose names speak of time, the most seen first. */
async function measuresOf({ records }: Pick<Context, 'records'>): Promise<string[]> {
  const { rows } = await records.pool.query<{ path: string }>(
    `SELECT p.path FROM catalogue_properties p JOIN catalogue_events e ON e.id = p.event_id
     WHERE e.type IN ('track', 'page', 'screen') AND p.path !~ '[.\\[]' GROUP BY p.path ORDER BY count(*) DESC, p.path LIMIT 2000`,
  );
  return rows
    .map((row) => row.path)
    .filter((path) => WAITING.test(words(path)))
    .slice(0, MEASURES_LIMIT);
}

/** The text of something known of an event's sender. The version is that of the app, or of the site. */
export function knownSql(scope: Scope, name: KnownField['name']): string {
  if (name !== 'version') return scope.field({ of: 'event', name }).text;
  const own = ['app_version', 'version'].map((one) => scope.field({ of: 'property', name: one }).text);
  return `coalesce(nullIf(JSONExtractString(e.context, 'app', 'version'), ''), ${own.map((one) => `nullIf(${one}, '')`).join(', ')}, '')`;
}

async function fieldOf(
  query: Query,
  report: FunnelRules | FrictionReport,
  name: KnownField['name'],
): Promise<KnownField> {
  const friction = report as FrictionReport;
  const scope = query.scope(friction);
  const value = knownSql(scope, name);
  const whats = friction.steps.map(({ what }) => what);
  const step = whats.map((what) => scope.what(what));
  const where = scope.where(
    query.span(friction.period),
    scope.names(whats) ?? undefined,
    step.includes('1') ? undefined : `(${step.join(' OR ')})`,
  );
  const rows = await query.rows<{ value: string }>(
    `values of ${name}`,
    scope.statement(
      `SELECT ${value} AS value\n${scope.from()}\n${where}\nGROUP BY value HAVING value != '' ORDER BY count() DESC, value LIMIT ${VALUES_LIMIT}`,
    ),
  );
  return { name, values: rows.map((row) => row.value) };
}
