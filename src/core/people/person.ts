import type pg from 'pg';
import { z } from 'zod';
import { refuse } from '../../kernel/refusal.ts';
import { activityOf } from './activity.ts';
import { loadKinds, normaliseIdentifier } from './identifier.ts';
import { originsOf } from './merge.ts';
import { MergeView, mergesOf, mergeView } from './merge-view.ts';
import type { Stores } from './overrides.ts';
import { rootOf } from './root.ts';
import { Money } from './timeline-event.ts';
import { displayName, latestOf, type StoredSet, typeOf } from './traits.ts';

/** A person as a whole: everything known over all that was merged into it. */
export const Person = z.object({
  id: z.string(),
  displayName: z.string(),
  createdAt: z.string(),
  firstSeenAt: z.string().nullable(),
  lastSeenAt: z.string().nullable(),
  eventCount: z.number(),
  sessionCount: z.number(),
  revenue: z.array(Money),
  country: z.string().nullable(),
  identifiers: z.array(
    z.object({
      kind: z.string(),
      value: z.string(),
      firstSeenAt: z.string(),
      sourceId: z.string(),
      originId: z.string(),
    }),
  ),
  traits: z.record(
    z.string(),
    z.object({ value: z.unknown(), type: z.string(), at: z.string(), sourceId: z.string() }),
  ),
  consent: z.record(z.string(), z.object({ granted: z.boolean(), at: z.string(), sourceId: z.string() })),
  accounts: z.array(
    z.object({ id: z.string(), key: z.string(), name: z.string(), traits: z.record(z.string(), z.unknown()) }),
  ),
  origins: z.array(z.string()),
  merges: z.array(MergeView),
});
export type Person = z.infer<typeof Person>;

/** The person that an ID, its own or one merged into it, stands for. Refuses with 404 where there is none. */
export async function personById(stores: Stores, personId: number): Promise<Person> {
  const root = await rootOf(stores.records.pool, personId);
  if (root === null) throw refuse.notFound('There is no such person.');
  return readPerson(stores, root);
}

/**
 * The person with an identifier, written in any way that its kind takes for the same. Refuses with 404 where the kind is
 * not known or nobody has the value.
 */
export async function personByIdentifier(stores: Stores, kindName: string, written: string): Promise<Person> {
  const kind = (await loadKinds(stores.records.pool)).get(kindName);
  if (!kind) throw refuse.notFound(`There is no kind of identifier named "${kindName}".`);
  const value = normaliseIdentifier(kind, written);
  const { rows } = await stores.records.pool.query<{ root_id: number }>({
    name: 'person-by-identifier',
    text: `SELECT p.root_id FROM identifiers i JOIN persons p ON p.id = i.person_id WHERE i.value = $1 AND i.kind_id = $2`,
    values: [value, kind.id],
  });
  const [found] = rows;
  if (!found) throw refuse.notFound(`Nobody has the ${kindName} "${written}".`);
  return readPerson(stores, found.root_id);
}

interface PersonRow {
  id: number;
  created_at: Date;
  traits: StoredSet;
  consent: Record<string, [granted: boolean, at: number, sourceId: number]>;
}

async function readPerson({ records, events }: Stores, root: number): Promise<Person> {
  const origins = await originsOf(records.pool, [root]);
  const ids = origins.map((origin) => origin.id);
  const [rows, identifiers, accounts, merges, activities] = await Promise.all([
    personRows(records.pool, ids),
    identifiersOf(records.pool, ids),
    accountsOf(records.pool, ids),
    mergesOf(records.pool, ids),
    activityOf(events, origins),
  ]);
  const traits = latestOf(rows.map((row) => row.traits));
  const consent = latestOf(rows.map((row) => row.consent));
  return {
    id: String(root),
    displayName: displayName(traits, identifiers),
    createdAt: new Date(Math.min(...rows.map((row) => row.created_at.getTime()))).toISOString(),
    ...activities.get(root)!,
    identifiers: identifiers.map((row) => ({
      kind: row.kind,
      value: row.value,
      firstSeenAt: row.first_seen_at.toISOString(),
      sourceId: String(row.source_id),
      originId: String(row.person_id),
    })),
    traits: Object.fromEntries(
      Array.from(traits, ([name, [value, at, sourceId]]) => [
        name,
        { value, type: typeOf(value), at: new Date(at).toISOString(), sourceId: String(sourceId) },
      ]),
    ),
    consent: Object.fromEntries(
      Array.from(consent, ([purpose, [granted, at, sourceId]]) => [
        purpose,
        { granted: granted === true, at: new Date(at).toISOString(), sourceId: String(sourceId) },
      ]),
    ),
    accounts: accounts.map((row) => accountView(row)),
    origins: ids.map(String),
    merges: merges.map(mergeView),
  };
}

async function personRows(records: pg.Pool, ids: readonly number[]): Promise<PersonRow[]> {
  const { rows } = await records.query<PersonRow>({
    name: 'person-rows',
    text: 'SELECT id, created_at, traits, consent FROM persons WHERE id = ANY ($1::bigint[]) ORDER BY id',
    values: [ids],
  });
  return rows;
}

export interface IdentifierRow {
  kind: string;
  value: string;
  first_seen_at: Date;
  source_id: number;
  person_id: number;
}

/** The identifiers of persons as first met, the most important kinds first. */
export async function identifiersOf(records: pg.Pool, ids: readonly number[]): Promise<IdentifierRow[]> {
  const { rows } = await records.query<IdentifierRow>({
    name: 'person-identifiers',
    text: `SELECT k.kind, i.value, i.first_seen_at, i.source_id, i.person_id
           FROM identifiers i JOIN identifier_kinds k ON k.id = i.kind_id
           WHERE i.person_id = ANY ($1::bigint[]) ORDER BY k.priority, k.kind, i.first_seen_at, i.value`,
    values: [ids],
  });
  return rows;
}

interface AccountRow {
  id: number;
  key: string;
  traits: StoredSet;
}

async function accountsOf(records: pg.Pool, ids: readonly number[]): Promise<AccountRow[]> {
  const { rows } = await records.query<AccountRow>({
    name: 'person-accounts',
    text: `SELECT id, key, traits FROM accounts
           WHERE id IN (SELECT account_id FROM memberships WHERE person_id = ANY ($1::bigint[])) ORDER BY id`,
    values: [ids],
  });
  return rows;
}

/** An account's values without their times. */
export function accountView(row: AccountRow): {
  id: string;
  key: string;
  name: string;
  traits: Record<string, unknown>;
} {
  const traits = Object.fromEntries(Object.entries(row.traits).map(([name, stored]) => [name, stored[0]]));
  const { name } = traits;
  return { id: String(row.id), key: row.key, name: typeof name === 'string' && name !== '' ? name : row.key, traits };
}
