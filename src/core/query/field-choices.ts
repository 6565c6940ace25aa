import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import {
  accountTraitNames,
  accountTraitValues,
  traitNames as personTraitNames,
  type TraitName,
  traitValues,
} from '../people/facts.ts';
import { hideAddresses } from '../people/hide.ts';
import { environmentOf } from './environment.ts';
import { EVENT_FIELDS, type Field, SESSION_FIELDS } from './field.ts';
import { EVENTS_TOGETHER } from './matching.ts';
import { personalTest, refusePersonal } from './personal.ts';
import { Query } from './query.ts';

/** Names that one choice of fields may be asked for: those of all series or steps of a report. */
export const NAMES_ASKED = 20 * EVENTS_TOGETHER;
/** Properties offered, the most usual first; the others can be typed. */
const PROPERTIES_SHOWN = 500;
/** Values are those of the last days: what is chosen from a list is what comes in now. */
const VALUES_DAYS = 30;
const VALUES_SECONDS = 10;
/** A longer value is a document that nobody chooses from a list. */
const VALUE_CHARACTERS = 200;

export type ValueType = 'text' | 'number' | 'boolean' | 'time';

export interface PropertyChoice {
  name: string;
  type: ValueType;
  /** How often it was seen with the events. */
  count: number;
}

type AudienceNames = (context: Context) => Promise<{ id: number; name: string }[]>;
const sources: AudienceNames[] = [];
/** Gives the audiences that can be chosen in a report; the module that keeps them registers here. */
export const registerAudienceNames = (source: AudienceNames): void =>
  void (sources.includes(source) || sources.push(source));

export const audienceNames = async (context: Context): Promise<{ id: number; name: string }[]> =>
  (await Promise.all(sources.map((source) => source(context)))).flat();

/** The properties of events of these names, of all events where none is named; also of events that count as these. */
export async function propertyChoices(
  context: Context,
  caller: Pick<Caller, 'hidesPersonalData'>,
  names: readonly string[],
): Promise<PropertyChoice[]> {
  const { rows } = await context.records.pool.query<{
    name: string;
    count: number;
    numbers: number;
    booleans: number;
  }>(
    `SELECT p.path AS name, sum(p.strings + p.integers + p.numbers + p.booleans)::bigint AS count,
       sum(p.integers + p.numbers)::bigint AS numbers, sum(p.booleans)::bigint AS booleans
     FROM catalogue_properties p JOIN catalogue_events e ON e.id = p.event_id
     LEFT JOIN catalogue_names n ON n.type = e.type AND n.name = e.name
     WHERE e.type IN ('track', 'page', 'screen') AND NOT p.hidden AND p.path NOT LIKE '%[]%'
       AND (cardinality($1::text[]) = 0 OR coalesce(n.canonical, e.name) = ANY ($1))
     GROUP BY p.path HAVING sum(p.strings + p.integers + p.numbers + p.booleans) > 0
     ORDER BY count DESC, p.path LIMIT ${PROPERTIES_SHOWN}`,
    [names],
  );
  const hidden = await hides(context, caller);
  return rows
    .filter(({ name }) => !hidden({ of: 'property', name }, eventsOf(names)))
    .map(({ name, count, numbers, booleans }) => ({
      name,
      count,
      type: numbers * 2 > count ? 'number' : booleans * 2 > count ? 'boolean' : 'text',
    }));
}

const TRAIT_TYPES: Partial<Record<TraitName['type'], ValueType>> = {
  number: 'number',
  boolean: 'boolean',
  date: 'time',
};

/** The traits of people and of accounts, the most usual first. */
export async function traitChoices(
  context: Context,
  caller: Pick<Caller, 'hidesPersonalData'>,
): Promise<{ traits: PropertyChoice[]; accountTraits: PropertyChoice[] }> {
  const [traits, accountTraits, hidden] = await Promise.all([
    personTraitNames(context),
    accountTraitNames(context),
    hides(context, caller),
  ]);
  const shown = (of: 'trait' | 'account', names: TraitName[]): PropertyChoice[] =>
    names
      .filter(({ name, type }) => type !== 'object' && !hidden(of === 'trait' ? { of, name, as: 'now' } : { of, name }))
      .map(({ name, type, count }) => ({ name, count, type: TRAIT_TYPES[type] ?? 'text' }));
  return { traits: shown('trait', traits), accountTraits: shown('account', accountTraits) };
}

async function hides(context: Context, caller: Pick<Caller, 'hidesPersonalData'>): ReturnType<typeof personalTest> {
  return caller.hidesPersonalData ? personalTest(context) : () => false;
}

/** All events where none is named. */
const eventsOf = (names: readonly string[]) => (names.length === 0 ? null : new Set(names));

export interface ValueCount {
  value: string;
  /** Events of the last days, or people and accounts for traits. */
  count: number;
}

interface Ask {
  field: Field;
  /** What a value begins with, in upper or lower case. */
  prefix: string;
  /** Events whose values are wanted; all where none is named. */
  names: readonly string[];
  limit: number;
}

/**
 * The most frequent values of a field in the last 30 days. Numbers of a visit have none to choose from. Refuses fields with
 * personal data for roles that do not show it, and leaves addresses out of what such roles are offered.
 */
export async function valueChoices(
  context: Context,
  caller: Pick<Caller, 'hidesPersonalData'>,
  { field, prefix, names, limit }: Ask,
  signal: AbortSignal,
): Promise<ValueCount[]> {
  if (caller.hidesPersonalData) await refusePersonal(context, field, eventsOf(names));
  const found = await valuesOf(context, { field, prefix, names, limit }, signal);
  return caller.hidesPersonalData ? found.filter(({ value }) => hideAddresses(value) === value) : found;
}

async function valuesOf(
  context: Context,
  { field, prefix, names, limit }: Ask,
  signal: AbortSignal,
): Promise<ValueCount[]> {
  switch (field.of) {
    case 'trait':
      return traitValues(context, field.name, { prefix, limit });
    case 'account':
      return accountTraitValues(context, field.name, { prefix, limit });
    case 'audience':
      return [];
    case 'session': {
      const asEvents = SESSION_FIELDS[field.name] === 'text' ? asEventField(field.name) : null;
      return asEvents ? eventValues(context, { field: asEvents, prefix, names: [], limit }, signal) : [];
    }
    case 'event':
      if (EVENT_FIELDS[field.name].is === 'time') return [];
      return eventValues(context, { field, prefix, names, limit }, signal);
    case 'property':
      return eventValues(context, { field, prefix, names, limit }, signal);
  }
}

/** A visit's values are those of its events; reading them from there needs no visit put together. */
function asEventField(name: keyof typeof SESSION_FIELDS): Field | null {
  if (name === 'entry_path' || name === 'exit_path') return { of: 'event', name: 'path' };
  return name in EVENT_FIELDS ? { of: 'event', name: name as keyof typeof EVENT_FIELDS } : null;
}

async function eventValues(
  context: Context,
  { field, prefix, names, limit }: Ask,
  signal: AbortSignal,
): Promise<ValueCount[]> {
  const environment = await environmentOf(context, {});
  const query = new Query(context, environment, { signal, seconds: VALUES_SECONDS });
  const scope = query.scope();
  const { text, set } = scope.field(field);
  const what = names.length > 0 ? { events: names.map((name) => ({ name })) } : null;
  const where = scope.where(
    query.span({ last: VALUES_DAYS, unit: 'day' }),
    what ? (scope.names([what]) ?? undefined) : undefined,
    what ? scope.what(what) : undefined,
    set,
    `lengthUTF8(${text}) BETWEEN 1 AND ${VALUE_CHARACTERS}`,
    prefix ? `startsWith(lowerUTF8(${text}), lowerUTF8(${scope.bindings.text(prefix)}))` : undefined,
  );
  const rows = await query.rows<{ value: string; count: string }>(
    'values',
    scope.statement(
      `SELECT ${text} AS value, count() AS count\n${scope.from()}\n${where}\nGROUP BY value ORDER BY count DESC, value LIMIT ${Math.floor(limit)}`,
    ),
  );
  return rows.map(({ value, count }) => ({ value, count: Number(count) }));
}
