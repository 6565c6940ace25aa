import type { What } from '../matching.ts';
import type { Query } from '../query.ts';
import type { Scope } from '../scope.ts';
import type { Rows } from '../walk/rows.ts';
import type { HeatmapReport } from './schema.ts';

/** `*` stands for any text; everything else for itself. */
const likeOf = (pattern: string) => pattern.replace(/[\\%_]/g, '\\$&').replace(/\*+/g, '%');

function pageSql(scope: Scope, page: string): string {
  const path = 'e.path';
  return page.includes('*')
    ? `${path} LIKE ${scope.bindings.text(likeOf(page))}`
    : `${path} = ${scope.bindings.text(page)}`;
}

/** The rows of one name on the report's pages, with what is wanted of each. */
export function rowsOf(
  query: Query,
  report: Pick<HeatmapReport, 'period' | 'filter' | 'sample'> & { page?: string | undefined; device?: string },
  name: string,
  select: (scope: Scope) => Record<string, string>,
): Rows {
  const scope = query.scope(report);
  const what: What = { events: [{ name }] };
  const names = scope.names([what])!;
  const { page, device = 'all' } = report;
  return {
    scope,
    span: query.span(report.period),
    select: select(scope),
    names,
    where: [
      names,
      scope.what(what),
      page === undefined ? undefined : pageSql(scope, page),
      device === 'all' ? undefined : `e.device = ${scope.bindings.text(device)}`,
    ],
  };
}

/** A property as text, cut so that no single event takes much. */
export const cutText = (scope: Scope, name: string, characters: number): string =>
  `substring(${scope.field({ of: 'property', name }).text}, 1, ${characters})`;

export const numberOf = (scope: Scope, name: string): string =>
  `toFloat64(ifNull(${scope.field({ of: 'property', name }).number}, 0))`;
