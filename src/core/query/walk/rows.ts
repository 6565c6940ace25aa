import type { Statement } from '../bindings.ts';
import type { Span } from '../period.ts';
import type { Scope } from '../scope.ts';

/** Rows of one answer that is walked: each may have kilobytes of text. More are read in slices of the people. */
export const ROWS_A_SLICE = 100_000;

/** Events that a walk looks at one by one, with texts, and not as sequences of numbers. */
export interface Rows {
  scope: Scope;
  span: Span;
  /** Expressions of the types that `native.ts` reads, by the name of their column. */
  select: Record<string, string>;
  where: (string | undefined)[];
  /** A condition on names alone that is among `where`. */
  names: string;
}

/** Rows of a person come together, in the order of `select`'s first columns; with `slice` only every so-many-th person. */
export function rowsSql({ scope, span, select, where }: Rows, slice?: { index: number; of: number }): Statement {
  const columns = Object.entries(select).map(([name, sql]) => `${sql} AS ${name}`);
  const part = slice && `sipHash64(${scope.person}) % ${slice.of} = ${slice.index}`;
  return scope.statement(`SELECT ${scope.person} AS id,\n    ${columns.join(',\n    ')}
${scope.from()}
${scope.where(span, ...where, part)}
ORDER BY id, ${Object.keys(select)[0]}`);
}
