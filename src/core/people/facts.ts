import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { factsState, leftOut, traitNowSql } from './facts-sql.ts';

/** Names offered to choose from, the most usual first. */
const NAMES_SHOWN = 500;
const VALUES_LIMIT = 200;
/** A longer value is a document that nobody chooses from a list. */
const VALUE_CHARACTERS = 200;
const SECONDS = 10;

export const TraitName = z.object({
  name: z.string(),
  type: z.enum(['string', 'number', 'boolean', 'date', 'list', 'object']).describe('What most of its values are.'),
  count: z.number().describe('Persons as first met, or accounts, that have or had it.'),
});
export type TraitName = z.output<typeof TraitName>;

export const TraitCount = z.object({ value: z.string(), count: z.number().describe('People, or accounts.') });
export type TraitCount = z.output<typeof TraitCount>;

type Stores = Pick<Context, 'events'>;

/** The same as `typeOf` of traits.ts has it. */
const LOOKS_LIKE_DATE = String.raw`'^\\d{4}-\\d\\d-\\d\\d(T[\\d:.]+(Z|[+-]\\d\\d:?\\d\\d)?)?$'`;

async function names({ events }: Stores, table: string, id: string): Promise<TraitName[]> {
  const rows = await events.query<TraitName & { count: string }>(
    `SELECT name, uniq(${id}) AS count,
       topKIf(1)(if(type = 'string' AND match(value, ${LOOKS_LIKE_DATE}), 'date', toString(type)), type != 'null')[1] AS type
     FROM ${table} GROUP BY name HAVING type != '' ORDER BY count DESC, name LIMIT ${NAMES_SHOWN}`,
    {},
    { seconds: SECONDS },
  );
  return rows.map(({ name, type, count }) => ({ name, type, count: Number(count) }));
}

/** The traits that people have, the most usual first, NAMES_SHOWN at most. */
export const traitNames = (stores: Stores): Promise<TraitName[]> => names(stores, 'person_traits', 'origin_id');

export const accountTraitNames = (stores: Stores): Promise<TraitName[]> =>
  names(stores, 'account_traits', 'account_id');

interface Ask {
  /** What a value begins with, in upper or lower case. */
  prefix?: string | undefined;
  /** VALUES_LIMIT at most. */
  limit: number;
}

async function values(
  { events }: Stores,
  sql: string,
  name: string,
  { prefix = '', limit }: Ask,
): Promise<TraitCount[]> {
  const rows = await events.query<{ value: string; count: string }>(
    `SELECT value, count() AS count FROM (${sql})
     WHERE lengthUTF8(value) BETWEEN 1 AND ${VALUE_CHARACTERS} AND startsWith(lowerUTF8(value), lowerUTF8({prefix:String}))
     GROUP BY value ORDER BY count DESC, value LIMIT {limit:UInt32}`,
    { name, prefix, limit: Math.min(limit, VALUES_LIMIT) },
    { seconds: SECONDS },
  );
  return rows.map(({ value, count }) => ({ value, count: Number(count) }));
}

/** The values that a trait has now, with how many people; restricted people are left out. Unknown traits have none. */
export async function traitValues(stores: Stores, name: string, ask: Ask): Promise<TraitCount[]> {
  const state = await factsState(stores.events);
  const sql = `SELECT value FROM (${traitNowSql('{name:String}', state)}) WHERE ${leftOut('person_id', state)}`;
  return values(stores, sql, name, ask);
}

export const accountTraitValues = (stores: Stores, name: string, ask: Ask): Promise<TraitCount[]> =>
  values(stores, "SELECT value FROM account_traits FINAL WHERE name = {name:String} AND type != 'null'", name, ask);
