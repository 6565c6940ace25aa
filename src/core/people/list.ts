import type pg from 'pg';
import { z } from 'zod';
import { decodeCursor, encodeCursor } from '../../kernel/page.ts';
import { restrictions } from '../privacy/restrictions.ts';
import { activityOf } from './activity.ts';
import { originsOf } from './merge.ts';
import type { Stores } from './overrides.ts';
import { identifiersOf } from './person.ts';
import { SEARCH_LIMIT, searchPeople } from './search.ts';
import { Money } from './timeline-event.ts';
import { displayName, emailOf, latestOf, type StoredSet } from './traits.ts';

/** A person as one line of a list. */
export const PersonSummary = z.object({
  id: z.string(),
  displayName: z.string(),
  email: z.string().nullable(),
  identifiers: z.array(z.object({ kind: z.string(), value: z.string() })),
  createdAt: z.string(),
  lastSeenAt: z.string().nullable(),
  eventCount: z.number(),
  revenue: z.array(Money),
  country: z.string().nullable(),
});
export type PersonSummary = z.infer<typeof PersonSummary>;

/** Identifiers shown of each person in a list. */
const IDENTIFIERS_SHOWN = 5;

/** Up to this many people are counted; of more the number is PostgreSQL's estimate. */
const COUNTED = 20_000;

export interface PeoplePage {
  items: PersonSummary[];
  nextCursor: string | null;
  /** How many people there are in all; an estimate from COUNTED on. Null where the list is of what a search found. */
  total: number | null;
}

/** The people that match what was typed, best first; all people, newest first, where nothing was. */
export async function listPeople(
  stores: Stores,
  query: { q?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<PeoplePage> {
  const typed = query.q?.trim();
  return typed ? found(stores, typed, query.cursor, query.limit) : all(stores, query.cursor, query.limit);
}

async function found(stores: Stores, typed: string, cursor: string | undefined, limit: number): Promise<PeoplePage> {
  const start = decodeCursor(cursor, z.int().min(1).max(SEARCH_LIMIT)) ?? 0;
  const ids = await searchPeople(stores.records.pool, typed, start + limit + 1);
  const more = ids.length > start + limit && start + limit < SEARCH_LIMIT;
  const items = await summaries(stores, ids.slice(start, start + limit));
  return { items, nextCursor: more ? encodeCursor(start + limit) : null, total: null };
}

async function all(stores: Stores, cursor: string | undefined, limit: number): Promise<PeoplePage> {
  const before = decodeCursor(cursor, z.int()) ?? Number.MAX_SAFE_INTEGER;
  const { rows } = await stores.records.pool.query<{ id: number }>({
    name: 'people-newest',
    text: 'SELECT id FROM persons WHERE id < $1 AND root_id = id ORDER BY id DESC LIMIT $2',
    values: [before, limit + 1],
  });
  const ids = rows.slice(0, limit).map((row) => row.id);
  // Who is restricted is found by name still, to deal with that, but is not offered.
  const standings = await restrictions(stores, ids);
  const shown = ids.filter((id) => !standings.get(id)?.restricted);
  const [items, total] = await Promise.all([summaries(stores, shown), countPeople(stores.records.pool)]);
  return { items, nextCursor: rows.length > limit ? encodeCursor(ids.at(-1)) : null, total };
}

async function countPeople(records: pg.Pool): Promise<number> {
  const { rows } = await records.query<{ estimate: number; merged: number }>(
    `SELECT greatest(0, (SELECT reltuples FROM pg_class WHERE oid = 'persons'::regclass))::bigint AS estimate,
            greatest(0, (SELECT reltuples FROM pg_class WHERE oid = 'persons_merged'::regclass))::bigint AS merged`,
  );
  const { estimate, merged } = rows[0]!;
  if (estimate > COUNTED) return estimate - merged;
  const counted = await records.query<{ count: number }>('SELECT count(*) AS count FROM persons WHERE root_id = id');
  return counted.rows[0]!.count;
}

/** The given people, in the given order; those merged meanwhile as what they belong to now, each once. */
export async function summaries({ records, events }: Stores, ids: readonly number[]): Promise<PersonSummary[]> {
  if (ids.length === 0) return [];
  const { rows: roots } = await records.pool.query<{ root_id: number }>({
    name: 'people-roots',
    text: `SELECT p.root_id FROM unnest($1::bigint[]) WITH ORDINALITY AS f (id, n) JOIN persons p ON p.id = f.id ORDER BY n`,
    values: [ids],
  });
  const order = [...new Set(roots.map((row) => row.root_id))];
  const origins = await originsOf(records.pool, order);
  const parts = origins.map((origin) => origin.id);
  const [rows, identifiers, activities] = await Promise.all([
    partRows(records.pool, parts),
    identifiersOf(records.pool, parts),
    activityOf(events, origins),
  ]);
  const rootOfPart = new Map(origins.map((origin) => [origin.id, origin.root]));
  const rowsOf = Map.groupBy(rows, (row) => row.root_id);
  const identifiersOfRoot = Map.groupBy(identifiers, (row) => rootOfPart.get(row.person_id)!);
  return order.flatMap((root) => {
    const own = rowsOf.get(root);
    if (!own) return [];
    const traits = latestOf(own.map((row) => row.traits));
    const named = identifiersOfRoot.get(root) ?? [];
    const { lastSeenAt, eventCount, revenue, country } = activities.get(root)!;
    return {
      id: String(root),
      displayName: displayName(traits, named),
      email: emailOf(traits, named),
      identifiers: named.slice(0, IDENTIFIERS_SHOWN).map(({ kind, value }) => ({ kind, value })),
      createdAt: new Date(Math.min(...own.map((row) => row.created_at.getTime()))).toISOString(),
      lastSeenAt,
      eventCount,
      revenue,
      country,
    };
  });
}

async function partRows(
  records: pg.Pool,
  ids: readonly number[],
): Promise<{ root_id: number; created_at: Date; traits: StoredSet }[]> {
  const { rows } = await records.query<{ root_id: number; created_at: Date; traits: StoredSet }>({
    name: 'people-parts',
    text: 'SELECT root_id, created_at, traits FROM persons WHERE id = ANY ($1::bigint[])',
    values: [ids],
  });
  return rows;
}
