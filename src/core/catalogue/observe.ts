import type pg from 'pg';
import type { Records } from '../../kernel/records.ts';
import { isStorable } from '../../kernel/storable.ts';
import type { StreamEvent } from '../stream/event.ts';
import { nameOf } from './rules.ts';

/** What the catalogue tells apart; past it, events and properties are only counted. */
export const NAMES_LIMIT = 10_000;
export const PROPERTIES_LIMIT = 500;
const PATH_LIMIT = 200;
/** Objects of a list that are looked into. */
const ITEMS_LOOKED_INTO = 5;

/** Something new is on record after this; counts alone wait longer. */
const NEWS_MS = 1000;
const COUNTS_MS = 30_000;
const ROWS_AT_ONCE = 5000;

const KINDS = ['strings', 'integers', 'numbers', 'booleans', 'arrays', 'objects', 'nulls'] as const;
export type Kind = (typeof KINDS)[number];

interface PropertySeen {
  path: string;
  /** As in KINDS, since the last flush. */
  counts: number[];
  dirty: boolean;
  inner: Map<string, PropertySeen> | null;
}

interface EventSeen {
  type: string;
  name: string;
  id: number | null;
  count: number;
  others: number;
  first: number;
  last: number;
  dirty: boolean;
  /** Paths on record are read before the first flush that has new ones. */
  loaded: boolean;
  properties: Map<string, PropertySeen>;
  paths: Set<string>;
  /** Dirty properties, in the order in which they became so. */
  changed: PropertySeen[];
}

/**
 * Looks at the properties of every event that passes, in memory, and writes what it saw down from time to time: new names
 * within a second, counts within half a minute. A crash loses the counts since then, never what is stored of the events.
 */
export class Observer {
  readonly #records: Records;
  readonly #types = new Map<string, Map<string, EventSeen>>();
  #dirty: EventSeen[] = [];
  #names = 0;
  #otherEvents = 0;
  #loaded = false;
  #news = false;
  #timer: NodeJS.Timeout | undefined;
  #due = Number.POSITIVE_INFINITY;
  #flushing: Promise<void> = Promise.resolve();

  constructor(records: Records) {
    this.#records = records;
  }

  /** Reads the names on record, so that the limit counts over all time. */
  async load(): Promise<void> {
    if (this.#loaded) return;
    const { rows } = await this.#records.pool.query<{ id: number; type: string; name: string }>(
      `SELECT id, type, name FROM catalogue_events ORDER BY id LIMIT ${NAMES_LIMIT}`,
    );
    for (const { id, type, name } of rows) this.#add(type, name).id = id;
    this.#loaded = true;
  }

  /** False where its name is past the limit, so that it is one of the others. */
  observe(event: StreamEvent): boolean {
    const name = nameOf(event.type, event.name);
    let seen = this.#types.get(event.type)?.get(name);
    if (!seen) {
      if (this.#names >= NAMES_LIMIT || !isStorable(name)) {
        this.#otherEvents++;
        this.#schedule(COUNTS_MS);
        return false;
      }
      seen = this.#add(event.type, name);
      this.#news = true;
    }
    if (!seen.dirty) {
      seen.dirty = true;
      seen.first = event.receivedAt;
      this.#dirty.push(seen);
    }
    seen.count++;
    seen.last = event.receivedAt;
    this.#look(
      seen,
      seen.properties,
      '',
      event.type === 'identify' || event.type === 'group' ? event.traits : event.properties,
    );
    this.#schedule(this.#news ? NEWS_MS : COUNTS_MS);
    return true;
  }

  #add(type: string, name: string): EventSeen {
    const seen: EventSeen = {
      type,
      name,
      id: null,
      count: 0,
      others: 0,
      first: 0,
      last: 0,
      dirty: false,
      loaded: false,
      properties: new Map(),
      paths: new Set(),
      changed: [],
    };
    let names = this.#types.get(type);
    if (!names) {
      names = new Map();
      this.#types.set(type, names);
    }
    names.set(name, seen);
    this.#names++;
    return seen;
  }

  #look(event: EventSeen, into: Map<string, PropertySeen>, prefix: string, values: Record<string, unknown>): void {
    for (const key in values) {
      const value = values[key];
      let seen = into.get(key);
      if (!seen) {
        const path = prefix + key;
        const isKnown = event.paths.has(path);
        if (!isKnown && (event.paths.size >= PROPERTIES_LIMIT || path.length > PATH_LIMIT || !isStorable(path))) {
          event.others++;
          continue;
        }
        seen = { path, counts: [0, 0, 0, 0, 0, 0, 0], dirty: false, inner: null };
        into.set(key, seen);
        if (!isKnown) {
          event.paths.add(path);
          this.#news = true;
        }
      }
      const kind = kindOf(value);
      seen.counts[kind]!++;
      if (!seen.dirty) {
        seen.dirty = true;
        event.changed.push(seen);
      }
      if (prefix !== '') continue;
      if (kind === 5) {
        seen.inner ??= new Map();
        this.#look(event, seen.inner, `${seen.path}.`, value as Record<string, unknown>);
      } else if (kind === 4) {
        for (let i = 0; i < ITEMS_LOOKED_INTO && i < (value as unknown[]).length; i++) {
          const item = (value as unknown[])[i];
          if (kindOf(item) !== 5) continue;
          seen.inner ??= new Map();
          this.#look(event, seen.inner, `${seen.path}[].`, item as Record<string, unknown>);
        }
      }
    }
  }

  #schedule(wait: number): void {
    const at = performance.now() + wait;
    if (this.#due <= at) return;
    this.#due = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.flush().catch((error: unknown) =>
        console.error('The catalogue could not be written:', (error as Error).message),
      );
    }, wait);
    this.#timer.unref();
  }

  /** Writes what was seen since the last time. What could not be written is kept for the next. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#due = Number.POSITIVE_INFINITY;
    this.#flushing = this.#flushing.catch(() => {}).then(() => this.#write());
    return this.#flushing;
  }

  async #write(): Promise<void> {
    const events = this.#dirty;
    const others = this.#otherEvents;
    if (events.length === 0 && others === 0) return;
    this.#dirty = [];
    this.#otherEvents = 0;
    this.#news = false;
    const taken = events.map((event) => {
      const { count, others, first, last, changed } = event;
      const properties = changed.map((property) => {
        const { counts } = property;
        property.counts = [0, 0, 0, 0, 0, 0, 0];
        property.dirty = false;
        return { property, counts };
      });
      Object.assign(event, { count: 0, others: 0, changed: [], dirty: false });
      return { event, count, others, first, last, properties };
    });
    try {
      await this.#records.transaction(async (client) => {
        await writeEvents(client, taken);
        await this.#readPaths(client, taken);
        await writeProperties(client, taken);
        if (others > 0) await client.query('UPDATE catalogue_plan SET other_events = other_events + $1', [others]);
      });
    } catch (error) {
      this.#giveBack(taken, others);
      throw error;
    }
  }

  /** Paths on record count towards the limit; new ones past it are forgotten and counted as others at their next coming. */
  async #readPaths(client: pg.PoolClient, taken: readonly Taken[]): Promise<void> {
    const unread = new Map(
      taken.filter(({ event }) => !event.loaded && event.id !== null).map(({ event }) => [event.id!, event]),
    );
    if (unread.size === 0) return;
    const { rows } = await client.query<{ event_id: number; path: string }>(
      'SELECT event_id, path FROM catalogue_properties WHERE event_id = ANY ($1::int[])',
      [[...unread.keys()]],
    );
    const onRecord = Map.groupBy(rows, (row) => row.event_id);
    for (const [id, event] of unread) {
      const paths = new Set(onRecord.get(id)?.map((row) => row.path));
      for (const path of event.paths) if (paths.size < PROPERTIES_LIMIT) paths.add(path);
      event.paths = paths;
      event.loaded = true;
    }
  }

  #giveBack(taken: readonly Taken[], others: number): void {
    this.#otherEvents += others;
    for (const { event, count, others, first, properties } of taken) {
      if (!event.dirty) this.#dirty.push(event);
      event.dirty = true;
      event.first = first;
      event.count += count;
      event.others += others;
      for (const { property, counts } of properties) {
        counts.forEach((value, kind) => {
          property.counts[kind]! += value;
        });
        if (!property.dirty) event.changed.push(property);
        property.dirty = true;
      }
    }
    this.#schedule(COUNTS_MS);
  }
}

interface Taken {
  event: EventSeen;
  count: number;
  others: number;
  first: number;
  last: number;
  properties: { property: PropertySeen; counts: number[] }[];
}

async function writeEvents(client: pg.PoolClient, taken: readonly Taken[]): Promise<void> {
  for (let at = 0; at < taken.length; at += ROWS_AT_ONCE) {
    const part = taken.slice(at, at + ROWS_AT_ONCE);
    const { rows } = await client.query<{ id: number; type: string; name: string }>(
      `INSERT INTO catalogue_events AS e (type, name, observed, others, first_seen, last_seen)
       SELECT type, name, observed, others, to_timestamp(first / 1000.0), to_timestamp(last / 1000.0)
       FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::float8[], $6::float8[])
         AS s (type, name, observed, others, first, last)
       ON CONFLICT (type, name) DO UPDATE SET observed = e.observed + excluded.observed, others = e.others + excluded.others,
         first_seen = least(e.first_seen, excluded.first_seen), last_seen = greatest(e.last_seen, excluded.last_seen)
       RETURNING id, type, name`,
      [
        part.map((t) => t.event.type),
        part.map((t) => t.event.name),
        part.map((t) => t.count),
        part.map((t) => t.others),
        part.map((t) => t.first),
        part.map((t) => t.last),
      ],
    );
    const ids = new Map(rows.map((row) => [`${row.type}\0${row.name}`, row.id]));
    for (const { event } of part) event.id = ids.get(`${event.type}\0${event.name}`) ?? null;
  }
}

async function writeProperties(client: pg.PoolClient, taken: readonly Taken[]): Promise<void> {
  const rows = taken.flatMap(({ event, first, last, properties }) =>
    properties
      .filter(({ property }) => event.paths.has(property.path))
      .map(({ property, counts }) => ({ id: event.id, path: property.path, counts, first, last })),
  );
  const columns = KINDS.join(', ');
  for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
    const part = rows.slice(at, at + ROWS_AT_ONCE);
    await client.query(
      `INSERT INTO catalogue_properties AS p (event_id, path, first_seen, last_seen, ${columns})
       SELECT id, path, to_timestamp(first / 1000.0), to_timestamp(last / 1000.0), ${columns}
       FROM unnest($1::int[], $2::text[], $3::float8[], $4::float8[], ${KINDS.map((_, i) => `$${i + 5}::bigint[]`).join(', ')})
         AS s (id, path, first, last, ${columns})
       ON CONFLICT (event_id, path) DO UPDATE SET last_seen = greatest(p.last_seen, excluded.last_seen),
         ${KINDS.map((kind) => `${kind} = p.${kind} + excluded.${kind}`).join(', ')}`,
      [
        part.map((row) => row.id),
        part.map((row) => row.path),
        part.map((row) => row.first),
        part.map((row) => row.last),
        ...KINDS.map((_, kind) => part.map((row) => row.counts[kind])),
      ],
    );
  }
}

/** The place in KINDS. */
function kindOf(value: unknown): number {
  switch (typeof value) {
    case 'string':
      return 0;
    case 'number':
      return Number.isInteger(value) ? 1 : 2;
    case 'boolean':
      return 3;
    case 'object':
      return value === null ? 6 : Array.isArray(value) ? 4 : 5;
    default:
      return 6;
  }
}
