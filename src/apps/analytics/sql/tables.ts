import { canonicalName } from '../../../core/catalogue/names.ts';
import {
  allPeopleSql,
  type FactsState,
  leftOut,
  membersSql,
  personOf,
  personOfOrigin,
} from '../../../core/people/facts-sql.ts';
import { sessionOf } from '../../../core/query/scope.ts';

/** A table as members' SQL sees it. */
export interface SqlTable {
  name: string;
  description: string;
  columns: readonly SqlColumn[];
}

export interface SqlColumn {
  name: string;
  /** ClickHouse's. */
  type: string;
  description: string;
}

/** What the text of a table depends on. */
export interface TableState extends FactsState {
  /** Whether any event was renamed in the catalogue. */
  renamed: boolean;
  /** The stored table `events`, with its database: the name alone would mean ours. */
  stored: string;
}

const TEXT = 'String';
const TIME = "DateTime64(3, 'UTC')";

/** Columns of `events`: name, type, what it holds, and its expression where the stored column is another. */
const EVENTS: readonly [string, string, string, ((state: TableState) => string)?][] = [
  ['event_id', 'UUID', 'The event.'],
  [
    'person_id',
    'UInt64',
    'Whom it counts for, merges of people included.',
    ({ overrides }) => `${personOf(overrides, 'e')} AS person_id`,
  ],
  ['account_id', 'UInt64', 'The company the person acted for; 0 for none.'],
  [
    'session_id',
    'UInt64',
    'The visit; 0 where the event belongs to none.',
    ({ overrides }) => `${sessionOf(personOf(overrides, 'e'))} AS session_id`,
  ],
  ['source_id', 'UInt32', 'Where it came from.'],
  ['type', TEXT, 'track, page, screen, identify, group or alias.'],
  [
    'name',
    TEXT,
    'What happened, by the name that the catalogue gives it.',
    ({ renamed }) => (renamed ? `toLowCardinality(${canonicalName('e.type', 'e.name')}) AS name` : 'e.name AS name'),
  ],
  ['channel', TEXT, 'web, mobile, mail, …'],
  ['timestamp', TIME, 'When it happened.'],
  ['received_at', TIME, 'When it arrived.'],
  ['user_id', 'String', 'As it was sent; empty where it was not.'],
  ['anonymous_id', 'String', "The device's id as it was sent; empty where it was not."],
  ['url', 'String', 'The whole address of the page.'],
  ['path', 'String', "The page's path."],
  ['title', 'String', "The page's title."],
  ['referrer', 'String', 'The page before.'],
  ['channel_group', TEXT, 'How the visit came: direct, organic search, paid, …'],
  ['campaign_source', TEXT, 'utm_source'],
  ['campaign_medium', TEXT, 'utm_medium'],
  ['campaign_name', TEXT, 'utm_campaign'],
  ['browser', TEXT, ''],
  ['os', TEXT, ''],
  ['device', TEXT, 'desktop, mobile, tablet, …'],
  ['country', TEXT, 'Two letters, ISO 3166-1.'],
  ['locale', TEXT, ''],
  ['revenue_minor', 'Int64', 'Revenue in the smallest unit of the currency: cents.'],
  ['currency', TEXT, 'Three letters, ISO 4217.'],
  ['properties', 'JSON', 'What was sent with it: properties.price.:Float64, toString(properties.sku).'],
];

const columns = (rows: readonly (readonly [string, string, string, ...unknown[]])[]): SqlColumn[] =>
  rows.map(([name, type, description]) => ({ name, type, description }));

const TRAIT_COLUMNS: [string, string, string][] = [
  ['name', TEXT, 'The trait.'],
  ['value', 'String', 'Texts, numbers and booleans as text; lists and objects as JSON.'],
  ['type', TEXT, 'string, number, boolean, list or object.'],
];

/** Each table with its SQL, in the order in which they may use one another. */
const TABLES: readonly (SqlTable & { sql: (state: TableState) => string })[] = [
  {
    name: 'events',
    description: 'Everything that happened. People who may not be looked at are left out, in all tables.',
    columns: columns(EVENTS),
    sql: (state) =>
      `SELECT ${EVENTS.map(([name, , , expression]) => expression?.(state) ?? `e.${name} AS ${name}`).join(', ')}
       FROM ${state.stored} AS e WHERE ${leftOut(personOf(state.overrides, 'e'), state)}`,
  },
  {
    name: 'sessions',
    description: 'Visits: what a person did on one device without a pause.',
    columns: columns([
      ['session_id', 'UInt64', 'As in events.'],
      ['person_id', 'UInt64', ''],
      ['started_at', TIME, 'Its first event.'],
      ['ended_at', TIME, 'Its last event.'],
      ['events', 'UInt64', 'How many events.'],
      ['pages', 'UInt64', 'How many page views.'],
      ['entry_path', 'String', 'The first page.'],
      ['exit_path', 'String', 'The last page.'],
      ['referrer', 'String', 'Where it came from.'],
      ['channel_group', TEXT, ''],
      ['campaign_source', TEXT, ''],
      ['campaign_medium', TEXT, ''],
      ['campaign_name', TEXT, ''],
      ['browser', TEXT, ''],
      ['os', TEXT, ''],
      ['device', TEXT, ''],
      ['country', TEXT, ''],
    ]),
    sql: (state) => {
      const first = (column: string, as = column) => `argMin(e.${column}, e.timestamp) AS ${as}`;
      const paths = "e.type = 'page'";
      const person = personOf(state.overrides, 'e');
      return `SELECT ${sessionOf(person)} AS session_id, ${person} AS person_id,
         min(e.timestamp) AS started_at, max(e.timestamp) AS ended_at, count() AS events, countIf(${paths}) AS pages,
         argMinIf(e.path, e.timestamp, ${paths}) AS entry_path, argMaxIf(e.path, e.timestamp, ${paths}) AS exit_path,
         ${['referrer', 'channel_group', 'campaign_source', 'campaign_medium', 'campaign_name', 'browser', 'os', 'device', 'country'].map((name) => first(name)).join(', ')}
       FROM ${state.stored} AS e WHERE e.session_start > toDateTime64(0, 3, 'UTC') AND ${leftOut(person, state)}
       GROUP BY ${person}, e.session_start`;
    },
  },
  {
    name: 'people',
    description: 'Everybody who was ever met, also those without any event.',
    columns: columns([
      ['person_id', 'UInt64', ''],
      ['first_seen', TIME, ''],
    ]),
    sql: (state) => `SELECT person_id, first_seen FROM (${allPeopleSql(state)}) WHERE ${leftOut('person_id', state)}`,
  },
  {
    name: 'people_traits',
    description: 'What is known of people now: a row for each trait.',
    columns: columns([['person_id', 'UInt64', ''], ...TRAIT_COLUMNS]),
    sql: (state) => {
      const person = personOfOrigin(state.overrides, 't.origin_id');
      return `SELECT ${person} AS person_id, t.name AS name, argMax(t.value, t.at) AS value, argMax(t.type, t.at) AS type
       FROM person_traits_now AS t FINAL WHERE ${leftOut(person, state)} GROUP BY person_id, name HAVING type != 'null'`;
    },
  },
  {
    name: 'people_trait_history',
    description: 'Each value that a trait of a person ever had.',
    columns: columns([['person_id', 'UInt64', ''], ['at', TIME, 'From when on.'], ...TRAIT_COLUMNS]),
    sql: (state) => {
      const person = personOfOrigin(state.overrides, 't.origin_id');
      return `SELECT ${person} AS person_id, t.at AS at, t.name AS name, t.value AS value, t.type AS type
       FROM person_traits AS t FINAL WHERE ${leftOut(person, state)}`;
    },
  },
  {
    name: 'accounts',
    description: 'Companies.',
    columns: columns([
      ['account_id', 'UInt64', ''],
      ['key', 'String', 'Its id as it was sent.'],
      ['created_at', TIME, ''],
    ]),
    sql: () => 'SELECT account_id, key, created_at FROM accounts_known FINAL',
  },
  {
    name: 'account_people',
    description: 'Who belongs to which account now.',
    columns: columns([
      ['account_id', 'UInt64', ''],
      ['person_id', 'UInt64', ''],
    ]),
    sql: (state) => `SELECT account_id, person_id FROM (${membersSql(state)}) WHERE ${leftOut('person_id', state)}`,
  },
  {
    name: 'accounts_traits',
    description: 'What is known of accounts now: a row for each trait.',
    columns: columns([['account_id', 'UInt64', ''], ...TRAIT_COLUMNS]),
    sql: () => "SELECT account_id, name, value, type FROM account_traits FINAL WHERE type != 'null'",
  },
];

/** Columns that tell who somebody is: roles that do not see personal data have tables without them. */
const PERSONAL: Record<string, readonly string[]> = {
  events: ['user_id', 'anonymous_id', 'url', 'referrer', 'properties'],
  sessions: ['referrer'],
  people_traits: ['value'],
  people_trait_history: ['value'],
  accounts: ['key'],
  accounts_traits: ['value'],
};
/** Columns in which an e-mail address may stand: such roles see the rest of the text. */
const MASKED: Record<string, readonly string[]> = {
  events: ['name', 'path', 'title'],
  sessions: ['entry_path', 'exit_path'],
};
const masked = (column: string) =>
  `replaceRegexpAll(${column}, '[^\\\\s/?&=@%]{1,64}(@|%40)[^\\\\s/?&=]{1,253}', '•••') AS ${column}`;

/** The tables that members' SQL may read. `hides`: for a role that does not see personal data. */
export const sqlTables = (hides: boolean): SqlTable[] =>
  TABLES.map(({ name, description, columns }) => ({
    name,
    description,
    columns: columns.filter((column) => !hides || !PERSONAL[name]?.includes(column.name)),
  }));

export const tableNames: ReadonlySet<string> = new Set(TABLES.map(({ name }) => name));

/** `WITH events AS (…), …` for the given names, so that they mean these tables and not the stored ones. */
export function tablesSql(names: Iterable<string>, state: TableState, hides: boolean): string {
  const wanted = new Set(names);
  const texts = TABLES.filter(({ name }) => wanted.has(name)).map(
    ({ name, sql }) => `${name} AS (${hides ? hidden(name, sql(state)) : sql(state)})`,
  );
  return texts.length === 0 ? '' : `WITH ${texts.join(',\n')}\n`;
}

function hidden(name: string, sql: string): string {
  const left = PERSONAL[name] ? ` EXCEPT (${PERSONAL[name].join(', ')})` : '';
  const changed = MASKED[name] ? ` REPLACE (${MASKED[name].map(masked).join(', ')})` : '';
  return `SELECT *${left}${changed} FROM (${sql})`;
}
