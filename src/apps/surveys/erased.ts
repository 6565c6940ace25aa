import { loadKinds, normaliseIdentifier } from '../../core/people/identifier.ts';
import type { VisitorIds } from '../../core/people/visitor.ts';
import { isSuppressed } from '../../core/privacy/suppression.ts';
import type { Context } from '../../kernel/context.ts';

/** Whether a visitor goes by an identifier of somebody who was erased: nothing of theirs may be kept under it again. */
export async function isErased(context: Context, visitor: VisitorIds): Promise<boolean> {
  const { pool } = context.records;
  const kinds = await loadKinds(pool);
  const identifiers = (
    [
      ['user_id', visitor.userId],
      ['anonymous_id', visitor.anonymousId],
    ] as const
  ).flatMap(([name, written]) => {
    const kind = kinds.get(name);
    const value = kind && written ? normaliseIdentifier(kind, written) : null;
    return value === null ? [] : [[name, value] as const];
  });
  return isSuppressed(context, pool, identifiers);
}
