import type { Params } from '../../kernel/events.ts';
import type { Filter } from './settings.ts';

/** SQL after WHERE for the events received from `from` on and before `to` (milliseconds since 1970) that a filter lets through. */
export function conditions(filter: Filter, from: number, to: number): { where: string; params: Params } {
  const where = [
    "received_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')",
    "received_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')",
  ];
  const params: Record<string, number | string | readonly (string | number)[]> = { from, to };
  const lists = [
    ['name', filter.names, 'String'],
    ['type', filter.types, 'String'],
    ['channel', filter.channels, 'String'],
    ['source_id', filter.sources?.map(Number), 'UInt32'],
  ] as const;
  for (const [column, values, type] of lists) {
    if (!values || values.length === 0) continue;
    where.push(`${column} IN {${column}s:Array(${type})}`);
    params[`${column}s`] = values;
  }
  return { where: where.join(' AND '), params };
}
