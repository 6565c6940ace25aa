import { accountTraitSql, leftOut, personOf, traitNowSql, traitThenJoin } from '../people/facts-sql.ts';
import { Bindings, type Statement } from './bindings.ts';
import { type Environment, noSuchAction, noSuchAudience } from './environment.ts';
import { type Field, fieldKey } from './field.ts';
import { eventFieldSql, type FieldSql, joinedSql, propertySql, sessionFieldSql } from './field-sql.ts';
import type { Filter } from './filter.ts';
import { conditionSql } from './filter-sql.ts';
import type { EventMatch, What } from './matching.ts';
import { inAudienceSql } from './membership.ts';
import type { Span } from './period.ts';

const DAY_MS = 86_400_000;
/** Shares of people are told apart to a thousandth. */
const SHARES = 1000;

/** What holds for every event of a report. */
export interface Common {
  filter?: Filter | undefined;
  sample?: number | undefined;
}

/**
 * The rows that one statement is about, being written: `events AS e` with what has to be joined for the fields it asks
 * for. `from` stands for all the joins that the statement turns out to need, whenever it is asked.
 *
 *     const scope = new Scope(environment, report);
 *     const country = scope.field({ of: 'trait', name: 'country', as: 'now' }).text;
 *     const where = scope.where(span, scope.what(report.series[0].what));
 *     scope.statement(`SELECT ${country} AS c, uniqExact(${scope.person}) ${scope.from()} ${where} GROUP BY c`);
 */
export class Scope {
  readonly bindings: Bindings;
  readonly #environment: Environment;
  readonly #common: Common;
  readonly #joins = new Map<string, { alias: string; sql: string }>();
  /** The spans that were asked for. */
  readonly #spans: Span[] = [];
  /** The person that an event counts for: UInt64. */
  readonly person: string;
  /** UInt64; 0 where the event belongs to no account. */
  readonly account = 'e.account_id';
  /**
   * The visit, told apart by its person and its start: UInt64; 0 where the event belongs to none. Not by its origin: who
   * signs in half-way, known from another device, has what came before under one origin and what follows under another.
   */
  readonly session: string;

  /** `bindings` of a statement that several scopes make parts of. */
  constructor(environment: Environment, common: Common = {}, bindings: Bindings = new Bindings()) {
    this.bindings = bindings;
    this.#environment = environment;
    this.#common = common;
    this.person = personOf(environment.facts.overrides, 'e');
    this.session = sessionOf(this.person);
  }

  get environment(): Environment {
    return this.#environment;
  }

  /** `FROM events AS e` and the joins, also those of expressions that are asked for later. */
  from(): string {
    return this.bindings.later(() =>
      ['FROM events AS e', ...[...this.#joins.values()].map(({ sql }) => sql)].join('\n'),
    );
  }

  /** `WHERE`: within a span, the report's own filter, who may be looked at, the sample, and the given conditions. */
  where(span: Span, ...conditions: (string | undefined)[]): string {
    const { filter, sample } = this.#common;
    this.#spans.push(span);
    const all = [
      `e.timestamp >= ${this.bindings.time(span.from)}`,
      `e.timestamp < ${this.bindings.time(span.to)}`,
      ...conditions,
      filter && this.filter(filter),
      leftOut(this.person, this.#environment.facts),
      sample && `sipHash64(${this.person}) % ${SHARES} < ${this.bindings.bind(Math.round(sample * SHARES), 'UInt32')}`,
    ];
    return `WHERE ${all.filter((one) => one && one !== '1').join('\n  AND ')}`;
  }

  statement(sql: string): Statement {
    return this.bindings.statement(sql);
  }

  /** A field of the event or of whom it belongs to. Refuses what cannot be. */
  field(field: Field): FieldSql {
    switch (field.of) {
      case 'event':
        return eventFieldSql(field.name, this.#environment.renamed.size > 0);
      case 'property':
        return propertySql(field.name);
      case 'session':
        this.#join('session', 's', () => this.#sessions());
        return sessionFieldSql(field.name);
      case 'trait': {
        const { facts } = this.#environment;
        const name = this.bindings.text(field.name);
        const alias = this.#join(fieldKey(field), null, (as) =>
          field.as === 'then'
            ? traitThenJoin({ name, alias: as, person: this.person, at: 'e.timestamp' }, facts)
            : `LEFT ANY JOIN (${traitNowSql(name, facts)}) AS ${as} ON ${as}.person_id = ${this.person}`,
        );
        return joinedSql(alias);
      }
      case 'account': {
        const name = this.bindings.text(field.name);
        const alias = this.#join(
          fieldKey(field),
          null,
          (as) => `LEFT ANY JOIN (${accountTraitSql(name)}) AS ${as} ON ${as}.account_id = e.account_id`,
        );
        return joinedSql(alias);
      }
      case 'audience': {
        if (!this.#environment.audiences.has(field.id)) throw noSuchAudience(field.id);
        const inside = inAudienceSql(this.person, this.bindings.bind(field.id, 'UInt32'), this.#environment.facts);
        const text = `if(${inside}, 'true', 'false')`;
        return { text, number: `toNullable(toFloat64(${inside}))`, set: '1' };
      }
    }
  }

  /** Conditions as a boolean expression. */
  filter(filter: Filter): string {
    if ('field' in filter) return conditionSql(filter, this.field(filter.field), this.bindings, this.#environment.now);
    if ('not' in filter) return `NOT (${this.filter(filter.not)})`;
    const [list, word] = 'all' in filter ? [filter.all, ' AND '] : [filter.any, ' OR '];
    if (list.length === 0) return '1';
    return `(${list.map((one) => this.filter(one)).join(word)})`;
  }

  /** Which events are meant, as a boolean expression; `1` for any. Refuses an action that does not exist. */
  what(what: What): string {
    const any = what.events.map((match) => this.match(match));
    const matched = any.includes('1') ? '1' : any.length === 1 ? any[0]! : `(${any.join(' OR ')})`;
    if (!what.where) return matched;
    const where = this.filter(what.where);
    return matched === '1' ? where : `(${matched} AND ${where})`;
  }

  match(match: EventMatch): string {
    const parts: string[] = [];
    if ('action' in match) {
      const action = this.#environment.actions.get(match.action);
      if (!action) throw noSuchAction(match.action);
      parts.push(this.what(action));
    } else {
      if (match.type !== undefined) parts.push(`e.type = ${this.bindings.text(match.type)}`);
      if (match.name !== undefined) parts.push(this.#named(match.name));
    }
    if (match.where) parts.push(this.filter(match.where));
    const conditions = parts.filter((part) => part !== '1');
    return conditions.length === 0 ? '1' : conditions.length === 1 ? conditions[0]! : `(${conditions.join(' AND ')})`;
  }

  /**
   * A condition on the column `name` alone that lets through at least all that is meant, so that the engine reads only
   * those; null where any name may be meant.
   */
  names(whats: readonly What[]): string | null {
    const names = new Set<string>();
    for (const what of whats) {
      for (const match of what.events) {
        if ('action' in match) {
          const action = this.#environment.actions.get(match.action);
          if (!action) throw noSuchAction(match.action);
          for (const one of action.events)
            if ('name' in one && one.name !== undefined) names.add(one.name);
            else return null;
        } else if (match.name !== undefined) names.add(match.name);
        else return null;
      }
    }
    const stored = [...names].flatMap((name) => [
      name,
      ...(this.#environment.renamed.get(name) ?? []).map((one) => one.name),
      ...(NAMELESS.has(name) ? [''] : []),
    ]);
    return `e.name IN ${this.bindings.texts([...new Set(stored)])}`;
  }

  /** Events that count under a name: as stored, renamed to it, or, where it is a type's word, without a name. */
  #named(name: string): string {
    const { renamed, gone } = this.#environment;
    const also = renamed.get(name) ?? [];
    const left = [...gone].filter((key) => key.endsWith(`\0${name}`)).map((key) => key.split('\0')[0]!);
    const itself = `e.name = ${this.bindings.text(name)}`;
    const parts = [left.length > 0 ? `(${itself} AND e.type NOT IN ${this.bindings.texts(left)})` : itself];
    for (const one of also)
      parts.push(`(e.type = ${this.bindings.text(one.type)} AND e.name = ${this.bindings.text(one.name)})`);
    if (NAMELESS.has(name)) parts.push(`(e.name = '' AND e.type = ${this.bindings.text(name)})`);
    return parts.length === 1 ? parts[0]! : `(${parts.join(' OR ')})`;
  }

  #join(key: string, alias: string | null, sql: (alias: string) => string): string {
    const known = this.#joins.get(key);
    if (known) return known.alias;
    const as = alias ?? `j${this.#joins.size + 1}`;
    this.#joins.set(key, { alias: as, sql: sql(as) });
    return as;
  }

  /** Each visit as one row. */
  #sessions(): string {
    const visits = sessionsSql(
      personOf(this.#environment.facts.overrides),
      this.bindings.later(() => this.#visits()),
    );
    return `LEFT ANY JOIN (${visits}) AS s ON s.visitor = ${this.person} AND s.session_start = e.session_start`;
  }

  /** A visit is 24 hours long at most, so of visits no more than a day beside the spans is read. */
  #visits(): string {
    if (this.#spans.length === 0) return '1';
    const from = Math.min(...this.#spans.map((span) => span.from)) - DAY_MS;
    const to = Math.max(...this.#spans.map((span) => span.to)) + DAY_MS;
    return `timestamp >= ${this.bindings.time(from)} AND timestamp < ${this.bindings.time(to)}`;
  }
}

/** Events without a name count under their type's word. */
const NAMELESS: ReadonlySet<string> = new Set(['page', 'screen', 'identify', 'group', 'alias', 'track']);

/** SQL of a visit's number, by that of the person whose it is; `Scope.session`. */
export const sessionOf = (person: string): string =>
  `if(toUnixTimestamp64Milli(e.session_start) = 0, 0, sipHash64(${person}, e.session_start))`;

/** Every visit: (visitor, session_start) and the fields of a session. `where` narrows the events that are looked at. */
function sessionsSql(person: string, where: string): string {
  return `SELECT ${person} AS visitor, session_start,
      argMinIf(path, timestamp, type IN ('page', 'screen')) AS entry_path, argMaxIf(path, timestamp, type IN ('page', 'screen')) AS exit_path, argMinIf(referrer, timestamp, referrer != '') AS referrer,
      argMinIf(channel_group, timestamp, channel_group != '') AS channel_group, argMinIf(campaign_source, timestamp, campaign_source != '') AS campaign_source,
      argMinIf(campaign_medium, timestamp, campaign_medium != '') AS campaign_medium, argMinIf(campaign_name, timestamp, campaign_name != '') AS campaign_name,
      argMinIf(device, timestamp, device != '') AS device, argMinIf(browser, timestamp, browser != '') AS browser, argMinIf(country, timestamp, country != '') AS country,
      count() AS events, countIf(type IN ('page', 'screen')) AS views,
      (max(toUnixTimestamp64Milli(timestamp)) - min(toUnixTimestamp64Milli(timestamp))) / 1000 AS duration,
      events = 1 OR (views <= 1 AND duration < 10) AS bounced
    FROM events WHERE session_start > toDateTime64(0, 3, 'UTC') AND ${where}
    GROUP BY visitor, session_start`;
}
