import type pg from 'pg';
import { type IdentifierKind, loadKinds, normaliseIdentifier } from '../../core/people/identifier.ts';
import { isSuppressed } from '../../core/privacy/suppression.ts';
import type { Context } from '../../kernel/context.ts';

/** Kinds of identifiers are changed by hand, and seldom. */
const REMEMBER_MS = 5000;
const remembered = new WeakMap<object, { kinds: Promise<Map<string, IdentifierKind>>; until: number }>();

function kindsOf({ records }: Context): Promise<Map<string, IdentifierKind>> {
  const known = remembered.get(records);
  if (known && known.until > Date.now()) return known.kinds;
  const kinds = loadKinds(records.pool);
  remembered.set(records, { kinds, until: Date.now() + REMEMBER_MS });
  kinds.catch(() => remembered.delete(records));
  return kinds;
}

export interface Visitor {
  anonymousId: string;
  userId: string | null;
}

/** The identifiers in the form in which people have them, so that a recording is found by its person. */
export async function normalVisitor(context: Context, told: Visitor): Promise<Visitor> {
  const kinds = await kindsOf(context);
  const normal = (kind: string, value: string) => {
    const known = kinds.get(kind);
    return known ? normaliseIdentifier(known, value) : value;
  };
  return {
    anonymousId: normal('anonymous_id', told.anonymousId) ?? told.anonymousId,
    userId: told.userId === null ? null : normal('user_id', told.userId),
  };
}

/** Whether the visitor was erased and must not come back: by its user ID, or by a device that names nobody else. */
export const isErased = (
  context: Pick<Context, 'config'>,
  db: pg.Pool | pg.PoolClient,
  { anonymousId, userId }: Visitor,
): Promise<boolean> =>
  isSuppressed(context, db, [userId === null ? ['anonymous_id', anonymousId] : ['user_id', userId]]);
