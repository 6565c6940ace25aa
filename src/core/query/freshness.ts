import type { Context } from '../../kernel/context.ts';

/** What the data is at a moment: equal versions mean equal answers. */
export interface DataVersion {
  version: string;
  /** When the newest event was stored: milliseconds since 1970, 0 where there is none. */
  newestAt: number;
  /** How many events are stored. */
  events: number;
}

/**
 * The version of all that reports read: it changes with each event, merge, fact, membership and renaming. What merges of
 * files and mutations rewrite without a change of meaning changes it too, at times; never the other way.
 */
export async function dataVersion({ events }: Pick<Context, 'events'>): Promise<DataVersion> {
  const [row] = await events.query<{ version: string; newest: string; events: string }>(
    `SELECT toString(groupBitXor(sipHash64(table, name))) AS version,
       toUnixTimestamp(maxIf(modification_time, table = 'events')) * 1000 AS newest, sumIf(rows, table = 'events') AS events
     FROM system.parts WHERE active AND database = currentDatabase()
       AND table IN ('events', 'person_overrides', 'person_links', 'person_traits', 'account_traits', 'people_restricted',
         'people_known', 'account_members', 'audience_members', 'catalogue_names')`,
  );
  return { version: row?.version ?? '', newestAt: Number(row?.newest ?? 0), events: Number(row?.events ?? 0) };
}
