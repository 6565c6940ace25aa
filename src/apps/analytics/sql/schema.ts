import type { Context } from '../../../kernel/context.ts';

const NAMES_LIMIT = 200;

/** Names of properties as the catalogue knows them, with how many events had them, the most frequent first. */
export async function propertyNames(context: Pick<Context, 'records'>): Promise<{ name: string; events: number }[]> {
  const { rows } = await context.records.pool.query<{ name: string; events: number }>(
    `SELECT path AS name, sum(strings + integers + numbers + booleans + arrays + objects + nulls)::float8 AS events
     FROM catalogue_properties p JOIN catalogue_events e ON e.id = p.event_id
     WHERE NOT p.hidden AND e.type NOT IN ('identify', 'group') AND path NOT LIKE '%[]%'
     GROUP BY path ORDER BY events DESC, path LIMIT $1`,
    [NAMES_LIMIT],
  );
  return rows;
}
