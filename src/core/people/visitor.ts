import type pg from 'pg';
import { loadKinds, normaliseIdentifier } from './identifier.ts';
import { rootOf } from './root.ts';

/** A visitor as a browser knows it. */
export interface VisitorIds {
  anonymousId?: string | undefined;
  userId?: string | undefined;
}

/** Identifiers in the form in which people have them, so that what is kept under them is found by the person; others as written. */
export async function normalIds(records: pg.Pool | pg.PoolClient, visitor: VisitorIds): Promise<VisitorIds> {
  const kinds = await loadKinds(records);
  const normal = (name: string, written: string | undefined) => {
    const kind = kinds.get(name);
    return (kind && written ? normaliseIdentifier(kind, written) : null) ?? written;
  };
  return { anonymousId: normal('anonymous_id', visitor.anonymousId), userId: normal('user_id', visitor.userId) };
}

/** The person that a visitor is: by the user ID, or else by the device. Null where nobody is known by them. */
export async function personOfVisitor(records: pg.Pool | pg.PoolClient, visitor: VisitorIds): Promise<number | null> {
  const kinds = await loadKinds(records);
  const wanted = [
    ['user_id', visitor.userId],
    ['anonymous_id', visitor.anonymousId],
  ] as const;
  for (const [name, written] of wanted) {
    const kind = kinds.get(name);
    const value = kind && written ? normaliseIdentifier(kind, written) : null;
    if (!kind || value === null) continue;
    const { rows } = await records.query<{ person: number }>({
      name: 'person-of-visitor',
      text: 'SELECT person_id AS person FROM identifiers WHERE value = $1 AND kind_id = $2',
      values: [value, kind.id],
    });
    if (rows[0]) return (await rootOf(records, rows[0].person)) ?? rows[0].person;
  }
  return null;
}
