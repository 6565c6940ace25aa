/** A table of the events store that holds what is known of people or accounts, and how its rows are read from the records. */
export interface FactRows {
  table: string;
  columns: readonly string[];
  /** SELECT of `line`: a row as JSON. $1: ids of persons as first met, or of accounts; $2, if it is there: the version. */
  sql: string;
}

/** Beyond these the engine's type for times has no values. */
const milliseconds = (sql: string) => `least(greatest((${sql})::float8, 0), 7258118400000)`;
/** A time as text that the engine cannot take for anything else: it reads small numbers as years or seconds. */
const time = (sql: string) => `to_char((${sql}) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')`;
const stampOf = (stored: string) => time(`to_timestamp(${milliseconds(`${stored} ->> 1`)} / 1000)`);
/** A value of JSON as text: scalars without quotes, null as nothing. */
const textOf = (value: string) => `coalesce(${value} #>> '{}', '')`;
const typeOf = (value: string) =>
  `CASE jsonb_typeof(${value}) WHEN 'array' THEN 'list' ELSE jsonb_typeof(${value}) END`;
const line = (...parts: string[]) => `json_build_array(${parts.join(', ')})::text AS line`;

const TRAIT_COLUMNS = ['name', 'origin_id', 'at', 'value', 'type', 'version'];

const traits: FactRows = {
  table: 'person_traits',
  columns: TRAIT_COLUMNS,
  sql: `SELECT ${line('t.key', 'p.id', stampOf('t.value'), textOf('t.value -> 0'), typeOf('t.value -> 0'), '$2::bigint')}
        FROM persons p, jsonb_each(p.traits) t WHERE p.id = ANY ($1::bigint[])`,
};

const replacedLine = line('name', 'person_id', time('at'), textOf('value'), typeOf('value'), '0');

/** All values that were replaced; for what was there before anybody followed. */
const history: FactRows = {
  table: 'person_traits',
  columns: TRAIT_COLUMNS,
  sql: `SELECT ${replacedLine} FROM trait_history WHERE person_id = ANY ($1::bigint[]) ORDER BY ctid`,
};

/** Takes replaced values from their queue. $1: how many at most. */
export const replaced: FactRows = {
  table: 'person_traits',
  columns: TRAIT_COLUMNS,
  sql: `DELETE FROM people_facts_replaced WHERE ctid = ANY (ARRAY(SELECT ctid FROM people_facts_replaced LIMIT $1))
        RETURNING ${replacedLine}`,
};

const known: FactRows = {
  table: 'people_known',
  columns: ['origin_id', 'first_seen', 'source_id'],
  sql: `SELECT ${line('id', time('created_at'), 'source_id')} FROM persons WHERE id = ANY ($1::bigint[])`,
};

const members: FactRows = {
  table: 'account_members',
  columns: ['account_id', 'origin_id', 'since'],
  sql: `SELECT ${line('account_id', 'person_id', time('since'))} FROM memberships
        WHERE person_id = ANY ($1::bigint[])`,
};

const accounts: FactRows = {
  table: 'accounts_known',
  columns: ['account_id', 'key', 'created_at'],
  sql: `SELECT ${line('id', 'key', time('created_at'))} FROM accounts WHERE id = ANY ($1::bigint[])`,
};

const accountTraits: FactRows = {
  table: 'account_traits',
  columns: ['name', 'account_id', 'value', 'type', 'version'],
  sql: `SELECT ${line('t.key', 'a.id', textOf('t.value -> 0'), typeOf('t.value -> 0'), '$2::bigint')}
        FROM accounts a, jsonb_each(a.traits) t WHERE a.id = ANY ($1::bigint[])`,
};

/** The purpose whose objection keeps a person out of reports, as a restriction of everything does. */
const ANALYTICS_PURPOSE = 'analytics';

const restricted: FactRows = {
  table: 'people_restricted',
  columns: ['origin_id', 'version', 'is_deleted'],
  sql: `SELECT ${line('said.id', '$2::bigint', `1 - EXISTS (SELECT FROM privacy_restrictions r WHERE r.person_id = said.id AND r.purpose IN ('', '${ANALYTICS_PURPOSE}'))::int`)}
        FROM unnest($1::bigint[]) AS said (id)`,
};

/** What is written of each kind of change in the queue. */
export const ROWS_OF_CHANGE: Record<string, readonly FactRows[]> = {
  person: [known, traits],
  traits: [traits],
  account: [accounts, accountTraits],
  member: [members],
  restriction: [restricted],
};

/** What is written of everything that was there before. */
export const ROWS_OF_BACKFILL: Record<'accounts' | 'persons', readonly FactRows[]> = {
  accounts: [accounts, accountTraits],
  persons: [known, members, history, traits],
};

/** Every table of facts with rows of persons, and the condition for those of given ones (numbers only). */
export const FACTS_OF_PERSONS: readonly { table: string; where: (ids: string) => string }[] = [
  ...['person_traits', 'person_traits_now', 'people_known', 'people_restricted', 'account_members'].map((table) => ({
    table,
    where: (ids: string) => `origin_id IN (${ids})`,
  })),
  { table: 'person_links', where: (ids: string) => `origin_id IN (${ids}) OR person_id IN (${ids})` },
];
