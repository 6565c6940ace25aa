/**
 * SQL over what the events store knows of people and accounts (migrations/0003-facts.events.sql). All pieces are
 * ClickHouse's; `name` and the like are SQL expressions, so a value of the caller is passed as a parameter: `{trait:String}`.
 */
import type { Events } from '../../kernel/events.ts';

/** What of the present makes queries dearer where it exists at all; see `factsState`. */
export interface FactsState {
  /** Whether a merge, or an undoing, waits to be folded into the events. */
  overrides: boolean;
  /** Whether anybody is left out of reports. */
  restricted: boolean;
}

/** To be asked before each query: a millisecond. What it says of a merge holds from the merge's publishing on. */
export async function factsState(events: Events): Promise<FactsState> {
  // A dictionary that was not used since the start says that it is empty: it only counts once it is loaded.
  const [row] = await events.query<{ overrides: number; restricted: number }>(
    `SELECT
       (SELECT count() FROM system.dictionaries WHERE database = currentDatabase() AND name = 'person_overrides_map'
          AND status = 'LOADED' AND element_count = 0) = 0 AS overrides,
       (SELECT count() FROM (SELECT 1 FROM people_restricted FINAL LIMIT 1)) > 0 AS restricted`,
  );
  return { overrides: Number(row!.overrides) === 1, restricted: Number(row!.restricted) === 1 };
}

/** The person that an event counts for. `table` is the alias of `events`, where it needs one. */
export function personOf(overrides: boolean, table?: string): string {
  const of = table ? `${table}.` : '';
  return overrides
    ? `dictGetOrDefault('person_overrides_map', 'person_id', ${of}origin_id, ${of}person_id)`
    : `${of}person_id`;
}

/** The person that an origin belongs to now, for tables that are not events. */
export function personOfOrigin(overrides: boolean, origin = 'origin_id'): string {
  const linked = `dictGetOrDefault('person_links_map', 'person_id', ${origin}, ${origin})`;
  return overrides ? `dictGetOrDefault('person_overrides_map', 'person_id', ${origin}, ${linked})` : linked;
}

/** (person_id UInt64, first_seen): everybody who was ever met, with and without events. */
export function allPeopleSql({ overrides }: FactsState): string {
  return `SELECT ${personOfOrigin(overrides)} AS person_id, min(first_seen) AS first_seen FROM people_known GROUP BY person_id`;
}

/**
 * (person_id UInt64, value String): the latest value of a trait of each person that has it, over all origins. Text,
 * numbers and booleans as text (`toFloat64OrNull(value)`), lists and objects as JSON. Who has null there has no row.
 */
export function traitNowSql(name: string, state: FactsState): string {
  const rows = `FROM person_traits_now FINAL WHERE name = ${name}`;
  // Only persons made of several need grouping, which costs five times the reading.
  return `SELECT origin_id AS person_id, value ${rows} AND type != 'null' AND NOT ${ofSeveral(state)}
    UNION ALL SELECT person_id, value FROM (
      SELECT ${personOfOrigin(state.overrides)} AS person_id, argMax(value, at) AS value, argMax(type, at) AS type
      ${rows} AND ${ofSeveral(state)} GROUP BY person_id) WHERE type != 'null'`;
}

/** Whether an origin is, or once was, part of a person made of several. */
function ofSeveral({ overrides }: FactsState): string {
  const linked = "dictHas('person_links_map', origin_id)";
  if (!overrides) return linked;
  return `(${linked} OR origin_id IN (SELECT arrayJoin([origin_id, person_id]) FROM person_overrides FINAL))`;
}

/**
 * A join that adds to each row the value that a trait of its person had at its time: `<alias>.value`, empty where it had
 * none (and `<alias>.type`, also empty). `person` and `at` are expressions over the rows on the left: UInt64 and DateTime64.
 */
export function traitThenJoin(
  join: { name: string; alias: string; person: string; at: string },
  { overrides }: FactsState,
): string {
  const { name, alias, person, at } = join;
  return `ASOF LEFT JOIN (
    SELECT ${personOfOrigin(overrides)} AS person_id, at, value, type FROM person_traits FINAL WHERE name = ${name}
  ) AS ${alias} ON ${alias}.person_id = ${person} AND ${alias}.at <= ${at}`;
}

/** (account_id UInt64, value String): a trait of each account that has it, as it is now. */
export function accountTraitSql(name: string): string {
  return `SELECT account_id, value FROM account_traits FINAL WHERE name = ${name} AND type != 'null'`;
}

/** (account_id UInt64, person_id UInt64): who belongs to which account now. */
export function membersSql({ overrides }: FactsState): string {
  return `SELECT DISTINCT account_id, ${personOfOrigin(overrides)} AS person_id FROM account_members`;
}

/**
 * A condition that leaves out people whose data may only be kept, or who object to analytics, whatever part of a merged
 * person said so. `person` is the expression of the person. Always true, and free, where nobody is restricted.
 */
export function leftOut(person: string, { restricted, overrides }: FactsState): string {
  if (!restricted) return '1';
  return `${person} NOT IN (SELECT ${personOfOrigin(overrides)} FROM people_restricted FINAL)`;
}
